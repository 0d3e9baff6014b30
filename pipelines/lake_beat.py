"""When a job on a cluster begins its next cycle: what ``dateline watch`` decides on one machine."""

import contextlib
import dataclasses
import json
import time
from collections.abc import Iterable
from typing import Optional

from pipelines.feed_sources import Fault
from pipelines.rounds import roll_forward
from pipelines.watch_pace import LEAST_RETRY_S, Pace
from pipelines.watched_sources import WatchedSources
from schemas.cycles import Cycle
from schemas.feeds import Feed, LastPoll
from schemas.settings import FetchSettings, RunSettings
from schemas.vocabulary import Disposition, Reason
from transforms import metrics, processes
from transforms.beam_storage import open_lake
from transforms.cycles import cycle_run
from transforms.functions import recovery
from transforms.functions.boilerplate.snapshots import current_snapshot
from transforms.functions.job_file import JobFile
from transforms.functions.lake import GoneFile, Lake
from transforms.functions.poll_intervals import is_due, is_retired

_SECOND = 1_000_000
# What a cycle could not take on and the next one should at once.
_GOES_ON = (Disposition.DEFERRED.value, f'{Disposition.DEFERRED.value} {Reason.HOST_BUDGET.value}')
# Seconds between two looks at what is left staged.
_TIDY_S = 10.0

# What this process knows of the jobs that it begins cycles of.
_known: dict['LakeBeat', '_Known'] = {}


@dataclasses.dataclass(frozen=True)
class LakeBeat:
    """Begins a cycle when a feed is due or what failed may be tried again; one cycle at a time."""

    run: RunSettings  # of the job
    sources: tuple[str, ...]
    fetch: FetchSettings
    commit_every_s: float

    def look(self, last: Optional[int]) -> Optional[Cycle]:
        """See ``transforms.start_cycles.Beat``."""
        assert self.run.job is not None
        lake = open_lake(self.run.lake)
        job = JobFile(lake)
        if not job.is_current(self.run.job):
            return None  # another one was submitted since
        if last is not None and not processes.is_over(cycle_run(self.run, last)):
            return None  # it is at work
        if job.is_to_stop(self.run.job):
            job.has_stopped(self.run.job)
            return None
        if self not in _known:
            _known[self] = _Known(self, lake)
        return _known[self].look(last)


class _Known:
    """What was read of the lake and the sources, and is good until the next cycle has ended."""

    def __init__(self, beat: LakeBeat, lake: Lake) -> None:
        self._beat, self._lake = beat, lake
        self._sources = WatchedSources(beat.sources, beat.fetch)
        self._pace = Pace(beat.commit_every_s)
        self._last: Optional[int] = None
        self._rests_until = 0.0  # monotonic
        self._began_at: dict[int, float] = {}  # monotonic, by the second of the cycle
        self._tidied_at = 0.0  # monotonic
        self._faults: tuple[Fault, ...] = ()  # lines of the sources that are in the ledger already
        self._polls: Optional[dict[str, Optional[LastPoll]]] = None  # by feed; None: to be read again
        self._retry_at: Optional[int] = None  # microseconds UTC, when what failed may be tried again
        self._goes_on = False  # whether the last cycle left what the next one takes on at once

    def look(self, last: Optional[int]) -> Optional[Cycle]:
        """The cycle to begin now, if any; no other one is at work."""
        now = time.monotonic()
        if last is not None and last != self._last:
            self._note_end(last, now)
        if now < self._rests_until:
            return None
        if not self._tidied_at or now - self._tidied_at > _TIDY_S:
            # What cycles have staged that the runner has gone back behind, or that were being swept.
            with contextlib.suppress(FileNotFoundError, GoneFile):  # its worker is sweeping it just now
                roll_forward(self._lake)
            self._tidied_at = now
        found, anew = self._sources.read()
        second = int(time.time())
        if last is not None and second <= last:
            return None
        if self._polls is None or anew:
            self._read_state(found.feeds, second)
        due = tuple(feed for feed in found.feeds if self._is_due(feed, second))
        retries = self._retry_at is not None and self._retry_at <= second * _SECOND
        faults = () if found.faults == self._faults else found.faults
        if not (due or retries or faults or self._goes_on):
            return None
        run = cycle_run(self._beat.run, second)
        if run.learns:
            current_snapshot(self._lake, run.started_at)  # the workers take it from the lake
        self._faults, self._goes_on = found.faults, False
        self._began_at = {second: now}
        return Cycle(second, due, tuple(fault.ledger_row(run) for fault in faults))

    def _note_end(self, last: int, now: float) -> None:
        """The last cycle is over: what was read of the lake is old."""
        self._last, self._polls = last, None
        path = recovery.record_path(self._lake, cycle_run(self._beat.run, last).run_id)
        record = json.loads(self._lake.storage.read_small(path) or b'{}')
        left = record.get('dispositions', {})
        self._goes_on = any(left.get(name) for name in _GOES_ON)
        # Articles and mentions; ledger, polls, record.
        files = 2 * record.get('counters', {}).get(metrics.ARTICLE_FILES, 0) + 3
        self._pace.committed(files, took_s=0.0, at_s=now)  # a cluster takes long and works little
        # From when it began, if this process knows: most of a cycle is waiting, and commits are at its end.
        began_at = self._began_at.pop(last, now)
        self._rests_until = began_at + self._pace.gap_s

    def _is_due(self, feed: Feed, second: int) -> bool:
        last = self._polls.get(feed.url) if self._polls else None
        return not is_retired(last) and is_due(last, second * _SECOND)

    def _read_state(self, feeds: Iterable[Feed], second: int) -> None:
        run = cycle_run(self._beat.run, second)
        state = processes.lake_state(run)
        self._polls = {feed.url: state.last_poll(feed.url) for feed in feeds}
        moment = state.next_retry(run.retry_after_s)
        # Never at once: it was not taken up just now.
        self._retry_at = None if moment is None else max(moment, run.started_at + LEAST_RETRY_S * _SECOND)
