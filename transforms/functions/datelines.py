"""Datelines: where a story was reported from, by which agency and on which day.

``parse_dateline`` reads the start of a text; ``place_article_dateline`` applies it to an article.
Both take time that is linear in a bounded window at the text's start, and raise on no text.
"""

import dataclasses
import functools
import re
from typing import Optional

from schemas.articles import Article, Caption, Dateline, Evidence, Outlet, Subhead
from schemas.vocabulary import EvidenceSource
from transforms.functions.agencies import Agencies
from transforms.functions.dateline_asian import AsianDateline, find_asian
from transforms.functions.dateline_dates import resolve_date
from transforms.functions.dateline_heads import Shape
from transforms.functions.dateline_places import choose
from transforms.functions.dateline_shapes import ShapeFinder
from transforms.functions.gazetteer import Candidate, Gazetteer, Place
from transforms.functions.outlet_home_hints import NO_HINTS, home_hints
from transforms.functions.place_context import Context
from transforms.functions.place_texts import Area

# How far into the text other places are looked for that settle which Springfield it is.
_CONTEXT = 1_500
# Before a dateline these are its typography, not text.
_MARKS = ' \t\r\n\xa0*_"“'
_EASTERN = re.compile('[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]')


def parse_dateline(
    text: str,
    gazetteer: Gazetteer,
    agencies: Agencies,
    *,
    outlet: Optional[Outlet] = None,
    home: Optional[str] = None,
    language: Optional[str] = None,
    published_at: Optional[int] = None,
) -> Optional[Dateline]:
    """The dateline at the start of the text, which may follow a byline, a title or a credit; or None.

    ``outlet`` and ``home``, its home city as "Athens, GA, US", tell places of one name apart;
    ``published_at`` (microseconds UTC) gives the date its year. ``language`` is not needed.
    """
    read = _read(text, gazetteer, agencies, outlet, home, published_at)
    return None if read is None else read[0]


def place_article_dateline(
    article: Article, gazetteer: Gazetteer, agencies: Agencies, *, home: Optional[str] = None
) -> Article:
    """The article with its dateline and agency, and its body starting after the dateline.

    The dateline is cut only where it stands at the very start of the body; the offsets of subheads
    and captions move with it, never below 0. A dateline further down leaves the body as it is.
    The agency is the dateline's: for others see ``credit_agency``.
    """
    read = _read(article.body, gazetteer, agencies, article.outlet, home, article.published_at)
    if read is None:
        return article
    dateline, start, candidates = read
    evidence = list(article.evidence)
    for place in candidates:
        shown = (
            f'{place.name}, {place.region}, {place.country}'
            if place.region
            else f'{place.name}, {place.country}'
        )
        chosen = place.geonameid == dateline.geonameid
        evidence.append(Evidence('dateline_place', shown, EvidenceSource.DATELINE, chosen))
    agency = agencies.get(dateline.agency) if dateline.agency else None
    if agency is not None:
        evidence.append(Evidence('agency', agency.id, EvidenceSource.DATELINE, True))
    body, cut = article.body, dateline.body_offset
    if body[:start].strip(_MARKS):
        cut = 0
    return dataclasses.replace(
        article,
        body=body[cut:],
        subheads=tuple(Subhead(s.text, max(0, s.offset - cut)) for s in article.subheads),
        captions=tuple(
            Caption(c.text, None if c.offset is None else max(0, c.offset - cut)) for c in article.captions
        ),
        word_count=max(0, article.word_count - len(body[:cut].split())),
        dateline=dateline,
        agency=agency.id if agency else None,
        agency_name=agency.name if agency else None,
        evidence=tuple(evidence),
    )


def _read(
    text: str,
    gazetteer: Gazetteer,
    agencies: Agencies,
    outlet: Optional[Outlet],
    home: Optional[str],
    published_at: Optional[int],
) -> Optional[tuple[Dateline, int, tuple[Place, ...]]]:
    """The dateline, where it starts in the text, and the places that its name may mean."""
    shape = _find(text, gazetteer, agencies)
    if shape is None:
        return None
    agency = shape.agency
    if agency is None and shape.agency_text and outlet is not None and outlet.agency:
        own = agencies.get(outlet.agency)
        agency = own if own is not None and own is agencies.find(shape.agency_text) else None
    place: Optional[Place] = None
    ranked: tuple[Candidate, ...] = ()
    if shape.place is not None:
        known_home, context = None, Context()
        if len(shape.place.found) > 1 and not shape.place.stated:
            known_home = _home(home, gazetteer)
            hints = NO_HINTS
            if known_home is None and outlet is not None:
                hints = home_hints(outlet.domain, outlet.name, gazetteer)
            after = text[shape.body : shape.body + _CONTEXT]
            context = Context(after, outlet.country if outlet is not None else None, hints)
        place, ranked = choose(shape.place, gazetteer, known_home, context, agency is not None)
    dateline = Dateline(
        text=text[shape.start : shape.end].strip(),
        style=shape.style if isinstance(shape, Shape) else _asian_style(shape),
        place_text=shape.place_text,
        place=place.name if place else None,
        geonameid=place.geonameid if place else None,
        country=place.country if place else None,
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
        agency_text=shape.agency_text,
        agency=agency.id if agency else None,
        agency_name=agency.name if agency else None,
        date_text=shape.date_text,
        date=resolve_date(shape.date, published_at) if shape.date else None,
        body_offset=shape.body,
    )
    return dateline, shape.start, tuple(c.place for c in ranked)


def _find(text: str, gazetteer: Gazetteer, agencies: Agencies) -> Optional[Shape | AsianDateline]:
    if not text.isascii() and _EASTERN.search(text, 0, 60):
        found = find_asian(text, gazetteer, agencies)
        if found is not None:
            return found
    return ShapeFinder(gazetteer, agencies).find(text)


def _asian_style(found: AsianDateline) -> str:
    parts = [('place', found.place_text), ('agency', found.agency_text), ('date', found.date_text)]
    return f'({"=".join(name for name, value in parts if value)})'


@functools.lru_cache(maxsize=4_096)
def _home(home: Optional[str], gazetteer: Gazetteer) -> Optional[Place]:
    if not home:
        return None
    city, *areas = [part.strip() for part in home.split(',')]
    stated: list[Area] = []
    if areas:
        country = areas[-1].upper()
        named = [a for a in gazetteer.areas(areas[0]) if a.country == country] if len(areas) > 1 else []
        stated = [(country, named[0].region or None if named else None)]
    ranked = gazetteer.ranked(city, stated)
    return ranked[0].place if ranked else None
