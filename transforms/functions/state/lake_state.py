"""What the lake knows, read back for a run: feeds' last polls, pages seen before, items that wait."""

import dataclasses
import threading
from collections.abc import Iterator
from typing import Optional

import numpy as np

from schemas.feeds import FeedState, LastPoll, Sighting
from schemas.vocabulary import Disposition, Reason
from transforms.functions.article_rows import sightings_from_json
from transforms.functions.lake import Lake
from transforms.functions.state.article_places import ArticlePlaces
from transforms.functions.state.compact_columns import Numbers
from transforms.functions.state.feed_states import FeedStates
from transforms.functions.state.lake_batches import any_true, days_of, read_day
from transforms.functions.state.ledger_columns import waits
from transforms.functions.state.ledger_entries import ledger_rows_as_read
from transforms.functions.state.ledger_index import Known, LedgerIndex
from transforms.functions.state.revisits import revisits

__all__ = ['Known', 'LakeState']


# A page that failed six times in a row is tried again after 64 times the first pause: half a day for 10 min.
_MOST_DOUBLINGS = 6
# What was decided later than this after now was decided by a clock that was wrong: its pause would not end.
_CLOCKS_DIFFER_US = 3_600_000_000


class LakeState:
    """The state of a lake since a day (``YYYY-MM-DD``), read with projected columns. Any thread may ask.

    Of older days the ledger is read where items still wait. Polls that claim to be later than ``until``
    (microseconds UTC) were made by a clock that was wrong, and are passed over.

    Memory: about 150 bytes per ledger row of these days, whatever their texts; the last poll of each feed;
    and 20 bytes per article of older days, once one is asked for that is in none of these.
    """

    def __init__(self, lake: Lake, since: str, until: Optional[int] = None) -> None:
        self._lake = lake
        self._until = until
        days = days_of(lake, 'ledger')
        self._older = {day: paths for day, paths in days.items() if day < since}
        self._places: Optional[ArticlePlaces] = None
        self._places_lock = threading.Lock()
        chosen = [
            (day, paths) for day, paths in days.items() if day >= since or _still_waits(lake, day, paths)
        ]
        self._ledger = LedgerIndex(lake, chosen, since)
        self._feeds = FeedStates(lake, since, until, self._ledger)

    def feed(self, feed_url: str) -> Optional[FeedState]:
        """The state of a feed, or None when it was never read, or its last reading is not in the ledger."""
        return self._feeds.find(feed_url)

    def last_poll(self, feed_url: str) -> Optional[LastPoll]:
        """The last poll of a feed, whatever came of it."""
        return self._feeds.last(feed_url)

    def page(self, url_key: str, item: tuple[str, str] = ('', '')) -> Optional[Known]:
        """The last decision on a page for this item (feed_url, item_id), else for any; written ones first."""
        return self._ledger.page(url_key, item)

    def article_partition(self, article_id: str) -> Optional[tuple[str, str]]:
        """The partition that an article's first version went to."""
        return self._ledger.article_partition(article_id) or self._older_places().find(article_id)

    def recent_partitions(self) -> frozenset[tuple[str, str]]:
        """The partitions (date, outlet) of all articles that ledger rows since the first day name."""
        return self._ledger.partitions

    def is_decided(self, sighting: Sighting) -> bool:
        """Whether the ledger has this attempt already: a job that happens twice decides nothing anew."""
        return self._ledger.is_decided(sighting.sighting_id, sighting.attempt)

    def waiting(self, run_id: str, now: int = 0, retry_after_s: int = 0) -> Iterator[Sighting]:
        """Items that failed for the moment or were deferred, as sightings for their next attempt.

        Of what this run itself decided, only what did not fit a round: a failure waits for another run.
        With ``retry_after_s`` what failed waits that long, twice that after its second attempt and so on, up
        to 64 times, by ``now`` (microseconds UTC); what a run left to the next one, and that one to another,
        waits that long each time. Not so what a clock decided that was ahead. The items of the earliest day
        come first. Memory: a thousand of them, however many wait.
        """
        columns = ('entry', 'attempt', 'run_id', 'disposition', 'reason')
        rows = np.flatnonzero(self._ledger.transient)
        if retry_after_s:
            rows = rows[~self._pauses(rows, now, retry_after_s)]
        for row in ledger_rows_as_read(self._lake, self._ledger, rows, columns):
            fits_no_round = row['disposition'] == Disposition.DEFERRED and row['reason'] != Reason.RUN_ENDED
            if row['run_id'] == run_id and not fits_no_round:
                continue
            for sighting in sightings_from_json(row['entry']):
                yield dataclasses.replace(sighting, attempt=row['attempt'] + 1)

    def next_retry(self, retry_after_s: int) -> Optional[int]:
        """When the first of what has to pause may be tried again, in microseconds UTC; None for nothing."""
        rows = np.flatnonzero(self._ledger.transient)
        rows = rows[self._has_pause(rows)]
        if not len(rows):
            return None
        return int((self._ledger.decided_at[rows] + self._pause(rows, retry_after_s)).min())

    def _pauses(self, rows: Numbers, now: int, retry_after_s: int) -> Numbers:
        """Which of the rows were decided too short a time before ``now`` to be tried again."""
        since = now - self._ledger.decided_at[rows]
        paused = (since >= -_CLOCKS_DIFFER_US) & (since < self._pause(rows, retry_after_s))
        return self._has_pause(rows) & paused

    def _has_pause(self, rows: Numbers) -> Numbers:
        """Which of the rows are not for the very next run: what failed, and what a run left to another again.

        The latter are mostly pages of a host that wants peace. A job that takes them up with each cycle would
        write a row for each of them every few seconds, for as long as that lasts.
        """
        ended = self._ledger.reason[rows] == self._ledger.words.find(Reason.RUN_ENDED.value)
        return self._failed(rows) | (ended & (self._attempts(rows) > 0))

    def _pause(self, rows: Numbers, retry_after_s: int) -> Numbers:
        """How long rows are left alone, in microseconds: ever longer only what failed."""
        doublings = np.where(self._failed(rows), np.minimum(self._attempts(rows), _MOST_DOUBLINGS), 0)
        return retry_after_s * 1_000_000 << doublings.astype(np.int64)

    def _failed(self, rows: Numbers) -> Numbers:
        return self._ledger.disposition[rows] == self._ledger.words.find(Disposition.FAILED.value)

    def _attempts(self, rows: Numbers) -> Numbers:
        return self._ledger.sightings(rows)[2]

    def revisits(self, now: int, after_s: int, most: Optional[int] = None) -> Iterator[Sighting]:
        """Pages to fetch again at ``now`` (microseconds UTC) though their entries are as before.

        For the first time ``after_s`` seconds after the first look at a page, then ever more rarely: after
        about the age that it had when it was last looked at. A sighting of this kind has the ``poll_id`` ''.
        Its id is made of the page and of ``now``, so that a job that happens twice makes the same ones.
        Pages whose last decision is a rejection, or which wait, are not among them.

        Args:
            most: no more pages than this, those that have been due the longest; without it all.
        """
        until = now if self._until is None else self._until
        return revisits(self._lake, self._ledger, now, after_s, until, most)

    def _older_places(self) -> ArticlePlaces:
        """Where articles are whose last ledger row is older than the state: read when first asked for."""
        with self._places_lock:
            if self._places is None:
                self._places = self._lake.remembered_of(
                    'places',
                    [path for paths in self._older.values() for path in paths],
                    lambda: ArticlePlaces(self._lake, self._older),
                )
            return self._places


def _still_waits(lake: Lake, day: str, paths: list[str]) -> bool:
    """Whether items of a day wait; days on which nothing ever failed are known by their files' footers."""
    return read_day(
        lake, 'ledger', day, lambda files: any_true(lake, files, 'transient') and waits(lake, files), paths
    )
