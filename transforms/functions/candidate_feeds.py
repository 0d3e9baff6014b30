"""Addresses that may be feeds, asked for within a bound and kept when they are: the means of a search.

Generators give addresses to ask for and are sent their answers; see ``transforms/functions/discovery.py``.
"""

import dataclasses
from collections.abc import Callable, Generator, Iterable
from typing import Optional, Protocol, TypeVar

from schemas.feeds import ParsedFeed
from schemas.ids import hash63
from transforms.functions.feed_links import feed_links, is_not_called_news
from transforms.functions.feed_parsing import UnreadableFeed
from transforms.functions.feed_text import decode, root_name
from transforms.functions.linked_feeds import is_of_comments
from transforms.functions.urls import url_key
from transforms.functions.web.asking import Answer

# Asked together: a host gets two requests at a time anyhow, and so many bodies are held at most.
_WAVE = 4
_MAX_PAGES = 3  # that list feeds, one level below the home page
_MAX_CHILDREN = 2  # of a sitemap index
# What can be read as lists of other documents, or of pages without dates, but is no feed.
_NO_FEEDS = frozenset({'html', 'sitemap', 'sitemap_index'})

T = TypeVar('T')
# Addresses out, their answers in, in the same order.
Asking = Generator[tuple[str, ...], tuple[Answer, ...], T]


class Parse(Protocol):
    """What ``parse_feed`` is."""

    def __call__(
        self, data: bytes, url: str, content_type: Optional[str] = None, polled_at: Optional[int] = None
    ) -> ParsedFeed: ...


@dataclasses.dataclass(frozen=True)
class FoundFeed:
    """A feed that answered."""

    url: str  # to be polled: as found, or where it has moved to for good
    title: Optional[str]
    format: Optional[str]
    items: int
    newest: Optional[int]  # microseconds UTC; None when no item is dated
    found_by: str  # address, link, page, common path or sitemap


class Candidates:
    """What was asked for on behalf of one site, and the feeds among it, each once.

    Args:
        most: how many addresses are asked for in all.
    """

    def __init__(self, parse: Parse, most: int) -> None:
        self.found: list[FoundFeed] = []
        self.tried: dict[str, None] = {}
        self.not_asked: set[str] = set()  # addresses beyond the bound
        self._parse = parse
        self._left = most
        self._spellings: set[str] = set()
        self._shown: set[frozenset[object]] = set()  # what the feeds show, to know them again

    def ask(self, urls: Iterable[str], keep: int = 0) -> Asking[list[tuple[str, Answer]]]:
        """The answers to what was not asked for before, each with the address that it is to be known by.

        A redirect to another host is followed once, which counts as asking.

        Args:
            keep: what would leave less than this of the bound is not asked for.
        """
        fresh: list[str] = []
        for url in urls:
            spelling = _spelling(url)
            if spelling in self._spellings:
                continue
            if len(fresh) >= self._left - keep:
                self.not_asked.add(spelling)
                continue
            self._spellings.add(spelling)
            fresh.append(url)
        if not fresh:
            return []
        answers = yield from self._answers(fresh)
        kept = [(answer.moved_to or url, answer) for url, answer in zip(fresh, answers, strict=True)]
        led = [n for n, (_, answer) in enumerate(kept) if answer.elsewhere][: max(self._left - keep, 0)]
        if led:
            targets = [kept[n][1].elsewhere or '' for n in led]
            for n, answer in zip(led, (yield from self._answers(targets)), strict=True):
                for_good = kept[n][1].moved_to is not None
                kept[n] = (answer.moved_to or answer.url) if for_good else fresh[n], answer
        return kept

    def verify(self, urls: Iterable[str], found_by: str, keep: Callable[[], int] = int) -> Asking[list[str]]:
        """Keeps those addresses that are feeds. Gives what looks like feeds in the pages among the others.

        Args:
            keep: what of the bound is to be left over, see ``ask``; it may be less once something is found.
        """
        left = list(dict.fromkeys(urls))
        listed: list[str] = []
        pages = 0
        while left:
            wave, left = left[:_WAVE], left[_WAVE:]
            for url, answer in (yield from self.ask(wave, keep())):
                parsed = self.read(answer)
                if parsed is not None and parsed.format not in _NO_FEEDS:
                    self.take(url, parsed, answer, found_by)
                elif parsed is not None and parsed.format == 'sitemap_index':
                    news = [child.url for child in parsed.children if not is_not_called_news(child.url)]
                    left += news[:_MAX_CHILDREN]
                elif pages < _MAX_PAGES and (text := page_text(answer)):
                    pages += 1
                    listed += feed_links(text, answer.final_url)
        return listed

    def read(self, answer: Answer) -> Optional[ParsedFeed]:
        """The answer as a poll would read it, or None."""
        if answer.body is None:
            return None
        try:
            return self._parse(answer.body, answer.final_url, answer.content_type, answer.fetched_at)
        except UnreadableFeed:
            return None

    def take_if_feed(self, url: str, answer: Answer, found_by: str) -> bool:
        """Keeps the answer when it is a feed; says whether it is one."""
        parsed = self.read(answer)
        if parsed is None or parsed.format in _NO_FEEDS:
            return False
        self.take(url, parsed, answer, found_by)
        return True

    def take(self, url: str, parsed: ParsedFeed, answer: Answer, found_by: str) -> None:
        """Keeps a feed, unless it shows comments or what another one shows."""
        if found_by != 'address' and is_of_comments(parsed.title or '', url):
            return
        shown = _shown(parsed, answer)
        if not shown.isdisjoint(self._shown):
            return
        self._shown |= shown
        dates = [moment for entry in parsed.entries if (moment := entry.published_at or entry.updated_at)]
        feed = FoundFeed(
            url, parsed.title, parsed.format, len(parsed.entries), max(dates, default=None), found_by
        )
        self.found.append(feed)

    def _answers(self, urls: list[str]) -> Asking[tuple[Answer, ...]]:
        self._left -= len(urls)
        self.tried |= dict.fromkeys(urls)
        return (yield tuple(urls))


def page_text(answer: Answer) -> Optional[str]:
    """The text of a web page; None when the answer is something else."""
    if answer.body is None:
        return None
    text, _ = decode(answer.body, f'text/html; charset={answer.charset}' if answer.charset else None)
    if answer.content_type in ('text/html', 'application/xhtml+xml') or root_name(text) == 'html':
        return text
    return None


def _shown(parsed: ParsedFeed, answer: Answer) -> set[frozenset[object]]:
    """What the feed shows, in two ways: RSS and Atom give the same story two ids, but one link."""
    if not parsed.entries:
        return {frozenset({hash63((answer.body or b'').decode('latin-1'))})}
    shown: set[frozenset[object]] = {frozenset(entry.key for entry in parsed.entries)}
    links = frozenset(url_key(entry.link) for entry in parsed.entries if entry.link)
    if len(links) == len(parsed.entries):  # not where all entries link to the home page
        shown.add(links)
    return shown


def _spelling(url: str) -> str:
    """The address as told apart here: nothing is left out of it that may choose a feed, as ``?rss=1`` may."""
    return url.partition('#')[0]
