"""How Dateline compares with the plain script, end to end, against the generated news site.

    python -m benchmarks.end_to_end [--articles 500] [--plain_articles 150] [--rounds 1]

In each round the plain script and ``dateline ingest`` run one after the other, each as a process of its
own with an output folder of its own, start-up and model loading included. The plain script may take fewer
articles, since it is slow: compare articles per second and CPU per article. CPU is that of all processes of
a command; the site's is not in it. Peak memory is the sum over the command's processes at one moment.

The site answers after --latency_ms; politeness pauses are off (--fetch_min_delay 0), since the plain script
makes none. Figures on a machine that does other work are worth little: look at the spread over rounds.
"""

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Optional

import pandas

from benchmarks.processes import Cost, measure

INGEST_FLAGS = ['--fetch_allow_private_networks=127.0.0.0/8', '--fetch_min_delay', '0']


@contextlib.contextmanager
def running_site(arguments: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The site in a process of its own; gives what it printed when it was ready, ended at exit.

    What it counted is added to that under ``counts`` when the context closes.
    """
    command = [sys.executable, '-m', 'benchmarks.site', *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                raise SystemExit('The news site did not start; see its message above.')
            facts = json.loads(line)
            yield facts
            process.terminate()
            facts['counts'] = json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.stdout.read()  # so that it never writes to a closed pipe


def run_plain(opml: Path, work: Path, articles: int) -> dict[str, float]:
    """One run of the plain script: its figures."""
    output = work / 'plain'
    cost = measure(
        [
            *(sys.executable, '-W', 'ignore', '-m', 'benchmarks.plain_script', str(opml)),
            *('--output', str(output), '--limit', str(articles), '--json'),
        ],
        work,
    )
    _require_success(cost, 'The plain script')
    return _figures(cost, json.loads(cost.stdout)['articles'])


def run_ours(opml: Path, work: Path, expected: int) -> tuple[dict[str, float], dict[str, float], list[str]]:
    """One run of ``dateline ingest``: its figures, CPU ms by stage, and what is to be said about it."""
    lake = work / 'lake'
    command = [
        sys.executable,
        '-m',
        'pipelines.cli',
        'ingest',
        str(opml),
        '--output',
        str(lake),
        *INGEST_FLAGS,
    ]
    cost = measure(command, work)
    _require_success(cost, 'dateline ingest')
    urls = _urls_in(lake)
    records = [json.loads(path.read_text()) for path in lake.glob('_runs/*.json')]
    notes = []
    if len(urls) != expected or len(set(urls)) != expected:
        fates = [record.get('dispositions') for record in records]
        counts = f'{len(urls)} rows, {len(set(urls))} URLs, {expected} expected; dispositions: {fates}'
        notes.append(f'THE LAKE IS NOT COMPLETE: {counts}')
    stages: dict[str, float] = {}
    for record in records:
        for stage, spent in record.get('stages_ms', {}).items():
            stages[stage] = stages.get(stage, 0) + spent
    if not stages:
        notes.append('No times by stage: the run record has no stages_ms.')
    return _figures(cost, len(urls)), stages, notes


def _urls_in(lake: Path) -> list[str]:
    if not (lake / 'articles').exists():
        return []
    return list(pandas.read_parquet(lake / 'articles', columns=['url'])['url'])


def _require_success(cost: Cost, what: str) -> None:
    if cost.returncode:
        raise SystemExit(f'{what} ended with exit code {cost.returncode}:\n{cost.stderr[-2000:]}')


def _figures(cost: Cost, articles: int) -> dict[str, float]:
    figures = {
        'articles': articles,
        'wall s': cost.wall_s,
        'articles/s': articles / cost.wall_s,
        'CPU s': cost.cpu_s,
        'CPU ms/article': 1000 * cost.cpu_s / max(1, articles),
        'peak RSS MB': cost.peak_rss / 1e6,
        'processes': cost.processes,
    }
    if cost.peak_pss is not None:
        figures['peak PSS MB'] = cost.peak_pss / 1e6
    return figures


def table(ours: Sequence[dict[str, float]], plain: Sequence[dict[str, float]]) -> str:
    """The comparison, a line a figure: median over rounds, then ours over plain (and the range of rounds)."""
    lines = [f'{"":16}{"dateline":>12}{"plain":>12}{"ratio":>9}']
    for name in ours[0]:
        mine, theirs = (statistics.median(run[name] for run in runs) for runs in (ours, plain))
        ratio = f'{mine / theirs:9.2f}' if theirs and name not in {'articles', 'wall s', 'CPU s'} else ''
        line = f'{name:16}{mine:12.1f}{theirs:12.1f}{ratio}'
        if len(ours) > 1 and ratio:
            each = sorted(one[name] / other[name] for one, other in zip(ours, plain, strict=True))
            line += f'  ({each[0]:.2f}-{each[-1]:.2f})'
        lines.append(line)
    return '\n'.join(lines)


def main(argv: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(description='Compare dateline ingest with a plain script.')
    parser.add_argument('--articles', type=int, default=500)
    parser.add_argument(
        '--plain_articles', type=int, default=150, help='for the plain script; 0: leave it out'
    )
    parser.add_argument('--rounds', type=int, default=1)
    parser.add_argument('--hosts', type=int, default=20)
    parser.add_argument('--latency_ms', type=float, default=30.0)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--one_address', action='store_true', help='for machines with 127.0.0.1 only (macOS)')
    parser.add_argument('--json', action='store_true', help='print the figures of all rounds as JSON')
    args = parser.parse_args(argv)
    ours, plain, stages, notes = [], [], [], []
    with tempfile.TemporaryDirectory(prefix='dateline-bench-') as folder:
        opml = Path(folder) / 'feeds.opml'
        site_arguments = ['--articles', str(args.articles), '--hosts', str(args.hosts), '--port', '0']
        site_arguments += [
            '--latency_ms',
            str(args.latency_ms),
            '--seed',
            str(args.seed),
            '--opml',
            str(opml),
        ]
        with running_site(site_arguments + ['--one_address'] * args.one_address) as site:
            for number in range(args.rounds):
                work = Path(folder) / str(number)
                work.mkdir()
                if args.plain_articles:
                    plain.append(run_plain(opml, work, min(args.plain_articles, args.articles)))
                figures, spent, remarks = run_ours(opml, work, args.articles)
                ours.append(figures)
                stages.append(spent)
                notes += remarks
    complete = not any('NOT COMPLETE' in note for note in notes)
    if args.json:
        facts = {'dateline': ours, 'plain': plain, 'stages_ms': stages, 'notes': notes, 'site': site}
        print(json.dumps(facts, default=str))
        return 0 if complete else 1
    print(
        f'{args.articles} articles ({args.plain_articles} for the plain script) of {site["mean_kb"]} KB on '
        f'{args.hosts} hosts, {args.latency_ms:g} ms latency, {args.rounds} round(s); '
        f'Python {platform.python_version()}, {os.cpu_count()} cores\n'
    )
    print(table(ours, plain or [{name: 0.0 for name in ours[0]}]))
    print('\ndateline, CPU ms per article by stage (in the child processes):')
    medians = {
        stage: statistics.median(one.get(stage, 0) for one in stages) / args.articles for stage in stages[0]
    }
    for stage, spent in medians.items():
        print(f'  {stage:18}{spent:8.2f}')
    total = statistics.median(run['CPU ms/article'] for run in ours)
    print(
        f'  {"all else":18}{total - sum(medians.values()):8.2f}  (start-up and models, feeds, fetch, commit)'
    )
    counts = site['counts']
    print(
        f'\nthe site: {counts["requests"]}, {counts["repeats"]} pages sent again (each command of each round '
        f'asks for them), at most {counts["max_in_flight"]} requests at once to a host'
    )
    for note in dict.fromkeys(notes):
        print(note)
    print(f'articles in the lake: {"all" if complete else "NOT all"}')
    return 0 if complete else 1


if __name__ == '__main__':
    sys.exit(main())
