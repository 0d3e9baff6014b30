"""JSON lines: how one is read and printed. Imports nothing that may be broken."""

import json
import math
import re
import sys
from typing import Any

_SURROGATE = re.compile('[\ud800-\udfff]')


def read_line(line: str) -> dict[str, Any]:
    """The object that the line holds. ValueError, with a few words for people, if it holds none."""
    try:
        entry = json.loads(line, parse_constant=_number, parse_float=_number)
    except RecursionError:
        raise ValueError('nested too deeply') from None
    except ValueError:
        raise ValueError('not JSON') from None
    if not isinstance(entry, dict):
        raise ValueError('not a JSON object')
    return entry


def print_line(line: dict[str, Any]) -> None:
    """Prints the object as a line of standard output."""
    text = json.dumps(line, ensure_ascii=False)
    try:
        text.encode(getattr(sys.stdout, 'encoding', None) or 'utf-8')
    except UnicodeEncodeError:  # half a character in an id, as it was given; or a terminal without UTF-8
        text = json.dumps(line)
    print(text)


def mend(text: str) -> str:
    """The text with U+FFFD for halves of characters, which JSON can hold and files cannot; as long as before.

    >>> mend(json.loads('"\\\\ud800 x"'))
    '\ufffd x'
    """
    return _SURROGATE.sub('\ufffd', text)


def _number(text: str) -> float:
    # NaN, infinity and what overflows to it can be read by Python, but printed to nobody else.
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number
