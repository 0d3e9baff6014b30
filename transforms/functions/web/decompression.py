"""Undoes a response's Content-Encoding, chunk by chunk, up to a cap."""

import re
import zlib
from collections.abc import Callable
from typing import Optional

import brotli  # type: ignore[import-untyped]
import zstandard

ACCEPT_ENCODING = 'gzip, deflate, br, zstd'

# RFC 9659: no zstd frame on the web may need a larger window.
_ZSTD_WINDOW = 8 * 1024 * 1024
# A zstd block of four bytes can stand for 128 KiB, and the decoder has no output limit of its own:
# it is fed so little at a time that one step yields at most 2 MiB (64 / 4 * 128 KiB).
_ZSTD_STEP = 64
_STEP_OUTPUT = 1024 * 1024
_MEMBER = b'\x1f\x8b'  # how a gzip member begins
# Servers that confuse the header with Content-Type's charset, or with MIME's Content-Transfer-Encoding, send
# what is not encoded at all; browsers show it.
_IS_NONE = re.compile(r'|identity|none|binary|[78]bit|(?:x-)?(?:utf|iso|us-ascii|ascii|windows|cp)[-_\d]*')


class BodyTooLarge(Exception):
    """The decompressed body is over the cap."""


class BodyCorrupt(Exception):
    """The body is not what its Content-Encoding says."""


class BodyIncomplete(Exception):
    """The compressed stream ends before its end."""


class Body:
    """Collects a body in the given Content-Encoding, decompressed, at most ``cap`` bytes of it.

    ``feed`` and ``finish`` raise BodyTooLarge, BodyCorrupt and BodyIncomplete; memory is bounded by the cap
    and one step's output (1-2 MiB), however small the bomb. With ``cut``, what is over the cap is left out
    instead, and an unfinished stream is no fault.
    """

    def __init__(self, encoding: str, cap: int, cut: bool = False) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._cap = cap
        self._cut = cut
        self._feed, self._at_end = _decoder(encoding, self._keep)

    @property
    def full(self) -> bool:
        """Whether the cap is reached, so that more need not be read."""
        return self._size >= self._cap

    def start(self, size: int) -> Optional[bytes]:
        """The first bytes of the body, or None while there are fewer."""
        if self._size < size:
            return None
        return self._parts[0][:size] if len(self._parts[0]) >= size else b''.join(self._parts)[:size]

    def _keep(self, data: bytes) -> None:
        if not data:
            return
        self._size += len(data)
        if self._size > self._cap:
            if not self._cut:
                raise BodyTooLarge
            data = data[: max(0, len(data) - (self._size - self._cap))]
            self._size = self._cap
        self._parts.append(data)

    def feed(self, data: bytes) -> None:
        """Takes the next bytes as transferred."""
        try:
            self._feed(data)
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise BodyCorrupt(str(error)) from error

    def finish(self) -> bytes:
        """The whole body, once all of it was fed."""
        if not self._cut and not self._at_end():
            raise BodyIncomplete
        return b''.join(self._parts)


_Feed = Callable[[bytes], None]
_AtEnd = Callable[[], bool]


def _decoder(encoding: str, keep: _Feed) -> tuple[_Feed, _AtEnd]:
    named = [name.strip().lower() for name in encoding.split(',')]
    encoding = ', '.join(name for name in named if not _IS_NONE.fullmatch(name))
    if not encoding:
        return keep, lambda: True
    if encoding in ('gzip', 'x-gzip'):
        members = _Zlib(keep, 16 + zlib.MAX_WBITS)
        return members.feed, members.at_end
    if encoding == 'deflate':
        members = _Zlib(keep, None)
        return members.feed, members.at_end
    if encoding == 'br':
        stream = _Brotli(keep)
        return stream.feed, stream.at_end
    if encoding == 'zstd':
        frames = _Zstd(keep)
        return frames.feed, frames.at_end
    raise BodyCorrupt(f'Content-Encoding {encoding[:40]}')


class _Zlib:
    """gzip with any number of members; deflate with or without its zlib header (servers send both)."""

    def __init__(self, keep: _Feed, wbits: Optional[int]) -> None:
        self._keep = keep
        self._wbits = wbits
        self._stream = zlib.decompressobj(wbits) if wbits else None
        self._fed = False
        self._behind = b''

    def feed(self, data: bytes) -> None:
        while data:
            if self._stream is None:
                # A zlib header's low four bits are 8 (RFC 1950); a raw deflate stream practically never does.
                self._wbits = zlib.MAX_WBITS if data[0] & 0x0F == 8 else -zlib.MAX_WBITS
                self._stream = zlib.decompressobj(self._wbits)
            elif self._stream.eof:
                # Servers pad with zeros or append rubbish; browsers ignore what is no further member.
                data = self._behind + data
                self._behind = data if data == _MEMBER[:1] else b''  # cut within the sign of a member
                if not data.startswith(_MEMBER) or self._wbits != 16 + zlib.MAX_WBITS:
                    return
                self._stream = zlib.decompressobj(self._wbits)
            self._fed = True
            self._keep(self._stream.decompress(data, _STEP_OUTPUT))
            while self._stream.unconsumed_tail:
                self._keep(self._stream.decompress(self._stream.unconsumed_tail, _STEP_OUTPUT))
            data = self._stream.unused_data

    def at_end(self) -> bool:
        return not self._fed or (self._stream is not None and self._stream.eof)


class _Brotli:
    def __init__(self, keep: _Feed) -> None:
        self._keep = keep
        self._stream = brotli.Decompressor()
        self._fed = False

    def feed(self, data: bytes) -> None:
        self._fed = True
        if self._stream.is_finished():
            return
        self._keep(self._stream.process(data, output_buffer_limit=_STEP_OUTPUT))
        while not self._stream.can_accept_more_data():
            self._keep(self._stream.process(b'', output_buffer_limit=_STEP_OUTPUT))

    def at_end(self) -> bool:
        return not self._fed or bool(self._stream.is_finished())


class _Zstd:
    def __init__(self, keep: _Feed) -> None:
        self._keep = keep
        self._context = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._stream = self._context.decompressobj()
        self._fed = False

    def feed(self, data: bytes) -> None:
        self._fed = True
        for start in range(0, len(data), _ZSTD_STEP):
            step = data[start : start + _ZSTD_STEP]
            while step:
                if self._stream.eof:
                    self._stream = self._context.decompressobj()
                self._keep(self._stream.decompress(step))
                step = self._stream.unused_data if self._stream.eof else b''

    def at_end(self) -> bool:
        return not self._fed or self._stream.eof
