"""Which feeds need looking after, and what to do: facts about their polls turned into sentences."""

import dataclasses
import datetime
from collections.abc import Callable
from typing import Any, Optional

from schemas.vocabulary import Reason
from transforms.functions.article_rows import day_of, moment_text
from transforms.functions.auditing.item_dates import Count, newest_days, undated_counts
from transforms.functions.auditing.poll_history import NEVER, NO_GAP, PollHistory
from transforms.functions.lake import Lake
from transforms.functions.poll_intervals import MAX_INTERVAL_S, MIN_INTERVAL_S
from transforms.functions.state.lake_batches import days_of

DAY_US = 86_400_000_000
# One day more than what makes a feed slow, so that a poll from before that time is among them.
DAYS = 31
SLOW_DAYS = 30
# An outage over a long weekend is no death.
DEAD_DAYS = 3
# A feed that is in somebody's list is polled once a day at the least (MAX_INTERVAL_S), and by a weekly run
# once a week: what was not for longer is in no list any more.
LISTED_DAYS = 8
# Articles are in as many files as days and outlets, so a week of them has to do for a share.
UNDATED_DAYS = 7
# Below it a missing date is a slip of an editor's, above it one of the feed or the site.
UNDATED_SHARE = 0.1

# Documents that name others to be polled, and show no items of their own.
_LISTS = frozenset({'html', 'sitemap_index'})

# In the order in which they are shown, with what to do.
GROUPS = {
    'scrolled_off': 'all was new since the poll before, so that items were probably lost; poll more often',
    'dead': f'failed or gone at every poll of the last {DEAD_DAYS} days; find its new address or take it out',
    'moved': 'moved for good; write the new address in your list',
    'malformed': 'malformed, though it could be read; what is missing may be lost',
    'slow': f'nothing new for {SLOW_DAYS} days',
    'undated': 'articles without a date, which are filed under the day on which they were first seen',
    'robots': 'refused by robots.txt, so not asked for; ask the publisher, or take it out',
}


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing about one feed. What does not belong to its group is None; moments are microseconds UTC."""

    group: str
    feed_url: str
    feed_title: Optional[str]
    says: str  # a few words for people
    polls: int  # of the feed in the days looked at
    count: Optional[int] = None  # of these, those that the finding is about; of articles, if undated
    since: Optional[int] = None
    last: Optional[int] = None
    reason: Optional[str] = None
    suggested_interval_s: Optional[int] = None
    moved_to: Optional[str] = None
    share: Optional[float] = None  # 0 to 1


@dataclasses.dataclass(frozen=True)
class Audit:
    """All findings, by group and then the worst first, and how many feeds were looked at."""

    findings: tuple[Finding, ...]
    feeds: int
    unlisted: int  # feeds that were not polled lately, of which nothing is said
    polls: int
    since: Optional[str]  # first day looked at; None when the lake holds no polls
    until: Optional[str]


def audit_feeds(lake: Lake, tell: Optional[Count] = None, days: int = DAYS) -> Audit:
    """Looks at the polls of the last days that there are, whenever that was. Raises DamagedFile."""
    by_day = days_of(lake, 'polls')
    if not by_day:
        return Audit((), 0, 0, 0, None, None)
    until = max(by_day)
    since = _days_before(until, days)
    looked = {day: paths for day, paths in by_day.items() if day >= since}
    history = PollHistory()
    for number, (day, paths) in enumerate(looked.items()):
        history.add_day(lake, day, paths)
        if tell is not None:
            tell('polls', number + 1, len(looked))
    newest = newest_days(lake, since, tell)
    undated = undated_counts(lake, _days_before(until, UNDATED_DAYS), tell)
    feeds = [_Facts(history, n, newest, undated) for n in range(len(history.feeds.words))]
    polled = [feed for feed in feeds if feed.polls]
    latest = max((feed.last for feed in polled), default=NEVER)
    listed = [feed for feed in polled if feed.last >= latest - LISTED_DAYS * DAY_US]
    last_polls = {feed.url: feed.last for feed in listed}
    found = [finding for feed in listed for look in _LOOKS if (finding := look(feed, latest, last_polls))]
    order = list(GROUPS)
    found.sort(key=lambda one: (order.index(one.group), -(one.share or 0), -(one.count or 0), one.feed_url))
    return Audit(
        tuple(found),
        feeds=len(listed),
        unlisted=len(polled) - len(listed),
        polls=sum(feed.polls for feed in polled),
        since=min(looked),
        until=until,
    )


def suggested_interval_s(shortest_gap_us: int) -> int:
    """Half the shortest time in which a feed has scrolled off, in seconds, within the bounds of polling.

    >>> suggested_interval_s(3_600_000_000), suggested_interval_s(400_000_000)
    (1800, 300)
    """
    return max(MIN_INTERVAL_S, min(MAX_INTERVAL_S, shortest_gap_us // 2_000_000))


class _Facts:
    """What is known of one feed, by name: the facts of PollHistory, and those of its items."""

    def __init__(
        self,
        history: PollHistory,
        number: int,
        newest: dict[str, int],
        undated: dict[str, tuple[int, int]],
    ) -> None:
        fact = {name: int(array[number]) for name, array in history.facts.items()}
        self.url = history.feeds.words[number]
        self.title = history.titles.get(number)
        self.format = history.formats.get(number)
        self.moved_to = history.moved_to.get(number)
        self.fault = history.faults.get(number)
        self.reason, self.detail = history.failures.get(number, ('', ''))
        self.polls, self.first, self.last = fact['polls'], fact['first'], fact['last']
        self.last_good, self.last_new = fact['last_good'], fact['last_new']
        self.failing, self.failing_since, self.gone = fact['failing'], fact['failing_since'], fact['gone']
        self.scrolls, self.last_scroll = fact['scrolls'], fact['last_scroll']
        self.shortest_gap = fact['shortest_gap']
        self.most_shown = fact['most_shown']
        self.documents, self.faulty = fact['documents'], fact['faulty']
        self.newest_day = newest.get(self.url)
        self.undated, self.articles = undated.get(self.url, (0, 0))

    def finding(self, group: str, says: str, **more: Any) -> Finding:
        """A finding about this feed."""
        return Finding(group, self.url, self.title, says, self.polls, **more)


def _scrolled_off(feed: _Facts, latest: int, polled: dict[str, int]) -> Optional[Finding]:
    if not feed.scrolls:
        return None
    interval = None if feed.shortest_gap == NO_GAP else suggested_interval_s(feed.shortest_gap)
    often = f'{feed.scrolls} of {feed.polls} polls, last {moment_text(feed.last_scroll)}'
    advice = f'; every {interval} s would do' if interval else ''
    return feed.finding(
        'scrolled_off',
        often + advice,
        count=feed.scrolls,
        last=feed.last_scroll,
        suggested_interval_s=interval,
    )


def _dead(feed: _Facts, latest: int, polled: dict[str, int]) -> Optional[Finding]:
    lasts = feed.last_good < feed.last - DEAD_DAYS * DAY_US
    if not feed.failing or feed.reason == Reason.ROBOTS or not (lasts or feed.gone):
        return None
    why = f'{feed.reason} ({feed.detail})' if feed.detail else feed.reason
    polls = f'{feed.failing} poll{"" if feed.failing == 1 else "s"}'
    before = f', good until {moment_text(feed.last_good)}' if feed.last_good else ''
    return feed.finding(
        'dead',
        f'{why}; {polls} since {moment_text(feed.failing_since)}{before}',
        count=feed.failing,
        since=feed.failing_since,
        last=feed.last,
        reason=feed.reason,
    )


def _moved(feed: _Facts, latest: int, polled: dict[str, int]) -> Optional[Finding]:
    # Whose new address is polled since is done with.
    if not feed.moved_to or polled.get(feed.moved_to, NEVER) > feed.last:
        return None
    return feed.finding('moved', f'now {feed.moved_to}', last=feed.last_good, moved_to=feed.moved_to)


def _malformed(feed: _Facts, latest: int, polled: dict[str, int]) -> Optional[Finding]:
    if feed.fault is None:
        return None
    says = f'{feed.fault} ({feed.faulty} of {feed.documents} documents)'
    return feed.finding('malformed', says, count=feed.faulty, last=feed.last_good)


def _slow(feed: _Facts, latest: int, polled: dict[str, int]) -> Optional[Finding]:
    limit = latest - SLOW_DAYS * DAY_US
    if feed.failing or not feed.last_good:
        return None
    if not feed.most_shown:
        if feed.format in _LISTS:
            return None
        return feed.finding(
            'slow', f'shows no items, since {moment_text(feed.first)} at least', since=feed.first
        )
    newest = feed.last_new
    if feed.newest_day is not None:
        newest = max(newest, feed.newest_day * DAY_US)
    if newest >= limit or (newest == NEVER and feed.first > limit):
        return None
    says = (
        f'newest item of {day_of(newest)}' if newest else f'nothing new since {day_of(feed.first)} at least'
    )
    return feed.finding('slow', says, since=newest or feed.first)


def _undated(feed: _Facts, latest: int, polled: dict[str, int]) -> Optional[Finding]:
    share = feed.undated / feed.articles if feed.articles else 0.0
    if share < UNDATED_SHARE:
        return None
    says = f'{share:.0%} of {feed.articles} articles'.replace('%', ' %')
    return feed.finding('undated', says, count=feed.undated, share=round(share, 3))


def _robots(feed: _Facts, latest: int, polled: dict[str, int]) -> Optional[Finding]:
    if not feed.failing or feed.reason != Reason.ROBOTS:
        return None
    says = f'{feed.detail or "disallowed"}; since {moment_text(feed.failing_since)}'
    return feed.finding(
        'robots', says, count=feed.failing, since=feed.failing_since, last=feed.last, reason=feed.reason
    )


_LOOKS: tuple[Callable[[_Facts, int, dict[str, int]], Optional[Finding]], ...] = (
    _scrolled_off, _dead, _moved, _malformed, _slow, _undated, _robots,
)  # fmt: skip


def _days_before(day: str, days: int) -> str:
    return (datetime.date.fromisoformat(day) - datetime.timedelta(days=days)).isoformat()
