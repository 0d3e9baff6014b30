"""The last reading of each feed, found in ``polls`` from the newest day back, as far as it is asked for."""

import dataclasses
import functools
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Optional

import numpy as np
import pyarrow as pa

from schemas.feeds import FeedState, LastPoll
from schemas.vocabulary import PollStatus
from transforms.functions.article_rows import day_of
from transforms.functions.lake import Lake
from transforms.functions.state.compact_columns import Codes, Numbers, numbers
from transforms.functions.state.lake_batches import column_batches, days_of, read_day, rows_at
from transforms.functions.state.ledger_index import LedgerIndex

_NARROW = ('feed_url', 'polled_at', 'status', 'moved_to', 'interval_s', 'next_due_at')
_SCALARS = (
    'poll_id', 'feed_url', 'items_shown', 'items_unchanged', 'etag', 'last_modified', 'interval_s',
    'format',
)  # fmt: skip
_LISTS = ('item_keys', 'item_fingerprints')
_WIDE = (*_SCALARS, *_LISTS)
_READ = (PollStatus.OK.value, PollStatus.NOT_MODIFIED.value, PollStatus.MOVED.value)
# Polls decoded at a time for the few that are wanted: 4 MB where feeds show 500 items.
_WIDE_ROWS = 512


@dataclasses.dataclass(frozen=True)
class _Place:
    """Where a feed's last reading is."""

    polled_at: int
    path: str
    row: int


@dataclasses.dataclass(frozen=True)
class _Kept:
    """A feed's state, its items as arrays: 16 bytes each instead of 100."""

    state: FeedState
    item_keys: Numbers
    item_fingerprints: Numbers
    poll_id: str
    changed: int  # items that the ledger must have rows of


@dataclasses.dataclass(frozen=True)
class _File:
    """The last polls of feeds in a file, or in several."""

    readings: dict[str, _Place]  # of those that were read
    polls: dict[str, LastPoll]  # whatever came of them
    later: bool  # whether there are polls later than ``until``, which are passed over


class FeedStates:
    """The states of feeds since a day. Memory: the last poll of each feed of the days looked through.

    A day is looked through once, in three narrow columns, when a feed is asked for that no later day has;
    the wide columns are read of the last polls only. Any thread may ask.
    """

    def __init__(self, lake: Lake, since: str, until: Optional[int], ledger: LedgerIndex) -> None:
        self._lake, self._until, self._ledger = lake, until, ledger
        last = None if until is None else day_of(until)
        found = days_of(lake, 'polls').items()
        self._days = [(day, paths) for day, paths in found if day >= since and (last is None or day <= last)]
        self._found: dict[str, Optional[_Kept]] = {}
        self._last: dict[str, LastPoll] = {}
        self._lock = threading.Lock()

    def find(self, feed_url: str) -> Optional[FeedState]:
        """The state of a feed, or None when it was never read, or its last reading is not in the ledger."""
        with self._lock:
            while feed_url not in self._found and self._days:
                self._read_one_more_day()
            kept = self._found.get(feed_url)
        if kept is None:
            return None
        return dataclasses.replace(
            kept.state,
            item_keys=tuple(kept.item_keys.tolist()),
            item_fingerprints=tuple(kept.item_fingerprints.tolist()),
        )

    def last(self, feed_url: str) -> Optional[LastPoll]:
        """The last poll of a feed since the first day, whatever came of it; None when there was none."""
        with self._lock:
            while feed_url not in self._last and self._days:
                self._read_one_more_day()
            return self._last.get(feed_url)

    def _read_one_more_day(self) -> None:
        day, paths = self._days[-1]
        found, last = read_day(self._lake, 'polls', day, functools.partial(self._look_through, day), paths)
        self._found |= found
        self._last = last | self._last  # later days were read before
        self._days.pop()

    def _look_through(
        self, name: str, paths: list[str]
    ) -> tuple[dict[str, Optional[_Kept]], dict[str, LastPoll]]:
        """The states of the feeds whose last reading is of this day, and their last polls in it."""
        day = self._of_day(name, paths)
        last = {feed: place for feed, place in day.readings.items() if feed not in self._found}
        places: dict[str, list[_Place]] = defaultdict(list)
        for place in last.values():
            places[place.path].append(place)
        kept = {one.state.feed_url: one for path, some in places.items() for one in self._keep(path, some)}
        # A poll counts only when its ledger rows are there.
        sightings = self._ledger.sightings_of_poll
        return {
            feed: one if one.changed == sightings(one.poll_id) else None for feed, one in kept.items()
        }, day.polls

    def _of_day(self, day: str, paths: list[str]) -> _File:
        """The last polls of a day. A memory keeps them of whole days: none that another one follows."""
        if self._lake.memory is not None:
            found = self._lake.gathered('polls', 'polls', (day,), self._last_of_file, _joined)
            if not found.later:
                return found
        return _joined(map(self._look_at, paths))

    def _look_at(self, path: str) -> _File:
        found = self._lake.remembered('polls', path, functools.partial(self._last_of_file, path))
        # Polls that are later now need not be so at the next look.
        return self._last_of_file(path) if found.later and self._lake.memory is not None else found

    def _last_of_file(self, path: str) -> _File:
        """The places of the feeds' last readings in a file, and its last polls."""
        found = _File({}, {}, False)
        later = False
        feeds, statuses = Codes(), Codes()
        start = 0
        for batch in column_batches(self._lake, 'polls', path, _NARROW, ('feed_url', 'status')):
            feed, status = feeds.encode(batch['feed_url']), statuses.encode(batch['status'])
            at = numbers(batch['polled_at'], 'i8')
            sane = at <= self._until if self._until is not None else np.ones(len(at), bool)
            later |= not sane.all()
            found.polls.update(_later_polls(batch, found.polls, _last_of_each(feed, at, sane)))
            good = sane & np.isin(status, [statuses.find(word) for word in _READ])
            for row in _last_of_each(feed, at, good):
                url, moment = feeds.words[feed[row]], int(at[row])
                if url not in found.readings or found.readings[url].polled_at <= moment:
                    found.readings[url] = _Place(moment, path, start + row)
            start += batch.num_rows
        return dataclasses.replace(found, later=later)

    def _keep(self, path: str, places: list[_Place]) -> Iterator[_Kept]:
        """The states that polls of a file leave."""
        # Those of the last looks are known, as long as no later poll of the feed takes their place.
        known: dict[int, _Kept] = self._lake.remembered('readings', path, dict)
        missing = {place.row: place for place in places if place.row not in known}
        if missing:
            batches = rows_at(self._lake, 'polls', path, sorted(missing), _WIDE, _WIDE_ROWS)
            rows = (batch.slice(n, 1) for batch in batches for n in range(batch.num_rows))
            for number, row in zip(sorted(missing), rows, strict=True):
                known[number] = _kept(row, missing[number].polled_at)
        for place in places:
            yield known[place.row]


def _joined(files: Iterable[_File]) -> _File:
    """The last polls of feeds in several files."""
    joined = _File({}, {}, False)
    later = False
    for file in files:
        later |= file.later
        for feed, poll in file.polls.items():
            if feed not in joined.polls or joined.polls[feed].polled_at <= poll.polled_at:
                joined.polls[feed] = poll
        for feed, place in file.readings.items():
            before = joined.readings.get(feed)
            if before is None or before.polled_at <= place.polled_at:
                joined.readings[feed] = place
    return dataclasses.replace(joined, later=later)


def _kept(row: pa.RecordBatch, polled_at: int) -> _Kept:
    poll = row.select(_SCALARS).to_pylist()[0]
    state = FeedState(
        feed_url=poll['feed_url'],
        etag=poll['etag'],
        last_modified=poll['last_modified'],
        item_keys=(),
        item_fingerprints=(),
        polled_at=polled_at,
        interval_s=poll['interval_s'],
        format=poll['format'],
    )
    # flatten() copies nothing, so the numbers are copied out of the batch that they came in.
    keys, fingerprints = (numbers(row[name].flatten(), 'u8').copy() for name in _LISTS)
    return _Kept(state, keys, fingerprints, poll['poll_id'], poll['items_shown'] - poll['items_unchanged'])


def _last_of_each(feed: Numbers, at: Numbers, chosen: Numbers) -> list[int]:
    """Of the chosen rows the latest of each feed."""
    rows = np.flatnonzero(chosen)
    rows = rows[np.lexsort((at[rows], feed[rows]))]
    ends = np.append(feed[rows][1:] != feed[rows][:-1], True) if len(rows) else rows
    return [int(row) for row in rows[ends.astype(bool)]]


def _later_polls(batch: pa.RecordBatch, known: dict[str, LastPoll], rows: list[int]) -> dict[str, LastPoll]:
    """The polls in these rows that are no earlier than what is known of their feeds."""
    chosen = batch.take(pa.array(rows, pa.int64()))
    at, due = numbers(chosen['polled_at'], 'i8').tolist(), numbers(chosen['next_due_at'], 'i8').tolist()
    names = ('feed_url', 'status', 'interval_s', 'moved_to')
    columns = [chosen[name].to_pylist() for name in names]
    found = {}
    for url, status, interval_s, moved_to, polled_at, next_due_at in zip(*columns, at, due, strict=True):
        if url not in known or known[url].polled_at <= polled_at:
            found[url] = LastPoll(status, polled_at, interval_s or 0, next_due_at, moved_to)
    return found
