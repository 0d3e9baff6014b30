"""Columns of the ledger, read file by file into arrays of numbers."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.vocabulary import Disposition, Subject
from transforms.functions.lake import Lake
from transforms.functions.state.compact_columns import (
    Codes,
    Growing,
    Ids,
    Numbers,
    numbers,
    text_numbers,
    text_pairs,
)
from transforms.functions.state.lake_batches import column_batches, read_day

_CODED = ('subject', 'feed_url', 'article_date', 'article_outlet', 'disposition', 'reason')
_COLUMNS = (
    *_CODED, 'sighting_id', 'attempt', 'poll_id', 'feed_item_id', 'url_key', 'article_id', 'row_id',
    'transient', 'seen_at', 'decided_at', 'fingerprint',
)  # fmt: skip
_NO_PLACE = np.int64(-1)
# Rows added one after the other; ids and URLs take two numbers each.
_KINDS = {
    'attempt': 'i2', 'feed_item_id': 'u8', 'feed_url': 'i4', 'place': 'i8', 'disposition': 'i2',
    'reason': 'i2', 'transient': '?', 'seen_at': 'i8', 'decided_at': 'i8', 'fingerprint': 'i8',
    'day': 'i2', 'poll_id': 'u8',
}  # fmt: skip
_PAIRS = ('sighting_id', 'url_key', 'article_id', 'row_id')


class LedgerColumns:
    """The rows about items of some days, in the order of their files: numbers by the ledger's column names.

    ``place`` is an article's date and outlet: codes in the upper and lower 32 bits, -1 where there are none.
    ``day`` is the partition, a place in ``days``; ``fingerprint`` is -1 where there is none.
    ``partitions`` are the dates and outlets of all articles that rows of days since ``since`` name.
    """

    def __init__(self, lake: Lake, days: Iterable[tuple[str, list[str]]], since: str) -> None:
        self.feeds, self.words, self.dates, self.outlets = Codes(), Codes(), Codes(), Codes()
        self.article_ids, self.row_ids = Ids(), Ids()
        self._sighting_ids, self._poll_ids = Ids(remember=False), Ids(remember=False)
        self._subjects = Codes()
        self.days: list[str] = []
        self._columns = {name: Growing(kind) for name, kind in _KINDS.items()}
        self._columns |= {name: Growing('u8', 2) for name in _PAIRS}
        places: set[int] = set()
        for day, paths in days:
            found = self._add_day(lake, day, paths)
            if day >= since:
                places |= found
        self.partitions = frozenset(self.partition(place) for place in places)

    def view(self, name: str) -> Numbers:
        """A column."""
        return self._columns[name].view()

    def take(self, name: str, rows: Numbers) -> Numbers:
        """Some rows of a column, whose memory is then given back."""
        return self._columns[name].take(rows)

    def partition(self, place: int) -> tuple[str, str]:
        """The date and outlet of a place that is not -1."""
        return self.dates.words[place >> 32], self.outlets.words[place & 0xFFFFFFFF]

    def _add_day(self, lake: Lake, day: str, paths: list[str]) -> set[int]:
        self.days.append(day)
        before = len(self.view('day'))

        def read(files: list[str]) -> set[int]:
            for column in self._columns.values():
                column.cut(before)
            places: set[int] = set()
            for path in files:
                for batch in column_batches(lake, 'ledger', path, _COLUMNS, _CODED):
                    places |= self._add(batch, len(self.days) - 1)
            return places

        return read_day(lake, 'ledger', day, read, paths)

    def _add(self, batch: pa.RecordBatch, day: int) -> set[int]:
        item = self._subjects
        keep = item.encode(batch['subject']) == item.find(Subject.ITEM.value)
        if not keep.all():
            batch = batch.filter(pa.array(keep))
        add = self._store
        add('sighting_id', self._sighting_ids.encode(batch['sighting_id']))
        add('attempt', numbers(batch['attempt'], 'i2'))
        # Failures without an item stand for rows that were lost with a damaged file: they count for no poll.
        # (What was forgotten on request has no item either, but is rejected.)
        polls = self._poll_ids.encode(batch['poll_id'])[:, 0]
        disposition = self.words.encode(batch['disposition'])
        no_item = batch['feed_item_id'].is_null().to_numpy(zero_copy_only=False)
        lost = no_item & (disposition == self.words.find(Disposition.FAILED.value))
        add('poll_id', np.where(lost, np.uint64(0), polls))
        add('feed_item_id', text_numbers(batch['feed_item_id']))
        add('feed_url', self.feeds.encode(batch['feed_url']))
        add('url_key', text_pairs(batch['url_key']))
        add('article_id', self.article_ids.encode(batch['article_id']))
        add('row_id', self.row_ids.encode(batch['row_id']))
        date = self.dates.encode(batch['article_date']).astype('i8')
        outlet = self.outlets.encode(batch['article_outlet']).astype('i8')
        place = np.where((date >= 0) & (outlet >= 0), (date << 32) | outlet, _NO_PLACE)
        add('place', place)
        add('disposition', disposition)
        add('reason', self.words.encode(batch['reason']))
        add('transient', numbers(batch['transient'], '?'))
        add('seen_at', numbers(batch['seen_at'], 'i8'))
        add('decided_at', numbers(batch['decided_at'], 'i8'))
        fingerprints = numbers(batch['fingerprint'], 'u8', 2**64 - 1).view('i8')  # hashes have 63 bits
        add('fingerprint', fingerprints)
        add('day', np.full(batch.num_rows, day, 'i2'))
        return set(np.unique(place[place >= 0]).tolist())

    def _store(self, name: str, values: Numbers) -> None:
        self._columns[name].add(values)


def last_of_each(ids: Numbers) -> Numbers:
    """Whether each of the sorted pairs is the last one of its kind."""
    ends = np.ones(len(ids), bool)
    ends[:-1] = (ids[1:] != ids[:-1]).any(axis=1)
    return ends


def waits(lake: Lake, paths: Iterable[str]) -> bool:
    """Whether an item waits in a day's files: the last attempt of its sighting is transient."""
    tried = Growing('u8', 2)
    attempts, transient = Growing('i2'), Growing('?')
    ids = Ids(remember=False)
    for path in paths:
        for batch in column_batches(lake, 'ledger', path, ('sighting_id', 'attempt', 'transient', 'subject')):
            later = pc.or_(batch['transient'], pc.greater(batch['attempt'], 0))
            chosen = batch.filter(pc.and_(later, pc.equal(batch['subject'], Subject.ITEM.value)))
            tried.add(ids.encode(chosen['sighting_id']))
            attempts.add(numbers(chosen['attempt'], 'i2'))
            transient.add(numbers(chosen['transient'], '?'))
    pairs = tried.view()
    order = np.lexsort((attempts.view(), pairs[:, 1], pairs[:, 0]))
    last = order[last_of_each(pairs[order])]
    return bool(transient.view()[last].any())
