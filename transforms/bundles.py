"""What the DoFns that work ahead of Beam share: outputs at the end of a bundle, and keys of host shards.

Such DoFns start work in ``process`` and finish it in ``finish_bundle``, so they are for the global window.
"""

import zlib
from typing import Any

from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue

from transforms.functions.hosts import host_key

# A host belongs to one shard and a shard to one worker at a time: per-host limits hold by construction.
# 64 shards feed up to 64 workers and keep the grouped lists short (topology experiment).
SHARDS = 64


def shard_of(url: str) -> int:
    """The shard of a URL's host, from 0."""
    return zlib.crc32(host_key(url).encode()) % SHARDS


def tagged(tag: str, value: Any) -> Any:
    """An output by tag, typed so that a DoFn's annotation, which Beam reads, can name each tag's rows."""
    return TaggedOutput(tag, value)


def at_end(output: Any) -> Any:
    """An output as ``finish_bundle`` has to give it."""
    if isinstance(output, TaggedOutput):
        return TaggedOutput(output.tag, at_end(output.value))
    return WindowedValue(output, GlobalWindow().max_timestamp(), (GlobalWindow(),))
