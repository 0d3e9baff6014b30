"""Dates as feeds print them: RFC 822 and ISO 8601, and the forms that neither allows but publishers use."""

import datetime
import re
import time
from calendar import timegm
from typing import Optional

from dateutil import parser, tz

# No outlet had a feed before (RSS is of 1999, news on the web of the early nineties): an earlier date is a
# default of the publisher's software, mostly 1970-01-01 or 0001-01-01.
EARLIEST = timegm((1990, 1, 1, 0, 0, 0)) * 1_000_000
# Further ahead of the poll than any time zone and badly set clock explain.
FUTURE_TOLERANCE = 86_400 * 1_000_000

# Abbreviations by hours from Greenwich: RFC 822's own, and those that one region's news outlets use far more
# than any other's. Left out as ambiguous among outlets: AST, GST, and the military letters.
_ZONES = {
    0: 'UT UTC GMT Z WET',
    1: 'BST WEST CET MET MEZ WAT',
    2: 'EET CEST MEST MESZ SAST CAT',
    3: 'EEST MSK EAT TRT IDT',
    3.5: 'IRST',
    5: 'PKT',
    5.5: 'IST',
    5.75: 'NPT',
    7: 'ICT WIB',
    8: 'HKT SGT MYT PHT WITA AWST',
    9: 'JST KST WIT',
    9.5: 'ACST',
    10: 'AEST',
    11: 'AEDT',
    12: 'NZST',
    13: 'NZDT',
    -2: 'BRST',
    -3: 'BRT ART ADT',
    -4: 'EDT CLT VET',
    -5: 'EST CDT ET COT PET',
    -6: 'CST MDT CT',
    -7: 'MST PDT MT',
    -8: 'PST AKDT PT',
    -9: 'AKST',
    -10: 'HST',
}
_SECONDS_EAST = {name: int(hours * 3_600) for hours, names in _ZONES.items() for name in names.split()}

# The two forms that the standards allow, which feedparser reads rightly. Of other forms it makes what it can,
# silently: '2025/03/04' the first of November, 8:15 PM the morning, CEST Greenwich.
_STANDARD = re.compile(
    r'\d{4}-[\dWw]|\d{8}$|'
    r'(?:[a-z]{3,9}\.?,?\s*)?\d{1,2}\s+[a-z]{3,9}\s+\d{2,4}\s+\d{1,2}:\d\d(?::\d\d)?'
    r'(?:\s+(?:ut|utc|gmt|z|[ecmp][sd]?t|(?:gmt)?[+-]\d\d:?\d\d))?(?:\s*\(.*\))?$',
    re.IGNORECASE,
)

# What sitemaps and JSON feeds print (W3C's profile of ISO 8601), read without guessing.
_W3C = re.compile(r'\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:?\d\d)?)?')

# Month names by their beginnings, folded; English is dateutil's own. Longest first where one begins another.
_MONTHS = (
    ('jan', 'janeiro janvier janv enero ene gennaio gen januar jän januari ianuarie ocak янв styczeń sty'),
    ('feb', 'fevereiro fev février févr fév febrero febbraio februar februari februarie şubat фев luty lut'),
    ('mar', 'março marco mars marzo märz mär maart mrt martie mart мар marzec'),
    ('apr', 'abril abr avril avr aprile april aprilie nisan апр kwiecień kwi'),
    ('may', 'maio mai mayo maggio mag mei mayıs мая май maj'),
    ('jun', 'junho juin junio giugno giu juni iunie haziran июн czerwiec cze'),
    ('jul', 'julho juillet juil julio luglio lug juli iulie temmuz июл lipiec lip'),
    ('aug', 'agosto ago août aout augustus augusti ağustos авг sierpień sie'),
    ('sep', 'setembro set septembre sept septiembre settembre september eylül сен wrzesień wrz'),
    ('oct', 'outubro out octobre octubre ottobre ott oktober okt octombrie ekim окт październik paź'),
    ('nov', 'novembro novembre noviembre november noiembrie kasım ноя listopad lis'),
    (
        'dec',
        'dezembro dez décembre déc diciembre dic dicembre dezember decembrie aralık дек grudzień gru',
    ),
)
_MONTH_OF = {word: english for english, words in _MONTHS for word in words.split()}
_ENGLISH = frozenset(word.casefold() for words in parser.parserinfo.MONTHS for word in words)
_WORD = re.compile(r'[^\W\d_]+\.?')
# 'Seg, 24 Set 2018', 'lundi 3 mars': a weekday says nothing that the date does not.
_WEEKDAY = re.compile(r'^\s*([^\W\d_]+(?:-feira)?)\.?(\s*,\s*|\s+)(?=\d)')
_FILLERS = re.compile(r'\b(?:de|del|di|at|às|as|à|um|uhr|klo|om|kl|the)\b\.?|[º°]', re.IGNORECASE)
_GMT_OFFSET = re.compile(r'\b(?:GMT|UTC)\s*([+-])\s*(\d{1,2})(?::?(\d\d))?\s*\)?$', re.IGNORECASE)
_ZONE_REMARK = re.compile(r'\s*\([^()]*\)$|\bEtc/(?=(?:GMT|UTC)$)')  # '+0300 (Arabia Standard Time)'
_EPOCH = re.compile(r'1\d{9}(?:\d{3})?')  # seconds or milliseconds since 1970, from 2001 to 2033
# Two calendars to fill gaps from: a date that comes out differently was not printed in full.
_FILLS = (datetime.datetime(2000, 1, 1), datetime.datetime(2001, 2, 2))
_MAX_LENGTH = 80  # no date is longer; a hostile one is not worth reading


def read_date(printed: Optional[str], parsed: Optional[time.struct_time] = None) -> Optional[int]:
    """The moment that a feed printed, in microseconds UTC, or None when it cannot be read.

    Args:
        printed: as printed.
        parsed: what feedparser made of it; taken for standard forms, and where nothing else reads it.

    A date without a zone, or with one that nobody knows, is UTC; one without a time is midnight.

    >>> read_date('Thu,28 Jul 2022 4:35:5 GMT+9') == timegm((2022, 7, 27, 19, 35, 5)) * 1_000_000
    True
    >>> read_date('Seg, 24 Set 2018 19:42:40 -0300') == timegm((2018, 9, 24, 22, 42, 40)) * 1_000_000
    True
    >>> read_date('10:15') is None and read_date('March 2025') is None
    True
    """
    printed = (printed or '').strip()
    if parsed is not None and (not printed or _STANDARD.match(printed)):
        return _from_struct(parsed)
    if 0 < len(printed) <= _MAX_LENGTH:
        read = _read_odd(printed)
        if read is not None:
            return read
    # feedparser has readers of its own for dates in Greek, Hungarian and Korean words.
    return _from_struct(parsed) if parsed is not None and not printed.isascii() else None


def believed(moment: Optional[int], polled_at: Optional[int]) -> Optional[int]:
    """The moment, unless it is before 1990 or more than a day after the poll (both microseconds UTC).

    >>> believed(0, None) is None, believed(EARLIEST, None) == EARLIEST
    (True, True)
    """
    if moment is None or moment < EARLIEST:
        return None
    if polled_at is not None and moment > polled_at + FUTURE_TOLERANCE:
        return None
    return moment


def _from_struct(parsed: time.struct_time) -> Optional[int]:
    try:
        return timegm(parsed) * 1_000_000
    except (ValueError, OverflowError):
        return None


def _read_odd(printed: str) -> Optional[int]:
    if _EPOCH.fullmatch(printed):
        return int(printed[:10]) * 1_000_000
    if _W3C.fullmatch(printed):
        try:
            moment = datetime.datetime.fromisoformat(printed.upper())
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=datetime.UTC)
            return round(moment.timestamp()) * 1_000_000
        except (ValueError, OverflowError):  # such as the 31st of June, or 24:00
            pass
    text = _GMT_OFFSET.sub(_plain_offset, _ZONE_REMARK.sub('', printed))
    text = _FILLERS.sub(' ', _WEEKDAY.sub(_no_weekday, text))
    text = _WORD.sub(_english_month, text)
    # 2025-03-04 and 2025/3/4 apart, the world's feeds put the day first, except where the month is a word.
    try:
        first, second = (
            parser.parse(text, default=fill, tzinfos=_zone, dayfirst=_day_first(text)) for fill in _FILLS
        )
        if first != second:
            return None
        if first.tzinfo is None:
            first = first.replace(tzinfo=datetime.UTC)
        return round(first.timestamp()) * 1_000_000
    except (ValueError, OverflowError, TypeError, AttributeError, IndexError):
        # dateutil documents the first two; the others are its answers to nonsense such as '1 : : 2'.
        return None


def _zone(name: Optional[str], offset: Optional[int]) -> Optional[datetime.tzinfo]:
    seconds = _SECONDS_EAST.get((name or '').upper()) if offset is None else offset
    return None if seconds is None else tz.tzoffset(None, seconds)


def _no_weekday(match: re.Match[str]) -> str:
    """Nothing, unless the word is a month: 'March 3, 2025', but 'mar, 15 mar 2022'."""
    word = match[1].casefold()
    return match[0] if ',' not in match[2] and (word in _ENGLISH or word in _MONTH_OF) else ''


def _day_first(text: str) -> bool:
    return re.match(r'\s*\d{4}\D', text) is None


def _plain_offset(match: re.Match[str]) -> str:
    """'GMT+9' as '+0900': east of Greenwich, as publishers mean it, and not POSIX's reverse."""
    return f'{match[1]}{int(match[2]):02d}{match[3] or "00"}'


def _english_month(match: re.Match[str]) -> str:
    word = match[0].removesuffix('.')
    return _MONTH_OF.get(word.casefold(), word)
