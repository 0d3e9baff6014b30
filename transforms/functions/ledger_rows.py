"""Ledger rows: what is written down about a sighting when it is decided."""

from collections.abc import Iterable
from typing import Optional

from schemas.feeds import Poll, Sighting
from schemas.ids import hash_id
from schemas.ledger import LedgerRow
from schemas.vocabulary import Disposition, Reason, Subject, disposition_of
from transforms.functions.article_rows import sightings_to_json
from transforms.functions.urls import normalise_url, url_key

# An item that failed this often, over this many days, is given up, or a dead host would be asked for ever.
MAX_ATTEMPTS = 10
GIVE_UP_DAYS = 7
_DAY_US = 86_400_000_000
# A detail is a sentence for people; what it quotes may be of any length.
_DETAIL_CHARACTERS = 300


def item_row(
    sighting: Sighting,
    disposition: Disposition,
    *,
    run_id: str,
    decided_at: int,
    reason: Optional[str] = None,
    detail: Optional[str] = None,
    final_url: Optional[str] = None,
    http_status: Optional[int] = None,
    article_id: Optional[str] = None,
    row_id: Optional[str] = None,
    article_date: Optional[str] = None,
    article_outlet: Optional[str] = None,
    keep_entry: bool = False,
) -> LedgerRow:
    """The ledger row of a sighting. A sighting that waits for a later attempt keeps its feed entry.

    So does one whose page is to be looked at again (``keep_entry``).
    """
    waits = disposition in (Disposition.FAILED, Disposition.DEFERRED)
    return LedgerRow(
        sighting_id=sighting.sighting_id,
        subject=Subject.ITEM.value,
        poll_id=sighting.poll_id or None,  # a page that is looked at again was shown by no poll
        feed_url=sighting.feed_url,
        feed_item_id=sighting.item_id,
        url=sighting.url,
        url_key=url_key(sighting.url) if sighting.url and normalise_url(sighting.url) else None,
        final_url=final_url,
        article_id=article_id,
        row_id=row_id,
        article_date=article_date,
        article_outlet=article_outlet,
        disposition=disposition.value,
        reason=reason,
        transient=waits,
        detail=detail[:_DETAIL_CHARACTERS] if detail else None,
        http_status=http_status,
        attempt=sighting.attempt,
        seen_at=sighting.seen_at,
        decided_at=decided_at,
        run_id=run_id,
        fingerprint=sighting.fingerprint,
        entry=sightings_to_json((sighting,)) if waits or keep_entry else None,
    )


def refused_row(
    sighting: Sighting,
    reason: Reason,
    detail: Optional[str],
    *,
    run_id: str,
    decided_at: int,
    final_url: Optional[str] = None,
    http_status: Optional[int] = None,
) -> LedgerRow:
    """The row of a sighting that gave no article; the reason alone decides its disposition."""
    disposition = disposition_of(reason)
    waited = decided_at - sighting.seen_at
    if (
        disposition is Disposition.FAILED
        and sighting.attempt + 1 >= MAX_ATTEMPTS
        and waited >= GIVE_UP_DAYS * _DAY_US
    ):
        disposition = Disposition.REJECTED
        detail = f'given up after {sighting.attempt + 1} attempts: {detail or reason.value}'
    return item_row(
        sighting,
        disposition,
        run_id=run_id,
        decided_at=decided_at,
        reason=reason.value,
        detail=detail,
        final_url=final_url,
        http_status=http_status,
    )


def is_final(row: LedgerRow) -> bool:
    """Whether the row's sighting is decided for good: it neither waits nor is tried again."""
    return not row.transient


def entry_stands_in(sightings: Iterable[Sighting], reason: Reason) -> bool:
    """Whether the content of a page's entry is taken where its page is refused for good for this reason.

    Not where the page is gone (410), nor where its publisher asks that it be not kept.
    """
    return reason is not Reason.HTTP_410 and any(sighting.content for sighting in sightings)


def feed_row(poll: Poll) -> LedgerRow:
    """The row of a feed whose poll failed. Feeds are polled again by every run, so it waits for nothing."""
    return LedgerRow(
        sighting_id=hash_id(poll.poll_id, ''),
        subject=Subject.FEED.value,
        poll_id=poll.poll_id,
        feed_url=poll.feed_url,
        url=poll.feed_url,
        disposition=disposition_of(Reason(poll.reason)).value if poll.reason else Disposition.REJECTED.value,
        reason=poll.reason,
        detail=poll.fault,
        http_status=poll.http_status,
        seen_at=poll.polled_at,
        decided_at=poll.polled_at,
        run_id=poll.run_id,
    )


def source_line_row(
    source: str, line: int, text: str, why: str, *, run_id: str, decided_at: int
) -> LedgerRow:
    """The row of a line of a source that names no feed; line 0 is the source as a whole."""
    return LedgerRow(
        sighting_id=hash_id(run_id, source, str(line), text),
        subject=Subject.SOURCE_LINE.value,
        url=text[:2000],
        disposition=Disposition.REJECTED.value,
        reason=Reason.SOURCE_UNREADABLE.value,
        detail=f'{source}, line {line}: {why}' if line else f'{source}: {why}',
        seen_at=decided_at,
        decided_at=decided_at,
        run_id=run_id,
    )
