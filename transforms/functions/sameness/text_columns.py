"""What is kept of texts beside their signatures, in arrays: 48 bytes of ids, 16 of times and words a text."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.functions.sameness.signature_stack import SignatureStack
from transforms.functions.sameness.signatures import Signatures
from transforms.functions.state.compact_columns import Codes, Growing, Ids, Numbers, numbers

# What is read of each text, and of what type.
SCHEMA = pa.schema(
    {
        'row_id': pa.string(),
        'article_id': pa.string(),
        'text_hash': pa.string(),
        'first_seen_at': pa.int64(),
        'agency': pa.string(),
        'outlet': pa.string(),
    }
)


class Words:
    """What the numbers of ``Texts`` stand for."""

    def __init__(self) -> None:
        self.ids = Ids()
        self.names = Codes()  # agencies and outlets


@dataclass(frozen=True)
class Texts:
    """Texts, a row each."""

    signatures: Signatures
    row_ids: Numbers  # (n, 2), as those of articles and the hashes of texts
    article_ids: Numbers
    text_hashes: Numbers
    seen_at: Numbers  # microseconds UTC
    agencies: Numbers  # codes, -1 for none
    outlets: Numbers

    @classmethod
    def of(cls, table: pa.Table, signatures: Signatures, words: Words) -> 'Texts':
        """The rows of a table with the columns of ``SCHEMA``."""
        columns = [table[name].combine_chunks() for name in SCHEMA.names]
        ids, names = map(words.ids.encode, columns[:3]), map(words.names.encode, columns[4:])
        return cls(signatures, *ids, *[numbers(columns[3], 'i8'), *names])

    @classmethod
    def joined(cls, parts: Sequence['Texts']) -> 'Texts':
        """The rows of all, of one at least, one after the other: one allocation a column, not one a part."""
        columns = zip(*(part.columns() for part in parts), strict=True)
        signatures = Signatures.joined(part.signatures for part in parts)
        return cls(signatures, *[np.concatenate(some) for some in columns])

    def since(self, moment: int) -> 'Texts':
        """Those first seen at a moment or later; these themselves when all were."""
        which = self.seen_at >= moment
        if which.all():
            return self
        return Texts(self.signatures.chosen(which), *[column[which] for column in self.columns()])

    def columns(self) -> list[Numbers]:
        """All but the signatures."""
        return [
            self.row_ids,
            self.article_ids,
            self.text_hashes,
            self.seen_at,
            self.agencies,
            self.outlets,
        ]

    @property
    def nbytes(self) -> int:
        """The memory that these take."""
        return sum(column.nbytes for column in self.columns()) + self.signatures.slots.nbytes

    def __len__(self) -> int:
        return len(self.seen_at)


class TextStack:
    """Texts added one after the other and put into their order in the end."""

    def __init__(self) -> None:
        self._signatures = SignatureStack()
        self._columns = [Growing('u8', 2) for _ in range(3)] + [Growing(kind) for kind in ('i8', 'i4', 'i4')]

    def __len__(self) -> int:
        return len(self._signatures)

    def add(self, texts: Texts) -> None:
        """Adds texts at the end."""
        for column, values in zip(self._columns, texts.columns(), strict=True):
            column.add(values)
        self._signatures.add(texts.signatures)

    def cut(self, length: int) -> None:
        """Forgets what was added after the first ``length`` rows."""
        for column in self._columns:
            column.cut(length)
        self._signatures.cut(length)

    def sorted(self) -> Texts:
        """The texts by the moment they were first seen, then by article and row id; the stack's last use.

        Of those with one row id the one that was added first.
        """
        row_ids, article_ids, _, seen_at, *_ = (column.view() for column in self._columns)
        once = np.sort(first_of_each(row_ids))
        # lexsort: the last key comes first.
        keys = [ids[once, half] for ids in (row_ids, article_ids) for half in (1, 0)]
        order = once[np.lexsort((*keys, seen_at[once]))]
        del row_ids, article_ids, seen_at, keys, once
        columns = [column.take(order) for column in self._columns]
        return Texts(self._signatures.in_order(order), *columns)


def numbered(pairs: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """For each row a number (int32) that equal pairs share, the rows by that number, and where each begins.

    Rows of one number are in order. The last of the beginnings is the end of all.
    """
    order, new = _in_order(pairs)
    codes = np.empty(len(pairs), np.int32)
    codes[order] = np.cumsum(new, dtype=np.int32) - 1
    begins = np.append(np.flatnonzero(new), len(pairs)).astype(np.int32)
    return codes, order.astype(np.int32), begins


def first_of_each(pairs: Numbers) -> npt.NDArray[np.int64]:
    """The first row of each pair that there is."""
    order, new = _in_order(pairs)
    return order[new]


def _in_order(pairs: Numbers) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Rows by their pairs, and then by their place; and which of these differ from the one before."""
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    new = np.ones(len(pairs), np.bool_)
    new[1:] = (pairs[order[1:]] != pairs[order[:-1]]).any(axis=1)
    return order, new
