"""The ledger of some days in memory, in 150 bytes a row: what became of each sighting, by id and by page."""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Optional

import numpy as np

from transforms.functions.lake import Lake
from transforms.functions.state.column_index import PairIndex
from transforms.functions.state.compact_columns import Numbers, id_pair, text_number, text_pair
from transforms.functions.state.ledger_columns import LedgerColumns, last_of_each


@dataclasses.dataclass(frozen=True)
class Known:
    """The last decision on a page: the ledger's columns of these names."""

    feed_url: Optional[str]
    feed_item_id: Optional[str]  # None when it is of another item than the one asked for
    article_id: Optional[str]
    row_id: Optional[str]
    article_date: Optional[str]
    article_outlet: Optional[str]
    disposition: str
    reason: Optional[str]
    transient: bool
    fingerprint: Optional[int]


class LedgerIndex:
    """The rows about items of some days of the ledger: the last attempt of each sighting, sorted by its id.

    Read once, then never changed: any thread may ask. The arrays have one element per sighting.
    """

    def __init__(self, lake: Lake, days: Iterable[tuple[str, list[str]]], since: str) -> None:
        columns = LedgerColumns(lake, days, since)
        self._columns = columns
        self.feeds, self.words = columns.feeds, columns.words  # what the numbers in the arrays stand for
        self.partitions = columns.partitions
        attempts, ids = columns.view('attempt'), columns.view('sighting_id')
        order = np.lexsort((attempts, ids[:, 1], ids[:, 0]))
        ids = columns.take('sighting_id', order)
        # Apart, since a search in every other number of an array would copy them first.
        self._high, self._low = ids[:, 0].copy(), ids[:, 1].copy()
        self._attempts = columns.take('attempt', order)
        self._is_last = last_of_each(ids)
        rows = order[self._is_last]
        del attempts, ids, order
        polls = columns.take('poll_id', rows)
        self._polls, self._poll_counts = np.unique(polls[polls != 0], return_counts=True)
        self.urls = columns.take('url_key', rows)
        self.items = columns.take('feed_item_id', rows)
        self.feed = columns.take('feed_url', rows)
        self.article_ids = columns.take('article_id', rows)
        self.row_ids = columns.take('row_id', rows)
        self.place = columns.take('place', rows)
        self.disposition = columns.take('disposition', rows)
        self.reason = columns.take('reason', rows)
        self.transient = columns.take('transient', rows)
        self.seen_at = columns.take('seen_at', rows)
        self.decided_at = columns.take('decided_at', rows)
        self.fingerprint = columns.take('fingerprint', rows)
        self.day = columns.take('day', rows)
        self._by_url = PairIndex(self.urls)
        self._by_article = PairIndex(self.article_ids)

    def is_decided(self, sighting_id: str, attempt: int) -> bool:
        """Whether there is a row of this attempt."""
        high, low = id_pair(sighting_id)
        start = int(np.searchsorted(self._high, np.uint64(high), 'left'))
        end = int(np.searchsorted(self._high, np.uint64(high), 'right'))
        return any(int(self._low[n]) == low and int(self._attempts[n]) == attempt for n in range(start, end))

    def sightings_of_poll(self, poll_id: str) -> int:
        """How many distinct items of a poll have rows.

        Polls are told apart by the first 64 bits of their ids: that any two of a million share them has a
        chance of 3e-8, and then both feeds are most likely read in full.
        """
        key = np.uint64(id_pair(poll_id)[0])
        at = int(np.searchsorted(self._polls, key))
        there = at < len(self._polls) and self._polls[at] == key
        return int(self._poll_counts[at]) if there else 0

    def page(self, url_key: str, item: tuple[str, str]) -> Optional[Known]:
        """The last decision on a page for this item (feed_url, item_id), else for any; written ones first."""
        rows = self._by_url.find(text_pair(url_key))
        if not rows:
            return None
        feed, number = self.feeds.find(item[0]), text_number(item[1])
        own = [row for row in rows if self.feed[row] == feed and int(self.items[row]) == number]
        row = max(own or rows, key=lambda n: (bool(self.row_ids[n].any()), int(self.decided_at[n])))
        date, outlet = self._partition(row)
        return Known(
            feed_url=self.feeds.word(self.feed[row]),
            feed_item_id=item[1] if own else None,
            article_id=self._columns.article_ids.text(self.article_ids[row]),
            row_id=self._columns.row_ids.text(self.row_ids[row]),
            article_date=date,
            article_outlet=outlet,
            disposition=self.words.words[self.disposition[row]],
            reason=self.words.word(self.reason[row]),
            transient=bool(self.transient[row]),
            fingerprint=int(self.fingerprint[row]) if self.fingerprint[row] >= 0 else None,
        )

    def article_partition(self, article_id: str) -> Optional[tuple[str, str]]:
        """The partition that the rows name for an article."""
        for row in self._by_article.find(id_pair(article_id)):
            date, outlet = self._partition(row)
            if date and outlet:
                return date, outlet
        return None

    def sightings(self, rows: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """The ids (high and low halves) and attempts of rows, given by their sorted numbers."""
        places = np.flatnonzero(self._is_last)[rows]
        return self._high[places], self._low[places], self._attempts[places]

    def by_day(self, rows: Numbers) -> Iterator[tuple[str, Numbers]]:
        """The rows, given by their sorted numbers, of each day, the earliest first."""
        codes = self.day[rows]
        for code in sorted(np.unique(codes).tolist(), key=lambda code: self._columns.days[code]):
            yield self._columns.days[code], rows[codes == code]

    def _partition(self, row: int) -> tuple[Optional[str], Optional[str]]:
        place = int(self.place[row])
        return (None, None) if place < 0 else self._columns.partition(place)
