"""The sources of an always-on job: read again when they change, kept as they were when they cannot be."""

import os
import time
from collections.abc import Sequence
from typing import Optional
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pipelines import feed_sources
from pipelines.errors.sources import POLLED_ON
from pipelines.feed_sources import FeedSources
from pipelines.usage import UsageError
from schemas.settings import FetchSettings
from transforms.functions.sources import is_url

# Lists on the web and the feeds of sites are looked for again so often, in seconds.
WEB_AGAIN_S = 600.0


class WatchedSources:
    """What the user's sources name now.

    Local files are looked at each time, by their time of change and size; what is on the web every ten
    minutes. Feeds that a source no longer names are not polled any more; new ones are. Of a source that
    cannot be read, or a site that does not answer, the feeds known before stay.
    """

    def __init__(self, specs: Sequence[str], fetch: FetchSettings) -> None:
        self._specs = list(specs)
        self._fetch = fetch
        self._on_web = any(is_url(spec) for spec in specs)
        self._known: Optional[FeedSources] = None
        self._seen: tuple[object, ...] = ()
        self._read_at = 0.0

    def read(self) -> tuple[FeedSources, bool]:
        """The feeds, and whether they were read anew. Raises UsageError when they could never be read."""
        seen = tuple(_state_of(spec) for spec in self._specs)
        old = self._on_web and time.monotonic() - self._read_at >= WEB_AGAIN_S
        if self._known is not None and seen == self._seen and not old:
            return self._known, False
        self._seen, self._read_at = seen, time.monotonic()
        try:
            known = self._known.by_source if self._known is not None else None
            self._known = feed_sources.read_all(self._specs, self._fetch, known)
        except UsageError as error:
            if self._known is None:
                raise
            POLLED_ON.say(error=error)
            return self._known, False
        return self._known, True


def _state_of(spec: str) -> object:
    """What changes when a local source does; None for what is on the web or not there."""
    if is_url(spec):
        return None
    path = url2pathname(urlsplit(spec).path) if spec.lower().startswith('file:') else spec
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
