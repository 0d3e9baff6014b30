"""The proof on real pages: a folder of captured pages, replayed under their own URLs and ingested.

    python -m benchmarks.replay --data DIR --output LAKE  # ingest, check, say what became of each page
    python -m benchmarks.replay --data DIR --serve_only   # only the proxy and the OPML file, for work by hand

A forward proxy on loopback answers for every host: the pages at their own URLs (those with https as http),
an RSS feed per outlet at http://feeds.dateline.test/<outlet>.xml, and 404 for all else, robots.txt included.
As on the sites themselves, a query that no captured page has is ignored: trackers in feeds' links, which
``ingest`` leaves out, lead to the same page.
``dateline ingest`` runs with HTTP_PROXY set to it, so that nothing leaves this machine.

DIR holds either or both of

    pages/aeb/gold.json       {id: {"url": ..., "articleBody": ...}}, and pages/aeb/html/<id>.html.gz
    pages/fundus/gold.jsonl   lines of {"file": ..., "url": ..., "title": ...}, and pages/fundus/html/<file>

which are the layouts of public evaluation data: scrapinghub/article-extraction-benchmark (MIT) has the
former as ground-truth.json and html/, and flairNLP/fundus (MIT) keeps captured pages with the answers of its
parsers under tests/resources. The texts belong to their publishers; nothing of them is in this project.
"""

import argparse
import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Optional

import pandas

from benchmarks.captured_pages import Captured, feeds_of, read_captured
from benchmarks.newsroom import opml

FEED_HOST = 'feeds.dateline.test'  # .test never exists in the DNS (RFC 2606)
NOT_FOUND = b'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'


class ReplayProxy:
    """An HTTP forward proxy that answers from memory: absolute-form GET requests, no CONNECT."""

    def __init__(self, pages: Sequence[Captured]) -> None:
        self._answers = {page.url: (page.content_type, page.html) for page in pages}
        # None where several pages share a path: then the query is what tells them apart.
        self._by_path: dict[str, Optional[str]] = {}
        for page in pages:
            path = _without_query(page.url)
            self._by_path[path] = None if path in self._by_path else page.url
        self.feeds = []
        for outlet, feed in feeds_of(pages):
            url = f'http://{FEED_HOST}/{outlet}.xml'
            self._answers[url] = ('application/rss+xml', feed.encode())
            self.feeds.append(url)
        self.missed: Counter[str] = Counter()  # URLs asked that are not here

    def put(self, url: str, content_type: str, body: bytes) -> None:
        """Lets it answer a URL so from now on."""
        self._answers[url] = (content_type, body)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection until the client closes it."""
        try:
            while True:
                head = await reader.readuntil(b'\r\n\r\n')
                writer.write(self._response(head.decode('latin-1').split('\r\n', 1)[0]))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return  # the client has gone
        finally:
            writer.close()

    def _response(self, request_line: str) -> bytes:
        method, url, _ = request_line.split(' ', 2)
        if method != 'GET':
            return b'HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n'
        found = self._answers.get(url) or self._answers.get(self._by_path.get(_without_query(url)) or '')
        if found is None:
            self.missed[url] += 1
            return NOT_FOUND
        content_type, body = found
        head = f'HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n'
        return head.encode() + body

    @contextlib.contextmanager
    def running(self) -> Iterator[str]:
        """Serves from a thread of its own while the context is open; gives the proxy's URL."""
        loop = asyncio.new_event_loop()
        connections: set[asyncio.StreamWriter] = set()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connections.add(writer)
            try:
                await self.answer(reader, writer)
            finally:
                connections.discard(writer)

        async def end(server: asyncio.Server) -> None:
            server.close()
            for writer in list(connections):
                writer.transport.abort()
            while connections:
                await asyncio.sleep(0)  # until each connection's task has seen its end

        server = loop.run_until_complete(asyncio.start_server(accept, '127.0.0.1', 0, limit=2**16))
        thread = threading.Thread(target=loop.run_forever, name='replay-proxy')
        thread.start()
        try:
            yield f'http://127.0.0.1:{server.sockets[0].getsockname()[1]}'
        finally:
            asyncio.run_coroutine_threadsafe(end(server), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()


def _without_query(url: str) -> str:
    return url.split('?', 1)[0]


def proxied(environment: dict[str, str], proxy: str) -> dict[str, str]:
    """The environment with every request through the proxy, and no exceptions."""
    kept = {name: value for name, value in environment.items() if not name.lower().endswith('_proxy')}
    return kept | {'HTTP_PROXY': proxy, 'http_proxy': proxy}


def report(lake: Path, pages: Sequence[Captured]) -> str:
    """What became of each page, from the ledger: counts, then a line for each page that gave no article."""
    columns = ['subject', 'url', 'disposition', 'reason', 'detail', 'attempt']
    ledger = pandas.read_parquet(lake / 'ledger', columns=columns)
    items = ledger[ledger['subject'] == 'item'].sort_values('attempt').drop_duplicates('url', keep='last')
    fates: dict[str, Any] = items.set_index('url').to_dict('index')
    counts: Counter[str] = Counter()
    lines = []
    for page in pages:
        fate = fates.get(page.url)
        if fate is None:
            counts['not in the ledger'] += 1
            lines.append(f'NOT IN THE LEDGER  {page.url}')
            continue
        reason = fate['reason'] if isinstance(fate['reason'], str) else ''
        counts[f'{fate["disposition"]} {reason}'.strip()] += 1
        if fate['disposition'] not in ('written', 'updated'):
            detail = fate['detail'] if isinstance(fate['detail'], str) else ''
            lines.append(f'{fate["disposition"]} {reason}  {page.set_name}  {page.url}  {detail}')
    sums = [f'{len(pages)} pages:', *(f'  {count:4} {fate}' for fate, count in counts.most_common())]
    return '\n'.join([*sums, *sorted(lines)])


def main(argv: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(description='Replay captured pages through a proxy and ingest them.')
    parser.add_argument('--data', type=Path, required=True, help='folder with pages/aeb and pages/fundus')
    parser.add_argument('--output', type=Path, help='folder of the lake')
    parser.add_argument(
        '--serve_only', action='store_true', help='print what to run by hand, serve until Ctrl-C'
    )
    args = parser.parse_args(argv)
    if not args.serve_only and not args.output:
        parser.error('--output is missing: name the folder of the lake')
    pages = read_captured(args.data)
    if not pages:
        parser.error(f'{args.data}: neither pages/aeb/gold.json nor pages/fundus/gold.jsonl is there')
    proxy = ReplayProxy(pages)
    with tempfile.TemporaryDirectory(prefix='dateline-replay-') as folder, proxy.running() as url:
        feeds = Path(folder) / 'feeds.opml'
        feeds.write_text(opml(proxy.feeds), encoding='utf-8')
        if args.serve_only:
            print(f'HTTP_PROXY={url} dateline ingest {feeds} --output LAKE --fetch_min_delay 0', flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                threading.Event().wait()
            return 0
        dateline = [sys.executable, '-m', 'pipelines.cli']
        ingest = [*dateline, 'ingest', str(feeds), '--output', str(args.output), '--fetch_min_delay', '0']
        ingested = subprocess.run(ingest, env=proxied(dict(os.environ), url), check=False).returncode
        if ingested > 1:  # 1 says that the books do not balance: then the report is all the more wanted
            return ingested
        checked = subprocess.run([*dateline, 'check', str(args.output)], check=False).returncode
    print(report(args.output, pages))
    asked = [url for url in proxy.missed if not url.endswith('/robots.txt')]
    if asked:
        print(f'asked for and not there: {", ".join(sorted(asked))}')
    return ingested or checked


if __name__ == '__main__':
    sys.exit(main())
