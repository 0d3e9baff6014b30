"""The commit of articles: what becomes of each staged row, decided by one writer per partition.

The writer reads what the partition holds, gives each new row its version and its id, drops repeats, writes
one file of articles and one of mentions, and answers what became of every sighting. A commit that happens
twice, in whole or in part, leaves one result.
"""

import dataclasses
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Optional

import pyarrow as pa

from schemas.articles import CONTENT_FIELD
from schemas.feeds import Sighting
from schemas.ledger import LedgerRow
from schemas.staging import CommittedText, StagedArticle
from schemas.tables import TABLES
from schemas.vocabulary import ContentFrom, Disposition
from transforms.functions.article_homes import homes_elsewhere
from transforms.functions.article_rows import sightings_from_json
from transforms.functions.article_versions import Histories
from transforms.functions.forgotten import DETAIL, forgotten_articles
from transforms.functions.lake import Lake, Partition, rows_to_table
from transforms.functions.ledger_rows import item_row
from transforms.functions.staged_articles import StagedRows, rows_of, staged_rows
from transforms.functions.table_commit import drop_known


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
    read: Optional[Callable[[str], StagedRows]] = None,
    keep_entries: bool = False,
    since: Optional[int] = None,
) -> ArticleCommit:
    """Commits staged rows to one partition (date, outlet).

    ``now`` is in microseconds UTC. ``read`` gives a staged file's rows; one that remembers them spares
    reading the same files for each partition. ``keep_entries``: the ledger keeps the feed entries, for pages
    that are to be looked at again. ``since`` is for a run that commits an article more than once, as it comes
    in: what it has committed itself since then (microseconds UTC) is looked at as others' work is.

    Articles that another writer has committed to another partition meanwhile go there.
    """
    refs = list(refs)
    staged = rows_of(refs, read or partial(staged_rows, lake))
    paths = sorted({ref.path for ref in refs})
    elsewhere: dict[str, Partition] = {}

    def commit() -> ArticleCommit:
        elsewhere.clear()
        elsewhere.update(_elsewhere(lake, partition, staged, paths, run_id, since))
        here = [row for row in staged if row['article_id'] not in elsewhere]
        return _commit(lake, partition, here, run_id, now, keep_entries)

    done = lake.commit(commit, alone=since is not None)
    for home in sorted(set(elsewhere.values())):
        rows = [row for row in staged if elsewhere.get(row['article_id']) == home]
        # Alone: threads share the lease since each commits to its own partition, and this is another's.
        more = lake.commit(partial(_commit, lake, home, rows, run_id, now, keep_entries), alone=True)
        done = ArticleCommit(done.ledger + more.ledger, done.written + more.written)
    return done


def _elsewhere(
    lake: Lake,
    partition: Partition,
    staged: list[dict[str, Any]],
    paths: list[str],
    run_id: str,
    since: Optional[int],
) -> dict[str, Partition]:
    """The partitions of articles that are in another one than this."""
    unknown = {row['article_id'] for row in staged}
    for path in lake.files('articles', partition):
        unknown -= set(lake.read('articles', [path], ('article_id',))['article_id'].to_pylist())
    return homes_elsewhere(lake, partition, unknown, paths, run_id, since)


def _commit(
    lake: Lake,
    partition: Partition,
    staged: list[dict[str, Any]],
    run_id: str,
    now: int,
    keep_entries: bool,
) -> ArticleCommit:
    paths = lake.files('articles', partition)
    histories = Histories(lake, paths, {row['article_id'] for row in staged})
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
            detail=_content_detail(row, article),
            keep_entry=keep_entries,
        )


def _content_detail(row: dict[str, Any], article: dict[str, Any]) -> Optional[str]:
    """What the ledger says where the text at hand was the feed's and not the page's."""
    if row['content_from'] != ContentFrom.FEED:
        return None
    if article['content_from'] != ContentFrom.FEED:
        return 'the page could not be had or shows less; its text stays'
    losers = [one for one in row['evidence'] or () if one['field'] == CONTENT_FIELD and not one['chosen']]
    page = losers[0]['value'] if losers else 'not asked for'
    return f'text from the feed; the page: {page}'


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
