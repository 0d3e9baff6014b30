"""The arrays of the gazetteer's lookup, made to be read a few bytes at a time (see compiled_files).

``entries`` are records of ``ENTRY``, one per name, in ascending order of the 64-bit hashes of the folded
names; ``index`` holds every ``BLOCK``-th of these hashes. ``kinds`` and ``places`` have one entry per place,
the latter records of ``PLACE``; ``names`` are the names that are too long for their records, in one text.
``counties`` is a text of lines (see gazetteer_build).
"""

import array
import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from transforms.functions.place_names import fold

MAGIC = b'DLGAZ007'
BLOCK = 128
# A name: the place that it belongs to, and what kind of name it is.
ENTRY = np.dtype([('key', '<u8'), ('owner', '<u4'), ('rank', 'u1')])
# 98 % of names are no longer, in bytes of UTF-8.
INLINE = 24
# A place: coordinates in 1e-5 degrees; the length of its name in bytes, and where it ends in ``names`` if it
# is longer than INLINE.
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
        ('name', f'S{INLINE}'),
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
    names: list[bytes] = field(default_factory=list)
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
        self.names.append(name.encode())
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
        lengths = np.array([len(name) for name in self.names], np.uint16)
        long = np.where(lengths > INLINE, lengths, 0).astype(np.uint32)
        places = np.empty(len(self.ids), PLACE)
        for name, values in (
            ('id', np.frombuffer(self.ids, dtype=np.uint32)),
            ('lat', np.frombuffer(self.lats, dtype=np.int32)),
            ('lon', np.frombuffer(self.lons, dtype=np.int32)),
            ('population', np.frombuffer(self.populations, dtype=np.uint32)),
            ('name_end', np.cumsum(long, dtype=np.uint32)),
            ('name_length', lengths),
            ('kind', np.frombuffer(self.kinds, dtype=np.uint8)),
            ('country', np.array(self.countries, dtype='S2')),
            ('region', np.array(self.regions, dtype='S8')),
            ('name', np.array([name[:INLINE] for name in self.names], dtype=f'S{INLINE}')),
        ):
            places[name] = values
        entries = np.empty(len(keys), ENTRY)
        entries['key'] = keys[order]
        entries['owner'] = np.frombuffer(self.owners, dtype=np.uint32)[order]
        entries['rank'] = ranks[order]
        long_names = b''.join(name for name in self.names if len(name) > INLINE)
        return {
            'index': entries['key'][::BLOCK].copy(),
            'entries': entries.view(np.uint8),
            'kinds': places['kind'],
            'places': places.view(np.uint8),
            'names': np.frombuffer(long_names, dtype=np.uint8),
        }
