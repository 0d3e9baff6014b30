"""What a worker process has once: the web client, the pool of child processes, the state of the lake.

Beam may hold several instances of a DoFn in one process; politeness, memory and start-up allow one client,
one pool and one copy of the state. All are made on first use and kept warm between rounds.
"""

import contextlib
import dataclasses
import os
import threading
import time
from concurrent.futures import Future
from typing import Any, Optional, Union

from schemas.boilerplate import Snapshot
from schemas.feeds import FeedDocument, ParsedFeed, UnreadFeed
from schemas.settings import AnalysisSettings, FetchSettings, RunSettings
from schemas.vocabulary import Reason
from transforms import staged_memory, tallies
from transforms.beam_storage import open_lake
from transforms.clock import DAY_US, first_day, now
from transforms.functions.boilerplate.snapshots import newest_snapshot
from transforms.functions.file_memory import FileMemory
from transforms.functions.forgotten import Forgotten, forgotten
from transforms.functions.hosts import host_key
from transforms.functions.lake import Lake
from transforms.functions.memory import trim
from transforms.functions.pool import Pool
from transforms.functions.pool_errors import PoolClosed
from transforms.functions.pool_programs import WORKER
from transforms.functions.recovery import record_path, recovered_path
from transforms.functions.sameness.duplicates import KnownTexts
from transforms.functions.state.lake_state import LakeState
from transforms.functions.web.client import WebClient

_lock = threading.Lock()
_clients: dict[Any, WebClient] = {}
_pools: dict[AnalysisSettings, Pool] = {}
_stopped = False
_state: Optional[tuple[tuple[str, str, int], LakeState]] = None
_remembers = False
_memories: dict[str, FileMemory] = {}
_look: Optional[tuple[str, str, int]] = None  # the round that last asked for its lake
_forgotten: Optional[tuple[tuple[str, str, int], Forgotten]] = None
_learned: Optional[tuple[tuple[str, str], Optional[Snapshot]]] = None
# Whether a cycle is over, and until when (monotonic) that it is not is believed.
_over: dict[tuple[str, str], tuple[bool, float]] = {}
_OVER_AGAIN_S = 1.0
_taken: tuple[Optional[tuple[str, str, int]], int] = (None, 0)


def web_client(settings: FetchSettings) -> WebClient:
    """This process's client for these settings."""
    with _lock:
        if settings not in _clients:
            _clients[settings] = WebClient(settings, host_key, proxies=dict(settings.proxies))
            if _stopped:
                _clients[settings].stop()
        return _clients[settings]


def web_clients() -> list[WebClient]:
    """The clients that this process has."""
    with _lock:
        return list(_clients.values())


def analysis_pool(settings: AnalysisSettings) -> Pool:
    """This process's pool for these settings; its children start to load at the first call."""
    with _lock:
        if settings not in _pools:
            _pools[settings] = Pool(
                WORKER,
                settings,
                settings.processes or os.cpu_count() or 1,
                settings.page_deadline_s,
            )
        return _pools[settings]


def keep_pool(settings: AnalysisSettings) -> None:
    """Makes the pool for these settings; those for others end with what they have: a job learns meanwhile."""
    with _lock:
        others = [_pools.pop(other) for other in list(_pools) if other != settings]
    for pool in others:
        pool.finish()
    analysis_pool(settings)


def read_document(
    run: RunSettings, settings: AnalysisSettings, document: FeedDocument
) -> tuple['Future[Union[ParsedFeed, UnreadFeed]]', int]:
    """Has a child read a feed's document. Returns its future, and how many children there are."""
    while True:
        # Nothing that a job learns matters to feeds: whichever pool is there can read them.
        with _lock:
            pool = next(iter(_pools.values()), None) if run.job is not None else None
        if pool is None:
            pool = analysis_pool(analysis_of_cycle(run, settings))
        # Another thread may have replaced the pool meanwhile.
        with contextlib.suppress(PoolClosed):
            return pool.submit(document), pool.processes


def remember_files() -> None:
    """From now on keeps what is read of a lake's files for the next rounds: for jobs that never end.

    Takes 150 bytes more per ledger row of the state's days, up to 64 MB for texts, and 20 bytes for each id
    in partitions that were committed to a short while ago.
    """
    global _remembers
    _remembers = True


def lake_of(run: RunSettings) -> Lake:
    """The lake; with the process's memory of it, where it has one. Each round is a look of its own."""
    global _look
    opened = open_lake(run.lake)
    if _remembers or run.job is not None:
        opened.memory = _memories.setdefault(run.lake, FileMemory())
        # Whatever a worker is given to do: one that only commits forgets as well.
        if run.run_id and _look != (look := (run.lake, run.run_id, run.round)):
            _look = look
            opened.memory.begin()
    return opened


def analysis_of_cycle(run: RunSettings, analysis: AnalysisSettings) -> AnalysisSettings:
    """The settings with the boilerplate that was learned when this cycle began."""
    global _learned
    if not run.learns:
        return analysis
    with _lock:
        if _learned is None or _learned[0] != (run.lake, run.run_id):
            _learned = (run.lake, run.run_id), newest_snapshot(open_lake(run.lake), run.started_at)
        return dataclasses.replace(analysis, boilerplate=_learned[1])


def lake_state(run: RunSettings) -> LakeState:
    """The state of the lake as it was when this round began; the last round's is kept."""
    global _state
    key = (run.lake, run.run_id, run.round)
    with _lock:
        if _state is None or _state[0] != key:
            _state = None  # the last round's goes before this one's comes: 150 bytes a ledger row each
            # A feed may answer by another machine's clock: a minute more is no wrong clock.
            _state = key, LakeState(lake_of(run), first_day(run), now(run) + 60_000_000)
            trim()  # decoding took 16 MB, however few the rows
        return _state[1]


def known_texts(run: RunSettings) -> KnownTexts:
    """The texts that the lake had seen when this round began, as far back as the state goes."""
    partitions = lake_state(run).recent_partitions()
    return KnownTexts(lake_of(run), partitions, run.started_at - run.state_days * DAY_US)


def forgotten_pages(run: RunSettings) -> Forgotten:
    """What was forgotten on request when this round began; a commit looks again."""
    global _forgotten
    key = (run.lake, run.run_id, run.round)
    with _lock:
        if _forgotten is None or _forgotten[0] != key:
            _forgotten = key, forgotten(open_lake(run.lake))
        return _forgotten[1]


def is_over(run: RunSettings) -> bool:
    """Whether the run is a cycle whose record is there: what a runner replays of it has nothing to do."""
    if run.job is None:
        return False
    key, now = (run.lake, run.run_id), time.monotonic()
    known, until = _over.get(key, (False, 0.0))
    if known or now < until:
        return known
    lake = open_lake(run.lake)
    paths = (record_path(lake, run.run_id), recovered_path(lake, run.run_id))
    found = any(lake.storage.read_small(path) for path in paths)
    with _lock:
        _over.clear()  # of cycles before nothing comes any more
        _over[key] = found, now + _OVER_AGAIN_S
    return found


def note_over(run: RunSettings) -> None:
    """Says that this process has written the run's record."""
    with _lock:
        _over[run.lake, run.run_id] = True, 0.0


def take_page(run: RunSettings) -> Optional[tuple[Optional[Reason], str]]:
    """Takes one of the pages that this process may fetch in this round; when none is left, says why."""
    global _taken
    key = (run.lake, run.run_id, run.round)
    with _lock:
        taken = _taken[1] if _taken[0] == key else 0
        if taken >= min(run.round_urls, run.round_urls if run.limit is None else run.limit):
            return round_is_full(run)
        _taken = key, taken + 1
    return None


def round_is_full(run: RunSettings) -> tuple[Optional[Reason], str]:
    """Why a page that finds no room has to wait: the run's limit, or the round's size."""
    if run.limit is not None and run.limit <= run.round_urls:
        return Reason.RUN_ENDED, 'the limit of pages for this run was reached'
    return None, 'the round was full'


def stop_fetching() -> None:
    """Ends fetching in this process: what is not in flight is deferred to the next run."""
    global _stopped
    _stopped = True
    for client in list(_clients.values()):
        client.stop()


def close_all() -> None:
    """Ends clients and children, at the end of a program; the next use makes new ones."""
    global _stopped, _remembers
    with _lock:
        _remembers = False
        _memories.clear()
        clients, pools = list(_clients.values()), list(_pools.values())
        _clients.clear()
        _pools.clear()
        _stopped = False
    tallies.forget()
    staged_memory.let_go()
    for client in clients:
        client.close()
    for pool in pools:
        pool.close()
