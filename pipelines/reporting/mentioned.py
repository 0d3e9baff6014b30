"""The section on who and what is mentioned most, over all outlets and by outlet."""

import dataclasses
from typing import Any

from pipelines.reporting import charts
from pipelines.reporting.parts import Browser, Cell, Chart, Fact, Number, Section, Table
from pipelines.reporting.rows import Rows
from pipelines.reporting.untrusted import clean

KINDS = {'people': ['PERSON'], 'places': ['GPE', 'LOC'], 'organisations': ['ORG']}
# Names over all outlets and of one outlet, and outlets of which names are shown: about 300 KB in all.
NAMES, NAMES_OF_OUTLET, OUTLETS = 20, 10, 60
_ALL = 'all outlets'
# How often each entity is named: in how many articles, and how many times in them.
_COUNTS = """FROM (
  SELECT entity_id, {by} mode(canonical) AS name, count(DISTINCT row_id) AS articles,
    sum("count")::BIGINT AS mentions
  FROM named WHERE list_contains($1, label) {where} GROUP BY ALL)
QUALIFY row_number() OVER (PARTITION BY {part} ORDER BY articles DESC, mentions DESC, entity_id) <= $2
ORDER BY articles DESC, mentions DESC, entity_id"""


def mentioned(rows: Rows) -> Section:
    """Most mentioned people, places and organisations."""
    totals = {
        kind: rows.value('SELECT count(DISTINCT entity_id) FROM named WHERE list_contains($1, label)', labels)
        for kind, labels in KINDS.items()
    }
    section = Section(
        'mentions',
        'Most mentioned',
        'By the number of articles (latest versions, copies included) that name them, however '
        'they are spelled; '
        'one article counts once. Languages without an entity model have no names.',
        tuple(Fact(kind, Number(totals[kind], 'named', (labels,))) for kind, labels in KINDS.items()),
        nothing='No article has entities.',
    )
    if not any(totals.values()):
        return section
    names = [
        row['outlet']
        for row in rows.of(
            'SELECT outlet FROM latest GROUP BY outlet ORDER BY count(*) DESC, outlet LIMIT $1', OUTLETS
        )
    ]
    data: dict[str, dict[str, list[list[Any]]]] = {kind: {} for kind in KINDS}
    tables = []
    for kind, labels in KINDS.items():
        everywhere = rows.of(_COUNTS.format(by='', where='', part='1'), labels, NAMES)
        data[kind][_ALL] = [_entry(row) for row in everywhere]
        tables.append(_table(kind, everywhere))
        by_outlet = _COUNTS.format(by='outlet,', where='AND list_contains($3, outlet)', part='outlet')
        for row in rows.of(by_outlet, labels, NAMES_OF_OUTLET, names):
            data[kind].setdefault(row['outlet'], []).append(_entry(row))
    chart = Chart(
        'chart-mentions',
        'Who and what is mentioned',
        'Bars for those that most articles name; kind and outlet are chosen above. Over all outlets '
        + '; '.join(f'{kind}: {_top(data[kind][_ALL])}' for kind in KINDS)
        + '.',
        charts.named_bars(
            [
                {'name': entry[0], 'count': entry[1], 'place': place}
                for place, entry in enumerate(data['people'][_ALL])
            ],
            'articles',
        ),
        None,
    )
    browser = Browser('mentions', chart, {'kinds': data}, (_ALL, *names), tuple(tables))
    return dataclasses.replace(section, parts=(browser,))


def _numbers(row: dict[str, Any]) -> tuple[Number, Number]:
    args = (row['entity_id'], *((row['outlet'],) if 'outlet' in row else ()))
    queries = (
        ('articles_of_outlet_naming', 'mentions_in_outlet')
        if len(args) > 1
        else ('articles_naming', 'mentions')
    )
    return Number(row['articles'], queries[0], args), Number(row['mentions'], queries[1], args)


def _entry(row: dict[str, Any]) -> list[Any]:
    """Name, articles, mentions, and the literals of their queries, as the page's script reads them."""
    articles, mentions = _numbers(row)
    return [clean(row['name'], 80), articles.value, mentions.value, articles.literals]


def _table(kind: str, found: list[dict[str, Any]]) -> Table:
    lines: list[tuple[Cell, ...]] = [(clean(row['name'], 80), *_numbers(row)) for row in found]
    return Table(f'Most mentioned {kind}, all outlets', (kind, 'articles', 'mentions'), lines)


def _top(entries: list[list[Any]]) -> str:
    return ', '.join(entry[0] for entry in entries[:3]) or 'none'
