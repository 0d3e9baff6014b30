"""What all row types share: tuples where Beam hands back lists."""

import dataclasses
import functools
from typing import Any


class Row:
    """Base of every frozen dataclass that flows through Beam.

    Beam's row coder decodes sequence fields as lists, so a decoded row would differ from the
    encoded one; decoding runs ``__post_init__``, which makes tuples of them again.
    """

    def __post_init__(self) -> None:
        row_type: Any = type(self)  # a type is hashable, which mypy doubts for a frozen dataclass's
        for name in _sequences(row_type):
            value = getattr(self, name)
            if isinstance(value, list):
                object.__setattr__(self, name, tuple(value))


@functools.cache
def _sequences(row_type: type) -> tuple[str, ...]:
    """The names of the fields that hold tuples; once per type, since rows are made by the thousand."""
    return tuple(field.name for field in dataclasses.fields(row_type) if 'tuple' in str(field.type))
