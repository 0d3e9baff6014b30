"""Sockets that count what comes through them: the one limit that no form of answer gets around."""

import socket
from collections.abc import Callable
from typing import Any, Optional

# Bytes that may come before a response is there: status line and headers, informational responses (RFC 9110,
# 15.2) before it, TLS's own. A response's headers are at most some 10 KB; what was read ahead of the body
# (asyncio reads 256 KiB at a time) is in it too.
HEAD_ALLOWANCE = 1_000_000


class WireLimit(OSError):
    """More has come than was agreed to. An OSError, as asyncio ends a connection over those in silence."""


class CountedSocket(socket.socket):
    """A socket that ends its connection when more comes than it was allowed, and tells when it is closed.

    What is counted is all that comes, whatever an HTTP parser makes of it: endless headers, informational
    responses, chunk extensions and trailers never become a body whose size could be looked at.
    """

    on_close: Optional[Callable[['CountedSocket'], None]] = None
    _left = HEAD_ALLOWANCE
    exceeded = False

    def allow(self, size: int) -> None:
        """From now, so many bytes may come."""
        self._left = size

    def recv(self, *args: Any) -> bytes:
        data = super().recv(*args)
        self._count(len(data))
        return data

    def recv_into(self, *args: Any) -> int:
        size = super().recv_into(*args)
        self._count(size)
        return size

    def close(self) -> None:
        on_close, self.on_close = self.on_close, None
        if on_close is not None:
            on_close(self)  # while it has its number still
        super().close()

    def _count(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            self.exceeded = True
            raise WireLimit('more than was allowed')


class OpenSockets:
    """The sockets that are open, found by their numbers: transports give nothing else away."""

    def __init__(self) -> None:
        self._by_number: dict[int, CountedSocket] = {}

    def __len__(self) -> int:
        return len(self._by_number)

    def make(self, family: int, kind: int, protocol: int) -> CountedSocket:
        """A new socket. Raises OSError."""
        made = CountedSocket(family, kind, protocol)
        self._by_number[made.fileno()] = made
        made.on_close = self._closed
        return made

    def of(self, transport: Any) -> Optional[CountedSocket]:
        """The socket that an asyncio transport, with or without TLS, reads from."""
        found = transport.get_extra_info('socket') if transport is not None else None
        return self._by_number.get(found.fileno()) if found is not None else None

    def _closed(self, one: CountedSocket) -> None:
        self._by_number.pop(one.fileno(), None)
