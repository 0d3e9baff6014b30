"""Columns of the lake as arrays of numbers: ids in 16 bytes, texts as hashes, words that repeat as codes."""

import binascii
from hashlib import blake2b
from typing import Any, Optional

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Numbers = npt.NDArray[Any]

_DIGITS = 32  # of an id that schemas.ids.hash_id made


class Growing:
    """An array that rows are added to. Its memory is extended in place, so growing costs no second copy."""

    def __init__(self, kind: str, width: int = 1, ahead: float = 0.5) -> None:
        """Makes an empty one.

        Args:
            width: values a row; rows of one value are the array's elements.
            ahead: the share of the rows so far for which room is made when there is none left.
        """
        self._array: Numbers = np.empty((1024, width) if width > 1 else 1024, kind)
        self._ahead = ahead
        self.length = 0

    def add(self, values: Numbers) -> None:
        """Adds values at the end."""
        end = self.length + len(values)
        if end > len(self._array):
            self._resize(max(end, int((1 + self._ahead) * len(self._array))))
        self._array[self.length : end] = values
        self.length = end

    def cut(self, length: int) -> None:
        """Forgets what was added after the first ``length`` rows."""
        self.length = length

    def take(self, rows: Numbers) -> Numbers:
        """The given rows as an array; the rest is given back, so this is the last use of the object."""
        taken = self._array[rows]
        self._array = np.empty(0)
        return taken

    def view(self) -> Numbers:
        """The rows so far."""
        return self._array[: self.length]

    def hand_over(self) -> Numbers:
        """The rows as an array of just their size, without a copy; the last use of the object.

        No view of them may be in use: the array may move.
        """
        self._resize(self.length)
        rows, self._array = self._array, np.empty(0)
        return rows

    def _resize(self, rows: int) -> None:
        self._array.resize((rows, *self._array.shape[1:]), refcheck=False)


class Ids:
    """Ids as pairs of 64-bit numbers that sort as the ids do; null is (0, 0).

    What ``schemas.ids.hash_id`` made is kept exactly, in 16 bytes. Any other text is replaced by its 128-bit
    hash, and remembered so that it can be given back.
    """

    def __init__(self, remember: bool = True) -> None:
        self._remember = remember
        self._others: dict[bytes, str] = {}

    def encode(self, array: pa.Array) -> Numbers:
        """An array of ids as an array of shape (n, 2)."""
        made = np.zeros((len(array), 2), np.uint64)
        there = np.flatnonzero(array.is_valid().to_numpy(zero_copy_only=False))
        values = array.drop_null()
        raw = _from_hex(values)
        if raw is None:
            raw = b''.join(map(self._raw, values.to_pylist()))
        made[there] = np.frombuffer(raw, '>u8').reshape(-1, 2)
        return made

    def text(self, pair: Numbers) -> Optional[str]:
        """The id of a pair, or None."""
        if not pair.any():
            return None
        raw = pair.astype('>u8').tobytes()
        return self._others.get(raw) or raw.hex()

    def _raw(self, text: str) -> bytes:
        raw = _id_bytes(text)
        if self._remember and raw.hex() != text:
            self._others[raw] = text
        return raw


def id_pair(text: str) -> tuple[int, int]:
    """One id as ``Ids.encode`` gives it.

    >>> id_pair('0' * 15 + '1' + '0' * 15 + '2')
    (1, 2)
    """
    raw = _id_bytes(text)
    return int.from_bytes(raw[:8], 'big'), int.from_bytes(raw[8:], 'big')


def text_pairs(array: pa.Array) -> Numbers:
    """128-bit hashes of texts, of shape (n, 2); null and '' are (0, 0).

    Pages are told apart by these. With 10 million pages known and as many asked for, the chance that any
    two of them share a hash is 1e14 / 2**128 = 3e-25; and the hash is cryptographic, so nobody can choose
    a URL that hides another one's.
    """
    nothing = bytes(16)
    digests = [blake2b(value, digest_size=16).digest() if value else nothing for value in _utf8(array)]
    raw = b''.join(digests)
    return np.frombuffer(raw, '>u8').reshape(-1, 2).astype(np.uint64)


def text_pair(text: str) -> tuple[int, int]:
    """One text as ``text_pairs`` gives it."""
    raw = _digest(text.encode('utf-8', 'surrogatepass'), 16) if text else bytes(16)
    return int.from_bytes(raw[:8], 'big'), int.from_bytes(raw[8:], 'big')


def text_numbers(array: pa.Array) -> Numbers:
    """64-bit hashes of texts, for telling apart the few rows of one page; null is 0."""
    nothing = bytes(8)
    digests = [nothing if v is None else blake2b(v, digest_size=8).digest() for v in _utf8(array)]
    raw = b''.join(digests)
    return np.frombuffer(raw, '>u8').astype(np.uint64)


def text_number(text: str) -> int:
    """One text as ``text_numbers`` gives it."""
    return int.from_bytes(_digest(text.encode('utf-8', 'surrogatepass'), 8), 'big')


class Codes:
    """Words that repeat, as numbers in the order of their first appearance; null is -1."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._codes: dict[str, int] = {}

    def encode(self, array: pa.Array) -> Numbers:
        """A string or dictionary array as int32 codes."""
        coded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
        known = [-1 if word is None else self.add(word) for word in coded.dictionary.to_pylist()]
        codes = np.array([*known, -1], np.int32)  # the last one stands for null
        indices = pc.fill_null(coded.indices, len(known)) if coded.null_count else coded.indices
        return codes[indices.to_numpy(zero_copy_only=False)]

    def find(self, word: str) -> int:
        """The code of a word; -2 when it never appeared."""
        return self._codes.get(word, -2)

    def word(self, code: int) -> Optional[str]:
        """The word of a code."""
        return None if code < 0 else self.words[code]

    def add(self, word: str) -> int:
        """The code of a word, a new one where it has none."""
        code = self._codes.setdefault(word, len(self.words))
        if code == len(self.words):
            self.words.append(word)
        return code


def numbers(array: pa.Array, kind: str, null: int = 0) -> Numbers:
    """An array of integers, booleans or timestamps (microseconds) as numbers."""
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.int64())
    elif pa.types.is_boolean(array.type):
        array = array.cast(pa.int8())
    if array.null_count:
        array = pc.fill_null(array, pa.scalar(null, array.type))
    return array.to_numpy(zero_copy_only=False).astype(kind)


def _from_hex(values: pa.Array) -> Optional[bytes]:
    """The bytes of an array of ids without nulls, or None when one of them is no 32-digit lower-case id."""
    if len(values) == 0:
        return b''
    lengths = pc.min_max(pc.binary_length(values)).as_py()
    if lengths['min'] != _DIGITS or lengths['max'] != _DIGITS:
        return None
    _, offsets, data = values.buffers()
    start = int(np.frombuffer(offsets, np.int32, 1, 4 * values.offset)[0])
    text = data[start : start + _DIGITS * len(values)].to_pybytes()
    try:
        raw = binascii.unhexlify(text)
    except binascii.Error:
        return None
    return raw if binascii.hexlify(raw) == text else None


def _id_bytes(text: str) -> bytes:
    if len(text) == _DIGITS:
        try:
            raw = bytes.fromhex(text)
        except ValueError:
            raw = b''
        if raw.hex() == text:
            return raw
    return _digest(text.encode('utf-8', 'surrogatepass'), 16)


def _digest(data: bytes, size: int) -> bytes:
    return blake2b(data, digest_size=size).digest()


def _utf8(array: pa.Array) -> list[Optional[bytes]]:
    return array.cast(pa.binary()).to_pylist()
