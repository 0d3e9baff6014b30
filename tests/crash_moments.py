"""Moments of a run: waiting for one from outside, and telling afterwards in which the run was ended.

All of it is seen from the lake's folder and from what the site was asked for.
"""

import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator

from tests.crash_site import CrashSite

# What is waited for, and the most seconds until the kill after it.
MOMENTS = {
    'start': 3.0,  # until the feeds are asked for: imports, what dead runs left
    'recovery': 0.06,
    'polling': 0.3,
    'fetching': 0.3,
    'staging': 0.04,
    'articles': 0.08,
    'links': 0.04,
    'ledger': 0.05,
    'polls': 0.04,
    'sweep': 0.05,
    'record': 0.05,
}
PHASES = (
    'starting', 'recovery', 'polling', 'fetching', 'staging', 'articles', 'mentions', 'links', 'ledger',
    'polls', 'between rounds', 'record',
)  # fmt: skip
_TABLES = ('articles', 'mentions', 'links', 'ledger', 'polls')
_LOOK_S = 0.001
DEADLINE_S = 300.0


class Watch:
    """A run seen from outside, from just before it starts."""

    def __init__(self, lake: str, site: CrashSite) -> None:
        self._lake = lake
        self._site = site
        self._dead = set(_names(f'{lake}/_staging'))
        self._records = set(_names(f'{lake}/_runs'))
        self._feeds, self._pages = site.counts()
        self._since = time.time_ns()
        self._had_staging = False
        self._ends: dict[str, Callable[[], bool]] = {
            'start': lambda: True,
            'recovery': self._recovers,
            'polling': lambda: site.counts()[0] > self._feeds,
            'fetching': lambda: site.counts()[1] > self._pages,
            'staging': lambda: self._staged('articles'),
            'articles': lambda: self._staged('commit'),
            'links': lambda: self._staged('links'),
            'ledger': lambda: self._staged('ledger'),
            'polls': lambda: self._staged('polls'),
            'sweep': self._swept,
            'record': lambda: bool(set(_names(f'{lake}/_runs')) - self._records),
        }

    @property
    def can_recover(self) -> bool:
        """Whether a dead run has left something for this one."""
        return bool(self._dead)

    def wait(self, process: 'subprocess.Popen[bytes]', moment: str, delay_s: float) -> None:
        """Waits for a moment and so many seconds more, or until the process has ended."""
        end = time.monotonic() + DEADLINE_S
        while process.poll() is None and not self._ends[moment]():
            if time.monotonic() > end:
                raise TimeoutError(f'the moment {moment} never came, and the run did not end')
            time.sleep(_LOOK_S)
        try:
            process.wait(delay_s)
        except subprocess.TimeoutExpired:
            return

    def phase(self) -> str:
        """In which phase the run was when it ended: that of the last thing that it did."""
        feeds, pages = self._site.counts()
        last, phase = self._since, 'polling' if feeds > self._feeds else 'starting'
        if pages > self._pages:
            last, phase = self._site.last_asked(), 'fetching'
        for moment, name in self._traces():
            if moment > last:
                last, phase = moment, name
        return phase if feeds > self._feeds or phase == 'starting' else 'recovery'

    def _traces(self) -> Iterator[tuple[int, str]]:
        """What was written or removed when, nanoseconds since 1970, and the phase that it belongs to."""
        for table in _TABLES:
            yield from ((moment, table) for moment in _changes(f'{self._lake}/{table}'))
        yield from ((moment, 'record') for moment in _changes(f'{self._lake}/_runs'))
        staging = f'{self._lake}/_staging'
        for run_id in _names(staging):
            for kind in _names(f'{staging}/{run_id}'):
                phase = 'staging' if kind == 'articles' else kind
                for name in _names(f'{staging}/{run_id}/{kind}'):
                    of = name.partition('-')[0] if kind == 'commit' else phase
                    yield _changed(f'{staging}/{run_id}/{kind}/{name}'), of
        if not self._own():
            yield _changed(staging), 'between rounds'

    def _own(self) -> set[str]:
        return set(_names(f'{self._lake}/_staging')) - self._dead

    def _staged(self, kind: str) -> bool:
        return any(_names(f'{self._lake}/_staging/{run_id}/{kind}') for run_id in self._own())

    def _recovers(self) -> bool:
        staging = f'{self._lake}/_staging'
        there = set(_names(staging))
        return any(
            run_id not in there or _changed(f'{staging}/{run_id}/commit') > self._since
            for run_id in self._dead
        )

    def _swept(self) -> bool:
        there = bool(self._own())
        self._had_staging = self._had_staging or there
        return self._had_staging and not there


def plan(kills: int, rng: random.Random) -> list[tuple[str, float]]:
    """Moments and delays in seconds: each kind of moment in its turn, the order and the delays drawn."""
    moments: list[str] = []
    while len(moments) < kills:
        moments += rng.sample(list(MOMENTS), len(MOMENTS))
    return [(moment, rng.uniform(0, MOMENTS[moment])) for moment in moments[:kills]]


def _changes(folder: str) -> Iterator[int]:
    for parent, _, names in os.walk(folder):
        yield from (_changed(os.path.join(parent, name)) for name in names)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _changed(path: str) -> int:
    """When a path was last written, renamed or changed below; 0 when it is not there."""
    try:
        return os.stat(path).st_ctime_ns
    except FileNotFoundError:
        return 0
