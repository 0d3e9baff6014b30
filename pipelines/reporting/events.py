"""The sections on the same event across outlets, and on versions of edited stories."""

import dataclasses
from collections import defaultdict
from typing import Any

from pipelines.reporting import charts
from pipelines.reporting.parts import Cell, Chart, Fact, Group, Groups, Number, Section, Table, Text
from pipelines.reporting.rows import Rows
from pipelines.reporting.untrusted import clean

# Groups and edited stories that are shown; the queries have the rest.
SHOWN, OUTLETS, MEMBERS = 20, 20, 30
_STRONGEST = """SELECT {key}, {agency} AS agency, count(DISTINCT outlet) AS outlets, count(*) AS versions
FROM {source} GROUP BY {key} HAVING outlets > 1 ORDER BY outlets DESC, versions DESC, {key} LIMIT $1"""
_MEMBERS = """SELECT {key}, first_seen_at, outlet, version, title, url FROM {source}
WHERE list_contains($1, {key})
QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY first_seen_at, row_id) <= $2
ORDER BY first_seen_at, row_id"""


def same_event(rows: Rows) -> Section:
    """Copies, and stories of agencies that several outlets carry."""
    articles, copies = (
        rows.count('latest'),
        rows.value('SELECT count(*) FROM latest SEMI JOIN copies USING (row_id)'),
    )
    texts = _count_groups(rows, 'shared', 'first')
    stories = _count_groups(rows, 'carried', 'story')
    section = Section(
        'events',
        'The same event across outlets',
        'Copies are articles whose text is that of an article seen earlier, word for word or '
        'nearly; the whole lake '
        'decides. Agency stories are reports of one agency that several outlets carry, also in '
        'words of their own.',
        (
            Fact('copies', Number(copies, 'copies')),
            Fact('texts in several outlets', Number(texts, 'shared_texts')),
            Fact('agency stories in several outlets', Number(stories, 'agency_stories')),
        ),
        nothing='No text is in two articles.' if articles else 'There are no articles.',
    )
    parts: list[Any] = [_copies_by_outlet(rows)] if copies else []
    if texts:
        parts.append(_groups(rows, 'shared', 'first', 'Texts that most outlets have', 'text', 'NULL'))
    if stories:
        parts.append(_groups(rows, 'carried', 'story', 'Agency stories that most outlets carry', 'story'))
    return dataclasses.replace(section, parts=tuple(parts))


def _count_groups(rows: Rows, source: str, key: str) -> int:
    return int(
        rows.value(
            f'SELECT count(*) FROM (SELECT {key} FROM {source} GROUP BY {key} HAVING '
            'count(DISTINCT outlet) > 1)'
        )
    )


def _copies_by_outlet(rows: Rows) -> Chart:
    found = rows.of(
        'SELECT outlet, count(*) AS articles, count(*) FILTER (row_id IN (SELECT row_id FROM '
        'copies)) AS copies '
        'FROM latest GROUP BY outlet HAVING copies > 0 ORDER BY copies DESC, outlet LIMIT $1',
        OUTLETS,
    )
    bars = [
        {'name': row['outlet'], 'kind': kind, 'count': count, 'rank': rank}
        for row in found
        for rank, (kind, count) in enumerate(
            (('copies', row['copies']), ('other articles', row['articles'] - row['copies']))
        )
        if count
    ]
    lines: list[tuple[Cell, ...]] = [
        (
            row['outlet'],
            Number(row['copies'], 'copies_of_outlet', (row['outlet'],)),
            Number(row['articles'], 'articles_of_outlet', (row['outlet'],)),
        )
        for row in found
    ]
    return Chart(
        'chart-copies',
        'Copies by outlet',
        f'Bars for the {len(found)} outlets with the most copies: copies, then their other articles. '
        f'{found[0]["outlet"]} has {found[0]["copies"]} among {found[0]["articles"]}.',
        charts.bars(bars, ('copies', 'other articles'), 'articles'),
        Table('Copies by outlet', ('outlet', 'copies', 'articles'), lines),
    )


def _groups(
    rows: Rows, source: str, key: str, title: str, what: str, agency: str = 'any_value(story_agency)'
) -> Groups:
    strongest = rows.of(_STRONGEST.format(key=key, source=source, agency=agency), SHOWN)
    members: dict[str, list[dict[str, Any]]] = defaultdict(list)
    ids = [row[key] for row in strongest]
    for member in rows.of(_MEMBERS.format(key=key, source=source), ids, MEMBERS):
        members[member[key]].append(member)
    groups = []
    for row in strongest:
        lines: list[tuple[Cell, ...]] = [
            (
                f'{one["first_seen_at"]:%Y-%m-%d %H:%M}',
                one['outlet'],
                Text.of(one['title'], one['url']),
            )
            for one in members[row[key]]
        ]
        head = members[row[key]][0]
        facts: tuple[tuple[str, Cell], ...] = (
            ('outlets', Number(row['outlets'], f'outlets_of_{what}', (row[key],))),
            ('versions', Number(row['versions'], f'versions_of_{what}', (row[key],))),
        )
        if row['agency']:
            facts = (('agency', clean(row['agency'])), *facts)
        groups.append(
            Group(
                Text.of(head['title']), facts, Table('Who has it', ('first seen', 'outlet', 'title'), lines)
            )
        )
    return Groups(title, groups)


def versions(rows: Rows) -> Section:
    """Stories that were edited after they were first seen."""
    edited = rows.value('SELECT count(*) FROM latest WHERE version > 1')
    later = rows.value('SELECT count(*) FROM articles WHERE version > 1')
    section = Section(
        'versions',
        'Stories edited after publication',
        'An article whose title or text changed has another version. Only what was fetched '
        'again is known: when its '
        'feed entry changed, or with --revisit_after. dateline diff LAKE ID shows what changed, '
        'word by word.',
        (
            Fact('edited articles', Number(edited, 'edited')),
            Fact('later versions', Number(later, 'later_versions')),
        ),
        nothing='No article has a second version.',
    )
    if not edited:
        return section
    fields = rows.of(
        'SELECT field, count(*) AS count FROM (SELECT unnest(changed) AS field FROM articles '
        'WHERE version > 1) '
        'GROUP BY field ORDER BY count DESC, field LIMIT 12'
    )
    outlets = rows.of(
        'SELECT outlet, count(*) AS articles, count(*) FILTER (version > 1) AS edited FROM '
        'latest GROUP BY outlet '
        'HAVING edited > 0 ORDER BY edited DESC, outlet LIMIT $1',
        OUTLETS,
    )
    chart = Chart(
        'chart-edits',
        'Edited articles by outlet',
        f'Bars for the {len(outlets)} outlets with the most edited articles; {outlets[0]["outlet"]} has '
        f'{outlets[0]["edited"]}.',
        charts.bars(
            [{'name': row['outlet'], 'kind': 'edited', 'count': row['edited'], 'rank': 0} for row in outlets],
            ('edited',),
            'edited articles',
        ),
        Table(
            'Edited articles by outlet',
            ('outlet', 'edited', 'articles'),
            [
                (
                    row['outlet'],
                    Number(row['edited'], 'edited_of_outlet', (row['outlet'],)),
                    Number(row['articles'], 'articles_of_outlet', (row['outlet'],)),
                )
                for row in outlets
            ],
        ),
    )
    what = Table(
        'What changed',
        ('field', 'later versions'),
        [(row['field'], Number(row['count'], 'versions_changing', (row['field'],))) for row in fields],
    )
    return dataclasses.replace(section, parts=(chart, what, _edited_last(rows)))


def _edited_last(rows: Rows) -> Table:
    found = rows.of(
        'SELECT latest.*, many.versions FROM latest JOIN (SELECT article_id, count(*) AS '
        'versions FROM articles '
        'GROUP BY article_id) AS many USING (article_id) WHERE version > 1 '
        'ORDER BY first_seen_at DESC, row_id LIMIT $1',
        SHOWN,
    )
    lines: list[tuple[Cell, ...]] = [
        (
            f'{row["first_seen_at"]:%Y-%m-%d %H:%M}',
            row['outlet'],
            Text.of(row['title'], row['url']),
            Number(row['versions'], 'versions', (row['article_id'],)),
            ', '.join(map(clean, row['changed'] or ())),
            None
            if row['changed_share'] is None
            else Number(row['changed_share'], 'changed_share', (row['row_id'],), share=True),
        )
        for row in found
    ]
    head = ('last version', 'outlet', 'title', 'versions', 'changed', 'of the body')
    return Table('Edited last', head, lines, open=True, wide=True)
