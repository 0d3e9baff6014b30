"""``dateline check``: recounts a lake's books from its files, and sets right what can be."""

import argparse
import contextlib
import fcntl
import os
import secrets
import time
from collections.abc import Iterator, Sequence
from typing import Optional

from pipelines.flag_types import not_negative
from pipelines.progress_line import counting
from pipelines.usage import Parser, UsageError, say
from transforms.functions.article_rows import day_of
from transforms.functions.books import REPAIR_PREFIX, Recount, recount
from transforms.functions.lake import DamagedFile, Lake
from transforms.functions.lease import LeaseLost, LeaseTimeout
from transforms.functions.outlet_alarms import outlet_alarms
from transforms.functions.storage import LocalStorage

EXAMPLE = """example:
  dateline check lake
  dateline check lake --repair

exit codes: 0 all is well, 1 something is off (a sentence each), 2 bad usage, 130 interrupted (a repair can
be started again)
"""


# Days of articles that alarms look at: an outlet of two articles a day has its fifty in them.
_ALARM_DAYS = 30


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parser = Parser(
        prog='dateline check',
        description='Opens every file of a lake, checks it against its schema, balances the books, and '
        'raises an alarm about outlets whose extraction has suddenly changed.',
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument('lake', metavar='LAKE', help='folder of the lake')
    parser.add_argument(
        '--repair',
        action='store_true',
        help='complete what dead runs left, move damaged files to _damaged and make good what they held; '
        'runs may be at work meanwhile',
    )
    parser.add_argument(
        '--stale_after',
        type=not_negative,
        default=600.0,
        metavar='SECONDS',
        help='with --repair: a run without the lock that staged nothing for this long is taken for dead '
        '(default 600; 0: every run that does not hold the lock)',
    )
    flags = parser.parse_args(argv)
    lake = flags.lake.rstrip('/') or flags.lake[:1]  # of the root of the file system the slash stays
    if '://' not in lake and not os.path.isdir(lake):
        shown = lake or "''"
        raise UsageError(
            f'{shown}: there is no such folder; name the lake that `dateline ingest --output` wrote'
        )
    opened = _open(lake)
    found = _recount(opened)
    if not found.faults and not any(found.rows.values()):
        if not found.notes and not os.path.exists(os.path.join(lake, '_lock')):
            raise UsageError(
                f'{lake}: holds no table of a lake; name what `dateline ingest --output` was given'
            )
        if not flags.repair:
            print(f'{lake}: interrupted before anything was committed; run the same command again')
            return 0
    if flags.repair:
        try:
            _repair(opened, flags.stale_after)
        except (LeaseTimeout, LeaseLost, DamagedFile) as error:
            say(f'dateline: the repair ended early; start it again. {error}')
            return 1
        except OSError as error:
            reason = f'{error.filename or lake}: {error.strerror}' if error.strerror else str(error)
            say(f'dateline: the repair ended early ({reason}); start it again once that is set right')
            return 1
        found = _recount(opened)
    for line in (*found.faults, *found.notes):
        print(line)
    alarms = _alarms(opened)
    for alarm in alarms:
        print(f'alarm: {alarm}')
    if found.faults or alarms:
        return 1
    rows = ', '.join(f'{count} {name}' for name, count in found.rows.items())
    print(f'{lake}: all is well. Rows: {rows}.')
    return 0


def _recount(lake: Lake) -> Recount:
    try:
        with counting('files') as progress:
            return recount(lake, progress)
    except FileNotFoundError as error:
        raise UsageError(
            f'{lake.root}: its files are exchanged faster than they can be read; check it again ({error})'
        ) from error


def _alarms(lake: Lake) -> tuple[str, ...]:
    """What the articles of the last weeks tell of outlets; damaged files have been named already."""
    try:
        return outlet_alarms(lake, day_of(time.time_ns() // 1000 - _ALARM_DAYS * 86_400_000_000))
    except DamagedFile:
        return ()


def _repair(lake: Lake, stale_after_s: float) -> None:
    from transforms.functions.repairing.repair import repair  # loads what finds entities anew

    now = time.time_ns() // 1000
    moment = time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now / 1e6))
    run_id = f'{REPAIR_PREFIX}{moment}-{secrets.token_hex(3)}'
    with _try_lock(lake.root, run_id) as (locked, holder):
        steps = repair(lake, run_id, now, locked=locked, holder=holder, stale_after_s=stale_after_s)
        for line in steps:
            print(line, flush=True)


@contextlib.contextmanager
def _try_lock(lake: str, run_id: str) -> Iterator[tuple[bool, Optional[str]]]:
    """Holds the lake's run lock if nobody does; gives whether it does, and else the run that holds it.

    While a repair has the lock no run of ``dateline ingest`` begins; one that is at work goes on beside it.
    """
    if '://' in lake:
        yield False, None
        return
    with open(os.path.join(lake, '_lock'), 'a+') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            yield False, file.read() or None
            return
        file.truncate(0)
        file.write(run_id)
        file.flush()
        yield True, None


def _open(lake: str) -> Lake:
    if '://' in lake:
        from apache_beam.io.filesystem import BeamIOError  # only here: importing Beam takes seconds

        from transforms.beam_storage import open_lake

        opened = open_lake(lake)
        try:
            opened.files('polls')
        except (ValueError, BeamIOError) as error:
            raise UsageError(f'{lake}: Beam cannot reach it ({error})') from error
        return opened
    return Lake(lake, LocalStorage())
