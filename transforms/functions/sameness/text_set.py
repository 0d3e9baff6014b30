"""Texts as columns, in the order in which they were seen: those of the lake's last days and new ones."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schemas.staging import CommittedText
from transforms.functions.lake import Lake
from transforms.functions.sameness.signature_stack import SignatureStack
from transforms.functions.sameness.signatures import Signatures
from transforms.functions.state.lake_batches import column_batches

_COLUMNS = ('row_id', 'article_id', 'text_hash', 'first_seen_at', 'agency', 'signature')
_SCHEMA = pa.schema(
    {
        'row_id': pa.string(),
        'article_id': pa.string(),
        'text_hash': pa.string(),
        'first_seen_at': pa.int64(),
        'agency': pa.string(),
        'outlet': pa.string(),
    }
)
Rows = npt.NDArray[np.int64]
# Bytes of texts that a lake's memory keeps: some 80 000 articles. Those of further partitions are read each
# time.
_REMEMBERED = 64_000_000
# A compaction exchanges a partition's files once; three in a row while it is read do not happen.
_TRIES = 3


@dataclass(frozen=True)
class TextSet:
    """Texts, a row each, sorted by the moment they were first seen, then by article and row id."""

    columns: pa.Table  # row_id, article_id, text_hash, first_seen_at (microseconds), agency, outlet
    signatures: Signatures
    articles: Rows  # equal numbers: the same article
    _hashes: Rows  # equal numbers: the same text
    _by_hash: Rows  # rows sorted by those
    _sorted_hashes: Rows

    def __len__(self) -> int:
        return self.columns.num_rows

    def value(self, name: str, row: int) -> Any:
        """A value of ``columns``."""
        return self.columns[name][row].as_py()

    def same_text(self, row: int) -> Rows:
        """The rows that have the text of this one, in order, itself among them."""
        key = self._hashes[row]
        start = np.searchsorted(self._sorted_hashes, key)
        return self._by_hash[start : np.searchsorted(self._sorted_hashes, key, 'right')]

    def rows_of(self, row_ids: Iterable[str]) -> list[int]:
        """The rows that have these row ids, in order."""
        there = pc.is_in(self.columns['row_id'], value_set=pa.array(sorted(row_ids), pa.string()))
        return [int(row) for row in np.flatnonzero(there.to_numpy())]


def gather_texts(
    lake: Lake, partitions: Iterable[tuple[str, str]], seen_since: int, texts: Iterable[CommittedText]
) -> TextSet:
    """The texts given and those of the lake's partitions (date, outlet) that were first seen since a moment.

    A text that is in both is there once. Reads ids, times, agencies and signatures only; raises DamagedFile.
    """
    signatures = SignatureStack()
    tables = [_given(texts, signatures)]
    for partition in sorted(set(partitions)):
        tables += _read_partition(lake, partition, seen_since, signatures)
    columns = pa.concat_tables(tables)
    tables.clear()
    _, once = np.unique(_codes(columns['row_id']), return_index=True)
    order = pc.sort_indices(
        columns.take(pa.array(once)),
        sort_keys=[(name, 'ascending') for name in ('first_seen_at', 'article_id', 'row_id')],
    ).to_numpy()
    order = once[order]
    columns = columns.take(pa.array(order)).combine_chunks()
    hashes = _codes(columns['text_hash'])
    by_hash = np.argsort(hashes, kind='stable')
    return TextSet(
        columns,
        signatures.in_order(order),
        _codes(columns['article_id']),
        hashes,
        by_hash,
        hashes[by_hash],
    )


def _given(texts: Iterable[CommittedText], signatures: SignatureStack) -> pa.Table:
    rows = list(texts)
    signatures.add(Signatures.read(row.signature for row in rows))
    return pa.table([[getattr(row, name) for row in rows] for name in _SCHEMA.names], schema=_SCHEMA)


def _read_partition(
    lake: Lake, partition: tuple[str, str], seen_since: int, signatures: SignatureStack
) -> list[pa.Table]:
    if lake.memory is not None:
        held = _held(lake, partition, seen_since)
        if held is not None:
            signatures.add(held[1])
            return [held[0]]
    before = len(signatures)
    for left in reversed(range(_TRIES)):
        try:
            return [
                _seen_since(table, found, seen_since, signatures)
                for path in lake.files('articles', partition)
                for table, found in _read_pieces(lake, path, partition[1])
            ]
        except FileNotFoundError:
            signatures.cut(before)
            if not left:
                raise
    raise AssertionError('unreachable')


def _seen_since(table: pa.Table, found: Signatures, moment: int, signatures: SignatureStack) -> pa.Table:
    seen = pc.greater_equal(table['first_seen_at'], moment).to_numpy()
    signatures.add(found.chosen(seen))
    return table if seen.all() else table.filter(pa.array(seen))


class _Held:
    """The texts of a partition that a lake's memory keeps: those first seen since a moment."""

    def __init__(self, pieces: Sequence[tuple[pa.Table, Signatures]], since: int) -> None:
        # One allocation a column, not one for each of the partition's files.
        table = pa.concat_tables([_SCHEMA.empty_table(), *(table for table, _ in pieces)]).combine_chunks()
        self.since = since
        self._earliest = pc.min(table['first_seen_at']).as_py()
        self.rows = table, Signatures.joined(found for _, found in pieces)

    @property
    def bytes(self) -> int:
        table, found = self.rows
        return int(table.nbytes + found.slots.nbytes)

    def drop_before(self, moment: int) -> None:
        """Forgets texts first seen before a moment (microseconds UTC)."""
        if self._earliest is None or self._earliest >= moment:
            return
        table, found = self.rows
        seen = pc.greater_equal(table['first_seen_at'], moment).to_numpy()
        table = table.filter(pa.array(seen))
        self.rows, self.since = (table, found.chosen(seen)), moment
        self._earliest = pc.min(table['first_seen_at']).as_py()


def _held(lake: Lake, partition: tuple[str, str], seen_since: int) -> Optional[tuple[pa.Table, Signatures]]:
    """The partition's texts since a moment; None when what is kept does not go back so far."""

    def make(path: str) -> _Held:
        made = _Held(list(_read_pieces(lake, path, partition[1])), 0)
        made.drop_before(seen_since)
        return made

    def join(parts: list[_Held]) -> _Held:
        return _Held([part.rows for part in parts], max((part.since for part in parts), default=0))

    held = lake.gathered('texts', 'articles', partition, make, join, lambda one: one.bytes, _REMEMBERED)
    if held.since > seen_since:
        return None
    held.drop_before(seen_since)
    return held.rows


def _read_pieces(lake: Lake, path: str, outlet: str) -> Iterator[tuple[pa.Table, Signatures]]:
    for batch in column_batches(lake, 'articles', path, _COLUMNS):
        yield _piece(batch, outlet)


def _piece(batch: pa.RecordBatch, outlet: str) -> tuple[pa.Table, Signatures]:
    table = pa.Table.from_batches([batch])
    seen = table['first_seen_at'].cast(pa.int64())
    table = table.set_column(table.schema.get_field_index('first_seen_at'), 'first_seen_at', seen)
    signatures = Signatures.read(table['signature'].to_pylist())
    table = table.append_column('outlet', pa.repeat(outlet, table.num_rows))
    return table.select(_SCHEMA.names).cast(_SCHEMA), signatures


def _codes(column: pa.ChunkedArray) -> Rows:
    """Numbers that are equal where the values are."""
    encoded = column.combine_chunks().dictionary_encode()
    return np.asarray(encoded.indices.to_numpy(zero_copy_only=False), np.int64)
