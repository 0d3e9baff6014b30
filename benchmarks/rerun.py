"""What a run costs that finds nothing new: a lake of 10 000 articles, and ``dateline ingest`` once more.

    python -m benchmarks.rerun [--articles 10000] [--feeds 20] [--rounds 3] [--samples]

The lake is made by one run over a site of tiny pages (benchmarks/faulty_site.py), without entities. Then the
same command runs again, each time as a process of its own: `304` while the feeds answer that nothing changed,
`sent` when they have no validators and are sent in full, with all their items. Wall and CPU seconds, and the
most memory of all processes together. With ``--samples`` a further run of each kind looks at its own threads
every 5 ms and prints where they were: by step of the command, and by function of ours in the other threads.
"""

import argparse
import collections
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Optional

import pandas

from benchmarks.ledger import INGEST_FLAGS, running_site
from benchmarks.newsroom import opml
from benchmarks.processes import Cost, measure

_SAMPLE_S = 0.005
_SHOWN = 14
_OURS = ('/pipelines/', '/transforms/', '/schemas/')
_ROOT = str(Path(__file__).resolve().parent.parent)


def main(argv: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(description='Measure runs that find nothing new.')
    parser.add_argument('--articles', type=int, default=10_000)
    parser.add_argument('--feeds', type=int, default=20)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--samples', action='store_true', help='also say where the time goes')
    parser.add_argument('--round_urls', type=int, default=2_000, help='of the run that makes the lake')
    parser.add_argument('--in_process', nargs=argparse.REMAINDER, help='run this command here, sampled')
    args = parser.parse_args(argv)
    if args.in_process:
        return _sampled(args.in_process)
    with tempfile.TemporaryDirectory(prefix='dateline-rerun-') as made:
        work = Path(made)
        sources, lake = work / 'feeds.opml', work / 'lake'
        ingest = ['ingest', str(sources), '--output', str(lake), *INGEST_FLAGS]
        with running_site(args.articles, args.feeds, '--all_good') as urls:
            sources.write_text(opml(urls), encoding='utf-8')
            _show('first', _run([*ingest, f'--round_urls={args.round_urls}'], work))
            articles = len(pandas.read_parquet(lake / 'articles', columns=['row_id']))
            files = len(list(lake.rglob('*.parquet')))
            print(f'the lake: {articles} articles in {files} files')
            if articles != args.articles:
                raise SystemExit(f'The lake is not complete: {articles} articles, not {args.articles}')
            for kind in ('304', 'sent'):
                if kind == 'sent':
                    urllib.request.urlopen(urls[0].partition('/feed/')[0] + '/plain').close()
                for _ in range(args.rounds):
                    _show(kind, _run(ingest, work))
                if args.samples:
                    print(_run_sampled(ingest))
        if len(pandas.read_parquet(lake / 'articles', columns=['row_id'])) != articles:
            raise SystemExit('A run with nothing new wrote articles.')
    return 0


def _run(arguments: Sequence[str], work: Path) -> Cost:
    cost = measure([sys.executable, '-m', 'pipelines.cli', *arguments], work)
    if cost.returncode:
        raise SystemExit(f'ingest ended with exit code {cost.returncode}:\n{cost.stderr[-2000:]}')
    return cost


def _show(kind: str, cost: Cost) -> None:
    memory = f'{cost.peak_rss / 1e6:6.0f} MB in {cost.processes} processes'
    print(f'{kind:6}{cost.wall_s:8.2f} s wall{cost.cpu_s:8.2f} s CPU{memory}', flush=True)


def _run_sampled(arguments: Sequence[str]) -> str:
    command = [sys.executable, '-m', 'benchmarks.rerun', '--in_process', *arguments]
    environment = os.environ | {'PYTHONPATH': _ROOT}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


class _Sampler(threading.Thread):
    """Looks where all threads are, and counts seconds."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.steps: collections.Counter[str] = collections.Counter()  # of the command's own thread
        self.work: collections.Counter[str] = collections.Counter()  # of the others: deepest function of ours
        self._over = threading.Event()
        self._main = threading.main_thread().ident

    def run(self) -> None:
        last = time.perf_counter()
        while not self._over.wait(_SAMPLE_S):
            now = time.perf_counter()
            for thread, frame in sys._current_frames().items():
                names = [_name(one) for one in _outwards(frame)]
                if thread == self._main:
                    self.steps[_step(names)] += now - last  # type: ignore[assignment]
                elif thread != self.ident and (ours := next(filter(None, names), None)):
                    self.work[ours] += now - last  # type: ignore[assignment]
            last = now

    def stop(self) -> None:
        self._over.set()
        self.join()


def _outwards(frame: Optional[FrameType]) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _name(frame: FrameType) -> str:
    """A function of ours as module.function; '' for any other, and for imports."""
    path = frame.f_code.co_filename
    if not any(part in path for part in _OURS) or not path.startswith(_ROOT):
        return 'imports' if frame.f_code.co_name == '_find_and_load' else ''
    module = path[len(_ROOT) + 1 :].removesuffix('.py').replace('/', '.')
    return f'{module}.{frame.f_code.co_name}'


def _step(names: Sequence[str]) -> str:
    """What the command was at: the function of ours nearest to its top, below `_ingest`."""
    if 'imports' in names:
        return 'imports'
    inwards = [name for name in reversed(names) if name]
    below = [
        name for name in inwards if not name.endswith(('.main', '.run_command', '.<module>', '._ingest'))
    ]
    return ' > '.join(below[:2]) if below else 'start and end'


def _sampled(arguments: Sequence[str]) -> int:
    """Runs a command in this process; its last line of output is JSON text: where its time went."""
    sampler = _Sampler()
    began, cpu = time.perf_counter(), time.process_time()
    sampler.start()
    from pipelines.cli import COMMANDS, run_command

    with open(os.devnull, 'w') as nothing, contextlib.redirect_stdout(nothing):
        code = run_command(COMMANDS[arguments[0]][0], arguments[1:])
    sampler.stop()
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    lines = [f'  {wall:.2f} s wall, {cpu:.2f} s CPU of this process, in its own thread:']
    lines += [f'  {seconds:8.2f} s  {name}' for name, seconds in sampler.steps.most_common(_SHOWN)]
    lines.append('  in its other threads, by the deepest function of ours (waiting counts too):')
    lines += [f'  {seconds:8.2f} s  {name}' for name, seconds in sampler.work.most_common(_SHOWN)]
    print(json.dumps('\n'.join(lines)))
    return code


if __name__ == '__main__':
    sys.exit(main())
