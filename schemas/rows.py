"""What all row types share: tuples where Beam hands back lists, and text that every coder can write."""

import dataclasses
import functools
import operator
from collections.abc import Callable, Iterable
from typing import Any, Optional


class Row:
    """Base of every frozen dataclass that flows through Beam.

    Beam's row coder decodes sequence fields as lists, so a decoded row would differ from the
    encoded one; decoding runs ``__post_init__``, which makes tuples of them again.

    Text from the web may hold half a surrogate pair (a cut emoji in JSON, a header in Latin-1). UTF-8 has no
    form for it, so one such page would stop a whole run; it becomes U+FFFD here, where every row passes.
    """

    def __post_init__(self) -> None:
        row_type: Any = type(self)  # a type is hashable, which mypy doubts for a frozen dataclass's
        texts, values, sequences = _fields(row_type)
        for name, value in zip(texts, values(self), strict=True):
            if value is not None and not value.isascii() and (clean := _encodable(value)) is not value:
                object.__setattr__(self, name, clean)
        for name in sequences:
            value = getattr(self, name)
            if value:
                parts = tuple(_encodable(part) if isinstance(part, str) else part for part in value)
                if parts != value:  # a list, or a text that was mended
                    object.__setattr__(self, name, parts)
            elif value == []:
                object.__setattr__(self, name, ())


def _encodable(text: str) -> str:
    """The text itself when UTF-8 can write it, else the text with U+FFFD for what it cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')
    return text


@functools.cache
def _fields(
    row_type: type,
) -> tuple[tuple[str, ...], Callable[[Any], Iterable[Optional[str]]], tuple[str, ...]]:
    """The names of the fields that hold text, what gets their values, and those that hold tuples."""
    kinds = [(field.name, str(field.type)) for field in dataclasses.fields(row_type)]
    sequences = tuple(name for name, kind in kinds if 'tuple' in kind)
    texts = tuple(name for name, kind in kinds if kind in ("<class 'str'>", 'typing.Optional[str]'))
    # A getter of several names gives a tuple: a third of the time of asking for each.
    values = (
        operator.attrgetter(*texts) if len(texts) > 1 else lambda row: [getattr(row, *texts)] if texts else []
    )
    return texts, values, sequences
