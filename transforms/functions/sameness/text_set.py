"""Texts in the order in which they were seen: those of the lake's last days and new ones."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Optional

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas.staging import CommittedText
from transforms.functions.lake import Lake
from transforms.functions.sameness.signatures import Signatures
from transforms.functions.sameness.text_columns import SCHEMA, Texts, TextStack, Words, numbered
from transforms.functions.state.compact_columns import Numbers, id_pair
from transforms.functions.state.lake_batches import column_batches

_COLUMNS = ('row_id', 'article_id', 'text_hash', 'first_seen_at', 'agency', 'signature')
# Rows that are decoded at a time: with their signatures 0.7 MB, and as much again while they are turned.
_BATCH_ROWS = 1024
Rows = npt.NDArray[np.int64]
# Bytes of texts that a lake's memory keeps: some 90 000 articles. Those of further partitions are read each
# time.
_REMEMBERED = 64_000_000
# A compaction exchanges a partition's files once; three in a row while it is read do not happen.
_TRIES = 3


class TextSet:
    """Texts, a row each, sorted by the moment they were first seen, then by article and row id."""

    def __init__(self, stack: TextStack, words: Words) -> None:
        """Takes the stack's texts: its last use."""
        texts = stack.sorted()
        self._words = words
        self._row_ids, self._article_ids = texts.row_ids, texts.article_ids
        self._agencies, self._outlets = texts.agencies, texts.outlets
        self._hashes, self._by_hash, self._begins = numbered(texts.text_hashes)
        self.signatures = texts.signatures
        self.articles: Numbers = numbered(texts.article_ids)[0]  # equal numbers: the same article

    def __len__(self) -> int:
        return len(self.articles)

    def row_id(self, row: int) -> str:
        """The id of the row's article version."""
        return self._words.ids.text(self._row_ids[row]) or ''

    def article_id(self, row: int) -> str:
        """The id of the row's article."""
        return self._words.ids.text(self._article_ids[row]) or ''

    def agency(self, row: int) -> str:
        """The id of the agency that the row's text names, '' for none."""
        return self._words.names.word(self._agencies[row]) or ''

    def outlet(self, row: int) -> str:
        """The id of the outlet that the row's text was in, '' for none."""
        return self._words.names.word(self._outlets[row]) or ''

    def same_text(self, row: int) -> Rows:
        """The rows that have the text of this one, in order, itself among them."""
        start, end = self._begins[self._hashes[row] :][:2]
        return self._by_hash[start:end].astype(np.int64)

    def rows_of(self, row_ids: Iterable[str]) -> list[int]:
        """The rows that have these row ids, in order."""
        wanted = {id_pair(row_id) for row_id in row_ids}
        first_halves = np.array([pair[0] for pair in wanted], np.uint64)
        maybe = np.flatnonzero(np.isin(self._row_ids[:, 0], first_halves))
        return [row for row in maybe.tolist() if tuple(self._row_ids[row].tolist()) in wanted]


def gather_texts(
    lake: Lake, partitions: Iterable[tuple[str, str]], seen_since: int, texts: Iterable[CommittedText]
) -> TextSet:
    """The texts given and those of the lake's partitions (date, outlet) that were first seen since a moment.

    A text that is in both is there once. Reads ids, times, agencies and signatures only; raises DamagedFile.
    """
    words = lake.memory.shared('texts', Words) if lake.memory else Words()
    stack = TextStack()
    stack.add(_given(list(texts), words))
    for partition in sorted(set(partitions)):
        _read_partition(lake, partition, seen_since, stack, words)
    return TextSet(stack, words)


def _given(rows: list[CommittedText], words: Words) -> Texts:
    table = pa.table([[getattr(row, name) for row in rows] for name in SCHEMA.names], schema=SCHEMA)
    return Texts.of(table, Signatures.read(row.signature for row in rows), words)


def _read_partition(
    lake: Lake, partition: tuple[str, str], seen_since: int, stack: TextStack, words: Words
) -> None:
    if lake.memory is not None:
        held = _held(lake, partition, seen_since, words)
        if held is not None:
            stack.add(held)
            return
    before = len(stack)
    for left in reversed(range(_TRIES)):
        try:
            for path in lake.files('articles', partition):
                for piece in _read_pieces(lake, path, partition[1], words):
                    stack.add(piece.since(seen_since))
            return
        except FileNotFoundError:
            stack.cut(before)
            if not left:
                raise


class _Held:
    """The texts of a partition that a lake's memory keeps: those first seen since a moment."""

    def __init__(self, texts: Texts, since: int) -> None:
        self.texts, self.since = texts, since

    @property
    def bytes(self) -> int:
        return self.texts.nbytes

    def drop_before(self, moment: int) -> None:
        """Forgets texts first seen before a moment (microseconds UTC)."""
        if len(self.texts) and self.texts.seen_at.min() < moment:
            self.texts, self.since = self.texts.since(moment), moment


def _held(lake: Lake, partition: tuple[str, str], seen_since: int, words: Words) -> Optional[Texts]:
    """The partition's texts since a moment; None when what is kept does not go back so far."""

    def make(path: str) -> _Held:
        made = _Held(_joined(list(_read_pieces(lake, path, partition[1], words)), words), 0)
        made.drop_before(seen_since)
        return made

    def join(parts: list[_Held]) -> _Held:
        texts = _joined([part.texts for part in parts], words)
        return _Held(texts, max((part.since for part in parts), default=0))

    held = lake.gathered('texts', 'articles', partition, make, join, lambda one: one.bytes, _REMEMBERED)
    if held.since > seen_since:
        return None
    held.drop_before(seen_since)
    return held.texts


def _joined(parts: Sequence[Texts], words: Words) -> Texts:
    return Texts.joined(parts) if parts else Texts.of(SCHEMA.empty_table(), Signatures.read(()), words)


def _read_pieces(lake: Lake, path: str, outlet: str, words: Words) -> Iterator[Texts]:
    for batch in column_batches(lake, 'articles', path, _COLUMNS, rows=_BATCH_ROWS):
        table = pa.Table.from_batches([batch])
        signatures = Signatures.read(table['signature'].to_pylist())
        table = table.append_column('outlet', pa.repeat(outlet, table.num_rows))
        yield Texts.of(table.select(SCHEMA.names), signatures, words)
