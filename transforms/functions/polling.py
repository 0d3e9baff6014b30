"""What a poll of a feed comes to: its row of ``polls`` and the sightings of what is new or changed.

Pure functions of the request, the answer and the clock: the same answer to the same request gives the
same ids, so that a poll made twice is one poll.
"""

from typing import NamedTuple, Optional, Union

from schemas.feeds import ChildFeed, Entry, FeedState, ParsedFeed, Poll, PollRequest, Sighting, UnreadFeed
from schemas.ids import hash_id
from schemas.vocabulary import DEFERRING_REASONS, PollStatus, Reason
from transforms.functions.page_validators import validating_headers
from transforms.functions.poll_intervals import BOUNDS, Bounds, next_poll
from transforms.functions.redirectors import unwrap

# Of 47 captured news feeds the longest shows 500 items; sitemaps of news hold at most 1 000 by their rules.
MAX_ITEMS = 5_000


# What names documents to be polled instead of showing items.
NAMING_FORMATS = frozenset({'html', 'sitemap_index'})


class PollResult(NamedTuple):
    """A poll, and a sighting for each of its items that is not unchanged: the two add up to items_shown."""

    poll: Poll
    sightings: tuple[Sighting, ...]
    children: tuple[ChildFeed, ...] = ()  # documents that the feed names to be polled


def conditional_headers(state: Optional[FeedState]) -> tuple[tuple[str, str], ...]:
    """The headers that ask for the feed only if it changed since its last counted poll.

    >>> conditional_headers(FeedState('https://example.org/f', 'W/"7"', None, (), (), 0, 60))
    (('If-None-Match', 'W/"7"'),)
    """
    if state is None or state.format in NAMING_FORMATS:
        return ()  # a 304 would not say again which documents it names
    return validating_headers(state.etag, state.last_modified)


def poll_result(
    request: PollRequest,
    *,
    status: Optional[int],
    document: Union[ParsedFeed, UnreadFeed, None],
    etag: Optional[str],
    last_modified: Optional[str],
    moved_to: Optional[str],
    reason: Optional[Reason],
    wire_bytes: int,
    polled_at: int,
    run_id: str,
    detail: Optional[str] = None,
    cache_control: Optional[str] = None,
    retry_after_s: Optional[int] = None,
    max_items: int = MAX_ITEMS,
    bounds: Bounds = BOUNDS,
) -> PollResult:
    """The poll's row and its sightings.

    Args:
        status: of the HTTP answer; None for a local file, or when there was no answer.
        document: what was read in the answer; None when it has nothing to read, which needs a ``reason`` or
            a 304.
        moved_to: where permanent redirects led, if there were any.
        reason: why there is no usable answer, as far as the transfer goes.
        wire_bytes: as received, compressed.
        polled_at: microseconds UTC.
        detail: of the reason, for people; it becomes the row's ``fault``.
        retry_after_s: how long the host asks to be left in peace.
        max_items: what a feed shows beyond them is cut, and the row says so.
    """
    state = request.state
    kept: tuple[Entry, ...] = ()
    parsed: Optional[ParsedFeed] = None
    fault = detail
    if reason is None and status == 304:
        if state is None:
            reason, fault = Reason.FEED_UNREADABLE, 'The server answered 304 to an unconditional request.'
    elif reason is None:
        if document is None:
            raise ValueError(f'An answer of {request.feed.url} without a document needs a reason.')
        if isinstance(document, UnreadFeed):
            reason, fault = Reason(document.reason), document.fault
        else:
            parsed = document
            kept, fault = parsed.entries[:max_items], parsed.fault
            if len(kept) < len(parsed.entries):
                reason = Reason.TOO_MANY_ITEMS
                cut = f'It shows {len(parsed.entries)} items, of which the first {max_items} were kept.'
                fault = f'{fault}; {cut}' if fault else cut
    counted = parsed is not None or (reason is None and state is not None)
    keys: tuple[int, ...] = tuple(entry.key for entry in kept)
    fingerprints: tuple[int, ...] = tuple(entry.fingerprint for entry in kept)
    if counted and parsed is None and state is not None:  # 304: everything is as it was
        keys, fingerprints = state.item_keys, state.item_fingerprints
        etag, last_modified = etag or state.etag, last_modified or state.last_modified
    known = set(zip(state.item_keys, state.item_fingerprints, strict=True)) if state else set()
    changed = tuple(entry for entry in kept if (entry.key, entry.fingerprint) not in known)
    before = frozenset(state.item_keys) if state else frozenset()
    poll_status = _status(status, reason, counted, parsed, moved_to)
    scrolled_off = counted and bool(before) and bool(keys) and before.isdisjoint(keys)
    due = next_poll(
        polled_at,
        state,
        request.last,
        parsed,
        counted=counted,
        news=not before.issuperset(keys),
        scrolled_off=scrolled_off,
        gone=poll_status is PollStatus.GONE,
        unasked=reason in DEFERRING_REASONS,
        cache_control=cache_control,
        retry_after_s=retry_after_s,
        bounds=bounds,
    )
    if scrolled_off:
        lost = f'Nothing of the last poll is left: items were probably lost; poll every {due.interval_s} s.'
        fault = f'{fault}; {lost}' if fault else lost
    poll = Poll(
        poll_id=hash_id(request.feed.url, str(request.scheduled_at)),
        feed_url=request.feed.url,
        feed_title=request.feed.title or (parsed.title if parsed else None),
        feed_labels=request.feed.labels,
        scheduled_at=request.scheduled_at,
        polled_at=polled_at,
        status=poll_status.value,
        reason=reason.value if reason else None,
        http_status=status,
        moved_to=moved_to,
        format=parsed.format if parsed else None,
        fault=fault,
        items_shown=len(kept),
        items_unchanged=len(kept) - len(changed),
        item_keys=keys,
        item_fingerprints=fingerprints,
        etag=etag if counted else None,
        last_modified=last_modified if counted else None,
        interval_s=due.interval_s,
        next_due_at=due.next_due_at,
        scrolled_off=scrolled_off,
        bytes=wire_bytes,
        run_id=run_id,
    )
    sightings = tuple(_sighting(poll, entry) for entry in changed)
    return PollResult(poll, sightings, parsed.children if parsed else ())


def _status(
    status: Optional[int],
    reason: Optional[Reason],
    counted: bool,
    parsed: Optional[ParsedFeed],
    moved_to: Optional[str],
) -> PollStatus:
    if not counted:
        gone = status == 410 or reason is Reason.HTTP_410
        return PollStatus.GONE if gone else PollStatus.FAILED
    if moved_to:
        return PollStatus.MOVED
    return PollStatus.OK if parsed is not None else PollStatus.NOT_MODIFIED


def _sighting(poll: Poll, entry: Entry) -> Sighting:
    return Sighting(
        sighting_id=hash_id(poll.poll_id, entry.item_id),
        poll_id=poll.poll_id,
        feed_url=poll.feed_url,
        feed_title=poll.feed_title,
        feed_labels=poll.feed_labels,
        item_id=entry.item_id,
        fingerprint=entry.fingerprint,
        # What leads to the article by way of a search engine or a network is the article's address.
        url=unwrap(entry.link) if entry.link else None,
        title=entry.title,
        summary=entry.summary,
        authors=entry.authors,
        tags=entry.tags,
        language=entry.language,
        published_at=entry.published_at,
        updated_at=entry.updated_at,
        seen_at=poll.scheduled_at,
        attempt=0,
        date_text=entry.date_text,
        content=entry.content,
    )
