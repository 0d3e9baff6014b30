"""Which staging folders were left by runs that are dead, and what becomes of them in a repair."""

import contextlib
import os
from collections.abc import Iterator
from typing import Optional

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.functions.books import COMMAND_RUN
from transforms.functions.lake import Lake
from transforms.functions.recovery import interrupted_runs, roll_forward
from transforms.functions.repairing.damaged_files import move_file_aside
from transforms.functions.storage import NotWritable

# Runs of `dateline` hold the lake's lock while they live; a pipeline of people's own holds none. It may have
# been paused with its staged files' names in its checkpoint, so what it staged is committed after
# `stale_after`, and removed after a day.
_KEEP_S = 86_400
# Longer than a bundle takes that fetches as many pages as are staged together.
STALE_AFTER_S = 600.0
# What `dateline watch` writes to the lock begins with this. It holds the lock for all of its cycles, each of
# which is a run with an id of its own: the lock does not say which one is at work.
WATCH_PREFIX = 'watch-'


def roll_dead_runs_forward(
    lake: Lake, *, locked: bool, holder: Optional[str], stale_after_s: float, now: int
) -> Iterator[str]:
    """Commits what dead runs staged, and removes it; a sentence for each run.

    A run is dead when it staged nothing for ``stale_after_s`` seconds and is not the one that holds the
    lake's lock. ``locked``: this process holds the lock, so that no run of ``dateline`` is alive. ``holder``:
    the run that holds it, when that is known, or the watch that does. ``now``: microseconds UTC.
    """
    unnamed = not locked and (holder is None or holder.startswith(WATCH_PREFIX))
    for run_id in interrupted_runs(lake):
        if run_id == holder or (unnamed and COMMAND_RUN.fullmatch(run_id)):
            yield f'run {run_id} is at work; what it has staged is left alone'
            continue
        try:
            age = age_s(lake, run_id, now)
            if stale_after_s and (age is None or age < stale_after_s):
                yield f'run {run_id} staged something in the last {stale_after_s:g} s; it is left alone'
                continue
            yield from _move_damaged_aside(lake, run_id)
            kept = bool(
                stale_after_s
                and not (locked and COMMAND_RUN.fullmatch(run_id))
                and (age is None or age < _KEEP_S)
            )
            count = roll_forward(lake, run_id, now, keep=kept)
        except (FileNotFoundError, NotWritable) as error:
            if not isinstance(error.__cause__ or error, FileNotFoundError):
                raise
            yield f'run {run_id}: another process takes up what it staged'
            continue
        left = '; what it staged is kept for a day, since it held no lock' if kept else ''
        yield f'run {run_id} was interrupted; {count} articles that it had staged are in the lake now{left}'


def may_be_alive(lake: Lake, run_id: str, now: int) -> bool:
    """Whether a run that left staging may be at work, as seen by who holds the lake's lock.

    Runs of ``dateline`` are not: they would hold it. Pipelines of people's own hold none.
    """
    age = age_s(lake, run_id, now)
    return not COMMAND_RUN.fullmatch(run_id) and age is not None and age < STALE_AFTER_S


def age_s(lake: Lake, run_id: str, now: int) -> Optional[float]:
    """Seconds since the run last staged something; None where files do not say when they were made."""
    if '://' in lake.root:
        return None
    times = []
    for path in lake.storage.list_files(lake.staging(run_id)):
        with contextlib.suppress(FileNotFoundError):  # published a moment ago
            times.append(os.path.getmtime(path))
    return now / 1e6 - max(times) if times else None


def _move_damaged_aside(lake: Lake, run_id: str) -> Iterator[str]:
    """Staged files that cannot be read would end the roll-forward of all others."""
    for path in lake.storage.list_files(lake.staging(run_id)):
        if not path.endswith('.parquet'):
            continue
        try:
            with (
                lake.storage.open(path) as source,
                pq.ParquetFile(source, page_checksum_verification=True) as file,
            ):
                for batch in file.iter_batches(1_000, use_threads=False):
                    batch.validate(full=True)
        except FileNotFoundError:
            raise
        except (OSError, ValueError, pa.ArrowException) as error:
            if aside := move_file_aside(lake, path):
                yield f'{path}: cannot be read: {error}; moved to {aside}'
