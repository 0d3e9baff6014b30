"""Lakes for tests of the report: one with places and hosts, and one whose texts are all meant to do harm."""

import json
from pathlib import Path
from typing import Any

from schemas.articles import Dateline, Entity
from schemas.vocabulary import Disposition
from tests.lakes import stories
from tests.made_lakes import commit, decided, poll, write
from tests.made_rows import article, sighting
from transforms.functions.lake import Lake
from transforms.functions.storage import LocalStorage

HOSTILE = [
    '</script><script>window.hacked = 1</script>',
    '<img src=x onerror="window.hacked = 1">',
    '\u202egnp.exe\u202c <b>Bold</b> & “quoted” \' " {{ 7*7 }} ${7*7}',
    "'); DROP TABLE articles; --",
    '<!--<script>',
    'a\x00b\x1b[31mc\u2028d',
]


def dateline(place: str, country: str, geonameid: int | None, latitude: float, longitude: float) -> Dateline:
    """A dateline that names a place and nothing else."""
    return Dateline(
        text=f'{place} –', style='place', place_text=place, place=place, geonameid=geonameid, country=country,
        latitude=latitude, longitude=longitude, agency_text=None, agency=None, agency_name=None,
        date_text=None, date=None, body_offset=0,
    )  # fmt: skip


def make_placed(folder: Path) -> None:
    """The lake of ``tests.lakes.stories`` with 25 more articles from Erbil, one from Lima, and hosts."""
    lake = stories.make(str(folder))
    erbil, lima = (
        dateline('Erbil', 'IQ', 95446, 36.19, 44.01),
        dateline('Lima', 'PE', 3936456, -12.04, -77.03),
    )
    named = Entity('Ann Ito', 'PERSON', 'person:ann ito', None, 2, 0.9)
    commit(
        lake,
        *(
            article(
                f'The river rose by {number} centimetres.',
                sighting(f'item-{number}'),
                title=f'River report {number}',
                dateline=lima if number == 25 else erbil,
                entities=(named,),
            )
            for number in range(26)
        ),
    )
    write(lake, 'polls', poll(26, 0), poll(0, poll_id='p2', status='failed', reason='timeout'))
    add_hosts(folder, 'news.example', 'post.example')


def make_hostile(folder: Path) -> None:
    """Articles whose title, address, place, entities and feed are all meant to do harm."""
    lake = Lake(str(folder), LocalStorage())
    for number, text in enumerate(HOSTILE):
        feed = f'http://news.example/{text}'
        seen = sighting(f'item-{number}', feed_url=feed, url='javascript:alert(1)')
        placed = dateline(text, '<b', None, 1.5 + number, 2.5)
        entities = (Entity(text, 'PERSON', f'person:{text}', None, 1, 0.5),)
        body = f'A text of its own, number {number}, {text}'
        commit(lake, article(body, seen, title=text, dateline=placed, entities=entities))
        write(lake, 'polls', poll(1, 0, f'p{number}', feed_url=feed, fault=text))
        write(lake, 'ledger', decided(seen, Disposition.REJECTED, reason='http_4xx', detail=text))
    add_hosts(folder, *HOSTILE)


def add_hosts(folder: Path, *hosts: str) -> None:
    """A run's record that names these hosts."""
    rows: list[dict[str, Any]] = [
        {
            'host': host, 'requests': 3 + number, 'shortest_gap_s': None, 'delay_s': 1.0, 'most_in_flight': 1,
            'wire_bytes': 9, 'robots_denials': 1, 'answers_429': number, 'answers_503': 0,
        }
        for number, host in enumerate(hosts)
    ]  # fmt: skip
    record = {'run_id': 'run-9', 'started_at': '2025-03-03T00:00:00Z', 'hosts': rows}
    (folder / '_runs').mkdir(exist_ok=True)
    (folder / '_runs/run-9.json').write_text(json.dumps(record), encoding='utf-8')
