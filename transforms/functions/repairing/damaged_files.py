"""Damaged files of a lake: moved aside, and what can still be read of them put back where it belongs.

A file that was moved to ``_damaged/`` gets a small JSON record beside it once its rows are back; without
one the next repair puts them back (again), which changes nothing that is there already.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.tables import TABLES
from transforms.functions import lease
from transforms.functions.article_rows import day_of, moment_text
from transforms.functions.forgotten import Forgotten, forgotten
from transforms.functions.lake import DamagedFile, Lake, Partition
from transforms.functions.lake_files import examine, sound_rows
from transforms.functions.ledger_scrubbing import scrub_ledger
from transforms.functions.table_commit import DAY_COLUMN, add_rows

FOLDER = '_damaged'
# Rows decoded at a time: what stands before a damaged page is read.
_ROWS = 200
_RECORD = '.json'


def move_aside(lake: Lake) -> Iterator[str]:
    """Moves files with faults of their own to ``_damaged/``, and gives a sentence for each."""
    for table in reversed(TABLES):
        for path in lake.files(table):
            try:
                with lake.storage.open(path):
                    pass
                faults = examine(lake, table, path, ()).faults
            except FileNotFoundError:  # a command merged or rewrote its partition meanwhile
                continue
            except PermissionError as error:
                yield f'{path}: left as it is: {error.strerror}'
                continue
            if faults and (aside := move_file_aside(lake, path)):
                yield f'{faults[0]}; moved to {aside}'


def move_misplaced_aside(lake: Lake) -> Iterator[str]:
    """Moves aside files with articles that are somewhere else by the ledger; they are put back there.

    So it is after a folder was moved, and after two writers gave an article two partitions.
    """
    for path in lake.files('articles'):
        try:
            row_ids = lake.read('articles', [path], ('row_id',))['row_id']
        except DamagedFile:
            continue  # merged or rewritten meanwhile
        here = lake.partition_of('articles', path)
        known = _places_in_ledger(lake, row_ids)
        others = sorted({min(places) for places in known.values() if here not in places})
        if others and (aside := move_file_aside(lake, path)):
            yield f'{path}: has articles of {"/".join(others[0])} by the ledger; moved to {aside}'


def move_file_aside(lake: Lake, path: str) -> str:
    """Moves one file below the lake's root to ``_damaged/``; an empty string when it is gone already."""
    there = set(lake.storage.list_files(f'{lake.root}/{FOLDER}'))
    whole = f'{lake.root}/{FOLDER}/{path[len(lake.root) + 1 :]}'
    stem = whole.removesuffix('.parquet')
    names = [whole, *(f'{stem}.{n}.parquet' for n in range(2, len(there) + 3))]
    aside = next(name for name in names if name not in there)

    def move() -> str:
        if path not in lake.storage.list_files(path.rpartition('/')[0]):
            return ''
        with lease.fence(lake.root, lake.storage):
            lake.storage.publish(path, aside)
        return aside

    return lake.commit(move, alone=True)


def put_back(lake: Lake, run_id: str, now: int, relink: Callable[[str], int]) -> Iterator[str]:
    """Puts what can be read of the files that were moved aside where it belongs; a sentence for each file.

    ``relink`` is given the day of each file of links and finds the links of that day's articles anew.
    """
    root = f'{lake.root}/{FOLDER}/'
    there = lake.storage.list_files(root.rstrip('/'))
    gone = forgotten(lake)
    for table in TABLES:  # articles before their mentions
        for path in there:
            if not path.startswith(f'{root}{table}/') or not path.endswith('.parquet'):
                continue
            if path + _RECORD in there:
                continue
            named = tuple(part.partition('=')[2] for part in path[len(root) :].split('/')[1:-1])
            rows = _not_forgotten(table, _readable(lake, table, path), gone)
            count = 0
            for partition, some in _placed(lake, table, named, rows):
                count += some.num_rows
                add_rows(lake, table, partition, some, run_id)
            found = relink(named[0]) if table == 'links' and named else 0
            record = {'moved_at': moment_text(now), 'by': run_id, 'rows_put_back': count}
            with lake.storage.create(path + _RECORD) as file:
                file.write(json.dumps(record).encode() + b'\n')
            more = f', {found} links were found anew' if found else ''
            yield f'{path}: {count} rows of it could be read and are back in place{more}'


def _not_forgotten(table: str, rows: pa.Table, gone: Forgotten) -> pa.Table:
    """The rows without those of articles that were forgotten on request; of the ledger those emptied."""
    if table == 'ledger':
        return scrub_ledger(rows, gone)
    if 'article_id' not in rows.column_names:
        return rows
    return rows.filter(pc.invert(pc.is_in(rows['article_id'], pa.array(sorted(gone.articles), pa.string()))))


def _readable(lake: Lake, table: str, path: str) -> pa.Table:
    """The rows of a damaged file that decode, checksums and all, and are right for their table."""
    schema = TABLES[table].schema
    parts = [schema.empty_table()]
    try:
        with (
            lake.storage.open(path) as source,
            pq.ParquetFile(source, page_checksum_verification=True) as file,
        ):
            for group in range(file.metadata.num_row_groups):
                parts += _readable_of_group(file, group, table)
    except (OSError, ValueError, pa.ArrowException):
        pass  # what was read before stays read; the caller says how much that was
    return pa.concat_tables(parts)


def _readable_of_group(file: pq.ParquetFile, group: int, table: str) -> Iterator[pa.Table]:
    try:
        for batch in file.iter_batches(_ROWS, row_groups=[group], use_threads=False):
            batch.validate(full=True)
            yield sound_rows(table, pa.Table.from_batches([batch]))
    except (OSError, ValueError, pa.ArrowException):
        return  # the groups behind it may be whole


def _placed(lake: Lake, table: str, named: Partition, rows: pa.Table) -> Iterator[tuple[Partition, pa.Table]]:
    """Rows by the partition they belong to; what belongs nowhere is left out."""
    if not rows.num_rows:
        return
    if table in DAY_COLUMN:
        moments = rows[DAY_COLUMN[table]].cast(pa.int64()).to_pylist()
        places: Sequence[Partition] = [(day_of(moment),) for moment in moments]
    elif table == 'articles':
        known = _places_in_ledger(lake, rows['row_id'])
        default = named if len(named) == len(TABLES[table].partitions) and all(named) else ()
        said = (known.get(row_id, {default}) for row_id in rows['row_id'].to_pylist())
        places = [default if default in there else min(there) for there in said]
    else:
        of_articles = _places_of_articles(lake, rows['row_id'])
        places = [of_articles.get(row_id, ()) for row_id in rows['row_id'].to_pylist()]
    by_place: dict[Partition, list[int]] = defaultdict(list)
    for number, place in enumerate(places):
        if place:
            by_place[place].append(number)
    for place, numbers in sorted(by_place.items()):
        yield place, rows.take(pa.array(numbers, pa.int64()))


def _places_in_ledger(lake: Lake, row_ids: pa.ChunkedArray) -> dict[str, set[Partition]]:
    """The partitions that the ledger names for rows of articles: one each, unless two writers disagreed."""
    columns = ('row_id', 'article_date', 'article_outlet')
    known: dict[str, set[Partition]] = defaultdict(set)
    for _, paths in lake.by_partition('ledger'):
        rows = lake.read_settled('ledger', paths, columns)
        for row in rows.filter(pc.is_in(rows['row_id'], row_ids.combine_chunks())).to_pylist():
            if row['article_date'] and row['article_outlet']:
                known[row['row_id']].add((row['article_date'], row['article_outlet']))
    return known


def _places_of_articles(lake: Lake, row_ids: pa.ChunkedArray) -> dict[str, Partition]:
    known: dict[str, Partition] = {}
    for partition, paths in lake.by_partition('articles'):
        rows = lake.read_settled('articles', paths, ('row_id',))
        for row_id in rows.filter(pc.is_in(rows['row_id'], row_ids.combine_chunks()))['row_id'].to_pylist():
            known[row_id] = partition
    return known
