"""The section on the books: what became of everything that the feeds showed."""

import dataclasses
from typing import Any

from pipelines.reporting import charts
from pipelines.reporting.parts import Cell, Chart, Fact, Number, Section, Table
from pipelines.reporting.rows import Rows
from schemas.vocabulary import REASON_MEANINGS, Disposition, Reason

_MEANINGS = {
    Disposition.WRITTEN: 'a new article',
    Disposition.UPDATED: 'a new version of an article',
    Disposition.UNCHANGED: 'looked at, and as before',
    Disposition.DUPLICATE_URL: 'an article that the lake has from elsewhere',
    Disposition.REJECTED: 'no article came of it',
    Disposition.FAILED: 'tried again by the next run',
    Disposition.DEFERRED: 'waits for the next round or run',
}
_AS_BEFORE = 'unchanged in the feed'


def books(rows: Rows) -> Section:
    """Sighted = written + duplicate + unchanged + rejected (+ waiting), by reason."""
    shown = int(rows.value('SELECT sum(items_shown) FROM polls'))
    unchanged = int(rows.value('SELECT sum(items_unchanged) FROM polls'))
    sighted = rows.value('SELECT count(*) FROM items SEMI JOIN polls USING (poll_id)')
    others = rows.value('SELECT count(*) FROM items ANTI JOIN polls USING (poll_id)')
    decided = rows.of(
        'SELECT disposition, reason, count(*) AS count FROM items SEMI JOIN polls USING '
        '(poll_id) GROUP BY ALL'
    )
    order = list(_MEANINGS)
    decided.sort(key=lambda row: (order.index(row['disposition']), -row['count'], row['reason'] or ''))
    section = Section(
        'books',
        'The books',
        'Every item that a poll showed is counted once: either it was as in the poll before, or '
        'its last attempt '
        'ended in one of these ways. An item that is shown again by a later poll is counted again.',
        (
            Fact('items sighted', Number(shown, 'items_shown')),
            Fact('polls', Number(rows.count('polls'), 'polls')),
            Fact('not accounted for', Number(shown - unchanged - sighted, 'unbalanced')),
        ),
        nothing='No feed was polled.',
    )
    if not shown and not decided:
        return section
    lines: list[tuple[Cell, ...]] = [
        (_AS_BEFORE, '', Number(unchanged, 'items_unchanged'), 'as in the poll before'),
        *(_line(row) for row in decided),
        ('= sighted', '', Number(shown, 'items_shown'), _balance(shown - unchanged - sighted)),
    ]
    if others:
        meaning = 'looked at again by themselves, or of polls that are not in this choice; not in the sum'
        lines.append(('besides', '', Number(others, 'items_of_no_poll'), meaning))
    table = Table('All items', ('item', 'reason', 'items', 'meaning'), lines, open=True, wide=True)
    bars = [
        {'name': _name(row), 'kind': _kind(row['disposition']), 'count': row['count'], 'rank': 0}
        for row in decided
    ]
    if not bars:
        return dataclasses.replace(section, parts=(table,))
    chart = Chart(
        'chart-books',
        'What became of new and changed items',
        'Bars for each way in which an item ended that was not as in the poll before: '
        + ', '.join(f'{row["count"]} {_name(row)}' for row in decided[:6])
        + '.',
        charts.bars(
            bars, ('taken', 'waiting', 'rejected'), 'items', (charts.ACCENT, charts.MUTED, charts.WARN)
        ),
        None,
    )
    return dataclasses.replace(section, parts=(chart, table))


def _line(row: dict[str, Any]) -> tuple[Cell, ...]:
    reason = row['reason']
    meaning = REASON_MEANINGS[Reason(reason)] if reason in set(Reason) else _MEANINGS[row['disposition']]
    number = Number(row['count'], 'items', (row['disposition'], reason))
    return row['disposition'].replace('_', ' '), reason or '', number, meaning


def _name(row: dict[str, Any]) -> str:
    return ': '.join(filter(None, (row['disposition'].replace('_', ' '), row['reason'])))


def _kind(disposition: str) -> str:
    if disposition == Disposition.REJECTED:
        return 'rejected'
    return 'waiting' if disposition in (Disposition.FAILED, Disposition.DEFERRED) else 'taken'


def _balance(difference: int) -> str:
    if not difference:
        return 'the sum of the lines above: the books balance'
    return 'the lines above do not add up to it; a run may be at work. See: dateline check LAKE'
