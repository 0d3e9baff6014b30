"""Staged articles read back for their commits."""

import pickle
import zlib
from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa

from schemas.staging import StagedArticle
from transforms.functions.article_rows import STAGED_SCHEMA
from transforms.functions.lake import Lake, plain_rows
from transforms.functions.table_commit import read_staged

# A staged file's rows in their order, each a pickled dict, compressed.
StagedRows = tuple[bytes, ...]
# The fastest that halves them more than once: 0.1 ms a row.
_LEVEL = 1
_DECODED = 20  # rows as dicts at one moment


def rows_of(refs: Iterable[StagedArticle], read: Callable[[str], StagedRows]) -> list[dict[str, Any]]:
    """The staged rows in an order that does not depend on how they arrived."""
    wanted = sorted({(ref.path, ref.index) for ref in refs})
    rows: list[dict[str, Any]] = [_unpacked(read(path)[index]) for path, index in wanted]
    return sorted(rows, key=lambda row: (row['first_seen_at'], row['fetched_at'], row['sighting_id']))


def staged_rows(lake: Lake, path: str) -> StagedRows:
    """A staged file's rows, each as a dict of its columns, packed.

    A file has rows of many partitions, a row or two each. Decoding it once costs a tenth of taking the rows
    out of its columns one by one, and packed they are as small as in the file.
    """
    table = read_staged_file(lake, path)
    # Some at a time: as dicts they are ten times as large.
    parts = (table.slice(start, _DECODED) for start in range(0, table.num_rows, _DECODED))
    return tuple(_packed(row) for part in parts for row in plain_rows(part))


def _packed(row: dict[str, Any]) -> bytes:
    return zlib.compress(pickle.dumps(row, pickle.HIGHEST_PROTOCOL), _LEVEL)


def _unpacked(row: bytes) -> dict[str, Any]:
    found: dict[str, Any] = pickle.loads(zlib.decompress(row))
    return found


def read_staged_file(lake: Lake, path: str) -> pa.Table:
    """A staged file's rows. Raises DamagedFile and FileNotFoundError."""
    return read_staged(lake, path, STAGED_SCHEMA)
