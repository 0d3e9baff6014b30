"""The books: every item that a feed showed is accounted for. Recounted from the files alone."""

import dataclasses
import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.tables import TABLES
from schemas.vocabulary import Disposition, Subject
from transforms.functions.lake import Lake
from transforms.functions.lake_files import examine
from transforms.functions.recovery import interrupted_runs

_WRITTEN = pa.array([Disposition.WRITTEN.value, Disposition.UPDATED.value])
# After these a sighting is not taken up again.
_FINAL = pa.array([one.value for one in Disposition if one not in (Disposition.FAILED, Disposition.DEFERRED)])
_COLUMNS = {
    'articles': ('row_id', 'article_id', 'version', 'run_id', 'entities'),
    'mentions': ('row_id', 'field', 'start'),
    'links': ('row_id', 'kind', 'target'),
    'ledger': (
        'sighting_id', 'subject', 'poll_id', 'disposition', 'attempt', 'row_id', 'article_date',
        'article_outlet', 'run_id',
    ),
    'polls': ('poll_id', 'feed_url', 'items_shown', 'items_unchanged', 'run_id'),
}  # fmt: skip
# Faults of one kind that get a sentence each: the first ones tell what happened.
_SENTENCES = 20


@dataclasses.dataclass(frozen=True)
class Recount:
    """What a recount found: rows per table, one sentence per thing that is off, and one per thing to know."""

    rows: dict[str, int]
    faults: tuple[str, ...]
    notes: tuple[str, ...] = ()


def recount(lake: Lake) -> Recount:
    """Opens every file, checks it on its own, and balances the books of polls, sightings and runs.

    What a killed run, or one that is at work, has not committed yet is a note and no fault. Memory is that
    of ids: about 1 KB an article.
    """
    unfinished = set(interrupted_runs(lake))
    completed = _completed_runs(lake)
    # Listed against the order of commits: what a run commits meanwhile refers to nothing that is not listed.
    paths = {name: lake.files(name) for name in reversed(TABLES)}
    unfinished |= set(interrupted_runs(lake))

    faults: list[str] = []
    rows: dict[str, int] = {}
    tables: dict[str, pa.Table] = {}
    for name in TABLES:
        parts = []
        by_partition = itertools.groupby(paths[name], key=lambda path, name=name: lake.partition_of(name, path))
        for partition, files in by_partition:
            parts.append(_read(lake, name, partition, list(files), faults))
        tables[name] = pa.concat_tables(parts) if parts else _slim(name, (), _empty(name))
        rows[name] = pc.sum(tables[name]['rows']).as_py() or 0
        faults += _faults_of_ids(name, tables[name])
    articles, mentions, ledger = tables['articles'], tables['mentions'], tables['ledger']
    items = ledger.filter(pc.equal(ledger['subject'], Subject.ITEM.value))
    faults += _faults_of_polls(items, tables['polls'], unfinished)
    faults += _faults_of_lost_polls(items, tables['polls'], completed - unfinished)
    faults += _faults_of_sightings(items)
    faults += _faults_of_runs(ledger, articles, unfinished)
    faults += _faults_of_places(ledger, articles)
    faults += _faults_of_versions(articles)
    faults += _faults_of_mentions(mentions, articles, unfinished)
    notes = (
        f'run {run_id} was interrupted or is still at work; the next run completes it'
        for run_id in sorted(unfinished)
    )
    return Recount(rows, tuple(faults), tuple(notes))
