"""``dateline compact``: merges the small files of a lake's closed days."""

import argparse
import dataclasses
import datetime
from collections.abc import Sequence

from pipelines.command_help import command_parser
from pipelines.flag_types import day, positive
from pipelines.json_lines import print_line
from pipelines.progress_line import counting
from pipelines.upkeep import open_local_lake, said_in_a_sentence
from pipelines.usage import saying_what_is_kept
from transforms.functions.upkeep.compaction import Compacted, compact, first_open_day

MB = 1_000_000
_KEPT = 'each partition is as it was or merged; run the same command again for the rest'


def parser() -> argparse.ArgumentParser:
    """The parser of ``dateline compact``."""
    made = command_parser(
        'compact',
        'Merges small files of closed days, those before yesterday in UTC. Rows stay the same.',
        'dateline compact lake',
        'It may be stopped at any time and run beside ingest; readers may have to start again.',
    )
    made.add_argument('lake', metavar='LAKE', help='folder of the lake')
    made.add_argument(
        '--upgrade',
        action='store_true',
        help="write files of an older schema in today's, on all days, so that any reader sees all columns",
    )
    made.add_argument(
        '--target_mb', metavar='MB', type=positive, default=128, help='size of files to aim at (default: 128)'
    )
    made.add_argument(
        '--before', metavar='DAY', type=day, help='merge days before this one (default: yesterday in UTC)'
    )
    made.add_argument('--json', action='store_true', help='one JSON object a table')
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code. Raises UsageError for bad input."""
    flags = parser().parse_args(argv)
    lake = open_local_lake(flags.lake, 'compact')
    before = flags.before or first_open_day(datetime.datetime.now(datetime.UTC).date())
    faults: list[str] = []
    with saying_what_is_kept(_KEPT), said_in_a_sentence(lake.root), counting('partitions') as progress:
        for done in compact(lake, before, flags.target_mb * MB, flags.upgrade, progress):
            if flags.json:
                print_line(dataclasses.asdict(done))
            else:
                print(_line(done), flush=True)
            faults += done.faults
    if not flags.json:
        for fault in faults:
            print(fault)
    return 1 if faults else 0


def _line(done: Compacted) -> str:
    line = (
        f'{done.table}: {done.merged} of {done.partitions} partitions, '
        f'{done.files_before} -> {done.files_after} files, '
        f'{done.bytes_before / MB:.1f} -> {done.bytes_after / MB:.1f} MB'
    )
    return line + (f'; {done.overtaken} changed meanwhile, left to the next time' if done.overtaken else '')
