"""Linking: each mention gets a canonical name and an id that is the same in every document and run.

An id is a pure function of the document and of the tables. People, organisations and other things: a hash
of the kind and of the name's key (``names``); places that GeoNames knows: "geonames:" and their number. A
surname that nothing explains gets an id of its own document: no evidence joins two Smiths.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Optional, Protocol

from schemas.articles import Article, Dateline, Mention
from transforms.functions.entities.labels import GPE, PERSON
from transforms.functions.entities.names import thing_key
from transforms.functions.entities.organisations import Expansions
from transforms.functions.entities.people import People
from transforms.functions.entities.salience import entities_of
from transforms.functions.entities.table_files import PLACES
from transforms.functions.entities.tables import PLACE, Known, Tables, entity_id, load_tables, place_id


class FoundPlace(Protocol):
    """A gazetteer's answer."""

    @property
    def geonameid(self) -> Optional[int]: ...
    @property
    def name(self) -> str: ...
    @property
    def country(self) -> Optional[str]: ...


class Gazetteer(Protocol):
    """Finds the place that a name most likely means."""

    def find(self, name: str, *, country: Optional[str] = None) -> Optional[FoundPlace]: ...


def link_entities(
    article: Article, *, gazetteer: Optional[Gazetteer] = None, tables: Optional[Tables] = None
) -> Article:
    """The article with its mentions linked and ``entities`` made from them, most salient first."""
    texts = {'title': article.title or '', 'standfirst': article.standfirst or '', 'body': article.body}
    mentions = link_mentions(
        article.mentions,
        texts,
        article.language,
        gazetteer=gazetteer,
        dateline=article.dateline,
        scope=article.canonical_url or article.final_url,
        tables=tables,
    )
    return dataclasses.replace(
        article, mentions=mentions, entities=entities_of(mentions, sum(map(len, texts.values())))
    )


def link_mentions(
    mentions: Sequence[Mention],
    texts: Mapping[str, str],
    language: Optional[str] = None,
    *,
    gazetteer: Optional[Gazetteer] = None,
    dateline: Optional[Dateline] = None,
    scope: Optional[str] = None,
    tables: Optional[Tables] = None,
) -> tuple[Mention, ...]:
    """The mentions of one document with canonical, entity_id and geonameid, in the order given.

    Args:
        mentions: of one document; their field names one of ``texts``.
        texts: the document's texts by field.
        language: ISO 639-1 where known. The tables' names are those of English newspapers; in other
            languages only full names and places are looked up in them.
        gazetteer: names places that the tables do not know; without one they get a hashed id.
        dateline: the document's, resolved: its place decides what the same name means elsewhere in it.
        tables: of known people, organisations and places, by default the embedded ones.
        scope: what tells the document from others, for names that nothing explains; by default its texts.
    """
    known = tables or load_tables()
    where = scope if scope is not None else '\n'.join(texts[field] for field in sorted(texts))
    in_order = sorted(mentions, key=lambda mention: (_FIELD_ORDER.get(mention.field, 3), mention.start))
    people = People(known, [m.text for m in in_order if m.label == PERSON], where)
    expansions = Expansions(known, in_order, texts)
    linker = _Linker(known, people, expansions, gazetteer, dateline)
    return tuple(linker.link(mention) for mention in mentions)


_FIELD_ORDER = {'title': 0, 'standfirst': 1, 'body': 2}


class _Linker:
    def __init__(
        self,
        known: Tables,
        people: People,
        expansions: Expansions,
        gazetteer: Optional[Gazetteer],
        dateline: Optional[Dateline],
    ):
        self._known, self._people, self._expansions, self._gazetteer = known, people, expansions, gazetteer
        self._dateline_place: dict[str, Known] = {}
        self._found: dict[tuple[str, str], Known] = {}
        if dateline is not None and dateline.geonameid is not None and dateline.place:
            place = self._place(dateline.geonameid, dateline.place)
            for name in (dateline.place, dateline.place_text):
                if name:
                    self._dateline_place[thing_key(name)] = place

    def link(self, mention: Mention) -> Mention:
        found = self._found.get((mention.label, mention.text))
        if found is None:
            found = self._found[mention.label, mention.text] = self._entity(mention.text, mention.label)
        # Not dataclasses.replace, which takes three times as long: an article has hundreds of mentions.
        return Mention(
            mention.field,
            mention.start,
            mention.end,
            mention.text,
            mention.label,
            mention.sentence,
            found.canonical,
            found.entity_id,
            found.geonameid,
        )

    def _entity(self, text: str, label: str) -> Known:
        if label == PERSON and (person := self._people.who(text)) is not None:
            return person if person.canonical else dataclasses.replace(person, canonical=_display(text))
        if label in PLACES and (place := self._dateline_place.get(thing_key(text))):
            return place
        full = self._expansions.full_name(text) if label not in PLACES else text
        if label != PERSON and (thing := self._known.thing(full) or self._known.thing(text)):
            return thing
        if label == GPE and self._gazetteer is not None and not text.lower().startswith('the '):
            found = self._gazetteer.find(_display(text))
            if found is not None and found.geonameid is not None:
                return self._place(found.geonameid, found.name)
        kind = PLACE if label in PLACES else label
        return Known(_display(full), label, entity_id(kind, thing_key(full) or full.strip().casefold()))

    def _place(self, geonameid: int, name: str) -> Known:
        # One id has one name: that of the tables, where they have the place.
        known = self._known.place(geonameid)
        return known or Known(name, GPE, place_id(geonameid), geonameid)


def _display(text: str) -> str:
    shown = ' '.join(text.split()).strip('.,;:!?"“”()[]') or text
    for ending in ("'s", '’s'):
        shown = shown.removesuffix(ending)
    words = shown.split()
    if len(words) > 1 and words[0] == 'the':
        shown = ' '.join(words[1:])
    if shown.isupper() and (' ' in shown or len(shown) > 5):
        shown = shown.title()
    return shown
