"""The curated tables of known people, organisations and places, looked up by any of their names.

They lie in transforms/data: entities_people.csv, entities_organisations.csv, entities_places.csv (GeoNames
ids, CC BY 4.0, geonames.org). A directory with files of the same names and columns replaces them.
"""

import csv
import dataclasses
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

from schemas.ids import hash_id
from transforms.functions.entities.labels import ORG, PERSON
from transforms.functions.entities.names import (
    key_of,
    person_words,
    slavic_skeleton,
    thing_key,
    without_initials,
)

DATA = Path(__file__).resolve().parents[2] / 'data'
PLACE = 'PLACE'


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """An entity as it is linked to."""

    canonical: str
    label: str
    entity_id: str
    geonameid: Optional[int] = None


def entity_id(kind: str, key: str) -> str:
    """The id of what has this key among entities of its kind (PERSON, ORG, PLACE, or a label)."""
    return hash_id('entity', kind, key)


def place_id(geonameid: int) -> str:
    """The id of a place that GeoNames knows."""
    return f'geonames:{geonameid}'


class Tables:
    """Lookups by name. A name that belongs to two entries of a table is an error in the table."""

    def __init__(self, directory: Path = DATA):
        """Reads the tables.

        Raises:
            ValueError: an alias is there twice, or a file lacks a column.
        """
        self._people: dict[str, Known] = {}
        self._with_initials: dict[str, Known] = {}
        self._mononyms: dict[str, Known] = {}
        self._things: dict[str, Known] = {}
        self._acronyms: dict[str, Known] = {}
        self._near: dict[str, list[tuple[list[str], Known]]] = {}
        for row in _rows(directory / 'entities_people.csv', 'canonical', 'mononym', 'aliases'):
            self._add_person(row['canonical'], row['mononym'], _split(row['aliases']))
        for row in _rows(directory / 'entities_places.csv', 'canonical', 'label', 'geonameid', 'aliases'):
            number = int(row['geonameid']) if row['geonameid'] else None
            key = place_id(number) if number else entity_id(PLACE, thing_key(row['canonical']))
            place = Known(row['canonical'], row['label'], key, number)
            self._add_thing(place, [row['canonical'], *_split(row['aliases'])])
        for row in _rows(directory / 'entities_organisations.csv', 'canonical', 'label', 'aliases'):
            kind = ORG if row['label'] == ORG else PLACE
            thing = Known(row['canonical'], row['label'], entity_id(kind, thing_key(row['canonical'])))
            self._add_thing(thing, [row['canonical'], *_split(row['aliases'])])

    def person(self, words: list[str]) -> Optional[Known]:
        """Who has this full name (``names.person_words``), in either order."""
        if len(words) < 2:
            return self._mononyms.get(slavic_skeleton(words[0])) if words else None
        return (
            self._with_initials.get(' '.join(words))
            or self._people.get(key_of(words))
            or self._people.get(key_of([*words[1:], words[0]]))
        )

    def mononym(self, words: list[str]) -> Optional[Known]:
        """Who is meant by a surname alone ("Putin") where nothing else is said."""
        return self._mononyms.get(_mononym_key(words))

    def near(self, words: list[str]) -> Iterator[tuple[list[str], Known]]:
        """Known people whose surname begins like the name's, with their words: the name may be misspelt."""
        yield from self._near.get(_initial(words[-1]), ())

    def thing(self, name: str) -> Optional[Known]:
        """What place or organisation has this name; an acronym only in capitals ("WHO", not "who")."""
        key = thing_key(name)
        known = self._things.get(key)
        if known is None and (known := self._acronyms.get(key)) and not _capitals(name):
            return None
        return known

    def _add_person(self, canonical: str, mononym: str, aliases: list[str]) -> None:
        full = person_words(canonical)
        # Two presidents are called George Bush: where the table has an initial, it counts.
        key = key_of(full) if full == without_initials(full) else ' '.join(full)
        person = Known(canonical, PERSON, entity_id(PERSON, key))
        for name in (canonical, *aliases):
            words = person_words(name)
            if len(words) < 2:
                self._mononyms[_mononym_key(words)] = person
                continue
            if words == without_initials(words):
                _put(self._people, key_of(words), person)
            else:
                _put(self._with_initials, ' '.join(words), person)
            self._near.setdefault(_initial(words[-1]), []).append((words, person))
        if mononym:
            _put(self._mononyms, _mononym_key(person_words(mononym)), person)

    def _add_thing(self, thing: Known, names: list[str]) -> None:
        for name in names:
            acronym = _capitals(name) and len(thing_key(name)) <= 5
            _put(self._acronyms if acronym else self._things, thing_key(name), thing)


@functools.lru_cache(maxsize=2)
def tables(directory: Path = DATA) -> Tables:
    """``Tables``, read once per process and directory."""
    return Tables(directory)


def _initial(word: str) -> str:
    return slavic_skeleton(word)[:1]


def _mononym_key(words: list[str]) -> str:
    return ' '.join(slavic_skeleton(word) for word in words)


def _capitals(name: str) -> bool:
    return name.upper() == name


def _put(table: dict[str, Known], key: str, known: Known) -> None:
    if (there := table.setdefault(key, known)) != known:
        raise ValueError(f'entity tables: {key!r} names {there.canonical!r} and {known.canonical!r}')


def _split(names: str) -> list[str]:
    return [name for name in names.split('|') if name]


def _rows(path: Path, *columns: str) -> Iterator[dict[str, str]]:
    with open(path, encoding='utf-8', newline='') as file:
        reader = csv.DictReader(file)
        if missing := set(columns) - set(reader.fieldnames or ()):
            raise ValueError(f'{path.name} lacks the columns {sorted(missing)}')
        yield from reader
