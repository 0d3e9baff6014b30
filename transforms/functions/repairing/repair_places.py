"""Rows that are in more than one partition, and a ledger that names another than the one their article is in.

So it is after two writers at once where there is no lease (object stores), or whose outlets' registries
differ; by the lease each of them sees what the other has committed.
"""

import functools
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Optional

import pyarrow as pa
import pyarrow.compute as pc

from schemas.tables import TABLES
from transforms.functions.lake import Lake, Partition
from transforms.functions.repairing.repaired_rows import rows_where
from transforms.functions.repairing.rewriting import rewrite
from transforms.functions.table_commit import DAY_COLUMN, add_rows


def gather_articles(lake: Lake, run_id: str) -> Iterator[str]:
    """Brings the versions of an article that are in several partitions into one; a sentence in all.

    It is the one that the ledger names; of several that of the version that was committed first.
    """
    scattered = _in_several(lake, 'articles', ('article_id',))
    if not scattered.num_rows:
        return
    wanted = set(scattered['article_id'].to_pylist())

    def gather() -> int:
        by_way: dict[tuple[Partition, Partition], set[str]] = defaultdict(set)
        for article_id, rows in _by_article(lake, wanted).items():
            home = min(rows, key=lambda row: (not row['named'], row['ingested_at'], row['partition']))
            for row in rows:
                if row['partition'] != home['partition']:
                    by_way[row['partition'], home['partition']].add(article_id)
        for (away, to), ids in sorted(by_way.items()):
            _move(lake, ids, away, to, run_id)
        moved = set().union(*by_way.values())
        _correct(lake, run_id, moved)  # or the rows would go back to where the ledger says
        return len(moved)

    if count := lake.commit(gather, alone=True):
        yield f'{count} articles were in more than one partition and are in that of their first version'


def drop_rows_of_two_days(lake: Lake, run_id: str) -> Iterator[str]:
    """Drops rows of the small tables that an earlier day has too; a sentence for each partition."""
    for table in DAY_COLUMN:
        ids = TABLES[table].row_id
        doubled = _in_several(lake, table, ids)
        if not doubled.num_rows:
            continue
        first: dict[tuple[Any, ...], Partition] = {}
        for partition, paths in lake.by_partition(table):
            rows = lake.read_settled(table, paths, ids).join(doubled, list(ids), join_type='left semi')
            for row in rows.to_pylist():
                first.setdefault(tuple(row.values()), partition)
        for partition in sorted({p for p, _ in lake.by_partition(table)}):
            if rewrite(lake, table, partition, functools.partial(_not_first, ids, first, partition), run_id):
                yield f'{lake.folder(table, partition)}: rows that are in an earlier day too were dropped'


def correct_places(lake: Lake, run_id: str) -> Iterator[str]:
    """Makes ledger rows name the partition that the row of their article is in; a sentence in all."""
    if count := _correct(lake, run_id):
        yield f'{count} ledger rows name the partition that their article is in now'


def _correct(lake: Lake, run_id: str, article_ids: Optional[set[str]] = None) -> int:
    parts = []
    for partition, paths in lake.by_partition('articles'):
        rows = lake.read_settled('articles', paths, ('row_id', 'article_id'))
        if article_ids is not None:
            rows = rows.filter(pc.is_in(rows['article_id'], pa.array(sorted(article_ids), pa.string())))
        parts.append(_with_place(rows.select(['row_id']), partition))
    count = 0
    places = pa.concat_tables(parts) if parts else None
    for partition, paths in lake.by_partition('ledger') if places is not None else ():
        rows = lake.read_settled('ledger', paths, ('row_id', 'article_date', 'article_outlet'))
        if off := len(_off(rows, places)):
            changed = rewrite(lake, 'ledger', partition, functools.partial(_placed, places), run_id)
            count += off if changed else 0
    return count


def _in_several(lake: Lake, table: str, ids: tuple[str, ...]) -> pa.Table:
    """The ids that are in several partitions."""
    parts = [TABLES[table].schema.empty_table().select(list(ids))]
    for _, paths in lake.by_partition(table):
        parts.append(lake.read_settled(table, paths, ids).group_by(list(ids)).aggregate([]))
    counted = pa.concat_tables(parts, promote_options='default').group_by(list(ids))
    found = counted.aggregate([([], 'count_all')])
    return found.filter(pc.greater(found['count_all'], 1)).select(list(ids))


def _by_article(lake: Lake, article_ids: set[str]) -> dict[str, list[dict[str, Any]]]:
    """The rows of the articles: partition, ``ingested_at``, and whether the ledger names them there."""
    found = rows_where(lake, 'articles', ('article_id', 'row_id', 'ingested_at'), 'article_id', article_ids)
    columns = ('row_id', 'article_date', 'article_outlet')
    said = {
        (row['row_id'], (row['article_date'], row['article_outlet']))
        for row in rows_where(lake, 'ledger', columns, 'row_id', {row['row_id'] for row in found})
    }
    by_article: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in found:
        named = (row['row_id'], row['partition']) in said
        by_article[row['article_id']].append(row | {'named': named})
    return by_article


def _move(lake: Lake, article_ids: set[str], away: Partition, home: Partition, run_id: str) -> None:
    """Killed in between, this leaves rows twice, and is repeated by the next repair."""
    wanted = pa.array(sorted(article_ids), pa.string())

    def without(rows: pa.Table) -> Optional[pa.Table]:
        own = pc.is_in(rows['article_id'], wanted)
        return rows.filter(pc.invert(own)) if pc.any(own).as_py() else None

    for table in ('articles', 'mentions'):
        rows = lake.read(table, lake.files(table, away))
        add_rows(lake, table, home, rows.filter(pc.is_in(rows['article_id'], wanted)), run_id)
    for table in ('mentions', 'articles'):
        rewrite(lake, table, away, without, run_id)


def _not_first(
    ids: tuple[str, ...], first: dict[tuple[Any, ...], Partition], partition: Partition, rows: pa.Table
) -> Optional[pa.Table]:
    keys = (tuple(row.values()) for row in rows.select(list(ids)).to_pylist())
    keep = [number for number, key in enumerate(keys) if first.get(key, partition) == partition]
    return rows.take(pa.array(keep, pa.int64())) if len(keep) < len(rows) else None


def _with_place(rows: pa.Table, partition: Partition) -> pa.Table:
    for name, value in zip(('date', 'outlet'), partition, strict=True):
        rows = rows.append_column(name, pa.repeat(value, len(rows)))
    return rows


def _off(rows: pa.Table, places: pa.Table) -> dict[int, Partition]:
    """The numbers of ledger rows that name another partition, and the right one."""
    numbered = rows.select(['row_id', 'article_date', 'article_outlet'])
    numbered = numbered.append_column('number', pa.array(range(len(rows)), pa.int64()))
    both = numbered.join(places, 'row_id', join_type='inner')
    same = pc.and_(
        pc.equal(both['article_date'], both['date']).fill_null(False),
        pc.equal(both['article_outlet'], both['outlet']).fill_null(False),
    )
    off = both.filter(pc.invert(same)).select(['number', 'date', 'outlet'])
    return {row['number']: (row['date'], row['outlet']) for row in off.to_pylist()}


def _placed(places: pa.Table, rows: pa.Table) -> Optional[pa.Table]:
    off = _off(rows, places)
    if not off:
        return None
    for at, name in enumerate(('article_date', 'article_outlet')):
        values = rows[name].to_pylist()
        for number, place in off.items():
            values[number] = place[at]
        index = rows.schema.get_field_index(name)
        field = rows.schema.field(index)
        rows = rows.set_column(index, field, pa.array(values, field.type))
    return rows
