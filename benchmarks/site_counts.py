"""What the news site was asked, counted where it counts: at the server."""

from collections import Counter
from typing import Any, Optional


class SiteCounts:
    """Requests by kind, and how close together they came; times in seconds of any one clock."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begins anew."""
        self.requests: Counter[str] = Counter()
        self.max_in_flight = 0
        self.shortest_gap: Optional[float] = None  # from the end of a response to its host's next request
        self.not_modified = 0
        self.body_bytes: Counter[str] = Counter()  # as transferred, by kind
        self.bytes_received = 0
        self.bytes_sent = 0
        self._flying: Counter[int] = Counter()
        self._ended: dict[int, float] = {}
        self._sent: Counter[tuple[int, str]] = Counter()

    def begin(self, place: int, size: int, now: float) -> None:
        """A request of so many bytes has come to a newspaper."""
        self.bytes_received += size
        self._flying[place] += 1
        self.max_in_flight = max(self.max_in_flight, self._flying[place])
        if place in self._ended:
            gap = now - self._ended[place]
            self.shortest_gap = gap if self.shortest_gap is None else min(self.shortest_gap, gap)

    def end(self, place: int, size: int, now: float) -> None:
        """A response of so many bytes is handed to the system now."""
        self.bytes_sent += size
        self._flying[place] -= 1
        self._ended[place] = now

    def page(self, place: int, path: str) -> None:
        """A page was sent."""
        self._sent[place, path] += 1

    @property
    def repeats(self) -> int:
        """Pages sent more than once, counted as often as that was too many."""
        return sum(count - 1 for count in self._sent.values())

    def as_dict(self) -> dict[str, Any]:
        """What was asked so far."""
        return {
            'requests': dict(self.requests),
            'repeats': self.repeats,
            'max_in_flight': self.max_in_flight,
            'shortest_gap_s': self.shortest_gap,
            'not_modified': self.not_modified,
            'body_bytes': dict(self.body_bytes),
            'bytes_received': self.bytes_received,
            'bytes_sent': self.bytes_sent,
        }
