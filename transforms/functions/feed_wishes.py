"""What a feed asks of those who poll it: how often to come, and when not to.

Read from the text and not from feedparser, which keeps only the last of several hours and days.
"""

import re
from typing import NamedTuple, Optional

# Seconds between polls that are believed: less than a minute asks for nothing (a ttl of 0 is a default), and
# more than a week is no news feed's wish but a mistake of units (a ttl in seconds) or a number made up.
MIN_ASKED_S = 60
MAX_ASKED_S = 7 * 86_400
# The wishes stand before the items; heads with images, links and licences are a few KB.
_MAX_HEAD = 50_000  # characters
_FIRST_ITEM = re.compile(r'<(?:\w{1,20}:)?(?:item|entry)[\s>]', re.IGNORECASE)
_TTL = re.compile(r'<ttl\s{0,9}>\s{0,99}(\d{1,9})\s{0,99}</ttl', re.IGNORECASE)
_PERIOD = re.compile(r'<\w{1,20}:updatePeriod\s{0,9}>\s{0,99}([a-z]{1,9})\s{0,99}</', re.IGNORECASE)
_FREQUENCY = re.compile(r'<\w{1,20}:updateFrequency\s{0,9}>\s{0,99}(\d{1,9})\s{0,99}</', re.IGNORECASE)
_SKIP_HOURS = re.compile('</?skipHours', re.IGNORECASE)
_SKIP_DAYS = re.compile('</?skipDays', re.IGNORECASE)
_HOUR = re.compile(r'<hour\s{0,9}>\s{0,99}(\d{1,2})\s{0,99}</hour', re.IGNORECASE)
_DAY = re.compile(r'<day\s{0,9}>\s{0,99}([a-z]{6,9})\s{0,99}</day', re.IGNORECASE)

_PERIODS_S = {
    'hourly': 3_600,
    'daily': 86_400,
    'weekly': 7 * 86_400,
    'monthly': 30 * 86_400,
    'yearly': 365 * 86_400,
}
_DAYS = ('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday')


class Wishes(NamedTuple):
    """What the publisher asks of those who poll."""

    interval_s: Optional[int] = None  # the longest of what is stated and believed
    skip_hours: tuple[int, ...] = ()  # UTC, ascending
    skip_days: tuple[int, ...] = ()  # UTC, 0 is Monday, ascending


def read_wishes(text: str) -> Wishes:
    """The wishes that stand in the head of an RSS or RDF document: ttl, sy:updatePeriod, skipHours, skipDays.

    What is stated out of bounds is not believed, and neither are hours or days that leave none to come at.

    >>> read_wishes('<channel><ttl>15</ttl><skipHours><hour>2</hour><hour>24</hour></skipHours><item>')
    Wishes(interval_s=900, skip_hours=(0, 2), skip_days=())
    >>> read_wishes('<sy:updatePeriod> hourly </sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>')
    Wishes(interval_s=1800, skip_hours=(), skip_days=())
    """
    head = text[:_MAX_HEAD]
    if first := _FIRST_ITEM.search(head):
        head = head[: first.start()]
    # What stands in comments was put out of force.
    head = ''.join(part if n == 0 else part.partition('-->')[2] for n, part in enumerate(head.split('<!--')))
    stated = [int(match[1]) * 60 for match in _TTL.finditer(head)]
    if (period := _PERIOD.search(head)) and period[1].lower() in _PERIODS_S:
        frequency = _FREQUENCY.search(head)
        times = int(frequency[1]) if frequency else 1
        if times:
            stated.append(_PERIODS_S[period[1].lower()] // times)
    believed = [seconds for seconds in stated if MIN_ASKED_S <= seconds <= MAX_ASKED_S]
    # RSS 0.91 counted the hours from 1 to 24.
    hours = {int(hour) % 24 for hour in _listed(_SKIP_HOURS, _HOUR, head) if int(hour) <= 24}
    days = {_DAYS.index(day) for name in _listed(_SKIP_DAYS, _DAY, head) if (day := name.lower()) in _DAYS}
    return Wishes(
        max(believed, default=None),
        tuple(sorted(hours)) if len(hours) < 24 else (),
        tuple(sorted(days)) if len(days) < 7 else (),
    )


def _listed(around: re.Pattern[str], each: re.Pattern[str], head: str) -> list[str]:
    parts = around.split(head, maxsplit=2)
    return each.findall(parts[1]) if len(parts) > 1 else []
