"""The feeds that a web page names in its head, so that a site's address does where a feed's is asked for."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Optional

import lxml.etree

from schemas.feeds import ChildFeed
from transforms.functions.feed_text import plain_text
from transforms.functions.urls import absolute, normalise_url

# A site names one to three feeds that matter; those with dozens list their sections, main feed first.
MAX_LINKED = 10
# Heads end within 200 KB even where styles and scripts stand in them (160 captured pages of news).
_MAX_MARKUP = 500_000  # characters
_MAX_TITLE = 200  # characters
_MAX_SEEN = 100  # links looked at; what a page made of links costs stays small

_TYPES = frozenset(
    f'application/{kind}' for kind in ('rss+xml', 'atom+xml', 'x.atom+xml', 'rdf+xml', 'feed+json', 'json')
)
# WordPress names the article's own record in its interface this way on every page.
_NO_FEED = re.compile(r'/wp-json/|[?&]rest_route=|oembed', re.IGNORECASE)
# Word for word, so that sections called 'Comment' and 'Commentary' stay. Titles as WordPress translates them.
_COMMENTS = re.compile(
    r'\b(?:comments|commentaires|commenti|comentarios|comentários|comentaris|kommentare?|kommentarer|'
    r'kommentar-feed|reacties|komentarze|komentarzy|yorumlar?ı?|комментари\w+|تعليقات|التعليقات)\b',
    re.IGNORECASE,
)
_PARSER = lxml.etree.HTMLParser(
    encoding='utf-8', recover=True, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
)


def linked_feeds(text: str, url: str) -> tuple[ChildFeed, ...]:
    """The feeds that the page names as its alternates, at most ``MAX_LINKED``, in the page's order.

    Args:
        text: the page, decoded; only its first 500 000 characters are looked at.
        url: where it came from; links are read against it unless the page names a base.

    Feeds of comments are left out, and so is what is not http(s) and the page's own address. Nothing is
    raised, whatever the text.

    >>> page = '<head><link rel="alternate" type="application/rss+xml" title="News" href="/rss"></head>'
    >>> linked_feeds(page, 'https://example.org/en/')
    (ChildFeed(url='https://example.org/rss', title='News', modified_at=None),)
    """
    found: dict[str, ChildFeed] = {}
    for child in islice(_alternates(text[:_MAX_MARKUP], url), _MAX_SEEN):
        asked = normalise_url(child.url)
        if asked is None or asked == normalise_url(url) or _NO_FEED.search(child.url):
            continue
        if is_of_comments(child.title or '', child.url):
            continue
        found.setdefault(asked, child)
        if len(found) == MAX_LINKED:
            break
    return tuple(found.values())


def is_of_comments(title: str, url: str) -> bool:
    """Whether a feed of this title and address shows what readers wrote and no news.

    >>> is_of_comments('Comments for News', 'https://example.org/b'), is_of_comments('', 'https://a.example/rss')
    (True, False)
    """
    return bool(_COMMENTS.search(title) or _COMMENTS.search(url))


def _alternates(markup: str, url: str) -> Iterator[ChildFeed]:
    tree = _tree(markup)
    if tree is None:
        return
    # Links count wherever they stand: one element that no head allows (an image of a counter) moves all
    # that follow it into the body.
    base = next((absolute(href, url) for node in tree.iter('base') if (href := node.get('href'))), None)
    for node in tree.iter('link'):
        href = node.get('href') or ''
        kind = (node.get('type') or '').partition(';')[0].strip().lower()
        if kind not in _TYPES or 'alternate' not in (node.get('rel') or '').lower().split():
            continue
        if link := absolute(href, base or url):
            title = plain_text(node.get('title') or '', markup=False)
            yield ChildFeed(link, title[:_MAX_TITLE] if title else None)


def _tree(markup: str) -> Optional[lxml.etree._Element]:
    try:
        return lxml.etree.fromstring(markup.encode('utf-8', 'replace'), _PARSER)
    except lxml.etree.LxmlError:  # there is no element in it
        return None
