"""Removing an article from a partition: which rows change in each table, and the files without them."""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from schemas.ids import hash_id
from schemas.tables import TABLES
from schemas.vocabulary import LinkKind
from transforms.functions.forgotten import Forgotten
from transforms.functions.lake import DamagedFile, Lake, Partition
from transforms.functions.lease import LeaseTimeout
from transforms.functions.ledger_scrubbing import COLUMNS, concerns, has_id, last_attempts, scrub
from transforms.functions.upkeep.maintenance import Contents, Work, carry
from transforms.functions.upkeep.row_groups import RowCount, batches, regroup, write_groups

# A writer that commits to the same partition all the time is in the way this often; then it waits.
_TRIES = 5


class Change(Protocol):
    """What becomes of a partition's rows."""

    columns: Sequence[str]  # what ``look`` and ``mask`` need

    def look(self, rows: pa.Table) -> None:
        """Is shown all rows of the partition before any is changed."""

    def mask(self, rows: pa.Table) -> pa.ChunkedArray:
        """Which rows change."""

    def apply(self, rows: pa.Table) -> pa.Table:
        """What the rows become, those that change and those that do not."""


class DropArticle:
    """Of articles and mentions: the article's rows go."""

    columns: Sequence[str] = ('article_id',)

    def __init__(self, gone: Forgotten) -> None:
        self._gone = gone

    def look(self, rows: pa.Table) -> None:
        """Nothing: each row decides for itself."""

    def mask(self, rows: pa.Table) -> pa.ChunkedArray:
        return has_id(rows, self._gone)

    def apply(self, rows: pa.Table) -> pa.Table:
        return rows.filter(pc.invert(self.mask(rows)))


class DropLinks:
    """Of links: those from and to the article go, and it is no group's likely original any more."""

    columns: Sequence[str] = ('row_id', 'article_id', 'kind', 'target', 'original')

    def __init__(self, gone: Forgotten) -> None:
        self._gone = gone
        self._rows = pa.array(sorted(gone.rows), pa.string())
        # Links of the first schema named articles.
        self._targets = pa.array(sorted(gone.rows | gone.articles), pa.string())

    def look(self, rows: pa.Table) -> None:
        """Nothing: each row decides for itself."""

    def mask(self, rows: pa.Table) -> pa.ChunkedArray:
        return pc.or_(self._dropped(rows), self._original(rows))

    def apply(self, rows: pa.Table) -> pa.Table:
        rows = rows.filter(pc.invert(self._dropped(rows)))
        if 'original' not in rows.column_names:
            return rows
        at = rows.schema.get_field_index('original')
        left = pc.if_else(self._original(rows), pa.scalar(None, pa.string()), rows['original'])
        return rows.set_column(at, rows.schema.field(at), left)

    def _dropped(self, rows: pa.Table) -> pa.ChunkedArray:
        own = pc.or_(has_id(rows, self._gone), pc.is_in(rows['row_id'], self._rows))
        # The target of these is a group, which remains.
        to_article = pc.not_equal(rows['kind'], LinkKind.SYNDICATION.value)
        return pc.or_(own, pc.and_(to_article, pc.is_in(rows['target'], self._targets)))

    def _original(self, rows: pa.Table) -> pa.ChunkedArray:
        if 'original' not in rows.column_names:
            return pa.chunked_array([pa.repeat(False, len(rows))])
        return pc.is_in(rows['original'], self._rows)


class ScrubLedger:
    """Of the ledger: all rows stay, the article's are emptied, all attempts of its sightings with them."""

    columns: Sequence[str] = COLUMNS

    def __init__(self, gone: Forgotten) -> None:
        self._gone = gone
        self._last: dict[str, int] = {}

    def look(self, rows: pa.Table) -> None:
        for key, attempt in last_attempts(rows.filter(concerns(rows, self._gone))).items():
            self._last[key] = max(attempt, self._last.get(key, 0))

    def mask(self, rows: pa.Table) -> pa.ChunkedArray:
        sighted = pc.is_in(rows['sighting_id'], pa.array(sorted(self._last), pa.string()))
        earlier = pc.and_(sighted, pc.is_null(rows['row_id']))
        return pc.or_(concerns(rows, self._gone), earlier)

    def apply(self, rows: pa.Table) -> pa.Table:
        return scrub(rows, self.mask(rows), self._last)


def rewrite(work: Work, table: str, partition: Partition, make: Callable[[], Change]) -> int:
    """Changes a partition's rows, in new files that are exchanged for it in one step, and says how many.

    Files without such rows, and whatever else is in the folder, are taken along as they are.
    """
    for attempt in range(_TRIES):
        last = attempt == _TRIES - 1
        with work.lake.exclusive('forget', alone=True) if last else contextlib.nullcontext():
            seen = work.contents(table, partition)
            try:
                folder, changed = _build(work, table, partition, seen, make())
            except FileNotFoundError:
                continue  # exchanged meanwhile
            if not changed or work.exchange(table, partition, seen, folder):
                return changed
    raise LeaseTimeout(f'{work.lake.folder(table, partition)}: was changed each time')


def _build(work: Work, table: str, partition: Partition, seen: Contents, change: Change) -> tuple[str, int]:
    lake, folder, home = work.lake, work.new_folder(), work.lake.folder(table, partition)
    paths = [path for path, *_ in seen]
    ours = [path for path in paths if path.endswith('.parquet') and os.path.dirname(path) == home]
    for path in ours:
        for rows in batches(lake, path, list(change.columns)):
            change.look(rows)
    changed = 0
    for path in paths:
        found = 0
        if path in ours:
            parts = batches(lake, path, list(change.columns))
            found = sum(pc.sum(change.mask(rows)).as_py() or 0 for rows in parts)
        if found:
            _write(lake, table, path, folder, change)
        else:
            carry(path, folder, home)
        changed += found
    return folder, changed


def _write(lake: Lake, table: str, path: str, folder: str, change: Change) -> None:
    """The file with its rows changed, under another name: who saw the old one knows that it is gone."""
    kept, written = RowCount(TABLES[table]), RowCount(TABLES[table])
    name = hash_id('forget', os.path.basename(path))[:20]
    target = f'{folder}/{name}.parquet'
    parts = batches(lake, path)
    first = next(parts)

    def changed() -> Iterator[pa.Table]:
        yield change.apply(first)
        for rows in parts:
            yield change.apply(rows)

    if write_groups(lake, target, first.schema, regroup(kept.counted(changed())), float('inf')):
        for rows in batches(lake, target, list(TABLES[table].row_id)):
            written.add(rows)
    if kept != written:
        raise DamagedFile(f'{path}: {kept.rows} rows should be left of it, but {written.rows} were written')
