"""``dateline report``: one HTML file that shows what is in a lake, and opens without a network."""

import argparse
import datetime
import os
import sys
import tempfile
from collections.abc import Sequence

from pipelines.progress_line import counting
from pipelines.usage import Parser, UsageError
from schemas.tables import TABLES
from transforms.functions.lake import DamagedFile, Lake
from transforms.functions.storage import LocalStorage

EXAMPLE = """example:
  dateline report lake -o report.html
  dateline report lake -o march.html --from 2025-03-01 --to 2025-03-31 --outlet zagros-post

exit codes: 0 the report was written, 2 bad usage
"""
# What only this command needs: the extra `report`.
_PACKAGES = {'altair': 'altair', 'duckdb': 'duckdb', 'jinja2': 'jinja2', 'vl_convert': 'vl-convert-python'}


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code. Raises UsageError for bad input."""
    parser = Parser(
        prog='dateline report',
        description='Writes one HTML file about a lake: articles, places, names, copies, books, feeds.',
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument('lake', metavar='LAKE', help='folder of the lake')
    parser.add_argument(
        '-o', '--output', default='report.html', metavar='FILE', help='file to write (default report.html)'
    )
    parser.add_argument(
        '--from', dest='since', type=_day, metavar='DAY', help='first day, such as 2025-03-01 (UTC)'
    )
    parser.add_argument('--to', dest='until', type=_day, metavar='DAY', help='last day, included')
    parser.add_argument(
        '--outlet', action='append', default=[], metavar='OUTLET', help='only this outlet; may be repeated'
    )
    flags = parser.parse_args(argv)
    lake = _open(flags.lake)
    if flags.since and flags.until and flags.since > flags.until:
        raise UsageError(f'--from {flags.since} is after --to {flags.until}; give the earlier day first')
    if os.path.isdir(flags.output):
        raise UsageError(
            f'{flags.output} is a folder; name a file: -o {os.path.join(flags.output, "report.html")}'
        )
    _demand_packages()
    from pipelines.reading import PartitionBusy
    from pipelines.reporting.building import build
    from pipelines.reporting.views import Choice

    choice = Choice(flags.since, flags.until, tuple(dict.fromkeys(flags.outlet)))
    try:
        with counting('parts') as progress:
            page = build(lake, flags.lake, choice, datetime.datetime.now(datetime.UTC), progress)
    except (DamagedFile, PartitionBusy) as error:
        raise UsageError(str(error)) from error
    _write(flags.output, page)
    print(f'report     {flags.output}  ({len(page.encode()) / 1e6:.1f} MB)')
    return 0


def _demand_packages() -> None:
    import importlib.util

    missing = [package for name, package in _PACKAGES.items() if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(
            f"a report needs {', '.join(missing)}; install it with: pip install 'dateline[report]'"
        )


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'{text!r} is no day; write it like 2025-03-03') from None


def _open(root: str) -> Lake:
    if '://' in root:
        from transforms.beam_storage import open_lake  # only here: importing Beam takes seconds

        return open_lake(root)
    if not os.path.isdir(root):
        raise UsageError(
            f'{root!r}: there is no such folder; name the lake that `dateline ingest --output` wrote'
        )
    entries = os.listdir(root)
    if entries and not any(name in TABLES or name.startswith(('_', '.')) for name in entries):
        raise UsageError(f'{root}: holds no table of a lake; name what `dateline ingest --output` was given')
    return Lake(root.rstrip('/') or root[:1], LocalStorage())


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
        raise UsageError(f'{path}: cannot be written ({error.strerror})') from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


if __name__ == '__main__':
    from pipelines.cli import run_command

    sys.exit(run_command(main, sys.argv[1:]))
