"""Finding the texts that a text shares most of its words with, by signature, among 100 000 others.

Memory is 0.9 KB a text: 576 bytes of signature, 180 to 340 of index. Work per search is bounded, however many
texts are alike.
"""

from dataclasses import dataclass
from typing import Optional

import numpy as np
import numpy.typing as npt

from transforms.functions.sameness.band_index import BandIndex
from transforms.functions.sameness.signatures import PAIR_SLOTS, WORD_SLOTS, Signatures

Rows = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]

# Near duplicates: the least Jaccard similarity of the words, of the pairs, and of both together; for texts in
# words, and for texts in strings of characters, where an edited word takes its neighbours along.
# `python -m benchmarks.duplicates` shows what they let through.
_LEAST_WORDS = np.array([0.56, 0.46])
_LEAST_PAIRS = np.array([0.33, 0.31])
_LEAST_BOTH = np.array([0.98, 0.84])
# A copy that was cut: the least share of the shorter text that is in the longer one, by its pairs and by its
# words. Below the least similarity the estimate says nothing; short texts are contained by chance.
_LEAST_PAIRS_WITHIN = 0.6
_LEAST_WORDS_WITHIN = 0.75
_LEAST_PAIRS_FOR_WITHIN = 0.15
_LEAST_SIZE_FOR_WITHIN = 60


@dataclass(frozen=True)
class Found:
    """Texts that are like one text, in the order of their rows."""

    rows: Rows
    shares: Shares  # estimated share of the words in common, 0 to 1: twice the common ones over all
    near: npt.NDArray[np.bool_]  # whether they are near duplicates; else one is a part of the other


class SimilarTexts:
    """Searches signatures whose rows are in the order in which the texts were seen, the earliest first."""

    def __init__(self, signatures: Signatures) -> None:
        self._signatures = signatures
        self._index = BandIndex(signatures)

    def like(self, row: int) -> Found:
        """The near duplicates of a text, and those that are a part of it or that it is a part of."""
        if not self._signatures.sizes[row]:
            return Found(np.empty(0, np.int64), np.empty(0), np.empty(0, np.bool_))
        rows = self._index.candidates(row)
        words, pairs = compare(self._signatures, row, rows)
        sizes, kinds = self._signatures.sizes, self._signatures.of_characters.astype(np.int64)
        kind = kinds[row]
        near = (words >= _LEAST_WORDS[kind]) & (pairs >= _LEAST_PAIRS[kind])
        near &= words + pairs >= _LEAST_BOTH[kind]
        shorter = np.minimum(sizes[rows], sizes[row])
        both = sizes[rows] + sizes[row]
        within = (
            (shorter >= _LEAST_SIZE_FOR_WITHIN)
            & (pairs >= _LEAST_PAIRS_FOR_WITHIN)
            & (pairs / (1 + pairs) * both >= _LEAST_PAIRS_WITHIN * shorter)
            & (words / (1 + words) * both >= _LEAST_WORDS_WITHIN * shorter)
        )
        keep = (near | within) & (kinds[rows] == kind)
        return Found(rows[keep], 2 * words[keep] / (1 + words[keep]), near[keep])

    def shares(self, row: int, rows: Rows) -> list[Optional[float]]:
        """The estimated share of its words that a text has in common with others; None where unknown."""
        words, _ = compare(self._signatures, row, rows)
        sizes, kinds = self._signatures.sizes, self._signatures.of_characters
        known = (sizes[rows] > 0) & (sizes[row] > 0) & (kinds[rows] == kinds[row])
        return [float(2 * w / (1 + w)) if k else None for w, k in zip(words, known, strict=True)]


def compare(signatures: Signatures, row: int, rows: Rows) -> tuple[Shares, Shares]:
    """The estimated Jaccard similarities of one text with others: of the words, and of their pairs."""
    equal = signatures.slots[rows] == signatures.slots[row]
    words = np.count_nonzero(equal[:, :WORD_SLOTS], axis=1) / WORD_SLOTS
    pairs = np.count_nonzero(equal[:, WORD_SLOTS:], axis=1) / PAIR_SLOTS
    return words, pairs
