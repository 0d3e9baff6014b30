"""Forgetting an article on request: its rows go from all tables, and a tombstone keeps it from coming back.

The tombstone comes first, then articles, mentions, links and the ledger: killed anywhere in between, the same
command goes on where it was. The ledger's rows stay, or the books of polls would not balance, but for the
time, the feed and the poll nothing is left in them.
"""

import dataclasses
import functools
from collections.abc import Iterator, Sequence
from typing import Optional

import pyarrow as pa
import pyarrow.compute as pc

from schemas.ids import hash_id
from transforms.functions.article_rows import moment_text
from transforms.functions.forgotten import Forgotten, forget_for_good, tombstone_of
from transforms.functions.lake import Lake, Partition
from transforms.functions.ledger_scrubbing import has_id, has_url, url_hashes
from transforms.functions.recovery import interrupted_runs
from transforms.functions.upkeep.maintenance import open_work
from transforms.functions.upkeep.removals import DropArticle, DropLinks, ScrubLedger, rewrite
from transforms.functions.upkeep.row_groups import batches
from transforms.functions.urls import normalise_url, url_key

_LEDGER = ('article_id', 'row_id', 'url_key', 'final_url', 'article_date', 'article_outlet')
_ARTICLES = ('article_id', 'row_id', 'url_key', 'url', 'final_url')
# Each further time a compaction has come in between.
_TRIES = 20


class UnknownArticle(Exception):
    """The lake knows no such article, or more than one could be meant; the message says which."""


@dataclasses.dataclass(frozen=True)
class Removed:
    """What was removed: rows per table (of the ledger those that were emptied), and things to know."""

    article_id: str
    rows: dict[str, int]
    notes: tuple[str, ...] = ()


@dataclasses.dataclass
class _Subject:
    """What is known of the article: hashes of its URLs' keys, its rows' ids, and where they are."""

    article_id: str
    urls: set[str]
    rows: set[str]
    known: bool
    places: set[Partition] = dataclasses.field(default_factory=set)


def forget(lake: Lake, given: str, now: int, anyway: bool = False) -> Removed:
    """Removes the article with this id or URL (any that the lake knows it by), and leaves a tombstone.

    ``now`` is in microseconds UTC. ``anyway``: also what the lake has never seen gets its tombstone.
    Raises UnknownArticle, DamagedFile, ExchangeUnsupported, LeaseTimeout, NotWritable.
    """
    with open_work(lake, 'forget') as work:
        subject = _find(lake, given)
        if not subject.known and not anyway:
            raise UnknownArticle(
                f'{given}: the lake knows no such article; with --anyway it is kept from coming all the same'
            )
        gone = Forgotten(frozenset([subject.article_id]), frozenset(subject.urls), frozenset(subject.rows))
        forget_for_good(lake, gone, moment_text(now))
        places = sorted(subject.places)
        rows = {
            table: sum(rewrite(work, table, one, functools.partial(change, gone)) for one in partitions)
            for table, partitions, change in (
                ('articles', places, DropArticle),
                ('mentions', places, DropArticle),
                ('links', _partitions(lake, 'links'), DropLinks),
                ('ledger', _partitions(lake, 'ledger'), ScrubLedger),
            )
        }
        return Removed(subject.article_id, rows, tuple(_notes(lake, gone)))


def _find(lake: Lake, given: str) -> _Subject:
    """The one article that is meant, as far as ledger, articles and an earlier tombstone know it."""
    is_id = len(given) == 32 and set(given) <= set('0123456789abcdef')
    if not is_id and normalise_url(given) is None:
        raise UnknownArticle(
            f'{given or repr(given)}: is neither an article_id (32 hexadecimal digits) nor a URL'
        )
    # An article's id is the hash of its own URL's key.
    own = given if is_id else hash_id(url_key(given))
    earlier = tombstone_of(lake, own)
    named = Forgotten(frozenset([own]), frozenset() if is_id else frozenset([own]))
    ids, sighted = set(earlier.articles), False
    for table, columns in (('ledger', _LEDGER), ('articles', _ARTICLES)):
        if ids:  # a killed run leaves articles without ledger rows; otherwise the ledger is enough
            break
        for _, rows in _read(lake, table, columns):
            found = rows.filter(
                has_id(rows, named) if is_id else pc.or_(has_id(rows, named), has_url(rows, named))
            )
            sighted = sighted or bool(len(found))
            ids.update(pc.unique(found['article_id']).drop_null().to_pylist())
    if own in ids or not ids:  # a page that leads elsewhere by now: its own address decides
        ids = {own}
    if len(ids) > 1:
        raise UnknownArticle(f'{given}: {len(ids)} articles could be meant: {", ".join(sorted(ids))}')
    urls = {*earlier.urls, *named.urls}
    subject = _Subject(ids.pop(), urls, set(earlier.rows), sighted or bool(earlier.articles))
    _complete(lake, subject)
    return subject


def _complete(lake: Lake, subject: _Subject) -> None:
    """Adds where the article is and all its URLs, but for those that have led to another article too."""
    gone = Forgotten(frozenset([subject.article_id]))
    for _, rows in _read(lake, 'ledger', _LEDGER):
        own = rows.filter(has_id(rows, gone))
        _learn(subject, own)
        for row in own.select(['article_date', 'article_outlet']).to_pylist():
            if None not in row.values():
                subject.places.add(tuple(row.values()))
    there = _partitions(lake, 'articles')
    for partition, rows in _read(lake, 'articles', _ARTICLES, sorted(subject.places) or there):
        own = rows.filter(has_id(rows, gone))
        _learn(subject, own)
        subject.places |= {partition} if len(own) else set()
    # The last pass is only for articles that have had several.
    urls = Forgotten(urls=frozenset(subject.urls - {subject.article_id}))
    for _, rows in _read(lake, 'ledger', _LEDGER, None if urls.urls else ()):
        others = rows.filter(pc.and_(pc.is_valid(rows['row_id']), pc.invert(has_id(rows, gone))))
        subject.urls -= url_hashes(others.filter(has_url(others, urls)))
    subject.urls.add(subject.article_id)


def _learn(subject: _Subject, rows: pa.Table) -> None:
    subject.known = subject.known or bool(len(rows))
    subject.urls |= url_hashes(rows)
    subject.rows |= set(pc.unique(rows['row_id']).drop_null().to_pylist())


def _partitions(lake: Lake, table: str) -> list[Partition]:
    return sorted({lake.partition_of(table, path) for path in lake.files(table)})


def _read(
    lake: Lake, table: str, columns: Sequence[str], partitions: Optional[Sequence[Partition]] = None
) -> Iterator[tuple[Partition, pa.Table]]:
    """Some rows at a time of the columns; those that an old file lacks are null. Rows may come twice."""
    for partition in _partitions(lake, table) if partitions is None else partitions:
        for left in reversed(range(_TRIES)):
            try:
                for path in lake.files(table, partition):
                    for rows in batches(lake, path, list(columns)):
                        yield partition, _with_all(rows, columns)
                break
            except FileNotFoundError:
                if not left:
                    raise


def _with_all(rows: pa.Table, columns: Sequence[str]) -> pa.Table:
    for name in columns:
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.nulls(len(rows), pa.string()))
    return rows


def _notes(lake: Lake, gone: Forgotten) -> Iterator[str]:
    """Runs that have the article in what they staged: their commit will see the tombstone."""
    for run_id in interrupted_runs(lake):
        for path in lake.storage.list_files(f'{lake.staging(run_id)}/articles'):
            if not path.endswith('.parquet'):
                continue
            try:
                parts = list(batches(lake, path, ['article_id']))
            except FileNotFoundError:
                continue  # committed meanwhile
            if any(pc.any(has_id(rows, gone)).as_py() for rows in parts):
                yield f'run {run_id} has staged it; what it staged goes when that run ends or is completed'
                break
