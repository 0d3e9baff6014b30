"""All hostile hosts at once in one run, beside well-behaved ones: the books balance and nobody is harmed."""

import collections
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pandas
import pytest

from pipelines.cli import run_command
from schemas.vocabulary import Reason, disposition_of
from tests.hostile_faults import ENCODINGS, FAULTS, VICTIM, redirects
from tests.hostile_server import HostileServer, bomb
from tests.made_site import page

HOSTILE = ('127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4')
GOOD = tuple(f'127.0.0.{number}' for number in range(5, 10))
# A host that asks for peace gets it, so these are by themselves: one says so in seconds, one by a date.
TIRED, SLEEPY = '127.0.0.10', '127.0.0.11'
UNWILLING, FORBIDDING, FEEDS = '127.0.0.12', '127.0.0.13', '127.0.0.14'
ARTICLES = 200
ENTRIES = 10_000  # of one feed; 5 000 are read
FLAGS = (
    '--fetch_allow_private_networks=127.0.0.0/28',
    '--fetch_connect_timeout=2',
    '--fetch_first_byte_timeout=2',
    '--fetch_total_timeout=3',
    '--fetch_max_bytes=1000000',
    '--fetch_min_delay=0',
    '--round_urls=10000',
    '--entities_model=none',
    '--analysis_processes=1',
)
PAGES = [(path, reason) for path, accept, reason, _ in FAULTS if accept == 'page']
# Feeds that are none: what each asks the client to bear, and the reason of its row.
BAD_FEEDS = {
    '/silent': Reason.TIMEOUT,
    '/slow-headers': Reason.TIMEOUT,
    '/slow-body': Reason.TIMEOUT,
    '/truncated': Reason.TRUNCATED,
    '/reset': Reason.CONNECT,
    '/endless': Reason.TOO_LARGE,
    '/endless-hints/103': Reason.TOO_LARGE,
    '/bomb/gzip': Reason.TOO_LARGE,
    '/bomb/br': Reason.TOO_LARGE,
    '/bomb/zstd': Reason.TOO_LARGE,
    '/loop/a': Reason.REDIRECT_LOOP,
    '/to-private': Reason.BLOCKED_ADDRESS,
    '/status/404': Reason.HTTP_4XX,
    '/status/410': Reason.HTTP_410,
    '/typed/video/mp4': Reason.FEED_UNREADABLE,
    '/an-html-page': Reason.FEED_UNREADABLE,
}


def feed(links: list[str]) -> tuple[str, bytes]:
    items = ''.join(
        f'<item><title>Item {number}</title><link>{escape(link)}</link>'
        f'<guid isPermaLink="false">{escape(link)}</guid></item>'
        for number, link in enumerate(links)
    )
    text = f'<rss version="2.0"><channel><title>A feed</title>{items}</channel></rss>'
    return 'application/rss+xml', text.encode()


class Ingested:
    """The run and what it left: its code and time, the server's books, the lake's tables by item."""

    def __init__(self, server: HostileServer, lake: Path) -> None:
        self.server, self.lake = server, lake
        feeds = [server.url('/items', FEEDS), server.url('/ten-thousand', FEEDS)]
        server.redirects = redirects(server)
        server.robots = {UNWILLING: (503, b''), FORBIDDING: (200, b'User-agent: *\nDisallow: /\n')}
        self.expected: dict[str, Reason] = {}
        for number, (path, reason) in enumerate(PAGES):
            self.expected[server.url(path, HOSTILE[number % len(HOSTILE)])] = reason
        self.expected[server.url('/page', UNWILLING)] = Reason.HTTP_5XX
        self.expected[server.url('/page', FORBIDDING)] = Reason.ROBOTS
        server.documents['/items'] = feed(list(self.expected))
        private = server.url('', VICTIM)
        server.documents['/ten-thousand'] = feed([f'{private}/{number}' for number in range(ENTRIES)])
        for number in range(ARTICLES):
            made = page(f'Title {number}', f'word{number}')
            server.documents[f'/news/{number}'] = made.kind, made.body.encode()
        for place, address in enumerate(GOOD):
            links = [server.url(f'/news/{n}', address) for n in range(place, ARTICLES, len(GOOD))]
            server.documents[f'/rss/{place}'] = feed(links)
            feeds.append(server.url(f'/rss/{place}', address))
        self.bad_feeds = {
            server.url('/busy/429/seconds/3600', TIRED): Reason.HTTP_429,
            server.url('/busy/503/date/3600', SLEEPY): Reason.HTTP_5XX,
        } | {
            server.url(path, HOSTILE[number % len(HOSTILE)]): reason
            for number, (path, reason) in enumerate(BAD_FEEDS.items())
        }
        sources = lake.parent / 'feeds.txt'
        sources.write_text('\n'.join([*self.bad_feeds, *feeds]), encoding='utf-8')
        began = time.monotonic()
        self.code = run_command('pipelines.batch', [str(sources), '--output', str(lake), *FLAGS])
        self.seconds = time.monotonic() - began
        ledger = pandas.read_parquet(lake / 'ledger')
        items = ledger[ledger['subject'] == 'item'].sort_values('attempt')
        self.items = self._rows(items.drop_duplicates('sighting_id', keep='last'), 'feed_item_id')
        self.feeds = self._rows(ledger[ledger['subject'] == 'feed'], 'feed_url')

    def _rows(self, rows: pandas.DataFrame, key: str) -> dict[str, dict[str, Any]]:
        plain = rows.astype(object).where(rows.notna(), None).to_dict('records')
        assert len(plain) == len({row[key] for row in plain})
        return {row[key]: row for row in plain}


@pytest.fixture(scope='module')
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingested]:
    for encoding in ENCODINGS:
        bomb(encoding)  # made once, before any deadline runs
    addresses = (TIRED, SLEEPY, UNWILLING, FORBIDDING, FEEDS, VICTIM, *HOSTILE, *GOOD)
    with HostileServer(addresses) as server:
        yield Ingested(server, tmp_path_factory.mktemp('hostile') / 'lake')


def test_all_articles_of_the_good_hosts_arrive(ingested: Ingested) -> None:
    titles = pandas.read_parquet(ingested.lake / 'articles')['title']
    assert sorted(titles) == sorted(f'Title {number}' for number in range(ARTICLES))


def test_each_hostile_page_has_its_own_reason(ingested: Ingested) -> None:
    found = {url: ingested.items[url]['reason'] for url in ingested.expected}
    assert found == {url: reason.value for url, reason in ingested.expected.items()}
    for url, reason in ingested.expected.items():
        assert ingested.items[url]['disposition'] == disposition_of(reason)


def test_each_hostile_feed_has_its_own_reason(ingested: Ingested) -> None:
    found = {url: row['reason'] for url, row in ingested.feeds.items()}
    assert found == {url: reason.value for url, reason in ingested.bad_feeds.items()}


def test_a_feed_of_ten_thousand_entries_is_cut_and_says_so(ingested: Ingested) -> None:
    polls = pandas.read_parquet(ingested.lake / 'polls').set_index('feed_url')
    poll = polls.loc[ingested.server.url('/ten-thousand', FEEDS)]
    assert (poll['reason'], poll['items_shown']) == (Reason.TOO_MANY_ITEMS.value, 5_000)
    reasons = collections.Counter(row['reason'] for row in ingested.items.values())
    assert reasons[Reason.BLOCKED_ADDRESS.value] >= 5_000


def test_nothing_led_to_a_private_address(ingested: Ingested) -> None:
    assert ingested.server.books[VICTIM].connections == 0


def test_the_books_balance_and_the_run_ends_well_in_time(ingested: Ingested) -> None:
    assert ingested.code == 0
    assert run_command('pipelines.check', [str(ingested.lake)]) == 0
    assert ingested.seconds < 60


def test_the_record_says_what_was_done_to_each_host(ingested: Ingested) -> None:
    (path,) = (ingested.lake / '_runs').glob('*.json')
    hosts = {row['host']: row for row in json.loads(path.read_text())['hosts']}
    for address, books in ingested.server.books.items():
        report = hosts.get(ingested.server.url('', address).removeprefix('http://'))
        if not books.visits:
            assert report is None or report['requests'] == 0
            continue
        assert report is not None
        assert report['requests'] == len(books.visits)
        assert report['most_in_flight'] <= 2
        if address in GOOD:  # of those that are hung up on, the server learns it later
            assert books.most_in_flight <= 2
