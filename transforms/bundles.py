"""What the DoFns that work ahead of Beam share: outputs at the end of a bundle, and keys of host shards.

Such DoFns start work in ``process`` and finish it in ``finish_bundle``, which has to say of which window an
output is. Those of the sink keep the window of each row; the others are for the global window.
"""

import zlib
from typing import Any

from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.transforms.window import BoundedWindow, GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue

from transforms.functions.hosts import host_key

# A host belongs to one shard and a shard to one worker at a time: per-host limits hold by construction.
# 64 shards feed up to 64 workers and keep the grouped lists short (topology experiment).
SHARDS = 64
_GLOBAL = GlobalWindow()


def shard_of(url: str) -> int:
    """The shard of a URL's host, from 0."""
    return zlib.crc32(host_key(url).encode()) % SHARDS


def tagged(tag: str, value: Any) -> Any:
    """An output by tag, typed so that a DoFn's annotation, which Beam reads, can name each tag's rows."""
    return TaggedOutput(tag, value)


def at_end(output: Any, window: BoundedWindow = _GLOBAL) -> Any:
    """An output of a window, at the window's last moment, as ``finish_bundle`` has to give it."""
    if isinstance(output, TaggedOutput):
        return TaggedOutput(output.tag, at_end(output.value, window))
    return WindowedValue(output, window.max_timestamp(), (window,))


def comes_in_firings(rows: PCollection[Any]) -> bool:
    """Whether a grouping of the rows gives a key more than once: unbounded ones, or several windows."""
    return not rows.is_bounded or not rows.windowing.is_default()
