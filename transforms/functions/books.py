"""The books: every item that a feed showed is accounted for. Recounted from the files alone."""

import dataclasses
import re
from collections.abc import Iterator
from typing import Optional

import pyarrow as pa
import pyarrow.compute as pc

from schemas.tables import TABLES
from schemas.vocabulary import Subject
from transforms.functions.book_columns import Progress, collect
from transforms.functions.book_faults import (
    faults_of_lost_polls,
    faults_of_mentions,
    faults_of_places,
    faults_of_polls,
    faults_of_runs,
    faults_of_sightings,
    faults_of_versions,
)
from transforms.functions.lake import Lake
from transforms.functions.recovery import completed_runs, interrupted_runs, recovered_runs

# The ids of the runs of `dateline`: a moment and six digits.
COMMAND_RUN = re.compile(r'\d{8}T\d{6}Z-[0-9a-f]{6}')
# A partition's files are exchanged once in a while; that this happens during each reading is unlikely.
_TRIES = 5


@dataclasses.dataclass(frozen=True)
class Recount:
    """What a recount found: rows per table, one sentence per thing that is off, and one per thing to know."""

    rows: dict[str, int]
    faults: tuple[str, ...]
    notes: tuple[str, ...] = ()


def recount(lake: Lake, progress: Optional[Progress] = None) -> Recount:
    """Opens every file, checks it on its own, and balances the books of polls, sightings and runs.

    What a killed run, or one that is at work, has not committed yet is a note and no fault. Memory is that
    of ids: about 1 KB an article.
    """
    for left in reversed(range(_TRIES)):
        try:
            return _recount(lake, progress)
        except FileNotFoundError:  # a command merged or rewrote a partition while it was read
            if not left:
                raise
    raise AssertionError('not reached')


def _recount(lake: Lake, progress: Optional[Progress]) -> Recount:
    unfinished = set(interrupted_runs(lake))
    completed = completed_runs(lake)
    # Listed against the order of commits: what a run commits meanwhile refers to nothing that is not listed.
    paths = {name: lake.files(name) for name in reversed(TABLES)}
    unfinished |= set(interrupted_runs(lake))

    faults: list[str] = []
    rows: dict[str, int] = {}
    tables: dict[str, pa.Table] = {}
    for name in TABLES:
        collected = collect(lake, name, paths[name], progress)
        rows[name], tables[name] = collected.count, collected.rows
        faults += collected.faults
    articles, polls, ledger = tables['articles'], tables['polls'], tables['ledger']
    items = ledger.filter(pc.equal(ledger['subject'], Subject.ITEM.value))
    faults += faults_of_polls(items, polls, unfinished)
    faults += faults_of_lost_polls(items, polls, completed - unfinished)
    faults += faults_of_sightings(items)
    faults += faults_of_runs(items, articles, unfinished)
    faults += faults_of_places(ledger, articles)
    faults += faults_of_versions(articles)
    faults += faults_of_mentions(tables['mentions'], articles, unfinished)
    notes = [
        f'run {run_id} was interrupted or is still at work; the next run completes it'
        for run_id in sorted(unfinished)
    ]
    known = completed | recovered_runs(lake) | unfinished
    notes += _notes_of_records(set(pc.unique(polls['run_id']).to_pylist()) - known)
    return Recount(rows, tuple(faults), tuple(notes))


def _notes_of_records(run_ids: set[str]) -> Iterator[str]:
    """Pipelines of people's own write no record; the runs of `dateline` do, last of all."""
    without = sorted(run_id for run_id in run_ids if COMMAND_RUN.fullmatch(run_id))
    if without:
        yield (
            f'{len(without)} runs have no record in _runs, such as {without[-1]}: at work, ended after the '
            f'last commit, or the record was removed'
        )
