"""How the polls of each feed went, gathered from ``polls`` day by day into arrays: a number a feed and fact.

10 000 feeds polled 48 times a day for 30 days are 14 million rows: a day of them is in memory at a time, in a
few narrow columns, and lists such as ``item_keys`` are not read at all.
"""

from collections.abc import Iterable
from functools import partial
from typing import Optional, TypeVar

import numpy as np
import pyarrow as pa

from schemas.vocabulary import PollStatus, Reason
from transforms.functions.lake import Lake
from transforms.functions.state.compact_columns import Codes, Numbers, numbers
from transforms.functions.state.lake_batches import column_batches, read_day

_CODED = ('feed_url', 'status', 'reason')
_TEXTS = ('feed_title', 'moved_to', 'fault')
_PLAIN = (*_TEXTS, 'format', 'polled_at', 'items_shown', 'items_unchanged', 'scrolled_off')
_COLUMNS = (*_CODED, *_PLAIN)
_READ = (PollStatus.OK.value, PollStatus.NOT_MODIFIED.value, PollStatus.MOVED.value)
# The run was at fault and not the feed: these are no polls of it.
_NOT_ASKED = (Reason.HOST_BUDGET.value, Reason.RUN_ENDED.value)
V = TypeVar('V')
_Columns = dict[str, pa.ChunkedArray]
NEVER = 0  # among moments
NO_GAP = np.iinfo(np.int64).max

_NUMBERS = (
    'polls', 'first', 'last', 'good', 'last_good', 'failing', 'failing_since', 'scrolls', 'last_scroll',
    'shortest_gap', 'last_new', 'most_shown', 'documents', 'faulty', 'gone', 'first_good',
)  # fmt: skip


class PollHistory:
    """What became of the polls of each feed. Days are added in their order.

    Feeds are numbered in the order of their appearance: ``feeds.words[n]`` is the URL of feed n, and place n
    of each array in ``facts`` is of it. Moments are microseconds UTC, or NEVER:

    * ``polls``, ``first``, ``last``: how many there were, when the first and the last one was
    * ``good``, ``first_good``, ``last_good``: the same of those that could be read
    * ``failing``, ``failing_since``: how many polls failed since the last good one, and when the first of
      them was
    * ``gone``: whether the last one was answered with 410
    * ``scrolls``, ``last_scroll``: how often nothing of the poll before was left, and when last
    * ``shortest_gap``: the shortest time after which it was so, in microseconds, or NO_GAP
    * ``last_new``: the last poll that showed something new, the first good one aside: to that all is new
    * ``most_shown``: the most items that a poll showed
    * ``documents``, ``faulty``: how many polls brought a document, and how many of these were malformed
    """

    def __init__(self) -> None:
        self.feeds = Codes()
        self.facts: dict[str, Numbers] = {name: np.zeros(0, np.int64) for name in _NUMBERS}
        self.titles: dict[int, str] = {}
        self.formats: dict[int, str] = {}  # of the last document
        self.moved_to: dict[int, str] = {}  # of feeds whose last good poll was redirected for good
        self.faults: dict[int, str] = {}  # of feeds whose last document was malformed
        self.failures: dict[int, tuple[str, str]] = {}  # reason and detail of the last poll, where it failed

    def add_day(self, lake: Lake, day: str, paths: list[str]) -> None:
        """Adds the polls of a day (``YYYY-MM-DD``). Raises DamagedFile."""
        rows = read_day(lake, 'polls', day, partial(_read, lake), paths)
        if rows:
            self._add({name: pa.chunked_array([batch[name] for batch in rows]) for name in _PLAIN}, rows)

    def _add(self, rows: _Columns, batches: list[pa.RecordBatch]) -> None:
        feed = _encoded(self.feeds, 'feed_url', batches)
        self._grow(len(self.feeds.words))
        words = Codes()
        status, reason = _encoded(words, 'status', batches), _encoded(words, 'reason', batches)
        at = _numbers(rows['polled_at'])
        asked = np.flatnonzero(~np.isin(reason, [words.find(word) for word in _NOT_ASKED]))
        order = asked[np.lexsort((at[asked], feed[asked]))]
        if not len(order):
            return
        polls = _Day(feed[order], at[order])
        good = np.isin(status, [words.find(word) for word in _READ])[order]
        new = (_numbers(rows['items_shown']) > _numbers(rows['items_unchanged']))[order] & good
        scrolled = (_numbers(rows['scrolled_off']) > 0)[order] & good
        document = rows['format'].is_valid().to_numpy()[order] & good
        faulty = rows['fault'].is_valid().to_numpy()[order] & document
        self._add_gaps(polls, good, scrolled)  # first, since it looks at the last good poll before this day
        self._add_failures(polls, good)
        facts, of = self.facts, polls.feeds
        facts['first'][of] = _earlier(facts['first'][of], polls.at[polls.starts])
        facts['last'][of] = polls.at[polls.ends - 1]
        facts['polls'][of] += polls.ends - polls.starts
        for name, mask in (
            ('good', good),
            ('scrolls', scrolled),
            ('documents', document),
            ('faulty', faulty),
        ):
            facts[name][of] += np.add.reduceat(mask.astype(np.int64), polls.starts)
        facts['first_good'][of] = _earlier(facts['first_good'][of], polls.first(good))
        facts['last_good'][of] = np.maximum(facts['last_good'][of], polls.last(good))
        facts['last_scroll'][of] = np.maximum(facts['last_scroll'][of], polls.last(scrolled))
        later = polls.at > facts['first_good'][polls.feed]
        facts['last_new'][of] = np.maximum(facts['last_new'][of], polls.last(new & later))
        shown = np.maximum.reduceat(_numbers(rows['items_shown'])[order], polls.starts)
        facts['most_shown'][of] = np.maximum(facts['most_shown'][of], shown)
        gone = status[order[polls.ends - 1]] == words.find(PollStatus.GONE.value)
        facts['gone'][of] = gone
        self._add_texts(rows, order, polls, good, document)
        self._add_reasons(
            rows['fault'],
            [words.word(code) for code in reason[order[polls.ends - 1]].tolist()],
            order,
            polls,
            good,
        )

    def _add_gaps(self, polls: '_Day', good: Numbers, scrolled: Numbers) -> None:
        """Of each poll at which everything was new: how long after the good one before it."""
        place = np.arange(len(polls.at))
        before = np.append(-1, np.maximum.accumulate(np.where(good, place, -1))[:-1])
        today = before >= np.repeat(polls.starts, polls.ends - polls.starts)
        then = np.where(today, polls.at[before], self.facts['last_good'][polls.feed])
        gaps = np.where(scrolled & (then != NEVER), polls.at - then, NO_GAP)
        shortest = self.facts['shortest_gap']
        shortest[polls.feeds] = np.minimum(shortest[polls.feeds], np.minimum.reduceat(gaps, polls.starts))

    def _add_failures(self, polls: '_Day', good: Numbers) -> None:
        """The failures at the end of the day, which go on from those of the days before if none was good."""
        last = polls.last_place(good)
        since = np.where(last < 0, polls.starts, last + 1)
        count = polls.ends - since
        began = np.where(count > 0, polls.at[np.minimum(since, len(polls.at) - 1)], NEVER)
        failing, failing_since = self.facts['failing'], self.facts['failing_since']
        goes_on = (last < 0) & (failing[polls.feeds] > 0)
        failing_since[polls.feeds] = np.where(goes_on, failing_since[polls.feeds], began)
        failing[polls.feeds] = np.where(goes_on, failing[polls.feeds] + count, count)

    def _add_texts(
        self, rows: _Columns, order: Numbers, polls: '_Day', good: Numbers, document: Numbers
    ) -> None:
        titled = rows['feed_title'].is_valid().to_numpy()[order]
        for texts, name, mask in (
            (self.titles, 'feed_title', titled),
            (self.formats, 'format', document),
            (self.moved_to, 'moved_to', good),
            (self.faults, 'fault', document),
        ):
            place = polls.last_place(mask)
            some = np.flatnonzero(place >= 0)
            found = rows[name].take(pa.array(order[place[some]])).to_pylist()
            for number, text in zip(polls.feeds[some].tolist(), found, strict=True):
                _put(texts, number, text)

    def _add_reasons(
        self,
        faults: pa.ChunkedArray,
        reasons: list[Optional[str]],
        order: Numbers,
        polls: '_Day',
        good: Numbers,
    ) -> None:
        last = polls.ends - 1
        details = faults.take(pa.array(order[last])).to_pylist()
        for number, is_good, reason, detail in zip(
            polls.feeds.tolist(), good[last].tolist(), reasons, details, strict=True
        ):
            _put(self.failures, number, None if is_good else (reason or '', detail or ''))

    def _grow(self, size: int) -> None:
        for name, array in self.facts.items():
            more = np.full(size - len(array), NO_GAP if name == 'shortest_gap' else 0, np.int64)
            self.facts[name] = np.append(array, more)


class _Day:
    """A day's polls by feed and moment: those of ``feeds[n]`` are from ``starts[n]`` to ``ends[n]``."""

    def __init__(self, feed: Numbers, at: Numbers) -> None:
        self.feed, self.at = feed, at
        self.starts = np.flatnonzero(np.append(True, feed[1:] != feed[:-1]))
        self.ends = np.append(self.starts[1:], len(feed))
        self.feeds = feed[self.starts]

    def last_place(self, mask: Numbers) -> Numbers:
        """The place of each feed's last poll of the mask, or -1."""
        return np.maximum.reduceat(np.where(mask, np.arange(len(mask)), -1), self.starts)

    def last(self, mask: Numbers) -> Numbers:
        """The moment of each feed's last poll of the mask, or NEVER."""
        return np.maximum.reduceat(np.where(mask, self.at, NEVER), self.starts)

    def first(self, mask: Numbers) -> Numbers:
        """The moment of each feed's first poll of the mask, or NEVER."""
        found = np.minimum.reduceat(np.where(mask, self.at, NO_GAP), self.starts)
        return np.where(found == NO_GAP, NEVER, found)


def _read(lake: Lake, paths: Iterable[str]) -> list[pa.RecordBatch]:
    return [batch for path in paths for batch in column_batches(lake, 'polls', path, _COLUMNS, _CODED)]


def _encoded(codes: Codes, name: str, batches: list[pa.RecordBatch]) -> Numbers:
    # Batch by batch: a column that an old file lacks is no dictionary, and does not go with the others.
    return np.concatenate([codes.encode(batch[name]) for batch in batches])


def _numbers(column: pa.ChunkedArray) -> Numbers:
    return np.concatenate([numbers(chunk, 'i8') for chunk in column.chunks])


def _earlier(known: Numbers, found: Numbers) -> Numbers:
    return np.where(known == NEVER, found, known)


def _put(texts: dict[int, V], number: int, text: Optional[V]) -> None:
    if text is None:
        texts.pop(number, None)
    else:
        texts[number] = text
