"""What is to be merged of a partition: its files as their footers tell, and which of them go together."""

import dataclasses
import os
from collections import defaultdict
from typing import Any, Optional

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.tables import SCHEMA_VERSION, TABLES
from transforms.functions.lake import Lake
from transforms.functions.table_commit import DAY_COLUMN

# What rows are ordered by: files by the earliest moment in them, rows within a row group by moment and id.
MOMENTS = {'articles': 'first_seen_at', **DAY_COLUMN}
_VERSION = b'dateline.schema'


@dataclasses.dataclass(frozen=True)
class LakeFile:
    """A file of a partition as its footer tells."""

    path: str
    size: int
    schema: pa.Schema
    first: int  # the earliest moment in it, microseconds UTC; 0 when its statistics do not tell

    @property
    def version(self) -> str:
        """The version of the schema that it was written in; empty when it does not say."""
        return (self.schema.metadata or {}).get(_VERSION, b'').decode()

    @property
    def is_old(self) -> bool:
        """Whether an older version of Dateline wrote it."""
        return self.version.isdigit() and int(self.version) < int(SCHEMA_VERSION)


@dataclasses.dataclass(frozen=True)
class Merge:
    """Files to be written anew, in this order and schema."""

    files: tuple[LakeFile, ...]
    schema: pa.Schema


class CannotMerge(Exception):
    """A partition is not what this can merge without loss; the message names it."""


def look(lake: Lake, table: str, path: str, size: int) -> LakeFile:
    """Reads a footer. Raises CannotMerge, DamagedFile, or FileNotFoundError when the file is gone."""
    try:
        with lake.storage.open(path) as source, pq.ParquetFile(source) as file:
            names = file.schema_arrow.names
            if len(names) != len(set(names)):
                raise CannotMerge(f'{path}: has two columns of one name; its partition was left alone')
            return LakeFile(path, size, file.schema_arrow, _first_moment(file, MOMENTS.get(table)))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, pa.ArrowException) as error:
        raise lake.damaged(path, error) from error


def _first_moment(file: pq.ParquetFile, column: Optional[str]) -> int:
    if column not in file.schema_arrow.names:
        return 0
    first = []
    # Nested columns have several leaves, so the place among leaves is looked for by name.
    leaves = [file.schema.column(n).path for n in range(len(file.schema))]
    at = leaves.index(column)
    for number in range(file.metadata.num_row_groups):
        statistics = file.metadata.row_group(number).column(at).statistics
        if statistics is None or not statistics.has_min_max:
            return 0
        first.append(statistics.min_raw)
    return min(first, default=0)


def plan_merges(table: str, files: list[LakeFile], closed: bool, target: int, upgrade: bool) -> list[Merge]:
    """Which files are merged: small ones of one schema; with ``upgrade`` also those of an older one."""
    today = TABLES[table].schema
    groups: dict[Any, list[LakeFile]] = defaultdict(list)
    for file in files:
        old = upgrade and file.is_old
        if old:
            _check_upgrade(table, file)
        if old or (closed and file.size < target / 2):
            groups[shape_of(today) if old else shape_of(file.schema)].append(file)
    merges = []
    for shape, group in groups.items():
        if len(group) > 1 or (upgrade and group[0].is_old):
            ordered = tuple(sorted(group, key=lambda file: (file.first, os.path.basename(file.path))))
            merges.append(Merge(ordered, today if shape == shape_of(today) else ordered[0].schema))
    return merges


def shape_of(schema: pa.Schema) -> tuple[Any, ...]:
    """What files must share to be merged: the schema's version, and names, types and order of columns."""
    version = (schema.metadata or {}).get(_VERSION)
    return version, tuple((field.name, str(field.type), field.nullable) for field in schema)


def _check_upgrade(table: str, file: LakeFile) -> None:
    today = TABLES[table].schema
    there = set(file.schema.names)
    if strange := sorted(there - set(today.names)):
        raise CannotMerge(f'{file.path}: has columns that {table} has not ({", ".join(strange)}); left alone')
    lacking = [field.name for field in today if field.name not in there and not field.nullable]
    if lacking:
        raise CannotMerge(f'{file.path}: lacks {", ".join(lacking)}, which cannot be null; left alone')
