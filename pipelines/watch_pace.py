"""How often an always-on job commits: at once where little comes, seldom enough that files stay few."""

import collections

# Files an hour that a job may write: 29 000 a day, which `dateline compact` merges in minutes; a lake of ten
# times as many takes a minute to list.
FILES_PER_HOUR = 1_200
# Commits that the number of files per commit is learned from.
_REMEMBERED = 10
# A job that commits all the time has no time for anything else: it rests as long as it works.
_REST = 1.0


class Pace:
    """The least time between two commits, in seconds.

    >>> pace = Pace(5.0)
    >>> pace.committed(files=4, took_s=1.0); pace.gap_s
    12.0
    >>> pace.committed(files=0, took_s=30.0); pace.gap_s
    30.0
    """

    def __init__(self, commit_every_s: float, files_per_hour: int = FILES_PER_HOUR) -> None:
        self._least = commit_every_s
        self._files_per_hour = files_per_hour
        self._files: collections.deque[int] = collections.deque(maxlen=_REMEMBERED)
        self._took_s = 0.0

    def committed(self, files: int, took_s: float) -> None:
        """Says how many files a cycle wrote, and how long it took."""
        self._files.append(files)
        self._took_s = took_s

    @property
    def gap_s(self) -> float:
        """Seconds to leave between the end of the last cycle and the next."""
        usual = sum(self._files) / len(self._files) if self._files else 0.0
        return max(self._least, 3_600 * usual / self._files_per_hour, _REST * self._took_s)
