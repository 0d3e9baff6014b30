"""``dateline report``: one HTML file that shows what is in a lake, and opens without a network."""

import argparse
import datetime
import os
import sys
import tempfile
from collections.abc import Sequence

from pipelines.command_help import command_parser
from pipelines.errors.commands import DAYS_REVERSED
from pipelines.errors.files import FILE_NOT_WRITABLE, IS_A_FOLDER, REPORT_NEEDS
from pipelines.errors.lakes import DAMAGED
from pipelines.flag_types import day
from pipelines.lake_opening import must_have_tables, open_to_read
from pipelines.progress_line import counting
from transforms.functions.lake import DamagedFile, Lake

_EXAMPLE = """
dateline report lake -o report.html
dateline report lake -o march.html --from 2025-03-01 --to 2025-03-31 --outlet zagros-post
"""
# What only this command needs: the extra `report`.
_PACKAGES = {'altair': 'altair', 'duckdb': 'duckdb', 'jinja2': 'jinja2', 'vl_convert': 'vl-convert-python'}


def parser() -> argparse.ArgumentParser:
    """The parser of ``dateline report``."""
    made = command_parser(
        'report',
        'Writes one HTML file about a lake: articles, places, names, copies, books, feeds.',
        _EXAMPLE,
    )
    made.add_argument('lake', metavar='LAKE', help='folder of the lake')
    made.add_argument(
        '-o', '--output', default='report.html', metavar='FILE', help='file to write (default report.html)'
    )
    made.add_argument(
        '--from', dest='since', type=_date, metavar='DAY', help='first day, such as 2025-03-01 (UTC)'
    )
    made.add_argument('--to', dest='until', type=_date, metavar='DAY', help='last day, included')
    made.add_argument(
        '--outlet', action='append', default=[], metavar='OUTLET', help='only this outlet; may be repeated'
    )
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code. Raises UsageError for bad input."""
    flags = parser().parse_args(argv)
    lake = _open(flags.lake)
    if flags.since and flags.until and flags.since > flags.until:
        raise DAYS_REVERSED.error(since=flags.since, until=flags.until)
    if os.path.isdir(flags.output):
        raise IS_A_FOLDER.error(path=flags.output, file=os.path.join(flags.output, 'report.html'))
    _demand_packages()
    from pipelines.reading import PartitionBusy
    from pipelines.reporting.building import build
    from pipelines.reporting.views import Choice

    choice = Choice(flags.since, flags.until, tuple(dict.fromkeys(flags.outlet)))
    try:
        with counting('parts') as progress:
            page = build(lake, flags.lake, choice, datetime.datetime.now(datetime.UTC), progress)
    except (DamagedFile, PartitionBusy) as error:
        raise DAMAGED.error(error=error) from error
    _write(flags.output, page)
    print(f'report     {flags.output}  ({len(page.encode()) / 1e6:.1f} MB)')
    return 0


def _demand_packages() -> None:
    import importlib.util

    missing = [package for name, package in _PACKAGES.items() if importlib.util.find_spec(name) is None]
    if missing:
        raise REPORT_NEEDS.error(packages=', '.join(missing))


def _date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(day(text))


def _open(root: str) -> Lake:
    """The lake; one without tables too, as long as nothing else is in its folder."""
    lake = open_to_read(root)
    if '://' not in lake.root and any(not name.startswith(('_', '.')) for name in os.listdir(lake.root)):
        must_have_tables(lake)
    return lake


def _write(path: str, page: str) -> None:
    """Makes or replaces the file in one step. Raises UsageError when it cannot be written."""
    folder = os.path.dirname(path) or '.'
    try:
        with tempfile.NamedTemporaryFile(
            'w', encoding='utf-8', dir=folder, prefix='.report-', delete=False
        ) as file:
            try:
                file.write(page)
                file.flush()
                os.chmod(file.name, 0o666 & ~_umask())
                os.replace(file.name, path)
            except BaseException:
                os.unlink(file.name)
                raise
    except OSError as error:
        raise FILE_NOT_WRITABLE.error(path=path, why=error.strerror) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


if __name__ == '__main__':
    from pipelines.cli import run_command

    sys.exit(run_command(main, sys.argv[1:]))
