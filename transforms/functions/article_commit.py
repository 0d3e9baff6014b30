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
import pyarrow.compute as pc

from schemas.articles import CONTENT_FIELD
from schemas.feeds import Sighting
from schemas.ledger import LedgerRow
from schemas.staging import CommittedText, StagedArticle
from schemas.tables import TABLES
from schemas.vocabulary import ContentFrom, Disposition
from transforms.functions.article_homes import homes_elsewhere
from transforms.functions.article_rows import sightings_from_json
from transforms.functions.article_versions import ASSIGNED, DECIDED_BY, Histories, Placement
from transforms.functions.forgotten import DETAIL, forgotten_articles
from transforms.functions.held_ids import files_with
from transforms.functions.lake import Lake, Partition
from transforms.functions.lake_rows import plain_rows
from transforms.functions.ledger_rows import item_row
from transforms.functions.staged_articles import StagedFile, rows_of, staged_file
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
    read: Optional[Callable[[str], StagedFile]] = None,
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
    if not refs:
        return ArticleCommit((), ())
    staged = rows_of(refs, read or partial(staged_file, lake))
    paths = sorted({ref.path for ref in refs})
    elsewhere: dict[str, Partition] = {}

    def commit() -> ArticleCommit:
        elsewhere.clear()
        elsewhere.update(_elsewhere(lake, partition, staged, paths, run_id, since))
        here = _without(staged, elsewhere) if elsewhere else staged
        return _commit(lake, partition, here, run_id, now, keep_entries)

    done = lake.commit(commit, alone=since is not None)
    for home in sorted(set(elsewhere.values())):
        others = [article_id for article_id, place in elsewhere.items() if place == home]
        rows = staged.filter(pc.is_in(staged['article_id'], pa.array(others, pa.string())))
        # Alone: threads share the lease since each commits to its own partition, and this is another's.
        more = lake.commit(partial(_commit, lake, home, rows, run_id, now, keep_entries), alone=True)
        done = ArticleCommit(done.ledger + more.ledger, done.written + more.written)
    return done


def _files_with(lake: Lake, partition: Partition, staged: pa.Table) -> list[str]:
    """The files of the partition that may hold versions of these articles."""
    return files_with(lake, 'articles', partition, 'article_id', staged['article_id'])


def _without(staged: pa.Table, articles: Iterable[str]) -> pa.Table:
    return staged.filter(pc.invert(pc.is_in(staged['article_id'], pa.array(list(articles), pa.string()))))


def _elsewhere(
    lake: Lake,
    partition: Partition,
    staged: pa.Table,
    paths: list[str],
    run_id: str,
    since: Optional[int],
) -> dict[str, Partition]:
    """The partitions of articles that are in another one than this."""
    unknown = set(staged['article_id'].to_pylist())
    for path in _files_with(lake, partition, staged):
        unknown -= set(lake.read('articles', [path], ('article_id',))['article_id'].to_pylist())
    return homes_elsewhere(lake, partition, unknown, paths, run_id, since)


# What the ledger and the search for duplicates are told, beside what decides.
_ANSWERED_WITH = ('first_seen_at', 'final_url', 'agency', 'signature', 'staged_sightings')


def _commit(
    lake: Lake,
    partition: Partition,
    staged: pa.Table,
    run_id: str,
    now: int,
    keep_entries: bool,
) -> ArticleCommit:
    histories = Histories(lake, _files_with(lake, partition, staged), staged)
    fresh: list[Placement] = []
    there: list[Placement] = []  # in the lake already; their mentions may not be
    ledger: list[LedgerRow] = []
    gone = forgotten_articles(lake)
    answer = partial(item_row, run_id=run_id, decided_at=now, keep_entry=keep_entries)
    for index, row in enumerate(plain_rows(staged.select((*DECIDED_BY, *_ANSWERED_WITH)))):
        if row['article_id'] in gone:
            ledger += _refusals(row, run_id, now)
            continue
        placed = histories.place(index, row, now)
        if placed.commits is not None:
            (fresh if placed.commits == 'all' else there).append(placed)
        detail = _content_detail(row, placed.version, staged['evidence'][index])
        ledger += _answers(placed, partition, detail, answer)
    made = {}
    if fresh:
        made['articles'] = _assigned(_take(staged, [placed.index for placed in fresh]), fresh)
    mentions = _missing_mentions(lake, partition, staged, fresh + there, run_id)
    if mentions.num_rows:
        made['mentions'] = mentions
    if made:
        lake.publish_all(made, partition, run_id)
    written = tuple(
        CommittedText(
            placed.row['text_hash'],
            placed.version['row_id'],
            placed.row['article_id'],
            placed.row['first_seen_at'],
            partition[0],
            partition[1],
            placed.row['signature'],
            placed.row['agency'],
        )
        for placed in fresh + there
    )
    return ArticleCommit(tuple(ledger), written)


def _take(rows: pa.Table, places: list[int]) -> pa.Table:
    # As a rule it is all of them; taking those would copy them.
    return rows if places == list(range(rows.num_rows)) else rows.take(pa.array(places, pa.int64()))


def _assigned(rows: pa.Table, fresh: list[Placement]) -> pa.Table:
    columns = dict(zip(rows.schema.names, rows.columns, strict=True))
    for name in ASSIGNED:
        columns[name] = pa.array([placed.version[name] for placed in fresh], rows.schema.field(name).type)
    return pa.table(columns, schema=rows.schema)


def _answers(
    placed: Placement,
    partition: Partition,
    detail: Optional[str],
    answer: Callable[..., LedgerRow],
) -> Iterable[LedgerRow]:
    """The ledger rows of a staged row: its own sighting's, and those that led to the same page."""
    row = placed.row
    for number, sighting in enumerate(sightings_from_json(row['staged_sightings'])):
        own = number == 0
        yield answer(
            sighting,
            placed.disposition if own else _disposition_of_other(sighting, row),
            final_url=row['final_url'],
            article_id=row['article_id'],
            row_id=placed.version['row_id'],
            article_date=partition[0],
            article_outlet=partition[1],
            detail=detail,
        )


def _content_detail(row: dict[str, Any], version: dict[str, Any], evidence: pa.Scalar) -> Optional[str]:
    """What the ledger says where the text at hand was the feed's and not the page's."""
    if row['content_from'] != ContentFrom.FEED:
        return None
    if version['content_from'] != ContentFrom.FEED:
        return 'the page could not be had or shows less; its text stays'
    losers = [one for one in evidence.as_py() or () if one['field'] == CONTENT_FIELD and not one['chosen']]
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


def _missing_mentions(
    lake: Lake,
    partition: Partition,
    staged: pa.Table,
    written: list[Placement],
    run_id: str,
) -> pa.Table:
    """The mentions of what is written, as far as the lake does not have them."""
    taken = _take(staged.select(['staged_mentions']), [placed.index for placed in written])
    lists = taken['staged_mentions'].combine_chunks()
    flat, of = pc.list_flatten(lists), pc.list_parent_indices(lists)
    if not len(flat):
        return TABLES['mentions'].schema.empty_table()
    columns = {field.name: flat.field(place) for place, field in enumerate(flat.type)}
    columns['row_id'] = pa.array([placed.version['row_id'] for placed in written], pa.string()).take(of)
    columns['article_id'] = pa.array([placed.row['article_id'] for placed in written], pa.string()).take(of)
    columns['run_id'] = pa.repeat(pa.scalar(run_id), len(flat))
    names = TABLES['mentions'].schema.names
    return drop_known(lake, 'mentions', partition, pa.table({name: columns[name] for name in names}))
