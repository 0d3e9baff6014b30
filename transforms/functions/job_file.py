"""Which job that never ends works on a lake, and whether it is to end: a small file in the lake.

The job runs in other processes than the command that has submitted it, and may outlive it. So it looks here:
a job that was submitted later takes its place, and who wants it to end says so and is answered.
"""

import json
from typing import Optional

from transforms.functions.lake import Lake

_RUNS, _STOPS, _STOPPED = 'runs', 'is to stop', 'has stopped'


class JobFile:
    """The file ``_job`` of a lake."""

    def __init__(self, lake: Lake) -> None:
        self._storage, self._path = lake.storage, f'{lake.root}/_job'

    def begin(self, job: str) -> None:
        """Makes the job the lake's; whatever other job there was begins nothing any more."""
        self._write(job, _RUNS)

    def stop(self, job: str) -> None:
        """Asks the job to begin nothing any more, and to say so when nothing of it is at work."""
        self._write(job, _STOPS)

    def has_stopped(self, job: str) -> None:
        """Says that nothing of the job is at work."""
        if self._state(job) == _STOPS:
            self._write(job, _STOPPED)

    def is_current(self, job: str) -> bool:
        """Whether the job is the lake's."""
        return self._state(job) is not None

    def is_to_stop(self, job: str) -> bool:
        """Whether the job is to end, or has ended."""
        return self._state(job) in (_STOPS, _STOPPED)

    def is_at_rest(self, job: str) -> bool:
        """Whether the job has said that nothing of it is at work."""
        return self._state(job) == _STOPPED

    def _state(self, job: str) -> Optional[str]:
        found = json.loads(self._storage.read_small(self._path) or b'{}')
        return found.get('state') if found.get('job') == job else None

    def _write(self, job: str, state: str) -> None:
        self._storage.write_small(self._path, json.dumps({'job': job, 'state': state}).encode() + b'\n')
