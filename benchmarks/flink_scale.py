"""A batch job on Apache Flink with one and with two TaskManagers, beside bare loops of its CPU stages.

    make bench-flink [ARGS='--articles 1000']
    python -m benchmarks.flink_scale [--articles 1000] [--hosts 20] [--task_managers 1 2] [--no_loops]

For each number a cluster is started anew on this machine (``deploy.flink.cluster``; Java and Maven needed),
with a parallelism of as many. ``dateline ingest`` is run on it three times over the generated site, each time
into a new lake, with one analysis child for each worker: ``cold`` is the cluster's first job, in which Java
loads and compiles its classes; ``warm`` is the same job again; the third has a site with a quarter of the
articles, so that the difference is what ``a further article`` costs once a job is under way.

``start-up`` is from the command to the first page; the rates are of the whole command, and from the first
page on. ``of the loops`` is the latter over what as many bare loops got on the same cores (see
``benchmarks.scale``): Java, Beam and all else take their time from the analysis. ``by CPU`` is the loops' CPU
over the job's: what ``of the loops`` can be at most when the cores are busy, whatever else the machine does.
CPU and memory are those of all processes: the command, JobManager, TaskManagers, job server and workers. The
cluster's CPU before a job is not in it.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Optional

import psutil  # type: ignore[import-untyped]

from benchmarks.end_to_end import running_site
from benchmarks.processes import SAMPLE_S, until_next_look
from benchmarks.scale import bare, pipeline
from deploy.flink import parts
from deploy.flink.cluster import Cluster, running


class ClusterCost(threading.Thread):
    """What the processes of a cluster use: CPU seconds since it was made, memory at its peak, by kind.

    Workers and their children come and go, not all waited for: what was seen last of each counts, which may
    miss the last seconds of it.
    """

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(daemon=True)
        self.peak_java_rss = self.peak_python_rss = 0  # bytes
        self._roots = [psutil.Process(process.pid) for process in cluster.processes.values()]
        self._ended = threading.Event()
        self._cpu_s: dict[tuple[str, int, float], float] = {}  # by kind, pid and start
        self._look()
        self._before = self._sums()

    def run(self) -> None:
        wait_s = SAMPLE_S
        while not self._ended.wait(wait_s):
            began = time.perf_counter()
            self._look()
            wait_s = until_next_look(time.perf_counter() - began)

    def end(self) -> dict[str, float]:
        """CPU seconds by kind of process: ``java`` and ``python``."""
        self._ended.set()
        self.join()
        self._look()
        return {kind: spent - self._before[kind] for kind, spent in self._sums().items()}

    def _sums(self) -> dict[str, float]:
        sums = {'java': 0.0, 'python': 0.0}
        for (kind, _, _), spent in self._cpu_s.items():
            sums[kind] += spent
        return sums

    def _look(self) -> None:
        rss = {'java': 0, 'python': 0}
        for process in self._family():
            try:
                kind = 'java' if 'java' in process.name() else 'python'
                times = process.cpu_times()
                rss[kind] += process.memory_info().rss
                self._cpu_s[kind, process.pid, process.create_time()] = times.user + times.system
            except psutil.NoSuchProcess:
                continue
        self.peak_java_rss = max(self.peak_java_rss, rss['java'])
        self.peak_python_rss = max(self.peak_python_rss, rss['python'])

    def _family(self) -> Iterable[psutil.Process]:
        for root in self._roots:
            try:
                yield from (root, *root.children(recursive=True))
            except psutil.NoSuchProcess:
                continue


def measured(cluster: Cluster, opml: Path, work: Path, articles: int) -> dict[str, Any]:
    """One job: what ``benchmarks.scale.pipeline`` tells, and its CPU and memory."""
    cost = ClusterCost(cluster)
    cost.start()
    flags = ['--analysis_processes=1', f'--round_urls={articles}', *cluster.flags]
    found = pipeline(flags, opml, work, articles)
    spent = cost.end()
    found['java_ms'] = 1000 * spent['java'] / articles
    found['python_ms'] = 1000 * spent['python'] / articles
    found['all_ms'] = found['cpu_ms'] + found['java_ms'] + found['python_ms']
    found['java_mb'], found['python_mb'] = cost.peak_java_rss / 1e6, cost.peak_python_rss / 1e6
    return found


def further(warm: dict[str, Any], articles: int, small: dict[str, Any], few: int) -> dict[str, float]:
    """CPU ms of an article more, by kind of process, from two jobs of so many articles."""
    return {
        kind: (warm[kind] * articles - small[kind] * few) / (articles - few)
        for kind in ('all_ms', 'cpu_ms', 'java_ms', 'python_ms')
    }


def show(name: str, ours: dict[str, Any], loops: Optional[dict[str, float]]) -> None:
    """A row of the table."""
    shares = f'{"":13}{"":8}'
    if loops:
        shares = f'{ours["rate"] / loops["rate"]:13.2f}{loops["cpu_ms"] / ours["all_ms"]:8.2f}'
    print(
        f'{name:14}{ours["whole"]:11.1f}{ours["rate"]:12.1f}{shares}{ours["startup_s"]:11.1f}   '
        f'{ours["all_ms"]:.1f}: {ours["cpu_ms"]:.1f}, {ours["java_ms"]:.1f}, {ours["python_ms"]:.1f}; '
        f'{ours["java_mb"]:.0f}, {ours["python_mb"]:.0f}',
        flush=True,
    )


def main(argv: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(description='A batch job on Flink beside bare loops of its CPU stages.')
    parser.add_argument('--articles', type=int, default=1_000)
    parser.add_argument('--hosts', type=int, default=20)
    parser.add_argument('--latency_ms', type=float, default=30.0)
    parser.add_argument('--task_managers', type=int, nargs='+', default=[1, 2])
    parser.add_argument('--no_loops', action='store_true', help='leave the bare loops out')
    args = parser.parse_args(argv)
    if sentence := parts.missing_programs():
        print(sentence, file=sys.stderr)
        return 2
    parts.fetch()
    loops: dict[int, dict[str, float]] = {}
    if not args.no_loops:
        for count in args.task_managers:
            loops[count] = found = bare(count, args.hosts, args.articles)
            rates = f'{found["rate"]:.1f} articles/s, {found["cpu_ms"]:.1f} CPU ms an article'
            print(f'{count} bare loop(s): {rates}', flush=True)
    heads = f'{"":14}{"articles/s":>11}{"after start":>12}{"of the loops":>13}{"by CPU":>8}{"start-up s":>11}'
    print(f'\n{heads}   CPU ms: command, Java, Python; MB: Java, Python')
    few = max(1, args.articles // 4)
    with tempfile.TemporaryDirectory(prefix='dateline-flink-scale-') as folder:
        opml, fewer = Path(folder, 'feeds.opml'), Path(folder, 'fewer.opml')
        site = ['--hosts', str(args.hosts), '--port', '0', '--latency_ms', str(args.latency_ms)]
        with (
            running_site([*site, '--articles', str(args.articles), '--opml', str(opml)]),
            running_site([*site, '--articles', str(few), '--opml', str(fewer)]),
        ):
            for count in args.task_managers:
                settings = {'parallelism.default': count}
                with running(task_managers=count, settings=settings) as cluster:
                    for name in ('cold', 'warm'):
                        work = Path(folder, f'{count}-{name}')
                        ours = measured(cluster, opml, work, args.articles)
                        show(f'{count} TM, {name}', ours, loops.get(count))
                    small = measured(cluster, fewer, Path(folder, f'{count}-few'), few)
                more = further(ours, args.articles, small, few)
                print(
                    f'  a further article: {more["all_ms"]:.1f} CPU ms: {more["cpu_ms"]:.1f}, '
                    f'{more["java_ms"]:.1f}, {more["python_ms"]:.1f}'
                )
                stages = {stage: spent for stage, spent in ours['stages'].items() if spent}
                print('  of the stages: ' + ', '.join(f'{name} {ms:.1f}' for name, ms in stages.items()))
    return 0


if __name__ == '__main__':
    sys.exit(main())
