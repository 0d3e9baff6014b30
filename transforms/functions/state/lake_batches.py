"""Reading a lake's tables in batches of a few columns, in memory that does not grow with the files."""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Optional, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.tables import TABLES
from transforms.functions.lake import GoneFile, Lake

# Twenty columns of the ledger: 6 MB. Smaller batches are slower, larger ones are not faster.
ROWS = 16_384
# A compaction exchanges a day's files once; five in a row while a day is read do not happen.
_TRIES = 5
T = TypeVar('T')


def column_batches(
    lake: Lake,
    table: str,
    path: str,
    columns: Sequence[str],
    coded: Sequence[str] = (),
    rows: int = ROWS,
) -> Iterator[pa.RecordBatch]:
    """Batches of a file's columns, in order; columns that an old file lacks are null.

    Raises DamagedFile, and FileNotFoundError when the file is not there (any more: see ``read_day``).

    Args:
        coded: string columns whose values repeat: they come as dictionary arrays.
        rows: the most that a batch holds.
    """
    with _opened(lake, path, coded) as file:
        yield from _batches(file, table, columns, rows, range(file.metadata.num_row_groups))


def rows_at(
    lake: Lake, table: str, path: str, numbers: Sequence[int], columns: Sequence[str], rows: int
) -> Iterator[pa.RecordBatch]:
    """The rows of a file with these numbers (sorted, from 0); only row groups that hold them are decoded.

    Args:
        rows: how many are decoded at a time.
    """
    with _opened(lake, path) as file:
        start = 0
        for group in range(file.metadata.num_row_groups):
            end = start + file.metadata.row_group(group).num_rows
            if any(start <= number < end for number in numbers):
                at = start
                for batch in _batches(file, table, columns, rows, [group]):
                    here = [number - at for number in numbers if at <= number < at + batch.num_rows]
                    at += batch.num_rows
                    if here:
                        yield batch.take(pa.array(here))
            start = end


@contextmanager
def _opened(lake: Lake, path: str, coded: Sequence[str] = ()) -> Iterator[pq.ParquetFile]:
    try:
        with lake.storage.open(path) as source:
            # Other names raise KeyError. A footer takes as long to read as a small file's rows.
            footer = pq.read_metadata(source) if coded else None
            known = [name for name in coded if name in footer.schema.names] if footer is not None else None
            with pq.ParquetFile(source, metadata=footer, read_dictionary=known) as file:
                yield file
    except FileNotFoundError:
        raise
    # pyarrow's errors are mostly ValueErrors and OSErrors, but not all of them.
    except (OSError, ValueError, pa.ArrowException) as error:
        raise lake.damaged(path, error) from error


def _batches(
    file: pq.ParquetFile, table: str, columns: Sequence[str], rows: int, groups: Sequence[int]
) -> Iterator[pa.RecordBatch]:
    schema, found = TABLES[table].schema, set(file.schema_arrow.names)
    there = [name for name in columns if name in found]
    kinds = {name: schema.field(name).type for name in columns}
    for batch in file.iter_batches(rows, row_groups=list(groups), columns=there, use_threads=False):
        arrays = [
            _as(batch.column(name), kind) if name in found else pa.nulls(batch.num_rows, kind)
            for name, kind in kinds.items()
        ]
        yield pa.RecordBatch.from_arrays(arrays, names=list(kinds))


def days_of(lake: Lake, table: str) -> dict[str, list[str]]:
    """The table's files by day (``YYYY-MM-DD``), the days in order."""
    days: dict[str, list[str]] = {}
    for path in lake.files(table):
        days.setdefault(lake.partition_of(table, path)[0], []).append(path)
    return dict(sorted(days.items()))


def read_day(
    lake: Lake, table: str, day: str, work: Callable[[list[str]], T], paths: Optional[list[str]] = None
) -> T:
    """What ``work`` makes of the day's files; from the start again when they were exchanged meanwhile.

    Args:
        paths: the day's files, when they were listed a moment ago.
    """
    for _ in range(_TRIES - 1):
        try:
            return work(lake.files(table, (day,)) if paths is None else paths)
        except FileNotFoundError:
            paths = None
    try:
        return work(lake.files(table, (day,)))
    except FileNotFoundError as error:
        raise GoneFile(f'{error.filename}: its day is exchanged faster than it can be read') from error


def any_true(lake: Lake, paths: Iterable[str], column: str) -> bool:
    """Whether a file may hold a true value in a boolean column, by the statistics in the footers."""
    return any(
        lake.remembered(f'true {column}', path, functools.partial(_may_hold_true, lake, path, column))
        for path in paths
    )


def _may_hold_true(lake: Lake, path: str, column: str) -> bool:
    with _opened(lake, path) as file:
        at = file.schema_arrow.names.index(column)
        chunks = [file.metadata.row_group(n).column(at) for n in range(file.metadata.num_row_groups)]
        return any(not c.is_stats_set or not c.statistics.has_min_max or c.statistics.max for c in chunks)


def _as(array: pa.Array, kind: pa.DataType) -> pa.Array:
    return array if array.type == kind or pa.types.is_dictionary(array.type) else array.cast(kind)
