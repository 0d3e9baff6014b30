"""The lake: where its files are, and how they are read and written."""

import collections
import itertools
import threading
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Optional, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.ids import hash63, hash_id
from schemas.tables import TABLES
from transforms.functions import lease
from transforms.functions.file_memory import FileMemory
from transforms.functions.lake_rows import fitted, row_ids, write_parquet
from transforms.functions.storage import NotReadable, Storage

# A partition's files are exchanged once in a while; so often in a row while they are read does not happen.
_TRIES = 5

Partition = tuple[str, ...]
T = TypeVar('T')
# Of the runs that this process published for last, hashes of the paths of those files: 70 bytes each. A job
# that never ends has a run a minute.
_RUNS_KNOWN = 8
_published: collections.OrderedDict[str, set[int]] = collections.OrderedDict()
_publishing = threading.Lock()


class DamagedFile(Exception):
    """A file of the lake cannot be read, or a folder; the message names it."""


class GoneFile(DamagedFile):
    """A file is not there any more: a command has exchanged its partition's files for others."""


class Lake:
    """A lake's folder and what can be done with it. ``root`` has no trailing slash.

    With a ``memory`` what was read of a file is read once: for jobs that look again and again.
    """

    def __init__(self, root: str, storage: Storage, memory: Optional[FileMemory] = None) -> None:
        self.root = root.rstrip('/')
        self.storage = storage
        self.memory = memory

    def staging(self, run_id: str) -> str:
        """The folder of a run's files that no reader sees."""
        return f'{self.root}/_staging/{run_id}'

    def folder(self, table: str, partition: Partition = ()) -> str:
        """The folder of a table or of one of its partitions; of the outer ones when keys are missing."""
        keys = TABLES[table].partitions
        return '/'.join([self.root, table, *(f'{k}={v}' for k, v in zip(keys, partition, strict=False))])

    def files(self, table: str, partition: Partition = ()) -> list[str]:
        """The table's Parquet files, sorted; of one partition when it is given. Raises DamagedFile."""
        try:
            found = self.storage.list_files(self.folder(table, partition))
        except NotReadable as error:
            raise DamagedFile(str(error)) from error
        return [path for path in found if path.endswith('.parquet') and not _is_hidden(path, self.root)]

    def files_since(self, table: str, day: str) -> list[str]:
        """The table's files of this day (``YYYY-MM-DD``) and later ones."""
        return [path for path in self.files(table) if self.partition_of(table, path)[0] >= day]

    def by_partition(self, table: str) -> list[tuple[Partition, list[str]]]:
        """The table's partitions and the files of each, sorted."""
        found: dict[Partition, list[str]] = {}
        for path in self.files(table):
            found.setdefault(self.partition_of(table, path), []).append(path)
        return sorted(found.items())

    def partition_of(self, table: str, path: str) -> Partition:
        """The partition's values that a file's path names."""
        parts = path[len(self.folder(table)) + 1 :].split('/')[:-1]
        return tuple(part.partition('=')[2] for part in parts)

    def read(self, table: str, paths: Iterable[str], columns: Optional[Sequence[str]] = None) -> pa.Table:
        """The rows of the given files, in the table's schema; columns that an old file lacks are null."""
        schema = TABLES[table].schema
        if columns is not None:
            schema = pa.schema([schema.field(name) for name in columns])
        tables = [self._read_file(path, schema) for path in paths]
        return pa.concat_tables(tables) if tables else schema.empty_table()

    def read_settled(
        self, table: str, paths: Iterable[str], columns: Optional[Sequence[str]] = None
    ) -> pa.Table:
        """The same for who holds no lease: a partition whose files were exchanged meanwhile is listed again.

        The files are all of their partitions. Raises GoneFile when one is exchanged all the time.
        """
        tables = []
        for partition, group in itertools.groupby(sorted(paths), partial(self.partition_of, table)):
            files = list(group)
            for left in reversed(range(_TRIES)):
                try:
                    tables.append(self.read(table, files, columns))
                    break
                except GoneFile:
                    if not left:
                        raise
                    files = self.files(table, partition)
        return pa.concat_tables(tables) if tables else self.read(table, (), columns)

    def remembered(
        self,
        purpose: str,
        path: str,
        make: Callable[[], T],
        size: Callable[[T], int] = lambda _: 0,
        most: Optional[int] = None,
    ) -> T:
        """What ``make`` gives for a file; without making it again where the lake has a ``memory`` of it.

        For what follows from the file's bytes alone. The arguments are those of ``FileMemory.of_file``.
        """
        if self.memory is None:
            return make()
        return self.memory.of_file(purpose, path, self.storage.version(path), make, size, most)

    def remembered_of(self, purpose: str, paths: Sequence[str], make: Callable[[], T]) -> T:
        """The same for what follows from several files, of which one thing is kept for each purpose."""
        if self.memory is None or not paths:
            return make()
        try:
            versions = [self.storage.version(path) for path in paths]
        except FileNotFoundError:  # a compaction is at work
            return make()
        version = None if None in versions else tuple(zip(paths, versions, strict=True))
        return self.memory.of_file(purpose, self.root, version, make)

    def gathered(
        self,
        purpose: str,
        table: str,
        partition: Partition,
        make: Callable[[str], T],
        join: Callable[[list[T]], T],
        size: Callable[[T], int] = lambda _: 0,
        most: Optional[int] = None,
    ) -> T:
        """What ``join`` gives for what ``make`` gives for each file of a partition, in order.

        Where the lake has a ``memory`` of it, only what has come since the last look is read. The arguments
        are those of ``FileMemory.of_folder``. Raises GoneFile when files are exchanged all the time.
        """
        folder, storage = self.folder(table, partition), self.storage
        for left in reversed(range(_TRIES)):
            try:
                version = storage.folder_version(folder)
                if self.memory is None or (version is None and not self._has_versions(table, partition)):
                    return join([make(path) for path in self.files(table, partition)])

                def files() -> dict[str, Hashable]:
                    return {path: storage.version(path) for path in self.files(table, partition)}

                return self.memory.of_folder(purpose, folder, version, files, make, join, size, most)
            except FileNotFoundError as error:
                if not left:
                    raise self.damaged(folder, error) from error
        raise AssertionError('unreachable')

    def _has_versions(self, table: str, partition: Partition) -> bool:
        return all(self.storage.version(path) is not None for path in self.files(table, partition)[:1])

    def damaged(self, path: str, error: Exception) -> DamagedFile:
        """The error that names a file and says what to do."""
        kind = GoneFile if isinstance(error, FileNotFoundError) else DamagedFile
        return kind(f'{path}: cannot be read ({str(error).strip()}); see: dateline check {self.root}')

    def _read_file(self, path: str, schema: pa.Schema) -> pa.Table:
        try:
            with self.storage.open(path) as source, pq.ParquetFile(source) as file:
                known = set(file.schema_arrow.names)  # made anew at each look
                there = [name for name in schema.names if name in known]
                # Threads of Arrow that still hold a Python file when the interpreter ends abort the process
                # (apache/arrow#34314); several files are read at once where it matters.
                read = file.read(columns=there, use_threads=False)
        # pyarrow's errors are mostly ValueErrors and OSErrors, but not all of them.
        except (OSError, ValueError, pa.ArrowException) as error:
            raise self.damaged(path, error) from error
        arrays = [
            read[field.name].cast(field.type) if field.name in there else pa.nulls(read.num_rows, field.type)
            for field in schema
        ]
        nullable = pa.schema([field.with_nullable(True) for field in schema])
        return pa.table(arrays, schema=nullable)

    def publish(self, table: str, partition: Partition, rows: pa.Table, run_id: str) -> str:
        """Writes rows as one file of the partition and makes it visible in one step. Returns its path.

        The name is a hash of the sorted row ids, so a repeat of the same commit replaces itself.
        """
        (final,) = self.publish_all({table: rows}, partition, run_id)
        return final

    def publish_all(self, tables: Mapping[str, pa.Table], partition: Partition, run_id: str) -> list[str]:
        """The same for rows of several tables, which become visible in their order once all are written."""
        written = [self._write(table, partition, rows, run_id) for table, rows in tables.items()]
        with self.exclusive('a commit'), lease.fence(self.root, self.storage):
            for staged, final in written:
                self.storage.publish(staged, final)
        finals = [final for _, final in written]
        with _publishing:
            _published.setdefault(run_id, set()).update(map(hash63, finals))
            _published.move_to_end(run_id)
            while len(_published) > _RUNS_KNOWN:
                _published.popitem(last=False)
        return finals

    def _write(self, table: str, partition: Partition, rows: pa.Table, run_id: str) -> tuple[str, str]:
        """Writes rows where no reader sees them. Returns that path and the one that they are for."""
        name = hash_id(*sorted(row_ids(TABLES[table], rows)))[:20]
        staged = f'{self.staging(run_id)}/commit/{table}-{"-".join(partition)}-{name}.parquet'
        with self.storage.create(staged) as file:
            write_parquet(file, fitted(rows, TABLES[table].schema))
        return staged, f'{self.folder(table, partition)}/{name}.parquet'

    def is_own(self, path: str, run_id: str) -> bool:
        """Whether this process has published the file for this run, as far as it remembers."""
        return hash63(path) in _published.get(run_id, ())

    def exchange(self, table: str, partition: Partition, folder: str) -> None:
        """Puts a folder's files in the place of a partition's, and those into the folder, in one step.

        Raises ExchangeUnsupported. For holders of ``exclusive`` who have seen that the partition is still
        what the folder was made of.
        """
        with lease.fence(self.root, self.storage):
            self.storage.exchange(folder, self.folder(table, partition))

    def exclusive(
        self, purpose: str, wait_s: float = 600.0, alone: bool = False
    ) -> AbstractContextManager[None]:
        """The lake's lease: who reads a partition and then publishes to it does both within.

        Threads of one process share it, unless one wants it ``alone``: who exchanges partitions does.

        Raises LeaseTimeout when it is not to be had, and LeaseLost from within when another process took it
        over: nothing was published then.
        """
        return lease.hold(self.root, self.storage, purpose, wait_s, alone)

    def commit(self, work: Callable[[], T], purpose: str = 'a commit', alone: bool = False) -> T:
        """Does the work within ``exclusive``, from the start again when the lease was lost."""
        return lease.run(self.root, self.storage, purpose, work, alone=alone)


def _is_hidden(path: str, root: str) -> bool:
    return any(part.startswith(('_', '.')) for part in path[len(root) + 1 :].split('/'))
