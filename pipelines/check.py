"""``dateline check``: recounts a lake's books from its files."""

import argparse
import os
from collections.abc import Sequence

from pipelines.usage import Parser, UsageError
from transforms.functions.books import recount
from transforms.functions.lake import Lake
from transforms.functions.storage import LocalStorage

EXAMPLE = """example:
  dateline check lake

exit codes: 0 all is well, 1 something is off (a sentence each), 2 bad usage
"""


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parser = Parser(
        prog='dateline check',
        description='Opens every file of a lake, checks it against its schema, and balances the books.',
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument('lake', metavar='LAKE', help='folder of the lake')
    given = parser.parse_args(argv).lake
    lake = given.rstrip('/') or given[:1]  # of the root of the file system the slash stays
    if '://' not in lake and not os.path.isdir(lake):
        shown = lake or "''"
        raise UsageError(
            f'{shown}: there is no such folder; name the lake that `dateline ingest --output` wrote'
        )
    found = recount(_open(lake))
    if not found.faults and not any(found.rows.values()):
        if not found.notes and not os.path.exists(os.path.join(lake, '_lock')):
            raise UsageError(
                f'{lake}: holds no table of a lake; name what `dateline ingest --output` was given'
            )
        print(f'{lake}: interrupted before anything was committed; run the same command again')
        return 0
    for line in (*found.faults, *found.notes):
        print(line)
    if found.faults:
        return 1
    rows = ', '.join(f'{count} {name}' for name, count in found.rows.items())
    print(f'{lake}: all is well. Rows: {rows}.')
    return 0


def _open(lake: str) -> Lake:
    if '://' in lake:
        from transforms.beam_storage import open_lake  # only here: importing Beam takes seconds

        return open_lake(lake)
    return Lake(lake, LocalStorage())
