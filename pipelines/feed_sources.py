"""SOURCE arguments to feeds: files are read, lists at URLs are fetched, feed URLs stand for themselves.

A home page is searched for its feeds, as ``dateline feeds`` does.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Optional
from urllib.parse import urlsplit

from pipelines.errors.sources import BAD_SOURCE, LIST_GONE, NO_FEED, POLLED_ON, SITE_GONE
from pipelines.site_feeds import find_feeds, why_none, with_remedy
from pipelines.usage import UsageError, say
from schemas.feeds import Feed
from schemas.ledger import LedgerRow
from schemas.settings import FetchSettings, RunSettings
from schemas.vocabulary import TRANSIENT_REASONS
from transforms import processes
from transforms.functions.discovery import SiteFeeds
from transforms.functions.ledger_rows import source_line_row
from transforms.functions.sources import SourceError, is_url, load_local, read_source
from transforms.functions.urls import normalise_url
from transforms.functions.web.asking import Ask


@dataclasses.dataclass(frozen=True)
class Fault:
    """A line of a source that names no feed, or a source that does not as a whole."""

    source: str
    line: int  # from 1; 0 for the whole
    text: str
    why: str

    def sentence(self) -> str:
        """The fault for people."""
        if not self.line:
            return f'{self.source}: {self.why}'
        return f'{self.source}, line {self.line}, {self.text!r}, {self.why}'

    def ledger_row(self, run: RunSettings) -> LedgerRow:
        """The fault for the ledger."""
        return source_line_row(
            self.source, self.line, self.text, self.why, run_id=run.run_id, decided_at=run.started_at
        )


@dataclasses.dataclass(frozen=True)
class FeedSources:
    """All feeds that the sources name, each once, and what was wrong with them."""

    feeds: tuple[Feed, ...]
    faults: tuple[Fault, ...]
    by_source: Mapping[str, tuple[Feed, ...]] = dataclasses.field(default_factory=dict, compare=False)


def read_all(
    specs: Sequence[str], fetch: FetchSettings, known: Optional[Mapping[str, tuple[Feed, ...]]] = None
) -> FeedSources:
    """Reads each source. Raises UsageError for one that is of no use at all.

    Args:
        known: the feeds that sources named before: those of one that cannot be had today stay.
    """
    known = known or {}
    feeds: dict[str, Feed] = {}
    faults: dict[Fault, None] = {}
    by_source: dict[str, tuple[Feed, ...]] = {}
    homes = [spec for spec in dict.fromkeys(specs) if _is_home(spec)]
    searched = dict(zip(homes, find_feeds(homes, fetch), strict=True)) if homes else {}
    for spec in specs:
        try:
            if spec in searched:
                found, more = _of_home(searched[spec], fails=spec in known)
            else:
                found, more = _of_document(spec, fetch)
        except UsageError as error:
            if spec not in known:
                raise
            POLLED_ON.say(error=error)
            found, more = known[spec], ()
        by_source[spec] = found
        faults |= dict.fromkeys(more)
        for feed in found:
            there = feeds.get(feed.url)
            labels = dict.fromkeys((*there.labels, *feed.labels)) if there else feed.labels
            feeds[feed.url] = dataclasses.replace(feed, labels=tuple(labels))
    if not feeds:
        for fault in faults:
            say(fault.sentence())
        raise NO_FEED.error(sources=', '.join(specs))
    return FeedSources(tuple(feeds.values()), tuple(faults), by_source)


def _is_home(spec: str) -> bool:
    """Whether a source is the address of a site and not of one of its documents."""
    if not is_url(spec) or _is_list(spec) or normalise_url(spec) is None:
        return False
    parts = urlsplit(spec)
    return parts.path in ('', '/') and not parts.query


def _of_document(spec: str, fetch: FetchSettings) -> tuple[tuple[Feed, ...], tuple[Fault, ...]]:
    """The feeds of a list, and its bad lines; or the feed that the source is. Raises UsageError."""
    if is_url(spec) and not _is_list(spec):
        return (Feed(spec),), ()
    try:
        sources = read_source(spec, _fetch(spec, fetch) if is_url(spec) else load_local(spec))
    except SourceError as error:
        raise BAD_SOURCE.error(error=error) from error
    return sources.feeds, tuple(Fault(spec, fault.line, fault.text, fault.why) for fault in sources.faults)


def _of_home(searched: SiteFeeds, fails: bool) -> tuple[tuple[Feed, ...], tuple[Fault, ...]]:
    """The feeds of a home page, or what is wrong with it.

    With ``fails`` a page that cannot be had raises UsageError, whatever was found without it.
    """
    if fails and searched.reason is not None and not searched.is_feed:
        why = f' ({searched.detail})' if searched.detail else ''
        raise SITE_GONE.error(site=searched.site, why=f'{searched.reason}{why}')
    if searched.is_feed:
        return (Feed(searched.site),), ()
    if searched.feeds:
        urls = [feed.url for feed in searched.feeds]
        say(f'{searched.site} is a page; its feeds are polled: {", ".join(urls)}')
        return tuple(map(Feed, urls)), ()
    if searched.reason in TRANSIENT_REASONS:
        # It may well be a feed: its poll says what is wrong today, and the other feeds are not kept waiting.
        return (Feed(searched.site),), ()
    why = why_none(searched).removeprefix(f'{searched.site}: ')
    return (), (Fault(searched.site, 0, searched.site, why),)


def _is_list(url: str) -> bool:
    """Whether a URL names a list of feeds; any other is polled as a feed, once, with what is known of it."""
    path = url.lower().partition('?')[0]
    return 'opml' in url.lower() or path.endswith('.txt')


def _fetch(url: str, fetch: FetchSettings) -> bytes:
    batch = processes.web_client(fetch).open()
    batch.submit(Ask(url, url, 'document'))
    (answer,) = batch.drain()
    if answer.elsewhere:
        batch = processes.web_client(fetch).open()
        batch.submit(Ask(url, answer.elsewhere, 'document'))
        (answer,) = batch.drain()
    if answer.body is None:
        raise LIST_GONE.error(url=url, why=f'{answer.reason}: {with_remedy(answer.reason, answer.detail)}')
    return answer.body
