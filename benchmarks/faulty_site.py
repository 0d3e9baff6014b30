"""A site of tiny pages of which all but one in twenty fail, each kind of fault by the same number of items.

    python -m benchmarks.faulty_site --items 100000 --feeds 100 [--all_good]

Every host is a port of 127.0.0.1. What an item's page does is its ``kind_of``; what must become of the item
is in ``faulty_pages.EXPECTED``. With ``--all_good`` none fails. When it serves it prints one line of JSON
(``feeds``); SIGTERM ends it. Feeds answer 304 to their ETag until /plain has been asked for at any host.
"""

import argparse
import asyncio
import contextlib
import datetime
import functools
import json
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from email.utils import format_datetime
from typing import Optional

from benchmarks.faulty_pages import KINDS, film, good, item_id, kind_of, response

HOSTS = 20
_ROBOTS = b'User-agent: *\nDisallow: /robots/\n'
# Of the last ten days, so that the lake has partitions.
_NOON = datetime.datetime.now(datetime.UTC).replace(hour=12, minute=0, second=0, microsecond=0)
_DATES = [format_datetime(_NOON - datetime.timedelta(days=1 + n)) for n in range(10)]


class Site:
    """The hosts: bound at once, so that their URLs are known, and served by ``serve``."""

    def __init__(self, items: int, feeds: int, all_good: bool = False) -> None:
        self._items = items
        self._feeds = feeds
        self._all_good = all_good
        self._validators = True
        self._sockets = [_bound() for _ in range(HOSTS)]
        self._mute, self._plain, self._deaf = _bound(), _bound(), _bound()
        self._origins = [_origin(one) for one in self._sockets]

    @property
    def feeds(self) -> list[str]:
        return [f'{self._origins[number % HOSTS]}/feed/{number}' for number in range(self._feeds)]

    def close(self) -> None:
        for one in (*self._sockets, self._mute, self._plain, self._deaf):
            one.close()

    async def serve(self, ready: Callable[[], None]) -> None:
        """Answers until SIGTERM or SIGINT."""
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        async with contextlib.AsyncExitStack() as stack:
            for place, one in enumerate(self._sockets):
                server = await loop.create_server(functools.partial(_Connection, self, place), sock=one)
                stack.callback(server.close)
            for make, one in ((asyncio.Protocol, self._mute), (_NoTls, self._plain)):
                stack.callback((await loop.create_server(make, sock=one)).close)
            # The deaf port is bound, but nobody listens: connections to it are refused.
            ready()
            await stop.wait()

    def link(self, number: int) -> str:
        """The URL of an item's page."""
        kind = 'good' if self._all_good else kind_of(number)
        path = f'/{kind}/{number}'
        odd = {
            'bad_url': f'gopher://127.0.0.1{path}',
            'blocked_address': f'http://10.1.2.3{path}',
            'dns': f'http://no-such-host.invalid{path}',
            'connect': _origin(self._deaf) + path,
            'tls': _origin(self._plain).replace('http:', 'https:') + path,
            'timeout': _origin(self._mute) + path,
        }
        place = number % HOSTS if self._all_good else number // len(KINDS) % HOSTS
        return odd.get(kind) or self._origins[place] + path

    def answer(self, place: int, head: str) -> tuple[bytes, bool]:
        """The bytes that answer a GET with this head, and whether the connection ends with them."""
        path = head.split(' ', 2)[1]
        kind, _, rest = path.lstrip('/').partition('/')
        if path == '/robots.txt':
            return response(200, _ROBOTS, 'text/plain'), False
        if kind == 'feed':
            return self._feed_answer(int(rest), head), False
        if kind == 'plain':
            self._validators = False
            return response(200, b'ok'), False
        number = int(rest.rpartition('/')[2])
        if kind == 'good':
            return response(200, good(number)), False
        if kind == 'truncated':
            return response(200, good(number), length=9_000), True
        if kind == 'too_large':
            return response(200, b'<p>', length=50_000_000), True
        if kind == 'redirect_loop':
            return response(302, b'', more=f'Location: {path}\r\n'), False
        if kind == 'redirect_elsewhere':
            further = f'{self._origins[(place + 1) % HOSTS]}/redirect_elsewhere/{number}'
            return response(302, b'', more=f'Location: {further}\r\n'), False
        if kind == 'not_html':
            return response(200, b'%PDF-1.7 ...', 'application/pdf'), False
        if kind == 'bad_encoding':
            return response(200, b'this is not gzip', more='Content-Encoding: gzip\r\n'), False
        if kind == 'no_text':
            return response(200, f'<html><body><p>Soon: {number}</p></body></html>'.encode()), False
        if kind == 'not_an_article':
            return response(200, film(number)), False
        status = {'http_410': 410, 'http_429': 429, 'http_5xx': 500}.get(kind, 404)
        return response(status, b'none'), False

    def _feed_answer(self, number: int, head: str) -> bytes:
        tag = f'"{number}-{self._items}"'
        if not self._validators:
            return response(200, self._feed(number), 'application/rss+xml')
        if f'if-none-match: {tag}' in head.lower():
            return f'HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n'.encode()
        return response(200, self._feed(number), 'application/rss+xml', more=f'ETag: {tag}\r\n')

    def _feed(self, number: int) -> bytes:
        items = ''.join(
            f'<item><title>Item {n}</title><link>{self.link(n)}</link>'
            f'<pubDate>{_DATES[n // 100 % len(_DATES)]}</pubDate>'
            f'<guid isPermaLink="false">{item_id(n)}</guid></item>\n'
            for n in range(number, self._items, self._feeds)
        )
        return f'<rss version="2.0"><channel><title>Feed {number}</title>{items}</channel></rss>'.encode()


class _Connection(asyncio.Protocol):
    """Answers GET requests in order."""

    def __init__(self, site: Site, place: int) -> None:
        self._site = site
        self._place = place
        self._received = b''

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # always so for TCP; for the type checker
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b'\r\n\r\n' in self._received and not self._transport.is_closing():
            head, self._received = self._received.split(b'\r\n\r\n', 1)
            answer, ends = self._site.answer(self._place, head.decode('latin-1'))
            self._transport.write(answer)
            if ends:
                self._transport.close()


class _NoTls(asyncio.Protocol):
    """Answers whatever comes, such as a TLS greeting, in plain HTTP."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # always so for TCP; for the type checker
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(response(400, b''))
        self._transport.close()


def _bound() -> socket.socket:
    one = socket.socket()
    one.bind(('127.0.0.1', 0))
    return one


def _origin(one: socket.socket) -> str:
    return f'http://127.0.0.1:{one.getsockname()[1]}'


@contextlib.contextmanager
def _made(items: int, feeds: int, all_good: bool) -> Iterator[Site]:
    site = Site(items, feeds, all_good)
    try:
        yield site
    finally:
        site.close()


def main(argv: Optional[Sequence[str]] = None) -> None:
    parser = argparse.ArgumentParser(description='Serve tiny pages that fail in all ways.')
    parser.add_argument('--items', type=int, default=100_000)
    parser.add_argument('--feeds', type=int, default=100)
    parser.add_argument('--all_good', action='store_true', help='no page fails')
    args = parser.parse_args(argv)
    with _made(args.items, args.feeds, args.all_good) as site:
        asyncio.run(site.serve(lambda: print(json.dumps({'feeds': site.feeds}), flush=True)))


if __name__ == '__main__':
    main()
