"""Rows of the lake's tables: what identifies them, and how they are made and written into files."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.tables import Table
from transforms.functions.file_seal import SealingFile
from transforms.functions.parquet_options import options_for

# Row groups that pandas reads in one go and DuckDB splits among threads; news rows are about 6 KB.
ROWS_PER_GROUP = 10_000
# Bytes that are written to a file at a time.
_GATHERED = 1 << 20


def row_ids(table: Table, rows: pa.Table) -> list[str]:
    """What identifies each row, a string per row; a null, of a foreign file, as ``None``."""
    columns = [rows[name].cast(pa.string()).fill_null('None') for name in table.row_id]
    return pc.binary_join_element_wise(*columns, '\t').to_pylist()


def write_parquet(file: Any, rows: pa.Table) -> None:
    """Writes rows as Parquet, the way that all of the lake's files are written."""
    sealing = SealingFile(file)
    # A writer writes some hundred times a file, a few bytes each: gathered, they come to Python once.
    with pa.BufferedOutputStream(pa.PythonFile(sealing, 'wb'), _GATHERED) as gathering:
        pq.write_table(rows, gathering, row_group_size=ROWS_PER_GROUP, **options_for(rows))
    sealing.seal()


def rows_to_table(rows: Sequence[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows as a table of the schema. Raises pyarrow.ArrowInvalid when a value does not fit its column."""
    return pa.Table.from_pylist(list(rows), schema=schema)


def fitted(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of a schema, in its order and types.

    Raises pyarrow.ArrowInvalid or ValueError for what does not fit, a null where none may be.
    """
    picked = rows.select(schema.names)
    if picked.schema.types != schema.types or any(
        picked[n].null_count for n, field in enumerate(schema) if not field.nullable
    ):
        return picked.cast(schema)
    return pa.Table.from_arrays(picked.columns, schema=schema)  # as a rule; casting would ask each column


def plain_rows(rows: pa.Table) -> list[dict[str, Any]]:
    """Rows as dicts, times as microseconds UTC: Python's datetime would cost and gain nothing."""
    for number, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type):
            rows = rows.set_column(number, field.name, rows[field.name].cast(pa.int64()))
    return rows.to_pylist()
