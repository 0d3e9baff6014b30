"""The section on outlets whose extraction has suddenly changed."""

import dataclasses
import datetime
from collections.abc import Iterator

from pipelines.reporting.parts import Cell, Fact, Number, Section, Table
from pipelines.reporting.rows import Rows
from pipelines.reporting.untrusted import clean
from pipelines.reporting.views import Choice
from transforms.functions.lake import Lake
from transforms.functions.outlet_alarms import MAX_BEFORE, NEWEST, Alarm, Row, alarms_of, find_alarms

# Days of articles that are looked at, as `dateline check` does.
DAYS = 30
_SAYS = {
    'shorter': 'its articles are much shorter than before (words, median)',
    'alike': 'its articles have nearly the same text (share of pairs): a notice may stand in their place',
    'empty': 'its pages give no article (share of pages)',
}


def alarms(lake: Lake, rows: Rows, choice: Choice, now: datetime.datetime) -> Section:
    """Alarms of ``dateline check``, at the end of the days chosen. Raises DamagedFile."""
    until = choice.until or datetime.date.max
    since = min(until, now.date()) - datetime.timedelta(days=DAYS)
    if choice.outlets or (choice.since or since) > since:  # not all that they are told by is at hand
        made = find_alarms(lake, str(since), str(until))
    else:
        made = alarms_of(lake, _articles(rows, since), _ledger(rows, since))
    found = [alarm for alarm in made if not choice.outlets or alarm.outlet in choice.outlets]
    section = Section(
        'alarms',
        'Extraction alarms',
        f'Outlets whose newest {NEWEST} articles or pages, of the last {DAYS} days, differ from '
        'those before as a '
        'redesign of the site makes them differ. Look at a page with dateline extract --explain.',
        nothing='No alarm.',
    )
    if not found:
        return section
    lines = [_line(alarm, since, until) for alarm in found]
    table = Table('Alarms', ('outlet', 'alarm', 'now', 'before'), lines, open=True)
    outlets = sorted({alarm.outlet for alarm in found})
    fact = Fact('outlets with an alarm', Number(len(outlets), 'outlets_named', (outlets,)))
    return dataclasses.replace(section, facts=(fact,), parts=(table,))


def _articles(rows: Rows, since: datetime.date) -> Iterator[Row]:
    columns = 'row_id, word_count, ingested_at, feed_url, version'
    for row in rows.of(f'SELECT date, outlet, {columns} FROM articles WHERE date >= $1', since):
        yield (str(row['date']), row['outlet']), row


def _ledger(rows: Rows, since: datetime.date) -> Iterator[Row]:
    columns = 'subject, feed_url, disposition, reason, decided_at'
    for row in rows.of(f'SELECT date, {columns} FROM ledger WHERE date >= $1', since):
        yield (str(row['date']),), row


def _line(alarm: Alarm, since: datetime.date, until: datetime.date) -> tuple[Cell, ...]:
    query, is_share = f'alarm_{alarm.kind}', alarm.kind != 'shorter'
    before = NEWEST if alarm.kind == 'alike' else MAX_BEFORE
    return (
        clean(alarm.outlet),
        _SAYS[alarm.kind],
        Number(alarm.now, query, (alarm.outlet, since, until, NEWEST, 0), share=is_share),
        Number(alarm.then, query, (alarm.outlet, since, until, before, NEWEST), share=is_share),
    )
