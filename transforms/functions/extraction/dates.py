"""When an article was published and modified: the best of what the page says, with its evidence."""

import datetime
import re
from collections.abc import Iterable
from typing import NamedTuple, Optional
from urllib.parse import urlsplit

from schemas.articles import Evidence
from schemas.vocabulary import EvidenceSource
from transforms.functions.extraction import page_hints
from transforms.functions.extraction.metadata import Candidate, Facts
from transforms.functions.extraction.parsing import Tree
from transforms.functions.extraction.times import Moment, day_of, parse_moment, to_micros

_DAY_US = 86_400_000_000
# Clocks differ and zones are left out: a page may say that it appears up to this long after it was fetched.
_MAX_AHEAD_US = 2 * _DAY_US
# htmldate searches serialised text: a whole 5 MB page without a date cost it 2.7 s.
_HTMLDATE_BYTES = 600_000
_PATH_DAY = re.compile(r'/((?:19|20)\d\d)[/-](0[1-9]|1[0-2])[/-]([0-3]\d)(?=[/-]|$)')


class Dates(NamedTuple):
    """Microseconds UTC, and where the publication time came from."""

    published_at: Optional[int]
    modified_at: Optional[int]
    evidence: list[Evidence]


def choose_dates(
    facts: Facts,
    tree: Tree,
    data: bytes,
    fetched_at: int,
    feed_time: Optional[int],
    feed_text: Optional[str] = None,
    url: str = '',
) -> Dates:
    """The publication and modification times.

    JSON-LD, then Open Graph and meta, the page's time elements, the feed, the day in the address, and last
    what htmldate finds in the markup. A day without an hour gives way to a later candidate of that day with
    one; a time without a zone is read in the zone of the page's other times, else in UTC. ``feed_text`` is a
    date that the feed prints but nobody believes or can read; it stays in the evidence.
    """
    latest = fetched_at + _MAX_AHEAD_US if fetched_at else None
    stated = _read(facts.published, latest)
    modified = _read(facts.modified, latest)
    zone = _zone_of(stated + modified)
    chosen = _best(stated, zone)
    if chosen is None or not chosen[0].has_clock:
        stated += _read(page_hints.times(tree), latest)
        chosen = _best(stated, zone)
    evidence = [(candidate.value, candidate.source, candidate) for _, candidate in stated]
    published_at = to_micros(chosen[0], zone) if chosen else None
    winner = chosen[1] if chosen else None
    if feed_time is not None:
        feed = Candidate(_iso(feed_time), EvidenceSource.FEED.value)
        evidence.append((feed.value, feed.source, feed))
        if chosen is None or (
            not chosen[0].has_clock and day_of(feed_time) == chosen[0].when.date().isoformat()
        ):
            published_at, winner = feed_time, feed
    if published_at is None:
        found = _in_address(facts.canonical_url or url, latest) or _by_htmldate(data, latest)
        if found is not None:
            published_at, winner = to_micros(found[0]), found[1]
            evidence.append((found[1].value, found[1].source, found[1]))
    rows = [Evidence('published_at', value, source, one is winner) for value, source, one in evidence]
    rows += _not_believed(feed_text)
    rows = _shortened(rows)
    modified_at = None
    if modified:
        moment, candidate = modified[0]
        modified_at = to_micros(moment, zone)
        rows.append(Evidence('modified_at', candidate.value, candidate.source, True))
    return Dates(published_at, modified_at, rows)


def from_entry(published_at: Optional[int], updated_at: Optional[int], text: Optional[str]) -> Dates:
    """The times of an article of which only the feed's entry is had; ``text`` as in ``choose_dates``."""
    rows = []
    if published_at is not None:
        rows.append(Evidence('published_at', _iso(published_at), EvidenceSource.FEED.value, True))
    edited = updated_at is not None and published_at is not None and updated_at > published_at
    return Dates(published_at, updated_at if edited else None, rows + _not_believed(text))


def _not_believed(printed: Optional[str]) -> list[Evidence]:
    return [Evidence('published_at', printed, EvidenceSource.FEED.value, False)] if printed else []


def from_byline(text: str) -> Dates:
    """The time that a byline's line ends with, for a page that states none elsewhere."""
    moment = parse_moment(text)
    if moment is None:
        return Dates(None, None, [])
    row = Evidence('published_at', text, EvidenceSource.PAGE.value, True)
    return Dates(to_micros(moment), None, [row])


def _read(candidates: Iterable[Candidate], latest: Optional[int]) -> list[tuple[Moment, Candidate]]:
    found = []
    for candidate in candidates:
        moment = parse_moment(candidate.value)
        if moment is not None and (latest is None or to_micros(moment) <= latest):
            found.append((moment, candidate))
    return found


def _zone_of(found: list[tuple[Moment, Candidate]]) -> Optional[datetime.tzinfo]:
    return next((moment.when.tzinfo for moment, _ in found if moment.has_zone), None)


def _best(
    found: list[tuple[Moment, Candidate]], zone: Optional[datetime.tzinfo]
) -> Optional[tuple[Moment, Candidate]]:
    if not found:
        return None
    first = found[0]
    if first[0].has_clock and first[0].has_zone:
        return first
    day = first[0].when.date()
    same_day = [one for one in found if one[0].has_clock and _is_near(one[0], day)]
    zoned = next((one for one in same_day if one[0].has_zone), None)
    if not first[0].has_clock:
        return zoned or next(iter(same_day), first)
    # A zone from another candidate only where both print the same clock: otherwise they are two events.
    if zoned and zoned[0].when.replace(tzinfo=None, second=0) == first[0].when.replace(second=0):
        return zoned
    return first


def _is_near(moment: Moment, day: datetime.date) -> bool:
    return moment.when.date() == day


def _iso(micros: int) -> str:
    when = datetime.datetime.fromtimestamp(micros // 1_000_000, datetime.UTC)
    return when.isoformat().replace('+00:00', 'Z')


def _shortened(rows: list[Evidence]) -> list[Evidence]:
    """The winner and at most five losers, each value once."""
    seen: dict[tuple[str, str], Evidence] = {}
    for row in sorted(rows, key=lambda row: not row.chosen):
        seen.setdefault((row.value, row.source), row)
    return list(seen.values())[:6]


def _in_address(url: str, latest: Optional[int]) -> Optional[tuple[Moment, Candidate]]:
    """The day in a path like /2025/03/04/: content systems put the day of publication there."""
    day = _PATH_DAY.search(urlsplit(url).path)
    if day is None:
        return None
    candidate = Candidate('-'.join(day.groups()), EvidenceSource.PAGE.value)
    return next(iter(_read([candidate], latest)), None)


def _by_htmldate(data: bytes, latest: Optional[int]) -> Optional[tuple[Moment, Candidate]]:
    """A day that htmldate finds in the markup or the address; its text search invents days and stays off."""
    import htmldate  # 0.2 s: only for the few pages that state no time anywhere

    last_day = day_of(latest) if latest is not None else '2099-12-31'
    try:
        text = data[:_HTMLDATE_BYTES].decode('utf-8', 'ignore')
        day = htmldate.find_date(text, extensive_search=False, original_date=True, max_date=last_day)
    except Exception:  # a library on hostile markup: the article then has no date, as its evidence shows
        return None
    moment = parse_moment(day)
    if moment is None or not day or _is_cut(day, text, last_day):
        return None
    return moment, Candidate(day, EvidenceSource.PAGE.value)


def _is_cut(day: str, text: str, last_day: str) -> bool:
    """Whether it is the first of a month of which the page prints a day that is none, or is to come.

    Of such a date htmldate takes the year and the month, and makes up the day.
    """
    if not day.endswith('-01') or day in text:
        return False
    printed = re.findall(rf'{day[:4]}[-/.]{day[5:7]}[-/.](\d\d)', text)
    return any(parse_moment(day[:8] + one) is None or day[:8] + one > last_day for one in printed)
