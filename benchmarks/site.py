"""A news site on this machine: twenty newspapers of generated pages of real weight, over real HTTP.

    python -m benchmarks.site --articles 500 --hosts 20 --latency_ms 30 --port 8900

Newspaper n answers at 127.0.0.(n+2), all on one port, so that to a client they are different hosts.
Where only 127.0.0.1 exists (macOS), ``--one_address`` gives each a port of its own instead. Each has
an RSS feed of all its articles at /rss.xml. All pages are made from a seed, and compressed, before the
first request, so serving costs next to nothing: a measurement beside it measures the client.

When it serves it prints one line of JSON (``origins``, ``feeds``, ``articles``, ``mean_kb``); SIGINT or
SIGTERM end it, and it prints another: ``requests`` by kind, ``repeats`` (pages sent more than once),
``max_in_flight`` of any newspaper, ``shortest_gap_s`` and bytes. A request for /_counts gives the same and
begins the counting anew.
"""

import argparse
import asyncio
import contextlib
import json
import signal
import socket
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from typing import Optional

from benchmarks.newsroom import generate, opml
from benchmarks.site_counts import SiteCounts
from benchmarks.spool import Spool

COUNTS_PATH = '/_counts'


class _Newspaper(asyncio.Protocol):
    """One connection to a newspaper: answers GET requests in order, each ``latency_s`` after it came."""

    def __init__(self, site: 'Site', place: int) -> None:
        self._site = site
        self._place = place
        self._received = b''
        self._busy = False
        self._transport: Optional[asyncio.Transport] = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # always so for TCP; for the type checker
        self._transport = transport
        self._site.connections.add(transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._take_next()

    def connection_lost(self, error: Optional[Exception]) -> None:
        if self._transport is not None:
            self._site.connections.discard(self._transport)
        self._transport = None

    def _take_next(self) -> None:
        if self._busy or b'\r\n\r\n' not in self._received:
            return
        head, self._received = self._received.split(b'\r\n\r\n', 1)
        if head.startswith(f'GET {COUNTS_PATH} '.encode()):
            assert self._transport is not None
            self._transport.write(self._site.told())
            return
        self._busy = True
        loop = asyncio.get_running_loop()
        self._site.counts.begin(self._place, len(head) + 4, loop.time())
        loop.call_later(self._site.latency_s, self._answer, head.decode('latin-1'))

    def _answer(self, head: str) -> None:
        self._busy = False
        answer = b'' if self._transport is None else self._site.answer(self._place, head)
        # Before it is written: a client may have all of it before the next statement here is reached.
        self._site.counts.end(self._place, len(answer), asyncio.get_running_loop().time())
        if self._transport is None:
            return
        self._transport.write(answer)
        if 'connection: close' in head.lower():
            self._transport.close()
        else:
            self._take_next()


class Site:
    """The newspapers: sockets bound at once (so that the URLs are known), served by ``serve``."""

    def __init__(
        self,
        hosts: int,
        articles: int,
        seed: int = 1,
        latency_s: float = 0.0,
        port: int = 0,
        one_address: bool = False,
    ) -> None:
        self.latency_s = latency_s
        self._spool = Spool()
        self._sockets: list[socket.socket] = []
        self.connections: set[asyncio.Transport] = set()
        self.counts = SiteCounts()
        try:
            for place in range(hosts):
                self._sockets.append(_bound(place, port, self._sockets, one_address))
        except OSError:
            self.close()
            raise
        self.origins = [f'http://{one.getsockname()[0]}:{one.getsockname()[1]}' for one in self._sockets]
        self.feeds = [f'{origin}/rss.xml' for origin in self.origins]
        self._stored = {
            (place, path): self._spool.add(resource)
            for place, path, resource in generate(self.origins, articles, seed)
        }

    @property
    def pages(self) -> int:
        return self._spool.pages

    @property
    def mean_page_bytes(self) -> float:
        return self._spool.bytes_of_pages / max(1, self._spool.pages)

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Answers requests while the context is open; closes all connections at its end."""
        loop = asyncio.get_running_loop()
        async with contextlib.AsyncExitStack() as stack:
            for place, listener in enumerate(self._sockets):
                server = await loop.create_server(partial(_Newspaper, self, place), sock=listener)
                stack.callback(server.close)
            stack.callback(self._hang_up)
            yield

    def _hang_up(self) -> None:
        for transport in self.connections:
            transport.abort()

    def close(self) -> None:
        for one in self._sockets:
            one.close()
        self._spool.close()

    def answer(self, place: int, head: str) -> bytes:
        """The bytes that answer a request's head."""
        path = head.split(' ', 2)[1].split('?')[0]
        stored = self._stored.get((place, path))
        if stored is None:
            self.counts.requests['not_found'] += 1
            return b'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'
        self.counts.requests[stored.kind] += 1
        fields = head.lower()
        if stored.kind == 'page':
            self.counts.page(place, path)
        elif f'if-none-match: {stored.etag}' in fields:
            self.counts.not_modified += 1
            return f'HTTP/1.1 304 Not Modified\r\nETag: {stored.etag}\r\n\r\n'.encode()
        accepted = [line for line in fields.split('\r\n') if line.startswith('accept-encoding:')]
        answer = self._spool.read(stored, packed=any('gzip' in line for line in accepted))
        self.counts.body_bytes[stored.kind] += len(answer) - answer.index(b'\r\n\r\n') - 4
        return answer

    def told(self) -> bytes:
        """The answer that says what was counted since the last time; not counted itself."""
        body = json.dumps(self.counts.as_dict()).encode()
        self.counts.reset()
        return f'HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n'.encode() + body


def _bound(place: int, port: int, bound: Sequence[socket.socket], one_address: bool) -> socket.socket:
    if one_address:
        address = ('127.0.0.1', port + place if port else 0)
    else:
        address = (f'127.0.0.{place + 2}', port or (bound[0].getsockname()[1] if bound else 0))
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


async def _serve_until_signalled(site: Site) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with site.serving():
        facts = {
            'origins': site.origins,
            'feeds': site.feeds,
            'articles': site.pages,
            'mean_kb': round(site.mean_page_bytes / 1000, 1),
        }
        print(json.dumps(facts), flush=True)
        await stop.wait()
    print(json.dumps(site.counts.as_dict()), flush=True)


def main(argv: Optional[Sequence[str]] = None) -> None:
    parser = argparse.ArgumentParser(description='Serve a generated news site on loopback addresses.')
    parser.add_argument('--articles', type=int, default=500)
    parser.add_argument('--hosts', type=int, default=20, help='newspapers, at most 250')
    parser.add_argument('--latency_ms', type=float, default=30.0, help='from a request to its answer')
    parser.add_argument('--port', type=int, default=8900, help='0: any free one')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--one_address', action='store_true', help='127.0.0.1 and a port per newspaper')
    parser.add_argument('--opml', type=Path, help='write the list of feeds to this file')
    args = parser.parse_args(argv)
    site = Site(args.hosts, args.articles, args.seed, args.latency_ms / 1000, args.port, args.one_address)
    try:
        if args.opml:
            args.opml.write_text(opml(site.feeds), encoding='utf-8')
        asyncio.run(_serve_until_signalled(site))
    finally:
        site.close()


if __name__ == '__main__':
    main()
