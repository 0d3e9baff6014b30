"""What this process remembers of staged articles: the rows that commits read, and what its run has staged."""

import collections
import threading
from typing import Optional

from schemas.settings import RunSettings
from transforms.beam_storage import open_lake
from transforms.functions.memory import trim
from transforms.functions.staged_articles import StagedFile, staged_file
from transforms.functions.staged_before import StagedBefore

_lock = threading.Lock()
# Several commits want the same staged file at once.
_decoding = threading.Lock()
# A round of 2 000 pages stages 20 files of about 2 MB; one that is read for each partition costs more.
_STAGED_FILES = 64
_staged: collections.OrderedDict[str, StagedFile] = collections.OrderedDict()
_staged_before: Optional[tuple[tuple[str, str], StagedBefore]] = None


def staged_rows(run: RunSettings, path: str) -> StagedFile:
    """A staged file's rows. The last files are remembered: they hold rows of many partitions."""
    with _decoding:
        if path in _staged:
            _staged.move_to_end(path)
            return _staged[path]
        _staged[path] = rows = staged_file(open_lake(run.lake), path)
        while len(_staged) > _STAGED_FILES:
            _staged.popitem(last=False)
    return rows


def staged_before(run: RunSettings) -> StagedBefore:
    """What this run has staged so far, by whatever process; each call reads the files that have come."""
    global _staged_before
    key = (run.lake, run.run_id)
    with _lock:
        if _staged_before is None or _staged_before[0] != key:
            _staged_before = key, StagedBefore(open_lake(run.lake), run.run_id)
        found = _staged_before[1]
    with _decoding:
        found.look_again()
    return found


def let_go() -> None:
    """Forgets the staged rows that commits have read; another commit reads its files again."""
    global _staged_before
    with _decoding:
        _staged.clear()
        _staged_before = None
    trim()
