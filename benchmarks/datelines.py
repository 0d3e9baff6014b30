"""Quality and speed of datelines and their places, on openings with gold answers.

    python -m benchmarks.datelines --data FOLDER

FOLDER/datelines holds JSON lines, each with a text: modern.jsonl (openings of news stories of the corpora
TR-News, GeoWebNews and LGL of milangritta, and of pages of scrapinghub/article-extraction-benchmark),
reuters.jsonl and reuters_negatives.jsonl (Reuters-21578), agencies.jsonl (AFP and Xinhua), with place,
agency and date as printed or "has_dateline": false; places.jsonl, with GeoNames id and coordinates. The texts
belong to their publishers and are no part of this project.

Fields are compared without case, full stops and spaces. "all" counts datelines whose place, agency and date
are all right. Places are looked up with the outlets' entries in the registry, and without, as for outlets
that nobody has listed.
Speed is that of ``parse_dateline`` over all the sets in one process, in CPU seconds: the first pass meets
every place for the first time, the best of three further ones meets none.
"""

import argparse
import dataclasses
import json
import math
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Optional

from schemas.articles import Dateline
from transforms.functions.agencies import load_agencies
from transforms.functions.datelines import parse_dateline
from transforms.functions.gazetteer import load_gazetteer
from transforms.functions.outlets import load_outlets, unknown_outlet

SETS = ('modern', 'reuters', 'reuters_negatives', 'agencies')
_OPENING = 600  # characters of a text that are read
_NEAR_KM = 161.0  # 100 miles, the usual measure of geocoding
_FIELDS = (('place_text', 'place'), ('agency_text', 'agency'), ('date_text', 'date'))


@dataclasses.dataclass
class Counts:
    """What was found in a set, against what is in it."""

    right: int = 0  # datelines found
    missed: int = 0
    invented: int = 0
    silent: int = 0  # rightly none
    all_right: int = 0  # with place, agency and date

    def add(self, found: Optional[Dateline], gold: dict[str, Any]) -> None:
        """Counts one text."""
        if gold['has_dateline'] and found is not None:
            self.right += 1
            fields = ((getattr(found, ours), gold.get(theirs)) for ours, theirs in _FIELDS)
            self.all_right += all(_plain(one) == _plain(other) for one, other in fields)
        elif gold['has_dateline']:
            self.missed += 1
        elif found is not None:
            self.invented += 1
        else:
            self.silent += 1

    def line(self, name: str) -> str:
        """A line of the table; a dash where the set has nothing to count."""
        shares = (
            (self.right, self.right + self.invented),
            (self.right, self.right + self.missed),
            (2 * self.right, 2 * self.right + self.missed + self.invented),
            (self.all_right, self.right + self.missed),
            (self.invented, self.invented + self.silent),
        )
        has_datelines = self.right + self.missed > 0
        figures = [
            f'{part / whole:>11.4f}' if whole and (has_datelines or number == 4) else f'{"-":>11}'
            for number, (part, whole) in enumerate(shares)
        ]
        total = self.right + self.missed + self.invented + self.silent
        return f'{name:18}{total:>6}{"".join(figures)}'


def _plain(text: Optional[str]) -> str:
    return re.sub(r'[\s.,]+', ' ', (text or '').strip()).strip().casefold()


def read_set(folder: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a set, each with ``has_dateline``. Raises OSError when the file is not there."""
    with (folder / f'{name}.jsonl').open(encoding='utf-8') as lines:
        rows = [json.loads(line) for line in lines]
    return [{'has_dateline': True} | row for row in rows]


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great-circle distance of two points in degrees (latitude, longitude).

    >>> round(kilometres((51.5, -0.12), (48.85, 2.35)))
    343
    """
    (lat, lon), (lat2, lon2) = (tuple(map(math.radians, point)) for point in (one, other))
    chord = math.sin((lat2 - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat2) * math.sin((lon2 - lon) / 2) ** 2
    return 12_742.0 * math.asin(math.sqrt(chord))


def _print_quality(folder: Path) -> None:
    gazetteer, agencies = load_gazetteer(), load_agencies()
    print(f'{"set":18}{"texts":>6}' + ''.join(f'{name:>11}' for name in ('precision', 'recall', 'F1', 'all',
                                                                          'invented')))  # fmt: skip
    for name in SETS:
        counts = Counts()
        for row in read_set(folder, name):
            counts.add(parse_dateline(row['text'][:_OPENING], gazetteer, agencies), row)
        print(counts.line(name))


def _print_places(folder: Path, with_registry: bool) -> None:
    gazetteer, agencies, registry = load_gazetteer(), load_agencies(), load_outlets()
    rows = read_set(folder, 'places')
    near = same = country = 0
    codes = {c.place.name: c.place.country for row in rows if (name := row.get('country'))
             for c in gazetteer.candidates(name) if c.place.kind == 'country'}  # fmt: skip
    known = [row for row in rows if codes.get(row.get('country') or '')]
    for row in rows:
        url = row['id'].partition(':')[2]
        outlet = registry.find(url) if with_registry else None
        outlet = outlet or unknown_outlet(url, '', registry)
        home = registry.home(outlet.id) if with_registry else None
        found = parse_dateline(row['text'], gazetteer, agencies, outlet=outlet, home=home)
        if found is None or found.latitude is None or found.longitude is None:
            continue
        far = kilometres((row['lat'], row['lon']), (found.latitude, found.longitude))
        near += far <= _NEAR_KM
        same += str(found.geonameid) == str(row['geonameid'])
        country += row in known and found.country == codes[row['country']]
    n = len(rows)
    print(
        f'places, {"with" if with_registry else "without"} the registry: {n}; within {_NEAR_KM:.0f} km '
        f'{near / n:.4f}, the same GeoNames id {same / n:.4f}, country right '
        f'{country / max(1, len(known)):.4f} (of {len(known)} that state it)'
    )


def _speed(folder: Path) -> str:
    # Asked first of all: a pass over places that were looked up before says nothing.
    gazetteer, agencies = load_gazetteer(), load_agencies()
    texts = [row['text'][:_OPENING] for name in SETS for row in read_set(folder, name)]
    parse_dateline('LONDON (AP) — Warm.', gazetteer, agencies)  # libraries' first use
    rates = []
    for _ in range(4):
        began = time.process_time()
        for text in texts:
            parse_dateline(text, gazetteer, agencies)
        rates.append(len(texts) / (time.process_time() - began))
    first, again = rates[0], max(rates[1:])
    return f'speed: {first:,.0f} openings/s of CPU at first, {again:,.0f} again ({len(texts)} texts)'


def _print_gazetteer() -> None:
    code = (
        'import time, resource; from transforms.functions.gazetteer import load_gazetteer\n'
        'def rss(): return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()\n'
        'before, began = rss(), time.perf_counter(); g = load_gazetteer(); g.find("Erbil")\n'
        'took = time.perf_counter() - began\n'
        'for name in ("London", "Springfield", "Kyiv", "Ky."): g.candidates(name)\n'
        'g.region_of("US", "GA")\n'
        'print(took * 1000, (rss() - before) / 1e6, g.size / 1e6)'
    )
    output = subprocess.run([sys.executable, '-c', code], check=True, capture_output=True, text=True).stdout
    ms, own, size = map(float, output.split())
    print(f'gazetteer: opened and asked once in {ms:.0f} ms; {own:.1f} MB in a process; file {size:.1f} MB')


def main() -> int:
    """Prints the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--data', type=Path, required=True, metavar='FOLDER', help='folder with datelines/')
    flags = parser.parse_args()
    folder = flags.data / 'datelines'
    if not (folder / 'modern.jsonl').is_file():
        parser.error(f'{flags.data}: no datelines/modern.jsonl there')
    speed = _speed(folder)
    _print_quality(folder)
    _print_places(folder, with_registry=True)
    _print_places(folder, with_registry=False)
    if os.path.exists('/proc/self/statm'):
        _print_gazetteer()
    print(speed)
    return 0


if __name__ == '__main__':
    sys.exit(main())
