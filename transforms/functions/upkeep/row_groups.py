"""Streams of rows from and to the lake's files: memory is that of a row group, however large the files."""

from collections.abc import Iterable, Iterator
from typing import Optional

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.ids import hash_id
from schemas.tables import Table
from transforms.functions.file_seal import SealingFile, is_broken
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import ROWS_PER_GROUP, row_ids
from transforms.functions.parquet_options import options_for

# Rows decoded at a time: 12 MB of articles.
_ROWS = 2_000
# Long bodies end a row group before it has its rows.
_BYTES_PER_GROUP = 128_000_000


def batches(lake: Lake, path: str, columns: Optional[list[str]] = None) -> Iterator[pa.Table]:
    """A file's rows as it has them, some at a time, in its own schema; of the columns those that it has.

    Pages are compared with their checksums, and files that are read whole with their seal.
    Raises DamagedFile, or FileNotFoundError when the file is not there any more.
    """
    try:
        with (
            lake.storage.open(path) as source,
            pq.ParquetFile(source, page_checksum_verification=True) as file,
        ):
            there = columns and [name for name in columns if name in file.schema_arrow.names]
            for batch in file.iter_batches(batch_size=_ROWS, columns=there, use_threads=False):
                batch.validate(full=True)  # UTF-8 and offsets, which decoding takes on trust
                yield pa.Table.from_batches([batch])
            if columns is None and is_broken(source):
                raise ValueError('its bytes are not those that were written (checksum)')
    except FileNotFoundError:
        raise
    # pyarrow's errors are mostly ValueErrors and OSErrors, but not all of them.
    except (OSError, ValueError, pa.ArrowException) as error:
        raise lake.damaged(path, error) from error


def regroup(parts: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in row groups of the lake's size; without any rows there is no group."""
    held: list[pa.Table] = []
    rows = size = 0
    for part in parts:
        while rows + len(part) >= ROWS_PER_GROUP:
            take = ROWS_PER_GROUP - rows
            yield pa.concat_tables([*held, part.slice(0, take)])
            part = part.slice(take)
            held, rows, size = [], 0, 0
        if len(part):
            held.append(part)
            rows += len(part)
            size += part.nbytes
        if size >= _BYTES_PER_GROUP:
            yield pa.concat_tables(held)
            held, rows, size = [], 0, 0
    if held:
        yield pa.concat_tables(held)


def write_groups(lake: Lake, path: str, schema: pa.Schema, groups: Iterator[pa.Table], most: float) -> bool:
    """Writes row groups to a file until it has ``most`` bytes; says whether there was one."""
    group = next(groups, None)
    if group is None:
        return False
    with lake.storage.create(path) as file:
        sealing = SealingFile(file)
        with pq.ParquetWriter(sealing, schema, **options_for(group)) as writer:
            while group is not None:
                writer.write_table(group, row_group_size=ROWS_PER_GROUP)
                group = next(groups, None) if sealing.tell() < most else None
        sealing.seal()
    return True


class RowCount:
    """How many rows there were and a sum over their ids, which does not depend on their order."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.rows = 0
        self._sum = 0

    def add(self, rows: pa.Table) -> None:
        self.rows += rows.num_rows
        for row_id in row_ids(self._table, rows):
            self._sum += int(hash_id(row_id), 16)

    def counted(self, parts: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """The same rows, counted as they pass."""
        for part in parts:
            self.add(part)
            yield part

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RowCount) and (self.rows, self._sum) == (other.rows, other._sum)

    __hash__ = None  # type: ignore[assignment]  # it changes
