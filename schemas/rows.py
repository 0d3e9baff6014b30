"""What all row types share: tuples where Beam hands back lists."""

import dataclasses
import functools


class Row:
    """Base of every frozen dataclass that flows through Beam.

    Beam's row coder decodes sequence fields as lists, so a decoded row would differ from the
    encoded one; decoding runs ``__post_init__``, which makes tuples of them again.
    """

    def __post_init__(self) -> None:
        for name in _sequences(type(self)):
            value = getattr(self, name)
            if isinstance(value, list):
                object.__setattr__(self, name, tuple(value))


@functools.cache
def _sequences(row_type: type) -> tuple[str, ...]:
    """The names of the fields that hold tuples; once per type, since rows are made by the thousand."""
    return tuple(field.name for field in dataclasses.fields(row_type) if 'tuple' in str(field.type))
