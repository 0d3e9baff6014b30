"""A column of a table, and the types that columns have."""

import dataclasses

import pyarrow as pa

STRING = pa.string()
TIMESTAMP = pa.timestamp('us', tz='UTC')
STRINGS = pa.list_(pa.string())


@dataclasses.dataclass(frozen=True)
class Column:
    """A column: its name, its Parquet type, what it means in one sentence, and whether it may be null."""

    name: str
    type: pa.DataType
    meaning: str
    nullable: bool = False
