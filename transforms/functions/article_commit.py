"""The commit of articles: what becomes of each staged row, decided by one writer per partition.

The writer reads what the partition holds, gives each new row its version and its id, drops repeats, writes
one file of articles and one of mentions, and answers what became of every sighting. A commit that happens
twice, in whole or in part, leaves one result.
"""

import dataclasses
import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Optional

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.feeds import Sighting
from schemas.ids import hash_id
from schemas.ledger import LedgerRow
from schemas.staging import CommittedText, StagedArticle
from schemas.tables import TABLES
from schemas.vocabulary import Disposition
from transforms.functions.article_rows import STAGED_SCHEMA, sightings_from_json
from transforms.functions.forgotten import DETAIL, forgotten_articles
from transforms.functions.lake import Lake, Partition, rows_to_table
from transforms.functions.ledger_rows import item_row
from transforms.functions.table_commit import drop_known

# What an edit is made of: a difference in one of these is named in `changed`.
COMPARED = ('title', 'standfirst', 'body', 'authors', 'published_at', 'modified_at', 'section', 'dateline')
_KNOWN = (
    'row_id', 'article_id', 'version', 'text_hash', 'feed_url', 'feed_item_id', 'sighting_id', 'run_id',
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class ArticleCommit:
    """What a commit did: ledger rows of all its sightings, and the rows it wrote."""

    ledger: tuple[LedgerRow, ...]
    written: tuple[CommittedText, ...]


def commit_articles(
    lake: Lake,
    partition: Partition,
    refs: Iterable[StagedArticle],
    run_id: str,
    now: int,
    read: Optional[Callable[[str], pa.Table]] = None,
    keep_entries: bool = False,
) -> ArticleCommit:
    """Commits staged rows to one partition (date, outlet).

    ``now`` is in microseconds UTC. ``read`` gives a staged file's rows; one that remembers them spares
    reading the same files for each partition. ``keep_entries``: the ledger keeps the feed entries, for pages
    that are to be looked at again.
    """
    staged = _read_staged(refs, read or partial(read_staged_file, lake))
    return lake.commit(lambda: _commit(lake, partition, staged, run_id, now, keep_entries))


def _commit(
    lake: Lake,
    partition: Partition,
    staged: list[dict[str, Any]],
    run_id: str,
    now: int,
    keep_entries: bool,
) -> ArticleCommit:
    paths = lake.files('articles', partition)
    histories = _Histories(lake, paths)
    fresh: list[dict[str, Any]] = []
    there: list[dict[str, Any]] = []  # replayed rows that are in the lake already; their mentions may not be
    ledger: list[LedgerRow] = []
    gone = forgotten_articles(lake)
    for row in staged:
        if row['article_id'] in gone:
            ledger += _refusals(row, run_id, now)
            continue
        disposition, article_row = histories.place(row, now)
        if disposition in (Disposition.WRITTEN, Disposition.UPDATED):
            (there if article_row.get('replayed') else fresh).append(article_row)
        ledger += _answers(row, disposition, article_row, partition, run_id, now, keep_entries)
    if fresh:
        lake.publish('articles', partition, rows_to_table(fresh, _article_schema()), run_id)
    _commit_mentions(lake, partition, fresh + there, run_id)
    written = tuple(
        CommittedText(
            row['text_hash'],
            row['row_id'],
            row['article_id'],
            row['first_seen_at'],
            partition[0],
            partition[1],
            row['signature'],
            row['agency'],
        )
        for row in fresh + there
    )
    return ArticleCommit(tuple(ledger), written)


class _Histories:
    """The versions of the articles of one partition: those in the lake, then those of this commit."""

    def __init__(self, lake: Lake, paths: list[str]) -> None:
        self._lake = lake
        self._paths = paths
        self._rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for path in paths:
            for row in lake.read('articles', [path], _KNOWN).to_pylist():
                self._rows[row['article_id']].append(row | {'path': path})
        for versions in self._rows.values():
            versions.sort(key=lambda row: row['version'])

    def place(self, row: dict[str, Any], now: int) -> tuple[Disposition, dict[str, Any]]:
        """What becomes of a staged row, and the article row that it became or was found to be."""
        versions = self._rows[row['article_id']]
        for known in versions:
            if all(known[key] == row[key] for key in ('sighting_id', 'text_hash', 'run_id')):
                first = known['version'] == 1
                replayed = row | known | {'replayed': True}
                return Disposition.WRITTEN if first else Disposition.UPDATED, replayed
        latest = versions[-1] if versions else None
        if latest and latest['text_hash'] == row['text_hash']:
            same_item = all(latest[key] == row[key] for key in ('feed_url', 'feed_item_id'))
            return Disposition.UNCHANGED if same_item else Disposition.DUPLICATE_URL, latest
        before = latest['text_hash'] if latest else ''
        row_id = hash_id(row['article_id'], row['text_hash'], before)
        for known in versions:
            if known['row_id'] == row_id:  # an edit that was undone and made again
                return Disposition.UNCHANGED, known
        changed, share = self._changes(latest, row) if latest else ([], None)
        version = latest['version'] + 1 if latest else 1
        new = row | {
            'row_id': row_id,
            'version': version,
            'changed': changed,
            'changed_share': share,
            'ingested_at': now,
        }
        versions.append(new)
        return Disposition.UPDATED if latest else Disposition.WRITTEN, new

    def _changes(self, latest: dict[str, Any], row: dict[str, Any]) -> tuple[list[str], float]:
        if 'body' not in latest:
            compared = ('row_id', 'extractor_version', *COMPARED)
            table = self._lake.read('articles', [latest['path']], compared)
            full = next(r for r in _plain_rows(table) if r['row_id'] == latest['row_id'])
            latest.update(full)
        changed = [name for name in COMPARED if latest.get(name) != row.get(name)]
        if latest.get('extractor_version') != row.get('extractor_version'):
            changed.append('extractor')
        return changed, changed_share(latest['body'], row['body'])


def changed_share(before: str, after: str) -> float:
    """The share of words that differ between two texts, 0 to 1 (one less difflib's ratio over words).

    >>> changed_share('one two three four', 'one two three five')
    0.25
    """
    return 1 - difflib.SequenceMatcher(None, before.split(), after.split(), autojunk=False).ratio()


def _answers(
    row: dict[str, Any],
    disposition: Disposition,
    article: dict[str, Any],
    partition: Partition,
    run_id: str,
    now: int,
    keep_entries: bool,
) -> Iterable[LedgerRow]:
    """The ledger rows of a staged row: its own sighting's, and those that led to the same page."""
    for number, sighting in enumerate(sightings_from_json(row['staged_sightings'])):
        own = number == 0
        yield item_row(
            sighting,
            disposition if own else _disposition_of_other(sighting, row),
            run_id=run_id,
            decided_at=now,
            final_url=row['final_url'],
            article_id=row['article_id'],
            row_id=article['row_id'],
            article_date=partition[0],
            article_outlet=partition[1],
            keep_entry=keep_entries,
        )


def _refusals(row: dict[str, Any], run_id: str, now: int) -> Iterable[LedgerRow]:
    """The ledger rows of a staged row of an article that was forgotten on request."""
    for sighting in sightings_from_json(row['staged_sightings']):
        yield item_row(
            sighting,
            Disposition.REJECTED,
            run_id=run_id,
            decided_at=now,
            detail=DETAIL,
            article_id=row['article_id'],  # by which the commit of the ledger knows what to empty
        )


def _disposition_of_other(sighting: Sighting, row: dict[str, Any]) -> Disposition:
    same_item = (sighting.feed_url, sighting.item_id) == (row['feed_url'], row['feed_item_id'])
    return Disposition.UNCHANGED if same_item else Disposition.DUPLICATE_URL


def _read_staged(refs: Iterable[StagedArticle], read: Callable[[str], pa.Table]) -> list[dict[str, Any]]:
    """The staged rows in an order that does not depend on how they arrived."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for ref in refs:
        wanted[ref.path].add(ref.index)
    rows: list[dict[str, Any]] = []
    for path in sorted(wanted):
        rows += _plain_rows(read(path).take(sorted(wanted[path])))
    return sorted(rows, key=lambda row: (row['first_seen_at'], row['fetched_at'], row['sighting_id']))


def read_staged_file(lake: Lake, path: str) -> pa.Table:
    """A staged file's rows."""
    with lake.storage.open(path) as source, pq.ParquetFile(source) as file:
        return file.read().cast(STAGED_SCHEMA)


def _plain_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Rows as dicts, times as microseconds: Python's datetime would cost and gain nothing here."""
    for number, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(number, field.name, table[field.name].cast(pa.int64()))
    return table.to_pylist()


def _article_schema() -> pa.Schema:
    return TABLES['articles'].schema


def _commit_mentions(lake: Lake, partition: Partition, articles: list[dict[str, Any]], run_id: str) -> None:
    schema = TABLES['mentions'].schema
    rows = [
        mention | {'row_id': row['row_id'], 'article_id': row['article_id'], 'run_id': run_id}
        for row in articles
        for mention in row['staged_mentions'] or ()
    ]
    if not rows:
        return
    table = rows_to_table(rows, schema)
    missing = drop_known(lake, 'mentions', partition, table)
    if missing.num_rows:
        lake.publish('mentions', partition, missing, run_id)
