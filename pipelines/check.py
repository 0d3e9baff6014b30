"""``dateline check``: recounts a lake's books from its files, and sets right what can be."""

import argparse
import contextlib
import dataclasses
import fcntl
import functools
import os
import secrets
import time
from collections.abc import Iterator, Sequence
from typing import Optional

from pipelines.command_help import command_parser
from pipelines.errors.lakes import DAMAGED, NEVER_BEGUN, NO_TABLE, READ_AGAIN, REPAIR_STOPS
from pipelines.flag_types import not_negative
from pipelines.json_lines import print_line
from pipelines.lake_opening import open_to_read
from pipelines.progress_line import counting
from pipelines.table_flags import add_entities_flag
from pipelines.usage import saying_what_is_kept
from transforms.functions.article_rows import day_of
from transforms.functions.book_faults import REPAIR_PREFIX
from transforms.functions.books import Recount, recount
from transforms.functions.lake import DamagedFile, Lake
from transforms.functions.lease import LeaseLost, LeaseTimeout
from transforms.functions.outlet_alarms import outlet_alarms

_KEPT = 'a check changes nothing'
_KEPT_REPAIRED = 'what the lines above say is done; start the repair again for the rest'
# Days of articles that alarms look at: an outlet of two articles a day has its fifty in them.
_ALARM_DAYS = 30


def parser() -> argparse.ArgumentParser:
    """The parser of ``dateline check``."""
    made = command_parser(
        'check',
        'Opens every file of a lake, balances its books, names outlets whose extraction changed.',
        'dateline check lake\ndateline check lake --repair',
    )
    made.add_argument('lake', metavar='LAKE', help='folder of the lake')
    made.add_argument(
        '--repair',
        action='store_true',
        help='complete what dead runs left, move damaged files to _damaged and make good what they held; '
        'runs may be at work meanwhile',
    )
    made.add_argument(
        '--stale_after',
        type=not_negative,
        default=600.0,
        metavar='SECONDS',
        help='with --repair: a run without the lock that staged nothing for this long is taken for dead '
        '(default 600; 0: every run that does not hold the lock)',
    )
    add_entities_flag(
        made, "with --repair: the table of entities of the lake's runs; mentions are found anew by it"
    )
    made.add_argument('--json', action='store_true', help='one JSON object')
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code. Raises UsageError for bad input."""
    flags = parser().parse_args(argv)
    with saying_what_is_kept(_KEPT_REPAIRED if flags.repair else _KEPT):
        return _check(open_to_read(flags.lake), flags)


def _check(lake: Lake, flags: argparse.Namespace) -> int:
    found = _recount(lake)
    repaired: list[str] = []
    if not found.faults and not any(found.rows.values()):
        if not found.notes and not os.path.exists(os.path.join(lake.root, '_lock')):
            raise NO_TABLE.error(lake=lake.root or '/')
        if not flags.repair:
            note = NEVER_BEGUN.text(lake=lake.root)
            if flags.json:
                _show(lake, dataclasses.replace(found, notes=(*found.notes, note)), (), repaired, True)
            else:
                print(note)
            return 0
    if flags.repair:
        try:
            for line in _repair(lake, flags.stale_after, tuple(flags.entities_file)):
                repaired.append(line)
                if not flags.json:
                    print(line, flush=True)
        except (LeaseTimeout, LeaseLost, DamagedFile) as error:
            REPAIR_STOPS.say(error=error)
            return 1
        except OSError as error:
            reason = f'{error.filename or lake.root}: {error.strerror}' if error.strerror else str(error)
            REPAIR_STOPS.say(error=reason)
            return 1
        found = _recount(lake)
    alarms = _alarms(lake)
    _show(lake, found, alarms, repaired, flags.json)
    return 1 if found.faults or alarms else 0


def _show(lake: Lake, found: Recount, alarms: Sequence[str], repaired: list[str], as_json: bool) -> None:
    if as_json:
        print_line({'lake': lake.root, **dataclasses.asdict(found), 'alarms': alarms, 'repaired': repaired})
        return
    for line in (*found.faults, *found.notes):
        print(line)
    for alarm in alarms:
        print(f'alarm: {alarm}')
    if not found.faults and not alarms:
        rows = ', '.join(f'{count} {name}' for name, count in found.rows.items())
        print(f'{lake.root}: all is well. Rows: {rows}.')


def _recount(lake: Lake) -> Recount:
    try:
        with counting('files') as progress:
            return recount(lake, progress)
    except FileNotFoundError as error:
        raise READ_AGAIN.error(lake=lake.root, error=error) from error
    except DamagedFile as error:  # a folder: files are counted one by one
        raise DAMAGED.error(error=error) from error


def _alarms(lake: Lake) -> tuple[str, ...]:
    """What the articles of the last weeks tell of outlets; damaged files have been named already."""
    try:
        return outlet_alarms(lake, day_of(time.time_ns() // 1000 - _ALARM_DAYS * 86_400_000_000))
    except DamagedFile:
        return ()


def _repair(lake: Lake, stale_after_s: float, entities_files: tuple[str, ...]) -> Iterator[str]:
    """Repairs the lake; a line for each thing once it is done."""
    from transforms.functions.repairing.repair import make_retagger, repair  # loads what finds entities anew

    now = time.time_ns() // 1000
    moment = time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now / 1e6))
    run_id = f'{REPAIR_PREFIX}{moment}-{secrets.token_hex(3)}'
    with _try_lock(lake.root, run_id) as (locked, holder):
        retag = functools.partial(make_retagger, entities_files=entities_files)
        yield from repair(
            lake, run_id, now, locked=locked, holder=holder, stale_after_s=stale_after_s, retag=retag
        )


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
