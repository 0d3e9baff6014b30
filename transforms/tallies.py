"""What this process has done in the run that it is at: requests to hosts, CPU time of stages.

It counts here until the end of a bundle, and then stands in the lake, a part for each process.
"""

import collections
import secrets
import threading
from collections.abc import Iterable, Sequence
from typing import Optional

from schemas.settings import RunSettings
from transforms.beam_storage import open_lake
from transforms.functions.host_records import write_part
from transforms.functions.web.client import WebClient
from transforms.functions.web.host_reports import HostTally

# What this process has done to hosts in the run that it is at, and under which name it says so.
_tally: tuple[Optional[tuple[str, str]], str, HostTally] = (None, '', HostTally())
# CPU time by stage (microseconds) of the cycles of jobs that never end; of other runs the runner tells it.
_stages_us: dict[tuple[str, str], collections.Counter[str]] = {}
_stages_told: dict[tuple[str, str], int] = {}  # the sum of what was written
_lock = threading.Lock()


def add_stages(run: RunSettings, stages_us: Iterable[tuple[str, int]]) -> None:
    """Counts what the stages of a page took of CPU, in microseconds, for ``record_hosts`` to keep."""
    if run.job is None or not run.record_hosts:
        return
    with _lock:
        spent = _stages_us.setdefault((run.lake, run.run_id), collections.Counter())
        for stage, microseconds in stages_us:
            spent[stage] += microseconds


def record_hosts(run: RunSettings, clients: Sequence[WebClient]) -> None:
    """Keeps in the lake what these clients have done to hosts since the run began; for the end of a bundle.

    What was asked before the process came to its first run counts for that run. Raises NotWritable.
    """
    global _tally
    if not run.record_hosts or not run.run_id:
        return
    with _lock:
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


def forget() -> None:
    """Begins anew, as a process that has done nothing yet."""
    global _tally
    with _lock:
        _tally = (None, '', HostTally())
        _stages_us.clear()
        _stages_told.clear()
