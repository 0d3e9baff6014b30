"""A web server on loopback addresses that lies, stalls, floods and hangs up, and counts what it is asked.

Raw sockets under asyncio, so that it can send what no proper server would. One path, one behaviour: see
``_BEHAVIOURS``. Every address has its own port and its own books.
"""

import asyncio
import collections
import dataclasses
import email.utils
import functools
import gzip
import itertools
import socket
import struct
import threading
import time
import zlib
from collections.abc import Awaitable, Callable
from typing import Optional

import brotli  # type: ignore[import-untyped]
import zstandard

from tests.hostile_floods import FLOODS

PARAGRAPH = 'The council met on Tuesday and agreed to mend the bridge before the rains come. '


def page(title: str) -> bytes:
    """A well-behaved page."""
    return (
        f'<!doctype html><html><head><title>{title}</title></head><body><article><h1>{title}</h1>'
        + f'<p>{PARAGRAPH * 5}</p>' * 4
        + '</article></body></html>'
    ).encode()


@dataclasses.dataclass
class Visit:
    """One request as the server saw it; times in seconds of its monotonic clock."""

    path: str
    headers: dict[str, str]
    began: float
    ended: Optional[float] = None


@dataclasses.dataclass
class Books:
    """What one address was asked."""

    visits: list[Visit] = dataclasses.field(default_factory=list)
    connections: int = 0
    open_connections: int = 0
    in_flight: int = 0
    most_in_flight: int = 0

    def paths(self) -> list[str]:
        return [visit.path for visit in self.visits]

    def shortest_gap(self) -> float:
        """The shortest time between the starts of two requests, in seconds."""
        starts = sorted(visit.began for visit in self.visits)
        return min((b - a for a, b in itertools.pairwise(starts)), default=float('inf'))


class HostileServer:
    """Serves in a thread of its own from ``with`` to its end. ``url`` names what it serves."""

    def __init__(self, addresses: tuple[str, ...] = ('127.0.0.1',), latency_s: float = 0.0) -> None:
        self.books = {address: Books() for address in addresses}
        self.robots: dict[str, tuple[int, bytes]] = {}  # by address; 404 for those not here
        self.redirects: dict[str, str] = {}  # path -> Location, with status 302
        self.documents: dict[str, tuple[str, bytes]] = {}  # path -> Content-Type and body, sent with gzip
        self.latency_s = latency_s
        self._ports: dict[str, int] = {}
        self._times: collections.Counter[tuple[str, str]] = collections.Counter()
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name='hostile-server')

    def url(self, path: str, address: str = '127.0.0.1', host: Optional[str] = None) -> str:
        """The URL of a path; ``host`` is the name to write instead of the address."""
        return f'http://{host or address}:{self._ports[address]}{path}'

    def __enter__(self) -> 'HostileServer':
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._main())

    async def _main(self) -> None:
        servers = []
        tasks: set[asyncio.Task[None]] = set()
        for address in self.books:

            async def accept(
                reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str = address
            ) -> None:
                task = asyncio.current_task()
                assert task is not None
                tasks.add(task)
                self.books[address].open_connections += 1
                try:
                    await self._connection(address, reader, writer)
                except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                    pass  # the client hung up, or the test is over
                finally:
                    tasks.discard(task)
                    self.books[address].open_connections -= 1
                    writer.transport.abort()

            server = await asyncio.start_server(accept, address, 0, limit=1 << 20)
            self._ports[address] = server.sockets[0].getsockname()[1]
            servers.append(server)
        self._ready.set()
        await self._closing.wait()
        for server in servers:
            server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connection(
        self, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        books = self.books[address]
        books.connections += 1
        for served in itertools.count():
            first = await reader.readexactly(1)
            if first == b'\x16':  # a TLS client hello
                writer.write(b'HTTP/1.1 400 This is plain HTTP\r\n\r\n')
                await writer.drain()
                return
            head = (first + await reader.readuntil(b'\r\n\r\n')).decode('latin-1').split('\r\n')
            path = head[0].split(' ')[1]
            headers = {k.lower(): v.strip() for k, _, v in (line.partition(':') for line in head[1:])}
            visit = Visit(path, headers, time.monotonic())
            books.visits.append(visit)
            books.in_flight += 1
            books.most_in_flight = max(books.most_in_flight, books.in_flight)
            try:
                await asyncio.sleep(self.latency_s)
                self._times[address, path] += 1
                exchange = Exchange(self, address, visit, writer, served, self._times[address, path])
                await self._behaviour(path)(exchange)
                await writer.drain()
            finally:
                visit.ended = time.monotonic()
                books.in_flight -= 1
            if exchange.hang_up:
                return

    def _behaviour(self, path: str) -> 'Behaviour':
        if path in self.redirects:
            return _redirect
        if path in self.documents:
            return _document
        return _BEHAVIOURS.get('/' + path.split('?')[0].split('/')[1], _well_behaved)


@dataclasses.dataclass
class Exchange:
    """One request to be answered, for a behaviour."""

    server: HostileServer
    address: str
    visit: Visit
    writer: asyncio.StreamWriter
    served: int  # requests before this one on the same connection
    time: int  # how often this path was asked for, from 1
    hang_up: bool = False

    def send(self, status: str, body: bytes = b'', **headers: object) -> None:
        """A proper response; a header given as None is left out, ``_`` stands for ``-``."""
        fields: dict[str, object] = {'Content-Type': 'text/html; charset=utf-8', 'Content-Length': len(body)}
        fields |= {name.replace('_', '-'): value for name, value in headers.items()}
        lines = [f'HTTP/1.1 {status}', *(f'{k}: {v}' for k, v in fields.items() if v is not None), '', '']
        self.writer.write('\r\n'.join(lines).encode() + body)

    def reset(self) -> None:
        """Ends the connection with a TCP reset."""
        sock: socket.socket = self.writer.get_extra_info('socket')
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.writer.transport.abort()
        self.hang_up = True


Behaviour = Callable[[Exchange], Awaitable[None]]


async def _well_behaved(exchange: Exchange) -> None:
    exchange.send('200 OK', page(exchange.visit.path), ETag='"1"')


async def _robots(exchange: Exchange) -> None:
    status, body = exchange.server.robots.get(exchange.address, (404, b'none'))
    exchange.send(f'{status} Robots', body, Content_Type='text/plain')


async def _document(exchange: Exchange) -> None:
    kind, body = exchange.server.documents[exchange.visit.path]
    exchange.send('200 OK', gzip.compress(body, 1), Content_Type=kind, Content_Encoding='gzip')


async def _redirect(exchange: Exchange) -> None:
    exchange.send('302 Found', Location=exchange.server.redirects[exchange.visit.path])


async def _moved(exchange: Exchange) -> None:
    """``/moved/page`` lives at ``/page``, for good."""
    exchange.send('301 Moved', Location=exchange.visit.path.removeprefix('/moved'))


async def _many(exchange: Exchange) -> None:
    number = int(exchange.visit.path.rsplit('/', 1)[1])
    exchange.send('302 Found', Location=f'/many/{number + 1}')


async def _loop(exchange: Exchange) -> None:
    exchange.send('302 Found', Location='/loop/b' if exchange.visit.path.endswith('a') else '/loop/a')


async def _wants_cookie(exchange: Exchange) -> None:
    """Redirects to itself until its cookie comes back."""
    if 'seen=yes' in exchange.visit.headers.get('cookie', ''):
        exchange.send('200 OK', page('with a cookie'))
    else:
        exchange.send('302 Found', Location=exchange.visit.path, Set_Cookie='seen=yes; Path=/')


async def _nowhere(exchange: Exchange) -> None:
    exchange.send('302 Found')


async def _status(exchange: Exchange) -> None:
    """``/status/404`` has that status."""
    status = exchange.visit.path.split('?')[0].rsplit('/', 1)[1]
    exchange.send(f'{status} Status', b'<html>an error</html>')


async def _conditional(exchange: Exchange) -> None:
    if exchange.visit.headers.get('if-none-match') == '"v1"':
        exchange.send('304 Not Modified', ETag='"v1"', Content_Length=None)
    else:
        exchange.send(
            '200 OK', page('conditional'), ETag='"v1"', Last_Modified='Sun, 02 Mar 2025 10:00:00 GMT'
        )


async def _silent(exchange: Exchange) -> None:
    await asyncio.sleep(3600)


async def _slow(exchange: Exchange) -> None:
    """``/slow/0.5`` thinks for half a second."""
    await asyncio.sleep(float(exchange.visit.path.rsplit('/', 1)[1].split('?')[0]))
    exchange.send('200 OK', page('slow'))


async def _slow_headers(exchange: Exchange) -> None:
    exchange.writer.write(b'HTTP/1.1 200 OK\r\nX-Drip: ')
    await _drip(exchange, b'a')


async def _slow_body(exchange: Exchange) -> None:
    exchange.send('200 OK', page('slow body')[:10], Content_Length=100_000)
    await _drip(exchange, b' ')


async def _drip(exchange: Exchange, byte: bytes) -> None:
    while True:
        exchange.writer.write(byte)
        await exchange.writer.drain()
        await asyncio.sleep(0.05)


async def _truncated(exchange: Exchange) -> None:
    exchange.send('200 OK', page('truncated'), Content_Length=100_000)
    await exchange.writer.drain()
    exchange.writer.close()
    exchange.hang_up = True


async def _cut_chunks(exchange: Exchange) -> None:
    exchange.send('200 OK', b'5\r\n<html\r\n', Content_Length=None, Transfer_Encoding='chunked')
    await exchange.writer.drain()
    exchange.writer.close()
    exchange.hang_up = True


async def _cut_gzip(exchange: Exchange) -> None:
    exchange.send('200 OK', gzip.compress(page('cut'))[:-20], Content_Encoding='gzip')


async def _short_length(exchange: Exchange) -> None:
    """Says that the body is shorter than it is: what follows looks like another response."""
    exchange.send(
        '200 OK', page('short') + b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlies', Content_Length=40
    )


async def _reset(exchange: Exchange) -> None:
    exchange.reset()


async def _reset_once(exchange: Exchange) -> None:
    if exchange.time == 1:
        exchange.reset()
    else:
        exchange.send('200 OK', page('after a reset'))


async def _reset_kept(exchange: Exchange) -> None:
    """Keeps the connection, but resets it as soon as it is used again."""
    if exchange.served:
        exchange.reset()
    else:
        exchange.send('200 OK', page('kept'), Connection='keep-alive')


async def _reset_body(exchange: Exchange) -> None:
    exchange.send('200 OK', page('reset'), Content_Length=100_000)
    await exchange.writer.drain()
    exchange.reset()


async def _garbage(exchange: Exchange) -> None:
    exchange.writer.write(b'\x00\x01 what is a status line\r\n\r\n')
    exchange.hang_up = True
    await exchange.writer.drain()


async def _big_header(exchange: Exchange) -> None:
    exchange.send('200 OK', page('big header'), X_Big='x' * 1_000_000)


async def _many_headers(exchange: Exchange) -> None:
    exchange.send('200 OK', page('many'), **{f'X_{number}': 'x' * 100 for number in range(10_000)})


async def _endless(exchange: Exchange) -> None:
    exchange.send('200 OK', b'', Content_Length=None, Transfer_Encoding='chunked')
    chunk = b'10000\r\n' + b'<p>again</p>    ' * 4096 + b'\r\n'
    while True:
        exchange.writer.write(chunk)
        await exchange.writer.drain()


async def _gigabyte(exchange: Exchange) -> None:
    exchange.send('200 OK', b'<html>', Content_Length=1_000_000_000)
    while True:
        exchange.writer.write(b' ' * 65536)
        await exchange.writer.drain()


_ZEROS = b'\0' * (1 << 20)


async def _bomb(exchange: Exchange) -> None:
    """``/bomb/gzip`` and so on: 30 MB in 30 KB or less."""
    encoding = exchange.visit.path.rsplit('/', 1)[1]
    exchange.send('200 OK', bomb(encoding), Content_Encoding=encoding.removeprefix('raw-'))


@functools.cache
def bomb(encoding: str) -> bytes:
    """30 MB of nothing in the given Content-Encoding."""
    if encoding == 'br':
        return brotli.compress(_ZEROS * 30, quality=5)
    if encoding == 'zstd':
        return zstandard.compress(_ZEROS * 30)
    stream = zlib.compressobj(9, zlib.DEFLATED, {'gzip': 31, 'raw-deflate': -15}.get(encoding, 15))
    return b''.join(stream.compress(_ZEROS) for _ in range(30)) + stream.flush()


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    'gzip': gzip.compress,
    'deflate': zlib.compress,
    'raw-deflate': lambda data: zlib.compress(data, wbits=-15),
    'members': lambda data: gzip.compress(data[:50]) + gzip.compress(data[50:]),
    'br': brotli.compress,
    'zstd': zstandard.compress,
}


async def _encoded(exchange: Exchange) -> None:
    name = exchange.visit.path.rsplit('/', 1)[1]
    encoding = {'raw-deflate': 'deflate', 'members': 'gzip'}.get(name, name)
    exchange.send('200 OK', ENCODERS[name](page(name)), Content_Encoding=encoding)


async def _not_gzip(exchange: Exchange) -> None:
    exchange.send('200 OK', page('plain'), Content_Encoding='gzip')


async def _typed(exchange: Exchange) -> None:
    """``/typed/application/pdf`` has that type, and a body that should not be read."""
    kind = exchange.visit.path.removeprefix('/typed/')
    exchange.send('200 OK', b'%PDF-1.7' + b' ' * 5_000_000, Content_Type=kind)


async def _disguised(exchange: Exchange) -> None:
    """An endless PDF that says it is HTML."""
    exchange.send('200 OK', b'', Content_Length=None, Transfer_Encoding='chunked')
    while True:
        exchange.writer.write(b'1000\r\n' + b'%PDF-1.7 stream\n' * 256 + b'\r\n')
        await exchange.writer.drain()


async def _charset(exchange: Exchange) -> None:
    """Latin-1 bytes under a header that says Shift_JIS."""
    body = page('Müller').decode().encode('latin-1')
    exchange.send('200 OK', body, Content_Type='text/html; charset="Shift_JIS"')


async def _feed(exchange: Exchange) -> None:
    body = b'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title></channel></rss>'
    exchange.send('200 OK', body, Content_Type=exchange.visit.path.removeprefix('/feed/') or None)


async def _busy(exchange: Exchange) -> None:
    """``/busy/429/seconds/1``: that status once, asking for a wait in that form; then a page."""
    _, _, status, form, wait = exchange.visit.path.split('?')[0].split('/')
    if exchange.time > 1:
        exchange.send('200 OK', page('no longer busy'))
        return
    now = time.time()
    value = wait if form == 'seconds' else email.utils.formatdate(now + int(wait), usegmt=True)
    exchange.send(f'{status} Busy', b'', Retry_After=value, Date=email.utils.formatdate(now, usegmt=True))


_BEHAVIOURS: dict[str, Behaviour] = {
    '/robots.txt': _robots,
    '/moved': _moved,
    '/many': _many,
    '/loop': _loop,
    '/wants-cookie': _wants_cookie,
    '/nowhere': _nowhere,
    '/status': _status,
    '/conditional': _conditional,
    '/silent': _silent,
    '/slow': _slow,
    '/slow-headers': _slow_headers,
    '/slow-body': _slow_body,
    '/truncated': _truncated,
    '/cut-chunks': _cut_chunks,
    '/cut-gzip': _cut_gzip,
    '/short-length': _short_length,
    '/reset': _reset,
    '/reset-once': _reset_once,
    '/reset-kept': _reset_kept,
    '/reset-body': _reset_body,
    '/garbage': _garbage,
    '/big-header': _big_header,
    '/many-headers': _many_headers,
    '/endless': _endless,
    '/gigabyte': _gigabyte,
    '/bomb': _bomb,
    '/encoded': _encoded,
    '/not-gzip': _not_gzip,
    '/typed': _typed,
    '/disguised': _disguised,
    '/charset': _charset,
    '/feed': _feed,
    '/busy': _busy,
    **FLOODS,
}
