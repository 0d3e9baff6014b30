"""The feeds of a site: what to ask for next, judged by what has answered. Knows no network.

A search is a generator: it gives addresses to ask for and is sent their answers, until it returns. Every
address that it returns has answered with a feed that could be read.
"""

import dataclasses
from functools import partial
from typing import Optional
from urllib.parse import urljoin

from schemas.vocabulary import Reason
from transforms.functions.candidate_feeds import Asking, Candidates, FoundFeed, Parse, page_text
from transforms.functions.feed_links import feed_links, sitemaps_of
from transforms.functions.feed_parsing import parse_feed
from transforms.functions.feed_text import decode
from transforms.functions.linked_feeds import linked_feeds
from transforms.functions.urls import normalise_url
from transforms.functions.web.asking import Answer

# A person who looks for a feed opens as many pages; at the usual pause it takes half a minute.
MAX_ASKS = 30
# Where the common publishing systems have their feed: WordPress, Drupal, Ghost, Hugo, Jekyll, Squarespace,
# Blogger, Movable Type, and WordPress without a rewriting server.
COMMON_PATHS = (
    '/feed', '/rss', '/rss.xml', '/feed.xml', '/atom.xml', '/index.xml', '/feeds/posts/default', '/feed.json',
    '/index.rdf', '/?feed=rss2',
)  # fmt: skip
NEWS_SITEMAPS = ('/sitemap-news.xml', '/news-sitemap.xml')  # as the common plug-ins call it
_MAX_SITEMAPS = 3  # of those that robots.txt names; those that are called news come first
_FOR_SITEMAPS = 1 + _MAX_SITEMAPS + len(NEWS_SITEMAPS)

# Where http may do better than https. A name that does not resolve and an address that is blocked stay what
# they are, and a host that refuses by robots.txt is not asked through another door.
_TRY_HTTP = frozenset(
    {
        Reason.CONNECT, Reason.TLS, Reason.TIMEOUT, Reason.TRUNCATED, Reason.HTTP_4XX, Reason.HTTP_410,
        Reason.HTTP_5XX, Reason.REDIRECT_LOOP,
    }
)  # fmt: skip
# Why a page could not be had that speak of the whole host: nothing else of it will answer now.
UNREACHABLE = frozenset(
    {
        Reason.DNS, Reason.CONNECT, Reason.TLS, Reason.TIMEOUT, Reason.BLOCKED_ADDRESS, Reason.BAD_URL,
        Reason.HTTP_429, Reason.HOST_BUDGET, Reason.RUN_ENDED,
    }
)  # fmt: skip


class BadSite(ValueError):
    """What was named is no site; the message is one sentence."""


@dataclasses.dataclass(frozen=True)
class SiteFeeds:
    """What a search came to."""

    site: str  # as named
    home: str  # the page that answered, or failed to
    feeds: tuple[FoundFeed, ...] = ()
    reason: Optional[Reason] = None  # why the page could not be had
    detail: Optional[str] = None  # of the reason, for people
    tried: tuple[str, ...] = ()  # all addresses that were asked for
    not_asked: int = 0  # addresses that looked like feeds, beyond the bound

    @property
    def is_feed(self) -> bool:
        """Whether the address named is a feed itself."""
        return any(feed.found_by == 'address' for feed in self.feeds)


def home_urls(site: str) -> tuple[str, ...]:
    """Where a site is asked for, in order: as named, or by https and then http.

    >>> home_urls('example.org'), home_urls('http://example.org/en')
    (('https://example.org/', 'http://example.org/'), ('http://example.org/en',))

    Raises:
        BadSite: there can be no such site.
    """
    site = site.strip()
    urls = (site,) if '://' in site else (f'https://{site}', f'http://{site}')
    if not site or any(map(str.isspace, site)) or any(normalise_url(url) is None for url in urls):
        raise BadSite(f'{site!r} is no site: give a home page (https://example.org/) or a domain.')
    return tuple(url if url.count('/') > 2 or '?' in url else f'{url}/' for url in urls)


def search_site(site: str, parse: Parse = parse_feed) -> Asking[SiteFeeds]:
    """A search for the feeds of a site, as a generator.

    It gives tuples of URLs and is sent their answers in the same order; redirects to other hosts are left to
    it. It asks for at most ``MAX_ASKS``, and returns what it found, each feed once: two
    addresses that show the same items are one feed.

    Raises:
        BadSite: at the first step, when there can be no such site.
    """
    candidates = Candidates(parse, MAX_ASKS)
    for url in home_urls(site):
        ((name, answer),) = yield from candidates.ask([url])
        if answer.reason not in _TRY_HTTP:
            break
    if answer.reason not in UNREACHABLE:
        yield from _look_around(candidates, name, answer)
    return SiteFeeds(
        site=site,
        home=answer.url,
        feeds=tuple(candidates.found),
        reason=answer.reason,
        detail=answer.detail,
        tried=tuple(candidates.tried),
        not_asked=len(candidates.not_asked),
    )


def _look_around(candidates: Candidates, name: str, answer: Answer) -> Asking[None]:
    if candidates.take_if_feed(name, answer, 'address'):
        return
    home = answer.final_url if answer.body is not None else answer.url
    if text := page_text(answer):
        yield from _follow_links(candidates, text, home)
    if not candidates.found:
        for path in COMMON_PATHS:  # one by one, since the first that answers is enough
            yield from candidates.verify([urljoin(home, path)], 'common path', partial(_kept, candidates))
            if candidates.found:
                break
    yield from _look_for_sitemaps(candidates, home)


def _follow_links(candidates: Candidates, text: str, home: str) -> Asking[None]:
    listed: list[str] = []
    named = [child.url for child in linked_feeds(text, home)]
    for urls, found_by in ((named, 'link'), (feed_links(text, home), 'page'), (listed, 'page')):
        listed += yield from candidates.verify(urls, found_by, partial(_kept, candidates, len(COMMON_PATHS)))


def _kept(candidates: Candidates, unless_found: int = 0) -> int:
    """What is kept of the bound for ways of looking to come; some of them only until a feed is found."""
    return _FOR_SITEMAPS + (0 if candidates.found else unless_found)


def _look_for_sitemaps(candidates: Candidates, home: str) -> Asking[None]:
    named: tuple[str, ...] = ()
    for _, answer in (yield from candidates.ask([urljoin(home, '/robots.txt')])):
        if answer.body is not None:
            named = sitemaps_of(decode(answer.body, answer.content_type)[0], answer.final_url)
    before = len(candidates.found)
    yield from candidates.verify(named[:_MAX_SITEMAPS], 'sitemap')
    if len(candidates.found) == before:
        yield from candidates.verify([urljoin(home, path) for path in NEWS_SITEMAPS], 'sitemap')
