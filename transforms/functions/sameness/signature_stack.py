"""Signatures collected one after the other. Apart from ``signatures``: children need no arrow arrays."""

import numpy as np
import numpy.typing as npt

from transforms.functions.sameness.signatures import SLOTS, Signatures
from transforms.functions.state.compact_columns import Growing

_COLUMNS_MOVED = 16  # a row's slots that are moved at a time: 32 bytes a row are held twice
# Slots are most of a text's memory, so that what is kept ahead for further rows is little.
_AHEAD = 1 / 16


class SignatureStack:
    """Signatures added one after the other and put into their order in the end, without a second copy."""

    def __init__(self) -> None:
        self._slots = Growing('<u2', SLOTS, _AHEAD)
        self._sizes = Growing('i8')
        self._of_characters = Growing('?')

    def __len__(self) -> int:
        return self._slots.length

    def add(self, signatures: Signatures) -> None:
        """Adds signatures at the end."""
        self._slots.add(signatures.slots)
        self._sizes.add(signatures.sizes)
        self._of_characters.add(signatures.of_characters)

    def cut(self, length: int) -> None:
        """Forgets what was added after the first ``length`` rows."""
        for column in (self._slots, self._sizes, self._of_characters):
            column.cut(length)

    def in_order(self, order: npt.NDArray[np.int64]) -> Signatures:
        """The rows of these numbers, each at most once. The stack's memory becomes theirs: its last use."""
        slots = self._slots.view()
        for start in range(0, SLOTS, _COLUMNS_MOVED):
            moved = slice(start, start + _COLUMNS_MOVED)
            slots[: len(order), moved] = slots[order, moved]
        del slots  # nothing else may look at what is cut off
        self._slots.cut(len(order))
        return Signatures(self._slots.hand_over(), self._sizes.take(order), self._of_characters.take(order))
