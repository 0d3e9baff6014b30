"""Compaction: the small files of a partition become few, with the same rows."""

import dataclasses
import datetime
import os
from collections.abc import Callable, Iterator
from typing import Optional

import pyarrow as pa

from schemas.ids import hash_id
from schemas.tables import TABLES, Table
from transforms.functions.lake import DamagedFile, Lake, Partition
from transforms.functions.upkeep.compaction_plan import (
    MOMENTS,
    CannotMerge,
    Merge,
    look,
    plan_merges,
    shape_of,
)
from transforms.functions.upkeep.maintenance import Contents, Work, carry, open_work
from transforms.functions.upkeep.row_groups import RowCount, batches, regroup, write_groups

Progress = Callable[[str, int, int], None]


@dataclasses.dataclass
class Compacted:
    """What became of a table. Counts are of the partitions that were looked at; bytes are of files."""

    table: str
    partitions: int = 0
    merged: int = 0  # partitions that have new files
    overtaken: int = 0  # partitions that somebody changed meanwhile; left to the next time
    files_before: int = 0
    files_after: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    faults: list[str] = dataclasses.field(default_factory=list)  # a sentence per partition left alone


def first_open_day(today: datetime.date) -> str:
    """The first day that is not closed: yesterday, in UTC, may still be written to.

    >>> first_open_day(datetime.date(2025, 3, 3))
    '2025-03-02'
    """
    return (today - datetime.timedelta(days=1)).isoformat()


def compact(
    lake: Lake, before: str, target_bytes: int, upgrade: bool = False, progress: Optional[Progress] = None
) -> Iterator[Compacted]:
    """Merges the small files of all partitions of days before ``before`` (``YYYY-MM-DD``), table by table.

    Files of at least half of ``target_bytes`` stay; of the others files of about the target are made, when
    they are more than one. With ``upgrade``, files of an older schema version are written in today's, on all
    days. Without it they are merged among themselves and keep their version.

    Memory is that of a row group. ``progress`` is told table, partitions done and all partitions.
    Raises ExchangeUnsupported, LeaseTimeout, NotWritable.
    """
    with open_work(lake, 'compact') as work:
        for table in TABLES:
            yield _compact_table(work, table, before, target_bytes, upgrade, progress)


def _compact_table(
    work: Work, table: str, before: str, target: int, upgrade: bool, progress: Optional[Progress]
) -> Compacted:
    lake, done = work.lake, Compacted(table)
    partitions, strays = _partitions(lake, table)
    done.faults += [f'{path}: is not in a partition of {table}; left alone' for path in strays]
    looked_at = [one for one in partitions if one[0] < before or upgrade]
    for number, partition in enumerate(looked_at):
        seen = work.contents(table, partition)
        done.partitions += 1
        done.files_before += len(seen)
        done.bytes_before += _size(seen)
        try:
            folder = _rewrite(work, table, partition, seen, partition[0] < before, target, upgrade)
            if folder is not None:
                if work.exchange(table, partition, seen, folder):
                    done.merged += 1
                else:
                    done.overtaken += 1
        except FileNotFoundError:
            done.overtaken += 1
        except (CannotMerge, DamagedFile) as error:
            done.faults.append(str(error))
        after = work.contents(table, partition)
        done.files_after += len(after)
        done.bytes_after += _size(after)
        if progress is not None:
            progress(table, number + 1, len(looked_at))
    return done


def _partitions(lake: Lake, table: str) -> tuple[list[Partition], list[str]]:
    """The table's partitions, and its files that are in none."""
    keys = TABLES[table].partitions
    partitions: set[Partition] = set()
    strays = []
    for path in lake.storage.list_files(lake.folder(table)):
        partition = lake.partition_of(table, path)[: len(keys)]
        if len(partition) == len(keys) and path.startswith(lake.folder(table, partition) + '/'):
            partitions.add(partition)
        else:
            strays.append(path)
    return sorted(partitions), strays


def _rewrite(
    work: Work, table: str, partition: Partition, seen: Contents, closed: bool, target: int, upgrade: bool
) -> Optional[str]:
    """A folder with what shall be the partition's files, or None when they can stay as they are."""
    lake = work.lake
    if len(seen) < 2 and not upgrade:
        return None
    home = lake.folder(table, partition)
    for path, *_ in seen:
        if os.path.dirname(path) != home or not path.endswith('.parquet') or _is_hidden(path):
            raise CannotMerge(f'{path}: is no file of {table}; its partition was left alone')
    files = [look(lake, table, path, size) for path, _, size, _ in seen]
    merges = plan_merges(table, files, closed, target, upgrade)
    if not merges:
        return None
    folder = work.new_folder()
    fresh = 0
    for merge in merges:
        fresh += _merge(lake, TABLES[table], merge, folder, target)
    merged = {file.path for merge in merges for file in merge.files}
    if fresh >= len(merged) and not any(file.is_old for merge in merges for file in merge.files):
        lake.storage.delete_folder(folder)
        return None  # nothing is gained: the target is smaller than a row group
    for file in files:
        if file.path not in merged:
            carry(file.path, folder, home)
    return folder


def _merge(lake: Lake, table: Table, merge: Merge, folder: str, target: int) -> int:
    """Writes files of about the target size into the folder, and says how many."""
    read, written = RowCount(table), RowCount(table)
    rows = (
        _fit(part, merge.schema) for file in merge.files for part in read.counted(batches(lake, file.path))
    )
    groups = (_ordered(table, group) for group in regroup(rows))
    names = _Names(folder, merge)
    while write_groups(lake, names.next(), merge.schema, groups, target):
        pass
    for path in names.given[:-1]:
        for part in batches(lake, path, list(table.row_id)):
            written.add(part)
    if written != read:
        home = os.path.dirname(merge.files[0].path)
        raise CannotMerge(f'{home}: {written.rows} rows were written of {read.rows} read; left alone')
    return len(names.given) - 1


class _Names:
    """Names of new files: never one that the partition has, so that a reader who saw the old files knows."""

    def __init__(self, folder: str, merge: Merge) -> None:
        self.given: list[str] = []
        self._folder = folder
        old = (os.path.basename(file.path) for file in merge.files)
        self._id = hash_id(str(shape_of(merge.schema)[0]), *old)

    def next(self) -> str:
        name = hash_id(self._id, str(len(self.given)))[:20]
        self.given.append(f'{self._folder}/{name}.parquet')
        return self.given[-1]


def _fit(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Rows in the schema; columns that they lack are null."""
    there = set(rows.schema.names)
    columns = [
        rows[field.name].cast(field.type) if field.name in there else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _ordered(table: Table, rows: pa.Table) -> pa.Table:
    keys = [key for key in (MOMENTS.get(table.name), *table.row_id) if key in rows.column_names]
    return rows.sort_by([(key, 'ascending') for key in keys])


def _size(contents: Contents) -> int:
    return sum(size for _, _, size, _ in contents)


def _is_hidden(path: str) -> bool:
    return os.path.basename(path).startswith(('_', '.'))
