"""What the bytes of a feed are: inflated, decoded, and told apart by what they begin with."""

import enum
import re
import zlib
from typing import NamedTuple, Optional

from transforms.functions.feed_text import decode, root_name

# The protocol of sitemaps (sitemaps.org) allows 50 MB inflated, and publishers keep to it.
MAX_INFLATED = 50_000_000  # bytes
# No feed that is no sitemap is compressed as a file; feedparser takes a second for each megabyte.
_MAX_INFLATED_FEED = 10_000_000  # bytes
_CHUNK = 16_384  # bytes; what follows a member is copied, and members may be tiny
_GZIP = b'\x1f\x8b\x08'
_SITEMAP_ROOT = re.compile(r'(?:.*:)?(urlset|sitemapindex)')


class UnreadableFeed(ValueError):
    """The bytes are no feed that anything can be read from; the message is one sentence that says why."""


class Kind(enum.Enum):
    """The kinds of documents, each with a reader of its own."""

    JSON = 'json'
    HTML = 'html'
    SITEMAP = 'urlset'
    SITEMAP_INDEX = 'sitemapindex'
    XML = 'xml'  # and whatever is none of the others


class Document(NamedTuple):
    """A document as text."""

    kind: Kind
    text: str  # without characters that XML forbids
    fault: Optional[str]  # what was wrong with its compression or encoding


def read_document(data: bytes, content_type: Optional[str]) -> Document:
    """The document, by its content whatever the header says; the header counts for the charset only.

    Raises:
        UnreadableFeed: it is empty, or inflates to more than is read.
    """
    fault = None
    inflated = data.startswith(_GZIP)
    if inflated:
        data, fault = _inflated(data)
    text, encoding_fault = decode(data, content_type)
    if not text:
        raise UnreadableFeed('The feed is empty.')
    kind = _kind(text)
    if inflated and len(data) > _MAX_INFLATED_FEED and kind not in (Kind.SITEMAP, Kind.SITEMAP_INDEX):
        raise UnreadableFeed(
            f'The document is not read, because it inflates to more than {_MAX_INFLATED_FEED} bytes.'
        )
    return Document(kind, text, fault or encoding_fault)


def _kind(text: str) -> Kind:
    if text.startswith('{'):
        return Kind.JSON
    name = root_name(text)
    if name == 'html':
        return Kind.HTML
    if name and (sitemap := _SITEMAP_ROOT.fullmatch(name)):
        return Kind(sitemap[1])
    return Kind.XML


def _inflated(data: bytes) -> tuple[bytes, Optional[str]]:
    """What the gzip file holds, all its members, and what is wrong with it; a cut one gives what it has."""
    parts: list[bytes] = []
    size = position = 0
    inflater = zlib.decompressobj(wbits=31)
    while position < len(data):
        chunk = data[position : position + _CHUNK]
        position += len(chunk)
        try:
            parts.append(inflater.decompress(chunk, MAX_INFLATED + 1 - size))
        except zlib.error:
            return b''.join(parts), 'its compressed file is damaged'
        size += len(parts[-1])
        if size > MAX_INFLATED:
            raise UnreadableFeed(
                f'The document is not read, because it inflates to more than {MAX_INFLATED} bytes.'
            )
        if inflater.eof:
            position -= len(inflater.unused_data)
            if not data.startswith(_GZIP, position):
                break
            inflater = zlib.decompressobj(wbits=31)
    return b''.join(parts), None if inflater.eof else 'its compressed file is cut'
