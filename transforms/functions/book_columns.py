"""What the books are recounted from: ids and counts of each table, collected file by file."""

import dataclasses
import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Optional

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.tables import TABLES
from transforms.functions.lake import Lake
from transforms.functions.lake_files import examine

_COLUMNS = {
    'articles': ('row_id', 'article_id', 'version', 'run_id', 'entities'),
    'mentions': ('row_id', 'field', 'start'),
    'links': ('row_id', 'kind', 'target'),
    'ledger': (
        'sighting_id', 'subject', 'poll_id', 'disposition', 'attempt', 'row_id', 'article_date',
        'article_outlet', 'run_id',
    ),
    'polls': ('poll_id', 'feed_url', 'items_shown', 'items_unchanged', 'run_id'),
}  # fmt: skip


Progress = Callable[[str, int, int], None]


@dataclasses.dataclass(frozen=True)
class Collected:
    """Of one table: its number of rows, what the books need of them, and what is off with files or ids.

    ``rows`` has the columns of ``_COLUMNS``, but articles have ``claimed`` (the mentions that their entities
    count, int64) and ``place`` (``date/outlet``) for ``entities``; mentions are one row per article and
    partition: row_id, ``mentions`` (int64), ``place``.
    """

    count: int
    rows: pa.Table
    faults: tuple[str, ...]


def collect(lake: Lake, name: str, paths: Sequence[str], progress: Optional[Progress] = None) -> Collected:
    """Examines a table's files, sorted by path. Files that cannot be read are faults and give no rows.

    ``progress`` is told the table, how many of its files were read, and how many there are.
    """
    ids = TABLES[name].row_id
    kinds = TABLES[name].schema
    empty = pa.schema([pa.field(column, kinds.field(column).type) for column in _COLUMNS[name]]).empty_table()
    # Entities and mentions of a large lake would take gigabytes: they are counted partition by partition.
    reduce = _REDUCERS.get(name, _as_they_are)
    parts = [reduce(empty, '')]
    faults: list[str] = []
    doubled: list[str] = []
    count = read = 0
    for partition, files in itertools.groupby(paths, key=functools.partial(lake.partition_of, name)):
        there = [empty]
        for path in files:
            if progress is not None:
                progress(name, read, len(paths))
            read += 1
            examined = examine(lake, name, path, _COLUMNS[name])
            faults += examined.faults
            there += [examined.rows] if examined.rows is not None else []
        rows = pa.concat_tables(there)
        count += rows.num_rows
        if name == 'mentions':  # the same in another partition are not beside their article
            doubled += _doubled(rows, ids)
        parts.append(reduce(rows, '/'.join(partition)))
    table = pa.concat_tables(parts)
    if name != 'mentions':
        doubled = _doubled(table, ids)
    if doubled:
        faults.append(f'{name}: {len(doubled)} row ids occur more than once, such as {doubled[0]}')
    return Collected(count, table, tuple(faults))


def _doubled(rows: pa.Table, ids: Sequence[str]) -> list[str]:
    counted = rows.group_by(list(ids)).aggregate([([], 'count_all')])
    more = counted.filter(pc.greater(counted['count_all'], 1)).select(list(ids))
    return sorted(' '.join(map(str, row.values())) for row in more.to_pylist())


def _as_they_are(rows: pa.Table, place: str) -> pa.Table:
    return rows


def _reduce_articles(rows: pa.Table, place: str) -> pa.Table:
    entities = rows['entities'].combine_chunks()
    counts = pc.struct_field(pc.list_flatten(entities), 'count').fill_null(0).to_numpy(zero_copy_only=False)
    articles = pc.list_parent_indices(entities).to_numpy(zero_copy_only=False)
    claimed = np.bincount(articles, weights=counts, minlength=len(rows)).astype(np.int64)
    rows = rows.drop_columns(['entities']).append_column('claimed', pa.array(claimed))
    return rows.append_column('place', pa.repeat(place, len(rows)))


def _reduce_mentions(rows: pa.Table, place: str) -> pa.Table:
    counted = rows.group_by('row_id').aggregate([([], 'count_all')]).rename_columns(['row_id', 'mentions'])
    return counted.append_column('place', pa.repeat(place, len(counted)))


_REDUCERS: dict[str, Callable[[pa.Table, str], pa.Table]] = {
    'articles': _reduce_articles,
    'mentions': _reduce_mentions,
}
