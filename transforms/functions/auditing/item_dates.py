"""How new the items of each feed are, from the ledger, and how many have no date, from the articles."""

import datetime
from collections.abc import Callable, Iterator
from functools import partial
from typing import Optional

import numpy as np
import pyarrow as pa

from schemas.vocabulary import DateFrom
from transforms.functions.lake import Lake
from transforms.functions.state.compact_columns import Codes
from transforms.functions.state.lake_batches import column_batches, days_of, read_day

# Is told a table, how many of its days are done, and how many there are.
Count = Callable[[str, int, int], None]


def newest_days(lake: Lake, since: str, tell: Optional[Count] = None) -> dict[str, int]:
    """The newest date of the articles of each feed, by its URL, as days since 1970-01-01.

    It is the date partition of the articles that ledger rows since the day ``since`` name: an article without
    a date counts as of the day on which it was first seen. Raises DamagedFile.
    """
    feeds, dates = Codes(), Codes()
    newest = np.zeros(0, np.int64)
    for batch in _batches(lake, 'ledger', ('feed_url', 'article_date'), since, tell):
        feed, date = feeds.encode(batch['feed_url']), dates.encode(batch['article_date'])
        newest = np.append(newest, np.full(len(feeds.words) - len(newest), -1, np.int64))
        ordinals = np.array([*map(_ordinal, dates.words), -1], np.int64)  # the last one stands for null
        there = feed >= 0
        np.maximum.at(newest, feed[there], ordinals[date[there]])
    return {url: int(day) for url, day in zip(feeds.words, newest, strict=True) if day >= 0}


def undated_counts(lake: Lake, since: str, tell: Optional[Count] = None) -> dict[str, tuple[int, int]]:
    """How many article versions of each feed have no date of their own, and how many there are in all.

    Counted are those in partitions since the day ``since``. Raises DamagedFile.
    """
    feeds, kinds = Codes(), Codes()
    undated, total = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for batch in _batches(lake, 'articles', ('feed_url', 'date_from'), since, tell):
        feed, kind = feeds.encode(batch['feed_url']), kinds.encode(batch['date_from'])
        more = np.zeros(len(feeds.words) - len(total), np.int64)
        undated, total = np.append(undated, more), np.append(total, more)
        there = feed >= 0
        first_seen = there & (kind == kinds.find(DateFrom.FIRST_SEEN.value))
        undated += np.bincount(feed[first_seen], minlength=len(total))
        total += np.bincount(feed[there], minlength=len(total))
    counts = zip(undated.tolist(), total.tolist(), strict=True)
    return dict(zip(feeds.words, counts, strict=True))


def _batches(
    lake: Lake, table: str, columns: tuple[str, ...], since: str, tell: Optional[Count]
) -> Iterator[pa.RecordBatch]:
    """The table's rows since a day, a day of these columns in memory at a time."""
    days = [(day, paths) for day, paths in days_of(lake, table).items() if day >= since]
    for number, (day, paths) in enumerate(days):
        yield from read_day(lake, table, day, partial(_read, lake, table, columns), paths)
        if tell is not None:
            tell(table, number + 1, len(days))


def _read(lake: Lake, table: str, columns: tuple[str, ...], paths: list[str]) -> list[pa.RecordBatch]:
    return [batch for path in paths for batch in column_batches(lake, table, path, columns, columns)]


def _ordinal(day: str) -> int:
    """A day as days since 1970-01-01; -1 for what is none."""
    try:
        return (datetime.date.fromisoformat(day) - datetime.date(1970, 1, 1)).days
    except ValueError:
        return -1
