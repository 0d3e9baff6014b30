"""The sections on the health of feeds and on what was done to hosts."""

import dataclasses
from typing import Any

from pipelines.reporting import charts
from pipelines.reporting.parts import Cell, Chart, Fact, Number, Section, Table, Text
from pipelines.reporting.rows import Rows
from pipelines.reporting.untrusted import clean
from transforms.functions.auditing.findings import DEAD_DAYS, UNDATED_DAYS, UNDATED_SHARE

# Feeds with trouble, hosts, and days of polls that are shown.
FEEDS, HOSTS, DAYS = 40, 25, 60
_TROUBLES = {
    'late': 'was due, and half its interval has passed',
    'dead': f'failed at every poll for {DEAD_DAYS} days, or is gone',
    'refused': 'robots.txt forbids it',
    'scrolled_off': 'nothing of the poll before was left: items were probably lost',
    'undated': f'{UNDATED_SHARE * 100:.0f}\u202f% or more of its articles of the last {UNDATED_DAYS} days '
    'have no date',
}
_STATUSES = ('ok', 'not_modified', 'moved', 'failed', 'gone')


def feeds(rows: Rows) -> Section:
    """Which feeds are late, dead, scroll off or give no dates."""
    counts = rows.of(
        'SELECT count(*) AS feeds, '
        + ', '.join(f'count(*) FILTER (is_{name}) AS {name}' for name in _TROUBLES)
        + ' FROM feed_health'
    )[0]
    section = Section(
        'feeds',
        'Feed health',
        'Feeds polled in the 8 days before the newest poll, by their polls of the 31 days before it: '
        + '; '.join(f'{name.replace("_", " ")}: {says}' for name, says in _TROUBLES.items())
        + '. dateline feeds --audit LAKE says what to do.',
        (
            Fact('feeds', Number(counts['feeds'], 'feeds')),
            *(Fact(name.replace('_', ' '), Number(counts[name], f'feeds_{name}')) for name in _TROUBLES),
        ),
        nothing='No feed was polled.',
    )
    if not counts['feeds']:
        return section
    parts: list[Any] = [_polls(rows)] if rows.count('polls') else []
    troubled = rows.of(
        f'SELECT * FROM feed_health WHERE {" OR ".join(f"is_{name}" for name in _TROUBLES)} '
        'ORDER BY is_dead DESC, scrolls DESC, undated DESC, feed_url LIMIT $1',
        FEEDS,
    )
    if troubled:
        since = rows.value(f'SELECT max(newest_day) - {UNDATED_DAYS} FROM feed_polls')
        head = ('feed', 'trouble', 'last poll', 'polls', 'failed', 'scrolled off', 'undated')
        table = Table(
            'Feeds to look after', head, [_line(row, since) for row in troubled], open=True, wide=True
        )
        parts.append(table)
    return dataclasses.replace(section, parts=tuple(parts))


def _line(row: dict[str, Any], since: Any) -> tuple[Cell, ...]:
    url = row['feed_url']
    troubles = [name.replace('_', ' ') for name in _TROUBLES if row[f'is_{name}']]
    reason = f' ({clean(row["reason"])})' if row['reason'] else ''
    return (
        Text.of(url, url),
        ', '.join(troubles) + reason,
        f'{row["last_poll"]:%Y-%m-%d %H:%M}',
        Number(row['polls'], 'polls_of_feed', (url,)),
        Number(row['failures'], 'failures_of_feed', (url,)),
        Number(row['scrolls'], 'scrolls_of_feed', (url,)),
        Number(row['undated'], 'undated_of_feed', (url, since)),
    )


def _polls(rows: Rows) -> Chart:
    found = rows.of(
        'SELECT date AS day, status, count(*) AS count FROM polls WHERE date > '
        f'(SELECT max(date) FROM polls) - {DAYS} GROUP BY ALL ORDER BY day, status'
    )
    kinds = {'ok': 'answered', 'not_modified': 'answered', 'moved': 'answered'}
    days = sorted({row['day'] for row in found})
    summed: dict[tuple[Any, str], int] = {}
    for row in found:
        key = row['day'], kinds.get(row['status'], 'failed')
        summed[key] = summed.get(key, 0) + row['count']
    bars = [
        {'day': str(day), 'kind': kind, 'count': summed[day, kind], 'rank': rank}
        for day in days
        for rank, kind in enumerate(('answered', 'failed'))
        if (day, kind) in summed
    ]
    counts = {(row['day'], row['status']): row['count'] for row in found}
    statuses = [status for status in _STATUSES if any(row['status'] == status for row in found)]
    lines: list[tuple[Cell, ...]] = [
        (
            str(day),
            *(
                Number(counts[day, status], 'polls_of_day', (day, status))
                if (day, status) in counts
                else None
                for status in statuses
            ),
        )
        for day in reversed(days)
    ]
    failed = sum(summed.get((day, 'failed'), 0) for day in days)
    return Chart(
        'chart-polls',
        'Polls a day',
        f'Bars for each of {len(days)} days: polls that the feed answered, and those that '
        f'failed, {failed} in all.',
        charts.days(bars, ('answered', 'failed'), 'polls', (charts.SOFT, charts.WARN)),
        Table('Polls a day', ('day', *(status.replace('_', ' ') for status in statuses)), lines, wide=True),
    )


def hosts(rows: Rows) -> Section:
    """What was asked of each host, and what it refused."""
    found = rows.of(
        'SELECT host, sum(requests)::BIGINT AS requests, sum(robots_denials)::BIGINT AS denials, '
        'sum(answers_429)::BIGINT AS too_many, sum(answers_503)::BIGINT AS unavailable, '
        'min(shortest_gap_s) AS gap FROM hosts GROUP BY host'
    )
    found.sort(key=lambda row: (-row['requests'], row['host']))
    refusals = sum(row['denials'] + row['too_many'] + row['unavailable'] for row in found)
    section = Section(
        'hosts',
        'Hosts',
        'Requests sent to each registrable domain by the runs that ended (feeds, pages, '
        'robots.txt, redirects, '
        'retries), and refusals: items that robots.txt forbids, answers 429 and 503. All of the '
        'lake’s outlets.',
        (
            Fact('hosts', Number(len(found), 'hosts')),
            Fact('requests', Number(sum(row['requests'] for row in found), 'requests')),
            Fact('refusals', Number(refusals, 'refusals')),
        ),
        nothing='No run has recorded hosts.',
    )
    if not found:
        return section
    refusing = sorted(found[HOSTS:], key=lambda row: -(row['denials'] + row['too_many'] + row['unavailable']))
    shown = found[:HOSTS] + [
        row for row in refusing[:HOSTS] if row['denials'] + row['too_many'] + row['unavailable']
    ]
    lines: list[tuple[Cell, ...]] = [
        (
            clean(row['host'], 60),
            *(
                Number(row[name], query, (row['host'],))
                for name, query in (
                    ('requests', 'requests_to'),
                    ('denials', 'denials_of'),
                    ('too_many', 'too_many_of'),
                    ('unavailable', 'unavailable_of'),
                )
            ),
            None if row['gap'] is None else Number(row['gap'], 'shortest_gap_of', (row['host'],), unit='s'),
        )
        for row in shown
    ]
    head = ('host', 'requests', 'robots.txt', '429', '503', 'shortest pause')
    table = Table('Hosts', head, lines, note='The most asked, and those that refused most.', wide=True)
    bars = [
        {'name': clean(row['host'], 60), 'kind': 'requests', 'count': row['requests'], 'rank': 0}
        for row in found[:15]
    ]
    chart = Chart(
        'chart-hosts',
        'Requests by host',
        f'Bars for the {len(bars)} hosts that were asked most; {bars[0]["name"]} {bars[0]["count"]} times.',
        charts.bars(bars, ('requests',), 'requests'),
        table,
    )
    return dataclasses.replace(section, parts=(chart,))
