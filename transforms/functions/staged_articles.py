"""Staged articles read back for their commits."""

import dataclasses
from collections.abc import Callable, Iterable

import pyarrow as pa

from schemas.staging import StagedArticle
from transforms.functions.article_rows import STAGED_SCHEMA
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import plain_rows
from transforms.functions.table_commit import read_staged

# An order that does not depend on how the rows arrived.
_ORDER = ('first_seen_at', 'fetched_at', 'sighting_id')


@dataclasses.dataclass(frozen=True)
class StagedFile:
    """A staged file's rows, of ``STAGED_SCHEMA``, and what each is put in order by."""

    rows: pa.RecordBatch
    order: tuple[tuple[int, int, str], ...]


def rows_of(refs: Iterable[StagedArticle], read: Callable[[str], StagedFile]) -> pa.Table:
    """The staged rows, one at least, in an order that does not depend on how they arrived."""
    wanted = {(ref.path, ref.index) for ref in refs}
    files = {path: read(path) for path, _ in wanted}
    placed = sorted((files[path].order[index], path, index) for path, index in wanted)
    # A file has rows of many partitions, a row or two of each: slices of it are no copies, as taking them
    # would make of each of 70 columns.
    batches = [files[path].rows.slice(index, 1) for _, path, index in placed]
    return pa.Table.from_batches([pa.concat_batches(batches)])


def staged_rows(lake: Lake, path: str) -> pa.Table:
    """A staged file's rows, of ``STAGED_SCHEMA``. Raises DamagedFile and FileNotFoundError."""
    return read_staged(lake, path, STAGED_SCHEMA)


def staged_file(lake: Lake, path: str) -> StagedFile:
    """The same for ``rows_of``. Memory: about 17 KB a row."""
    rows = staged_rows(lake, path)
    keys = plain_rows(rows.select(_ORDER))
    return StagedFile(
        pa.concat_batches(rows.to_batches()), tuple(tuple(key[name] for name in _ORDER) for key in keys)
    )
