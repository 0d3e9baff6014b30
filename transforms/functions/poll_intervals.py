"""When a feed is polled again: as often as it really changes, never against its publisher's wishes."""

import datetime
import itertools
import re
import statistics
from collections.abc import Sequence
from typing import NamedTuple, Optional

from schemas.feeds import Entry, FeedState, LastPoll, ParsedFeed
from schemas.vocabulary import PollStatus

FIRST_INTERVAL_S = 1_800  # where nothing is known of a feed: between busy (minutes) and weekly ones
MIN_INTERVAL_S = 300  # asked more often, publishers begin to refuse
MAX_INTERVAL_S = 86_400  # a feed that is still wanted is looked at once a day
# The interval follows the feed: fast towards it when something came, slowly away when nothing did,
# so that a burst of news is caught by the next poll and a quiet night costs few.
_AFTER_NEWS = 0.5
_AFTER_NOTHING = 1.5
_AFTER_FAILURE = 2.0
# An index of sitemaps, or a web page that names feeds, shows nothing itself, and what it names is asked for
# when it is: as often as a busy feed, since what it names says itself whether it has changed.
_NAMING_INTERVAL_S = 900
# A document that another one says was changed at a moment may be served from a cache for this long after it.
_CACHED_US = 15 * 60 * 1_000_000
_DAY_US = 86_400_000_000
# A first poll has the dates of the entries to go by; fewer than this are no rhythm.
_MIN_DATES = 4
# Looked at: what is older tells of another time of the day or the year.
_NEWEST = 20
_MAX_AGE = re.compile(r'(?:^|[\s,])max-age\s*=\s*"?(\d{1,9})', re.IGNORECASE)
_SECOND = 1_000_000
_HOURS_A_WEEK = 7 * 24


class Bounds(NamedTuple):
    """Seconds that an interval never falls below or rises above."""

    low: int = MIN_INTERVAL_S
    high: int = MAX_INTERVAL_S


BOUNDS = Bounds()


class Due(NamedTuple):
    """When the next poll is due."""

    interval_s: int
    next_due_at: int  # microseconds UTC; later than the interval where the publisher asks not to come then


def next_poll(
    polled_at: int,
    state: Optional[FeedState],
    last: Optional[LastPoll],
    parsed: Optional[ParsedFeed],
    *,
    counted: bool,
    news: bool,
    scrolled_off: bool,
    gone: bool = False,
    unasked: bool = False,
    cache_control: Optional[str] = None,
    retry_after_s: Optional[int] = None,
    bounds: Bounds = BOUNDS,
) -> Due:
    """When a feed is due again after a poll.

    A first reading goes by the dates of its entries, later ones by whether something new came; each failure
    doubles the time. What the publisher states (``ttl``, ``sy:updatePeriod``, Cache-Control's max-age,
    Retry-After) is the least, up to the upper bound; hours and days that it asks to skip are skipped.

    Args:
        polled_at: microseconds UTC.
        state: what the last reading left; None when there was none.
        last: the last poll, whatever came of it.
        parsed: the document; None for a 304 or a failure.
        counted: whether this poll read the feed, or was told that it is as before.
        news: whether there is an item that the last reading did not show.
        scrolled_off: whether nothing is left of the last reading: items were probably lost between.
        gone: whether the feed is retired.
        unasked: whether the run ended before the feed was asked: then it is due at once, or when the peace
            is over that its host wants.
        retry_after_s: how long the host asks to be left in peace.
    """
    if unasked:
        peace_s = min(retry_after_s or 0, bounds.high)
        return Due(last.interval_s if last else FIRST_INTERVAL_S, polled_at + peace_s * _SECOND)
    if gone:
        return Due(bounds.high, polled_at + bounds.high * _SECOND)
    seconds: float
    if not counted:
        seconds = _AFTER_FAILURE * (last.interval_s if last else FIRST_INTERVAL_S)
    elif parsed is not None and parsed.children:
        seconds = _NAMING_INTERVAL_S
    elif state is None:
        seconds = _rhythm(parsed.entries if parsed else ()) or FIRST_INTERVAL_S
    elif scrolled_off:
        seconds = suggested_interval(polled_at - state.polled_at, state.interval_s)
    else:
        seconds = state.interval_s * (_AFTER_NEWS if news else _AFTER_NOTHING)
    asked = [
        _max_age(cache_control) if counted else None,
        parsed.asked_interval_s if parsed else None,
        retry_after_s,
    ]
    seconds = max([seconds, *(wish for wish in asked if wish is not None)])
    interval_s = max(bounds.low, min(bounds.high, round(seconds)))
    due = polled_at + interval_s * _SECOND
    return Due(interval_s, _after_skipped(due, parsed) if parsed else due)


def suggested_interval(gap_us: int, interval_s: int) -> int:
    """Seconds between polls for a feed of which nothing was left after ``gap_us`` microseconds: half of that
    time, and no more than the interval that was too long."""
    return max(1, min(gap_us // _SECOND, interval_s) // 2)


def may_have_changed(changed_at: Optional[int], polled_at: int) -> bool:
    """Whether a document may have changed since it was polled, by what another says of it; microseconds UTC.

    A moment at midnight is mostly a day without a time: it stands for the day's end.

    >>> may_have_changed(None, 5), may_have_changed(7 * _DAY_US, 7 * _DAY_US + 9)
    (True, True)
    """
    if changed_at is None:
        return True
    latest = changed_at + (_DAY_US if changed_at % _DAY_US == 0 else 0)
    return latest + _CACHED_US >= polled_at


def is_due(last: Optional[LastPoll], now: int) -> bool:
    """Whether a feed is due at ``now`` (microseconds UTC); one that was never polled is."""
    return last is None or last.next_due_at <= now


def is_retired(last: Optional[LastPoll]) -> bool:
    """Whether the feed's server has said that it is gone for good (410)."""
    return last is not None and last.status == PollStatus.GONE


def _rhythm(entries: Sequence[Entry]) -> Optional[float]:
    """Half the usual time between the newest entries, in seconds: then a poll seldom finds two."""
    dates = sorted({entry.published_at for entry in entries if entry.published_at is not None}, reverse=True)
    newest = dates[:_NEWEST]
    if len(newest) < _MIN_DATES:
        return None
    gaps = [later - earlier for later, earlier in itertools.pairwise(newest)]
    return statistics.median(gaps) / 2 / _SECOND


def _max_age(cache_control: Optional[str]) -> Optional[int]:
    found = _MAX_AGE.search(cache_control or '')
    return int(found[1]) if found else None


def _after_skipped(due: int, parsed: ParsedFeed) -> int:
    """The first moment from ``due`` on that is in no hour and on no day that the feed asks to skip.

    A feed that asks to skip every hour or every day asks for nothing that can be meant.
    """
    hours, days = set(parsed.skip_hours), set(parsed.skip_days)
    if not hours and not days:
        return due
    moment = datetime.datetime.fromtimestamp(due // _SECOND, datetime.UTC)
    for _ in range(_HOURS_A_WEEK):
        if moment.hour not in hours and moment.weekday() not in days:
            return max(due, int(moment.timestamp()) * _SECOND)
        moment = moment.replace(minute=0, second=0) + datetime.timedelta(hours=1)
    return due
