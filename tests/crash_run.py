"""The kill test: a run is ended by SIGKILL at drawn moments, and run again, until nothing is lost or doubled.

    python -m tests.crash_run --articles 300 --kills 20 --seed 1 [--edit] [--compact] [-- FLAGS...]

Serves a site of so many articles, which it publishes bit by bit, and ends ``dateline ingest`` so many times
in all phases of its work: the process alone, or all of its process group. Meanwhile a reader reads the lake
without pause (tests/crash_reader.py), and ``dateline check`` runs over and over. At the end every article
must be in the lake once (with ``--edit``: each of its texts once, as versions 1 to n), the books balanced,
and a further run must find nothing to do. Prints what was killed where; exit code 1 when anything is off.

What stands behind ``--`` goes to ``dateline ingest``, such as ``--entities_model=none``.
"""

import argparse
import collections
import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Optional

import pandas
import psutil  # type: ignore[import-untyped]

from tests.crash_compare import compare
from tests.crash_moments import DEADLINE_S, MOMENTS, PHASES, Watch, plan
from tests.crash_site import CrashSite, crash_site

ROOT = Path(__file__).resolve().parent.parent
FLAGS = ('--fetch_allow_private_networks=127.0.0.0/8', '--fetch_min_delay=0')
_GROUP_SHARE = 0.3
_ALL_WELL = 'nothing lost, nothing doubled'
_EDITED = 0.1
# Of the site is published before the first run; the rest as the kills go on, so that all have work.
_AT_FIRST = 0.4


@dataclasses.dataclass(frozen=True)
class Kill:
    """One kill: what was waited for, and what it met."""

    moment: str
    delay_s: float
    phase: str
    group: bool
    after_s: float


@dataclasses.dataclass
class Outcome:
    """What the kill test found. ``faults`` has a sentence for each thing that must not be."""

    kills: list[Kill] = dataclasses.field(default_factory=list)
    faults: list[str] = dataclasses.field(default_factory=list)
    runs: int = 0
    checks: int = 0
    readings: int = 0
    restarts: int = 0
    pages: int = 0
    asked: int = 0
    versions: int = 0
    ended: bool = False  # the last look was taken


class CrashTest:
    """The runs on one lake."""

    def __init__(
        self, site: CrashSite, folder: Path, seed: int, flags: Sequence[str] = (), compact: bool = False
    ) -> None:
        self.outcome = Outcome()
        self.lake = str(folder / 'lake')
        self._site = site
        self._folder = folder
        self._rng = random.Random(seed)
        self._flags = (f'--round_urls={max(12, site.planned // 15)}', *flags)
        self._compact = compact
        self._children: list[psutil.Process] = []

    def run(self, kills: int, edit: bool) -> None:
        """All of it, from the first kill to the last look at the lake."""
        for number, (moment, delay_s) in enumerate(plan(kills, self._rng)):
            share = _AT_FIRST + (1 - _AT_FIRST) * number / kills
            self._site.publish(round(share * self._site.planned))
            if edit and number == kills // 2:
                self._site.edit(_EDITED)
            group = self._rng.random() < _GROUP_SHARE
            # A run may have no such moment, or end before it is seen; the start is met by every run.
            tries = [(moment, delay_s)] * 2 + [('start', delay_s / MOMENTS[moment])] * 2
            if not any(self._kill(*one, group) for one in tries):
                self._fault(f'no run could be ended at the moment {moment}')
            self._check()
            if self._compact:
                self._expect_success(['compact', self.lake])
        self._site.publish(self._site.planned)
        self._ingest()
        self._expect_nothing_new()
        self._expect_no_children()
        self.outcome.ended = True

    def _kill(self, moment: str, delay_s: float, group: bool) -> bool:
        """Runs until the moment and ends the run there. False when it ended by itself before."""
        watch = Watch(self.lake, self._site)
        if moment == 'recovery' and not watch.can_recover:
            moment, delay_s = 'start', delay_s * MOMENTS['start'] / MOMENTS['recovery']
        began = time.monotonic()
        with self._started() as process:
            watch.wait(process, moment, delay_s)
            if process.poll() is None:
                self._children += psutil.Process(process.pid).children(recursive=True)
                (os.killpg if group else os.kill)(process.pid, signal.SIGKILL)
            code = process.wait(DEADLINE_S)
        if code == 0:
            return False
        if code != -signal.SIGKILL:
            self._fault(f'a run ended with exit code {code} before it was killed: {self._said()}')
        after_s = time.monotonic() - began
        self.outcome.kills.append(Kill(moment, delay_s, watch.phase(), group, after_s))
        return True

    @contextmanager
    def _started(self) -> 'Iterator[subprocess.Popen[bytes]]':
        opml = str(self._folder / 'feeds.opml')
        command = [sys.executable, '-m', 'pipelines.cli', 'ingest', opml, '--output', self.lake]
        self.outcome.runs += 1
        with open(self._folder / 'said', 'wb') as said:
            process = subprocess.Popen(
                [*command, *FLAGS, *self._flags], cwd=ROOT, stdout=said, stderr=said, start_new_session=True
            )
            with process:
                try:
                    yield process
                finally:
                    process.kill()

    def _ingest(self) -> None:
        with self._started() as process:
            if code := process.wait(DEADLINE_S):
                self._fault(f'an undisturbed run ended with exit code {code}: {self._said()}')

    def _expect_nothing_new(self) -> None:
        """A run after all is done brings no article, and asks for no page."""
        (_, pages), rows = self._site.counts(), self._articles()
        self._ingest()
        self._check()
        if self._site.counts()[1] != pages:
            self._fault(f'a run with nothing new asked for {self._site.counts()[1] - pages} pages')
        if len(self._articles()) != len(rows):
            self._fault('a run with nothing new changed the number of articles')
        for fault in compare(self._site, self.lake):
            self._fault(fault)
        self.outcome.pages, self.outcome.versions = len(self._site.pages), len(rows)
        self.outcome.asked = sum(map(self._site.times_asked, self._site.pages))

    def _articles(self) -> pandas.DataFrame:
        return pandas.read_parquet(f'{self.lake}/articles')

    def _expect_no_children(self) -> None:
        _, alive = psutil.wait_procs(self._children, timeout=60)
        if alive:
            self._fault(f'{len(alive)} child processes outlived their killed parent by a minute')

    def _check(self) -> None:
        self.outcome.checks += 1
        self._expect_success(['check', self.lake])

    @contextmanager
    def checking(self) -> Iterator[None]:
        """``dateline check`` again and again, whatever is going on, until the context ends."""
        over = threading.Event()
        thread = threading.Thread(target=self._check_until, args=(over,))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _check_until(self, over: threading.Event) -> None:
        pause_s = 1.0
        while not over.wait(pause_s):
            began = time.monotonic()
            if os.path.isdir(f'{self.lake}/polls') or os.path.isdir(f'{self.lake}/articles'):
                self._check()
            pause_s = max(1.0, 3 * (time.monotonic() - began))  # most of the machine is for the runs

    def _expect_success(self, arguments: Sequence[str]) -> None:
        command = [sys.executable, '-m', 'pipelines.cli', *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode:
            self._fault(f'dateline {arguments[0]}, {done.returncode}: {(done.stdout + done.stderr)[:600]}')

    def _said(self) -> str:
        return (self._folder / 'said').read_text(errors='replace')[-1500:]

    def _fault(self, sentence: str) -> None:
        if any(known.endswith(sentence) for known in self.outcome.faults):
            return  # it goes on
        self.outcome.faults.append(f'after {len(self.outcome.kills)} kills: {sentence}')


@contextmanager
def reading(lake: str, outcome: Outcome, compacting: bool = False) -> Iterator[None]:
    """A reader in a process of its own until the context ends."""
    command = [sys.executable, '-m', 'tests.crash_reader', lake, *['--compacting'] * compacting]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield
        finally:
            said, _ = process.communicate(timeout=DEADLINE_S)
    try:
        found = json.loads(said)
    except ValueError:
        outcome.faults.append(f'the reader failed with exit code {process.returncode}')
        return
    outcome.faults += [f'the reader: {fault}' for fault in found['faults']]
    outcome.readings, outcome.restarts = found['readings'], found['restarts']


def report(outcome: Outcome) -> str:
    """What happened, as lines."""
    lines = [f'{"waited for":12}{"and":>8}  {"died":12}{"in":16}{"after":>8}']
    for kill in outcome.kills:
        who = 'its group' if kill.group else 'alone'
        after = f'{kill.after_s:.2f} s'
        lines.append(f'{kill.moment:12}{kill.delay_s:6.3f} s  {who:12}{kill.phase:16}{after:>8}')
    fell = collections.Counter(kill.phase for kill in outcome.kills)
    lines += ['', *(f'{phase:16}{fell[phase]:4}  {"#" * fell[phase]}' for phase in PHASES)]
    again = outcome.asked - outcome.pages
    lines += [
        '',
        f'{len(outcome.kills)} kills in {outcome.runs} runs; {outcome.versions} versions of '
        f'{outcome.pages} articles; {again} requests more than pages',
        f'{outcome.checks} checks; {outcome.readings} readings of a table, begun again '
        f'{outcome.restarts} times',
        *outcome.faults,
        f'{len(outcome.faults)} faults' if outcome.faults or not outcome.ended else _ALL_WELL,
        *['the test did not come to its end'] * (not outcome.ended),
    ]
    return '\n'.join(lines)


def main(argv: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(description='End ingest by SIGKILL again and again; look at the lake.')
    parser.add_argument('--articles', type=int, default=300)
    parser.add_argument('--kills', type=int, default=20)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--edit', action='store_true', help='half-way the site edits 10 %% of its pages')
    parser.add_argument('--compact', action='store_true', help='run dateline compact after each kill')
    parser.add_argument('--keep', type=Path, help='an empty folder for the lake, which then stays')
    parser.add_argument('flags', nargs='*', metavar='FLAG', help='behind --: flags for dateline ingest')
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix='dateline-crash-') as made:
        folder = args.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        with crash_site(args.articles, args.seed, folder / 'feeds.opml') as site:
            test = CrashTest(site, folder, args.seed, args.flags, args.compact)
            try:
                with reading(test.lake, test.outcome, args.compact), test.checking():
                    test.run(args.kills, args.edit)
            finally:
                print(report(test.outcome), flush=True)
    return 1 if test.outcome.faults else 0


if __name__ == '__main__':
    sys.exit(main())
