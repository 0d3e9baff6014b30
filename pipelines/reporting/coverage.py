"""The sections on articles by day and outlet, and on the places of their datelines."""

import dataclasses
import datetime
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from pipelines.reporting import charts
from pipelines.reporting.parts import Browser, Cell, Chart, Fact, Number, Section, Table, Text
from pipelines.reporting.rows import Rows
from pipelines.reporting.untrusted import clean

# Days that the charts show, and those and the outlets of their tables: what a screen holds.
CHART_DAYS, TABLE_DAYS, OUTLETS = 60, 14, 25
# Newest articles of a place, and what those of all places may take of the page: 2 of its 5 MB.
PLACE_ARTICLES, PLACE_BYTES = 20, 1_800_000
_WORLD = Path(__file__).parent / 'data' / 'world.json'


def by_day(rows: Rows) -> Section:
    """Articles by day and outlet."""
    articles, stories = rows.count('latest'), rows.count('stories')
    days = rows.of(
        'SELECT date AS day, count(*) AS articles, count(*) FILTER (row_id NOT IN (SELECT '
        'row_id FROM copies)) '
        'AS stories FROM latest GROUP BY date ORDER BY date DESC'
    )
    shown = _window(days)
    section = Section(
        'articles',
        'Articles by day and outlet',
        'The latest version of each article, on the day of its partition: when it was '
        'published, or first seen '
        'where it has no date. Stories are articles that are no copies of an earlier one.',
        (
            Fact('articles', Number(articles, 'articles')),
            Fact('stories', Number(stories, 'stories')),
            Fact('outlets', Number(rows.value('SELECT count(DISTINCT outlet) FROM latest'), 'outlets')),
            Fact('days', Number(len(days), 'days')),
        ),
    )
    if not articles:
        return section
    first = shown[-1]['day']
    stacked = [
        {'day': str(day['day']), 'kind': kind, 'count': count, 'rank': rank}
        for day in reversed(shown)
        for rank, (kind, count) in enumerate(
            (('stories', day['stories']), ('copies', day['articles'] - day['stories']))
        )
        if count
    ]
    table = Table(
        'Articles by day',
        ('day', 'articles', 'stories'),
        [
            (
                str(day['day']),
                Number(day['articles'], 'articles_of_day', (day['day'],)),
                Number(day['stories'], 'stories_of_day', (day['day'],)),
            )
            for day in shown
        ]
        + _earlier(rows, first),
    )
    per_day = Chart(
        'chart-days',
        'Articles a day',
        f'Bars for each of {len(shown)} days from {first} to {shown[0]["day"]}: stories, and '
        'copies of earlier '
        f'articles above them. The most on one day are {max(day["articles"] for day in shown)} articles.',
        charts.days(stacked, ('stories', 'copies'), 'articles'),
        table,
    )
    return dataclasses.replace(section, parts=(per_day, _outlets(rows, [day['day'] for day in shown])))


def _window(days: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The newest days, newest first: a stray article of years ago does not stretch the axis."""
    return days[:CHART_DAYS]


def _earlier(rows: Rows, first: datetime.date) -> list[tuple[Cell, ...]]:
    """A row for the days that are not shown."""
    counts = [
        rows.value(f'SELECT count(*) FROM {name} WHERE date < $1', first) for name in ('latest', 'stories')
    ]
    if not counts[0]:
        return []
    both = zip(counts, ('articles_before', 'stories_before'), strict=True)
    return [('before', *(Number(count, query, (first,)) for count, query in both))]


def _outlets(rows: Rows, days: list[datetime.date]) -> Chart:
    totals = rows.of(
        'SELECT outlet, count(*) AS articles, count(*) FILTER (row_id NOT IN (SELECT row_id FROM copies)) '
        'AS stories FROM latest GROUP BY outlet ORDER BY articles DESC, outlet LIMIT $1',
        OUTLETS,
    )
    names = [total['outlet'] for total in totals]
    cells = rows.of(
        'SELECT outlet, date AS day, count(*) AS count FROM latest '
        'WHERE list_contains($1, outlet) AND date >= $2 GROUP BY ALL',
        names,
        days[-1],
    )
    counts = {(cell['outlet'], cell['day']): cell['count'] for cell in cells}
    shown = list(reversed(days[:TABLE_DAYS]))
    table = Table(
        'Articles by outlet and day',
        ('outlet', 'all', 'stories', *(f'{day:%d %b}' for day in shown)),
        [
            (
                total['outlet'],
                Number(total['articles'], 'articles_of_outlet', (total['outlet'],)),
                Number(total['stories'], 'stories_of_outlet', (total['outlet'],)),
                *(
                    Number(count, 'articles_of_outlet_day', (total['outlet'], day))
                    if (count := counts.get((total['outlet'], day)))
                    else None
                    for day in shown
                ),
            )
            for total in totals
        ],
        note=f'The {len(names)} outlets with the most articles, and the newest {len(shown)} days.',
        wide=True,
    )
    place = {name: number for number, name in enumerate(names)}
    ordered = sorted(counts.items(), key=lambda item: (place[item[0][0]], item[0][1]))
    grid = [{'outlet': outlet, 'day': str(day), 'count': count} for (outlet, day), count in ordered]
    return Chart(
        'chart-outlets',
        'Articles by outlet and day',
        f'A grid of {len(names)} outlets and {len(days)} days; the stronger the colour, the more articles. '
        f'{names[0]} has the most, {totals[0]["articles"]}.',
        charts.grid(grid, 'articles'),
        table,
    )


def places(rows: Rows) -> Section:
    """The world map of datelines."""
    with_dateline = rows.value('SELECT count(*) FROM latest WHERE dateline_place IS NOT NULL')
    found = rows.of(
        'SELECT dateline_geonameid AS geonameid, dateline_place AS place, dateline_country AS country, '
        'any_value(dateline_latitude) AS latitude, any_value(dateline_longitude) AS longitude, '
        'count(*) AS count FROM latest WHERE dateline_place IS NOT NULL '
        'GROUP BY ALL ORDER BY count DESC, place, country, geonameid'
    )
    section = Section(
        'places',
        'Where the news is from',
        'Places of datelines, such as “ERBIL (Agency) –”, in the latest version of each '
        'article. Choose a place '
        'on the map or in the list to see its newest articles.',
        (
            Fact('articles with a dateline', Number(with_dateline, 'articles_with_dateline')),
            Fact('without', Number(rows.count('latest') - with_dateline, 'articles_without_dateline')),
            Fact('places', Number(len(found), 'places')),
        ),
        nothing='No article has a dateline.',
    )
    if not found:
        return section
    newest = rows.of(
        'SELECT dateline_geonameid AS geonameid, dateline_place AS place, dateline_country AS country, '
        'date, outlet, title, url FROM latest WHERE dateline_place IS NOT NULL '
        'QUALIFY row_number() OVER (PARTITION BY ALL_OF ORDER BY coalesce(published_at, first_seen_at) DESC, '
        'row_id) <= $1 ORDER BY coalesce(published_at, first_seen_at) DESC, row_id'.replace(
            'ALL_OF', 'dateline_geonameid, dateline_place, dateline_country'
        ),
        PLACE_ARTICLES,
    )
    articles: dict[tuple[Any, ...], list[list[Any]]] = defaultdict(list)
    for row in newest:
        title = Text.of(row['title'], row['url'])
        entry = [str(row['date']), row['outlet'], title.text, title.url]
        articles[row['geonameid'], row['place'], row['country']].append(entry)
    listed, circles, left = [], [], PLACE_BYTES
    for number, place in enumerate(found):
        key = place['geonameid'], place['place'], place['country']
        name = clean(place['place'], 60) + (f', {clean(place["country"], 20)}' if place['country'] else '')
        held = articles[key]
        left -= len(json.dumps(held, ensure_ascii=False).encode())
        link = Number(place['count'], 'articles_from_place', key)
        listed.append([name, place['count'], link.literals, held if left > 0 else []])
        if place['latitude'] is not None and place['longitude'] is not None:
            at = {'latitude': round(place['latitude'], 3), 'longitude': round(place['longitude'], 3)}
            circles.append({'id': number, 'place': name, 'count': place['count']} | at)
    top = Table(
        'Places by articles',
        ('place', 'articles'),
        [
            (one[0], Number(one[1], 'articles_from_place', key))
            for one, key in zip(
                listed[:50], ((p['geonameid'], p['place'], p['country']) for p in found), strict=False
            )
        ],
    )
    chart = Chart(
        'chart-places',
        'Datelines on the map',
        f'A world map with a circle for each of {len(circles)} places of datelines. The largest are '
        f'{_listed(listed)}.',
        charts.world(circles, _world()),
        top,
    )
    browser = Browser('places', chart, {'places': listed, 'articles': PLACE_ARTICLES})
    return dataclasses.replace(section, parts=(browser,))


def _world() -> dict[str, Any]:
    """The countries as TopoJSON, without Antarctica, which would take a fifth of the map."""
    world: dict[str, Any] = json.loads(_WORLD.read_text(encoding='utf-8'))
    countries = world['objects']['countries']
    kept = [country for country in countries['geometries'] if country.get('id') != '010']
    return world | {'objects': {'countries': countries | {'geometries': kept}}}


def _listed(places: list[list[Any]]) -> str:
    return '; '.join(f'{place[0]} ({place[1]})' for place in places[:5])
