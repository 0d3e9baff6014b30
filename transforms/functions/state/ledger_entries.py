"""Wide columns of chosen ledger rows, read back day by day."""

import functools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from transforms.functions.lake import GoneFile, Lake
from transforms.functions.state.compact_columns import Ids, Numbers, numbers
from transforms.functions.state.lake_batches import column_batches, read_day
from transforms.functions.state.ledger_index import LedgerIndex

# With an entry in every row, of about 1 KB and at most some KB, this many take a few MB.
_ROWS = 4_096
# As dicts they take twice that.
_GIVEN = 1_024
_TRIES = 5


def ledger_rows(
    lake: Lake, ledger: LedgerIndex, rows: Numbers, columns: Sequence[str]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The columns of rows of the index, with their numbers: the earliest day first, then by sighting id.

    Memory: the chosen rows of a day. A row that the lake no longer holds is left out.
    """
    for day, some in ledger.by_day(np.sort(rows)):
        work = functools.partial(_read, lake, ledger, some, columns)
        found = read_day(lake, 'ledger', day, work)
        for number in sorted(found):
            yield number, found[number]


def ledger_rows_as_read(
    lake: Lake, ledger: LedgerIndex, rows: Numbers, columns: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """The columns of rows of the index: the earliest day first, within a day as its files hold them.

    Memory: a thousand rows, and a byte per row of the index, however many are chosen. A row that the lake no
    longer holds is left out.
    """
    given = np.zeros(len(ledger.day), bool)
    for day, some in ledger.by_day(np.sort(rows)):
        for left in reversed(range(_TRIES)):
            try:
                paths = lake.files('ledger', (day,))
                for found, batch in _matches(lake, ledger, paths, some, columns, _GIVEN):
                    new = ~given[found]
                    given[found] = True
                    yield from batch.select(columns).filter(pa.array(new)).to_pylist()
                break
            except FileNotFoundError as error:  # a compaction has exchanged the day's files
                if not left:
                    raise GoneFile(f'{error.filename}: is exchanged faster than it can be read') from error


def with_entry(lake: Lake, ledger: LedgerIndex, rows: Numbers) -> Numbers:
    """Which of the rows of the index keep their feed entry."""
    kept = np.zeros(len(ledger.day), bool)
    for day, some in ledger.by_day(np.sort(rows)):
        kept[read_day(lake, 'ledger', day, functools.partial(_kept, lake, ledger, some))] = True
    return kept[rows]


def _read(
    lake: Lake, ledger: LedgerIndex, rows: Numbers, columns: Sequence[str], paths: list[str]
) -> dict[int, dict[str, Any]]:
    return {
        number: row
        for found, batch in _matches(lake, ledger, paths, rows, columns)
        for number, row in zip(found.tolist(), batch.select(columns).to_pylist(), strict=True)
    }


def _kept(lake: Lake, ledger: LedgerIndex, rows: Numbers, paths: list[str]) -> list[int]:
    return [
        number
        for found, batch in _matches(lake, ledger, paths, rows, ('entry',))
        for number in found[batch['entry'].is_valid().to_numpy(zero_copy_only=False)].tolist()
    ]


def _matches(
    lake: Lake,
    ledger: LedgerIndex,
    paths: list[str],
    rows: Numbers,
    columns: Sequence[str],
    at_once: int = _ROWS,
) -> Iterator[tuple[Numbers, pa.RecordBatch]]:
    """The files' rows that are among the given ones, with their numbers."""
    high, low, attempts = ledger.sightings(rows)
    # Sightings that share the first half of their ids stand side by side: all but never more than one.
    most = int(np.unique(high, return_counts=True)[1].max())
    encode = Ids(remember=False).encode
    read = list(dict.fromkeys(('sighting_id', 'attempt', *columns)))
    for path in paths:
        for batch in column_batches(lake, 'ledger', path, read, rows=at_once):
            pairs, tried = encode(batch['sighting_id']), numbers(batch['attempt'], 'i2')
            first = np.searchsorted(high, pairs[:, 0], 'left')
            for shift in range(most):
                at = np.minimum(first + shift, len(high) - 1)
                same = (high[at] == pairs[:, 0]) & (low[at] == pairs[:, 1]) & (attempts[at] == tried)
                if same.any():
                    yield rows[at[same]], batch.filter(pa.array(same))
