"""py3langid's model in a file that is read where it is needed, instead of 70 MB in each process.

Its automaton (39 MB) repeats itself: cut into blocks of 16 transitions, each stored once, it is 5 MB, which
are mapped and shared. Of its weights (28 MB) a text needs some hundred rows, which are read one by one.
The numbers are py3langid's own, and so are the answers.
"""

import importlib.metadata
from pathlib import Path
from typing import Any, Optional

import numpy as np
from numpy.typing import NDArray

from transforms.functions.compiled_files import Rows, compiled_file, map_arrays, write_arrays

_MAGIC = b'DLLANG01'
# Transitions a block: 8 and 32 make 7 MB (py3langid 0.4).
_BLOCK = 16


# What texts ask for again and again: a language's usual letters take some thousand transitions, and some
# thousand rows of weights (400 bytes each). Both are forgotten when there are more: 8 MB at most.
_KNOWN_MOVES = 50_000
_KNOWN_ROWS = 8_192


class _Moves(dict[int, int]):
    """The automaton's table of transitions, looked up as the one long array that it was.

    A dict that finds what it lacks in the blocks: a known transition costs no call of Python's.
    """

    def __init__(self, blocks: Any, places: Any) -> None:
        super().__init__()
        # A memoryview gives Python's own integers, at a third of the cost of an array's.
        self._blocks = memoryview(blocks)
        self._places = memoryview(places)

    def __missing__(self, at: int) -> int:
        if len(self) >= _KNOWN_MOVES:
            self.clear()
        to = self[at] = int(self._blocks[self._places[at // _BLOCK] * _BLOCK + at % _BLOCK])
        return to


class _KnownRows:
    """Rows of a file that are kept once they were read."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._known: dict[int, bytes] = {}

    def __getitem__(self, wanted: NDArray[np.integer[Any]]) -> NDArray[Any]:
        known = self._known
        numbers = wanted.tolist()
        try:
            # Bytes are joined at a fraction of the cost of stacking arrays.
            joined = b''.join(map(known.__getitem__, numbers))
        except KeyError:
            self._learn(numbers)
            joined = b''.join(map(known.__getitem__, numbers))
        return np.frombuffer(joined, self._kind).reshape(len(numbers), -1)

    def _learn(self, numbers: list[int]) -> None:
        known = self._known
        new = [number for number in numbers if number not in known]
        if len(known) + len(new) > _KNOWN_ROWS:
            known.clear()
            new = numbers
        found = self._rows[np.asarray(new)]
        self._kind = found.dtype
        data, size = found.tobytes(), found[0].nbytes
        known.update((number, data[at * size : (at + 1) * size]) for at, number in enumerate(new))


def load_identifier(folder: Optional[Path] = None) -> Any:
    """A py3langid LanguageIdentifier that gives probabilities.

    Its tables are compiled into ``folder`` when they are not there yet (a second, once), by default the
    user's cache folder. Where nothing can be written they are held in this process's own memory.
    """
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # only when a language is to be told

    name = f'languages-{importlib.metadata.version("py3langid")}-{_MAGIC.decode().lower()}.bin'
    try:
        path = compiled_file(name, _build, folder)
    except OSError:
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    tables = map_arrays(path, _MAGIC)
    classes = bytes(tables['classes']).decode().split('\n')
    return LanguageIdentifier(
        _KnownRows(Rows(path, _MAGIC, 'weights', len(classes))),
        tables['priors'],
        classes,
        _Moves(tables['blocks'], tables['places']),
        memoryview(tables['outputs']),
        norm_probs=True,
        tk_row=memoryview(tables['rows']),
    )


def _build(path: Path) -> None:
    from py3langid.langid import MODEL_DIR, MODEL_FILE
    from py3langid.modelio import load_model

    weights, priors, classes, moves, rows, outputs = load_model(MODEL_DIR / MODEL_FILE)
    blocks, places = np.unique(np.asarray(moves).reshape(-1, _BLOCK), axis=0, return_inverse=True)
    arrays = {
        'weights': np.asarray(weights).ravel(),
        'priors': np.asarray(priors),
        'classes': np.frombuffer('\n'.join(classes).encode(), np.uint8),
        'blocks': blocks.ravel(),
        'places': places.ravel().astype(np.uint16 if len(blocks) <= 1 << 16 else np.uint32),
        'rows': np.asarray(rows),
        'outputs': np.asarray(outputs, np.int32),
    }
    write_arrays(path, _MAGIC, arrays)
