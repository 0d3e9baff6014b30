"""Dates as datelines print them, and the day they mean given when the story was published."""

import datetime
import re
from typing import NamedTuple, Optional

# Names of the months, January to December, as newspapers of each language print them. Short forms
# are found as prefixes of three letters or more, except where two months share one.
_MONTHS = (
    'january february march april may june july august september october november december',
    'januar februar märz april mai juni juli august september oktober november dezember',
    'janvier février mars avril mai juin juillet août septembre octobre novembre décembre',
    'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre',
    'gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre',
    'janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro',
    'ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık',
    'januari februari maart april mei juni juli augustus september oktober november december',
    'januari februari mac april mei jun julai ogos september oktober november disember',
    'января февраля марта апреля мая июня июля августа сентября октября ноября декабря',
    'січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня',
    'ledna února března dubna května června července srpna září října listopadu prosince',
    'januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra',
    'január február március április május június július augusztus szeptember október november december',
    'ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie',
    'Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου Σεπτεμβρίου Οκτωβρίου '
    'Νοεμβρίου Δεκεμβρίου',
    'stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia',
    'يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر',
    'كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول تشرين_الثاني كانون_الأول',
)
_SHORT = {
    'jän': 1,
    'maerz': 3,
    'abr': 4,
    'sept': 9,
    'set': 9,
    'okt': 10,
    'dic': 12,
    'dez': 12,
    'dis': 12,
    'juil': 7,
}

_MONTH_DAY = re.compile(
    r'(?:^|(?<=[\s,;.]))(?P<m>[^\W\d_]{3,10})\.?,?\s+(?P<d>[0-9l]{1,3})(?:st|nd|rd|th)?(?:,?\s+(?P<y>\d{4}))?$'
)
_DAY_MONTH = re.compile(
    r'(?:^|(?<=[\s,;.]))(?P<d>\d{1,2})(?:st|nd|rd|th|er|º|ª|\.)?\s+(?:de\s+|di\s+)?'
    r'(?P<m>[^\W\d_]{3,10}\.?)(?:,?\s+(?:de\s+|del\s+)?(?P<y>\d{4}))?$'
)
# Hungarian: 2025. március 3.
_YEAR_FIRST = re.compile(r'(?:^|(?<=[\s,;]))(?P<y>\d{4})\.? (?P<m>[^\W\d_]{3,10})\.? (?P<d>\d{1,2})\.?$')
# Arabic wires print both names of a month: 3 مارس آذار
_SECOND_NAME = re.compile(r'(?<=[\u0600-\u06ff])\s+[\u0600-\u06ff]{2,6}(?: [\u0600-\u06ff]{5,6})?$')
_MONTH = re.compile(r'(?:^|(?<=[\s,;]))(?P<m>[^\W\d_]{3,10})$')
_LONGEST = 11  # characters of a month's name and what is before it
_DIGIT = re.compile(r'\d')
_TRAILING = ' \t\r\n,;\xa0'
# A dateline's date is the day of filing: further from publication than this it is another year's.
_NEAR = datetime.timedelta(days=183)


class PrintedDate(NamedTuple):
    """A date within a text: where it begins and ends, and its parts as far as printed."""

    start: int
    end: int
    month: int  # from 1; 0 stands for the month of publication
    day: Optional[int]
    year: Optional[int]


def trailing_date(text: str) -> Optional[PrintedDate]:
    """The date that the text ends with, or None. The text should be short: a line's beginning.

    >>> trailing_date('KUALA LUMPUR, April 1, 1997')
    PrintedDate(start=14, end=27, month=4, day=1, year=1997)
    >>> trailing_date('Berlin, 3. März').month, trailing_date('LISBOA, 18 jun').day, trailing_date('Area 51')
    (3, 18, None)
    """
    bare = text.rstrip(_TRAILING)
    if not bare:
        return None
    year_first = _YEAR_FIRST.search(bare) if bare[-1] in '.0123456789' else None
    if year_first is not None and (printed := _printed(year_first, bare)) is not None:
        return printed
    if bare[-1].isdigit() or bare[-1] in 'lhdt':
        found = _MONTH_DAY.search(bare)
        if found is not None and (printed := _printed(found, bare)) is not None:
            return printed
    if _DIGIT.search(bare, max(0, len(bare) - 24)):
        found = _DAY_MONTH.search(bare)
        if found is not None and (printed := _printed(found, bare)) is not None:
            return printed
    twice = None if bare.isascii() else _SECOND_NAME.search(bare)
    if twice is not None and _NAMES.get(twice[0].strip().replace(' ', '_')) is not None:
        once = trailing_date(bare[: twice.start()])
        if once is not None and once.end == twice.start():
            return once._replace(end=len(bare))
    found = _MONTH.search(bare, max(0, len(bare) - _LONGEST))
    if found is not None and len(found['m']) > 3 and found['m'].isascii() and not found['m'].isupper():
        month = _FULL_NAMES.get(found['m'].casefold())
        if month is not None and found.start() > 0:
            return PrintedDate(found.start(), found.end(), month, None, None)
    return None


def resolve_date(printed: PrintedDate, published_at: Optional[int]) -> Optional[str]:
    """The day as ISO 8601. Without a printed year it is the one nearest to publication.

    ``published_at`` is in microseconds UTC. None if the parts give no day, or no year is known.

    >>> resolve_date(trailing_date('LONDON, Dec 31'), 1735776000000000)  # published on 2025-01-02
    '2024-12-31'
    """
    if printed.day is None:
        return None
    if printed.year is not None:
        day = _day(printed.year, printed.month, printed.day)
        return day.isoformat() if day else None
    if published_at is None:
        return None
    try:
        published = (datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=published_at)).date()
    except OverflowError:
        return None
    days = [day for near in _months(published, printed) if (day := _day(*near)) is not None]
    best = min(days, key=lambda day: abs(day - published), default=None)
    return best.isoformat() if best is not None and abs(best - published) <= _NEAR else None


def _months(published: datetime.date, printed: PrintedDate) -> list[tuple[int, int, int]]:
    """The years and months that may be meant, with the printed day."""
    day = printed.day or 0
    if printed.month:
        return [(published.year + step, printed.month, day) for step in (-1, 0, 1)]
    index = published.year * 12 + published.month - 1
    return [((index + step) // 12, (index + step) % 12 + 1, day) for step in (-1, 0, 1)]


def _day(year: int, month: int, day: int) -> Optional[datetime.date]:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def _printed(found: re.Match[str], text: str) -> Optional[PrintedDate]:
    month = _month(found['m'].rstrip('.'), exact=False)
    if month is None:
        return None
    digits = found['d'].replace('l', '1')
    year = int(found['y']) if found['y'] else None
    return PrintedDate(found.start(), found.end(), month, int(digits), year)


def _month(word: str, exact: bool) -> Optional[int]:
    folded = word.casefold()
    month = _NAMES.get(folded)
    if month is None and not exact and len(folded) >= 3:
        # Wires have typing errors in this very place: Apri 13, Narch 2, Marc 16.
        month = _NAMES_BUT_ONE.get(folded)
        for i in range(len(folded) if month is None and len(folded) > 3 else 0):
            month = month or _NAMES_BUT_ONE.get(folded[:i] + folded[i + 1 :])
    return month


def _names() -> dict[str, int]:
    names: dict[str, int] = {}
    for line in _MONTHS:
        for month, name in enumerate(line.split(), 1):
            names.setdefault(name.casefold(), month)
    for name, month in list(names.items()):
        for size in range(3, len(name)):
            short = name[:size]
            # 'mar' is March in seven languages; 'mai' and 'jui' would be cut names of two months.
            if all(m == month for n, m in names.items() if n.startswith(short) and len(n) > size):
                names.setdefault(short, month)
    names.update({'mar': 3, 'jun': 6, 'jul': 7, 'may': 5, 'mai': 5, 'jan': 1, 'ago': 8, 'aug': 8, 'nov': 11})
    names.update(
        {'мар': 3, 'июн': 6, 'июл': 7, 'ara': 12, 'apr': 4, 'feb': 2, 'sep': 9, 'oct': 10, 'dec': 12}
    )
    return names | _SHORT


_NAMES = _names()
_FULL_NAMES = {name: month for line in _MONTHS for month, name in enumerate(line.split(), 1)}
_NAMES_BUT_ONE = {
    name[:i] + name[i + 1 :]: month
    for month, name in reversed(list(enumerate(_MONTHS[0].split(), 1)))
    if len(name) >= 5
    for i in range(len(name))
}
