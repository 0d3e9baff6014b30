"""How often an always-on job commits: at once where little comes, seldom enough that files stay few."""

from typing import Optional

# Files an hour that a job may write: 29 000 a day, which `dateline compact` merges in minutes; a lake of ten
# times as many takes a minute to list.
FILES_PER_HOUR = 1_200
# Hours' worth of files that may be written in a burst: a new source's backlog, a day of big news.
BURST_HOURS = 2.0
# A job that commits all the time leaves no time for anything else: it rests a quarter as long as it works.
_REST = 0.25
# Before a page that failed is tried again, in seconds; it doubles with each attempt.
RETRY_AFTER_S = 300
LEAST_RETRY_S = 60


class Pace:
    """The least time between two commits, in seconds.

    Files are paid for out of a purse that fills by ``files_per_hour`` up to some hours' worth: while there is
    something in it commits are ``commit_every_s`` apart, and what was overdrawn is waited for.

    >>> pace = Pace(5.0, files_per_hour=1_200, burst_hours=1.0)
    >>> pace.committed(files=1_190, took_s=1.0, at_s=0.0); pace.gap_s  # a backlog; 10 are left
    5.0
    >>> pace.committed(files=30, took_s=1.0, at_s=6.0); pace.gap_s  # 12 were left, so 18 have to be earned
    54.0
    >>> pace.committed(files=30, took_s=30.0, at_s=3_600.0); pace.gap_s
    7.5
    """

    def __init__(
        self, commit_every_s: float, files_per_hour: int = FILES_PER_HOUR, burst_hours: float = BURST_HOURS
    ) -> None:
        self._least = commit_every_s
        self._per_s = files_per_hour / 3_600
        self._most = self._left = burst_hours * files_per_hour
        self._took_s = 0.0
        self._at_s: Optional[float] = None

    def committed(self, files: int, took_s: float, at_s: float) -> None:
        """Says how many files a cycle wrote, how long it took, and when it ended (``time.monotonic``)."""
        earned = 0.0 if self._at_s is None else (at_s - self._at_s) * self._per_s
        self._left = min(self._left + earned, self._most) - files
        self._took_s, self._at_s = took_s, at_s

    @property
    def gap_s(self) -> float:
        """Seconds to leave between the end of the last cycle and the next."""
        return max(self._least, -self._left / self._per_s, _REST * self._took_s)
