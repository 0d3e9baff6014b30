"""What all row types share: tuples where Beam hands back lists."""

import dataclasses


class Row:
    """Base of every frozen dataclass that flows through Beam.

    Beam's row coder decodes sequence fields as lists, so a decoded row would differ from the
    encoded one; decoding runs ``__post_init__``, which makes tuples of them again.
    """

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, list):
                object.__setattr__(self, field.name, tuple(value))
