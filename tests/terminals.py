"""Terminals, for tests of what commands print to one."""

import os


def all_of(terminal: int) -> bytes:
    """What comes to our end of a pseudo-terminal until the other one is closed; closes ours."""
    seen = b''
    while True:
        try:
            data = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            break
        if not data:
            break
        seen += data
    os.close(terminal)
    return seen
