"""The books: every item that a feed showed is accounted for. Recounted from the files alone."""

import collections
import dataclasses
from collections.abc import Iterator
from typing import Any, Optional

import pyarrow.parquet as pq

from schemas.tables import TABLES
from schemas.vocabulary import Disposition, PollStatus, Reason, Subject
from transforms.functions.lake import Lake, row_ids

_WRITTEN = (Disposition.WRITTEN.value, Disposition.UPDATED.value)


@dataclasses.dataclass(frozen=True)
class Recount:
    """What a recount found: rows per table, and one sentence per thing that is off."""

    rows: dict[str, int]
    faults: tuple[str, ...]


def recount(lake: Lake) -> Recount:
    """Opens every file, checks schemas, row ids and vocabularies, and balances the three books."""
    faults: list[str] = []
    rows: dict[str, int] = {}
    readable: dict[str, list[str]] = {}
    for name in TABLES:
        readable[name] = []
        rows[name] = 0
        for path in lake.files(name):
            fault = _fault_of_file(lake, name, path)
            if fault:
                faults.append(fault)
            else:
                readable[name].append(path)
    for name, table in TABLES.items():
        ids = row_ids(table, lake.read(name, readable[name], table.row_id))
        rows[name] = len(ids)
        doubled = [key for key, count in collections.Counter(ids).items() if count > 1]
        if doubled:
            faults.append(f'{name}: {len(doubled)} row ids occur more than once, such as {doubled[0]!r}')
    ledger = lake.read('ledger', readable['ledger'], _LEDGER_COLUMNS).to_pylist()
    polls = lake.read('polls', readable['polls'], _POLL_COLUMNS).to_pylist()
    articles = lake.read('articles', readable['articles'], ('row_id', 'run_id')).to_pylist()
    faults += _faults_of_vocabulary(ledger, polls)
    faults += _faults_of_polls(ledger, polls)
    faults += _faults_of_runs(ledger, articles)
    faults += _faults_of_mentions(lake, readable, {row['row_id'] for row in articles})
    return Recount(rows, tuple(faults))


_LEDGER_COLUMNS = (
    'sighting_id',
    'subject',
    'poll_id',
    'disposition',
    'reason',
    'attempt',
    'row_id',
    'run_id',
)
_POLL_COLUMNS = ('poll_id', 'feed_url', 'status', 'reason', 'items_shown', 'items_unchanged')


def _fault_of_file(lake: Lake, table: str, path: str) -> Optional[str]:
    try:
        with lake.storage.open(path) as source, pq.ParquetFile(source) as file:
            schema = file.schema_arrow
            for column in TABLES[table].columns:
                if column.name in schema.names and schema.field(column.name).type != column.type:
                    found = schema.field(column.name).type
                    return f'{path}: column {column.name} is {found}, not {column.type}'
            for _ in file.iter_batches(batch_size=10_000):
                pass
    except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors and OSErrors
        return f'{path}: cannot be read: {error}'
    return None


def _faults_of_vocabulary(ledger: list[dict[str, Any]], polls: list[dict[str, Any]]) -> Iterator[str]:
    for table, column, rows, known in (
        ('ledger', 'disposition', ledger, Disposition),
        ('ledger', 'reason', ledger, Reason),
        ('ledger', 'subject', ledger, Subject),
        ('polls', 'status', polls, PollStatus),
        ('polls', 'reason', polls, Reason),
    ):
        strange = {row[column] for row in rows if row[column] is not None} - set(map(str, known))
        if strange:
            yield f'{table}.{column} holds {sorted(strange)}, which is not in its vocabulary'


def _faults_of_polls(ledger: list[dict[str, Any]], polls: list[dict[str, Any]]) -> Iterator[str]:
    """Per poll: items shown = items unchanged + distinct sightings of items."""
    sightings: dict[str, set[str]] = collections.defaultdict(set)
    for row in ledger:
        if row['subject'] == Subject.ITEM and row['poll_id']:
            sightings[row['poll_id']].add(row['sighting_id'])
    for poll in polls:
        found = len(sightings[poll['poll_id']])
        if poll['items_shown'] != poll['items_unchanged'] + found:
            yield (
                f'poll {poll["poll_id"]} of {poll["feed_url"]} showed {poll["items_shown"]} items, '
                f'but {poll["items_unchanged"]} unchanged and {found} in the ledger do not add up to that'
            )


def _faults_of_runs(ledger: list[dict[str, Any]], articles: list[dict[str, Any]]) -> Iterator[str]:
    """Per run: article rows = ledger rows written or updated; each names a row that is there."""
    rows = collections.Counter(row['run_id'] for row in articles)
    decided = collections.Counter(row['run_id'] for row in ledger if row['disposition'] in _WRITTEN)
    for run_id in sorted(rows.keys() | decided.keys()):
        if rows[run_id] != decided[run_id]:
            yield (
                f'run {run_id} has {rows[run_id]} rows in articles, '
                f'but {decided[run_id]} ledger rows that say written or updated'
            )
    there = {row['row_id'] for row in articles}
    missing = [r['row_id'] for r in ledger if r['disposition'] in _WRITTEN and r['row_id'] not in there]
    if missing:
        yield f'{len(missing)} ledger rows name rows that articles lacks, such as {missing[0]}'


def _faults_of_mentions(lake: Lake, readable: dict[str, list[str]], there: set[str]) -> Iterator[str]:
    mentioned = set(lake.read('mentions', readable['mentions'], ('row_id',))['row_id'].unique().to_pylist())
    if strays := mentioned - there:
        yield f'mentions has rows of {len(strays)} articles that are not there, such as {sorted(strays)[0]}'
