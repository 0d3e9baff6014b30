"""Finding the signatures that agree with one in a few slots: locality-sensitive hashing by bands."""

from typing import Any

import numpy as np
import numpy.typing as npt

from transforms.functions.sameness.signatures import WORD_SLOTS, Signatures

Rows = npt.NDArray[np.int64]
_Some = npt.NDArray[Any]
_Hashes = npt.NDArray[np.uint64]

# A band is one slot of the words and two of the pairs. Texts that share 80 % of their words agree in a band
# with .67 * .45**2 = .13 at worst, so all 64 bands miss one pair in 8 000; unrelated English texts agree
# with .2 * .02**2, and one in 200 is looked at.
BANDS = 64
# Of a band's texts the earliest are looked at, and in all those that agree in most bands: thousands of pages
# that are all alike cost no more than these, and the earliest of them is found.
_BAND_ROWS = 256
_LOOKED_AT = 2048
_ODD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio, made odd: Knuth's multiplicative hashing
_ALL_BANDS = np.arange(BANDS)
_FIRST_PAIR = WORD_SLOTS // 2  # the place of a band's two slots of pairs, read as one number


class BandIndex:
    """The signed texts of each band, sorted by what is in the band's slots, and where each bucket begins.

    In numbers of 16 bits that is 180 bytes a text, from 65 536 texts on in 32 bits 340. The slots themselves
    are in the signatures: a text of the bucket that differs there is left out when it is found.
    """

    def __init__(self, signatures: Signatures) -> None:
        self._words = signatures.slots  # the first slots are of words, one for each band
        self._pairs = signatures.slots.view('<u4')[:, _FIRST_PAIR:]
        self._signed = np.flatnonzero(signatures.sizes).astype(np.int32)
        count = len(self._signed)
        kind = np.min_scalar_type(count)
        bits = max(count.bit_length() - 2, 1)  # two to four texts a bucket
        self._to_bucket = np.uint64(64 - bits)
        self._numbers = np.empty((BANDS, count), kind)
        self._begins = np.zeros((BANDS, (1 << bits) + 1), kind)
        # Of a hash is left what the number leaves room for. What still differs between 100 000 texts then
        # agrees by chance in one band of one index in 500; it is told apart by the slots.
        self._row_bits = np.uint64(max(count.bit_length(), 1))
        for band in range(BANDS):
            # Hash and number in one: to sort them is faster than to find their order.
            keys = self._hashes(self._signed, band) >> self._row_bits << self._row_bits
            keys |= np.arange(count, dtype=np.uint64)
            keys.sort()
            self._numbers[band] = keys & ((np.uint64(1) << self._row_bits) - np.uint64(1))
            keys >>= self._to_bucket
            self._begins[band, 1:] = np.cumsum(np.bincount(keys.view(np.int64), minlength=1 << bits))

    def candidates(self, row: int) -> Rows:
        """The other texts that agree with one in a band or more, in order; of too many those in most."""
        starts, ends = self._places(row)
        counts = np.minimum(ends - starts, _BAND_ROWS)
        bands = np.repeat(_ALL_BANDS, counts)
        places = np.repeat(starts - (np.cumsum(counts) - counts), counts) + np.arange(len(bands))
        rows = self._signed[self._numbers[bands, places]]
        for slots in (self._pairs, self._words):
            agree = slots[rows, bands] == slots[row][bands]
            if not agree.all():
                rows, bands = rows[agree], bands[agree]
        rows, agreeing = _counted(rows, len(self._words))
        if len(rows) > _LOOKED_AT:
            rows = np.sort(rows[np.lexsort((rows, -agreeing))[:_LOOKED_AT]])
        return rows[rows != row].astype(np.int64)

    def _places(self, row: int) -> tuple[Rows, Rows]:
        """Where each band's bucket of a text begins and ends; of a large one, where those like it begin."""
        own = self._pairs[row].astype(np.uint64) << np.uint64(16)
        own = (own | self._words[row, :BANDS]) * _ODD
        buckets = (own >> self._to_bucket).astype(np.int64)
        starts = self._begins[_ALL_BANDS, buckets].astype(np.int64)
        ends = self._begins[_ALL_BANDS, buckets + 1].astype(np.int64)
        large = np.flatnonzero(ends - starts > _BAND_ROWS)
        if len(large):
            starts[large] = self._first_like(large, own[large], starts[large], ends[large])
        return starts, ends

    def _first_like(self, bands: Rows, hashes: _Hashes, starts: Rows, ends: Rows) -> Rows:
        """In each of the bands the first place, between two, of a text whose hash is not below the given."""
        hashes = hashes >> self._row_bits
        while (starts < ends).any():
            middle = (starts + ends) // 2
            # Where the search is over this may be a bucket's end: it changes nothing there.
            there = np.minimum(middle, self._numbers.shape[1] - 1)
            found = self._hashes(self._signed[self._numbers[bands, there]], bands)
            below = (found >> self._row_bits < hashes) & (starts < ends)
            starts, ends = np.where(below, middle + 1, starts), np.where(below, ends, middle)
        return starts

    def _hashes(self, rows: _Some, bands: Any) -> _Hashes:
        """Hashes of what rows have in bands, different ones for what differs."""
        hashes = self._pairs[rows, bands].astype(np.uint64) << np.uint64(16)
        return (hashes | self._words[rows, bands]) * _ODD


def _counted(rows: _Some, most: int) -> tuple[_Some, _Some]:
    """The rows, below ``most``, that there are, and how often each."""
    if 4 * len(rows) < most:
        return np.unique(rows, return_counts=True)
    counts = np.bincount(rows)
    found = np.flatnonzero(counts)
    return found, counts[found]
