"""What a run's start on a large lake costs: the state read back, asked for feeds and pages, and what waits.

    python -m benchmarks.state                # makes a lake of a million ledger rows, then measures
    python -m benchmarks.state --lake DIR     # the same with a lake that stays in DIR

The lake has ``--rows`` ledger rows and ``--feeds`` feeds polled ``--polls_a_day`` times a day for ``--days``
days, in ``--files_a_day`` files a day and table. Of the rows 70 % are written, 20 % duplicate_url, 8 %
rejected and 2 % failed, the last with their feed entries. A start is measured in a process of its own that
has imported Beam: wall and CPU seconds by step, and the most memory that the kernel saw resident.
``--state_days`` reads the last days only, as a run does; the others then are the lake's past.
"""

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

from benchmarks.large_lake import DAY, END, feed_url, make_lake, page_key
from transforms.functions.article_rows import day_of

REVISIT_AFTER_S = 6 * 3_600


def start(root: str, feeds: int, pages: int, rows: int, days: int) -> dict[str, Any]:
    """Starts on the lake in this process and says what it cost."""
    steps: dict[str, Any] = {}
    with _timed(steps, 'import apache_beam'):
        from transforms.beam_storage import open_lake
        from transforms.functions.state.lake_state import LakeState
    steps['resident after import, MB'] = _peak_mb()
    with _timed(steps, 'LakeState'):
        state = LakeState(open_lake(root), day_of(END - days * DAY), END + 60_000_000)
    with _timed(steps, f'feed(), {feeds} feeds'):
        known = [state.feed(feed_url(number)) for number in range(feeds)]
    with _timed(steps, 'feed(), one never seen'):
        unknown = state.feed('https://nobody.example/feed.xml')
    with _timed(steps, f'page(), {pages} pages'):
        step = max(1, rows // pages)
        found = [state.page(page_key(number)) for number in range(0, rows, step)]
    with _timed(steps, 'waiting()'):
        waiting = sum(1 for _ in state.waiting('this-run'))
    assert unknown is None
    steps['peak resident, MB'] = _peak_mb()
    with _timed(steps, f'is_decided(), {pages}'):
        decided = sum(state.is_decided(sighting) for sighting in itertools.islice(state.waiting(''), pages))
    with _timed(steps, 'recent_partitions()'):
        partitions = len(state.recent_partitions())
    with _timed(steps, 'revisits(), 2000 pages'):
        again = sum(1 for _ in state.revisits(END, REVISIT_AFTER_S, most=2_000))
    steps['peak resident with revisits, MB'] = _peak_mb()
    with _timed(steps, 'article_partition(), unknown'):
        state.article_partition('0' * 32)
    steps['peak resident with older articles, MB'] = _peak_mb()
    steps['found'] = {
        'feeds': sum(one is not None for one in known),
        'pages': sum(one is not None for one in found),
        'waiting': waiting,
        'decided': decided,
        'partitions': partitions,
        'revisits': again,
    }
    return steps


class _timed:
    """Adds wall and CPU seconds of a block to ``steps``."""

    def __init__(self, steps: dict[str, Any], name: str) -> None:
        self._steps, self._name = steps, name

    def __enter__(self) -> None:
        self._start = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        wall, cpu = self._start
        self._steps[self._name] = [
            round(time.perf_counter() - wall, 3),
            round(time.process_time() - cpu, 3),
        ]


def _peak_mb() -> int:
    """The most memory that was resident. Linux: of this program only, not of the one that started it."""
    status = Path('/proc/self/status')
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith('VmHWM:'))
        return int(line.split()[1]) // 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_000_000


def _report(steps: dict[str, Any]) -> None:
    print(f'{"step":<28}{"wall s":>9}{"CPU s":>9}')
    timed = {name: value for name, value in steps.items() if isinstance(value, list)}
    for name, (wall, cpu) in timed.items():
        print(f'{name:<28}{wall:>9.2f}{cpu:>9.2f}')
    print(
        f'{"together":<28}{sum(v[0] for v in timed.values()):>9.2f}{sum(v[1] for v in timed.values()):>9.2f}'
    )
    for name, value in steps.items():
        if name not in timed:
            print(f'{name}: {value}')


def main(arguments: Optional[Sequence[str]] = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('--lake', help='folder of the lake; without it a temporary one')
    parser.add_argument('--rows', type=int, default=1_000_000, help='ledger rows')
    parser.add_argument('--feeds', type=int, default=200)
    parser.add_argument('--days', type=int, default=30)
    parser.add_argument('--polls_a_day', type=int, default=96, help='of each feed')
    parser.add_argument('--files_a_day', type=int, default=8, help='of each table')
    parser.add_argument('--pages', type=int, default=1_000, help='pages to ask for')
    parser.add_argument('--state_days', type=int, help='days read back; without it all of them')
    parser.add_argument('--in_process', action='store_true', help='measure here and print JSON')
    options = parser.parse_args(arguments)
    if options.in_process:
        days = options.state_days or options.days
        print(json.dumps(start(options.lake, options.feeds, options.pages, options.rows, days)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(options.lake or temporary) / 'lake'
        options.lake = str(root)
        if not root.exists():
            make_lake(
                root,
                options.rows,
                options.feeds,
                options.days,
                options.polls_a_day,
                options.files_a_day,
            )
        size = sum(path.stat().st_size for path in root.rglob('*.parquet'))
        print(f'{options.rows} ledger rows, {len(list(root.rglob("*.parquet")))} files, {size / 1e6:.0f} MB')
        flags = [f'--{n}={v}' for n, v in vars(options).items() if n != 'in_process' and v is not None]
        command = [sys.executable, '-m', 'benchmarks.state', *flags, '--in_process']
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=os.environ)
        _report(json.loads(done.stdout))


if __name__ == '__main__':
    main()
