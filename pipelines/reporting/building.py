"""From a lake to the page of its report."""

import datetime
from concurrent.futures import ThreadPoolExecutor

from pipelines.reporting.alarms import alarms
from pipelines.reporting.books import books
from pipelines.reporting.coverage import by_day, places
from pipelines.reporting.derived_views import derived_views
from pipelines.reporting.events import same_event, versions
from pipelines.reporting.feeds import feeds, hosts
from pipelines.reporting.loading import load, there
from pipelines.reporting.mentioned import mentioned
from pipelines.reporting.page import Report, chart_library, render
from pipelines.reporting.rows import Rows
from pipelines.reporting.views import Choice, lake_views, statements
from transforms.functions.lake import Lake


def build(lake: Lake, named: str, choice: Choice, now: datetime.datetime) -> str:
    """The HTML of a lake's report. ``named`` is how the lake was given: in the queries it stands so.

    ``now`` (UTC) decides which feeds are late. Raises DamagedFile and PartitionBusy.
    """
    known = there(lake)
    setup = statements(lake_views(named, known, choice) | derived_views(choice, now))
    if not any(known[table] for table in ('articles', 'ledger', 'polls')):
        return render(Report(named, now, _words(choice), setup, (), _begin(named)))
    with ThreadPoolExecutor(1) as beside:
        library = beside.submit(chart_library)  # its seconds are another program's than DuckDB's
        rows = Rows(load(lake, choice, now))
        sections = (
            by_day(rows),
            places(rows),
            mentioned(rows),
            same_event(rows),
            versions(rows),
            books(rows),
            feeds(rows),
            hosts(rows),
            alarms(lake, choice, now),
        )
        library.result()
    advice = () if rows.count('latest') else _no_articles(lake, named, choice, known)
    return render(Report(named, now, _words(choice), setup, sections, advice))


def _words(choice: Choice) -> str:
    """The choice for people; '' when it is the whole lake.

    >>> _words(Choice(datetime.date(2025, 3, 1), None, ('a', 'b')))
    'days from 2025-03-01; outlets a, b'
    """
    days = ' '.join(f'{word} {day}' for word, day in (('from', choice.since), ('to', choice.until)) if day)
    outlets = f'outlet{"s" * (len(choice.outlets) > 1)} {", ".join(choice.outlets)}' if choice.outlets else ''
    return '; '.join(filter(None, (days and f'days {days}', outlets)))


def _begin(named: str) -> tuple[str, ...]:
    return (
        'This lake is empty: nothing was ingested yet. Begin with a feed, or with a site whose '
        'feeds are looked for:',
        f'$ dateline ingest https://example.org/rss --output {named}',
        'Then write the report again:',
        f'$ dateline report {named}',
    )


def _no_articles(lake: Lake, named: str, choice: Choice, known: dict[str, bool]) -> tuple[str, ...]:
    if not known['articles']:
        return (
            'There is no article yet. The books below say what became of the items that the '
            'feeds showed, and feed '
            'health which feeds failed. What failed for the moment is tried again by the next run:',
            f'$ dateline ingest FEEDS --output {named}',
        )
    days = [lake.partition_of('articles', path) for path in lake.files('articles')]
    outlets = sorted({outlet for _, outlet in days})
    shown = ', '.join(outlets[:12]) + (f' and {len(outlets) - 12} more' if len(outlets) > 12 else '')
    return (
        f'No article is in this choice ({_words(choice)}). The lake has articles from {min(days)[0]} to '
        f'{max(days)[0]}, of the outlets {shown}.',
        'Choose other days or outlets, or all of them:',
        f'$ dateline report {named}',
    )
