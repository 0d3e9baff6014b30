"""``dateline outlets``: what the registry knows, and what a lake has that it does not."""

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from typing import Any

from pipelines.command_help import command_parser
from pipelines.errors.commands import QUERY_OR_LAKE
from pipelines.errors.lakes import DAMAGED
from pipelines.errors.sources import UNKNOWN_OUTLET
from pipelines.lake_opening import must_have_tables, open_folder
from pipelines.table_flags import add_outlets_flag
from transforms.functions.lake import DamagedFile
from transforms.functions.outlet_search import find_outlets, unknown_outlets
from transforms.functions.outlets import Profile, load_outlets

_HEADER = (
    'id', 'name', 'domain', 'country', 'language', 'timezone', 'kind', 'agency', 'home', 'former_names',
    'articles',
)  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """The parser of ``dateline outlets``."""
    made = command_parser(
        'outlets',
        'Looks outlets up by name, domain or address, or lists those that a lake has unknown.',
        'dateline outlets https://www.bbc.com/news/world\ndateline outlets --unknown lake > my-outlets.csv',
        'The rows of --unknown go into a file for `dateline ingest --outlets_file`: fill in what is missing.',
    )
    made.add_argument('query', nargs='*', metavar='QUERY', help='a name or part of it, a domain, or a URL')
    made.add_argument(
        '--unknown',
        metavar='LAKE',
        help='print as CSV the outlets of a lake that the registry lacks, with their number of articles',
    )
    add_outlets_flag(made, 'registry that extends and overrides the embedded one; may be repeated')
    made.add_argument('--json', action='store_true', help='one JSON object a line')
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code. Raises UsageError for bad input."""
    flags = parser().parse_args(argv)
    if bool(flags.query) == bool(flags.unknown):
        raise QUERY_OR_LAKE.error()
    registry = load_outlets(tuple(flags.outlets_file))
    if flags.unknown:
        return _print_unknown(flags.unknown, set(registry.ids), flags.json)
    query = ' '.join(flags.query)
    found = find_outlets(registry, query)
    for profile in found:
        row = _row(profile)
        print(json.dumps(row, ensure_ascii=False) if flags.json else _line(row))
    if not found:
        UNKNOWN_OUTLET.say(query=query)
        return 1
    return 0


def _print_unknown(folder: str, known: set[str], as_json: bool) -> int:
    lake = open_folder(folder, '--unknown')
    must_have_tables(lake)
    writer = None if as_json else csv.DictWriter(sys.stdout, _HEADER, restval='', lineterminator='\n')
    if writer is not None:
        writer.writeheader()
    try:
        for outlet in unknown_outlets(lake, known):
            row = {name: value for name, value in vars(outlet).items() if value is not None}
            if writer is None:
                print(json.dumps(row, ensure_ascii=False))
            else:
                writer.writerow(row)
    except DamagedFile as error:
        raise DAMAGED.error(error=f'--unknown: {error}') from error
    return 0


def _row(profile: Profile) -> dict[str, Any]:
    outlet = profile.outlet
    return {
        'id': outlet.id,
        'name': outlet.name,
        'former_names': list(profile.former_names),
        'domains': list(profile.domains),
        'country': outlet.country,
        'language': outlet.language,
        'timezone': profile.timezone,
        'kind': profile.kind,
        'agency': outlet.agency,
        'home': profile.home,
    }


def _line(row: dict[str, Any]) -> str:
    place = ', '.join(filter(None, (row['home'] or row['country'], row['language'], row['timezone'])))
    former = f', formerly {", ".join(row["former_names"])}' if row['former_names'] else ''
    agency = f', agency {row["agency"]}' if row['agency'] else ''
    return f'{row["id"]}  {row["name"]}{former} ({row["kind"]}{agency}; {place})  {" ".join(row["domains"])}'


if __name__ == '__main__':
    from pipelines.cli import run_command

    sys.exit(run_command(main, sys.argv[1:]))
