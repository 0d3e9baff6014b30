"""Which files of a partition hold given ids: a commit to a partition of many files reads few of them."""

import functools
import itertools
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from schemas.tables import TABLES
from transforms.functions.lake import Lake, Partition
from transforms.functions.state.compact_columns import Ids, Numbers
from transforms.functions.state.lake_batches import column_batches

_CODER = Ids(remember=False)
# What is asked for beside the first column of the row id.
_FURTHER = {'articles': ('article_id',)}


@dataclass(frozen=True)
class _Held:
    """The ids in some files of a partition, by column: 12 bytes each, and a name of each file."""

    names: tuple[str, ...]
    ids: dict[str, Numbers]  # the first 64 bits of each: that they are another id's costs a look into a file
    files: dict[str, Numbers]  # for each of them its file, a place in ``names``


def files_with(
    lake: Lake, table: str, partition: Partition, column: str, ids: pa.Array | pa.ChunkedArray
) -> list[str]:
    """The files of a partition that hold a row with one of the ids, and maybe others; sorted.

    All of its files where the lake has no ``memory``. ``column`` is the first of the table's row id, or
    ``article_id`` of articles. Raises DamagedFile.
    """
    if lake.memory is None:
        return lake.files(table, partition)
    columns = tuple(dict.fromkeys((TABLES[table].row_id[0], *_FURTHER.get(table, ()))))
    held = lake.gathered('ids', table, partition, functools.partial(_read, lake, table, columns), _join)
    if not held.names:
        return []
    wanted = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    there = np.isin(held.ids[column], _firsts(wanted))
    folder = lake.folder(table, partition)
    return sorted(f'{folder}/{held.names[n]}' for n in np.unique(held.files[column][there]).tolist())


def _read(lake: Lake, table: str, columns: tuple[str, ...], path: str) -> _Held:
    ids: dict[str, list[Numbers]] = {name: [np.zeros(0, np.uint64)] for name in columns}
    for batch in column_batches(lake, table, path, columns):
        for name in columns:
            ids[name].append(_firsts(batch[name]))
    once = {name: np.unique(np.concatenate(parts)) for name, parts in ids.items()}
    files = {name: np.zeros(len(some), np.int32) for name, some in once.items()}
    return _Held((path.rpartition('/')[2],), once, files)


def _join(parts: list[_Held]) -> _Held:
    parts = [part for part in parts if part.names]
    columns = parts[0].ids if parts else {}
    starts = [0, *itertools.accumulate(len(part.names) for part in parts)][: len(parts)]
    shifted = list(zip(parts, starts, strict=True))
    return _Held(
        tuple(name for part in parts for name in part.names),
        {name: np.concatenate([part.ids[name] for part in parts]) for name in columns},
        {name: np.concatenate([part.files[name] + np.int32(n) for part, n in shifted]) for name in columns},
    )


def _firsts(ids: pa.Array) -> Numbers:
    return _CODER.encode(ids)[:, 0]
