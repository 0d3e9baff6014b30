"""How much memory ``dateline ingest`` takes, and how that grows with the number of articles.

    python -m benchmarks.memory [2000 10000] [--hosts 20] [--quick]

For each number of articles the generated news site is started anew and ``dateline ingest`` run over it once,
as a process of its own, with two analysis children. Printed are the peaks of all its processes together
(RSS counts a page that processes share in each of them, PSS once), each process's own peak, and KB per
further article between the first run and each later one. The articles are spread over 10 days, so 20
newspapers make 200 partitions and --hosts 200 makes 2 000.

--quick analyses some pages of each newspaper only and gives their articles, changed, for the others: what the
main process does and holds is the same, and the children are idle. It is for the growth of the main process;
10 000 articles take some 6 minutes of two cores otherwise, and most of them are the children's.
"""

import argparse
import dataclasses
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

import psutil  # type: ignore[import-untyped]

from benchmarks.end_to_end import INGEST_FLAGS, running_site
from benchmarks.processes import SAMPLE_S


@dataclasses.dataclass
class Peaks:
    """The most memory that was seen, in bytes. PSS stays 0 where the system does not tell it."""

    rss: int = 0
    pss: int = 0
    main_rss: int = 0
    main_pss: int = 0
    child_rss: int = 0  # the largest child
    child_pss: int = 0
    wall_s: float = 0.0


def peaks_of(command: Sequence[str], log: Path) -> Peaks:
    """Runs a command to its end and watches its processes. SystemExit when it fails."""
    found = Peaks()
    began = time.perf_counter()
    with log.open('w') as out, subprocess.Popen(command, stdout=out, stderr=out) as child:
        main = psutil.Process(child.pid)
        while child.poll() is None:
            _look(main, found)
            time.sleep(SAMPLE_S)
    if child.returncode:
        raise SystemExit(f'dateline ingest ended with {child.returncode}:\n{log.read_text()[-2000:]}')
    found.wall_s = time.perf_counter() - began
    return found


def _look(main: psutil.Process, found: Peaks) -> None:
    try:
        family = [main, *main.children(recursive=True)]
    except psutil.NoSuchProcess:
        return  # it ended between two looks
    sums = [0, 0]
    for member in family:
        try:
            rss, pss = _memory(member.pid) or (member.memory_info().rss, 0)
        except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            continue
        sums = [sums[0] + rss, sums[1] + pss]
        if member == main:
            found.main_rss, found.main_pss = max(found.main_rss, rss), max(found.main_pss, pss)
        else:
            found.child_rss, found.child_pss = max(found.child_rss, rss), max(found.child_pss, pss)
    found.rss, found.pss = max(found.rss, sums[0]), max(found.pss, sums[1])


def _memory(pid: int) -> Optional[tuple[int, int]]:
    """RSS and PSS out of one file, so that they are of one moment; None where there is no such file."""
    if not sys.platform.startswith('linux'):
        return None
    with open(f'/proc/{pid}/smaps_rollup') as file:
        sizes = {line.split(':')[0]: line.split()[1] for line in file if line.startswith(('Rss:', 'Pss:'))}
    return int(sizes.get('Rss', 0)) * 1024, int(sizes.get('Pss', 0)) * 1024


def run(articles: int, hosts: int, quick: bool, work: Path) -> tuple[Peaks, int]:
    """One run over a site of so many articles: its peaks, and the number of partitions it made."""
    opml, lake = work / 'feeds.opml', work / 'lake'
    program = ['benchmarks.quick_ingest'] if quick else ['pipelines.cli', 'ingest']
    command = [sys.executable, '-m', *program]
    command += [str(opml), '--output', str(lake), *INGEST_FLAGS, '--analysis_processes', '2']
    site = ['--articles', str(articles), '--hosts', str(hosts), '--port', '0', '--latency_ms', '10']
    with running_site([*site, '--opml', str(opml)]):
        peaks = peaks_of(command, work / 'log')
    return peaks, len(list(lake.glob('articles/date=*/outlet=*')))


def main(argv: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(description='Memory of dateline ingest and its growth.')
    parser.add_argument('articles', type=int, nargs='*', default=[2_000, 10_000])
    parser.add_argument('--hosts', type=int, default=20, help='newspapers, at most 250')
    parser.add_argument('--quick', action='store_true', help='the growth of the main process only')
    args = parser.parse_args(argv)
    print(f'{"articles":>9}{"partitions":>11}{"wall s":>8}  peak MB: all RSS / PSS, main, largest child')
    first: Optional[tuple[int, Peaks]] = None
    for articles in args.articles:
        with tempfile.TemporaryDirectory(prefix='dateline-memory-') as folder:
            peaks, partitions = run(articles, args.hosts, args.quick, Path(folder))
        pairs = [
            f'{rss / 1e6:.0f} / {pss / 1e6:.0f}'
            for rss, pss in (
                (peaks.rss, peaks.pss),
                (peaks.main_rss, peaks.main_pss),
                (peaks.child_rss, peaks.child_pss),
            )
        ]
        line = f'{articles:9}{partitions:11}{peaks.wall_s:8.0f}  ' + ', '.join(pairs)
        if first is not None and articles != first[0]:
            further = (articles - first[0]) * 1e3
            growth = [(peaks.rss - first[1].rss) / further, (peaks.pss - first[1].pss) / further]
            line += f'; {growth[0]:.1f} / {growth[1]:.1f} KB per further article'
        print(line, flush=True)
        first = first or (articles, peaks)
    return 0


if __name__ == '__main__':
    sys.exit(main())
