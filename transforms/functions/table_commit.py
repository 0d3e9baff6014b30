"""Staging and committing rows of the small tables, and the rule that a row id is written once."""

from collections.abc import Iterable, Sequence
from typing import Any, Optional

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.ids import hash_id
from schemas.tables import TABLES
from transforms.functions.article_rows import day_of
from transforms.functions.lake import Lake, Partition, row_ids, rows_to_table, write_parquet

# The column whose day is the partition of a row.
DAY_COLUMN = {'ledger': 'seen_at', 'polls': 'polled_at', 'links': 'decided_at'}


def partition_of_row(table: str, row: dict[str, Any]) -> Partition:
    """The partition of a row of one of the small tables."""
    return (day_of(row[DAY_COLUMN[table]]),)


def stage_table(lake: Lake, name: str, run_id: str, rows: pa.Table, identity: Iterable[str]) -> str:
    """Writes rows where no reader sees them and returns the path.

    The file's name is a hash of what identifies its rows, so that a bundle that is worked on twice
    stages one file.
    """
    path = f'{lake.staging(run_id)}/{name}/{hash_id(*sorted(identity))[:20]}.parquet'
    with lake.storage.create(path) as file:
        write_parquet(file, rows)
    return path


def stage_rows(lake: Lake, table: str, run_id: str, rows: Sequence[dict[str, Any]]) -> str:
    """Stages rows of one partition of a small table."""
    staged = rows_to_table(rows, TABLES[table].schema)
    return stage_table(lake, table, run_id, staged, row_ids(TABLES[table], staged))


def commit_rows(lake: Lake, table: str, partition: Partition, staged: Iterable[str], run_id: str) -> int:
    """Commits staged files to one partition and returns how many rows were new."""
    tables = []
    for path in sorted(set(staged)):
        with lake.storage.open(path) as source, pq.ParquetFile(source) as file:
            tables.append(file.read().cast(TABLES[table].schema))
    if not tables:
        return 0
    fresh = drop_known(lake, table, partition, pa.concat_tables(tables))
    if fresh.num_rows:
        order = [(name, 'ascending') for name in TABLES[table].row_id]
        lake.publish(table, partition, fresh.sort_by(order), run_id)
    return fresh.num_rows


def drop_known(lake: Lake, table: str, partition: Partition, rows: pa.Table) -> pa.Table:
    """The rows whose ids the partition does not hold yet, each id once."""
    definition = TABLES[table]
    known: set[Optional[str]] = set()
    for path in lake.files(table, partition):
        known.update(row_ids(definition, lake.read(table, [path], definition.row_id)))
    keep = []
    for number, key in enumerate(row_ids(definition, rows)):
        if key not in known:
            known.add(key)
            keep.append(number)
    return rows.take(pa.array(keep, pa.int64()))
