"""From a lake to the page of its report."""

import datetime
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Optional

from pipelines.progress_line import Count
from pipelines.reporting.alarms import alarms
from pipelines.reporting.books import books
from pipelines.reporting.coverage import by_day, places
from pipelines.reporting.derived_views import derived_views
from pipelines.reporting.events import same_event, versions
from pipelines.reporting.feeds import feeds, hosts
from pipelines.reporting.loading import load, there
from pipelines.reporting.mentioned import mentioned
from pipelines.reporting.page import Report, chart_library, render
from pipelines.reporting.parts import Section
from pipelines.reporting.rows import Rows
from pipelines.reporting.views import Choice, lake_views, statements
from transforms.functions.lake import Lake

_SECTIONS: tuple[Callable[[Rows], Section], ...] = (
    by_day, places, mentioned, same_event, versions, books, feeds, hosts,
)  # fmt: skip


def build(
    lake: Lake, named: str, choice: Choice, now: datetime.datetime, tell: Optional[Count] = None
) -> str:
    """The HTML of a lake's report. ``named`` is how the lake was given: in the queries it stands so.

    ``now`` (UTC) decides which feeds are late; ``tell`` is told how many parts are done. Raises DamagedFile
    and PartitionBusy.
    """
    known = there(lake)
    setup = statements(lake_views(named, known, choice) | derived_views(choice, now))
    if not any(known[table] for table in ('articles', 'ledger', 'polls')):
        return render(Report(named, now, _words(choice), setup, (), _begin(named)))
    with ThreadPoolExecutor(1) as beside:
        library = beside.submit(chart_library)  # of seconds, which reading need not wait for
        rows = Rows(load(lake, choice, now))
        sections = []
        for number, make in enumerate(_SECTIONS):
            if tell is not None:
                tell(make.__name__, number, len(_SECTIONS) + 1)
            sections.append(make(rows))
        sections.append(alarms(lake, rows, choice, now))
        library.result()
    advice = () if rows.count('latest') else _no_articles(lake, named, choice, known)
    return render(Report(named, now, _words(choice), setup, tuple(sections), advice))


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
