"""``dateline status``: how a lake's feeds are doing, from the lake alone."""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence

from pipelines.command_help import command_parser
from pipelines.errors.lakes import DAMAGED
from pipelines.lake_opening import must_have_tables, open_folder
from transforms.functions.article_rows import moment_text
from transforms.functions.lake import DamagedFile
from transforms.functions.lake_status import FeedStatus, LakeStatus, read_status

_SHOWN = 20  # feeds of the table; --json has all


def parser() -> argparse.ArgumentParser:
    """The parser of ``dateline status``."""
    made = command_parser(
        'status',
        'Prints when feeds were polled last, which are late or fail, and how many articles come.',
        'dateline status lake',
    )
    made.add_argument('lake', metavar='LAKE', help='folder of the lake')
    made.add_argument('--json', action='store_true', help='one JSON object, with all feeds')
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code. Raises UsageError for bad input."""
    flags = parser().parse_args(argv)
    try:
        lake = open_folder(flags.lake)
        status = read_status(lake, time.time_ns() // 1000)
        # A lake whose first run is still at work has its lock and no table.
        if not status.feeds and not os.path.exists(os.path.join(lake.root, '_lock')):
            must_have_tables(lake)
    except DamagedFile as error:
        raise DAMAGED.error(error=error) from error
    if flags.json:
        print(json.dumps(_as_json(status)))
    else:
        _show(status)
    return 0


def _as_json(status: LakeStatus) -> dict[str, object]:
    facts = {name: value for name, value in vars(status).items() if name != 'feeds'}
    return facts | {'feeds': [vars(feed) for feed in status.feeds]}


def _show(status: LakeStatus) -> None:
    if not status.feeds:
        print('No feed was polled in the last days. Begin with: dateline ingest SOURCE --output LAKE')
        return
    assert status.last_poll_at is not None
    print(
        f'feeds      {len(status.feeds)}: {status.failing} failing, {status.late} late, '
        f'{status.retired} retired'
    )
    print(f'last poll  {moment_text(status.last_poll_at)}')
    print(
        f'articles   {status.articles_last_hour} in the last hour, {status.articles_last_day} in the last day'
    )
    print(f'waiting    {status.waiting} items to be tried again or taken up')
    lag = '-' if status.median_lag_s is None else f'{_span(status.median_lag_s)} (median of the last day)'
    print(f'lag        {lag} from publication to the lake')
    troubled = [feed for feed in status.feeds if feed.trouble]
    for feed in troubled[:_SHOWN]:
        print(f'  {feed.trouble:8}  last {moment_text(feed.polled_at)}  {feed.feed_url}{_why(feed)}')
    if len(troubled) > _SHOWN:
        print(f'  ... and {len(troubled) - _SHOWN} more; --json has all')


def _why(feed: FeedStatus) -> str:
    return f'  ({feed.reason})' if feed.reason else ''


def _span(seconds: float) -> str:
    """A length of time in its largest whole unit."""
    for unit, size in (('d', 86_400), ('h', 3_600), ('min', 60)):
        if seconds >= 2 * size:
            return f'{seconds / size:.0f} {unit}'
    return f'{seconds:.0f} s'


if __name__ == '__main__':
    from pipelines.cli import run_command

    sys.exit(run_command(main, sys.argv[1:]))
