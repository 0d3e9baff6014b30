"""Feeds, what a poll of one shows, and the sightings that come of it."""

import dataclasses
from typing import Optional

from schemas.rows import Row


@dataclasses.dataclass(frozen=True)
class Feed(Row):
    """A feed to poll, as the user's sources name it."""

    url: str  # http(s) URL, or file:// URL of a local feed file
    title: Optional[str] = None  # the source's name for it (OPML title)
    labels: tuple[str, ...] = ()  # OPML folders and the user's labels


@dataclasses.dataclass(frozen=True)
class FeedState(Row):
    """What the lake knows of a feed from its last counted poll."""

    feed_url: str
    etag: Optional[str]
    last_modified: Optional[str]
    item_keys: tuple[int, ...]  # 63-bit hashes of the item ids that the feed showed
    item_fingerprints: tuple[int, ...]  # 63-bit hashes of the items' content, in the same order
    polled_at: int  # microseconds UTC
    interval_s: int
    format: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class LastPoll(Row):
    """What came of a feed's last poll, whether it could be read or not."""

    status: str  # a value of schemas.vocabulary.PollStatus
    polled_at: int  # microseconds UTC
    interval_s: int
    next_due_at: int  # microseconds UTC
    moved_to: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class PollRequest(Row):
    """One poll to make: a feed and what is known of it."""

    feed: Feed
    state: Optional[FeedState]
    scheduled_at: int  # microseconds UTC; with the feed's URL it gives the poll its id
    last: Optional[LastPoll] = None


@dataclasses.dataclass(frozen=True)
class FeedAsk(Row):
    """Where a feed is asked for: its own URL, or the one that it redirects to or has moved to."""

    feed: Feed
    url: str
    moved_to: Optional[str] = None  # set when the redirect is permanent
    found: bool = False  # whether another document named the feed, and no source
    changed_at: Optional[int] = None  # microseconds UTC, as the document says that named it
    done: bool = False  # a mark that the feed was asked already: nothing is to be done


@dataclasses.dataclass(frozen=True)
class Entry(Row):
    """An item of a feed, as parsed."""

    item_id: str  # guid, else link, else a hash of title and date
    key: int  # 63-bit hash of item_id
    # 63-bit hash of what a change of would be an edit: link, title, dates, summary, the words of the content.
    fingerprint: int
    link: Optional[str]
    title: Optional[str]
    summary: Optional[str]  # plain text, at most 2 000 characters
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    language: Optional[str]  # as the entry or its feed claims
    published_at: Optional[int]  # microseconds UTC
    updated_at: Optional[int]  # microseconds UTC
    date_text: Optional[str] = None  # the date as printed, when it was not read or is not believed
    content: Optional[str] = None  # the whole article as the entry gives it, HTML, packed (see packed_text)


@dataclasses.dataclass(frozen=True)
class ChildFeed(Row):
    """A document that another one names to be polled: of a sitemap index, or a web page's feed."""

    url: str  # absolute
    title: Optional[str] = None
    modified_at: Optional[int] = None  # microseconds UTC, as the naming document says


@dataclasses.dataclass(frozen=True)
class ParsedFeed(Row):
    """A feed's document, as parsed."""

    format: Optional[str]  # e.g. rss20, atom10, rss10, json11, news_sitemap, sitemap, sitemap_index, html
    title: Optional[str]
    fault: Optional[str]  # what was malformed, if anything was
    entries: tuple[Entry, ...]  # in the feed's order, each item_id once
    # What the publisher asks of those who poll: seconds between polls, and when not to come (RSS skipHours,
    # UTC; skipDays, 0 is Monday).
    asked_interval_s: Optional[int] = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    children: tuple[ChildFeed, ...] = ()  # to be polled instead; the newest first


@dataclasses.dataclass(frozen=True)
class FeedDocument:
    """A feed as fetched, to be read by another process. It travels as a pickle and never through Beam."""

    body: bytes  # decompressed
    url: str  # where it came from
    content_type: Optional[str]
    polled_at: int  # microseconds UTC


@dataclasses.dataclass(frozen=True)
class UnreadFeed:
    """Why nothing could be read from a feed's document."""

    reason: str  # a value of schemas.vocabulary.Reason
    fault: str  # a sentence for people


@dataclasses.dataclass(frozen=True)
class Sighting(Row):
    """One item seen new or changed in one poll. Ends in exactly one final disposition."""

    sighting_id: str
    poll_id: str  # '' for a page that is looked at again though no poll showed it changed
    feed_url: str
    feed_title: Optional[str]
    feed_labels: tuple[str, ...]
    item_id: str
    fingerprint: int
    url: Optional[str]  # the entry's link, absolute
    title: Optional[str]
    summary: Optional[str]
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    language: Optional[str]
    published_at: Optional[int]  # microseconds UTC
    updated_at: Optional[int]  # microseconds UTC
    seen_at: int  # microseconds UTC
    attempt: int  # from 0; a later attempt replaces an earlier one
    date_text: Optional[str] = None  # the date as printed, when it was not read or is not believed
    content: Optional[str] = None  # the whole article as the entry gives it, HTML, packed (see packed_text)
    # Of a page that is looked at again: the validators that it came with last.
    page_etag: Optional[str] = None
    page_last_modified: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class Poll(Row):
    """One poll of one feed: a row of the table ``polls``, whose columns have these names."""

    poll_id: str
    feed_url: str
    feed_title: Optional[str]
    feed_labels: tuple[str, ...]
    scheduled_at: int
    polled_at: int
    status: str
    reason: Optional[str]
    http_status: Optional[int]
    moved_to: Optional[str]
    format: Optional[str]
    fault: Optional[str]
    items_shown: int
    items_unchanged: int
    item_keys: tuple[int, ...]
    item_fingerprints: tuple[int, ...]
    etag: Optional[str]
    last_modified: Optional[str]
    interval_s: int
    next_due_at: int
    scrolled_off: bool
    bytes: int
    run_id: str
