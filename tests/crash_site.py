"""The news site of the kill tests: it publishes bit by bit, edits its pages, knows what a lake must hold."""

import contextlib
import dataclasses
import datetime
import random
import time
from collections.abc import Iterator
from email.utils import format_datetime
from html import escape
from pathlib import Path

from benchmarks.prose import write_story
from tests.made_site import Answer, MadeSite, made_sites

# Its pages are of the last days: texts are compared with those of the last weeks.
DAYS = 5
HOSTS = 6
# Of every so many pages one has the text of the page before it, which another host published.
_COPY_EVERY = 10


@dataclasses.dataclass
class Page:
    """A page that the site publishes. Its text names the edition that it is of."""

    number: int
    url: str
    copy_of: 'Page | None'
    edition: int = 1

    @property
    def mark(self) -> str:
        """What only this text of all the site's texts says."""
        number, edition = (self.copy_of.number, 1) if self.copy_of else (self.number, self.edition)
        return f'edition {edition} of report {number} was'


class CrashSite:
    """Several hosts with a feed each. ``pages`` are those that are published so far."""

    def __init__(self, hosts: list[MadeSite], articles: int, seed: int) -> None:
        self._hosts = hosts
        self._seed = seed
        self.planned = articles
        self.pages: list[Page] = []
        self._asked: list[_Timed] = []
        for host in hosts:
            self._asked.append(_Timed())
            host.asked = self._asked[-1]
        self.publish(0)

    @property
    def feeds(self) -> list[str]:
        return [f'{host.base}/rss' for host in self._hosts]

    def publish(self, count: int) -> None:
        """Publishes pages until there are so many of them, and says so in the feeds."""
        for number in range(len(self.pages), min(count, self.planned)):
            url = f'{self._hosts[number % len(self._hosts)].base}/story/{number}'
            copied = self.pages[number - 1] if number % _COPY_EVERY == _COPY_EVERY - 1 else None
            self.pages.append(Page(number, url, copied))
            self._put(self.pages[-1])
        self._put_feeds()

    def edit(self, share: float) -> int:
        """Changes the text of a share of the published pages, and says so in the feeds. Returns how many."""
        copied = {page.copy_of.number for page in self.pages if page.copy_of}
        own = [page for page in self.pages if not page.copy_of and page.number not in copied]
        wanted = min(len(own), max(1, round(share * len(self.pages))))
        for page in random.Random(f'{self._seed}:edit').sample(own, wanted):
            page.edition += 1
            self._put(page)
        self._put_feeds()
        return wanted

    def times_asked(self, page: Page) -> int:
        """How often a page was asked for."""
        host = self._hosts[page.number % len(self._hosts)]
        return host.asked.count(f'/story/{page.number}')

    def counts(self) -> tuple[int, int]:
        """Requests for feeds and for pages so far."""
        paths = [path for asked in self._asked for path in tuple(asked)]
        return paths.count('/rss'), sum(path.startswith('/story/') for path in paths)

    def last_asked(self) -> int:
        """When the last request for a page came, nanoseconds since 1970; 0 for none."""
        return max(asked.last_page for asked in self._asked)

    def _put(self, page: Page) -> None:
        told = page.copy_of or page
        when = _moment(told.number)
        story = write_story(random.Random(f'{self._seed}:{told.number}'), when, 'Crash News')
        paragraphs = list(story.paragraphs)
        paragraphs.insert(1, f'The {page.mark} handed in on a Monday by two people who had both read it.')
        body = ''.join(f'<p>{escape(text)}</p>' for text in paragraphs)
        title = f'{escape(story.headline)} ({told.number})'
        html = (
            f'<html lang="en"><head><title>{title}</title><link rel="canonical" href="{page.url}"></head>'
            f'<body><article><h1>{title}</h1>{body}</article></body></html>'
        )
        self._hosts[page.number % len(self._hosts)].answers[f'/story/{page.number}'] = Answer(html)

    def _put_feeds(self) -> None:
        for place, host in enumerate(self._hosts):
            items = ''.join(
                f'<item><title>Report {page.number}</title><link>{page.url}</link><guid>{page.url}</guid>'
                f'<pubDate>{format_datetime(_moment(page.number))}</pubDate>'
                f'<description>Edition {page.edition}</description></item>'
                for page in reversed(self.pages)
                if page.number % len(self._hosts) == place
            )
            document = f'<rss version="2.0"><channel><title>Paper {place}</title>{items}</channel></rss>'
            tag = f'"{len(self.pages)}-{sum(page.edition for page in self.pages)}"'
            host.answers['/rss'] = Answer(document, headers=(('ETag', tag),), kind='application/rss+xml')


class _Timed(list[str]):
    """What was asked for, and when a page last was."""

    last_page = 0

    def append(self, path: str) -> None:
        super().append(path)
        if path.startswith('/story/'):
            self.last_page = time.time_ns()


_NOON = datetime.datetime.now(datetime.UTC).replace(hour=12, minute=0, second=0, microsecond=0)


def _moment(number: int) -> datetime.datetime:
    return _NOON - datetime.timedelta(days=1 + number // HOSTS % DAYS, minutes=number % 700)


@contextlib.contextmanager
def crash_site(articles: int, seed: int, opml: Path) -> Iterator[CrashSite]:
    """Serves the site until the context ends; its feeds are listed in the file ``opml``."""
    with made_sites(HOSTS) as hosts:
        site = CrashSite(hosts, articles, seed)
        outlines = ''.join(f'<outline type="rss" text="{url}" xmlUrl="{url}"/>' for url in site.feeds)
        opml.write_text(f'<opml version="2.0"><head/><body>{outlines}</body></opml>', encoding='utf-8')
        yield site
