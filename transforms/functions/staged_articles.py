"""Staged articles read back for their commits."""

import pickle
from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa

from schemas.staging import StagedArticle
from transforms.functions.article_rows import STAGED_SCHEMA
from transforms.functions.lake import Lake, plain_rows
from transforms.functions.table_commit import read_staged

# A staged file's rows in their order, each a pickled dict.
StagedRows = tuple[bytes, ...]


def rows_of(refs: Iterable[StagedArticle], read: Callable[[str], StagedRows]) -> list[dict[str, Any]]:
    """The staged rows in an order that does not depend on how they arrived."""
    wanted = sorted({(ref.path, ref.index) for ref in refs})
    rows: list[dict[str, Any]] = [pickle.loads(read(path)[index]) for path, index in wanted]
    return sorted(rows, key=lambda row: (row['first_seen_at'], row['fetched_at'], row['sighting_id']))


def staged_rows(lake: Lake, path: str) -> StagedRows:
    """A staged file's rows, each as a pickled dict of its columns.

    A file has rows of many partitions, a row or two each. Decoding it once costs a tenth of taking the rows
    out of its columns one by one, and pickled they are as small as in the file.
    """
    return tuple(
        pickle.dumps(row, pickle.HIGHEST_PROTOCOL) for row in plain_rows(read_staged_file(lake, path))
    )


def read_staged_file(lake: Lake, path: str) -> pa.Table:
    """A staged file's rows. Raises DamagedFile and FileNotFoundError."""
    return read_staged(lake, path, STAGED_SCHEMA)
