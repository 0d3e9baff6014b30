"""A small site of a test's own: paths and what they answer, on as many ports of one address as wanted."""

import contextlib
import math
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Answer(NamedTuple):
    """What a path answers."""

    body: str | bytes = ''
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    kind: str = 'text/html; charset=utf-8'


class MadeSite:
    """One host. ``answers`` maps paths to answers and may change while it serves; ``asked`` is what came."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.latency_s = 0.0  # that each answer takes
        self.most_at_once = 0  # requests that were being answered at one moment
        self.shortest_gap_s = math.inf  # from the end of an answer to the next request
        self._at_work = 0
        self._ended = -math.inf
        self._lock = threading.Lock()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                site._work_on_one()
                answer = site.answers.get(self.path, Answer('gone', 404))
                tag = dict(answer.headers).get('ETag')
                if tag and self.headers.get('If-None-Match') == tag:
                    self.send_response(304)
                    self.end_headers()
                    return
                data = answer.body if isinstance(answer.body, bytes) else answer.body.encode()
                self.send_response(answer.status)
                for name, value in (('Content-Type', answer.kind), *answer.headers):
                    self.send_header(name, value)
                self.send_header('Content-Length', str(len(data)))
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # who asked was killed
                    self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.base = f'http://127.0.0.1:{self.server.server_address[1]}'

    def _work_on_one(self) -> None:
        """Takes its time, and counts; what is sent after it is no longer counted as being worked on."""
        with self._lock:
            self._at_work += 1
            self.most_at_once = max(self.most_at_once, self._at_work)
            self.shortest_gap_s = min(self.shortest_gap_s, time.monotonic() - self._ended)
        time.sleep(self.latency_s)
        with self._lock:
            self._at_work -= 1
            self._ended = time.monotonic()

    def feed(self, *items: tuple[str, str], path: str = '/rss', **headers: str) -> str:
        """Puts an RSS feed of (title, link) at a path and returns its URL. Links may begin with /."""
        entries = ''.join(
            f'<item><title>{title}</title><link>{link if "://" in link else self.base + link}</link>'
            f'<guid isPermaLink="false">{link}</guid></item>'
            for title, link in items
        )
        document = f'<rss version="2.0"><channel><title>Made</title>{entries}</channel></rss>'
        self.answers[path] = Answer(document, headers=tuple(headers.items()), kind='application/rss+xml')
        return self.base + path


def page(title: str, words: str = 'river') -> Answer:
    """An article's page; articles of different words have different texts."""
    paragraphs = ''.join(
        f'<p>The {words} of part {n} was measured twice on Monday by two engineers who live beside it, and '
        f'both wrote in their reports that nothing about the {words} had changed since the autumn.</p>'
        for n in range(4)
    )
    return Answer(
        f'<html><head><title>{title}</title></head><body><h1>{title}</h1>{paragraphs}</body></html>'
    )


@contextlib.contextmanager
def made_sites(count: int = 1) -> Iterator[list[MadeSite]]:
    """Serves that many hosts until the context ends."""
    sites = [MadeSite() for _ in range(count)]
    threads = [threading.Thread(target=s.server.serve_forever, args=(0.02,), daemon=True) for s in sites]
    for thread in threads:
        thread.start()
    try:
        yield sites
    finally:
        for site, thread in zip(sites, threads, strict=True):
            site.server.shutdown()
            thread.join()
            site.server.server_close()
