"""What stands before a dateline's dash: agency, date and place, told apart from the right."""

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple, Optional

from transforms.functions.agencies import Agencies, Agency
from transforms.functions.dateline_dates import PrintedDate, trailing_date
from transforms.functions.gazetteer import Gazetteer
from transforms.functions.place_texts import PlaceText

# Every dash that closes a dateline, among them what wrong encodings made of one. A hyphen needs a space on
# a side; a colon must end its word. The character comes first and what must surround it after, since the
# search then skips from one such character to the next: nine times as fast as trying all forms everywhere.
CLOSE = re.compile(
    r"""[—–―‒\x96\x97\-â−_:.](?:
        (?<=[—–―‒\x96\x97])
      | (?<=-)(?: -+ | (?=\s) | (?<=\s-)(?=\S) )
      | (?<=â)(?: €[”“"] | \x80[\x93\x94] | [ ]?[”"] )
      | (?<=−)(?: (?<=[\s).\]]−)(?=\s) | (?<=\s−)(?=\S) )
      | (?<=_)(?=\s)
      | (?<=:)(?: (?=[\sA-Z“"]) | (?<=[)/]:) )
      | (?<=\.)(?: (?<=[)/]\.) | - )
    )""",
    re.VERBOSE,
)
_AFTER = re.compile(r'[\s—–―_\-\x96\x97]*')
_SLASHED = re.compile(r'/([^/\n]{2,40})/\.?$')
# KYIV. March 3: the stop after a whole word is not the name's, as it is in "ST." and "D.C."
_FULL_STOP = re.compile(r'[^\W\d_]{4}\.$')
_TIME = re.compile(r'\d{1,2}[:.]\d\d\b')
# An agency by itself after the place's dash: "CAIRO - (Reuters) -", "МОСКВА, 3 мар — РИА Новости."
_OWN = re.compile(r'\(([^()\n]{2,30})\)|([^\n.:()—–]{2,24}?)(?=\s*[.:—–]|\s-)')
# The address of a site in the agency's place: KOMPAS.com
SITE = re.compile(r'[A-Za-z0-9-]{2,30}\.(?:com|net|org|info|co|[a-z]{2}|(?:co|com)\.[a-z]{2})', re.IGNORECASE)
QUOTES = ('"', "'", '“', '‘', '«', '„')
_LINE = re.compile(r'[^\r\n \t\xa0][^\n]*')
_LINES = 8
HEAD = 130  # characters that a dateline may have before its dash


class Head(NamedTuple):
    """A head taken apart; ``rest`` is what is left for the place, from the head's first character on.

    Heads, shapes and dates are tuples: frozen dataclasses would take a tenth of the time of a dateline.
    """

    rest: str
    agency_text: Optional[str] = None
    agency: Optional[Agency] = None
    slashed: bool = False
    date: Optional[PrintedDate] = None
    date_text: Optional[str] = None


class Shape(NamedTuple):
    """A dateline as printed. Offsets are of the text that was searched."""

    start: int
    end: int  # after the closing dash
    body: int  # the first character of what follows
    style: str
    place_text: Optional[str] = None
    place: Optional[PlaceText] = None
    agency_text: Optional[str] = None
    agency: Optional[Agency] = None
    date_text: Optional[str] = None
    date: Optional[PrintedDate] = None


def make_shape(
    start: int, end: int, body: int, head: Head, place: Optional[PlaceText], style: str = ''
) -> Shape:
    """The shape of what the head holds, with a style that names its parts in order."""
    parts = ['place'] if place is not None else []
    if head.date is not None:
        parts.append('date')
    named = ', '.join(parts)
    if head.agency_text is not None:
        named = f'{named} (agency)'.strip() if not head.slashed else f'{named} /agency/'.strip()
    text = head.rest.strip(' ,;\t\xa0*_"“”') if place is not None else None
    if text and place is not None and not place.qualifiers and _FULL_STOP.search(text):
        text = text[:-1]
    return Shape(
        start,
        end,
        body,
        style or named,
        text,
        place,
        head.agency_text,
        head.agency,
        head.date_text,
        head.date,
    )


def read_head(raw: str, gazetteer: Gazetteer, agencies: Agencies) -> Head:
    """Takes agency and date off the end of what stands before the dash."""
    text = raw.rstrip(' \t\xa0,;-')
    agency_text: Optional[str] = None
    agency: Optional[Agency] = None
    slashed = False
    date: Optional[PrintedDate] = None
    date_text: Optional[str] = None
    if text.endswith(')'):
        opening = text.rfind('(', max(0, len(text) - 60))
        if opening >= 0:
            inside = text[opening + 1 : -1].strip()
            agency = agencies.find(inside)
            dated = trailing_date(inside) if agency is None else None
            if _TIME.match(inside):  # BEIRUT (3:00 P.M.) -
                text = text[:opening]
            elif dated is not None and dated.start == 0 and dated.day is not None:  # MOBILE, Ala. (March 3) -
                date, date_text, text = dated, inside[: dated.end], text[:opening]
            elif agency is not None or (inside and not gazetteer.areas(inside)):
                agency_text, text = inside, text[:opening]
    elif text.endswith(('/', '/.')) and (slash := _SLASHED.search(text, max(0, len(text) - 45))):
        agency_text, agency, slashed = slash[1].strip(), agencies.find(slash[1]), True
        text = text[: slash.start()]
    elif (joint := max(text.rfind(','), text.rfind('/'))) > 0:
        tail = text[joint + 1 :].strip()
        agency = agencies.find(tail)
        if agency is not None or (text[joint] == ',' and SITE.fullmatch(tail)):
            agency_text, text = text[joint + 1 :].strip(), text[:joint]
    if date is not None:
        return Head(text.rstrip(' \t\xa0,;'), None, None, False, date, date_text)
    date = trailing_date(text.rstrip(' .') if not text.endswith('.') or not text[-3:-1].isdigit() else text)
    if date is None and agency_text is None:
        # SYDNEY, March 3 AAP -: an agency after the date, with nothing between them.
        before, _, last = text.rpartition(' ')
        before = before.rstrip(' .,')
        dated = trailing_date(before) if last[:1].isupper() and any(c.isdigit() for c in before) else None
        if dated is not None and dated.day is not None and (agency := agencies.find(last)) is not None:
            agency_text, text, date = last, before, dated
    if date is not None:
        date_text, text = text[date.start : date.end], text[: date.start]
    return Head(text.rstrip(' \t\xa0,;'), agency_text, agency, slashed, date, date_text)


def own_agency(text: str, body: int, agencies: Agencies) -> Optional[tuple[str, Agency, int, int]]:
    """An agency that stands by itself where the story would begin: text, agency, its end, the body."""
    found = _OWN.match(text, body)
    if found is None:
        return None
    named = (found[1] or found[2]).strip()
    agency = agencies.find(named)
    if agency is None:
        return None
    close = CLOSE.match(text, found.end()) or re.compile(r'\s*[.:—–-]*').match(text, found.end())
    end = close.end() if close is not None else found.end()
    return named, agency, end, after(text, end)


def lines(window: str) -> Iterator[tuple[int, int]]:
    """Begin and end of the first lines that are not blank."""
    return (line.span() for line in itertools.islice(_LINE.finditer(window), _LINES))


def after(text: str, end: int) -> int:
    """The first character that is neither blank nor a dash."""
    found = _AFTER.match(text, end)
    return found.end() if found else end


def may_open(raw: str) -> bool:
    """Whether a dateline may begin like this: not with a small letter."""
    first = raw[0]
    if first.isupper() or first in '(/[' or first.isdigit() or (first.isalpha() and not first.islower()):
        return True
    return any(c.isupper() for c in raw[1:6])


def opens_sentence(character: str) -> bool:
    """Whether a story may begin with the character ('' is the text's end)."""
    return not character.islower() and character not in tuple(')]},;!?/%')


def is_aside(text: str, body: int) -> bool:
    """Whether the dash opens an aside ("Sydney - Australia's largest city - is ...")."""
    following = CLOSE.search(text, body, min(len(text), body + 90))
    return following is not None and '.' not in text[body : following.start()] and following[0] != ':'
