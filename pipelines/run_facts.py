"""What a run did, counted from the lake's files, the way that anyone can."""

import collections
import dataclasses
from collections.abc import Hashable, Iterable, Iterator
from typing import Any, Optional

import pyarrow as pa
import pyarrow.compute as pc

from schemas.settings import RunSettings
from schemas.vocabulary import ContentFrom, Disposition, Reason, Subject
from transforms.clock import first_day
from transforms.functions.article_rows import day_of
from transforms.functions.book_faults import last_attempts
from transforms.functions.held_ids import files_with
from transforms.functions.lake import Lake

# Reasons that point at a fault of ours or of this machine rather than of a page.
WORTH_A_LINE = (Reason.WORKER_DIED.value, Reason.EXTRACTION_TIMEOUT.value)
# Rows of the table of articles: it is a glance, the lake is the answer.
SHOWN = 12
_POLL = ('poll_id', 'status', 'items_shown', 'items_unchanged', 'run_id')
_LEDGER = (
    'sighting_id', 'subject', 'poll_id', 'disposition', 'reason', 'attempt', 'url', 'detail', 'row_id',
    'article_date', 'article_outlet', 'run_id',
)  # fmt: skip
_ARTICLE = ('row_id', 'version', 'title', 'published_at', 'dateline_place', 'entities')
_SHORT = ('row_id', 'language', 'entities_model', 'content_from')
_WRITTEN = pa.array([Disposition.WRITTEN.value, Disposition.UPDATED.value])


@dataclasses.dataclass(frozen=True)
class RunFacts:
    """The books of one run."""

    feeds: dict[str, int]  # poll status -> feeds
    items_shown: int
    items_unchanged: int
    taken_up: int  # items from the lake that earlier runs had left
    revisited: int  # pages looked at again by themselves
    dispositions: dict[tuple[str, Optional[str]], int]  # (disposition, reason) -> items
    refused: tuple[dict[str, Any], ...]  # ledger rows of feeds with a reason, and one of each of WORTH_A_LINE
    written: int  # items written or updated
    has_articles: bool  # whether the lake has any article at all
    articles: tuple[dict[str, Any], ...]  # the newest of what was written, for the table
    untagged: dict[str, int]  # language -> articles written without entities, for want of a model
    from_feed: int  # articles written whose text is the feed's, not the page's
    article_files: int  # partitions that articles were written to
    faults: tuple[str, ...]  # what does not balance, a sentence each


_GONE = 'gone'
# Files as they were at one moment: path and version.
Files = frozenset[tuple[str, Optional[Hashable]]]


def files_now(lake: Lake, run: RunSettings) -> Files:
    """The files of polls and ledger that a run which begins now has no row in."""
    first = {'polls': day_of(run.started_at), 'ledger': first_day(run)}
    paths = [path for table, day in first.items() for path in lake.files_since(table, day)]
    return frozenset((path, version) for path in paths if (version := _version(lake, path)) is not _GONE)


def of_run(lake: Lake, run: RunSettings, before: Files = frozenset()) -> RunFacts:
    """The facts of a run. Memory: a day's ledger rows, and the run's own, as arrays of 400 bytes a row.

    Args:
        before: ``files_now`` of when the run began; they are not read.
    """
    polls = _rows(lake, run, 'polls', _POLL, day_of(run.started_at), before)
    # Waiting items keep the day on which they were first seen.
    last = last_attempts(_rows(lake, run, 'ledger', _LEDGER, first_day(run), before))
    items = last.filter(pc.equal(last['subject'], Subject.ITEM.value))
    shown, unchanged = (pc.sum(polls[name]).as_py() or 0 for name in ('items_shown', 'items_unchanged'))
    sighted = pc.sum(pc.is_in(items['poll_id'], polls['poll_id'].combine_chunks())).as_py() or 0
    revisited = items['poll_id'].null_count
    written = items.filter(pc.is_in(items['disposition'], _WRITTEN))
    texts = _Texts(lake, written)
    faults = []
    if shown != unchanged + sighted:
        faults.append(
            f'The books do not balance: the feeds showed {shown} items, but {unchanged} unchanged and '
            f'{sighted} in the ledger do not add up to that. Run: dateline check {lake.root}'
        )
    if missing := len(written) - texts.found:
        faults.append(f'{missing} items count as written, but their rows are not in articles.')
    return RunFacts(
        feeds=dict(collections.Counter(polls['status'].to_pylist())),
        items_shown=shown,
        items_unchanged=unchanged,
        taken_up=len(items) - sighted - revisited,
        revisited=revisited,
        dispositions=_counted(items),
        refused=tuple(_refused(last)),
        written=len(written),
        has_articles=len(written) > 0 or bool(lake.files('articles')),
        articles=tuple(texts.newest()),
        untagged=dict(texts.untagged),
        from_feed=texts.from_feed,
        article_files=texts.partitions,
        faults=tuple(faults),
    )


def _version(lake: Lake, path: str) -> Optional[Hashable]:
    try:
        return lake.storage.version(path)
    except FileNotFoundError:  # a compaction has exchanged it
        return _GONE


def _rows(
    lake: Lake, run: RunSettings, table: str, columns: Iterable[str], day: str, before: Files
) -> pa.Table:
    """The run's rows since a day, a day at a time: of a large lake they are few."""
    names = tuple(columns)
    parts = [lake.read(table, (), names)]
    for partition, paths in lake.by_partition(table):
        new = [path for path in paths if (path, _version(lake, path)) not in before] if before else paths
        if partition[0] >= day and new:
            rows = lake.read_settled(table, new, names)
            own = rows.filter(pc.equal(rows['run_id'], run.run_id))
            if own.num_rows:
                parts.append(own)
    return pa.concat_tables(parts, promote_options='permissive')


def _counted(items: pa.Table) -> dict[tuple[str, Optional[str]], int]:
    counted = items.group_by(['disposition', 'reason']).aggregate([([], 'count_all')]).to_pylist()
    return {(row['disposition'], row['reason']): row['count_all'] for row in counted}


def _refused(last: pa.Table) -> Iterator[dict[str, Any]]:
    with_reason = last.filter(pc.is_valid(last['reason']))
    yield from with_reason.filter(pc.equal(with_reason['subject'], Subject.FEED.value)).to_pylist()
    for reason in WORTH_A_LINE:
        same = with_reason.filter(pc.equal(with_reason['reason'], reason))
        yield from same.sort_by('sighting_id').slice(0, 1).to_pylist()


class _Texts:
    """What the lake has of the rows that count as written, a partition at a time."""

    def __init__(self, lake: Lake, written: pa.Table) -> None:
        self._lake = lake
        self._wanted = written['row_id'].combine_chunks()
        places = written.select(['article_date', 'article_outlet']).group_by(
            ['article_date', 'article_outlet']
        )
        rows = places.aggregate([]).to_pylist()
        self._places = sorted(((row['article_date'], row['article_outlet']) for row in rows), reverse=True)
        self.partitions = len(self._places)
        self.found = self.from_feed = 0
        self.untagged: collections.Counter[str] = collections.Counter()
        for place in self._places:
            own = self._own(place, _SHORT)
            self.found += own.num_rows
            self.from_feed += pc.sum(pc.equal(own['content_from'], ContentFrom.FEED.value)).as_py() or 0
            untagged = own.filter(pc.invert(pc.fill_null(pc.not_equal(own['entities_model'], ''), False)))
            self.untagged.update(language or 'unknown' for language in untagged['language'].to_pylist())

    def newest(self) -> list[dict[str, Any]]:
        """Rows of the newest partitions, with their date and outlet; those of an outlet newest first."""
        found: list[dict[str, Any]] = []
        for date, outlet in self._places:
            own = self._own((date, outlet), _ARTICLE)
            rows = own.sort_by([('published_at', 'descending'), ('title', 'ascending')]).slice(0, SHOWN)
            rows = rows.to_pylist()
            found += [row | {'date': date, 'outlet': outlet} for row in rows]
            if len(found) >= SHOWN:
                break
        return found[:SHOWN]

    def _own(self, place: tuple[str, str], columns: tuple[str, ...]) -> pa.Table:
        paths = files_with(self._lake, 'articles', place, 'row_id', self._wanted)
        rows = self._lake.read_settled('articles', paths, columns)
        return rows.filter(pc.is_in(rows['row_id'], self._wanted))
