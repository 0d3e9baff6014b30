"""What a repair reads of a lake's tables to see what is missing, with the lease and without."""

from collections.abc import Callable, Collection
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from transforms.functions.lake import Lake
from transforms.functions.lake_rows import plain_rows


def within_lease(lake: Lake, find: Callable[[], pa.Table], mend: Callable[[], int]) -> int:
    """What ``mend`` returns when there is something to find, else 0.

    Looking takes as long as the lake is large and is done without the lease; ``mend`` looks again within it.
    """
    return lake.commit(mend, alone=True) if find().num_rows else 0


def read_all(lake: Lake, table: str, columns: Collection[str]) -> pa.Table:
    """These columns of all rows."""
    return lake.read_settled(table, lake.files(table), tuple(columns))


def rows_where(
    lake: Lake, table: str, columns: Collection[str], column: str, values: Collection[str]
) -> list[dict[str, Any]]:
    """The rows whose column has one of the values, times as microseconds, with ``partition`` added."""
    found: list[dict[str, Any]] = []
    wanted = pa.array(sorted(values), pa.string())
    for partition, paths in lake.by_partition(table) if values else ():
        rows = lake.read_settled(table, paths, tuple(columns))
        rows = rows.filter(pc.is_in(rows[column], wanted))
        found += [row | {'partition': partition} for row in plain_rows(rows)]
    return found
