"""What a run did, read back from the lake, and shown to a person."""

import collections
import dataclasses
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Optional, TextIO

import pyarrow.compute as pc

from schemas.settings import RunSettings
from schemas.vocabulary import ContentFrom, Disposition, PollStatus, Reason, Subject
from transforms import metrics
from transforms.clock import first_day
from transforms.functions.article_rows import day_of
from transforms.functions.lake import Lake

_LEDGER = (
    'sighting_id', 'subject', 'poll_id', 'disposition', 'reason', 'attempt', 'url', 'detail', 'row_id',
    'article_date', 'article_outlet', 'run_id',
)  # fmt: skip
_ARTICLE = ('row_id', 'version', 'title', 'dateline_place', 'entities')
_SHORT = ('row_id', 'language', 'entities_model', 'content_from')
_WRITTEN = (Disposition.WRITTEN.value, Disposition.UPDATED.value)
# Reasons that point at a fault of ours or of this machine rather than of a page.
_WORTH_A_LINE = (Reason.WORKER_DIED.value, Reason.EXTRACTION_TIMEOUT.value)
_NO_COUNTERS: Mapping[str, int] = {}
# Rows of the table of articles: it is a glance, the lake is the answer.
_SHOWN = 12


@dataclasses.dataclass(frozen=True)
class RunFacts:
    """The books of one run."""

    feeds: dict[str, int]  # poll status -> feeds
    items_shown: int
    items_unchanged: int
    taken_up: int  # items from the lake that earlier runs had left
    revisited: int  # pages looked at again by themselves
    dispositions: dict[tuple[str, Optional[str]], int]  # (disposition, reason) -> items
    refused: tuple[dict[str, Any], ...]  # ledger rows with a reason
    written: tuple[dict[str, Any], ...]  # ledger rows written or updated
    has_articles: bool  # whether the lake has any article at all
    articles: tuple[dict[str, Any], ...]  # the newest of what was written, for the table
    untagged: dict[str, int]  # language -> articles written without entities, for want of a model
    faults: tuple[str, ...]  # what does not balance, a sentence each
    from_feed: int = 0  # articles written whose text is the feed's, not the page's


def of_run(lake: Lake, run: RunSettings) -> RunFacts:
    """Counts a run from the lake's files, the way that anyone can."""
    day = day_of(run.started_at)
    polls = _rows(lake, run, 'polls', ('poll_id', 'status', 'items_shown', 'items_unchanged', 'run_id'), day)
    # Waiting items keep the day on which they were first seen.
    ledger = _rows(lake, run, 'ledger', _LEDGER, first_day(run))
    last: dict[str, dict[str, Any]] = {}
    for row in ledger:
        before = last.get(row['sighting_id'])
        if before is None or before['attempt'] < row['attempt']:
            last[row['sighting_id']] = row
    items = [row for row in last.values() if row['subject'] == Subject.ITEM]
    own = {poll['poll_id'] for poll in polls}
    shown, unchanged = (sum(p[name] for p in polls) for name in ('items_shown', 'items_unchanged'))
    sighted = sum(row['poll_id'] in own for row in items)
    revisited = sum(row['poll_id'] is None for row in items)
    written = [row for row in items if row['disposition'] in _WRITTEN]
    rows = _article_rows(lake, written)
    untagged = collections.Counter(row['language'] or 'unknown' for row in rows if not row['entities_model'])
    facts = RunFacts(
        feeds=dict(collections.Counter(poll['status'] for poll in polls)),
        items_shown=shown,
        items_unchanged=unchanged,
        taken_up=len(items) - sighted - revisited,
        revisited=revisited,
        dispositions=dict(collections.Counter((row['disposition'], row['reason']) for row in items)),
        refused=tuple(row for row in last.values() if row['reason']),
        written=tuple(written),
        has_articles=bool(written) or bool(lake.files('articles')),
        articles=tuple(_articles(lake, written)),
        untagged=dict(untagged),
        faults=(),
        from_feed=sum(row['content_from'] == ContentFrom.FEED for row in rows),
    )
    faults = []
    if shown != unchanged + sighted:
        faults.append(
            f'The books do not balance: the feeds showed {shown} items, but {unchanged} unchanged and '
            f'{sighted} in the ledger do not add up to that. Run: dateline check {lake.root}'
        )
    if missing := len(written) - len(rows):
        faults.append(f'{missing} items count as written, but their rows are not in articles.')
    return dataclasses.replace(facts, faults=tuple(faults))


def _rows(lake: Lake, run: RunSettings, table: str, columns: Iterable[str], day: str) -> list[dict[str, Any]]:
    rows = lake.read_settled(table, lake.files_since(table, day), tuple(columns))
    return rows.filter(pc.equal(rows['run_id'], run.run_id)).to_pylist()


def _partitions(written: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted({(row['article_date'], row['article_outlet']) for row in written}, reverse=True)


def _article_rows(lake: Lake, written: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the lake has of the rows that count as written: a few short columns."""
    wanted = {row['row_id'] for row in written}
    found: list[dict[str, Any]] = []
    for partition in _partitions(written):
        rows = lake.read_settled('articles', lake.files('articles', partition), _SHORT).to_pylist()
        found += [row for row in rows if row['row_id'] in wanted]
    return found


def _articles(lake: Lake, written: list[dict[str, Any]]) -> list[dict[str, Any]]:
    wanted = {row['row_id'] for row in written}
    found: list[dict[str, Any]] = []
    for date, outlet in _partitions(written):
        paths = lake.files('articles', (date, outlet))
        for row in lake.read_settled('articles', paths, _ARTICLE).to_pylist():
            if row['row_id'] in wanted:
                found.append(row | {'date': date, 'outlet': outlet})
        if len(found) >= _SHOWN:
            break
    return found[:_SHOWN]


def show(
    facts: RunFacts, run: RunSettings, tagged: bool, out: TextIO, counters: Mapping[str, int] = _NO_COUNTERS
) -> None:
    """Prints the summary: plain lines, the same on a terminal and in a log.

    ``tagged`` says whether the run had a model for entities; ``counters`` are the run's own.
    """

    def say(text: str = '') -> None:
        print(text, file=out)

    feeds = [f'{count} {status.replace("_", " ")}' for status, count in sorted(facts.feeds.items())]
    feeds = feeds or ['none polled']
    for name, why in ((metrics.FEEDS_RETIRED, 'retired (410)'), (metrics.FEEDS_NOT_DUE, 'not due yet')):
        if counters.get(name):
            feeds.append(f'{counters[name]} {why}')
    say(f'feeds      {sum(facts.feeds.values())}: {", ".join(feeds)}')
    shown = f'items      {facts.items_shown} shown, {facts.items_unchanged} as before'
    shown += f', {facts.taken_up} taken up from earlier runs' if facts.taken_up else ''
    say(shown + (f', {facts.revisited} pages looked at again' if facts.revisited else ''))
    by_disposition = collections.Counter[str]()
    for (disposition, _), count in facts.dispositions.items():
        by_disposition[disposition] += count
    for disposition in Disposition:
        if count := by_disposition[disposition.value]:
            reasons = {r: n for (d, r), n in facts.dispositions.items() if d == disposition and r}
            why = ': ' + ', '.join(f'{n} {r}' for r, n in sorted(reasons.items())) if reasons else ''
            say(f'  {disposition.value:14}{count:6}{why}')
    if facts.from_feed:
        say(f"  with the feed's text, since the page had none or much less: {facts.from_feed}")
    if facts.untagged:
        languages = ', '.join(f'{n} in {language}' for language, n in sorted(facts.untagged.items()))
        why = 'since no model fits the language' if tagged else 'since --entities_model is none'
        say(f'  without entities, {why}: {languages}')
    for reason in _WORTH_A_LINE:
        if row := next((row for row in facts.refused if row['reason'] == reason), None):
            say(f'  {reason}: {row["detail"]}, for one at {row["url"]}')
    for row in sorted((r for r in facts.refused if r['subject'] == Subject.FEED), key=lambda r: r['url']):
        say(f'  {row["subject"]} {row["url"]}: {row["reason"]}{_bracketed(row["detail"])}')
    if not facts.written:
        failed = facts.feeds.get(PollStatus.FAILED.value, 0)
        say('Nothing new: no article was written.' + (f' Feeds that failed: {failed}.' if failed else ''))
    else:
        _show_articles(facts, say)
    say(f'lake       {run.lake}  (run {run.run_id})')
    if not facts.has_articles:
        return
    reading = f"import pandas; print(pandas.read_parquet('{run.lake}/articles'))"
    say(f'open it    {_python()} -c "{reading}"')


def _python() -> str:
    """The interpreter that has pandas beside it, as one would type it from here."""
    near = os.path.relpath(sys.executable)
    return 'python' if near.startswith('..') else near


def _bracketed(detail: Optional[str]) -> str:
    return f' ({detail})' if detail else ''


def _show_articles(facts: RunFacts, say: Any) -> None:
    say()
    say(f'{"date":10}  {"outlet":16}  {"dateline":12}  {"title":44}  top entities')
    for row in facts.articles:
        names = ', '.join(entity['canonical'] for entity in (row['entities'] or [])[:3])
        mark = f' [version {row["version"]}]' if row['version'] > 1 else ''
        title = _cut(row['title'] or '', 44 - len(mark)) + mark
        place = _cut(row['dateline_place'] or '-', 12)
        outlet = _cut(row['outlet'], 16)
        say(f'{row["date"]:10}  {outlet:16}  {place:12}  {title:44}  {_cut(names, 50)}')
    if len(facts.written) > len(facts.articles):
        say(f'... and {len(facts.written) - len(facts.articles)} more')
    say()


def _cut(text: str, width: int) -> str:
    """A text of at most that many characters, with spaces for control characters that feeds may hold."""
    plain = ''.join(c if c.isprintable() else ' ' for c in text)
    return plain if len(plain) <= width else plain[: width - 1] + '…'
