"""Who a person's name means: within a document the full name, across documents a key or a known person."""

import collections
import dataclasses
import functools
from collections.abc import Sequence
from typing import Optional

from transforms.functions.entities.labels import PERSON
from transforms.functions.entities.names import (
    given_names,
    key_of,
    person_words,
    slavic_skeleton,
    spellings_of,
)
from transforms.functions.entities.tables import Known, Tables, entity_id

_SUFFIXES = frozenset({'jr', 'sr', 'ii', 'iii', 'iv'})


@dataclasses.dataclass
class _Full:
    """A full name in a document, in all its spellings there."""

    known: Known
    words: list[list[str]]
    surfaces: collections.Counter[str]


class People:
    """The people of one document.

    A name of two words or more stands for itself. A shorter one stands for the one full name of the document
    that ends with it (else, that begins with it); where two do, or none does, it is the known person whom
    readers take that surname for; else nobody outside this document.
    """

    def __init__(self, tables: Tables, names: Sequence[str], scope: str):
        """Takes every mention of a person, in order, and what tells this document from others."""
        self._tables, self._scope = tables, scope
        self._full: dict[str, _Full] = {}
        self._first_full_at: dict[str, int] = {}
        self._words = {name: person_words(name) for name in dict.fromkeys(names)}
        self._whole: dict[tuple[str, ...], Optional[Known]] = {}
        places = {name: at for at, name in reversed(list(enumerate(names)))}
        for name, times in collections.Counter(names).items():  # in the order in which they come first
            words = self._words[name]
            if self._is_full(words):
                self._add(name, words, places[name], times)
        # By their last and their first words: a long text may name thousands.
        self._by_end: dict[str, dict[str, None]] = {}
        self._by_beginning: dict[str, dict[str, None]] = {}
        for one, full in self._full.items():
            for spelling in full.words:
                self._by_end.setdefault(slavic_skeleton(_unsuffixed(spelling)[-1]), {})[one] = None
                self._by_beginning.setdefault(_head(spelling), {})[one] = None
        self._resolved = {name: self._resolve(words, places[name]) for name, words in self._words.items()}

    def who(self, name: str) -> Optional[Known]:
        """Who one of the names means; None for what is no name (only a title, only punctuation)."""
        return self._resolved[name]

    def _is_full(self, words: list[str]) -> bool:
        if len(words) < 2:
            return False
        # "von der Leyen", "Le Pen": several words that readers know as a surname.
        return self._person(words) is not None or self._tables.mononym(words) is None

    def _person(self, words: list[str]) -> Optional[Known]:
        """``Tables.person``, asked once for each name of the document."""
        key = tuple(words)
        if key not in self._whole:
            self._whole[key] = self._tables.person(words)
        return self._whole[key]

    def _add(self, name: str, words: list[str], at: int, times: int) -> None:
        known = self._person(words) or misspelt(self._tables, tuple(words))
        if known is None:
            known = Known('', PERSON, entity_id(PERSON, key_of(words)))
        full = self._full.setdefault(known.entity_id, _Full(known, [], collections.Counter()))
        self._first_full_at.setdefault(known.entity_id, at)
        if words not in full.words:
            full.words.append(words)
        full.surfaces[name] += times

    def _resolve(self, words: list[str], at: int) -> Optional[Known]:
        if not words:
            return None
        if self._is_full(words):
            known = self._person(words) or misspelt(self._tables, tuple(words))
            found = known.entity_id if known else entity_id(PERSON, key_of(words))
            longer = self._ending_with(words) if known is None else []
            return self._named(longer[0] if len(longer) == 1 and longer[0] != found else found)
        mononym = self._tables.mononym(words)
        candidates = self._ending_with(words) or self._beginning_with(words)
        if mononym and (len(candidates) != 1 or self._first_full_at[candidates[0]] > at):
            return mononym
        if len(candidates) == 1:
            return self._named(candidates[0])
        key = ' '.join(slavic_skeleton(word) for word in words)
        return Known('', PERSON, entity_id(PERSON, f'{key} in {self._scope}'))

    def _ending_with(self, words: list[str]) -> list[str]:
        wanted = [slavic_skeleton(word) for word in words]
        return [
            one
            for one in self._by_end.get(wanted[-1], ())
            if any(_ends(spelling, wanted) for spelling in self._full[one].words)
        ]

    def _beginning_with(self, words: list[str]) -> list[str]:
        if len(words) > 1:
            return []
        return list(self._by_beginning.get(_head(words), ()))

    def _named(self, one: str) -> Known:
        full = self._full[one]
        if full.known.canonical:
            return full.known
        # The longest of the most frequent spellings; the first of them for the sake of order.
        best = max(full.surfaces, key=lambda name: (full.surfaces[name], len(name)))
        return dataclasses.replace(full.known, canonical=display_name(best))


def _head(words: list[str]) -> str:
    return given_names().get(words[0], words[0])


def _unsuffixed(words: list[str]) -> list[str]:
    while len(words) > 1 and words[-1] in _SUFFIXES:
        words = words[:-1]
    return words


def _ends(spelling: list[str], wanted: list[str]) -> bool:
    spelling = _unsuffixed(spelling)
    if len(spelling) <= len(wanted):
        return False
    return [slavic_skeleton(word) for word in spelling[-len(wanted) :]] == wanted


def display_name(name: str) -> str:
    """A person's name for the eye: as printed, without titles before it or anything after it.

    >>> display_name('President Jane Ito’s'), display_name('JANE ITO'), display_name('Jane  Ito-Li,')
    ('Jane Ito', 'Jane Ito', 'Jane Ito-Li')
    """
    words = [word.strip('.,;:!?"“”‘’\'()[]') if len(word) > 2 else word for word in name.split()]
    words = [word for word in words if word]
    if words and words[-1][-2:] in ("'s", '’s'):
        words[-1] = words[-1][:-2]
    kept = len(person_words(name))
    while len(words) > max(1, kept) and person_words(' '.join(words[1:])) == person_words(name):
        words = words[1:]
    if all(word.isupper() for word in words) and len(''.join(words)) > 3:
        words = ['-'.join(part.capitalize() for part in word.split('-')) for word in words]
    return ' '.join(words)


@functools.lru_cache(maxsize=256)  # names recur within an article: 4 096 would find 2 % more of them
def misspelt(tables: Tables, words: tuple[str, ...]) -> Optional[Known]:
    """The known person whose name this is with a slip of the pen, or with a word of the text run into it.

    Slips are allowed where the name is long enough to be told from other people's: one in a Slavic or long
    surname and two in a long given name, but the rest of the name must agree.
    """
    if len(words) != 2:
        return None
    first, last = words
    for known_words, known in tables.near(list(words)):
        if len(known_words) != 2:
            continue
        known_first, known_last = known_words
        # Few surnames are near: they tell sooner than given names, which have many spellings.
        surname = _surname_distance(last, known_last)
        given = _given_distance(first, known_first) if surname is not None else None
        if surname is not None and given is not None and given + surname <= 3:
            return known
    return None


def _given_distance(name: str, known: str) -> Optional[int]:
    names = given_names()
    head = names.get(known, known)
    if names.get(name, name) == head:
        return 0
    spellings = spellings_of(head) or (known,)
    if any(len(spelling) >= 6 and name.endswith(spelling) for spelling in spellings):
        return 1  # "videoemmanuel": a caption's word run into the name
    if len(name) < 7 or name in names:
        return None
    nearest = min(distance(name, spelling, 2) for spelling in spellings)
    return nearest if nearest <= (2 if len(name) >= 8 else 1) else None


def _surname_distance(name: str, known: str) -> Optional[int]:
    if len(known) < 5:
        return 0 if name == known else None
    mine, other = slavic_skeleton(name), slavic_skeleton(known)
    if mine == other and (name[0] == known[0]):
        return 0
    if len(known) >= 7 and name.startswith(known[: max(7, len(known) - 1)]) and len(name) - len(known) <= 4:
        return 1  # "zelenskyysays"
    long = len(known) >= (6 if known.endswith(('ov', 'ev', 'in', 'ko', 'uk', 'ki', 'ky', 'kyi', 'yy')) else 9)
    if long and len(other) >= 7 and mine.startswith(other) and len(mine) - len(other) <= 4:
        return 1
    if not long:
        return None
    return 1 if _is_one_slip(mine, other) or _is_one_slip(name, known) else None


def _is_one_slip(one: str, other: str) -> bool:
    """Whether their ``distance`` is 1 at most, in less time."""
    if len(one) < len(other):
        one, other = other, one
    if len(one) - len(other) > 1:
        return False
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(other))
    if len(one) > len(other):
        return one[at + 1 :] == other[at:]
    return one[at + 1 :] == other[at + 1 :] or (
        one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    )


def distance(one: str, other: str, most: int) -> int:
    """How many letters are wrong, missing, too many, or swapped with the next; ``most`` + 1 if more.

    >>> distance('macorn', 'macron', 2), distance('emanuel', 'emmanuel', 2), distance('a', 'bcde', 2)
    (1, 1, 3)
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before_last, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        if min(row) > most and min(last) > most:  # a row is made of the two before it: none gets smaller
            return most + 1
        before = last
    return min(row[-1], most + 1)
