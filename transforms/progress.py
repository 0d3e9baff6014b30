"""How far this process is, for a progress line. Counts only; nothing depends on them."""

import threading

_lock = threading.Lock()
_counts: dict[str, int] = {}


def add(name: str, by: int = 1) -> None:
    """Adds to a count: feeds, sighted, requested, fetched, analysed or decided."""
    with _lock:
        _counts[name] = _counts.get(name, 0) + by


def snapshot() -> dict[str, int]:
    """The counts as they are now."""
    with _lock:
        return dict(_counts)
