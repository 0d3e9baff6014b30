"""Items of feeds as entries: identity, link, fingerprint and believable dates, whatever the feed's format."""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Optional

from schemas.feeds import Entry
from schemas.ids import hash63, hash_id
from transforms.functions.entry_content import WholeContent, words_for_fingerprint
from transforms.functions.feed_dates import believed
from transforms.functions.feed_text import plain_text
from transforms.functions.packed_text import pack
from transforms.functions.urls import absolute, normalise_url, url_key

# Of a document that is cheap to write and dear to read (sitemaps, JSON); twice what a poll keeps.
MAX_ITEMS = 10_000
MAX_SUMMARY = 2_000  # characters
MAX_NAMES = 50  # authors or tags of one entry; more are a list of everything that the site has
# Fewer entries than this may well be published at one moment.
_SHARED_BY = 5
_MAX_ID = 1_024  # characters; a longer guid is hashed
_MAX_NAME = 200  # characters of an author or tag
_MAX_LANGUAGE = 35  # characters; RFC 5646 makes do with that
_MAX_DATE = 100  # characters; a longer one is no date


class Printed(NamedTuple):
    """A date as printed and as read."""

    text: str = ''
    moment: Optional[int] = None  # microseconds UTC, believable or not


_NOT_PRINTED = Printed()


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """What a format's reader found of one item; texts are plain and may be too long."""

    guid: str = ''
    links: tuple[str, ...] = ()  # as printed, the best first
    title: Optional[str] = None
    summary: Optional[str] = None
    content: Optional[WholeContent] = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ''
    published: Printed = _NOT_PRINTED
    created: Printed = _NOT_PRINTED
    updated: Printed = _NOT_PRINTED


def entries_of(
    items: Sequence[Item],
    url: str,
    polled_at: Optional[int],
    language: str = '',
    updated_is_published: bool = False,
) -> tuple[Entry, ...]:
    """The entries of a feed's items in their order, each item_id once and the first of it kept. An item
    without link, title and summary is none.

    Args:
        url: what relative links are read against.
        polled_at: microseconds UTC; dates more than a day later are not believed.
        language: the feed's, for items that claim none.
        updated_is_published: the only date of an item is when it was published, whatever its name.
    """
    links = [_link(item, url) for item in items]
    # Some publishers print one guid for everything (the site's address): it tells nothing apart then.
    links_of: dict[str, set[str]] = {}
    for item, link in zip(items, links, strict=True):
        if link and item.guid:
            links_of.setdefault(item.guid, set()).add(url_key(link))
    # A date that so many entries share is the moment at which the feed was generated: another at each poll.
    shared = len(items) >= _SHARED_BY
    published_counts = not (shared and len({item.published.text for item in items}) == 1)
    updated_counts = not (shared and len({item.updated.text for item in items}) == 1)
    entries: dict[str, Entry] = {}
    for item, link in zip(items, links, strict=True):
        if not (link or item.title or item.summary):
            continue
        guid = item.guid if len(links_of.get(item.guid, ())) <= 1 else ''
        item_id = guid or (normalise_url(link) or link if link else _name_of(item))
        if len(item_id) > _MAX_ID:
            item_id = hash_id(item_id)
        if item_id in entries:
            continue
        edited = (
            _digits(item.published) if published_counts else '',
            _digits(item.updated) if updated_counts else '',
        )
        published = item.published.moment or item.created.moment
        if published is None and updated_is_published:
            published = item.updated.moment
        entries[item_id] = Entry(
            item_id=item_id,
            key=hash63(item_id),
            fingerprint=_fingerprint(item, link, edited),
            link=link,
            title=item.title,
            summary=_summary(item),
            authors=item.authors,
            tags=item.tags,
            language=(item.language or language)[:_MAX_LANGUAGE] or None,
            published_at=believed(published, polled_at),
            updated_at=believed(item.updated.moment, polled_at),
            date_text=_unread(item, polled_at),
            content=pack(item.content.html) if item.content else None,
        )
    return tuple(entries.values())


def names_of(names: Iterable[str]) -> tuple[str, ...]:
    """Names of authors or tags: plain, each once, cut, and not more than ``MAX_NAMES``."""
    plain = (plain_text(name, markup=False) for name in names)
    return tuple(dict.fromkeys(name[:_MAX_NAME] for name in plain if name))[:MAX_NAMES]


def _link(item: Item, url: str) -> Optional[str]:
    """The first address that can be asked among those that the item offers, else the first at all; a guid
    that looks like an address comes last.
    """
    offered = item.links
    if item.guid.lower().startswith(('http://', 'https://')):
        offered = (*offered, item.guid)
    links = [link for text in offered if (link := absolute(text, url))]
    return next((link for link in links if normalise_url(link)), links[0] if links else None)


def _name_of(item: Item) -> str:
    """An identity for an item with neither guid nor link."""
    printed = item.published.text or item.created.text or item.updated.text
    return hash_id(item.title or _summary(item) or '', printed)


def _summary(item: Item) -> Optional[str]:
    return item.summary[:MAX_SUMMARY].rstrip() if item.summary else None


def _fingerprint(item: Item, link: Optional[str], dates: tuple[str, ...]) -> int:
    """Without a content, of link, title, summary and dates alone: as before contents were kept."""
    summary = _summary(item) or ''
    if not item.content:
        return hash63(url_key(link or ''), item.title or '', summary, *dates)
    if item.content.text.startswith(summary):
        summary = ''  # it is the content's beginning, with the counters that do not count there
    words = words_for_fingerprint(item.content)
    return hash63(url_key(link or ''), item.title or '', summary, *dates, words)


def _digits(date: Printed) -> str:
    return str(date.moment or '')


def _unread(item: Item, polled_at: Optional[int]) -> Optional[str]:
    """The first date that was printed and says nothing."""
    for date in (item.published, item.created, item.updated):
        if date.text and believed(date.moment, polled_at) is None:
            return ' '.join(date.text.split())[:_MAX_DATE]
    return None
