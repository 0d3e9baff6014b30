"""A batch job on Apache Flink with one and with two TaskManagers, beside bare loops of its CPU stages.

    make bench-flink [ARGS='--articles 1000']
    python -m benchmarks.flink_scale [--articles 1000] [--hosts 20] [--task_managers 1 2] [--no_loops]

For each number a cluster is started anew on this machine (``deploy.flink.cluster``; Java and Maven needed),
with a parallelism of as many, and ``dateline ingest`` run on it once over the generated site, with one
analysis child for each worker. ``start-up`` is from the command to the first page; the rates are of the whole
command, and from the first page on. ``of the loops`` is the latter over what as many bare loops got on the
same cores (see ``benchmarks.scale``): Java, Beam and all else take their time from the analysis.
CPU and memory are those of all processes: the command, JobManager, TaskManagers, job server and workers. The
cluster's CPU before the job is not in it; just-in-time compilation is, since each cluster is new.
"""

import argparse
import sys
import tempfile
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Optional

import psutil  # type: ignore[import-untyped]

from benchmarks.end_to_end import running_site
from benchmarks.processes import SAMPLE_S
from benchmarks.scale import bare, pipeline
from deploy.flink import parts
from deploy.flink.cluster import Cluster, running


class ClusterCost(threading.Thread):
    """What the processes of a cluster use: CPU seconds since it was made, memory at its peak, by kind.

    Workers and their children come and go, not all waited for: what was seen last of each counts, which may
    miss the last SAMPLE_S of it.
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
        while not self._ended.wait(SAMPLE_S):
            self._look()

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


def measured(task_managers: int, opml: Path, work: Path, articles: int) -> dict[str, Any]:
    """One job on a new cluster: what ``benchmarks.scale.pipeline`` tells, and its CPU and memory."""
    with running(task_managers=task_managers, settings={'parallelism.default': task_managers}) as cluster:
        cost = ClusterCost(cluster)
        cost.start()
        found = pipeline(
            ['--analysis_processes=1', f'--round_urls={articles}', *cluster.flags], opml, work, articles
        )
        spent = cost.end()
    found['java_ms'] = 1000 * spent['java'] / articles
    found['python_ms'] = 1000 * spent['python'] / articles
    found['java_mb'], found['python_mb'] = cost.peak_java_rss / 1e6, cost.peak_python_rss / 1e6
    return found


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
    loops: dict[int, float] = {}
    if not args.no_loops:
        for count in args.task_managers:
            found = bare(count, args.hosts, args.articles)
            loops[count] = found['rate']
            rates = f'{found["rate"]:.1f} articles/s, {found["cpu_ms"]:.1f} CPU ms an article'
            print(f'{count} bare loop(s): {rates}', flush=True)
    heads = ('TaskManagers', 'articles/s', 'after start', 'of the loops', 'start-up s')
    more = '   CPU ms: command, Java, Python; MB: Java, Python'
    print('\n' + ''.join(f'{head:>13}' for head in heads) + more)
    with tempfile.TemporaryDirectory(prefix='dateline-flink-scale-') as folder:
        opml = Path(folder, 'feeds.opml')
        site = ['--articles', str(args.articles), '--hosts', str(args.hosts), '--port', '0']
        site += ['--latency_ms', str(args.latency_ms), '--opml', str(opml)]
        with running_site(site):
            for count in args.task_managers:
                ours = measured(count, opml, Path(folder, str(count)), args.articles)
                share = f'{ours["rate"] / loops[count]:13.2f}' if loops else f'{"":13}'
                print(
                    f'{count:13}{ours["whole"]:13.1f}{ours["rate"]:13.1f}{share}{ours["startup_s"]:13.1f}   '
                    f'{ours["cpu_ms"]:.1f}, {ours["java_ms"]:.1f}, {ours["python_ms"]:.1f}; '
                    f'{ours["java_mb"]:.0f}, {ours["python_mb"]:.0f}',
                    flush=True,
                )
                stages = {stage: spent for stage, spent in ours['stages'].items() if spent}
                print('  CPU ms an article: ' + ', '.join(f'{name} {ms:.1f}' for name, ms in stages.items()))
    return 0


if __name__ == '__main__':
    sys.exit(main())
