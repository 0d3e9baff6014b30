"""py3langid's identifier over tables that are read where they are needed: the same numbers, sooner.

Imported only where a language is to be told: py3langid brings numpy.
"""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from py3langid.langid import LanguageIdentifier

from transforms.functions.compiled_files import Rows

# What texts ask for again and again: a language's usual letters take some thousand transitions (250 bytes
# each), and some thousand rows of weights (284 bytes and their place). Both are forgotten when there are
# more: 8 MB at most. With room for 50 000 and 16 384 of them, 26 000 and 10 000 were there after 3 000 pages,
# and more to come; then a look at 120 letters took .08 ms, and takes .12.
_KNOWN_STEPS = 16_384
_KNOWN_ROWS = 8_192


class _Steps(dict[int, tuple[int, int]]):
    """Of a state's place and a byte: the next state's place, and the feature that is seen there or -1.

    A dict that finds what it lacks in the tables: a known step is one look-up instead of three.
    """

    def __init__(self, blocks: Any, places: Any, block: int, rows: Any, outputs: Any) -> None:
        super().__init__()
        # A memoryview gives Python's own integers, at a third of the cost of an array's.
        self._blocks = memoryview(blocks)
        self._places = memoryview(places)
        self._block = block
        self._rows = memoryview(rows)
        self._outputs = memoryview(outputs)

    def __missing__(self, at: int) -> tuple[int, int]:
        if len(self) >= _KNOWN_STEPS:
            self.clear()
        block = self._block
        state = self._blocks[self._places[at // block] * block + at % block]
        step = self[at] = self._rows[state] << 8, self._outputs[state]
        return step


class CompactIdentifier(LanguageIdentifier):  # type: ignore[misc]  # it has no types
    """A py3langid identifier that gives probabilities.

    Args:
        weights: a row for each feature, with a weight for each class.
        priors: of each class.
        classes: the languages' codes.
        blocks, places: the automaton's transitions, ``block`` in each block, and where each block stands.
        rows, outputs: of each state its row of transitions, and its feature or -1.
    """

    def __init__(
        self, weights: Rows, priors: Any, classes: list[str], blocks: Any, places: Any, block: int,
        rows: Any, outputs: Any,
    ) -> None:  # fmt: skip
        # Theirs would copy a hundred thousand rows' places into a list: a tenth of a second.
        super().__init__(weights, priors, classes, (), (), norm_probs=True, tk_row=())
        self._weights = weights
        self._start = memoryview(rows)[0] << 8
        self._steps = _Steps(blocks, places, block, rows, outputs)
        self._known: dict[int, bytes] = {}

    def _raw_score(self, text: bytes) -> NDArray[Any]:
        """The classes' scores of a text in UTF-8: what py3langid computes, in its order of features."""
        steps, state, found = self._steps, self._start, []
        for letter in text:
            state, feature = steps[state + letter]
            if feature >= 0:
                found.append(feature)
        if not found:
            return np.zeros(len(self.nb_classes), dtype=np.float32)
        visits = Counter(found)
        counts = np.fromiter(visits.values(), dtype=np.float32, count=len(visits))
        table = np.frombuffer(self._rows_of(visits), self._weights.kind).reshape(len(visits), -1)
        return np.log1p(counts) @ table + self.nb_pc

    def _rows_of(self, features: Counter[int]) -> bytes:
        known = self._known
        try:
            # Bytes are joined at a fraction of the cost of stacking arrays.
            return b''.join(map(known.__getitem__, features))
        except KeyError:
            new = [number for number in features if number not in known]
            if len(known) + len(new) > _KNOWN_ROWS:
                known.clear()
                new = list(features)
            read = self._weights.read
            for number in new:
                known[number] = read(number)
            return b''.join(map(known.__getitem__, features))
