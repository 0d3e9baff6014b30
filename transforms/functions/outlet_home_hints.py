"""Where an outlet that no registry knows may be at home, by the words of its domain and its name.

"columbustelegram.com" is in one of the towns called Columbus, "masslive.com" in Massachusetts. Hints are
weak: they choose between places that a dateline's name may mean, and nothing else.
"""

import functools
import re
from dataclasses import dataclass
from typing import Optional

from transforms.functions.dateline_words import NEWS_WORDS
from transforms.functions.gazetteer import Gazetteer, Place
from transforms.functions.gazetteer_file import CANONICAL, CURATED
from transforms.functions.place_names import fold

_MAX_LABEL = 40  # characters of a domain's label that are read
_MIN_PLACE = 4  # letters of a name that is found in a domain without a space around it
_WORD = re.compile(r'[^\W\d_]+')


@dataclass(frozen=True)
class HomeHints:
    """Towns and states that an outlet's words name. Empty for most outlets."""

    cities: tuple[Place, ...] = ()
    regions: tuple[tuple[str, str], ...] = ()  # (ISO 3166-1 alpha-2, GeoNames first-level code)


NO_HINTS = HomeHints()


@functools.lru_cache(maxsize=4_096)
def home_hints(domain: str, name: Optional[str], gazetteer: Gazetteer) -> HomeHints:
    """What the domain (``columbustelegram.com``) and the outlet's name say of its home.

    Takes the place that is left when the words of newspapers' names are taken away: nothing else may be left.
    """
    label = domain.partition('.')[0][:_MAX_LABEL]
    cities: dict[Place, None] = {}
    regions: dict[tuple[str, str], None] = {}
    candidates = _places_in_label(label)
    if name:
        candidates += _places_in_name(name)
    longest = 0
    for words in sorted(set(candidates), key=lambda words: (-len(words.replace(' ', '')), words)):
        size = len(words.replace(' ', ''))
        if size < longest:  # kansascity.com is not Kansas
            break
        for found in gazetteer.candidates(words):
            place = found.place
            if place.kind == 'region':
                regions[place.country, place.region] = None
                longest = size
            elif place.kind == 'city' and found.rank in (CANONICAL, CURATED) and len(words) >= _MIN_PLACE:
                cities[place] = None
                longest = size
    return HomeHints(tuple(cities), tuple(regions))


def _places_in_label(label: str) -> list[str]:
    parts = label.split('-')
    joined = ''.join(parts)
    left = {joined}
    found: list[str] = []
    # Words come off either end, in any order; what is left each time may be a place.
    while left:
        now = left.pop()
        if now != joined or not found:
            found += _spaced(now)
        for word in NEWS_WORDS:
            if len(now) > len(word):
                if now.endswith(word):
                    left.add(now[: -len(word)])
                if now.startswith(word):
                    left.add(now[len(word) :])
    if len(parts) > 1:
        found += [' '.join(part for part in parts if part not in NEWS_WORDS)]
    return [words for words in found if words and words not in NEWS_WORDS]


def _spaced(letters: str) -> list[str]:
    """The letters as one word, and as two: greenbay, green bay."""
    cuts = range(3, len(letters) - 2) if 7 <= len(letters) <= 20 else ()
    return [letters, *(f'{letters[:cut]} {letters[cut:]}' for cut in cuts)]


def _places_in_name(name: str) -> list[str]:
    words = [word for word in _WORD.findall(fold(name[:80])) if word not in NEWS_WORDS]
    return [' '.join(words)] if 0 < len(words) <= 3 else []
