"""What a cycle of ``dateline watch`` did, in one line, from its run's record."""

import calendar
import collections
import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from schemas.settings import RunSettings
from schemas.vocabulary import PollStatus
from transforms.cycles import cycle_run
from transforms.functions.lake import Lake

_RECORD = re.compile(r'(\d{8}T\d{6}Z)-[0-9a-f]{6}\.json')


def cycle_line(record: Mapping[str, Any]) -> str:
    """The line for people: when the cycle began, what was polled, what became of the items.

    >>> cycle_line({'started_at': '2025-03-03T12:00:00Z', 'feeds': {'ok': 2, 'failed': 1},
    ...             'dispositions': {'rejected http_4xx': 1, 'rejected too_short': 1, 'written': 3}})
    '2025-03-03T12:00:00Z  3 feeds polled (1 failed); 2 rejected, 3 written'
    """
    feeds = record['feeds']
    failed = sum(feeds.get(status.value, 0) for status in (PollStatus.FAILED, PollStatus.GONE))
    number = sum(feeds.values())
    polled = f'{number} feed{"" if number == 1 else "s"} polled' + (f' ({failed} failed)' if failed else '')
    counts: collections.Counter[str] = collections.Counter()
    for fate, number in record['dispositions'].items():
        counts[fate.partition(' ')[0]] += number
    items = ', '.join(f'{number} {word}' for word, number in sorted(counts.items()))
    return f'{record["started_at"]}  {polled}; {items or "nothing new"}'


class CycleRecords:
    """The records of a job's cycles that have come since the last look; workers write them into the lake."""

    def __init__(self, lake: Lake, run: RunSettings) -> None:
        self._lake, self._run = lake, run
        # The job's id is the moment at which it began, like a run's; no record of it is older.
        self._last = run.job or ''

    def new(self) -> Iterator[dict[str, Any]]:
        """Those of cycles that had something to do, the oldest first."""
        folder = f'{self._lake.root}/_runs'
        for path in self._lake.storage.list_files(folder):
            name = path.removeprefix(f'{folder}/')
            if name.removesuffix('.json') <= self._last or not self._is_own(name):
                continue
            record = json.loads(self._lake.storage.read_small(path) or b'null')
            self._last = name.removesuffix('.json')
            if record and (record['feeds'] or record['dispositions']):
                yield record

    def _is_own(self, name: str) -> bool:
        found = _RECORD.fullmatch(name)
        second = _second(found[1]) if found else None
        return second is not None and name == f'{cycle_run(self._run, second).run_id}.json'


def _second(moment: str) -> Optional[int]:
    try:
        return calendar.timegm(time.strptime(moment, '%Y%m%dT%H%M%SZ'))
    except ValueError:
        return None
