"""What the pipeline gets out of the cores, beside bare loops of the same CPU stages, in one run.

    python -m benchmarks.scale [--articles 2000] [--hosts 20] [--rounds 3]

In each round one after the other: a bare process that analyses the pages from memory and does nothing else,
``dateline ingest`` with one analysis child, two such processes, ``dateline ingest`` with two children, and
with two of Beam's own worker processes. A loop's time begins when its models are loaded. The pipeline's is
given whole, and from its first fetch to its end; the time before that is its start-up. ``of the loops`` is
the latter over what as many bare loops got: the rest went into fetching, staging and committing, which on
two cores take their time from the analysis.
"""

import argparse
import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Optional

import pyarrow.dataset as ds

from benchmarks import newsroom
from benchmarks.end_to_end import INGEST_FLAGS, running_site
from benchmarks.processes import measure
from schemas.pages import Page
from schemas.settings import AnalysisSettings

_WAYS = {
    '1 child': ('--analysis_processes=1',),
    '2 children': ('--analysis_processes=2',),
    "2 of Beam's workers": (
        '--analysis_processes=1',
        '--direct_num_workers=2',
        '--direct_running_mode=multi_processing',
    ),
}


def loop(hosts: int, articles: int, first: int, step: int) -> None:
    """Analyses every ``step``-th page when told to on standard input; prints CPU seconds and pages."""
    from transforms.functions.analysis import make_analyser

    origins = [f'http://127.0.0.{2 + n}:8900' for n in range(hosts)]
    made = newsroom.generate(origins, articles)
    pages = [
        Page(origins[place] + path, origins[place] + path, resource.body)
        for place, path, resource in made
        if resource.kind == 'page'
    ][first::step]
    analyse = make_analyser(AnalysisSettings())
    print('ready', flush=True)
    sys.stdin.readline()
    cpu = time.process_time()
    for page in pages:
        assert analyse(page).article is not None
    print(json.dumps({'cpu_s': time.process_time() - cpu, 'pages': len(pages)}), flush=True)


def bare(processes: int, hosts: int, articles: int) -> dict[str, float]:
    """As many loops side by side: pages a second and CPU ms a page."""
    arguments = [str(hosts), str(articles)]
    command = [sys.executable, '-m', 'benchmarks.scale', '--loop', *arguments]
    environment = os.environ | {'OPENBLAS_NUM_THREADS': '1', 'OMP_NUM_THREADS': '1'}
    children = [
        subprocess.Popen(
            [*command, str(n), str(processes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for n in range(processes)
    ]
    for child in children:
        assert child.stdout is not None and child.stdout.readline() == 'ready\n'
    began = time.perf_counter()
    for child in children:
        assert child.stdin is not None
        child.stdin.write('go\n')
        child.stdin.flush()
    told = [json.loads(child.communicate()[0]) for child in children]
    wall = time.perf_counter() - began
    pages = sum(one['pages'] for one in told)
    return {'rate': pages / wall, 'cpu_ms': 1000 * sum(one['cpu_s'] for one in told) / pages}


def pipeline(flags: Sequence[str], opml: Path, work: Path, expected: int) -> dict[str, Any]:
    """One ``dateline ingest``: its rates, its start-up in seconds, CPU ms an article, and that by stage."""
    work.mkdir()
    lake = work / 'lake'
    command = [sys.executable, '-m', 'pipelines.cli', 'ingest', str(opml), '--output', str(lake)]
    began = datetime.datetime.now(datetime.UTC)
    cost = measure([*command, *INGEST_FLAGS, *flags], work, memory=False)
    if cost.returncode:
        raise SystemExit(f'dateline ingest ended with {cost.returncode}:\n{cost.stderr[-2000:]}')
    fetched = ds.dataset(lake / 'articles', partitioning='hive').to_table(['fetched_at'])['fetched_at']
    if len(fetched) != expected:
        raise SystemExit(f'{len(fetched)} articles are in the lake, not {expected}')
    startup = (min(fetched.to_pylist()) - began).total_seconds()
    (record,) = [json.loads(path.read_text()) for path in lake.glob('_runs/*.json')]
    return {
        'whole': expected / cost.wall_s,
        'rate': expected / (cost.wall_s - startup),
        'startup_s': startup,
        'cpu_ms': 1000 * cost.cpu_s / expected,
        'stages': {name: spent / expected for name, spent in record['stages_ms'].items()},
    }


def one_round(args: argparse.Namespace, opml: Path, work: Path) -> Iterator[tuple[str, float]]:
    """Each way once, after as many loops as it has processes; prints, and gives its share of the loops."""
    print(
        f'\n{"":22}{"articles/s":>11}{"after start":>12}{"of the loops":>13}{"start-up s":>11}{"CPU ms":>8}'
    )
    work.mkdir()
    loops = 0
    for number, (name, flags) in enumerate(_WAYS.items()):
        count = min(2, number + 1)
        if count != loops:
            loops, bare_ones = count, bare(count, args.hosts, args.articles)
            title = f'{count} bare loop{"s" * (count - 1)}'
            print(f'{title:22}{"":11}{bare_ones["rate"]:12.1f}{"":24}{bare_ones["cpu_ms"]:8.1f}')
        ours = pipeline(flags, opml, work / str(number), args.articles)
        share = ours['rate'] / bare_ones['rate']
        print(
            f'{name:22}{ours["whole"]:11.1f}{ours["rate"]:12.1f}{share:13.2f}'
            f'{ours["startup_s"]:11.1f}{ours["cpu_ms"]:8.1f}',
            flush=True,
        )
        if number == 1:
            stages = ours['stages']
            rest = ours['cpu_ms'] - sum(stages.values())
            told = ', '.join(f'{stage} {spent:.1f}' for stage, spent in stages.items() if spent)
            print(f'  CPU ms an article: {told}; all else {rest:.1f}')
        yield name, share


def main(argv: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(description='The pipeline beside bare loops of its CPU stages.')
    parser.add_argument('--articles', type=int, default=2_000)
    parser.add_argument('--hosts', type=int, default=20)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--latency_ms', type=float, default=30.0)
    parser.add_argument('--loop', type=int, nargs=4, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.loop:
        hosts, articles, first, step = args.loop
        loop(hosts, articles, first, step)
        return 0
    with tempfile.TemporaryDirectory(prefix='dateline-scale-') as folder:
        opml = Path(folder, 'feeds.opml')
        site = ['--articles', str(args.articles), '--hosts', str(args.hosts), '--port', '0']
        site += ['--latency_ms', str(args.latency_ms), '--opml', str(opml)]
        shares: dict[str, list[float]] = {name: [] for name in _WAYS}
        with running_site(site):
            for number in range(args.rounds):
                for name, found in one_round(args, opml, Path(folder, str(number))):
                    shares[name].append(found)
    if args.rounds > 1:
        told = (f'{name} {statistics.median(found):.2f}' for name, found in shares.items())
        print(f'\nmedians of the loops: {", ".join(told)}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
