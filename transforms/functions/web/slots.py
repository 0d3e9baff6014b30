"""Bounds what is in memory and on the wire at once, over all hosts."""

import asyncio
import collections
from typing import Optional

# Sockets open at once. Common limits on open files are 1 024; the analysis and the runner need some too.
MAX_OPEN = 256
# A request that has had no response for this long lends its place to another: hosts that do not answer
# would else hold all places until their deadlines, and delay the ones that do.
LENT_AFTER_S = 1.0


class Stopped(Exception):
    """The run was ended while a request waited for its turn."""


class Slots:
    """Places for requests in flight and answers nobody has taken: at most ``limit`` of both together.

    Requests that wait long for a response do not count until it comes, so the limit can be passed by as
    many slow hosts as answer at the same moment; MAX_OPEN bounds those. Belongs to one event loop.
    """

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError(f'max_waiting must be at least 1, not {limit}')
        self._limit = limit
        self._held = 0  # requests in flight, but for lent places, and answers not taken
        self._open = 0  # requests in flight
        self._waiting: collections.deque[asyncio.Future[None]] = collections.deque()
        self._granting: Optional[asyncio.Handle] = None
        self._stopped = False

    async def acquire(self) -> None:
        """Waits for a place for a request, in order of asking. Raises Stopped."""
        if self._stopped:
            raise Stopped
        if not self._waiting and self._free():
            self._take_place()
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.finish(lent=False)
            raise

    def lend(self) -> None:
        """A request in flight gives its place away for now."""
        self._held -= 1
        self._grant_soon()

    def take_back(self) -> None:
        """A request that lent its place counts again."""
        self._held += 1

    def finish(self, lent: bool) -> None:
        """A request has ended. What it brought is counted by ``hold`` in the same step of the loop."""
        self._open -= 1
        if not lent:
            self._held -= 1
        self._grant_soon()

    def hold(self) -> None:
        """An answer waits to be taken."""
        self._held += 1

    def drop(self, count: int = 1) -> None:
        """Answers were taken, or nobody will take them any more."""
        self._held -= count
        self._grant_soon()

    def stop(self) -> None:
        """Nothing is started any more: all who wait get Stopped."""
        self._stopped = True
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(Stopped())

    def _free(self) -> bool:
        return self._held < self._limit and self._open < MAX_OPEN

    def _take_place(self) -> None:
        self._held += 1
        self._open += 1

    def _grant_soon(self) -> None:
        # In the next step of the loop, so that a request that ends and its answer that waits are one change.
        if self._granting is None and self._waiting:
            self._granting = asyncio.get_running_loop().call_soon(self._grant)

    def _grant(self) -> None:
        self._granting = None
        while self._waiting and self._free():
            turn = self._waiting.popleft()
            if not turn.done():
                self._take_place()
                turn.set_result(None)
