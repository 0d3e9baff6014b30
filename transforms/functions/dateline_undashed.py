"""Datelines that no dash closes: the agency's bracket does, or nothing but the capitals."""

import re
from typing import Optional

from transforms.functions.agencies import Agencies
from transforms.functions.dateline_heads import (
    HEAD,
    Head,
    Shape,
    after,
    make_shape,
    opens_sentence,
    read_head,
)
from transforms.functions.dateline_places import is_place, read_place
from transforms.functions.dateline_words import NAME_ENDINGS
from transforms.functions.gazetteer import Gazetteer

_PAREN = re.compile(r'\(([^()\n]{2,48})\)')
_BARE = re.compile(
    r"(?P<place>[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.'’-]+(?:[ /][A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.'’-]+){0,3}"
    r'(?:, (?:[A-Z][A-Za-z]{1,12}\.?|(?:[A-Z]\. ?){2}|[A-Z]\.[A-Z][a-z]\.))?)\s+(?P<next>[A-Z][a-z’]+|A|I)\b'
)
_GLUED = re.compile(r'(?P<place>[A-Z]{3,}[A-Z])(?=(?:The|A|An|In|On|As|It|One|Two|More|At|For|After)\b)')
# دمشق-سانا: place and agency with nothing but a hyphen
_HYPHENED = re.compile(r'([^\W\d_a-zA-Z][^\W\d_]{1,20}(?: [^\W\d_]{2,20})?)-([^\W\d_a-zA-Z]{2,12})(?=\s)')


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
        for size in range(min(4, len(tokens) - 1), 0, -1):
            first = tokens[-size].start()
            place = read_place(head.rest[first:], gazetteer)
            if place is not None and place.caps and place.found and is_place(place, True, False, False, ''):
                inner = Head(head.rest[first:], paren[1], agency, False, head.date, head.date_text)
                return make_shape(start + first, end, body, inner, place)
    return None


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
