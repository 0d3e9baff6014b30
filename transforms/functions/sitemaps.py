"""Sitemaps (sitemaps.org) with or without Google's extension for news, and indexes of them.

The document is streamed through lxml from its first element on: the parser never sees a document type, so
there are no entities to expand and nothing to open, and it builds no tree, so memory is that of the fields.
"""

import re
from typing import Optional

import lxml.etree

from schemas.feeds import ChildFeed, ParsedFeed
from transforms.functions.feed_dates import believed, read_date
from transforms.functions.feed_items import MAX_ITEMS, Item, Printed, entries_of, names_of
from transforms.functions.feed_text import plain_text
from transforms.functions.urls import MAX_URL_LENGTH, absolute, normalise_url

# Each child is a poll. Indexes part by day, month or 1 000 to 50 000 addresses, so that what is new stands in
# the newest few; an index may name 50 000, almost all of them archives that never change.
MAX_CHILDREN = 50
_MAX_LOCATIONS = 50_000  # of one document, by the protocol
# Of one document. Fifty thousand addresses with a dozen elements each make do with it; more takes seconds.
_MAX_ELEMENTS = 1_000_000
_MAX_FIELD = MAX_URL_LENGTH + 100  # characters; a longer address is none, and no title is as long
_CHUNK = 65_536  # bytes

_ROOT = re.compile(r'<(?:[\w.-]{1,60}:)?(?:urlset|sitemapindex)\b', re.IGNORECASE)
# An ampersand that starts nothing that XML knows: 'a=1&b=2', '&nbsp;'.
_BARE_AMPERSAND = re.compile(r'&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)')
_LOCATION_FIELDS = {('loc',): 'loc', ('lastmod',): 'lastmod'}
_NEWS_FIELDS = {
    ('news', 'title'): 'title',
    ('news', 'publication_date'): 'publication_date',
    ('news', 'keywords'): 'keywords',
    ('news', 'language'): 'language',  # as some print it
    ('news', 'publication', 'language'): 'language',
    ('news', 'publication', 'name'): 'name',
}
_FIELDS = _LOCATION_FIELDS | _NEWS_FIELDS
_DEEPEST = 2 + max(map(len, _FIELDS))


class _Locations:
    """lxml's target: the fields of each ``url`` or ``sitemap`` below the root."""

    def __init__(self, name: str) -> None:
        self.found: list[dict[str, str]] = []
        self.elements = 0
        self._name = name
        self._path: list[str] = []  # local names, from the root
        self._text: list[str] = []
        self._length = 0

    def start(self, tag: str, attributes: object) -> None:
        self.elements += 1
        self._path.append(tag.rpartition('}')[2])
        if len(self._path) == 2 and self._path[1] == self._name:
            self.found.append({})
        self._text, self._length = [], 0

    def data(self, text: str) -> None:
        if self._length < _MAX_FIELD:
            self._text.append(text)
            self._length += len(text)

    def end(self, tag: str) -> None:
        if 2 < len(self._path) <= _DEEPEST and self._path[1] == self._name:
            field = _FIELDS.get(tuple(self._path[2:]))
            if field and (text := ''.join(self._text)[:_MAX_FIELD].strip()):
                self.found[-1].setdefault(field, text)
        self._path.pop()
        self._text, self._length = [], 0

    def close(self) -> None:
        """Nothing is left to be done."""


def parse_sitemap(text: str, url: str, polled_at: Optional[int]) -> ParsedFeed:
    """The addresses of a sitemap as entries: with news in their order, otherwise the newest first.

    Args:
        text: without characters that XML forbids.
        url: where it came from.
        polled_at: microseconds UTC; dates more than a day later are not believed.

    Nothing is raised, whatever the text.
    """
    locations, fault = _read(text, 'url')
    dated = [(_date(fields.get('publication_date')), _date(fields.get('lastmod'))) for fields in locations]
    items = [
        Item(
            links=(_address(fields),),
            title=plain_text(fields.get('title', ''), markup=False),
            tags=names_of(fields.get('keywords', '').split(',')),
            language=fields.get('language', ''),
            published=published,
            updated=updated,
        )
        for fields, (published, updated) in zip(locations, dated, strict=True)
        if 'loc' in fields
    ]
    with_news = [item for item in items if item.title or item.published.text]
    if len(with_news) < len(items):
        items.sort(key=lambda item: _newest(item, polled_at), reverse=True)
    if len(items) > MAX_ITEMS:
        fault = f'It shows {len(items)} items, of which the first {MAX_ITEMS} are read.'
    title = next((name for fields in locations if (name := fields.get('name'))), '')
    return ParsedFeed(
        'news_sitemap' if with_news else 'sitemap',
        plain_text(title, markup=False),
        fault,
        entries_of(items[:MAX_ITEMS], url, polled_at),
    )


def parse_sitemap_index(text: str, url: str, polled_at: Optional[int]) -> ParsedFeed:
    """The sitemaps that an index names, the newest first and those without a date last, in their order.

    At most ``MAX_CHILDREN`` are kept, and the fault says when there were more. Nothing is raised, whatever
    the text.
    """
    locations, fault = _read(text, 'sitemap')
    children: dict[str, ChildFeed] = {}
    for fields in locations:
        link = absolute(_address(fields), url)
        asked = normalise_url(link) if link else None
        if link and asked and asked != normalise_url(url):
            modified_at = believed(_date(fields.get('lastmod')).moment, polled_at)
            children.setdefault(asked, ChildFeed(link, modified_at=modified_at))
    newest = sorted(children.values(), key=lambda child: child.modified_at or 0, reverse=True)
    if len(newest) > MAX_CHILDREN:
        fault = f'It names {len(newest)} sitemaps, of which the newest {MAX_CHILDREN} are kept.'
    return ParsedFeed('sitemap_index', None, fault, (), children=tuple(newest[:MAX_CHILDREN]))


def _read(text: str, name: str) -> tuple[list[dict[str, str]], Optional[str]]:
    """The fields of each element of this name below the root, and what was malformed."""
    root = _ROOT.search(text)
    data = _BARE_AMPERSAND.sub('&amp;', text[root.start() if root else 0 :]).encode('utf-8', 'replace')
    target = _Locations(name)
    parser = lxml.etree.XMLParser(
        target=target,
        encoding='utf-8',
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
    )
    fault = None
    try:
        for start in range(0, len(data), _CHUNK):
            parser.feed(data[start : start + _CHUNK])
            if len(target.found) > _MAX_LOCATIONS or target.elements > _MAX_ELEMENTS:
                fault = 'It is longer than a sitemap may be, and cut.'
                break
        else:
            parser.close()
    except lxml.etree.LxmlError as error:
        fault = f'it ends in an error: {error}'[:200]
    if fault is None and (errors := parser.feed_error_log):
        fault = f'line {errors[0].line}: {errors[0].message}'[:200]
    return target.found[:_MAX_LOCATIONS], fault


def _address(fields: dict[str, str]) -> str:
    # Ampersands in CDATA sections were escaped by us, those of careless publishers twice by themselves.
    return fields.get('loc', '').replace('&amp;', '&')


def _date(printed: Optional[str]) -> Printed:
    return Printed(printed or '', read_date(printed))


def _newest(item: Item, polled_at: Optional[int]) -> int:
    moments = (believed(date.moment, polled_at) for date in (item.updated, item.published))
    return max(moment or 0 for moment in moments)
