"""The curated tables of known people, organisations and places, looked up by any of their names.

The embedded ones lie in transforms/data: entities_people.csv, entities_organisations.csv, entities_places.csv
(GeoNames ids, CC BY 4.0, geonames.org). Files of a user's extend and override them, or stand alone.
"""

import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Optional

from schemas.ids import hash_id
from transforms.functions.entities.labels import PERSON
from transforms.functions.entities.model_names import NONE
from transforms.functions.entities.names import (
    key_of,
    person_words,
    slavic_skeleton,
    thing_key,
    without_initials,
)
from transforms.functions.entities.table_files import PLACES, Row, embedded, read_table

PLACE = 'PLACE'
_LOOKUPS = ('_people', '_with_initials', '_mononyms', '_things', '_acronyms', '_places', '_spellings')


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


_KEPT = 4_096  # names whose thing, or lack of one, is kept: 100 bytes each


class Tables:
    """Lookups by name. Within one file a name belongs to one row."""

    def __init__(self, rows: Iterable[Row], below: Optional['Tables'] = None):
        """``rows`` over the tables ``below``, of which they replace the same ids and take the same names.

        Raises:
            ValueError: a name belongs to two rows; it gives file and line.
        """
        # Their names are in _LOOKUPS.
        self._people: dict[str, Known] = {}
        self._with_initials: dict[str, Known] = {}
        self._mononyms: dict[str, Known] = {}
        self._things: dict[str, Known] = {}
        self._acronyms: dict[str, Known] = {}
        self._places: dict[str, Known] = {}
        self._spellings: dict[str, Known] = {}  # by the words of a full name
        own = set()
        for row in rows:
            own.add((self._add_person(row) if row.label == PERSON else self._add_thing(row)).entity_id)
        for name in _LOOKUPS if below is not None else ():
            under: dict[str, Known] = getattr(below, name)
            kept = {key: known for key, known in under.items() if known.entity_id not in own}
            setattr(self, name, kept | getattr(self, name))
        # A dozen rules ask for the same names of a document.
        self._thing: Callable[[str], Optional[Known]] = functools.lru_cache(maxsize=_KEPT)(self._look_up)

    @functools.cached_property
    def _near(self) -> dict[str, list[tuple[list[str], Known]]]:
        near: dict[str, list[tuple[list[str], Known]]] = {}
        for name, known in self._spellings.items():
            words = name.split()
            near.setdefault(_initial(words[-1]), []).append((words, known))
        return near

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
        return self._thing(name)

    def _look_up(self, name: str) -> Optional[Known]:
        key = thing_key(name)
        acronym = self._acronyms.get(key) if _capitals(name) else None
        return acronym or self._things.get(key)

    def place(self, geonameid: int) -> Optional[Known]:
        """The place of that number in GeoNames."""
        return self._places.get(place_id(geonameid))

    def _add_person(self, row: Row) -> Known:
        full = person_words(row.canonical)
        # Two presidents are called George Bush: where the table has an initial, it counts.
        key = key_of(full) if full == without_initials(full) else ' '.join(full)
        person = Known(row.canonical, PERSON, entity_id(PERSON, key))
        for name in (row.canonical, *row.aliases):
            words = person_words(name)
            if len(words) < 2:
                self._mononyms[_mononym_key(words)] = person
                continue
            if words == without_initials(words):
                _put(self._people, key_of(words), person, row)
            else:
                _put(self._with_initials, ' '.join(words), person, row)
            self._spellings[' '.join(words)] = person
        if row.mononym:
            _put(self._mononyms, _mononym_key(person_words(row.mononym)), person, row)
        return person

    def _add_thing(self, row: Row) -> Known:
        kind = PLACE if row.label in PLACES else row.label
        key = place_id(row.geonameid) if row.geonameid else entity_id(kind, thing_key(row.canonical))
        thing = Known(row.canonical, row.label, key, row.geonameid)
        if row.geonameid:
            _put(self._places, key, thing, row)
        for name in (row.canonical, *row.aliases):
            acronym = _capitals(name) and len(thing_key(name)) <= 5
            _put(self._acronyms if acronym else self._things, thing_key(name), thing, row)
        return thing


def load_tables(files: Sequence[str] = ()) -> Tables:
    """The embedded tables, extended and overridden by the CSV files in turn (``table_files.read_table``).

    A row takes the place of one of the same id, and its names from all other rows; ``NONE`` among the files
    leaves out what is before it, the embedded tables too. ValueError names file and line; OSError if a file
    cannot be read.
    """
    return _load(tuple(files))


@functools.lru_cache(maxsize=4)
def _load(files: tuple[str, ...]) -> Tables:
    if not files:
        return Tables(embedded())
    *before, last = files
    return Tables(()) if last == NONE else Tables(read_table(Path(last)), _load(tuple(before)))


def _initial(word: str) -> str:
    return slavic_skeleton(word)[:1]


def _mononym_key(words: list[str]) -> str:
    return ' '.join(slavic_skeleton(word) for word in words)


def _capitals(name: str) -> bool:
    return name.upper() == name


def _put(table: dict[str, Known], key: str, known: Known, row: Row) -> None:
    if (there := table.setdefault(key, known)) != known:
        raise ValueError(
            f'{row.where}: a name of {known.canonical!r} ({key}) is also one of {there.canonical!r}'
        )
