"""Whether what is printed may be coloured."""

import os
from typing import TextIO

RED, GREEN, YELLOW, PLAIN = '\x1b[31m', '\x1b[32m', '\x1b[33m', '\x1b[0m'


def is_coloured(stream: TextIO) -> bool:
    """Only on a terminal that can, and never with NO_COLOR (no-color.org) set to anything."""
    return stream.isatty() and not os.environ.get('NO_COLOR') and os.environ.get('TERM') != 'dumb'
