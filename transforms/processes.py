"""What a worker process has once: the web client, the pool of child processes, the state of the lake.

Beam may hold several instances of a DoFn in one process; politeness, memory and start-up allow one client,
one pool and one copy of the state. All are made on first use and kept warm between rounds.
"""

import collections
import dataclasses
import os
import secrets
import threading
import time
from collections.abc import Iterable
from typing import Any, Optional

from schemas.boilerplate import Snapshot
from schemas.settings import AnalysisSettings, FetchSettings, RunSettings
from schemas.vocabulary import Reason
from transforms.beam_storage import open_lake
from transforms.clock import DAY_US, first_day, now
from transforms.functions.boilerplate.snapshots import newest_snapshot
from transforms.functions.file_memory import FileMemory
from transforms.functions.forgotten import Forgotten, forgotten
from transforms.functions.host_records import write_part
from transforms.functions.hosts import host_key
from transforms.functions.lake import Lake
from transforms.functions.memory import trim
from transforms.functions.pool import Pool
from transforms.functions.pool_programs import WORKER
from transforms.functions.recovery import record_path, recovered_path
from transforms.functions.sameness.duplicates import KnownTexts
from transforms.functions.staged_articles import StagedFile, staged_file
from transforms.functions.staged_before import StagedBefore
from transforms.functions.state.lake_state import LakeState
from transforms.functions.web.client import WebClient
from transforms.functions.web.host_reports import HostTally

_lock = threading.Lock()
# Several commits want the same staged file at once.
_decoding = threading.Lock()
_clients: dict[Any, WebClient] = {}
_pools: dict[AnalysisSettings, Pool] = {}
_stopped = False
# A round of 2 000 pages stages 20 files of about 2 MB; one that is read for each partition costs more.
_STAGED_FILES = 64
_staged: collections.OrderedDict[str, StagedFile] = collections.OrderedDict()
_state: Optional[tuple[tuple[str, str, int], LakeState]] = None
_remembers = False
_memories: dict[str, FileMemory] = {}
_look: Optional[tuple[str, str, int]] = None  # the round that last asked for its lake
_staged_before: Optional[tuple[tuple[str, str], StagedBefore]] = None
_forgotten: Optional[tuple[tuple[str, str, int], Forgotten]] = None
# What this process has done to hosts in the run that it is at, and under which name it says so.
_tally: tuple[Optional[tuple[str, str]], str, HostTally] = (None, '', HostTally())
# CPU time by stage (microseconds) of the cycles of jobs that never end; of other runs the runner tells it.
_stages_us: dict[tuple[str, str], collections.Counter[str]] = {}
_stages_told: dict[tuple[str, str], int] = {}  # the sum of what was written
_tally_lock = threading.Lock()
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
    """Makes the pool for these settings and ends those for others: what a job learns changes them."""
    with _lock:
        others = [_pools.pop(other) for other in list(_pools) if other != settings]
    for pool in others:
        pool.close()
    analysis_pool(settings)


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


def staged_rows(run: RunSettings, path: str) -> StagedFile:
    """A staged file's rows. The last files are remembered: they hold rows of many partitions."""
    with _decoding:
        if path in _staged:
            _staged.move_to_end(path)
            return _staged[path]
        _staged[path] = rows = staged_file(open_lake(run.lake), path)
        while len(_staged) > _STAGED_FILES:
            _staged.popitem(last=False)
    return rows


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


def let_go_of_staged_rows() -> None:
    """Forgets the staged rows that commits have read; another commit reads its files again."""
    global _staged_before
    with _decoding:
        _staged.clear()
        _staged_before = None
    trim()


def staged_before(run: RunSettings) -> StagedBefore:
    """What this run has staged so far, by whatever process; each call reads the files that have come."""
    global _staged_before
    key = (run.lake, run.run_id)
    with _lock:
        if _staged_before is None or _staged_before[0] != key:
            _staged_before = key, StagedBefore(open_lake(run.lake), run.run_id)
        found = _staged_before[1]
    with _decoding:
        found.look_again()
    return found


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


def add_stages(run: RunSettings, stages_us: Iterable[tuple[str, int]]) -> None:
    """Counts what the stages of a page took of CPU, in microseconds, for ``record_hosts`` to keep."""
    if run.job is None or not run.record_hosts:
        return
    with _tally_lock:
        spent = _stages_us.setdefault((run.lake, run.run_id), collections.Counter())
        for stage, microseconds in stages_us:
            spent[stage] += microseconds


def record_hosts(run: RunSettings) -> None:
    """Keeps in the lake what this process has done to hosts since the run began; for the end of a bundle.

    What was asked before the process came to its first run counts for that run. Raises NotWritable.
    """
    global _tally
    if not run.record_hosts or not run.run_id:
        return
    with _lock:
        clients = list(_clients.values())
    with _tally_lock:
        key = (run.lake, run.run_id)
        if _tally[0] != key:
            _tally = key, secrets.token_hex(6), HostTally()
            for older in [one for one in _stages_us if one != key]:
                _stages_us.pop(older)
            _stages_told.clear()
        _, process, tally = _tally
        grown = [tally.add(client.take_reports()) for client in clients]
        spent = _stages_us.get(key, collections.Counter())
        if any(grown) or spent.total() > _stages_told.get(key, 0):
            write_part(open_lake(run.lake), run.run_id, process, tally, spent)
            _stages_told[key] = spent.total()


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
    global _stopped, _tally, _remembers
    with _lock:
        _remembers = False
        _memories.clear()
        _stages_us.clear()
        _stages_told.clear()
        clients, pools = list(_clients.values()), list(_pools.values())
        _clients.clear()
        _pools.clear()
        _stopped = False
        _tally = (None, '', HostTally())
    let_go_of_staged_rows()
    for client in clients:
        client.close()
    for pool in pools:
        pool.close()
