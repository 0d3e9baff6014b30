"""Reading a lake's partitions through pyarrow.fs while others commit to it, compact it and forget articles.

Files are never changed, only added, or exchanged with the rest of their partition's folder in one step. So
what a listing named is read, and the partition is listed again: when both listings are the same, and every
file was there, the rows are those of one moment. Otherwise the partition is read again, but for the files
that are known already: their names are hashes of what they hold.
"""

import dataclasses
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from schemas.tables import TABLES, Table
from transforms.functions.lake import DamagedFile

# Each further attempt means that the partition changed once more in the milliseconds that reading takes.
_ATTEMPTS = 20
# Opening a small file is mostly waiting, on a disk as in an object store.
_READERS = 8


class PartitionBusy(Exception):
    """A partition changed each time while it was read; the message names it. Trying again is safe."""


@dataclasses.dataclass(frozen=True)
class Folder:
    """A partition: its folder, and its values from the path, outermost first."""

    path: str
    values: tuple[str, ...]


def list_partitions(
    files: pafs.FileSystem, root: str, table: Table, wanted: Callable[[str, str], bool]
) -> list[Folder]:
    """The table's partitions, sorted, whose values ``wanted(key, value)`` lets pass.

    Raises FileNotFoundError when there is no lake at ``root``: none of its tables.
    """
    folders = [Folder(f'{root}/{table.name}', ())]
    if files.get_file_info(folders[0].path).type != pafs.FileType.Directory:
        tables = files.get_file_info([f'{root}/{name}' for name in TABLES])
        if all(info.type != pafs.FileType.Directory for info in tables):
            raise FileNotFoundError(
                f'{root}: holds no table of a lake; name what `dateline ingest --output` was given'
            )
        return []
    for key in table.partitions:
        folders = [
            Folder(info.path, (*folder.values, value))
            for folder in folders
            for info in _listed(files, folder.path)
            if info.type == pafs.FileType.Directory and info.base_name.startswith(f'{key}=')
            for value in [info.base_name[len(key) + 1 :]]
            if wanted(key, value)
        ]
    return sorted(folders, key=lambda folder: folder.values)


def read_partitions(
    files: pafs.FileSystem,
    folders: list[Folder],
    schema: pa.Schema,
    keys: tuple[str, ...],
    select: Callable[[pa.Table], pa.Table] = lambda rows: rows,
) -> pa.Table:
    """The rows of the partitions, in their order, each partition's passed through ``select``.

    ``schema`` is that of the result: columns that a file lacks are null, others that it has are left out,
    and those named in ``keys`` are filled from the path. Raises DamagedFile and PartitionBusy.
    """

    def read(folder: Folder) -> pa.Table:
        rows = _read_partition(files, folder, pa.schema([f for f in schema if f.name not in keys]))
        values = dict(zip(keys, folder.values, strict=True))
        columns = {
            field.name: pa.repeat(pa.scalar(values[field.name], field.type), rows.num_rows)
            if field.name in values
            else rows[field.name]
            for field in schema
        }
        return select(pa.table(columns, schema=schema))

    with ThreadPoolExecutor(_READERS) as pool:
        tables = list(pool.map(read, folders))
    return pa.concat_tables(tables) if tables else select(schema.empty_table())


def _read_partition(files: pafs.FileSystem, folder: Folder, schema: pa.Schema) -> pa.Table:
    known: dict[str, pa.Table] = {}
    paths = _parquet_files(files, folder.path)
    for _ in range(_ATTEMPTS):
        for path in paths:
            if path not in known:
                try:
                    known[path] = _read_file(files, path, schema)
                except FileNotFoundError:  # exchanged since it was listed
                    break
        again = _parquet_files(files, folder.path)
        if again == paths and all(path in known for path in paths):
            return pa.concat_tables([known[path] for path in paths] or [schema.empty_table()])
        paths = again
    raise PartitionBusy(f'{folder.path}: changed {_ATTEMPTS} times while it was read; read it again')


def _read_file(files: pafs.FileSystem, path: str, schema: pa.Schema) -> pa.Table:
    """The file's rows. Raises FileNotFoundError when it is gone, DamagedFile when it cannot be read."""
    try:
        with files.open_input_file(path) as source, _open_parquet(source) as file:
            there = set(file.schema_arrow.names)
            # A file without any of the columns still says how many rows it has.
            read = file.read(columns=[name for name in schema.names if name in there])
            columns = [
                read[field.name].cast(field.type)
                if field.name in there
                else pa.nulls(file.metadata.num_rows, field.type)
                for field in schema
            ]
            return pa.table(columns, schema=schema)
    # pyarrow's errors are mostly ValueErrors and OSErrors, but not all of them.
    except (OSError, ValueError, pa.ArrowException) as error:
        # An object store says that a file is gone in words of its own, and perhaps only while it is read.
        if files.get_file_info(path).type == pafs.FileType.NotFound:
            raise FileNotFoundError(path) from error
        raise DamagedFile(f'{path}: cannot be read ({error})') from error


def _open_parquet(source: Any) -> pq.ParquetFile:
    # Without the checksums a flipped bit may pass for text.
    return pq.ParquetFile(source, page_checksum_verification=True)


def _parquet_files(files: pafs.FileSystem, folder: str) -> list[str]:
    return sorted(
        info.path
        for info in _listed(files, folder)
        if info.type == pafs.FileType.File and info.base_name.endswith('.parquet')
    )


def _listed(files: pafs.FileSystem, folder: str) -> Iterator[pafs.FileInfo]:
    """What is in a folder and is no secret: names that begin with ``_`` or ``.`` are not data."""
    for info in files.get_file_info(pafs.FileSelector(folder, allow_not_found=True)):
        if not info.base_name.startswith(('_', '.')):
            yield info
