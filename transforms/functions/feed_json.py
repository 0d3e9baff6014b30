"""JSON Feed, versions 1.0 and 1.1 (jsonfeed.org), as publishers write it: a wrong type costs a field."""

import json
import re
from collections.abc import Iterator
from typing import Any, Optional

from schemas.feeds import ParsedFeed
from transforms.functions.entry_content import Text, whole_content
from transforms.functions.feed_dates import read_date
from transforms.functions.feed_documents import UnreadableFeed
from transforms.functions.feed_items import MAX_ITEMS, MAX_NAMES, Item, Printed, entries_of, names_of
from transforms.functions.feed_text import ILLEGAL, plain_text

_VERSION = re.compile(r'jsonfeed\.org/version/1(?:\.([01]))?/?$')
_MAX_FAULTS = 3  # named in the feed's fault


class _Number(str):
    """A number as printed: an id of 400 digits is one, and none is rounded."""


# Control characters within strings are forbidden and common (strict=False allows them).
_DECODER = json.JSONDecoder(parse_int=_Number, parse_float=_Number, parse_constant=_Number, strict=False)


class _Fields:
    """A JSON object whose fields are asked for by type; what has another type becomes a fault."""

    def __init__(self, fields: dict[str, Any], faults: dict[str, None]) -> None:
        self._fields, self._faults = fields, faults

    def text(self, name: str) -> str:
        """The string, without characters that XML forbids; '' when there is none."""
        value = self._fields.get(name)
        if isinstance(value, _Number):
            self._faults[f'{name} is a number'] = None
            value = str(value)
        if value is not None and not isinstance(value, str):
            self._faults[f'{name} is no text'] = None
            value = None
        return ILLEGAL.sub('', value).strip() if value else ''

    def list(self, name: str) -> list[Any]:
        """The list; a single value stands for a list of it."""
        value = self._fields.get(name)
        if value is None or isinstance(value, list):
            return value or []
        self._faults[f'{name} is no list'] = None
        return [value]

    def objects(self, name: str, limit: int) -> Iterator['_Fields']:
        """The objects among the first values in the list of this name."""
        for value in self.list(name)[:limit]:
            if isinstance(value, dict):
                yield _Fields(value, self._faults)
            else:
                self._faults[f'{name} holds what is no object'] = None

    def names(self, name: str) -> Iterator[str]:
        """The strings in the list of this name, or the names of its objects."""
        for value in self.list(name)[: 2 * MAX_NAMES]:
            if isinstance(value, dict):
                yield _Fields(value, self._faults).text('name')
            else:
                yield _Fields({name: value}, self._faults).text(name)


def parse_json_feed(text: str, url: str, polled_at: Optional[int]) -> ParsedFeed:
    """The feed of a JSON document, what has a wrong type left out and named in its fault.

    Args:
        text: the document, which begins with a brace.
        url: where it came from; relative links are read against it.
        polled_at: microseconds UTC; dates more than a day later are not believed.

    Raises:
        UnreadableFeed: it is no JSON, or no feed. Nothing else is raised, whatever the text.
    """
    faults: dict[str, None] = {}
    try:
        document, end = _DECODER.raw_decode(text)
    except ValueError as error:
        where = f' (character {error.pos})' if isinstance(error, json.JSONDecodeError) else ''
        raise UnreadableFeed(f'The document begins like JSON and is none{where}.') from error
    except RecursionError as error:
        raise UnreadableFeed('The document is not read, because it is nested too deeply.') from error
    if end < len(text):
        faults['it goes on after its end'] = None
    feed = _Fields(document, faults)
    version = _VERSION.search(feed.text('version'))
    shown = len(feed.list('items'))
    if shown > MAX_ITEMS:
        faults[f'it shows {shown} items, of which the first {MAX_ITEMS} are read'] = None
    items = [_item(fields) for fields in feed.objects('items', MAX_ITEMS)]
    entries = entries_of(items, url, polled_at, language=feed.text('language'))
    if version is None:
        if not entries:
            raise UnreadableFeed('The document is neither RSS nor Atom nor any other known feed.')
        faults['it names no version of JSON Feed'] = None
    return ParsedFeed(
        'json10' if version and version[1] in (None, '0') else 'json11',
        plain_text(feed.text('title'), markup=False),
        '; '.join(list(faults)[:_MAX_FAULTS]) or None,
        entries,
    )


def _item(fields: _Fields) -> Item:
    html, plain = fields.text('content_html'), fields.text('content_text')
    summary = plain_text(fields.text('summary'), markup=False)
    return Item(
        guid=fields.text('id'),
        links=(fields.text('url'), fields.text('external_url')),
        title=plain_text(fields.text('title'), markup=False),
        summary=summary or plain_text(plain, markup=False) or plain_text(html),
        content=whole_content([Text(html, True), Text(plain, False)], Text(summary or '', False)),
        authors=names_of((*fields.names('authors'), *fields.names('author'))),
        tags=names_of(fields.names('tags')),
        language=fields.text('language'),
        published=_date(fields.text('date_published')),
        updated=_date(fields.text('date_modified')),
    )


def _date(printed: str) -> Printed:
    return Printed(printed, read_date(printed))
