"""Answers that never come to an end, or that lie about where it is: behaviours of the hostile server."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.hostile_server import Exchange

PAUSE_S = 0.02  # between the steps of those that drip


async def _flood(exchange: 'Exchange', start: bytes, part: bytes) -> None:
    exchange.writer.write(start)
    while True:
        exchange.writer.write(part)
        await exchange.writer.drain()


async def _endless_headers(exchange: 'Exchange') -> None:
    exchange.writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n')
    for number in itertools.count():
        exchange.writer.write(b'X-%d: more\r\n' % number)
        await exchange.writer.drain()


async def _dripping_headers(exchange: 'Exchange') -> None:
    """Whole header lines, each in time."""
    exchange.writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n')
    for number in itertools.count():
        exchange.writer.write(b'X-%d: more\r\n' % number)
        await exchange.writer.drain()
        await asyncio.sleep(PAUSE_S)


async def _endless_status_line(exchange: 'Exchange') -> None:
    await _flood(exchange, b'HTTP/1.1 200 ', b'Fine ' * 1_000)


async def _endless_hints(exchange: 'Exchange') -> None:
    """``/endless-hints/100``: responses of that informational status, and never another."""
    status = exchange.visit.path.rsplit('/', 1)[1].encode()
    hint = b'HTTP/1.1 ' + status + b' Hint\r\nLink: </a.css>; rel=preload\r\n\r\n'
    await _flood(exchange, b'', hint * 100)


async def _dripping_hints(exchange: 'Exchange') -> None:
    while True:
        exchange.writer.write(b'HTTP/1.1 102 Processing\r\n\r\n')
        await exchange.writer.drain()
        await asyncio.sleep(PAUSE_S)


async def _some_hints(exchange: 'Exchange') -> None:
    """A page after as many hints as proper servers send."""
    for _ in range(3):
        exchange.writer.write(b'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n')
    exchange.send('200 OK', b'<html><p>after three hints</p></html>')


_CHUNKED = b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n'


async def _endless_trailers(exchange: 'Exchange') -> None:
    await _flood(exchange, _CHUNKED + b'6\r\n<html>\r\n0\r\n', b'X-More: trailers\r\n' * 100)


async def _late_trailers(exchange: 'Exchange') -> None:
    """The same, once the client has the headers and is at the body."""
    exchange.writer.write(_CHUNKED + b'6\r\n<html>\r\n')
    await exchange.writer.drain()
    await asyncio.sleep(10 * PAUSE_S)
    await _flood(exchange, b'0\r\n', b'X-More: trailers\r\n' * 100)


async def _endless_extension(exchange: 'Exchange') -> None:
    """A chunk whose extension (RFC 9112, 7.1.1) never ends."""
    await _flood(exchange, _CHUNKED + b'6;more=', b'x' * 10_000)


async def _tiny_chunks(exchange: 'Exchange') -> None:
    """A body in chunks of one byte, each with a hundred bytes of extension."""
    await _flood(exchange, _CHUNKED, (b'1;' + b'x' * 100 + b'\r\n \r\n') * 100)


async def _dripping_chunks(exchange: 'Exchange') -> None:
    """A chunked body that never ends, and is never silent for long."""
    exchange.writer.write(_CHUNKED)
    while True:
        exchange.writer.write(b'4\r\n<br>\r\n')
        await exchange.writer.drain()
        await asyncio.sleep(PAUSE_S)


async def _endless_until_closed(exchange: 'Exchange') -> None:
    """Neither length nor chunks: the body would end with the connection."""
    await _flood(exchange, b'HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<html>', b' ' * 65_536)


async def _long_length(exchange: 'Exchange') -> None:
    """Says that the body is longer than it is, and keeps the connection open."""
    exchange.send('200 OK', b'<html>all there is</html>', Content_Length=5_000)
    await exchange.writer.drain()
    await asyncio.sleep(3600)


async def _two_lengths(exchange: 'Exchange') -> None:
    exchange.writer.write(
        b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\nContent-Length: 40\r\n\r\n<p>a'
    )
    exchange.hang_up = True


async def _negative_length(exchange: 'Exchange') -> None:
    exchange.send('200 OK', b'<html>', Content_Length=-1)
    exchange.hang_up = True


async def _nested(exchange: 'Exchange') -> None:
    """A bomb in a bomb is not unpacked twice."""
    from tests.hostile_server import bomb

    exchange.send('200 OK', bomb('gzip'), Content_Encoding='gzip, gzip')


async def _far_away(exchange: 'Exchange') -> None:
    """A redirect to a URL of a megabyte."""
    exchange.send('302 Found', Location='/' + 'a' * 1_000_000)


async def _switching(exchange: 'Exchange') -> None:
    """Becomes another protocol, unasked."""
    exchange.writer.write(
        b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n'
    )
    await exchange.writer.drain()
    await asyncio.sleep(3600)


FLOODS: dict[str, Callable[['Exchange'], Awaitable[None]]] = {
    '/endless-headers': _endless_headers,
    '/dripping-headers': _dripping_headers,
    '/endless-status-line': _endless_status_line,
    '/endless-hints': _endless_hints,
    '/dripping-hints': _dripping_hints,
    '/some-hints': _some_hints,
    '/endless-trailers': _endless_trailers,
    '/late-trailers': _late_trailers,
    '/endless-extension': _endless_extension,
    '/tiny-chunks': _tiny_chunks,
    '/dripping-chunks': _dripping_chunks,
    '/endless-until-closed': _endless_until_closed,
    '/long-length': _long_length,
    '/two-lengths': _two_lengths,
    '/negative-length': _negative_length,
    '/nested': _nested,
    '/far-away': _far_away,
    '/switching': _switching,
}
