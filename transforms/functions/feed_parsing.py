"""Feed documents as rows: RSS, Atom, RDF and CDF, well-formed or not.

feedparser is handed bytes only (handed a string, it would open a URL or a file of that name), already
decoded here, and neither sanitises nor resolves within texts: only plain text is taken from it. It drops
document types with all entity declarations but single characters and flat text, and has expat open
nothing, so entity bombs and external entities expand to nothing.
"""

import dataclasses
import io
import re
from collections.abc import Iterator
from typing import Any, Optional

import feedparser

from schemas.feeds import Entry, ParsedFeed
from schemas.ids import hash63, hash_id
from transforms.functions.feed_dates import believed, read_date
from transforms.functions.feed_text import decode, plain_text, root_name
from transforms.functions.urls import absolute, normalise_url, url_key

MAX_SUMMARY = 2_000  # characters
MAX_NAMES = 50  # authors or tags of one entry; more are a list of everything that the site has
# Fewer entries than this may well be published at one moment.
_SHARED_BY = 5
_MAX_ID = 1_024  # characters; a longer guid is hashed
_MAX_NAME = 200  # characters of an author or tag
_MAX_LANGUAGE = 35  # characters; RFC 5646 makes do with that

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


class UnreadableFeed(ValueError):
    """The bytes are no feed that anything can be read from; the message is one sentence that says why."""


def parse_feed(
    data: bytes, url: str, content_type: Optional[str] = None, polled_at: Optional[int] = None
) -> ParsedFeed:
    """The feed's entries in their order, each item once.

    Args:
        data: the document, decompressed.
        url: where it came from; relative links are read against it unless the document names a base.
        content_type: the HTTP header, if there was one.
        polled_at: microseconds UTC; dates more than a day later are not believed.

    Raises:
        UnreadableFeed: there is nothing usable in it. Nothing else is raised, whatever the bytes.
    """
    text, fault = decode(data, content_type)
    if not text:
        raise UnreadableFeed('The feed is empty.')
    if root_name(text) == 'html':
        raise UnreadableFeed('The document is an HTML page, not a feed.')
    if bound := _bound_exceeded(text):
        raise UnreadableFeed(f'The document is not read, because it has {bound}.')
    document = _parse(text, url)
    entries = tuple(_entries(document, url, polled_at))
    version = document.get('version') or None
    if not entries and not version:
        raise UnreadableFeed('The document is neither RSS nor Atom nor any other known feed.')
    if document.get('bozo'):
        fault = fault or _described(document.get('bozo_exception'))
    return ParsedFeed(version, _text(document['feed'], 'title'), fault, entries)


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


def _entries(document: _Fields, url: str, polled_at: Optional[int]) -> Iterator[Entry]:
    raw_entries: list[_Fields] = document['entries']
    links = [_link(raw, url) for raw in raw_entries]
    # Some publishers print one guid for everything (the site's address): it tells nothing apart then.
    links_of: dict[str, set[str]] = {}
    for raw, link in zip(raw_entries, links, strict=True):
        if link:
            links_of.setdefault(_string(raw, 'id'), set()).add(url_key(link))
    # A date that so many entries share is the moment at which the feed was generated: another at each poll.
    generated = {
        field
        for field in ('published', 'updated')
        if len(raw_entries) >= _SHARED_BY and len({_string(raw, field) for raw in raw_entries}) == 1
    }
    shown: set[str] = set()
    for raw, link in zip(raw_entries, links, strict=True):
        guid = _string(raw, 'id')
        if len(links_of.get(guid, ())) > 1:
            guid = ''
        entry = _entry(raw, guid, link, generated)
        if entry is None or entry.item_id in shown:
            continue
        shown.add(entry.item_id)
        published = entry.published_at
        if published is None and not document.get('version', '').startswith('atom'):
            # RSS 1.0 and much of RSS 2.0 have dc:date only, which feedparser calls updated.
            published = entry.updated_at
        yield dataclasses.replace(
            entry,
            published_at=believed(published, polled_at),
            updated_at=believed(entry.updated_at, polled_at),
            language=entry.language or _string(document['feed'], 'language')[:_MAX_LANGUAGE] or None,
        )


def _entry(raw: _Fields, guid: str, link: Optional[str], generated: set[str]) -> Optional[Entry]:
    """The entry with its dates as read, believable or not, and the language that it claims itself."""
    title = _text(raw, 'title')
    summary = _text(raw, 'summary') or _content(raw)
    if not (link or title or summary):
        return None
    summary = summary[:MAX_SUMMARY].rstrip() if summary else None
    published, created, updated = (_date(raw, field) for field in ('published', 'created', 'updated'))
    item_id = guid or (normalise_url(link) or link if link else _name_of(raw, title, summary))
    if len(item_id) > _MAX_ID:
        item_id = hash_id(item_id)
    edited = (
        str(date or '') if field not in generated else ''
        for field, date in (('published', published), ('updated', updated))
    )
    detail = _value(raw, 'title_detail') or _value(raw, 'summary_detail') or {}
    return Entry(
        item_id=item_id,
        key=hash63(item_id),
        fingerprint=hash63(url_key(link or ''), title or '', summary or '', *edited),
        link=link,
        title=title,
        summary=summary,
        authors=_names(raw, 'authors', ('name', 'email')),
        tags=_names(raw, 'tags', ('term', 'label')),
        language=str(detail.get('language') or '')[:_MAX_LANGUAGE] or None,
        published_at=published or created,
        updated_at=updated,
    )


def _link(raw: _Fields, url: str) -> Optional[str]:
    """The first address that can be asked among those that the entry offers, else the first at all.

    FeedBurner's original link comes before its own; a guid that looks like an address comes last.
    """
    offered = [_string(raw, 'feedburner_origlink'), _string(raw, 'link')]
    offered += [
        str(link.get('href') or '') for link in _value(raw, 'links') or () if link.get('rel') == 'alternate'
    ]
    if (guid := _string(raw, 'id')).lower().startswith(('http://', 'https://')):
        offered.append(guid)
    links = [link for text in offered if (link := absolute(text, url))]
    return next((link for link in links if normalise_url(link)), links[0] if links else None)


def _name_of(raw: _Fields, title: Optional[str], summary: Optional[str]) -> str:
    """An identity for an entry with neither guid nor link."""
    printed = _string(raw, 'published') or _string(raw, 'created') or _string(raw, 'updated')
    return hash_id(title or summary or '', printed)


def _content(raw: _Fields) -> Optional[str]:
    contents = _value(raw, 'content')
    return plain_text(str(contents[0].get('value') or '')) if contents else None


def _date(raw: _Fields, field: str) -> Optional[int]:
    return read_date(_string(raw, field), _value(raw, f'{field}_parsed'))


def _text(raw: _Fields, field: str) -> Optional[str]:
    """A text field without markup; feedparser says, or guesses, whether it has any."""
    detail = _value(raw, f'{field}_detail') or {}
    return plain_text(_string(raw, field), markup=detail.get('type') != 'text/plain')


def _names(raw: _Fields, field: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Each name once, by the first of the keys that has one."""
    found = (
        plain_text(next((str(item[key]) for key in keys if item.get(key)), ''), markup=False)
        for item in _value(raw, field) or ()
    )
    return tuple(dict.fromkeys(name[:_MAX_NAME] for name in found if name))[:MAX_NAMES]


def _string(raw: _Fields, field: str) -> str:
    value = _value(raw, field)
    return value.strip() if isinstance(value, str) else ''


def _value(raw: _Fields, field: str) -> Any:
    """The field itself: feedparser's own lookup gives published for a missing updated, and warns."""
    return dict.get(raw, field)
