"""Is this printed text a dateline's place, how sure is that, and which place of the gazetteer is it?"""

import functools
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Optional

from transforms.functions.dateline_words import (
    ACRONYMS,
    GIVEN_NAMES,
    LABELS,
    NAME_ENDINGS,
    NO_TOWNS,
    OPENERS,
    PARTICLES,
    PLACE_ENDINGS,
    PLACE_WORDS,
    STAND_ALONE,
)
from transforms.functions.gazetteer import Candidate, Gazetteer, Place
from transforms.functions.gazetteer_file import ALTERNATE
from transforms.functions.place_context import Context, distance2, likeliest

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


def is_place(place: PlaceText, agency: bool, dated: bool, colon: bool, rest: str) -> bool:
    """Whether it stands as a dateline's place, by what else there is: an agency, a date, a colon.

    ``rest`` is the text that follows, in which the place's name may come up again.
    """
    name = ' '.join(place.names)
    folded = name.casefold().rstrip('.')
    words = folded.split()
    if not place.worded or folded in LABELS or folded in ACRONYMS or folded in NO_TOWNS:
        return False
    if words[0] in LABELS and not place.found:
        return False
    if place.qualifiers and not place.stated and not all(_qualifier_like(q) for q in place.qualifiers):
        return False
    opener = place.caps and (words[0] in OPENERS or ' '.join(words[:2]) in OPENERS)
    if opener and len(words) > 1:
        return True
    if place.stated and (place.caps or place.found):
        return True
    if agency or dated:
        if place.found and (place.caps or place.found[0].rank != ALTERNATE or place.largest == 0):
            return place.caps or _is_title(name)
        return place.caps and len(words) <= 5 and words[0] not in GIVEN_NAMES
    if place.caps and place.found:
        kind = place.found[0].place.kind
        return not (colon and (kind != 'city' or place.largest < 1000)) or len(place.names) > 1
    if place.found and _is_title(name):
        best = place.found[0]
        if best.rank == ALTERNATE:
            return not colon and _is_name_abroad(folded, best.place)
        return best.place.kind == 'city' and best.place.population >= (50_000 if colon else 15_000)
    return place.caps and not colon and _place_like(words, name, rest)


def _is_name_abroad(folded: str, place: Place) -> bool:
    """Whether what a city is called elsewhere is no other word or name: München, Varsovie; not Julia."""
    enough = 500_000 if folded.isascii() else 100_000
    return (
        place.population >= enough and (len(folded) > 5 or not folded.isascii()) and folded not in GIVEN_NAMES
    )


def _place_like(words: list[str], name: str, rest: str) -> bool:
    """Whether capitals that no gazetteer has read like a place's name."""
    if words[0] in GIVEN_NAMES or len(words) > 4 or any(len(w) < 2 for w in words):
        return False
    if any(word in LABELS for word in words):
        return False
    if words[-1] not in PLACE_WORDS and words[-1].title() in NAME_ENDINGS:  # NEW YORK TIMES
        return False
    if any(word in PLACE_WORDS for word in words) and len(words) > 1:
        return True
    if len(words) == 1 and len(words[0]) > 5 and words[0].endswith(PLACE_ENDINGS):
        return True
    return len(name) > 4 and name.title() in rest


def choose(
    place: PlaceText, gazetteer: Gazetteer, home: Optional[Place], context: Context, agency: bool
) -> tuple[Optional[Place], tuple[Candidate, ...]]:
    """The place that is meant, and the candidates in order of likelihood.

    In order: what the dateline states, the outlet's home, the cities that stand alone in the style
    of the agencies, what the text speaks of and the outlet's words say, its country, inhabitants.
    Where only the stated state or country is known, that is the answer.
    """
    ranked = list(place.found)
    if not ranked:
        if place.stated and place.qualifiers:
            areas = gazetteer.areas(place.qualifiers[0])
            return (areas[0] if areas else None), ()
        return None, ()
    if place.stated or len(ranked) == 1:
        return ranked[0].place, tuple(ranked[:5])
    alone = place.name.casefold().rstrip('.') in STAND_ALONE
    if home is not None and not (alone and agency):
        local = [c for c in ranked if c.place.kind == 'city' and _is_local(c.place, home)]
        largest = max(c.place.population for c in ranked)
        # A capital is not the hamlet of its name, but a village next door is not its namesake abroad.
        local = [c for c in local if not alone or c.place.population * 20 >= largest]
        if local:
            local.sort(key=lambda c: _pull(c, home), reverse=True)
            return local[0].place, (*local[:3], *[c for c in ranked if c not in local][:2])
    if alone:
        return place.cities_first[0].place, place.cities_first[:5]
    ranked = likeliest(ranked, context, gazetteer)
    return ranked[0].place, tuple(ranked[:5])


def _is_local(place: Place, home: Place) -> bool:
    same = place.country == home.country and place.region == home.region
    return same or distance2(place, home) < 1.5**2


def _pull(candidate: Candidate, home: Place) -> float:
    # Inhabitants over squared distance, as in models of trade; 0.3 degrees are about 30 km.
    people = candidate.place.population + 500.0
    if candidate.rank == ALTERNATE:
        people /= 200
    return people / (distance2(candidate.place, home) + 0.3**2)


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


def _is_title(name: str) -> bool:
    return all(w[0].isupper() or not w[0].islower() or w.casefold() in PARTICLES for w in name.split())


def _qualifier_like(text: str) -> bool:
    words = text.split()
    return (
        0 < len(words) <= 4
        and all(w[0].isupper() or w in PARTICLES for w in words)
        and not text[-1].isdigit()
    )
