"""The documents of feeds, read by the children that analyse pages, each under a page's deadline.

What the web answers comes from the web client; local files are answered here.
"""

import collections
import time
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any, Optional, Union
from urllib.parse import urlsplit
from urllib.request import url2pathname

from schemas.feeds import FeedDocument, ParsedFeed, UnreadFeed
from schemas.settings import AnalysisSettings, RunSettings
from schemas.vocabulary import Reason
from transforms import processes
from transforms.functions.feed_parsing import read_feed
from transforms.functions.pool_errors import DeadlineExceeded, WorkerDied
from transforms.functions.sources import SourceError, load_local
from transforms.functions.web.asking import Answer

Read = Union[ParsedFeed, UnreadFeed]

# Documents per child that wait or are read; each is held whole.
_DOCUMENTS_PER_CHILD = 8


class FeedReader:
    """Reads what one bundle was answered; without settings of the analysis in this process, no deadline."""

    def __init__(self, analysis: Optional[AnalysisSettings]) -> None:
        self._analysis = analysis
        self._held = _DOCUMENTS_PER_CHILD
        self._reading: collections.deque[tuple[Answer, Future[Read]]] = collections.deque()

    def submit(self, answer: Answer, document: FeedDocument, run: RunSettings) -> None:
        """Takes a document, and the answer that it came with."""
        future: Future[Read] = Future()
        if self._analysis is None:
            future.set_result(read_feed(document))
        else:
            future, children = processes.read_document(run, self._analysis, document)
            self._held = _DOCUMENTS_PER_CHILD * children
        self._reading.append((answer, future))

    def ready(self) -> Iterator[tuple[Answer, Read]]:
        """What has been read so far, in its order; waits while too many documents are held."""
        while self._reading and (self._reading[0][1].done() or len(self._reading) > self._held):
            yield self._next()

    def drain(self) -> Iterator[tuple[Answer, Read]]:
        """All that is left."""
        while self._reading:
            yield self._next()

    def _next(self) -> tuple[Answer, Read]:
        answer, future = self._reading.popleft()
        try:
            return answer, future.result()
        except DeadlineExceeded as error:
            return answer, UnreadFeed(Reason.FEED_UNREADABLE.value, f'The document took too long: {error}')
        except WorkerDied as error:
            return answer, UnreadFeed(Reason.WORKER_DIED.value, str(error))


def read_file(url: str, token: Any) -> Answer:
    """A local feed file, answered as the web would."""
    try:
        body = load_local(url2pathname(urlsplit(url).path))
    except SourceError as error:
        reason = Reason.SOURCE_UNREADABLE
        return Answer(token, url, url, reason=reason, detail=str(error), fetched_at=time.time_ns() // 1000)
    return Answer(token, url, url, body=body, fetched_at=time.time_ns() // 1000, wire_bytes=len(body))
