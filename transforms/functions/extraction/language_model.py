"""py3langid's model in a file that is read where it is needed, instead of 70 MB in each process.

Its automaton (39 MB) repeats itself: cut into blocks of 16 transitions, each stored once, it is 5 MB, which
are mapped and shared. Of its weights (28 MB) a text needs some hundred rows, which are read one by one.
The numbers are py3langid's own, and so are the answers.
"""

import importlib.metadata
from pathlib import Path
from typing import Any, Optional

import numpy as np

from transforms.functions.compiled_files import Rows, compiled_file, map_arrays, write_arrays

_MAGIC = b'DLLANG01'
# Transitions a block: 8 and 32 make 7 MB (py3langid 0.4).
_BLOCK = 16


def load_identifier(folder: Optional[Path] = None) -> Any:
    """A py3langid LanguageIdentifier that gives probabilities.

    Its tables are compiled into ``folder`` when they are not there yet (a second, once), by default the
    user's cache folder. Where nothing can be written they are held in this process's own memory.
    """
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # only when a language is to be told

    from transforms.functions.extraction.compact_identifier import CompactIdentifier

    name = f'languages-{importlib.metadata.version("py3langid")}-{_MAGIC.decode().lower()}.bin'
    try:
        path = compiled_file(name, _build, folder)
    except OSError:
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    tables = map_arrays(path, _MAGIC)
    classes = bytes(tables['classes']).decode().split('\n')
    return CompactIdentifier(
        Rows(path, _MAGIC, 'weights', len(classes)),
        tables['priors'],
        classes,
        tables['blocks'],
        tables['places'],
        _BLOCK,
        tables['rows'],
        tables['outputs'],
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
