"""Which job that never ends works on a lake, and whether it is to end: a small file in the lake.

The job runs in other processes than the command that has submitted it, and may outlive it. So it looks here:
a job that was submitted later takes its place, and who wants it to end says so and is answered.
"""

import json
from typing import Any, Optional

from transforms.functions.lake import Lake

_RUNS, _STOPS, _STOPPED = 'runs', 'is to stop', 'has stopped'


class JobFile:
    """The file ``_job`` of a lake."""

    def __init__(self, lake: Lake) -> None:
        self._storage, self._path = lake.storage, f'{lake.root}/_job'

    def begin(self, job: str, submission: Optional[str] = None) -> None:
        """Makes the job the lake's; whatever other job there was begins nothing any more.

        ``submission`` is the name by which the job server knows it.
        """
        self._write({'job': job, 'state': _RUNS, 'submission': submission})

    def current(self) -> tuple[Optional[str], Optional[str]]:
        """The lake's job, and the name by which the job server knows it; None where there is none."""
        found = self._read()
        return found.get('job'), found.get('submission')

    def stop(self, job: str) -> None:
        """Asks the job to begin nothing any more, and to say so when nothing of it is at work."""
        self._write(self._read() | {'job': job, 'state': _STOPS})

    def has_stopped(self, job: str) -> None:
        """Says that nothing of the job is at work."""
        if self._state(job) == _STOPS:
            self._write(self._read() | {'state': _STOPPED})

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
        found = self._read()
        return found.get('state') if found.get('job') == job else None

    def _read(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._storage.read_small(self._path) or b'{}')
        return found

    def _write(self, record: dict[str, Any]) -> None:
        self._storage.write_small(self._path, json.dumps(record).encode() + b'\n')
