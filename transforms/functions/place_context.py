"""What speaks for one of several places of one name: the outlet's words, and what else the story names."""

import functools
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from transforms.functions.dateline_words import GIVEN_NAMES
from transforms.functions.gazetteer import Candidate, Gazetteer, Place, weight
from transforms.functions.gazetteer_file import CANONICAL
from transforms.functions.outlet_home_hints import NO_HINTS, HomeHints

# How much more likely a place is ... in a state that the text names, by itself or by one of its counties:
_IN_NAMED_AREA = 200.0
# ... in the state that the outlet's own words name, which may be another by chance:
_IN_HINTED_AREA = 100.0
# ... right beside a town that they name, less with the square of the distance:
_BESIDE_HINTED_TOWN = 1_000.0
# ... right beside a town that the text names, which few others are called:
_BESIDE_NAMED_TOWN = 300.0
# Where one place has so many more inhabitants than the next, no town is looked for: it takes a millisecond.
_CLEAR = 100.0
_NEAR2 = 0.3**2  # degrees of latitude squared, about 30 km
_FAR2 = 1.5**2  # about 165 km: a paper's region
# Of the places that a name may mean; the rest are hamlets.
_MOST_CANDIDATES = 40
_MOST_NAMES = 24
_NAME = re.compile(r'(?<![\w.])[A-Z][a-z]+(?: [A-Z][a-z]+){0,2}')
_COUNTY = re.compile(r'\b([A-Z][A-Za-z.]+(?: [A-Z][a-z]+)?) (?:County|Parish)\b')
# A name that many towns have says nothing of where they are.
_FEW = 6


@dataclass(frozen=True)
class Context:
    """What surrounds a dateline."""

    text: str = ''  # what follows it, as far as it is looked at
    country: Optional[str] = None  # the outlet's, ISO 3166-1 alpha-2
    hints: HomeHints = NO_HINTS


def likeliest(ranked: Sequence[Candidate], context: Context, gazetteer: Gazetteer) -> list[Candidate]:
    """The places that one name may mean, the likeliest first.

    What the context says of them counts, and their inhabitants.
    """
    if len(ranked) < 2:
        return list(ranked)
    few = sorted(ranked, key=weight, reverse=True)[:_MOST_CANDIDATES]
    areas = {(c.place.country, c.place.region) for c in few}
    named = {area for area in areas if _is_named(area, context.text, gazetteer)}
    if ' County' in context.text or ' Parish' in context.text:
        named |= areas & _areas_of_counties(context.text, gazetteer)
    factors = [
        # Not their product: of many towns called Oxford some are in the state that a story names.
        max(
            _IN_NAMED_AREA if (c.place.country, c.place.region) in named else 1.0,
            _by_hints(c.place, context.hints),
        )
        # A twelfth of the size is enough at home: Birmingham, Alabama, but not Lima, Ohio.
        * (12.0 if c.place.country == context.country else 1.0)
        for c in few
    ]
    scores = [weight(c) * factor for c, factor in zip(few, factors, strict=True)]
    best, second = sorted(scores, reverse=True)[:2]
    if max(factors) == 1.0 and best < _CLEAR * second:
        towns = _named_towns(context.text, few[0].place.name, gazetteer)
        scores = [score * _beside(c.place, towns) for c, score in zip(few, scores, strict=True)]
    order = sorted(range(len(few)), key=lambda n: -scores[n])
    return [few[n] for n in order]


def distance2(a: Place, b: Place) -> float:
    """Squared, in degrees of latitude; at 40 degrees a degree of longitude is 0.77 of one."""
    return (a.latitude - b.latitude) ** 2 + (0.77 * (a.longitude - b.longitude)) ** 2


def _is_named(area: tuple[str, str], text: str, gazetteer: Gazetteer) -> bool:
    name = gazetteer.region_of(*area)
    if name is None or name not in text:
        return False
    return _whole_name(name).search(text) is not None


@functools.cache
def _whole_name(name: str) -> re.Pattern[str]:
    # "West Virginia" does not name Virginia, nor "Washington Street" or "Washington, D.C." the state.
    before = r'(?<!\w)(?<!West )(?<!New )' if ' ' not in name else r'(?<!\w)'
    return re.compile(
        before + re.escape(name) + r'(?!\w)(?! (?:Street|St\.|Avenue|Ave\.|Road|D\.C\.)|, D\.C\.)'
    )


def _areas_of_counties(text: str, gazetteer: Gazetteer) -> set[tuple[str, str]]:
    areas: set[tuple[str, str]] = set()
    for match in itertools.islice(_COUNTY.finditer(text), 8):
        last = match[1].rpartition(' ')[2]
        states = gazetteer.states_of_county(match[1]) or gazetteer.states_of_county(last)
        areas |= {('US', state) for state in states}
    return areas


def _by_hints(place: Place, hints: HomeHints) -> float:
    factor = _IN_HINTED_AREA if (place.country, place.region) in hints.regions else 1.0
    if hints.cities:
        largest = max(city.population for city in hints.cities) + 500.0
        factor += _BESIDE_HINTED_TOWN * max(
            ((city.population + 500.0) / largest) ** 0.5 * _closeness(place, city) for city in hints.cities
        )
    return factor


def _closeness(a: Place, b: Place) -> float:
    """1 at the place itself, 0 outside its region. A town says nothing of its own namesakes."""
    if a is b or a == b:
        return 0.0
    far2 = distance2(a, b)
    return _NEAR2 / (far2 + _NEAR2) if far2 < _FAR2 else 0.0


def _named_towns(text: str, own: str, gazetteer: Gazetteer) -> list[tuple[Place, float]]:
    """Towns that the text names, each with a weight that is less the more towns are called so."""
    found: dict[str, list[tuple[Place, float]]] = {}
    for match in itertools.islice(_NAME.finditer(text), _MOST_NAMES):
        words = match[0].split()
        for name in dict.fromkeys((match[0], ' '.join(words[:2]), words[0], words[-1])):
            if name in found or name == own or len(name) < 4 or name.casefold() in GIVEN_NAMES:
                continue
            towns = [c for c in gazetteer.candidates(name) if c.rank == CANONICAL and c.place.kind == 'city']
            found[name] = [(c.place, 1.0 / len(towns)) for c in towns] if len(towns) <= _FEW else []
    return [one for towns in found.values() for one in towns]


def _beside(place: Place, towns: Sequence[tuple[Place, float]]) -> float:
    return 1.0 + _BESIDE_NAMED_TOWN * sum(share * _closeness(place, town) for town, share in towns)
