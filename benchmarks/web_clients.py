"""The clients that benchmarks/web.py compares, each for a process of its own.

    python -m benchmarks.web_clients bare|client|transform URLS DELAY_S

URLS is a file with a URL a line. One line of JSON comes out: ``pages`` that came with a body, ``wall_s`` and
``cpu_s`` from the first request to the last answer, and ``peak_mb`` of the process.
"""

import asyncio
import dataclasses
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Optional
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from schemas.settings import FetchSettings, RunSettings
from transforms.functions.hosts import host_key
from transforms.functions.web.asking import Ask
from transforms.functions.web.client import WebClient

SETTINGS = FetchSettings(user_agent='dateline/0.1 (benchmark)', allow_private=('127.0.0.0/8',))
IN_FLIGHT = SETTINGS.in_flight_per_host


def bare(urls: Sequence[str], delay_s: float) -> Callable[[], int]:
    """aiohttp with so many requests in flight per host, and nothing else. ``delay_s`` is not kept."""

    async def get(session: aiohttp.ClientSession, turn: asyncio.Semaphore, url: str) -> bool:
        async with turn, session.get(url) as response:
            return bool(await response.read())

    async def fetch() -> int:
        connector = aiohttp.TCPConnector(limit=0)
        headers = {'User-Agent': SETTINGS.user_agent, 'Accept-Encoding': 'gzip'}
        turns = {host_key(url): asyncio.Semaphore(IN_FLIGHT) for url in urls}
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
            return sum(await asyncio.gather(*(get(session, turns[host_key(url)], url) for url in urls)))

    return lambda: asyncio.run(fetch())


def client(urls: Sequence[str], delay_s: float) -> Callable[[], int]:
    """Our client. The hosts have names here, so that they go through the resolver."""
    parts = [urlsplit(url) for url in urls]
    addresses = {f'{_name(part.hostname or "")}': part.hostname or '' for part in parts}
    named = [urlunsplit(part._replace(netloc=f'{_name(part.hostname or "")}:{part.port}')) for part in parts]
    settings = dataclasses.replace(SETTINGS, min_delay_s=delay_s)

    def fetch() -> int:
        with WebClient(settings, host_key, lambda host: [addresses[host]]) as web:
            batch = web.open()
            for url in named:
                batch.submit(Ask(None, url))
            return sum(answer.body is not None for answer in batch.drain())

    return fetch


def transform(urls: Sequence[str], delay_s: float) -> Callable[[], int]:
    """The stage in its pipeline, from its requests to pages that are counted and dropped."""
    import apache_beam as beam

    from schemas.feeds import Sighting
    from schemas.ids import hash_id
    from schemas.pages import Page, PageRequest
    from transforms import metrics, processes
    from transforms.fetch_pages import FetchPages
    from transforms.functions.urls import url_key

    def request(url: str) -> PageRequest:
        sighting = Sighting(
            sighting_id=hash_id(url),
            poll_id='poll',
            feed_url=url,
            feed_title=None,
            feed_labels=(),
            item_id=url,
            fingerprint=1,
            url=url,
            title=None,
            summary=None,
            authors=(),
            tags=(),
            language=None,
            published_at=None,
            updated_at=None,
            seen_at=1,
            attempt=0,
        )
        return PageRequest(url, url_key(url), (sighting,))

    def count(page: Page) -> None:
        metrics.count('pages_seen')

    settings = dataclasses.replace(SETTINGS, min_delay_s=delay_s)
    requests = [request(url) for url in urls]

    def fetch() -> int:
        with tempfile.TemporaryDirectory(prefix='dateline-web-') as lake:
            run = RunSettings(lake, 'run', time.time_ns() // 1000, round_urls=len(urls))
            pipeline = beam.Pipeline('FnApiRunner')
            asked = pipeline | beam.Create(requests, reshuffle=False).with_output_types(PageRequest)
            fetched = asked | FetchPages(run, settings)
            fetched.pages | beam.Map(count)
            result = pipeline.run()
            result.wait_until_finish()
            processes.close_all()
            found: Any = result.metrics().query(beam.metrics.MetricsFilter().with_name('pages_seen'))
            return sum(counter.committed for counter in found['counters'])

    return fetch


def _name(address: str) -> str:
    return f'paper-{address.replace(".", "-")}.test'  # .test never exists in the DNS (RFC 2606)


CLIENTS = {'bare': bare, 'client': client, 'transform': transform}


def main(argv: Optional[Sequence[str]] = None) -> int:
    kind, path, delay = argv or sys.argv[1:]
    fetch = CLIENTS[kind](Path(path).read_text(encoding='utf-8').split(), float(delay))
    wall, cpu = time.perf_counter(), time.process_time()
    pages = fetch()
    told = {
        'pages': pages,
        'wall_s': time.perf_counter() - wall,
        'cpu_s': time.process_time() - cpu,
        'peak_mb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(told))
    return 0


if __name__ == '__main__':
    sys.exit(main())
