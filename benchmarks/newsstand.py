"""A generated site that publishes while it is read: each newspaper's feed shows its newest articles."""

import contextlib
import datetime
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Optional

from benchmarks import newsroom

# Items that a feed shows: the usual number.
SHOWN = 25


class Newsstand:
    """Newspapers on addresses of this machine, 127.0.0.2 and on. Any thread may publish.

    ``asked`` counts requests by kind: ``feed`` (answered whole), ``not_modified``, ``page``, ``other``.
    """

    def __init__(
        self,
        newspapers: int,
        articles: int,
        shown: int = SHOWN,
        moment_of: Optional[Callable[[int], datetime.datetime]] = None,
    ) -> None:
        self.asked = {'feed': 0, 'not_modified': 0, 'page': 0, 'other': 0}
        self._lock = threading.Lock()
        self._servers = [ThreadingHTTPServer((_address(n), 0), self._handler(n)) for n in range(newspapers)]
        self.origins = [
            f'http://{_address(n)}:{server.server_address[1]}' for n, server in enumerate(self._servers)
        ]
        self._pages: dict[tuple[int, str], bytes] = {}
        self._items: deque[tuple[int, str, str]] = deque()
        self._heads: dict[int, tuple[str, str]] = {}
        order: dict[tuple[int, str], int] = {}
        for place, path, resource in newsroom.generate(self.origins, articles, 1, moment_of):
            if resource.kind == 'page':
                self._pages[place, path] = resource.body
                order[place, path] = len(order)
            elif resource.kind == 'feed':
                self._take_apart(place, resource.body.decode())
        self._items = deque(sorted(self._items, key=lambda item: order[item[:2]]))
        self._shown: list[deque[tuple[str, str]]] = [deque(maxlen=shown) for _ in self._servers]
        self._public: set[tuple[int, str]] = set()

    def _take_apart(self, place: int, feed: str) -> None:
        head, *items = feed.split('<item>')
        last, _, tail = items[-1].partition('</item>')
        items[-1] = last + '</item>\n'
        self._heads[place] = head, tail
        for item in items:
            link = item.partition('<link>')[2].partition('</link>')[0]
            self._items.append((place, link.removeprefix(self.origins[place]), '<item>' + item))

    @property
    def feeds(self) -> list[str]:
        """The feeds' URLs."""
        return [f'{origin}/rss.xml' for origin in self.origins]

    def publish(self) -> str:
        """Publishes the next article and returns its URL. Raises IndexError when none is left."""
        with self._lock:
            place, path, item = self._items.popleft()
            self._shown[place].appendleft((path, item))
            self._public.add((place, path))
        return self.origins[place] + path

    def serve(self) -> None:
        """Answers until ``close``; returns at once."""
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Ends all."""
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def _answer(self, place: int, path: str) -> tuple[str, str, bytes]:
        """The kind of a request, the content type of its answer and the answer."""
        with self._lock:
            if path == '/rss.xml':
                head, tail = self._heads[place]
                items = ''.join(item for _, item in self._shown[place])
                return 'feed', 'application/rss+xml', (head + items + tail).encode()
            if (place, path) in self._public:
                return 'page', 'text/html; charset=utf-8', self._pages[place, path]
        return 'other', 'text/plain', b''

    def _handler(self, place: int) -> type[BaseHTTPRequestHandler]:
        stand = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            timeout = 30

            def do_GET(self) -> None:
                kind, content_type, body = stand._answer(place, self.path)
                tag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
                status = 404 if kind == 'other' else 200
                if status == 200 and self.headers.get('If-None-Match') == tag:
                    kind, status, body = 'not_modified', 304, b''
                with stand._lock:
                    stand.asked[kind] += 1
                self.send_response(status)
                self.send_header('Content-Type', content_type)
                self.send_header('ETag', tag)
                if status != 304:
                    self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

            def setup(self) -> None:
                super().setup()
                self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        return Handler


def _address(number: int) -> str:
    return f'127.0.0.{2 + number % 250}'


@contextlib.contextmanager
def open_newsstand(
    newspapers: int,
    articles: int,
    shown: int = SHOWN,
    moment_of: Optional[Callable[[int], datetime.datetime]] = None,
) -> Iterator[Newsstand]:
    """A newsstand that serves until the context ends; ``moment_of`` is that of ``newsroom.generate``."""
    stand = Newsstand(newspapers, articles, shown, moment_of)
    stand.serve()
    try:
        yield stand
    finally:
        stand.close()
