"""``dateline forget``: removes an article from a lake for good."""

import argparse
import sys
import time
from collections.abc import Sequence

from pipelines.upkeep import open_local_lake, said_in_a_sentence
from pipelines.usage import Parser, UsageError
from transforms.functions.lake import DamagedFile
from transforms.functions.upkeep.forgetting import UnknownArticle, forget

EXAMPLE = """example:
  dateline forget lake https://example.org/news/1
  dateline forget lake 3f2a91c8e5d04b7796a1b2c3d4e5f607

Stopped in between, the same command completes it.
exit codes: 0 it is gone, 1 a damaged file was in the way, 2 bad input or usage, such as an unknown article,
130 interrupted
"""


# The books of polls need the ledger's rows; a link to a group stays when another article is in it.
_DONE = {'links': 'removed or changed', 'ledger': 'emptied'}


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parser = Parser(
        prog='dateline forget',
        description='Removes an article, all versions, from all tables and keeps it from coming back.',
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument('lake', metavar='LAKE', help='folder of the lake')
    parser.add_argument('article', metavar='URL|ARTICLE_ID', help='any URL of the article, or its article_id')
    parser.add_argument('--anyway', action='store_true', help='also keep out what the lake has never seen')
    flags = parser.parse_args(argv)
    lake = open_local_lake(flags.lake, 'forget')
    try:
        with said_in_a_sentence(lake.root):
            removed = forget(lake, flags.article, time.time_ns() // 1000, flags.anyway)
    except UnknownArticle as error:
        raise UsageError(str(error)) from error
    except DamagedFile as error:
        print(f'dateline: {error}', file=sys.stderr)
        return 1
    print(f'{removed.article_id} is forgotten')
    for table, count in removed.rows.items():
        print(f'{table}: {count} {"row" if count == 1 else "rows"} {_DONE.get(table, "removed")}')
    for note in removed.notes:
        print(note)
    return 0
