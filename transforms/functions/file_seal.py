"""A seal within a Parquet file: checksums of all its bytes, where no reader of Parquet looks.

Checksums of pages cover the pages' data and no more: not their headers, not the page indexes, not the footer
with its statistics. A reader finds the footer from the file's end and all else by offsets from its start, so
the sixteen bytes before the footer are free for a seal: a name, the CRC-32 of what is before it, and that of
what is behind it.
"""

import os
import struct
import zlib
from typing import BinaryIO, Optional

_NAME = b'dateline'
_SEAL = struct.Struct('<8sII')
_TAIL = struct.Struct('<I4s')  # Parquet's: the footer's length and its magic
_MAGIC = b'PAR1'
# What is held back until the end is known: a footer is about 20 KB, and 20 KB more for each row group.
_HELD = 8_000_000
_READ = 1_000_000


class SealingFile:
    """A file to write Parquet to, whose bytes go on to another one with a seal put in by ``seal``."""

    closed = False
    mode = 'wb'

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._held = bytearray()
        self._sum = 0
        self._position = 0

    def write(self, data: bytes) -> int:
        """Takes bytes; all but the last ones go on at once."""
        view = memoryview(data).cast('B')
        self._held += view
        self._position += len(view)
        if len(self._held) > 2 * _HELD:
            self._pass_on(len(self._held) - _HELD)
        return len(view)

    def tell(self) -> int:
        """The number of bytes taken."""
        return self._position

    def flush(self) -> None:
        """Nothing: what is held back cannot go on yet."""

    def close(self) -> None:
        """Nothing: the file is closed by who opened it, after ``seal``."""

    def writable(self) -> bool:
        """True."""
        return True

    def readable(self) -> bool:
        """False."""
        return False

    def seekable(self) -> bool:
        """False."""
        return False

    def seal(self) -> None:
        """Writes the rest. Raises ValueError when what was written does not end as Parquet does."""
        footer = _footer_bytes(bytes(self._held[-_TAIL.size :]))
        if footer is None or footer > len(self._held):
            raise ValueError('what was written does not end with a footer of Parquet')
        self._pass_on(len(self._held) - footer)
        self._file.write(_SEAL.pack(_NAME, self._sum, zlib.crc32(self._held)))
        self._file.write(self._held)
        self._held = bytearray()

    def _pass_on(self, count: int) -> None:
        with memoryview(self._held) as view:
            self._sum = zlib.crc32(view[:count], self._sum)
            self._file.write(view[:count])
        del self._held[:count]


def is_broken(file: BinaryIO) -> bool:
    """Whether a file's bytes are not those that were sealed; False for a file without a seal."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL.size))
    footer = _footer_bytes(file.read(_TAIL.size))
    if footer is None or footer + _SEAL.size > size:
        return False  # no Parquet: whoever reads it will say so
    behind = size - footer
    file.seek(behind - _SEAL.size)
    name, before_sum, behind_sum = _SEAL.unpack(file.read(_SEAL.size))
    right = (
        name == _NAME,
        _sum_of(file, 0, behind - _SEAL.size) == before_sum,
        _sum_of(file, behind, size) == behind_sum,
    )
    return any(right) and not all(right)


def _footer_bytes(tail: bytes) -> Optional[int]:
    """The bytes of footer, length and magic together; None when this is no end of a Parquet file."""
    if len(tail) != _TAIL.size:
        return None
    length, magic = _TAIL.unpack(tail)
    return length + _TAIL.size if magic == _MAGIC else None


def _sum_of(file: BinaryIO, start: int, end: int) -> int:
    file.seek(start)
    found = 0
    while start < end:
        data = file.read(min(_READ, end - start))
        if not data:
            break
        found = zlib.crc32(data, found)
        start += len(data)
    return found
