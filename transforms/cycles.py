"""The cycles of a job that never ends: each is a window of its rows, and a run of its own.

What a cycle begins with bears the second at which it began, in a window of one second; all that comes of it
stays in that window. So the watermark says when a cycle's polls, pages and commits are complete, as the end
of its input says it to a bounded run; and a cycle has its record, its books and its recovery as any run.
"""

import dataclasses
import functools
import time
from typing import Any

from apache_beam.transforms.window import FixedWindows, GlobalWindow

from schemas.ids import hash_id
from schemas.settings import RunSettings
from transforms.standing_graphs import present_run

_SECOND = 1_000_000


def windows() -> FixedWindows:
    """The windows of cycles."""
    return FixedWindows(1)


def run_of(run: RunSettings, window: Any) -> RunSettings:
    """The run that the rows of a window are of: the run itself, unless it is a job of cycles or a graph's."""
    if run.graph is not None:
        return present_run(run.graph)
    if run.job is None or isinstance(window, GlobalWindow):
        return run
    return cycle_run(run, int(window.start))


@functools.lru_cache(16)
def cycle_run(run: RunSettings, second: int) -> RunSettings:
    """The run of the cycle that begins at a second (since 1970); its id is that of any run."""
    moment = time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(second))
    run_id = f'{moment}-{hash_id(run.job or "", str(second))[:6]}'
    return dataclasses.replace(run, run_id=run_id, started_at=second * _SECOND)
