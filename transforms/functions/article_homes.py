"""Articles that another writer has meanwhile given another partition than the one they were staged for.

Two runs at once may find an article new and date it differently: one before midnight and one after, or each
by another feed's entry. Its partition is that of the version that was committed first.
"""

import os
from collections.abc import Iterable
from typing import Optional

import pyarrow as pa
import pyarrow.compute as pc

from transforms.functions.held_ids import files_with
from transforms.functions.lake import Lake, Partition

# A run reads where articles are before it stages them. What has changed longer than this before that, it
# knew: a round takes minutes.
_ROUND_S = 6 * 3600


def homes_elsewhere(
    lake: Lake,
    partition: Partition,
    article_ids: Iterable[str],
    staged: Iterable[str],
    run_id: str,
    began: Optional[int] = None,
) -> dict[str, Partition]:
    """The partitions of those of the articles that are in another one (date, outlet) of the same outlet.

    For holders of the lease. Looks only at partitions that have changed since the articles were on their
    way: a page's outlet is that of its address, so it is the date that differs. Where the storage has no
    locks there is one writer, and nothing to find.

    Args:
        staged: the paths of the files that the articles were staged in; they tell when that was.
        began: for a run that goes on for long and commits an article more than once: when it began, in
            microseconds UTC. Its own files are looked at as well, and those of all that time.
    """
    wanted = pa.array(sorted(set(article_ids)), pa.string())
    root = lake.folder('articles')
    if not lake.storage.has_locks or not len(wanted) or not os.path.isdir(root):
        return {}
    since = min(map(_changed_at, staged), default=0.0) if began is None else began / 1e6
    since -= _ROUND_S
    homes: dict[str, Partition] = {}
    for name in sorted(os.listdir(root), reverse=True):
        other = (name.partition('=')[2], partition[1])
        folder = lake.folder('articles', other)
        if other == partition or _changed_at(folder) <= since:
            continue
        for path in files_with(lake, 'articles', other, 'article_id', wanted):
            if began is None and lake.is_own(path, run_id):  # a round knows where it has put an article
                continue
            ids = lake.read('articles', [path], ('article_id',))['article_id']
            homes |= dict.fromkeys(ids.filter(pc.is_in(ids, wanted)).to_pylist(), other)
    return homes


def _changed_at(path: str) -> float:
    """When a file or the names in a folder changed, by the file system's clock; 0 when it is not there."""
    try:
        return os.stat(path).st_mtime
    except FileNotFoundError:
        return 0.0
