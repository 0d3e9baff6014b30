"""How a lake's feeds are doing: read from polls, ledger and articles of the last days and weeks."""

import dataclasses
import statistics
from typing import Any, Optional

import pyarrow.compute as pc

from schemas.vocabulary import DEFERRING_REASONS, PollStatus, Subject
from transforms.functions.article_rows import day_of
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import plain_rows

# Days of polls looked through: a feed is polled once a day at least (poll_intervals.MAX_INTERVAL_S), and
# once a week where --poll_max_interval says so.
POLL_DAYS = 8
# Days of sightings that may wait: longer than a page is tried again (ledger_rows.GIVE_UP_DAYS).
WAITING_DAYS = 30
# How long after a feed was due it counts as late, as a share of its interval.
_LATE = 0.5
_HOUR, _DAY = 3_600_000_000, 86_400_000_000
_POLL = ('feed_url', 'polled_at', 'status', 'reason', 'interval_s', 'next_due_at', 'items_shown')
_PLACE = ('decided_at', 'article_date', 'article_outlet')
_ARTICLE = ('ingested_at', 'published_at', 'version')
_ATTEMPT = ('sighting_id', 'attempt', 'transient', 'subject')


@dataclasses.dataclass(frozen=True)
class FeedStatus:
    """The last poll of a feed for which there was time. Times in microseconds UTC."""

    feed_url: str
    polled_at: int
    status: str
    reason: Optional[str]
    interval_s: int
    next_due_at: int
    items_shown: int
    trouble: str  # failing, late, retired or nothing


@dataclasses.dataclass(frozen=True)
class LakeStatus:
    """A lake at one moment."""

    feeds: tuple[FeedStatus, ...]  # those with trouble first
    last_poll_at: Optional[int]  # microseconds UTC
    failing: int
    late: int
    retired: int
    articles_last_hour: int
    articles_last_day: int
    median_lag_s: Optional[float]  # from publication to the lake, of first versions of the last day
    waiting: int  # items that are to be tried again or taken up


def read_status(lake: Lake, now: int) -> LakeStatus:
    """The status at ``now`` (microseconds UTC). Memory: the narrow columns of the polls of eight days, and of
    one day's ledger."""
    first = day_of(now - POLL_DAYS * _DAY)
    last: dict[str, dict[str, Any]] = {}
    for row in plain_rows(lake.read_settled('polls', lake.files_since('polls', first), _POLL)):
        known = last.get(row['feed_url'])
        if known is None or _weight(known) <= _weight(row):
            last[row['feed_url']] = row
    feeds = [FeedStatus(**row, trouble=_trouble(row, now)) for row in last.values()]
    feeds.sort(key=lambda feed: (not feed.trouble, feed.trouble, feed.feed_url))
    fresh = _fresh_articles(lake, now)
    lags = [
        (row['ingested_at'] - row['published_at']) / 1e6
        for row in fresh
        if row['version'] == 1 and row['published_at'] is not None
    ]
    return LakeStatus(
        feeds=tuple(feeds),
        last_poll_at=max((feed.polled_at for feed in feeds), default=None),
        failing=sum(feed.trouble == 'failing' for feed in feeds),
        late=sum(feed.trouble == 'late' for feed in feeds),
        retired=sum(feed.trouble == 'retired' for feed in feeds),
        articles_last_hour=sum(row['ingested_at'] > now - _HOUR for row in fresh),
        articles_last_day=len(fresh),
        median_lag_s=statistics.median(lags) if lags else None,
        waiting=_waiting(lake, day_of(now - WAITING_DAYS * _DAY)),
    )


def _weight(row: dict[str, Any]) -> tuple[bool, int]:
    """Orders the polls of a feed: one that had no time says nothing of it while another does."""
    return row['reason'] not in DEFERRING_REASONS, row['polled_at']


def _trouble(row: dict[str, Any], now: int) -> str:
    if row['status'] == PollStatus.GONE:
        return 'retired'
    if row['status'] == PollStatus.FAILED and row['reason'] not in DEFERRING_REASONS:
        return 'failing'
    return 'late' if now - row['next_due_at'] > _LATE * row['interval_s'] * 1e6 else ''


def _fresh_articles(lake: Lake, now: int) -> list[dict[str, Any]]:
    """Articles that came in the last day, whatever day they are of: where the ledger says that they are."""
    first = day_of(now - WAITING_DAYS * _DAY)
    places: set[tuple[str, str]] = set()
    for partition, paths in lake.by_partition('ledger'):
        if partition[0] >= first:
            rows = lake.read_settled('ledger', paths, _PLACE)
            fresh = rows.filter(pc.greater(rows['decided_at'].cast('int64'), now - _DAY))
            pairs = zip(fresh['article_date'].to_pylist(), fresh['article_outlet'].to_pylist(), strict=True)
            places.update((date, outlet) for date, outlet in pairs if date and outlet)
    found: list[dict[str, Any]] = []
    for place in sorted(places):
        rows = lake.read_settled('articles', lake.files('articles', place), _ARTICLE)
        found += plain_rows(rows.filter(pc.greater(rows['ingested_at'].cast('int64'), now - _DAY)))
    return found


def _waiting(lake: Lake, first: str) -> int:
    """Sightings since a day whose last attempt is one that a later run tries again."""
    count = 0
    for partition, paths in lake.by_partition('ledger'):
        if partition[0] < first:
            continue
        rows = lake.read_settled('ledger', paths, _ATTEMPT)
        # All attempts of a sighting are in the day when it was seen; most were decided by the first.
        open_ones = pc.or_(rows['transient'], pc.greater(rows['attempt'], 0))
        last: dict[str, tuple[int, bool]] = {}
        for row in rows.filter(pc.and_(open_ones, pc.equal(rows['subject'], Subject.ITEM.value))).to_pylist():
            known = last.get(row['sighting_id'])
            if known is None or known[0] <= row['attempt']:
                last[row['sighting_id']] = row['attempt'], row['transient']
        count += sum(waits for _, waits in last.values())
    return count
