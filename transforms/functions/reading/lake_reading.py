"""What is read of a lake: its table, days, outlets and columns, as arguments of functions."""

import datetime
import difflib
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Optional, Union

import pyarrow as pa
import pyarrow.fs as pafs

from schemas.columns import STRING
from schemas.tables import TABLES, Table
from transforms.functions.reading.partition_reading import list_partitions, read_partitions

Lake = Union[str, 'os.PathLike[str]']
Day = Union[str, datetime.date]
Select = Callable[[pa.Table], pa.Table]

_PARTITION_MEANING = {
    'date': "Day of the partition, from the file's path.",
    'outlet': 'Outlet, from the path.',
}


def read_rows(
    lake: Lake,
    table: str,
    columns: Optional[Sequence[str]],
    *,
    since: Optional[Day] = None,
    until: Optional[Day] = None,
    outlets: Union[str, Iterable[str], None] = None,
    filesystem: Optional[pafs.FileSystem] = None,
    select: Select = lambda rows: rows,
) -> pa.Table:
    """The rows of a table, each partition's passed through ``select``; for the rest see pipelines/reading.py.

    Raises FileNotFoundError, ValueError, DamagedFile and PartitionBusy.
    """
    if table not in TABLES:
        raise ValueError(f'{table}: there is no such table; there are {", ".join(TABLES)}')
    definition = TABLES[table]
    if outlets is not None and 'outlet' not in definition.partitions:
        raise ValueError(f'{table} has no outlets; articles and mentions have')
    first, last = _day(since), _day(until)
    slugs = None if outlets is None else {outlets} if isinstance(outlets, str) else set(outlets)

    def wanted(key: str, value: str) -> bool:
        if key == 'date':
            return (first is None or value >= first) and (last is None or value <= last)
        return slugs is None or value in slugs

    schema = _schema(definition, columns)
    files, root = _opened(lake, filesystem)
    folders = list_partitions(files, root, definition, wanted)
    return read_partitions(files, folders, schema, definition.partitions, select)


def _opened(lake: Lake, filesystem: Optional[pafs.FileSystem]) -> tuple[pafs.FileSystem, str]:
    root = os.fspath(lake)
    if filesystem is None:
        if '://' in root:
            filesystem, root = pafs.FileSystem.from_uri(root)
        else:
            filesystem = pafs.LocalFileSystem()
    return filesystem, root.rstrip('/') or root[:1]


def names_of(table: Table) -> list[str]:
    """The names of its columns, then those of its partitions."""
    return [*(column.name for column in table.columns), *table.partitions]


def _schema(table: Table, columns: Optional[Sequence[str]]) -> pa.Schema:
    fields = {field.name: field.with_nullable(True) for field in table.schema}
    for key in table.partitions:
        meaning = {b'description': _PARTITION_MEANING[key].encode()}
        fields[key] = pa.field(key, STRING, metadata=meaning)
    if isinstance(columns, str):
        raise ValueError(f'columns={columns!r}: give a list of names')
    for name in columns or ():
        if name not in fields:
            near = difflib.get_close_matches(name, fields, 1)
            hint = f'; did you mean {near[0]}?' if near else '; docs/tables.md lists them'
            raise ValueError(f'{table.name} has no column {name}{hint}')
    return pa.schema([fields[name] for name in (fields if columns is None else columns)])


def _day(day: Optional[Day]) -> Optional[str]:
    if day is None:
        return None
    try:
        if isinstance(day, str):
            return datetime.date.fromisoformat(day).isoformat()
        if isinstance(day, datetime.datetime) and day.tzinfo:
            day = day.astimezone(datetime.UTC)
        return day.strftime('%Y-%m-%d')
    except (AttributeError, ValueError) as error:
        raise ValueError(f'{day!r} is no day; write it like 2025-03-03') from error
