"""Feed documents as rows: RSS, Atom, RDF and CDF, well-formed or not.

feedparser is handed bytes only (handed a string, it would open a URL or a file of that name), already
decoded here, and neither sanitises nor resolves within texts: only plain text is taken from it. It drops
document types with all entity declarations but single characters and flat text, and has expat open
nothing, so entity bombs and external entities expand to nothing.
"""

import io
import re
from collections.abc import Iterator
from typing import Any, Optional

import feedparser

from schemas.feeds import ParsedFeed
from transforms.functions.entry_content import Text, WholeContent, whole_content
from transforms.functions.feed_dates import read_date
from transforms.functions.feed_documents import UnreadableFeed
from transforms.functions.feed_items import Item, Printed, entries_of, names_of
from transforms.functions.feed_text import MAX_MARKUP, plain_text
from transforms.functions.feed_wishes import read_wishes

_HTML_TYPES = ('text/html', 'application/xhtml+xml')

# feedparser's work is quadratic in these, up to minutes for a megabyte made for it (measured); no feed of
# an outlet comes near them.
_MAX_PROLOGUE = 100_000  # characters before the first element
_MAX_ATTRIBUTES = 256  # of one element
_MAX_CATEGORIES = 2_000  # of one entry
_FIRST_ELEMENT = re.compile(r'<\w')
_LONG_TAG = re.compile(r'<[A-Za-z][^<>]{2000,}')
_ATTRIBUTE = re.compile(r'=\s*["\']')
_ENTRY_START = re.compile(r'<(?:item|entry)\b', re.IGNORECASE)
_CATEGORY = re.compile(r'<(?:category|keywords|dc:subject|media:category|itunes:category)\b', re.IGNORECASE)
_KEYWORD_LIST = re.compile(r'<(?:tags|itunes:keywords)\b[^>]*>([^<]*)', re.IGNORECASE)
_LONG_NAME = re.compile(
    r'<(?:\w+:)?(?:author|creator|contributor|publisher|managingeditor|webmaster|owner|name|email)\b[^>]*>'
    r'(?:<!\[CDATA\[)?[^<]{5000}',
    re.IGNORECASE,
)
_SIZES_AND_PLACES = re.compile(r'</?(?:width\b|height\b|(?:georss|gml|geo):)[^<>]*>', re.IGNORECASE)

_Fields = dict[str, Any]  # feedparser's own kind, whose lookups invent values: see _value


def parse_xml_feed(text: str, url: str, polled_at: Optional[int]) -> ParsedFeed:
    """The feed of an RSS, Atom, RDF or CDF document.

    Args:
        text: without characters that XML forbids.
        url: where it came from; relative links are read against it unless the document names a base.
        polled_at: microseconds UTC; dates more than a day later are not believed.

    Raises:
        UnreadableFeed: there is nothing usable in it. Nothing else is raised, whatever the text.
    """
    if bound := _bound_exceeded(text):
        raise UnreadableFeed(f'The document is not read, because it has {bound}.')
    document = _parse(text, url)
    version = document.get('version') or None
    atom = (version or '').startswith('atom')
    entries = entries_of(
        [_item(raw, atom) for raw in document['entries']],
        url,
        polled_at,
        language=_string(document['feed'], 'language'),
        # RSS 1.0 and much of RSS 2.0 have dc:date only, which feedparser calls updated.
        updated_is_published=not atom,
    )
    if not entries and not version:
        raise UnreadableFeed('The document is neither RSS nor Atom nor any other known feed.')
    fault = _described(document.get('bozo_exception')) if document.get('bozo') else None
    wishes = read_wishes(text)
    return ParsedFeed(
        version,
        _text(document['feed'], 'title'),
        fault,
        entries,
        asked_interval_s=wishes.interval_s,
        skip_hours=wishes.skip_hours,
        skip_days=wishes.skip_days,
    )


def _bound_exceeded(text: str) -> Optional[str]:
    first = _FIRST_ELEMENT.search(text)
    if (first.start() if first else len(text)) > _MAX_PROLOGUE:
        return 'too much before its first element'
    for tag in _LONG_TAG.finditer(text):
        if len(_ATTRIBUTE.findall(tag[0])) > _MAX_ATTRIBUTES:
            return 'an element with too many attributes'
    if _LONG_NAME.search(text):
        return "an author's name that is too long"
    for entry in _ENTRY_START.split(text):
        if len(entry) > 2 * _MAX_CATEGORIES and _categories(entry) > _MAX_CATEGORIES:
            return 'an entry with too many categories'
    return None


def _categories(entry: str) -> int:
    lists = _KEYWORD_LIST.findall(entry)
    return len(_CATEGORY.findall(entry)) + sum(len(words.split()) + words.count(',') for words in lists)


def _parse(text: str, url: str) -> _Fields:
    try:
        return _parsed(text, url)
    # feedparser promises no exceptions, and hostile bytes call forth many kinds from its depths. What is
    # known to do so (sizes of pictures, places) is of no use here and left out at the second attempt.
    except Exception:
        try:
            return _parsed(_SIZES_AND_PLACES.sub('', text), url)
        except Exception as error:  # none is lost: it becomes the poll's reason
            raise UnreadableFeed(f'The document breaks the feed parser ({type(error).__name__}).') from error


def _parsed(text: str, url: str) -> _Fields:
    document: _Fields = feedparser.parse(
        io.BytesIO(text.encode()),
        response_headers={'content-type': 'application/xml; charset=utf-8', 'content-location': url},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    return document


def _described(error: object) -> str:
    """A malformation in one line for people."""
    line = getattr(error, 'getLineNumber', lambda: None)()
    message = getattr(error, 'getMessage', lambda: str(error))()
    return f'line {line}: {message}'[:200] if line else str(message)[:200]


def _item(raw: _Fields, atom: bool) -> Item:
    # FeedBurner's original link comes before its own.
    links = [_string(raw, 'feedburner_origlink'), _string(raw, 'link')]
    links += [
        str(link.get('href') or '') for link in _value(raw, 'links') or () if link.get('rel') == 'alternate'
    ]
    detail = _value(raw, 'title_detail') or _value(raw, 'summary_detail') or {}
    return Item(
        guid=_string(raw, 'id'),
        links=tuple(links),
        title=_text(raw, 'title'),
        summary=_text(raw, 'summary') or _first_content(raw),
        content=_whole_content(raw, atom),
        authors=names_of(_names(raw, 'authors', ('name', 'email'))),
        tags=names_of(_names(raw, 'tags', ('term', 'label'))),
        language=str(detail.get('language') or ''),
        published=_date(raw, 'published'),
        created=_date(raw, 'created'),
        updated=_date(raw, 'updated'),
    )


def _first_content(raw: _Fields) -> Optional[str]:
    contents = _value(raw, 'content')
    return plain_text(str(contents[0].get('value') or ''), True, MAX_MARKUP) if contents else None


def _whole_content(raw: _Fields, atom: bool) -> Optional[WholeContent]:
    # Outside Atom, feedparser takes the captions of media:description for contents, as plain text.
    contents = [
        Text(str(part.get('value') or ''), part.get('type') in _HTML_TYPES)
        for part in _value(raw, 'content') or ()
        if part.get('type') in _HTML_TYPES or (atom and part.get('type') == 'text/plain')
    ]
    detail = _value(raw, 'summary_detail') or {}
    return whole_content(contents, Text(_string(raw, 'summary'), detail.get('type') != 'text/plain'))


def _date(raw: _Fields, field: str) -> Printed:
    printed = _string(raw, field)
    return Printed(printed, read_date(printed, _value(raw, f'{field}_parsed')))


def _text(raw: _Fields, field: str) -> Optional[str]:
    """A text field without markup; feedparser says, or guesses, whether it has any."""
    detail = _value(raw, f'{field}_detail') or {}
    return plain_text(_string(raw, field), detail.get('type') != 'text/plain', MAX_MARKUP)


def _names(raw: _Fields, field: str, keys: tuple[str, ...]) -> Iterator[str]:
    """Each name, by the first of the keys that has one."""
    for item in _value(raw, field) or ():
        yield next((str(item[key]) for key in keys if item.get(key)), '')


def _string(raw: _Fields, field: str) -> str:
    value = _value(raw, field)
    return value.strip() if isinstance(value, str) else ''


def _value(raw: _Fields, field: str) -> Any:
    """The field itself: feedparser's own lookup gives published for a missing updated, and warns."""
    return dict.get(raw, field)
