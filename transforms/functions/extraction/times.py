"""Dates and times as pages write them, to microseconds UTC."""

import dataclasses
import datetime
import functools
import re
from typing import Optional

from dateutil import parser as dateutil_parser

_UTC = datetime.UTC
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=_UTC)
# Two defaults that share no part: what a string leaves out differs between the two readings.
_DEFAULT_A = datetime.datetime(1996, 1, 1)
_DEFAULT_B = datetime.datetime(2004, 2, 2)
_EARLIEST_YEAR = 1900
_LATEST_YEAR = 2100
_EPOCH_DIGITS = re.compile(r'\d{10}(?:\d{3})?$')
_COMPACT = re.compile(r'(\d{4})(\d{2})(\d{2})T?(\d{2})?(\d{2})?(\d{2})?$')
_DOTTED = re.compile(r'\b\d{1,2}\.\s?\d{1,2}\.\s?\d{4}\b')  # written so where the day comes first
_SLASHED = re.compile(r'\b(\d{1,2})/(\d{1,2})/\d{4}\b')
_HAS_CLOCK = re.compile(r'\d{1,2}:\d{2}|T\d{2}|\d{1,2}\s*[ap]\.?m', re.IGNORECASE)
# Hours east of UTC; the American, European and Asian names that news sites print (RFC 822 and common use).
_ZONES = {
    'UTC': 0, 'GMT': 0, 'Z': 0, 'WET': 0, 'BST': 1, 'WEST': 1, 'CET': 1, 'MEZ': 1, 'CEST': 2, 'MESZ': 2,
    'EET': 2, 'EEST': 3, 'MSK': 3, 'TRT': 3, 'GST': 4, 'PKT': 5, 'IST': 5.5, 'WIB': 7, 'ICT': 7, 'SGT': 8,
    'HKT': 8, 'PHT': 8, 'AWST': 8, 'JST': 9, 'KST': 9, 'ACST': 9.5, 'AEST': 10, 'AEDT': 11, 'NZST': 12,
    'NZDT': 13, 'EST': -5, 'EDT': -4, 'ET': -5, 'CST': -6, 'CDT': -5, 'MST': -7, 'MDT': -6, 'PST': -8,
    'PDT': -7, 'AKST': -9, 'AKDT': -8, 'HST': -10, 'BRT': -3, 'ART': -3,
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Moment:
    """A time as read: ``when`` is naive unless a zone was named; ``has_clock``: an hour was named."""

    when: datetime.datetime
    has_clock: bool

    @property
    def has_zone(self) -> bool:
        return self.when.tzinfo is not None


@functools.lru_cache(maxsize=64)  # a page says the same time in several places
def parse_moment(value: Optional[str]) -> Optional[Moment]:
    """The moment a string names, or None: ISO 8601 first, then whatever dateutil reads in full.

    >>> parse_moment('2025-03-03T08:15:00+03:00').when.isoformat()
    '2025-03-03T08:15:00+03:00'
    >>> parse_moment('March 3, 2025').has_clock, parse_moment('Monday at noon')
    (False, None)
    """
    if not value:
        return None
    value = ' '.join(value.split())[:80]
    if _EPOCH_DIGITS.match(value):
        seconds = int(value[:10])
        return _checked(datetime.datetime.fromtimestamp(seconds, _UTC), True)
    if compact := _COMPACT.match(value):
        try:
            parts = [int(part) for part in compact.groups('0')]
            return _checked(datetime.datetime(*parts[:6]), compact[4] is not None)  # type: ignore[arg-type]
        except ValueError:
            return None
    has_clock = bool(_HAS_CLOCK.search(value))
    try:
        return _checked(datetime.datetime.fromisoformat(value), has_clock)
    except ValueError:
        pass
    if (
        (slashed := _SLASHED.search(value))
        and int(slashed[1]) <= 12
        and int(slashed[2]) <= 12
        and slashed[1] != slashed[2]
    ):
        return None  # 03/04/2025 is two days: the fourth of March and the third of April
    day_first = bool(_DOTTED.search(value))
    try:
        first = dateutil_parser.parse(value, default=_DEFAULT_A, tzinfos=_zone, dayfirst=day_first)
        second = dateutil_parser.parse(value, default=_DEFAULT_B, tzinfos=_zone, dayfirst=day_first)
    except (ValueError, OverflowError, TypeError, AttributeError, IndexError, RecursionError):
        return None  # dateutil's documented and undocumented ways of saying that this is no date
    return _checked(first, has_clock) if first == second else None


def _checked(when: datetime.datetime, has_clock: bool) -> Optional[Moment]:
    return Moment(when, has_clock) if _EARLIEST_YEAR < when.year < _LATEST_YEAR else None


def _zone(name: Optional[str], offset: Optional[int]) -> Optional[datetime.tzinfo]:
    if offset is not None:
        return datetime.timezone(datetime.timedelta(seconds=offset)) if abs(offset) < 86_400 else None
    hours = _ZONES.get((name or '').upper())
    return None if hours is None else datetime.timezone(datetime.timedelta(hours=hours))


def to_micros(moment: Moment, zone: Optional[datetime.tzinfo] = None) -> int:
    """Microseconds UTC; a moment without a zone is taken in ``zone``, else in UTC."""
    when = moment.when if moment.has_zone else moment.when.replace(tzinfo=zone or _UTC)
    return (when - _EPOCH) // datetime.timedelta(microseconds=1)


def day_of(micros: int) -> str:
    """The UTC day of a time, as YYYY-MM-DD."""
    return (_EPOCH + datetime.timedelta(microseconds=micros)).date().isoformat()
