"""How Dateline compares with a plain script and with other libraries, end to end, against the generated site.

    python -m benchmarks.end_to_end [--articles 500] [--rounds 1] [--only dateline,plain]

In each round ``dateline ingest``, the plain script in one and in two processes, and newspaper4k and
news-please (with the Python of ``--libraries``, which has them) run one after the other, each as processes of
their own with an output of their own, start-up and model loading included. CPU is that of all processes of
a command; the site's is not in it. Peak memory is the sum over the command's processes at one moment.

The site answers after --latency_ms; politeness pauses are off (--fetch_min_delay 0): the others make none.
Figures on a machine that does other work are worth little: look at the spread over rounds, and at CPU.
"""

import argparse
import collections
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

from benchmarks.contestants import WORK, Run, run_library, run_ours, run_plain

INGEST_FLAGS = ['--fetch_allow_private_networks=127.0.0.0/8', '--fetch_min_delay', '0']
# Made by `make bench`: what newspaper4k and news-please bring is not wanted beside the pipeline.
_LIBRARIES = Path('.venv-bench/bin/python')
_OURS = 'dateline'


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
        except BaseException:
            process.terminate()  # a second time would find it with its signals half put back
            raise
        finally:
            process.stdout.read()  # so that it never writes to a closed pipe


def contestants(
    libraries: Path, only: Sequence[str], articles: int
) -> dict[str, Callable[[Path, Path], Run]]:
    """What to run by its name, each a function of the list of feeds and a folder to work in."""
    found: dict[str, Callable[[Path, Path], Run]] = {
        _OURS: lambda opml, work: run_ours(opml, work, articles, INGEST_FLAGS),
        'no entities': lambda opml, work: run_ours(
            opml, work, articles, [*INGEST_FLAGS, '--entities_model=none']
        ),
        'plain': lambda opml, work: run_plain(opml, work, articles),
        'plain x2': lambda opml, work: run_plain(opml, work, articles, processes=2),
        'newspaper4k': lambda opml, work: run_library(libraries, 'newspaper4k', opml, work, articles),
        'news-please': lambda opml, work: run_library(libraries, 'news-please', opml, work, articles),
    }
    if unknown := set(only) - found.keys():
        raise SystemExit(f'--only: {", ".join(sorted(unknown))}; known are {", ".join(found)}')
    return {name: run for name, run in found.items() if not only or name in only}


def table(found: Mapping[str, Sequence[Mapping[str, float]]]) -> str:
    """The comparison, a column for each contestant: medians over rounds; then the first one over the others.

    Ratios are of the same round; with several rounds their range follows.
    """
    first, *others = found
    lines = [' ' * 16 + ''.join(f'{name:>13}' for name in found)]
    for figure in found[first][0]:
        medians = [statistics.median(run.get(figure, 0.0) for run in runs) for runs in found.values()]
        lines.append(f'{figure:16}' + ''.join(f'{value:13.1f}' for value in medians))
    for other in others:
        told = []
        for figure in ('articles/s', 'CPU ms/article'):
            each = sorted(
                mine[figure] / theirs[figure]
                for mine, theirs in zip(found[first], found[other], strict=True)
                if figure in mine and theirs.get(figure)
            )
            if each:
                spread = f' ({each[0]:.2f}-{each[-1]:.2f})' if len(each) > 1 else ''
                told.append(f'{statistics.median(each):.2f} times its {figure}{spread}')
        lines.append(f'{first} beside {other}: {", ".join(told)}')
    return '\n'.join(lines)


def stages_text(stages: Sequence[Mapping[str, float]], articles: int, total: float) -> str:
    """CPU ms an article by stage: medians over rounds, and what is left of the total."""
    lines = [f'{_OURS}, CPU ms per article by stage (in the child processes):']
    medians = {
        stage: statistics.median(one.get(stage, 0) for one in stages) / articles for stage in stages[0]
    }
    lines += [f'  {stage:18}{spent:8.2f}' for stage, spent in medians.items()]
    left = total - sum(medians.values())
    return '\n'.join([*lines, f'  {"all else":18}{left:8.2f}  (start-up and models, feeds, fetch, commit)'])


def main(argv: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(description='Compare dateline ingest with a script and other libraries.')
    parser.add_argument('--articles', type=int, default=500)
    parser.add_argument('--rounds', type=int, default=1)
    parser.add_argument('--hosts', type=int, default=20)
    parser.add_argument('--latency_ms', type=float, default=30.0)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--only', default='', help=f'some of {", ".join(WORK)}, with commas between them')
    parser.add_argument('--libraries', type=Path, default=_LIBRARIES, help='Python that has the libraries')
    parser.add_argument('--one_address', action='store_true', help='for machines with 127.0.0.1 only (macOS)')
    parser.add_argument('--json', action='store_true', help='print the figures of all rounds as JSON')
    args = parser.parse_args(argv)
    runs = contestants(args.libraries, [*filter(None, args.only.split(','))], args.articles)
    notes: list[str] = []
    if not args.libraries.exists():
        left_out = [name for name in ('newspaper4k', 'news-please') if runs.pop(name, None)]
        if left_out:
            notes.append(
                f'NOT RUN: {", ".join(left_out)}; there is no {args.libraries} (make bench makes it)'
            )
    found: dict[str, list[dict[str, float]]] = collections.defaultdict(list)
    stages: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory(prefix='dateline-bench-') as folder:
        opml = Path(folder) / 'feeds.opml'
        site_arguments = ['--articles', str(args.articles), '--hosts', str(args.hosts), '--port', '0']
        site_arguments += ['--latency_ms', str(args.latency_ms), '--seed', str(args.seed)]
        site_arguments += ['--opml', str(opml)] + ['--one_address'] * args.one_address
        with running_site(site_arguments) as site:
            for number in range(args.rounds):
                work = Path(folder) / str(number)
                work.mkdir()
                for name, run in runs.items():
                    result = run(opml, work)
                    found[name].append(result.figures)
                    notes += result.notes
                    if name == _OURS:
                        stages.append(result.stages)
    complete = not any('NOT COMPLETE' in note for note in notes)
    notes = list(dict.fromkeys(notes))
    if args.json:
        facts = {'figures': found, 'stages_ms': stages, 'notes': notes, 'site': site}
        print(json.dumps(facts, default=str))
        return 0 if complete else 1
    print(
        f'{args.articles} articles of {site["mean_kb"]} KB on {args.hosts} hosts, {args.latency_ms:g} ms '
        f'latency, {args.rounds} round(s); Python {platform.python_version()}, {os.cpu_count()} cores\n'
    )
    print(table(found) + '\n\nwhat each does:')
    print('\n'.join(f'  {name:12} {WORK[name]}' for name in found))
    if stages and stages[0]:
        total = statistics.median(run['CPU ms/article'] for run in found[_OURS])
        print('\n' + stages_text(stages, args.articles, total))
    counts = site['counts']
    print(
        f'\nthe site: {counts["requests"]}, {counts["repeats"]} pages sent again (each command of each round '
        f'asks for them), at most {counts["max_in_flight"]} requests at once to a host'
    )
    print('\n'.join([*notes, f'articles in the lake: {"all" if complete else "NOT all"}']))
    return 0 if complete else 1


if __name__ == '__main__':
    sys.exit(main())
