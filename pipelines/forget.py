"""``dateline forget``: removes an article from a lake for good."""

import argparse
import dataclasses
import time
from collections.abc import Sequence

from pipelines.command_help import command_parser
from pipelines.errors.lakes import DAMAGED_STOPS, NO_ARTICLE
from pipelines.json_lines import print_line
from pipelines.upkeep import open_local_lake, said_in_a_sentence
from pipelines.usage import saying_what_is_kept
from transforms.functions.lake import DamagedFile
from transforms.functions.upkeep.forgetting import UnknownArticle, forget

_KEPT = 'the article may be gone from some tables only; the same command completes it'
# The books of polls need the ledger's rows; a link to a group stays when another article is in it.
_DONE = {'links': 'removed or changed', 'ledger': 'emptied'}


def parser() -> argparse.ArgumentParser:
    """The parser of ``dateline forget``."""
    made = command_parser(
        'forget',
        'Removes an article, all versions, from all tables and keeps it from coming back.',
        'dateline forget lake http://127.0.0.1:8706/amp/lviv-gauge',
        'Stopped in between, the same command completes it.',
    )
    made.add_argument('lake', metavar='LAKE', help='folder of the lake')
    made.add_argument('article', metavar='URL|ARTICLE_ID', help='any URL of the article, or its article_id')
    made.add_argument('--anyway', action='store_true', help='also keep out what the lake has never seen')
    made.add_argument('--json', action='store_true', help='one JSON object')
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code. Raises UsageError for bad input."""
    flags = parser().parse_args(argv)
    lake = open_local_lake(flags.lake, 'forget')
    try:
        with saying_what_is_kept(_KEPT), said_in_a_sentence(lake.root):
            removed = forget(lake, flags.article, time.time_ns() // 1000, flags.anyway)
    except UnknownArticle as error:
        raise NO_ARTICLE.error(error=error) from error
    except DamagedFile as error:
        DAMAGED_STOPS.say(error=error)
        return 1
    if flags.json:
        print_line(dataclasses.asdict(removed))
        return 0
    print(f'{removed.article_id} is forgotten')
    for table, count in removed.rows.items():
        print(f'{table}: {count} {"row" if count == 1 else "rows"} {_DONE.get(table, "removed")}')
    for note in removed.notes:
        print(note)
    return 0
