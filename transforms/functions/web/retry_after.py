"""How long a host asks to be left in peace."""

import email.utils
from typing import Optional

# A wait longer than this is not spent inside a run: the asks are given back as failed for now.
MAX_WAIT_S = 60


def retry_after_s(value: Optional[str], date: Optional[str], now: float) -> Optional[int]:
    """Seconds to wait from a ``Retry-After`` header in either form, rounded up, or None.

    An HTTP date is read against the response's own ``Date`` header, whose clock it was written by, else
    against ``now`` (seconds UTC). A moment that has passed is 0.

    >>> retry_after_s('120', None, 0.0)
    120
    >>> retry_after_s('Fri, 31 Dec 1999 23:59:59 GMT', 'Fri, 31 Dec 1999 23:59:29 GMT', 0.0)
    30
    >>> retry_after_s('soon', None, 0.0)
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return int(value[:9])
    until = _http_date(value)
    if until is None:
        return None
    asked_at = _http_date(date) if date else None
    return max(0, int(-(-(until - (now if asked_at is None else asked_at)) // 1)))


def _http_date(text: str) -> Optional[float]:
    try:
        parsed = email.utils.parsedate_to_datetime(text)
        return parsed.timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
