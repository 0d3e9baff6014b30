"""Importing libraries without parts of theirs that are never used here, which cost memory and time."""

import importlib
import importlib.abc
import sys
import types
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from typing import Any, Optional


class _Refusal(importlib.abc.MetaPathFinder):
    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(
        self, name: str, path: Optional[Sequence[str]], target: Optional[types.ModuleType] = None
    ) -> Optional[ModuleSpec]:
        if name in self._names:
            raise ModuleNotFoundError(f'{name} is left out of this process', name=name)
        return None


def leave_out(*names: str) -> None:
    """Makes these modules look as if they were not installed, from now to the end of the process.

    For a program's own process, and for optional parts of libraries: Beam and pyarrow load pandas when it is
    there, 35 MB and 0.3 s, and do without it when it is not. What was imported before stays.
    """
    sys.meta_path.insert(0, _Refusal(frozenset(names)))


def import_spacy() -> None:
    """Imports spaCy, unless somebody has, without its command line, which it imports for ``spacy.info``.

    That brings typer, rich, httpx and requests: 18 MB and 0.2 s in each process. ``spacy.info`` and
    ``spacy.cli`` are there still for whoever asks for them.
    """
    if 'spacy' in sys.modules:
        return
    names = 'spacy.cli', 'spacy.cli.info'
    for name in names:
        sys.modules[name] = types.ModuleType(name)
    vars(sys.modules['spacy.cli.info'])['info'] = _info
    try:
        importlib.import_module('spacy')
    finally:
        for name in names:
            del sys.modules[name]


def _info(*arguments: Any, **options: Any) -> Any:
    return importlib.import_module('spacy.cli.info').info(*arguments, **options)
