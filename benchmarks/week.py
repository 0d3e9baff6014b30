"""A week of ``dateline watch`` in minutes: its cycles at set moments, while feeds and articles come and go.

    python -m benchmarks.week [--feeds 200] [--days 7] [--step 30] [--a_day 800] [--state_days 2]
                              [--compact] [--fixed_dates]

Every ``--step`` simulated minutes some articles are published and a cycle polls the feeds that are due. Each
feed shows its 10 newest articles; every simulated day one feed in twenty leaves the sources and another
comes. The state read back is that of ``--state_days`` days, so that the week sees it expire. Pages are
analysed as in ``benchmarks.memory --quick``: real ones for some pages of each newspaper, changed for the
others.

Articles say that they were published half a day before they appear, so that dates move on as they do. With
``--fixed_dates`` they are of the same ten days all week: however old a partition, it is one of new texts.
With ``--compact`` each simulated day ends with ``dateline compact``, as docs/operations.md advises; without
it the small files stay. What goes by the file system's clock sees the week as minutes: a commit looks for an
article at all dates of its outlet that changed in the last six hours.

Printed for each day: cycles, articles so far and in the largest cycle, files so far, the memory of the main
process after its last cycle and at its peak of the day (where the system tells: Linux), that of its children
(RSS, after freed memory was given back), the CPU of a cycle in the main process and in the children. Ends
with 0 when every published article is in the lake once and ``dateline check`` finds the books in order.
"""

import argparse
import collections
import contextlib
import dataclasses
import datetime
import io
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

import psutil  # type: ignore[import-untyped]

from benchmarks.newsstand import open_newsstand
from benchmarks.quick_ingest import QUICK

_MINUTE = 60_000_000  # microseconds
_START = 1_741_305_600_000_000  # 2025-03-07T00:00:00Z, when the generated articles are some days old
_SHOWN = 10


def serve(feeds: int, articles: int, a_day: Optional[int], pipe: Any) -> None:
    """A newsstand in this process: tells its feeds, then publishes as many articles as it is sent numbers.

    With ``a_day``, as many articles a day from ``_START`` on, they are dated half a day before that.
    """

    def moment_of(number: int) -> datetime.datetime:
        start = datetime.datetime.fromtimestamp(_START / 1e6, datetime.UTC)
        return start + datetime.timedelta(days=number / (a_day or 1) - 0.5)

    with open_newsstand(feeds, articles, _SHOWN, moment_of if a_day else None) as stand:
        pipe.send(stand.feeds)
        while count := pipe.recv():
            pipe.send([stand.publish() for _ in range(count)])
        pipe.send(stand.asked)


class Week:
    """The simulated job."""

    def __init__(self, lake: Path, state_days: int) -> None:
        # Here, since the children import this module and must not import Beam.
        from apache_beam.options.pipeline_options import PipelineOptions

        from benchmarks.end_to_end import INGEST_FLAGS
        from pipelines.command_line import add_groups, parse
        from pipelines.flag_settings import analysis_settings, fetch_settings, run_settings
        from pipelines.interrupts import GracefulInterrupt
        from pipelines.usage import Parser
        from pipelines.watch import Job
        from transforms import processes
        from transforms.beam_storage import open_lake
        from transforms.functions.memory import limit_arenas
        from transforms.functions.pool import Pool

        limit_arenas()
        vars(processes)['Pool'] = lambda factory, *rest: Pool(QUICK, *rest)
        parser = Parser(prog='week')
        add_groups(parser)
        flags, options = parse(
            parser, ['--output', str(lake), *INGEST_FLAGS, '--state_days', str(state_days)]
        )
        assert isinstance(options, PipelineOptions)
        self.now = _START
        self._is_settled = False
        processes.remember_files()
        base = dataclasses.replace(run_settings(flags, '', 0), due_only=True, retry_after_s=300)
        self.job = Job(
            open_lake(str(lake)), base, fetch_settings(flags), analysis_settings(flags), options, (),
            GracefulInterrupt(), keep=False, clock=lambda: self.now,
        )  # fmt: skip

    def cycle(self, urls: Sequence[str]) -> None:
        """One cycle of these feeds, now."""
        from pipelines.feed_sources import FeedSources
        from schemas.feeds import Feed
        from transforms.functions.memory import leave_out_of_collections

        feeds = tuple(Feed(url, None, ()) for url in urls)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            self.job.cycle(FeedSources(feeds, ()), self.now)
        if not self._is_settled:
            leave_out_of_collections()  # as Job.run does
            self._is_settled = True

    def children(self) -> tuple[float, float]:
        """What the analysis children have in memory now (MB) and all that ever were have used of CPU (s)."""
        ended = psutil.Process().cpu_times()
        rss, cpu = 0, ended.children_user + ended.children_system
        for child in psutil.Process().children():
            if 'pool_child' in ' '.join(child.cmdline()):
                rss += child.memory_info().rss
                cpu += child.cpu_times().user + child.cpu_times().system
        return rss / 1e6, cpu


def reset_peak() -> None:
    """Begins the peak of this process's memory anew."""
    with contextlib.suppress(OSError):
        Path('/proc/self/clear_refs').write_text('5')


def peak_mb() -> float:
    """The most that this process had in memory (RSS) since ``reset_peak``; nan where nobody tells."""
    with contextlib.suppress(OSError):
        for line in Path('/proc/self/status').read_text().splitlines():
            if line.startswith('VmHWM:'):
                return int(line.split()[1]) * 1024 / 1e6
    return float('nan')


def compact(lake: Path, now: int) -> None:
    """``dateline compact``, run at ``now`` (microseconds UTC), by a process of its own as a timer has it."""
    from transforms.functions.upkeep.compaction import first_open_day

    before = first_open_day(datetime.datetime.fromtimestamp(now / 1e6, datetime.UTC).date())
    command = [sys.executable, '-m', 'pipelines.cli', 'compact', str(lake), '--before', before]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def check(lake: Path, published: set[str], left: set[str]) -> list[str]:
    """What is wrong with the lake in the end, a line each."""
    import pyarrow.parquet as pq

    from pipelines.cli import run_command

    urls = collections.Counter(
        url
        for path in lake.glob('articles/*/*/*.parquet')
        for url in pq.read_table(path, columns=['url'], partitioning=None)['url'].to_pylist()
    )
    wrong = [f'{url} is there {count} times' for url, count in urls.items() if count > 1]
    # What a feed published after it had left the sources may have scrolled off before it came back.
    wrong += [f'{url} is missing' for url in sorted(published - urls.keys() - left)]
    if run_command('pipelines.check', [str(lake)]):
        wrong.append('dateline check found something')
    return wrong


def main(argv: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(description='A simulated week of dateline watch.')
    parser.add_argument('--feeds', type=int, default=200)
    parser.add_argument('--days', type=int, default=7)
    parser.add_argument('--step', type=int, default=30, help='simulated minutes between two cycles')
    parser.add_argument('--a_day', type=int, default=800, help='articles published a day')
    parser.add_argument('--state_days', type=int, default=2)
    parser.add_argument('--compact', action='store_true', help='dateline compact after each simulated day')
    parser.add_argument('--fixed_dates', action='store_true', help='articles of the same ten days all week')
    args = parser.parse_args(argv)
    # As the command has it (pipelines.cli), before anything loads pyarrow: other allocators keep what was
    # freed, and what Arrow does within itself asks no pool that is set later.
    os.environ.setdefault('ARROW_DEFAULT_MEMORY_POOL', 'system')
    steps = 24 * 60 // args.step
    with tempfile.TemporaryDirectory(prefix='dateline-week-') as folder:
        lake = Path(folder, 'lake')
        ours, theirs = multiprocessing.get_context('spawn').Pipe()
        a_day = None if args.fixed_dates else args.a_day
        arguments = (args.feeds, args.a_day * args.days * 2 + args.feeds, a_day, theirs)
        stand = multiprocessing.get_context('spawn').Process(target=serve, args=arguments, daemon=True)
        stand.start()
        feeds: list[str] = ours.recv()
        week, rng = Week(lake, args.state_days), random.Random(1)
        watched, away = set(feeds[args.feeds // 20 :]), set(feeds[: args.feeds // 20])
        published: set[str] = set()
        left: set[str] = set()
        print(f'{"day":>4}{"cycles":>8}{"articles":>10}{"largest":>9}{"files":>8}{"main MB":>9}', end='')
        print(f'{"peak":>6}{"children MB":>13}{"CPU s a cycle":>15}{"children":>10}')
        for day in range(args.days):
            if day:
                leaving = set(rng.sample(sorted(watched), len(away)))
                watched, away = watched - leaving | away, leaving
            cpu = time.process_time(), week.children()[1]
            largest = 0
            reset_peak()
            for _ in range(steps):
                count = max(1, round(rng.expovariate(1) * args.a_day / steps))
                ours.send(count)
                for url in ours.recv():
                    origin = '/'.join(url.split('/')[:3])
                    (left if f'{origin}/rss.xml' in away else published).add(url)
                written = week.job.written
                week.cycle(sorted(watched))
                largest = max(largest, week.job.written - written)
                week.now += args.step * _MINUTE
            rss = psutil.Process().memory_info().rss / 1e6
            files = sum(1 for _ in lake.glob('*/date=*/**/*.parquet'))
            theirs_mb, theirs_s = week.children()
            main_s, theirs_s = time.process_time() - cpu[0], theirs_s - cpu[1]
            print(f'{day + 1:4}{steps:8}{week.job.written:10}{largest:9}{files:8}{rss:9.0f}', end='')
            print(f'{peak_mb():6.0f}{theirs_mb:13.0f}', end='')
            print(f'{main_s / steps:15.2f}{theirs_s / steps:10.2f}', flush=True)
            if args.compact:
                compact(lake, week.now)
        # What came last is polled, at the widest interval; and what feeds had published between their last
        # poll and their leaving, now that they come back.
        for _ in range(2 * 24 * 60 // args.step):
            week.cycle(sorted(watched | away))
            week.now += args.step * _MINUTE
            if week.job.written >= len(published | left):
                break
        ours.send(0)
        print(f'asked of the site: {ours.recv()}; published: {len(published)}')
        wrong = check(lake, published, left)
        for line in wrong[:20]:
            print(line)
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
