"""Datelines that no dash closes: the agency's bracket does, or nothing but the capitals."""

import itertools
import re
from typing import Optional

from transforms.functions.agencies import Agencies
from transforms.functions.dateline_dates import trailing_date
from transforms.functions.dateline_heads import (
    HEAD,
    Head,
    Shape,
    after,
    make_shape,
    opens_sentence,
    read_head,
)
from transforms.functions.dateline_places import is_place
from transforms.functions.dateline_words import NAME_ENDINGS, PHOTO_WORDS
from transforms.functions.gazetteer import Gazetteer
from transforms.functions.place_texts import read_place

_PAREN = re.compile(r'\(([^()\n]{2,48})\)')
_BARE = re.compile(
    r"(?P<place>[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.'’-]+(?:[ /][A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.'’-]+){0,3}"
    r'(?:, (?:[A-Z][A-Za-z]{1,12}\.?|(?:[A-Z]\. ?){2}|[A-Z]\.[A-Z][a-z]\.))?)\s+(?P<next>[A-Z][a-z’]+|A|I)\b'
)
_GLUED = re.compile(r'(?P<place>[A-Z]{3,}[A-Z])(?=(?:The|A|An|In|On|As|It|One|Two|More|At|For|After)\b)')
# دمشق-سانا, بغداد/ واع: place and agency with nothing but a mark between them
_HYPHENED = re.compile(
    r'([^\W\d_a-zA-Z][^\W\d_]{1,20}(?: [^\W\d_]{2,20})?)(?:-|/ ?)([^\W\d_a-zA-Z]{2,12})(?=\s)'
)
# KYIV. March 3. / BAKU, Azerbaijan, March 3, / ASTANA.
_DOTTED = re.compile(
    r'(?P<place>[^\W\d_][^\n.,:;()\d]{1,40}?(?:, [^\n.,:;()\d]{2,30}?)?)[.,]\s+'
    r'(?:(?P<date>\d{1,2}\.? [^\W\d_]{3,10}|[^\W\d_]{3,10}\.? \d{1,2}(?:, \d{4})?)(?P<mark>[.,])\s+)?(?=\S)'
)


def undashed(text: str, start: int, limit: int, gazetteer: Gazetteer, agencies: Agencies) -> Optional[Shape]:
    """PLACE, date (AGENCY) with nothing but the agency's bracket before the story."""
    for number, paren in enumerate(_PAREN.finditer(text, start, min(limit, start + HEAD))):
        if number == 2:
            return None
        agency = agencies.find(paren[1])
        if agency is None:
            continue
        raw = text[start : paren.start()]
        mark = paren.end()
        if text[mark : mark + 2].strip() in ('"', '?', '�'):  # a dash that an encoding broke
            mark += 2
        body = after(text, mark)
        if body < len(text) and not opens_sentence(text[body]):
            continue
        head = read_head(raw, gazetteer, agencies)
        if head.agency_text is not None:
            return None
        whole = Head(head.rest, paren[1], agency, False, head.date, head.date_text)
        end = mark if mark > paren.end() else paren.end()
        if not head.rest.strip(' ,'):
            return make_shape(start, end, body, whole, None)
        place = read_place(head.rest, gazetteer)
        if place is not None and (place.found or place.caps) and is_place(place, True, False, False, ''):
            return make_shape(start, end, body, whole, place)
        tokens = list(re.finditer(r'\S+', head.rest))
        if tokens and tokens[0][0].strip(':.').casefold() in PHOTO_WORDS:
            return None  # its place is the picture's
        for size in range(min(4, len(tokens) - 1), 0, -1):
            first = tokens[-size].start()
            place = read_place(head.rest[first:], gazetteer)
            if place is not None and place.caps and place.found and is_place(place, True, False, False, ''):
                inner = Head(head.rest[first:], paren[1], agency, False, head.date, head.date_text)
                return make_shape(start + first, end, body, inner, place)
    return None


_AFTER_AGENCY = re.compile(r'[.,:]?\s*(?:[-–—]+\s+)?')


def dotted(text: str, start: int, limit: int, gazetteer: Gazetteer, agencies: Agencies) -> Optional[Shape]:
    """KYIV. March 3. UNN. / BAKU, March 3, AZERTAC: parts between full stops or commas, and no dash."""
    found = _DOTTED.match(text, start, min(limit, start + HEAD))
    if found is None:
        return None
    place = read_place(found['place'], gazetteer)
    if place is None or not place.found or not is_place(place, True, False, False, ''):
        return None
    date = trailing_date(found['date']) if found['date'] else None
    if found['date'] and (date is None or date.start or date.day is None):
        return None
    if date is not None or place.caps:
        words = re.compile(r'[^\s,:]+').finditer(text, found.end(), min(limit, found.end() + 40))
        ends = [word.end() for word in itertools.islice(words, 3)]
        for end in reversed(ends):
            named = text[found.end() : end].rstrip('.')
            agency = None if '/' in named or ',' in named else agencies.find(named)
            if agency is None:
                continue
            close = _AFTER_AGENCY.match(text, found.end() + len(named))
            stop = close.end() if close is not None else end
            body = after(text, stop)
            if (
                opens_sentence(text[body : body + 1])
                and body > end - 1
                and text[stop : stop + 1] not in "'’/"
            ):
                head = Head(found['place'], named, agency, False, date, found['date'])
                return make_shape(start, len(text[:stop].rstrip()), body, head, place)
    next_word = re.compile(r'\S*').match(text, found.end())
    if date is None or found['mark'] != '.' or next_word is None or '/' in next_word[0]:
        return None
    if (not place.caps and place.largest < 50_000) or not text[found.end() : found.end() + 1].isupper():
        return None
    head = Head(found['place'], None, None, False, date, found['date'])
    return make_shape(start, found.start('mark') + 1, found.end(), head, place)


def bare(text: str, start: int, end: int, gazetteer: Gazetteer, agencies: Agencies) -> Optional[Shape]:
    """A place in capitals with nothing after it, the mark of a lost dash, or a line of its own."""
    line = text[start:end].strip()
    if ',' in line and len(line) < 60 and text[end : end + 2] == '\n\n':
        place = read_place(line, gazetteer)
        if place is not None and place.caps and place.stated and place.found and line.isupper():
            return make_shape(start, start + len(line), after(text, end), Head(line), place)
    hyphened = _HYPHENED.match(text, start, min(end, start + 60))
    if hyphened is not None and (agency := agencies.find(hyphened[2])) is not None:
        place = read_place(hyphened[1], gazetteer)
        if place is not None and place.found:
            head = Head(hyphened[1], hyphened[2], agency)
            return make_shape(start, hyphened.end(), after(text, hyphened.end()), head, place)
    found = _BARE.match(text, start, min(end, start + 80)) or _GLUED.match(text, start, min(end, start + 40))
    if found is None:
        return None
    place = read_place(found['place'], gazetteer)
    if place is None or not place.found or not is_place(place, False, False, False, ''):
        return None
    if found.re is _BARE and found['next'] in NAME_ENDINGS:
        return None
    if place.largest < 100_000 and not place.stated and place.found[0].place.kind != 'country':
        return None
    stop = found.end('place')
    return make_shape(start, stop, after(text, stop), Head(found['place']), place)
