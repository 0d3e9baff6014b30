"""Feed documents as rows: RSS, Atom, RDF, CDF, JSON Feed and sitemaps, well-formed or not, and web pages
that name feeds. One reader for each kind; what they share is in ``feed_items``.
"""

import dataclasses
from typing import Optional, Union

from schemas.feeds import FeedDocument, ParsedFeed, UnreadFeed
from schemas.vocabulary import Reason
from transforms.functions.feed_documents import Document, Kind, UnreadableFeed, read_document
from transforms.functions.feed_json import parse_json_feed
from transforms.functions.feed_xml import parse_xml_feed
from transforms.functions.linked_feeds import linked_feeds
from transforms.functions.sitemaps import parse_sitemap, parse_sitemap_index

__all__ = ['UnreadableFeed', 'parse_feed', 'read_feed']


def read_feed(document: FeedDocument) -> Union[ParsedFeed, UnreadFeed]:
    """The document as ``parse_feed`` reads it, or why it cannot. Raises nothing."""
    try:
        return parse_feed(document.body, document.url, document.content_type, document.polled_at)
    except UnreadableFeed as unreadable:
        return UnreadFeed(Reason.FEED_UNREADABLE.value, str(unreadable))


def parse_feed(
    data: bytes, url: str, content_type: Optional[str] = None, polled_at: Optional[int] = None
) -> ParsedFeed:
    """The feed's entries in their order, each item once; or the documents to poll instead.

    Args:
        data: the document, without transfer encoding; a file that is compressed itself is inflated.
        url: where it came from; relative links are read against it unless the document names a base.
        content_type: the HTTP header, if there was one; only its charset counts.
        polled_at: microseconds UTC; dates more than a day later are not believed.

    Raises:
        UnreadableFeed: there is nothing usable in it. Nothing else is raised, whatever the bytes.
    """
    document = read_document(data, content_type)
    feed = _parsed(document, url, polled_at)
    return dataclasses.replace(feed, fault=document.fault or feed.fault)


def _parsed(document: Document, url: str, polled_at: Optional[int]) -> ParsedFeed:
    match document.kind:
        case Kind.JSON:
            return parse_json_feed(document.text, url, polled_at)
        case Kind.SITEMAP:
            return parse_sitemap(document.text, url, polled_at)
        case Kind.SITEMAP_INDEX:
            return parse_sitemap_index(document.text, url, polled_at)
        case Kind.HTML:
            children = linked_feeds(document.text, url)
            if not children:
                raise UnreadableFeed('The document is an HTML page that names no feed.')
            return ParsedFeed('html', None, None, (), children=children)
        case Kind.XML:
            return parse_xml_feed(document.text, url, polled_at)
