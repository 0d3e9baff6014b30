"""The arrays of the gazetteer's lookup, made to be read a few bytes at a time (see compiled_files).

``keys`` holds the 64-bit hashes of the folded names in ascending order, ``owners`` the place that each
belongs to and ``ranks`` what kind of name it is. ``kinds`` and ``places`` have one entry per place, the
latter records of ``PLACE``; ``names`` are the places' names in one text.
"""

import array
import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from transforms.functions.place_names import fold

MAGIC = b'DLGAZ005'
# A place: coordinates in 1e-5 degrees, and where its name ends in ``names`` and how long it is, in bytes.
PLACE = np.dtype(
    [
        ('id', '<u4'),
        ('lat', '<i4'),
        ('lon', '<i4'),
        ('population', '<u4'),
        ('name_end', '<u4'),
        ('name_length', '<u2'),
        ('kind', 'u1'),
        ('country', 'S2'),
        ('region', 'S8'),
    ]
)

# Ranks of names, the best first.
CANONICAL, CURATED, ALTERNATE, SHORT_FORM = range(4)
# Kinds of places.
CITY, REGION, COUNTRY = range(3)


def key_hash(folded: str) -> int:
    """The 64-bit hash under which a folded name is stored."""
    data = folded.encode('utf-8', 'surrogatepass')
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), 'little')


@dataclass
class Table:
    """The places and names of a gazetteer while it is compiled."""

    keys: 'array.array[int]' = field(default_factory=lambda: array.array('Q'))
    owners: 'array.array[int]' = field(default_factory=lambda: array.array('I'))
    ranks: 'array.array[int]' = field(default_factory=lambda: array.array('B'))
    ids: 'array.array[int]' = field(default_factory=lambda: array.array('I'))
    lats: 'array.array[int]' = field(default_factory=lambda: array.array('i'))
    lons: 'array.array[int]' = field(default_factory=lambda: array.array('i'))
    populations: 'array.array[int]' = field(default_factory=lambda: array.array('I'))
    kinds: 'array.array[int]' = field(default_factory=lambda: array.array('B'))
    countries: list[bytes] = field(default_factory=list)
    regions: list[bytes] = field(default_factory=list)
    names: bytearray = field(default_factory=bytearray)
    name_ends: 'array.array[int]' = field(default_factory=lambda: array.array('I'))
    by_id: dict[int, int] = field(default_factory=dict)

    def place(
        self,
        geonameid: int,
        name: str,
        at: tuple[float, float],
        country: str,
        region: str,
        pop: int,
        kind: int,
    ) -> int:
        """Adds a place, at (latitude, longitude) in degrees; its row. geonameid 0 is none."""
        row = len(self.ids)
        self.ids.append(geonameid)
        self.lats.append(round(at[0] * 100_000))
        self.lons.append(round(at[1] * 100_000))
        self.populations.append(max(pop, 0))
        self.kinds.append(kind)
        self.countries.append(country.encode())
        self.regions.append(region.encode())
        self.names += name.encode()
        self.name_ends.append(len(self.names))
        if geonameid:
            self.by_id[geonameid] = row
        return row

    def name(self, name: str, row: int, rank: int) -> None:
        """Adds a name of the place in that row."""
        folded = fold(name)
        if folded:
            self.keys.append(key_hash(folded))
            self.owners.append(row)
            self.ranks.append(rank)

    def arrays(self) -> dict[str, Any]:
        """The file's arrays, by name."""
        keys = np.frombuffer(self.keys, dtype=np.uint64)
        ranks = np.frombuffer(self.ranks, dtype=np.uint8)
        order = np.lexsort((ranks, keys))
        ends = np.frombuffer(self.name_ends, dtype=np.uint32)
        places = np.empty(len(self.ids), PLACE)
        for name, values in (
            ('id', np.frombuffer(self.ids, dtype=np.uint32)),
            ('lat', np.frombuffer(self.lats, dtype=np.int32)),
            ('lon', np.frombuffer(self.lons, dtype=np.int32)),
            ('population', np.frombuffer(self.populations, dtype=np.uint32)),
            ('name_end', ends),
            ('name_length', np.diff(ends, prepend=np.uint32(0))),
            ('kind', np.frombuffer(self.kinds, dtype=np.uint8)),
            ('country', np.array(self.countries, dtype='S2')),
            ('region', np.array(self.regions, dtype='S8')),
        ):
            places[name] = values
        return {
            'keys': keys[order],
            'owners': np.frombuffer(self.owners, dtype=np.uint32)[order],
            'ranks': ranks[order],
            'kinds': places['kind'],
            'places': places.view(np.uint8),
            'names': np.frombuffer(bytes(self.names), dtype=np.uint8),
        }
