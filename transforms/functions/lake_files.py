"""One file of a lake, looked at on its own: is it whole, and is what it holds of its table and partition?"""

import dataclasses
import enum
import os
from collections.abc import Iterator, Sequence
from typing import Optional

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.tables import SCHEMA_VERSION, TABLES
from schemas.vocabulary import (
    ContentFrom,
    DateFrom,
    Disposition,
    LinkKind,
    MentionField,
    PollStatus,
    Reason,
    Subject,
)
from transforms.functions.article_rows import day_of
from transforms.functions.file_seal import is_broken
from transforms.functions.lake import Lake
from transforms.functions.table_commit import DAY_COLUMN

# Rows decoded at a time: 12 MB of articles.
_ROWS = 2_000
_VOCABULARIES: dict[str, dict[str, type[enum.StrEnum]]] = {
    'articles': {'content_from': ContentFrom, 'date_from': DateFrom},
    'mentions': {'field': MentionField},
    'links': {'kind': LinkKind},
    'ledger': {'disposition': Disposition, 'reason': Reason, 'subject': Subject},
    'polls': {'status': PollStatus, 'reason': Reason},
}


@dataclasses.dataclass(frozen=True)
class Examined:
    """What a file holds of the columns asked for, and one sentence per thing that is off with it.

    ``rows`` is None when the file cannot be read or a column has another type.
    """

    rows: Optional[pa.Table]
    faults: tuple[str, ...]


def examine(lake: Lake, table: str, path: str, keep: Sequence[str]) -> Examined:
    """Decodes every page of a file once and gives its columns ``keep``; what an old file lacks is null.

    Raises FileNotFoundError when the file is gone, as after its partition was merged.
    """
    try:
        # Pages that carry a checksum are compared with it.
        with (
            lake.storage.open(path) as source,
            pq.ParquetFile(source, page_checksum_verification=True) as file,
        ):
            strange = list(_wrong_types(table, file.schema_arrow))
            if strange:
                return Examined(None, tuple(f'{path}: {fault}' for fault in strange))
            faults = [*_misplaced(lake, table, path), *_lacking(table, file.schema_arrow)]
            contents = _Contents(table)
            kept: list[pa.RecordBatch] = []
            there = [name for name in keep if name in file.schema_arrow.names]
            count = 0
            for batch in file.iter_batches(batch_size=_ROWS, use_threads=False):
                batch.validate(full=True)  # UTF-8 and offsets, which decoding takes on trust
                contents.add(batch)
                count += batch.num_rows
                kept.append(batch.select(there))
            if count != file.metadata.num_rows:
                raise ValueError(f'{count} rows, but its footer says {file.metadata.num_rows}')
            if is_broken(source):
                raise ValueError('its bytes are not those that were written (checksum)')
    except FileNotFoundError:
        raise
    # pyarrow's errors are mostly ValueErrors and OSErrors, but not all of them.
    except (OSError, ValueError, pa.ArrowException) as error:
        return Examined(None, (f'{path}: cannot be read: {error}',))
    faults += contents.faults(lake.partition_of(table, path))
    return Examined(_as_table(table, kept, keep), tuple(f'{path}: {fault}' for fault in faults))


def sound_rows(table: str, rows: pa.Table) -> pa.Table:
    """The rows whose values may be in the table, in its schema; none when columns do not fit it."""
    schema = TABLES[table].schema
    missing = [name for name in schema.names if name not in rows.column_names]
    if any(_wrong_types(table, rows.schema)) or any(not schema.field(name).nullable for name in missing):
        return schema.empty_table()
    for name in missing:
        rows = rows.append_column(name, pa.nulls(len(rows), schema.field(name).type))
    for field in schema:
        if not field.nullable:
            rows = rows.filter(pc.is_valid(rows[field.name]))
    for name, known in _VOCABULARIES[table].items():
        values = pa.array([None, *map(str, known)], pa.string())
        rows = rows.filter(pc.is_in(rows[name], values))
    return rows.select(schema.names).cast(schema)


def _wrong_types(table: str, found: pa.Schema) -> Iterator[str]:
    for column in TABLES[table].columns:
        if column.name in found.names and found.field(column.name).type != column.type:
            yield f'column {column.name} is {found.field(column.name).type}, not {column.type}'


def _lacking(table: str, found: pa.Schema) -> Iterator[str]:
    """Columns that are not in the file, unless it says that it was written before they were thought of."""
    version = (found.metadata or {}).get(b'dateline.schema', SCHEMA_VERSION.encode())
    if version.isdigit() and int(version) < int(SCHEMA_VERSION):
        return
    lacking = [column.name for column in TABLES[table].columns if column.name not in found.names]
    if lacking:
        yield f'lacks the columns {", ".join(lacking)}'


def _misplaced(lake: Lake, table: str, path: str) -> Iterator[str]:
    keys, partition = TABLES[table].partitions, lake.partition_of(table, path)
    if len(partition) != len(keys) or os.path.dirname(path) != lake.folder(table, partition):
        yield 'is not in a folder ' + '/'.join(f'{key}=…' for key in keys)


class _Contents:
    """What is looked for in the values of a file, batch by batch."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._required = [column.name for column in TABLES[table].columns if not column.nullable]
        self._nulls: dict[str, int] = {}
        self._strange: dict[str, set[str]] = {}
        self._days: set[str] = set()

    def add(self, batch: pa.RecordBatch) -> None:
        names = set(batch.schema.names)
        for name in self._required:
            if name in names and (nulls := batch.column(name).null_count):
                self._nulls[name] = self._nulls.get(name, 0) + nulls
        for name, known in _VOCABULARIES[self._table].items():
            if name in names:
                values = set(pc.unique(batch.column(name)).to_pylist()) - {None}
                if strange := values - set(map(str, known)):
                    self._strange.setdefault(name, set()).update(strange)
        day = DAY_COLUMN.get(self._table)
        if day in names and batch.num_rows:
            moments = batch.column(day).cast(pa.int64())
            ends = (pc.min(moments).as_py(), pc.max(moments).as_py())
            self._days |= {day_of(moment) for moment in ends if moment is not None}

    def faults(self, partition: tuple[str, ...]) -> Iterator[str]:
        for name, count in sorted(self._nulls.items()):
            yield f'column {name} is null in {count} rows'
        for name, values in sorted(self._strange.items()):
            yield f'column {name} holds {sorted(values)}, which is not in its vocabulary'
        if others := self._days - set(partition[:1]):
            yield f'holds rows of {min(others)}, which belong to another partition'


def _as_table(table: str, batches: Sequence[pa.RecordBatch], names: Sequence[str]) -> pa.Table:
    count = sum(batch.num_rows for batch in batches)
    columns = {}
    for name in names:
        kind = TABLES[table].schema.field(name).type
        chunks = [batch.column(name) for batch in batches if name in batch.schema.names]
        columns[name] = pa.chunked_array(chunks or [pa.nulls(count, kind)], kind)
    return pa.table(columns)
