"""The asks of one bundle, and their answers: what the users of the web client have in their hands."""

import weakref
from collections.abc import Iterator
from typing import Optional, Protocol

from transforms.functions.web.asking import Answer, Ask
from transforms.functions.web.scheduling import BatchBooks

# Answers whose places are given back in one go.
_TAKEN_AT_ONCE = 8


class Client(Protocol):
    """What a batch tells its client. Each may be called from any thread, and returns at once."""

    def submit(self, books: BatchBooks, ask: Ask) -> None:
        """Hands over an ask. Raises RuntimeError when the client is closed."""

    def taken(self, books: BatchBooks, answers: int) -> None:
        """Says that so many answers were taken: their places are free."""

    def abandon(self, books: BatchBooks) -> None:
        """Says that nobody waits for answers any more."""


class Batch:
    """The asks of one bundle. Used by one thread at a time.

    Every ask submitted gives exactly one answer, from ``ready`` or ``drain``, in the order of arrival. An
    exception that nobody foresaw is raised from them in place of an answer, and again ever after. A batch
    that is dropped frees what it held.
    """

    def __init__(self, client: Client, books: BatchBooks) -> None:
        self._client = client
        self._books = books
        self._failed: Optional[BaseException] = None
        self.pending = 0  # asks whose answers were not taken yet
        self._taken = 0  # answers taken that the loop was not told of
        self._finalizer = weakref.finalize(self, client.abandon, books)
        self._finalizer.atexit = False

    def submit(self, ask: Ask) -> None:
        """Hands over an ask; returns at once."""
        if self._failed is not None:
            raise self._failed
        self._client.submit(self._books, ask)
        self.pending += 1

    def ready(self) -> Iterator[Answer]:
        """The answers that have arrived, without waiting."""
        while self.pending and not self._books.arrived.empty():
            yield self._take()

    def drain(self) -> Iterator[Answer]:
        """The answers of everything submitted, as they arrive; waits until each ask has its answer."""
        while self.pending:
            yield self._take()

    def abandon(self) -> None:
        """Gives the batch up: what was not begun is never asked."""
        self._finalizer()
        self.pending = 0

    def _take(self) -> Answer:
        if self._failed is not None:
            raise self._failed
        if self._books.arrived.empty():
            self._tell_taken()  # before waiting for what has no place yet
        answer = self._books.arrived.get()
        if isinstance(answer, BaseException):
            self._failed = answer
            raise answer
        self.pending -= 1
        self._taken += 1
        if self._taken >= _TAKEN_AT_ONCE or not self.pending:
            self._tell_taken()
        return answer

    def _tell_taken(self) -> None:
        # Each word to the loop wakes its thread, which costs more than all else here.
        if self._taken:
            self._client.taken(self._books, self._taken)
            self._taken = 0
