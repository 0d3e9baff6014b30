"""What a repair reads of a lake's tables to see what is missing, and how it adds what it worked out."""

from collections import defaultdict
from collections.abc import Callable, Collection
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from schemas.tables import TABLES
from transforms.functions.lake import Lake, Partition, rows_to_table
from transforms.functions.table_commit import add_rows, partition_of_row


def within_lease(lake: Lake, find: Callable[[], pa.Table], mend: Callable[[], int]) -> int:
    """What ``mend`` returns when there is something to find, else 0.

    Looking takes as long as the lake is large and is done without the lease; ``mend`` looks again within it.
    """
    return lake.commit(mend, alone=True) if find().num_rows else 0


def read_all(lake: Lake, table: str, columns: Collection[str]) -> pa.Table:
    """These columns of all rows."""
    return lake.read(table, lake.files(table), tuple(columns))


def rows_where(
    lake: Lake, table: str, columns: Collection[str], column: str, values: Collection[str]
) -> list[dict[str, Any]]:
    """The rows whose column has one of the values, times as microseconds, with ``partition`` added."""
    found: list[dict[str, Any]] = []
    wanted = pa.array(sorted(values), pa.string())
    for path in lake.files(table) if values else ():
        rows = lake.read(table, [path], tuple(columns))
        rows = rows.filter(pc.is_in(rows[column], wanted))
        partition: Partition = lake.partition_of(table, path)
        found += [row | {'partition': partition} for row in plain_rows(rows)]
    return found


def plain_rows(rows: pa.Table) -> list[dict[str, Any]]:
    """Rows as dicts, times as microseconds UTC."""
    for number, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type):
            rows = rows.set_column(number, field.name, rows[field.name].cast(pa.int64()))
    return rows.to_pylist()


def add(lake: Lake, table: str, rows: Collection[Any], run_id: str) -> int:
    """Commits row objects of one of the small tables and returns how many were new."""
    by_partition: dict[Partition, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_partition[partition_of_row(table, vars(row))].append(vars(row))
    schema = TABLES[table].schema
    return sum(
        add_rows(lake, table, partition, rows_to_table(some, schema), run_id)
        for partition, some in sorted(by_partition.items())
    )
