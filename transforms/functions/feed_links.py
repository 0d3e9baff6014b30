"""Links that look like feeds: in the body of a web page, and the sitemaps that a robots.txt names."""

import html
import re
from collections.abc import Iterator
from typing import Optional
from urllib.parse import SplitResult, urlsplit

from transforms.functions.feed_text import plain_text
from transforms.functions.hosts import host_key
from transforms.functions.linked_feeds import is_of_comments
from transforms.functions.urls import absolute, normalise_url

# An RSS page of a large publisher lists 40 to 100 feeds; who asks has bounds of its own.
MAX_LINKS = 200
_MAX_SEEN = 20_000  # links looked at closely; what a page made of such links costs stays small
_MAX_SITEMAPS = 100  # lines of a robots.txt

# Patterns over the text and no tree: links to feeds stand at the end of a page, and a tree of 5 MB of HTML
# takes 50 MB. No part of them can match the same characters twice, so they are linear.
_ANCHOR = re.compile(r'<a\s([^<>]{1,4000})>', re.IGNORECASE)
_ANCHOR_END = re.compile(r'</a\s*>|<a\s', re.IGNORECASE)
_BASE = re.compile(r'<base\s([^<>]{1,4000})>', re.IGNORECASE)
_HREF = re.compile(r'(?:^|\s)href\s*=\s*(?:"([^"]*)"|\'([^\']*)\'|([^\s"\'>]+))', re.IGNORECASE)
_NAMED = re.compile(r'(?:^|\s)(?:title|aria-label|alt)\s*=\s*(?:"([^"]*)"|\'([^\']*)\')', re.IGNORECASE)
_MAX_INNER = 500  # characters between <a> and </a>; icons drawn in SVG are about 300

# Between slashes and dots, so that no word of an article's address is taken for one ('animal-feed-prices').
_SEGMENT = re.compile(
    r'(?:^|[/.])(?:rss[\d.]*|rssfeeds?|feeds?|rss-feeds?|rss_feeds?|atom|rdf|newsfeeds?)(?=$|[/.])'
    r'|\.(?:rss|rdf|atom|xml)$',
    re.IGNORECASE,
)
_QUERY = re.compile(
    r'(?:^|&)(?:(?:feed|format|type|output|view)=(?:feed|rss|atom|rdf|xml)\w{0,3}|rss|atom)(?=$|&)', re.I
)
_HOSTS = re.compile(r'(?:feeds?|rss\d?)\.', re.IGNORECASE)  # such as feeds.bbci.co.uk of bbc.co.uk
# What a publisher calls such a link: the formats, or 'feeds' alone, for 'feed' is a word of headlines too.
_WORDS = re.compile(
    r'\brss\b|\batom[ -]feeds?\b|^(?:xml|(?:news|web|our|all|subscribe to)?[ -]*feeds?)$', re.IGNORECASE
)
_MAX_WORDS = 60  # characters; longer ones are sentences and headlines
_NO_FEED = re.compile(
    r'sitemap|\.(?:jpe?g|png|gif|webp|svg|css|js|pdf|mp3|mp4|m4a|zip|gz|opml|apk|ico)$', re.IGNORECASE
)
# Without one of these no pattern above matches; a home page of 5 MB has 70 000 links to other things.
_HINT = re.compile(r'rss|feed|atom|rdf|xml', re.IGNORECASE)
_FEED_SCHEME = re.compile(r'^feed:(?://)?(?=https?://)', re.IGNORECASE)
_SITEMAP = re.compile(r'^[ \t]*sitemap[ \t]*:[ \t]*(\S{1,2000})', re.IGNORECASE | re.MULTILINE)


def feed_links(text: str, url: str) -> tuple[str, ...]:
    """Addresses of a page's links that look like feeds, or like pages that list feeds; at most ``MAX_LINKS``.

    First those whose address looks like a feed's, then those that are only called so; each in the page's
    order, as written but absolute and without fragment. They lead to the page's own site, or to a host that
    is called ``feeds`` or ``rss``. Feeds of comments and sitemaps are left out. Nothing is raised.

    Args:
        text: the page, decoded.
        url: where it came from.

    >>> feed_links('<a href="/news">News</a> <a href="/service">RSS</a> <a href=/all.xml>All</a>',
    ...            'https://example.org/')
    ('https://example.org/all.xml', 'https://example.org/service')
    """
    own = host_key(url)
    base = _base(text, url)
    strong: dict[str, None] = {}
    weak: dict[str, None] = {}
    for number, (href, words) in enumerate(_likely_links(text)):
        if number >= _MAX_SEEN or len(strong) >= MAX_LINKS:
            break
        link = absolute(_FEED_SCHEME.sub('', href.strip()), base)
        if not link or normalise_url(link) is None or is_of_comments(words, link):
            continue
        link = link.partition('#')[0].replace(' ', '%20')
        parts = urlsplit(link)
        if _NO_FEED.search(parts.path) or link.rstrip('/') == url.rstrip('/'):
            continue
        feed_host = bool(_HOSTS.match(parts.netloc))
        if host_key(link) != own and not feed_host:
            continue
        if feed_host or _looks_like_feed(parts):
            strong.setdefault(link)
        elif _is_called_feed(words):
            weak.setdefault(link)
    return tuple(dict.fromkeys([*strong, *weak]))[:MAX_LINKS]


def sitemaps_of(robots: str, url: str) -> tuple[str, ...]:
    """The sitemaps that a robots.txt names, each once, those that are called news first.

    >>> sitemaps_of('User-agent: *\\nSitemap: /all.xml\\nsitemap: https://example.org/news.xml',
    ...             'https://example.org/robots.txt')
    ('https://example.org/news.xml', 'https://example.org/all.xml')
    """
    found: dict[str, None] = {}
    for match in _SITEMAP.finditer(robots):
        link = absolute(match[1], url)
        if link and normalise_url(link) is not None:
            found.setdefault(link.partition('#')[0])
        if len(found) == _MAX_SITEMAPS:
            break
    return tuple(sorted(found, key=is_not_called_news))


def is_not_called_news(url: str) -> bool:
    """A key that sorts sitemaps called news before others.

    >>> sorted(['https://a.example/all.xml', 'https://a.example/google-news.xml'], key=is_not_called_news)
    ['https://a.example/google-news.xml', 'https://a.example/all.xml']
    """
    return 'news' not in urlsplit(url).path.lower()


def _looks_like_feed(parts: SplitResult) -> bool:
    return bool(
        _SEGMENT.search(parts.path) or _QUERY.search(parts.query) or parts.path.endswith('/feed.json')
    )


def _base(text: str, url: str) -> str:
    tag = _BASE.search(text)
    href = _value(_HREF.search(tag[1])) if tag else None
    return (absolute(href, url) if href else None) or url


def _likely_links(text: str) -> Iterator[tuple[str, str]]:
    """The links that an address or a name speaks for: the address as written, and what the link is called."""
    for tag in _ANCHOR.finditer(text):
        inner = text[tag.end() : tag.end() + _MAX_INNER]
        end = _ANCHOR_END.search(inner)
        inner = inner[: end.start()] if end else inner
        href = _value(_HREF.search(tag[1]))
        if not href or not (_HINT.search(tag[1]) or _HINT.search(inner)):
            continue
        words = _words(tag[1], inner)
        if _HINT.search(href) or _is_called_feed(words):
            yield href, words


def _words(attributes: str, inner: str) -> str:
    """The text of a link, or else the titles of it and of the picture in it."""
    words = plain_text(inner.partition('<')[0] if '<svg' in inner else inner)
    if not words:
        words = ' '.join(filter(None, map(_value, _NAMED.finditer(f'{attributes} {inner}'))))
    return ' '.join(words.split())


def _is_called_feed(words: str) -> bool:
    return len(words) <= _MAX_WORDS and bool(_WORDS.search(words))


def _value(match: Optional[re.Match[str]]) -> Optional[str]:
    """The value of an attribute, whichever its quotes."""
    return html.unescape(next(filter(None, match.groups()), '')) if match else None
