"""What was done to each host, counted so that an operator can prove it."""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any, Optional

# Hosts that a tally names; what was done to further ones is summed up under OTHERS. A record of so many is
# about 2 MB.
MAX_NAMED = 10_000
OTHERS = '(others)'  # no host's name has parentheses
_ANSWERS = {429: 'answers_429', 503: 'answers_503'}


@dataclasses.dataclass
class HostReport:
    """What was done to one host over some time."""

    host: str
    requests: int = 0  # robots.txt, redirects and retries included
    # Between a response (or a sign of its arrival) and the next request.
    shortest_gap_s: Optional[float] = None
    most_in_flight: int = 0
    wire_bytes: int = 0  # of bodies, as transferred
    robots_denials: int = 0  # asks that robots.txt, or the lack of one, forbade
    answers_429: int = 0
    answers_503: int = 0
    delay_s: float = 0.0  # the pause kept after each response at the end of the time, Crawl-delay included

    def note_status(self, status: Optional[int]) -> None:
        """Counts an answer by which the host asked to be left in peace."""
        name = _ANSWERS.get(status or 0)
        if name is not None:
            setattr(self, name, getattr(self, name) + 1)

    def note_gap(self, seconds: float) -> None:
        """Takes up the pause before a request."""
        if self.shortest_gap_s is None or seconds < self.shortest_gap_s:
            self.shortest_gap_s = seconds

    @property
    def is_empty(self) -> bool:
        """Whether nothing was done."""
        return not (self.requests or self.wire_bytes or self.robots_denials)

    def add(self, other: 'HostReport') -> None:
        """Takes in what was done to the same host at another time or by another process.

        A host is asked by one process at a time, so that the most in flight is the larger of two.
        """
        self.requests += other.requests
        if other.shortest_gap_s is not None:
            self.note_gap(other.shortest_gap_s)
        self.most_in_flight = max(self.most_in_flight, other.most_in_flight)
        self.wire_bytes += other.wire_bytes
        self.robots_denials += other.robots_denials
        self.answers_429 += other.answers_429
        self.answers_503 += other.answers_503
        self.delay_s = max(self.delay_s, other.delay_s)


class HostTally:
    """Reports added up by host, in memory for ``MAX_NAMED`` hosts."""

    def __init__(self, reports: Iterable[HostReport] = ()) -> None:
        self._by_host: dict[str, HostReport] = {}
        self.add(reports)

    def add(self, reports: Iterable[HostReport]) -> bool:
        """Adds reports; says whether there was anything to add."""
        grown = False
        for report in reports:
            if report.is_empty:
                continue
            grown = True
            name = report.host
            if name not in self._by_host and len(self._by_host) >= MAX_NAMED:
                name = OTHERS
            there = self._by_host.setdefault(name, HostReport(name))
            there.add(report)
        return grown

    def __iter__(self) -> Iterator[HostReport]:
        """The reports, the most asked hosts first."""
        return iter(sorted(self._by_host.values(), key=lambda report: (-report.requests, report.host)))


def as_row(report: HostReport) -> dict[str, Any]:
    """A report as it stands in a run's record.

    >>> as_row(HostReport('a.example', 2, 0.50049, 1))['shortest_gap_s']
    0.5005
    """
    row = dataclasses.asdict(report)
    if report.shortest_gap_s is not None:
        # A tenth of a millisecond: what follows says nothing of the host.
        row['shortest_gap_s'] = round(report.shortest_gap_s, 4)
    return row


def of_row(row: dict[str, Any]) -> HostReport:
    """A report from a record; columns that a later version has are left out.

    >>> of_row({'host': 'a.example', 'requests': 3, 'later': 1}).requests
    3
    """
    names = {field.name for field in dataclasses.fields(HostReport)}
    return HostReport(**{name: value for name, value in row.items() if name in names})
