"""Columns of the ledger, read file by file into arrays of numbers."""

import functools
from collections.abc import Iterable, Iterator

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


class LedgerCodes:
    """What the numbers in the ledger's columns stand for. It only grows: kept columns refer to it."""

    def __init__(self) -> None:
        self.feeds, self.words, self.dates, self.outlets = Codes(), Codes(), Codes(), Codes()
        self.article_ids, self.row_ids = Ids(), Ids()
        self.sighting_ids, self.poll_ids = Ids(remember=False), Ids(remember=False)
        self.subjects = Codes()

    def encode(self, batch: pa.RecordBatch) -> dict[str, Numbers]:
        """The rows about items as numbers, by column; ``day`` is not among them."""
        item = self.subjects
        keep = item.encode(batch['subject']) == item.find(Subject.ITEM.value)
        if not keep.all():
            batch = batch.filter(pa.array(keep))
        # Failures without an item stand for rows that were lost with a damaged file: they count for no poll.
        # (What was forgotten on request has no item either, but is rejected.)
        polls = self.poll_ids.encode(batch['poll_id'])[:, 0]
        disposition = self.words.encode(batch['disposition'])
        no_item = batch['feed_item_id'].is_null().to_numpy(zero_copy_only=False)
        lost = no_item & (disposition == self.words.find(Disposition.FAILED.value))
        date = self.dates.encode(batch['article_date']).astype('i8')
        outlet = self.outlets.encode(batch['article_outlet']).astype('i8')
        return {
            'sighting_id': self.sighting_ids.encode(batch['sighting_id']),
            'attempt': numbers(batch['attempt'], 'i2'),
            'poll_id': np.where(lost, np.uint64(0), polls),
            'feed_item_id': text_numbers(batch['feed_item_id']),
            'feed_url': self.feeds.encode(batch['feed_url']),
            'url_key': text_pairs(batch['url_key']),
            'article_id': self.article_ids.encode(batch['article_id']),
            'row_id': self.row_ids.encode(batch['row_id']),
            'place': np.where((date >= 0) & (outlet >= 0), (date << 32) | outlet, _NO_PLACE),
            'disposition': disposition,
            'reason': self.words.encode(batch['reason']),
            'transient': numbers(batch['transient'], '?'),
            'seen_at': numbers(batch['seen_at'], 'i8'),
            'decided_at': numbers(batch['decided_at'], 'i8'),
            # Hashes have 63 bits.
            'fingerprint': numbers(batch['fingerprint'], 'u8', 2**64 - 1).view('i8'),
        }


class LedgerColumns:
    """The rows about items of some days, in the order of their files: numbers by the ledger's column names.

    ``place`` is an article's date and outlet: codes in the upper and lower 32 bits, -1 where there are none.
    ``day`` is the partition, a place in ``days``; ``fingerprint`` is -1 where there is none.
    ``partitions`` are the dates and outlets of all articles that rows of days since ``since`` name.
    """

    def __init__(self, lake: Lake, days: Iterable[tuple[str, list[str]]], since: str) -> None:
        self._codes = lake.memory.shared('ledger', LedgerCodes) if lake.memory else LedgerCodes()
        self.feeds, self.words = self._codes.feeds, self._codes.words
        self.article_ids, self.row_ids = self._codes.article_ids, self._codes.row_ids
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
        return self._codes.dates.words[place >> 32], self._codes.outlets.words[place & 0xFFFFFFFF]

    def _add_day(self, lake: Lake, day: str, paths: list[str]) -> set[int]:
        self.days.append(day)
        before = len(self.view('day'))
        if lake.memory is not None:
            make = functools.partial(self._file, lake)
            held: list[dict[str, Numbers]] = lake.gathered('ledger', 'ledger', (day,), make, _joined)
            return self._add_all(held)

        def read(files: list[str]) -> set[int]:
            for column in self._columns.values():
                column.cut(before)
            return self._add_all(columns for path in files for columns in self._batches(lake, path))

        return read_day(lake, 'ledger', day, read, paths)

    def _file(self, lake: Lake, path: str) -> list[dict[str, Numbers]]:
        return _joined([list(self._batches(lake, path))])

    def _batches(self, lake: Lake, path: str) -> Iterator[dict[str, Numbers]]:
        for batch in column_batches(lake, 'ledger', path, _COLUMNS, _CODED):
            yield self._codes.encode(batch)

    def _add_all(self, batches: Iterable[dict[str, Numbers]]) -> set[int]:
        """Adds rows of the last of the days; gives the places that they name."""
        places: set[int] = set()
        for columns in batches:
            for name, values in columns.items():
                self._columns[name].add(values)
            self._columns['day'].add(np.full(len(columns['attempt']), len(self.days) - 1, 'i2'))
            place = columns['place']
            places.update(np.unique(place[place >= 0]).tolist())
        return places


def _joined(parts: list[list[dict[str, Numbers]]]) -> list[dict[str, Numbers]]:
    """The columns of all parts as one array each; nothing where there is none."""
    batches = [batch for part in parts for batch in part]
    if len(batches) < 2:
        return batches
    return [{name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}]


def last_of_each(ids: Numbers) -> Numbers:
    """Whether each of the sorted pairs is the last one of its kind."""
    ends = np.ones(len(ids), bool)
    ends[:-1] = (ids[1:] != ids[:-1]).any(axis=1)
    return ends


def waits(lake: Lake, paths: Iterable[str]) -> bool:
    """Whether an item waits in a day's files: the last attempt of its sighting is transient."""
    tried = Growing('u8', 2)
    attempts, transient = Growing('i2'), Growing('?')
    for path in paths:
        found = lake.remembered('waits', path, functools.partial(_tried, lake, path))
        for column, values in zip((tried, attempts, transient), found, strict=True):
            column.add(values)
    pairs = tried.view()
    order = np.lexsort((attempts.view(), pairs[:, 1], pairs[:, 0]))
    last = order[last_of_each(pairs[order])]
    return bool(transient.view()[last].any())


def _tried(lake: Lake, path: str) -> tuple[Numbers, Numbers, Numbers]:
    """Ids, attempts and whether they are transient, of a file's rows that wait or are a further attempt."""
    columns: tuple[list[Numbers], ...] = ([np.zeros((0, 2), 'u8')], [np.zeros(0, 'i2')], [np.zeros(0, '?')])
    ids = Ids(remember=False)
    for batch in column_batches(lake, 'ledger', path, ('sighting_id', 'attempt', 'transient', 'subject')):
        later = pc.or_(batch['transient'], pc.greater(batch['attempt'], 0))
        chosen = batch.filter(pc.and_(later, pc.equal(batch['subject'], Subject.ITEM.value)))
        columns[0].append(ids.encode(chosen['sighting_id']))
        columns[1].append(numbers(chosen['attempt'], 'i2'))
        columns[2].append(numbers(chosen['transient'], '?'))
    tried, attempts, transient = map(np.concatenate, columns)
    return tried, attempts, transient
