"""What the C library does with memory that was freed: it keeps it, unless it is told otherwise.

Works with glibc and changes nothing elsewhere. No figure of a row depends on it.
"""

import ctypes
import functools
import gc
from typing import Any, Optional

_M_ARENA_MAX = -8  # malloc.h


def limit_arenas(count: int = 2) -> None:
    """Makes the threads of this process allocate from ``count`` arenas, instead of eight a core.

    Each arena keeps what its threads freed, so a program with many threads holds several times what it
    uses. Has an effect on threads that start later.
    """
    if (libc := _glibc()) is not None:
        libc.mallopt(_M_ARENA_MAX, count)


def return_freed() -> None:
    """Collects garbage and gives the pages that nobody uses back to the system; takes some 0.1 s."""
    gc.collect()
    trim()


def trim() -> None:
    """Gives the pages that nobody uses back to the system, garbage apart; takes some ms.

    For the end of a step that took much: what it freed lies in pieces between what stays, the next step's
    arrays do not fit there, and both together would be the peak.
    """
    if (libc := _glibc()) is not None:
        libc.malloc_trim(0)


def leave_out_of_collections() -> None:
    """Leaves what there is now out of all later collections of garbage, which then take no time for it.

    For a process that has loaded what it needs and goes on for long. What is freed by its count is freed as
    before.
    """
    gc.collect()
    gc.freeze()


def take_into_collections() -> None:
    """Ends what ``leave_out_of_collections`` began."""
    gc.unfreeze()


@functools.cache
def _glibc() -> Optional[Any]:
    try:
        libc = ctypes.CDLL(None)
        _ = libc.malloc_trim, libc.mallopt, libc.gnu_get_libc_version
    except (OSError, AttributeError):  # another C library, or none to be found
        return None
    return libc
