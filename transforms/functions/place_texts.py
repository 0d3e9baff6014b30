"""The text that a dateline prints for its place, taken apart and looked up in the gazetteer."""

import functools
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Optional

from transforms.functions.dateline_words import PARTICLES
from transforms.functions.gazetteer import Candidate, Gazetteer
from transforms.functions.gazetteer_file import ALTERNATE

_BRACKETED = re.compile(r'^(.+?)\s*[\[(]([^\[\]()]{2,40})[\])]$')
_WORD = re.compile(r"[^\W\d_][\w.'’`&-]*")
_NEAR = re.compile(r'^(?:NEAR|OUTSIDE) ')
_MAX_WORDS = 7

Area = tuple[str, Optional[str]]


@dataclass(frozen=True)
class PlaceText:
    """A place as printed, taken apart: KYIV/SLOVIANSK, Ukraine."""

    names: tuple[str, ...]
    qualifiers: tuple[str, ...]
    caps: bool  # all letters are capitals, or the script has none
    worded: bool  # every word looks like a word of a name
    areas: tuple[Area, ...]  # what the qualifiers mean
    stated: bool  # every qualifier is a known state, province or country
    found: tuple[Candidate, ...]  # what the first name that is known may mean, within the areas
    name: str = ''  # that name

    @property
    def largest(self) -> int:
        """Inhabitants of the likeliest place under a name that is its own; 0 if there is none."""
        return max((c.place.population for c in self.found[:1] if c.rank != ALTERNATE), default=0)

    @functools.cached_property
    def cities_first(self) -> tuple[Candidate, ...]:
        """``found`` with the cities first; San Marino is the one in San Marino."""
        countries = {c.place.country for c in self.found if c.place.kind == 'country'}
        cities = [c for c in self.found if c.place.kind == 'city']
        first = {id(c) for c in cities if c.place.country in countries} or {id(c) for c in cities}
        return tuple(sorted(self.found, key=lambda c: id(c) not in first))


@functools.lru_cache(maxsize=256)  # 1.7 KB each: they hold what they may mean
def read_place(text: str, gazetteer: Gazetteer) -> Optional[PlaceText]:
    """Takes a printed place apart and looks it up; None if it cannot be one."""
    bare = text.strip(' ,.;\t\xa0*_"“”')
    if not bare or len(bare) > 90 or bare[-1] in '?!:%$' or not any(c.isalpha() for c in bare):
        return None
    bracketed = _BRACKETED.match(bare)
    extra = []
    if bracketed is not None:
        bare, extra = bracketed[1], [bracketed[2]]
    bare, others = _several(bare)
    name, *qualifiers = [part.strip() for part in bare.replace('،', ',').split(',')]
    qualifiers = [q for q in qualifiers if q] + extra
    if len(qualifiers) > 3 or not name:
        return None
    names = tuple(part.strip() for part in (*name.split('/'), *others) if part.strip())
    if not names or len(names) > 4:
        return None
    words = [word for part in names for word in part.split()]
    if len(words) > _MAX_WORDS:
        return None
    areas = [[(a.country, a.region or None) for a in gazetteer.areas(q)] for q in qualifiers]
    stated = bool(qualifiers) and all(areas)
    flat: tuple[Area, ...] = tuple(area for group in areas for area in group)
    found: list[Candidate] = []
    known = ''
    # "NEAR BAKHMUT" is reported from there, as far as a map is concerned.
    names = tuple(_NEAR.sub('', part) or part for part in names)
    for part in names:
        found = gazetteer.ranked(part, flat if stated else ())
        if found:
            known = part
            break
    return PlaceText(
        names,
        tuple(qualifiers),
        _caps(words),
        all(_is_name_word(word, first=i == 0) for i, word in enumerate(words)),
        flat,
        stated,
        tuple(found),
        known,
    )


def _several(text: str) -> tuple[str, list[str]]:
    """RAFAH, Gaza Strip / CAIRO: the first place with its state, and the names of the others."""
    first, slash, rest = text.partition(' / ')
    if not slash or ',' not in first:
        return text, []
    return first, [part.partition(',')[0] for part in rest.split('/')]


def _caps(words: Collection[str]) -> bool:
    real = [w for w in words if w.casefold() not in PARTICLES] or list(words)
    return all(_caps_word(word) for word in real)


def _caps_word(word: str) -> bool:
    if word.isupper():
        return True
    letters = ''.join(c for c in word if c.isalpha())
    if not letters:
        return False
    for prefix in ('Mc', 'Mac', 'De', 'La', 'Le', 'Du', 'al', 'Al', 'el', 'El', 'd', 'l', 'Van', 'O'):
        if letters.startswith(prefix) and len(letters) > len(prefix) + 1:
            tail = letters[len(prefix) :]
            if tail.isupper():
                return True
    # Scripts without case count as capitals.
    return not any(c.islower() for c in letters)


def _is_name_word(word: str, first: bool) -> bool:
    if not _WORD.fullmatch(word) and word not in ('&',):
        return False
    if word[0].islower():
        return (
            word.casefold() in PARTICLES
            or word.startswith(('al-', 'el-', 'as-', 'ash-', 'ar-', "d'", "l'"))
            or (first and len(word) > 1 and any(c.isupper() for c in word))
        )
    return True
