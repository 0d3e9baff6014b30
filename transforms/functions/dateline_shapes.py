"""The forms that datelines have in alphabetic scripts: what is printed where, and where it ends."""

import re
from typing import Optional

from transforms.functions.agencies import Agencies
from transforms.functions.dateline_dates import trailing_date
from transforms.functions.dateline_heads import (
    CLOSE,
    HEAD,
    QUOTES,
    SITE,
    Head,
    Shape,
    after,
    is_aside,
    lines,
    make_shape,
    may_open,
    opens_sentence,
    own_agency,
    read_head,
)
from transforms.functions.dateline_places import is_place
from transforms.functions.dateline_undashed import bare, dotted, undashed
from transforms.functions.dateline_words import BYLINE_WORDS, PHOTO_WORDS
from transforms.functions.gazetteer import Gazetteer
from transforms.functions.place_texts import PlaceText, read_place

WINDOW = 600  # characters from the text's start in which a dateline is looked for
_LINE = 320  # characters of a line that are looked at
_DASHES = 5  # dashes of a line that are tried

_CALL_SIGN = re.compile(r"(?=\d{0,2}.?[^\W\d_]{2})[^\W_][\w.&'’/+ -]{1,39}$")
_SHOUTED = re.compile(r'[A-Z]{3,}\b')
_JUNK = ' *\t\xa0\u200b\ufeff"“'


def _is_call_sign(text: str) -> bool:
    return _CALL_SIGN.match(text) is not None or SITE.fullmatch(text) is not None


class ShapeFinder:
    """Finds the dateline of a text by its printed form."""

    def __init__(self, gazetteer: Gazetteer, agencies: Agencies) -> None:
        self._gazetteer = gazetteer
        self._agencies = agencies

    def find(self, text: str) -> Optional[Shape]:
        """The first dateline in the window at the text's start, or None."""
        window = text[:WINDOW]
        for number, (start, end) in enumerate(lines(window)):
            shape = self._in_line(window, start, end, number == 0)
            if shape is not None:
                return shape
        return None

    def _read(self, raw: str) -> Head:
        return read_head(raw, self._gazetteer, self._agencies)

    def _in_line(self, text: str, start: int, end: int, first: bool) -> Optional[Shape]:
        while start < end and text[start] in _JUNK:
            start += 1
        limit = min(end, start + _LINE)
        for number, close in enumerate(CLOSE.finditer(text, start, limit)):
            if number == _DASHES:
                break
            if close.start() - start <= HEAD:
                shape = self._whole(text, start, close)
                if shape is not None:
                    return shape
            shape = self._suffix(text, max(start, close.start() - HEAD), close, start)
            if shape is not None:
                return shape
        shape = undashed(text, start, limit, self._gazetteer, self._agencies)
        if shape is None and first:
            shape = dotted(text, start, limit, self._gazetteer, self._agencies) or bare(
                text, start, end, self._gazetteer, self._agencies
            )
        return shape

    def _whole(self, text: str, start: int, close: re.Match[str]) -> Optional[Shape]:
        raw = text[start : close.start()]
        colon = close[0] == ':'
        if not raw or (colon and len(raw) > 60) or not may_open(raw):
            return None
        body = after(text, close.end())
        following = text[body : body + 1]
        if raw[0] == '(' and raw.rstrip().endswith(')') and raw.count('(') == 1:
            inside = raw.strip()[1:-1].strip()
            place = None if self._agencies.find(inside) else read_place(inside, self._gazetteer)
            if place is not None and place.caps and place.found and is_place(place, False, False, False, ''):
                return make_shape(start, close.end(), body, Head(inside), place, style='(place)')
        head = self._read(raw)
        if not head.rest:
            return self._placeless(text, start, close, head, body)
        colon_alone = colon and head.date is None
        if head.agency_text and not head.agency and (colon_alone or not _is_call_sign(head.agency_text)):
            return None
        place = read_place(head.rest, self._gazetteer)
        if place is None:
            return None
        if head.agency_text is None and not place.found and place.caps:
            head, place = self._agency_first(head, place)
        agency, dated = head.agency_text is not None, head.date is not None
        if agency and not head.agency and not (place.found or place.stated):
            return None
        if not is_place(place, agency, dated, colon and not agency, text[body:]):
            return None
        if not (agency or dated) and not (place.stated or self._opens_story(text, start, body, place)):
            return None
        if colon and not (agency or dated or place.caps) and following in QUOTES:
            return None  # Moscow: ‘We will win’: a headline
        if not (agency or dated or opens_sentence(following)):
            return None
        if not (agency or dated or place.caps or place.stated) and is_aside(text, body):
            return None
        end = close.end()
        if (
            head.date is None
            and (next_close := CLOSE.search(text, body, min(len(text), body + 24))) is not None
        ):
            late = self._read(text[body : next_close.start()])  # ROCKVILLE, Md. - March 6 - Shares ...
            if late.date is not None and not late.rest and late.agency_text is None:
                head = head._replace(date=late.date, date_text=late.date_text)
                end, body = next_close.end(), after(text, next_close.end())
        if head.agency_text is None and (own := own_agency(text, body, self._agencies)) is not None:
            head = head._replace(agency_text=own[0], agency=own[1])
            end, body = own[2], own[3]
        return make_shape(start, end, body, head, place)

    def _agency_first(self, head: Head, place: PlaceText) -> tuple[Head, PlaceText]:
        """REUTERS LONDON -, TEMPO.CO, Jakarta -: the agency is the first word of what looks like a place."""
        first, _, rest = head.rest.partition(' ')
        first = first.rstrip(',')
        agency = self._agencies.find(first)
        named = agency is not None or SITE.fullmatch(first)
        inner = read_place(rest, self._gazetteer) if named and rest else None
        if inner is None or not inner.found:
            return head, place
        return head._replace(rest=rest, agency_text=first, agency=agency), inner

    def _opens_story(self, text: str, start: int, body: int, place: PlaceText) -> bool:
        """Whether a place alone before a dash can be one, by what is around it."""
        if text.startswith('*****', max(0, start - 6)):  # the flash of a wire: a headline
            return False
        line = text[body : text.find('\n', body) if '\n' in text[body:] else len(text)]
        if len(line) < 24 and trailing_date(line) is not None:  # TOKYO COCOA - APRIL 7: a table's title
            return False
        if place.found and place.found[0].place.kind != 'city' and _SHOUTED.match(text, body):
            return False  # RUSSIA - UKRAINE: a headline
        if '\n' not in text[:start]:
            return True
        # Further down a table's rows look the same.
        return (
            place.largest >= 1000
            and place.found[0].place.kind == 'city'
            and not text[body : body + 1].isdigit()
        )

    def _placeless(
        self, text: str, start: int, close: re.Match[str], head: Head, body: int
    ) -> Optional[Shape]:
        """(CNN) --, June 3 (UPI) --, (LONDON) --, (ANSA) - ROMA, 3 MAR - : no place before the dash."""
        if head.agency_text is None:
            return None
        if head.agency is None and head.date is None and not SITE.fullmatch(head.agency_text):
            return None
        following = CLOSE.search(text, body, min(len(text), body + HEAD))
        if following is not None and following.start() > body:
            inner = self._read(text[body : following.start()])
            place = (
                read_place(inner.rest, self._gazetteer) if inner.rest and inner.agency_text is None else None
            )
            if (
                place is not None
                and (place.caps or (inner.date is not None and place.found))
                and is_place(place, True, inner.date is not None, False, '')
            ):
                both = Head(inner.rest, head.agency_text, head.agency, False, inner.date, inner.date_text)
                return make_shape(start, following.end(), after(text, following.end()), both, place)
        return make_shape(start, close.end(), body, head, None)

    def _suffix(self, text: str, start: int, close: re.Match[str], line: int) -> Optional[Shape]:
        """A dateline after something else in its line: a byline, a title glued to the story."""
        if close[0] == ':' or not opens_sentence(text[after(text, close.end()) :][:1]):
            return None
        raw = text[start : close.start()]
        last = raw.rstrip()
        if not last or (last[-1] not in ')/.0123456789' and not last[-2:].isupper()):
            return None
        head = self._read(raw)
        tokens = list(re.finditer(r'\S+', head.rest))
        for size in range(min(6, len(tokens)), 0, -1):
            first = tokens[-size].start()
            if first == 0 and start == line:
                continue
            before = head.rest[:first].rstrip()
            candidate = head.rest[first:]
            if not candidate[0].isupper() or not self._may_follow(before, text[line:start], head, candidate):
                continue
            place = read_place(candidate, self._gazetteer)
            if (
                place is None
                or not place.found
                or not is_place(place, head.agency is not None, False, False, '')
            ):
                continue
            if not place.caps and (head.agency is None or place.largest < 20_000):
                continue
            if not place.caps and place.qualifiers and not place.stated:  # Ito, Associated Press NEW YORK
                continue
            if head.date is None and (dated := trailing_date(before)) is not None:
                head = Head(
                    head.rest,
                    head.agency_text,
                    head.agency,
                    head.slashed,
                    dated,
                    before[dated.start : dated.end],
                )
            found = Head(candidate, head.agency_text, head.agency, head.slashed, head.date, head.date_text)
            return make_shape(start + first, close.end(), after(text, close.end()), found, place)
        return None

    def _may_follow(self, before: str, line: str, head: Head, candidate: str) -> bool:
        opening = (line or before or ' ').lstrip().partition(' ')[0].strip(':').casefold()
        if opening in PHOTO_WORDS:  # a credit or caption: an agency there is not the story's
            return False
        if head.agency is not None or not before:
            return True
        if head.agency_text is not None and head.agency is None:
            return False
        if not candidate.split(',')[0].replace('.', '').isupper():
            return False
        return before[-1] in '.!?”"»)' or opening in BYLINE_WORDS or trailing_date(before) is not None
