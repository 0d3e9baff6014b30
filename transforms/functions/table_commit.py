"""Staging and committing rows of the small tables, and the rule that a row id is written once."""

import datetime
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Optional

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.ids import hash_id
from schemas.tables import TABLES
from schemas.vocabulary import Disposition
from transforms.functions.article_rows import day_of
from transforms.functions.forgotten import Forgotten, forgotten
from transforms.functions.held_ids import files_with
from transforms.functions.lake import Lake, Partition
from transforms.functions.lake_rows import row_ids, rows_to_table, write_parquet
from transforms.functions.ledger_scrubbing import scrub_ledger

# The column whose day is the partition of a row.
DAY_COLUMN = {'ledger': 'seen_at', 'polls': 'polled_at', 'links': 'decided_at'}
# Rows that are committed at a time. A first poll of many feeds brings tens of thousands that have to wait:
# with their entries 1 KB each as they are read, the same sorted, and the same again while they are written.
ROWS_AT_ONCE = 4_096
# Tables whose rows may come again under another day.
_NEAR = frozenset(DAY_COLUMN)
_MOST_PARTS = 16
_WRITTEN = pa.array([Disposition.WRITTEN.value, Disposition.UPDATED.value])


def partition_of_row(table: str, row: dict[str, Any]) -> Partition:
    """The partition of a row of one of the small tables."""
    return (day_of(row[DAY_COLUMN[table]]),)


def stage_table(lake: Lake, name: str, run_id: str, rows: pa.Table, identity: Iterable[str]) -> str:
    """Writes rows where no reader sees them and returns the path.

    The file's name is a hash of what identifies its rows, so that a bundle that is worked on twice
    stages one file.
    """
    path = f'{lake.staging(run_id)}/{name}/{hash_id(*sorted(identity))[:20]}.parquet'
    with lake.storage.create(path) as file:
        write_parquet(file, rows)
    return path


def stage_rows(lake: Lake, table: str, run_id: str, rows: Sequence[dict[str, Any]]) -> str:
    """Stages rows of one partition of a small table."""
    staged = rows_to_table(rows, TABLES[table].schema)
    return stage_table(lake, table, run_id, staged, row_ids(TABLES[table], staged))


def read_staged(lake: Lake, path: str, schema: pa.Schema) -> pa.Table:
    """A staged file's rows, in the schema; pages are compared with their checksums.

    Raises DamagedFile, and FileNotFoundError when the file is not there (any more).
    """
    try:
        with (
            lake.storage.open(path) as source,
            pq.ParquetFile(source, page_checksum_verification=True) as file,
        ):
            return file.read(use_threads=False).cast(schema)
    except FileNotFoundError:
        raise
    # pyarrow's errors are mostly ValueErrors and OSErrors, but not all of them.
    except (OSError, ValueError, pa.ArrowException) as error:
        raise lake.damaged(path, error) from error


def commit_rows(lake: Lake, table: str, partition: Partition, staged: Iterable[str], run_id: str) -> int:
    """Commits staged files to one partition and returns how many rows were new.

    Memory: some thousand rows, or a sixteenth of what is staged if that is more, and their ids. More of them
    than that become several files, and which rows a file has does not depend on how they were staged.
    """
    parts = _parts(lake, table, sorted(set(staged)))
    return sum(add_rows(lake, table, partition, rows, run_id) for rows in parts)


def _parts(lake: Lake, table: str, paths: Sequence[str]) -> Iterator[pa.Table]:
    """The rows of staged files, some at a time; those whose ids begin alike come together."""
    schema, first = TABLES[table].schema, TABLES[table].row_id[0]
    tables: list[pa.Table] = []
    for path in paths:
        tables.append(read_staged(lake, path, schema))
        if sum(part.num_rows for part in tables) > ROWS_AT_ONCE:
            break
    else:  # as a rule: each file is read once
        if tables:
            yield pa.concat_tables(tables)
        return
    tables.clear()
    ids = pa.concat_tables(read_staged(lake, path, schema).select([first]) for path in paths)[first]
    order = ids.take(pc.sort_indices(ids))
    # Each part reads all that is staged again: with more than some parts that would cost more than it spares.
    step = max(ROWS_AT_ONCE, len(order) // _MOST_PARTS)
    starts = dict.fromkeys(order.take(pa.array(range(step, len(order), step))).to_pylist())
    for start, end in itertools.pairwise([None, *starts, None]):
        yield pa.concat_tables(_between(read_staged(lake, path, schema), first, start, end) for path in paths)


def _between(rows: pa.Table, column: str, start: Optional[str], end: Optional[str]) -> pa.Table:
    """The rows whose value is ``start`` at least and less than ``end``."""
    if start is not None:
        rows = rows.filter(pc.greater_equal(rows[column], start))
    if end is not None:
        rows = rows.filter(pc.less(rows[column], end))
    return rows


def add_rows(lake: Lake, table: str, partition: Partition, rows: pa.Table, run_id: str) -> int:
    """Commits the rows whose ids the partition does not hold yet, and returns how many they were.

    Of what was forgotten on request ledger rows are emptied first, and links are left out. What became of an
    article that the rows' run wrote is never dropped: when another run has decided the same attempt, it is
    the next one.
    """
    order = [(name, 'ascending') for name in TABLES[table].row_id]

    def commit() -> int:
        fresh = drop_known(lake, table, partition, rows)
        if table == 'ledger' and fresh.num_rows < rows.num_rows:
            displaced = _displaced(lake, partition, rows)
            fresh = pa.concat_tables([fresh, displaced]) if displaced.num_rows else fresh
        if table == 'ledger' and fresh.num_rows:
            fresh = scrub_ledger(fresh, forgotten(lake))
        if table == 'links' and fresh.num_rows:
            fresh = _without_forgotten(fresh, forgotten(lake))
        if fresh.num_rows:
            lake.publish(table, partition, fresh.sort_by(order), run_id)
        return fresh.num_rows

    # Threads share the lease since each commits to its own partition; these look at the days beside theirs.
    return lake.commit(commit, alone=table in _NEAR)


def add_row_objects(lake: Lake, table: str, rows: Iterable[Any], run_id: str) -> int:
    """Commits row objects of one of the small tables, each to its partition; returns how many were new."""
    by_partition: dict[Partition, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_partition[partition_of_row(table, vars(row))].append(vars(row))
    schema = TABLES[table].schema
    return sum(
        add_rows(lake, table, partition, rows_to_table(some, schema), run_id)
        for partition, some in sorted(by_partition.items())
    )


def _without_forgotten(links: pa.Table, gone: Forgotten) -> pa.Table:
    rows = pa.array(sorted(gone.rows), pa.string())
    lost = pc.is_in(links['article_id'], pa.array(sorted(gone.articles), pa.string()))
    for end in ('row_id', 'target'):
        lost = pc.or_(lost, pc.is_in(links[end], rows))
    return links.filter(pc.invert(lost))


def drop_known(lake: Lake, table: str, partition: Partition, rows: pa.Table) -> pa.Table:
    """The rows whose ids the partition does not hold yet, each id once.

    Of tables by day the days before and after are looked at too: a job that is repeated after midnight, or
    another that works at the same time, dates the same rows otherwise.
    """
    definition = TABLES[table]
    known: set[str] = set()
    for near in _neighbours(partition[0]) if table in _NEAR else ():
        known.update(_ids_there(lake, table, (near,), rows))
    known.update(_ids_there(lake, table, partition, rows))
    keep = []
    for number, key in enumerate(row_ids(definition, rows)):
        if key not in known:
            known.add(key)
            keep.append(number)
    if len(keep) == rows.num_rows:  # as a rule; taking them would copy all
        return rows
    return rows.take(pa.array(keep, pa.int64()))


def _displaced(lake: Lake, partition: Partition, rows: pa.Table) -> pa.Table:
    """Ledger rows of articles that their run wrote, where another run has decided the same attempt.

    So it is when two runs take up the same waiting item. They come as the attempt after the last one.
    """
    wrote = rows.filter(pc.is_in(rows['disposition'], _WRITTEN))
    if not wrote.num_rows:
        return wrote
    last: dict[str, int] = {}
    others: set[tuple[str, int]] = set()
    own: set[tuple[str, str]] = set()
    run_ids = set(wrote['run_id'].to_pylist())
    wanted = wrote['sighting_id'].combine_chunks()
    for day in (partition[0], *_neighbours(partition[0])):
        for path in lake.files('ledger', (day,)):
            there = lake.read('ledger', [path], ('sighting_id', 'attempt', 'run_id', 'row_id'))
            for row in there.filter(pc.is_in(there['sighting_id'], wanted)).to_pylist():
                sighting_id, attempt = row['sighting_id'], row['attempt']
                last[sighting_id] = max(attempt, last.get(sighting_id, 0))
                if row['run_id'] in run_ids:
                    own |= {(sighting_id, row['row_id'])}
                else:
                    others |= {(sighting_id, attempt)}
    keep, attempts = [], []
    for number, row in enumerate(wrote.select(['sighting_id', 'attempt', 'row_id']).to_pylist()):
        sighting_id = row['sighting_id']
        if (sighting_id, row['attempt']) in others and (sighting_id, row['row_id']) not in own:
            own.add((sighting_id, row['row_id']))
            keep.append(number)
            last[sighting_id] += 1
            attempts.append(last[sighting_id])
    at = rows.schema.get_field_index('attempt')
    field = rows.schema.field(at)
    found = wrote.take(pa.array(keep, pa.int64()))
    return found.set_column(at, field, pa.chunked_array([attempts], field.type))


def _ids_there(lake: Lake, table: str, partition: Partition, rows: pa.Table) -> Iterator[str]:
    """Ids that the partition holds: those whose first column some of the rows has."""
    definition = TABLES[table]
    first = definition.row_id[0]
    wanted = rows[first].combine_chunks()
    for path in files_with(lake, table, partition, first, wanted):
        there = lake.read(table, [path], definition.row_id)
        yield from row_ids(definition, there.filter(pc.is_in(there[first], wanted)))


def _neighbours(day: str) -> tuple[str, str]:
    there, step = datetime.date.fromisoformat(day), datetime.timedelta(days=1)
    return (there - step).isoformat(), (there + step).isoformat()
