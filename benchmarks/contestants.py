"""Those that ``benchmarks.end_to_end`` compares, each run once: what came of it and what it cost."""

import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas

from benchmarks.processes import Cost, measure

_OTHER_LIBRARIES = Path(__file__).with_name('other_libraries.py')

# What each does of the work, and what it does not.
WORK = {
    'dateline': 'feeds, robots.txt, fetch, text and metadata, outlets, datelines, entities, near duplicates, '
    'ledger, Parquet committed in one step',
    'no entities': 'dateline with --entities_model=none',
    'plain': 'feeds, fetch, text and metadata, entities, Parquet; no robots.txt, retries, outlets, '
    'datelines, duplicates or memory of what it saw',
    'plain x2': 'the same script started twice, each with half of the entries',
    'newspaper4k': 'fetch (5 threads), text and metadata, into JSON lines; feedparser reads the feeds; no '
    'robots.txt, entities, outlets, datelines, duplicates, Parquet or memory of what it saw',
    'news-please': 'the same by its from_urls: a thread a page, a process a core; and the language',
}


class Run(NamedTuple):
    """One run of a contestant."""

    figures: dict[str, float]
    stages: dict[str, float]  # CPU ms by stage over all articles; of dateline only
    notes: list[str]  # what is to be said about it


def run_plain(opml: Path, work: Path, articles: int, processes: int = 1) -> Run:
    """The plain script, in one process or in several that share the entries out."""
    command = [
        *(sys.executable, '-W', 'ignore', '-m', 'benchmarks.plain_script', str(opml)),
        *('--output', str(work / f'plain-{processes}'), '--limit', str(articles), '--json'),
    ]
    if processes > 1:
        command = _side_by_side([[*command, '--part', f'{n + 1}/{processes}'] for n in range(processes)])
    cost = measure(command, work)
    _require_success(cost, 'The plain script')
    figures = _figures(cost, sum(told['articles'] for told in _told(cost)))
    figures['processes'] -= processes > 1  # the shell
    return Run(figures, {}, [])


def _side_by_side(commands: Sequence[Sequence[str]]) -> list[str]:
    """A command that runs these at the same time, and fails when one of them does."""
    started = ' '.join(f'{shlex.join(command)} & p{n}=$!;' for n, command in enumerate(commands))
    return ['sh', '-c', started + ' ' + ' && '.join(f'wait $p{n}' for n in range(len(commands)))]


def run_library(python: Path, library: str, opml: Path, work: Path, articles: int) -> Run:
    """newspaper4k or news-please, with the Python that has it."""
    output = work / f'{library}.jsonl'
    command = [str(python), '-W', 'ignore', str(_OTHER_LIBRARIES), library, str(opml)]
    cost = measure([*command, '--output', str(output), '--limit', str(articles)], work)
    _require_success(cost, library)
    (told,) = _told(cost)
    missing = articles - told['articles']
    notes = [f'{library}: {missing} of {articles} articles have no text'] if missing else []
    return Run(_figures(cost, told['articles']), {}, [*notes, f'{library} is {told["version"]}'])


def run_ours(opml: Path, work: Path, expected: int, flags: Sequence[str]) -> Run:
    """``dateline ingest``."""
    lake = work / f'lake{len(flags)}'
    command = [sys.executable, '-m', 'pipelines.cli', 'ingest', str(opml), '--output', str(lake), *flags]
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
    return Run(_figures(cost, len(urls)), stages, notes)


def _urls_in(lake: Path) -> list[str]:
    if not (lake / 'articles').exists():
        return []
    return list(pandas.read_parquet(lake / 'articles', columns=['url'])['url'])


def _told(cost: Cost) -> list[dict[str, Any]]:
    return [json.loads(line) for line in cost.stdout.splitlines() if line.startswith('{')]


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
