"""Finding rows by a value, in 12 bytes a row."""

import numpy as np

from transforms.functions.state.compact_columns import Numbers


class PairIndex:
    """Row numbers by the pairs of 64-bit numbers that ``compact_columns`` makes of ids and texts.

    The pairs stay with the caller; (0, 0) stands for no value and is not found. Exact: both numbers count.
    """

    def __init__(self, pairs: Numbers) -> None:
        there = np.flatnonzero(pairs.any(axis=1)).astype(np.int32)
        order = np.argsort(pairs[there, 0], kind='stable')
        self._pairs = pairs
        self._numbers = there[order]
        self._first = pairs[self._numbers, 0]

    def find(self, pair: tuple[int, int]) -> list[int]:
        """The numbers of the rows that hold the pair, in their order."""
        key = np.uint64(pair[0])
        start = np.searchsorted(self._first, key, 'left')
        end = np.searchsorted(self._first, key, 'right')
        return [int(n) for n in self._numbers[start:end] if int(self._pairs[n, 1]) == pair[1]]
