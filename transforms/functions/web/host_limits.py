"""One host's peace: requests in flight and the delay between them."""

import asyncio
import math
from typing import Optional

from schemas.vocabulary import Reason
from transforms.functions.web.host_reports import HostReport
from transforms.functions.web.slots import LENT_AFTER_S, Slots, Stopped

# A request that was sent this long ago is taken to have reached its host, though no response has come; so a
# host that thinks for long can be asked for two pages at once. Until then the next one waits: a gap
# measured where requests are sent says nothing of the gap where they arrive.
ARRIVED_AFTER_S = 1.0
# A client of a job that never ends would leave a host alone for years that says so by mistake; a day is the
# longest that a feed is not looked at.
MAX_PEACE_S = 86_400.0


class NotNow(Exception):
    """No request may be made for now: the host's budget is spent, or it asked to be left in peace.

    ``peace_s``: for how many seconds still it wants that, rounded up.
    """

    def __init__(self, reason: Reason, detail: str, peace_s: Optional[int] = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.peace_s = peace_s


class Spending:
    """The time one batch has spent on one host: while it waits for its delay or has requests in flight.

    Time in which the whole client waits for answers to be taken is nobody's.
    """

    def __init__(self, budget_s: float) -> None:
        self.budget_s = budget_s
        self._spent = 0.0
        self._working = 0
        self._since = 0.0

    def begin(self, now: float) -> None:
        if self._working == 0:
            self._since = now
        self._working += 1

    def end(self, now: float) -> None:
        self._working -= 1
        if self._working == 0:
            self._spent += now - self._since

    def left(self, now: float) -> float:
        """Seconds that are left of the budget."""
        return self.budget_s - self._spent - (now - self._since if self._working else 0.0)


class Passage:
    """Leave for one request. ``sent`` and ``responded`` are told of its progress; ``end`` always follows."""

    def __init__(self, host: 'HostLimit', slots: Slots, spending: Spending) -> None:
        self._host = host
        self._slots = slots
        self._spending = spending
        self._lent = False
        self._loop = asyncio.get_running_loop()
        self._timers = [self._loop.call_later(LENT_AFTER_S, self._lend)]

    def _lend(self) -> None:
        self._lent = True
        self._slots.lend()

    def _arrived(self) -> None:
        self._host.arrived(self)

    def sent(self) -> None:
        """The request was written to its connection."""
        self._timers.append(self._loop.call_later(ARRIVED_AFTER_S, self._arrived))

    def responded(self) -> None:
        """The headers of the response have come."""
        self._cancel_timers()
        if self._lent:
            self._lent = False
            self._slots.take_back()
        self._host.arrived(self)

    def end(self, wire_bytes: int) -> None:
        """The response has ended, or there will be none."""
        self._cancel_timers()
        self._slots.finish(self._lent)
        self._spending.end(self._loop.time())
        self._host.ended(self, wire_bytes)

    def _cancel_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        # A timer keeps the context that it was made in, and that the exchange that its lane was at before.
        self._timers.clear()


class HostLimit:
    """Admits the requests to one host, in order. Belongs to one event loop.

    With a delay, a request starts no sooner than ``delay`` after the end of every earlier response, and
    after every earlier request has certainly reached the host; so the host never sees two requests closer
    than the delay, whatever the network does to them. How many are in flight is the caller's to limit.
    """

    def __init__(self, host: str, min_delay_s: float) -> None:
        self.report = HostReport(host)
        self._min_delay_s = min_delay_s
        self._crawl_delay_s = 0.0
        self._last: Optional[float] = None  # the last end or arrival
        self._hold_until = 0.0
        self._peace: Optional[tuple[float, Reason, str]] = None  # until when not to ask, and why
        self._unseen: Optional[Passage] = None  # a request that the host may not have seen yet
        self._in_flight = 0
        self._turn = asyncio.Lock()
        self._waiter: Optional[asyncio.Future[None]] = None
        self._stopped = False

    @property
    def delay_s(self) -> float:
        return max(self._min_delay_s, self._crawl_delay_s)

    @property
    def idle(self) -> bool:
        """Whether nothing would be forgotten with this object but its report, which can be taken."""
        now = asyncio.get_running_loop().time()
        at_peace = self._peace is not None and now < self._peace[0]
        return not (self._turn.locked() or self._in_flight or at_peace) and self._opens_at() < now

    def take_report(self) -> HostReport:
        """What was done since the last time; the next report begins anew."""
        report, self.report = self.report, HostReport(self.report.host)
        report.delay_s = self.delay_s
        return report

    def slow_down(self, crawl_delay_s: float) -> None:
        """Takes up a Crawl-delay; the longest of a host's origins counts."""
        self._crawl_delay_s = max(self._crawl_delay_s, crawl_delay_s)

    def hold(self, seconds: float) -> None:
        """Starts nothing for this long (Retry-After)."""
        self._hold_until = max(self._hold_until, asyncio.get_running_loop().time() + seconds)

    def leave_in_peace(self, seconds: float, reason: Reason, detail: str) -> None:
        """Refuses all requests for this long, for any batch (a Retry-After that does not fit)."""
        until = asyncio.get_running_loop().time() + min(seconds, MAX_PEACE_S)
        self._peace = until, reason, detail
        self._wake()

    async def admit(self, slots: Slots, spending: Spending) -> Passage:
        """Waits until a request may start. Raises Stopped, and NotNow if the wait does not fit."""
        loop = asyncio.get_running_loop()
        async with self._turn:
            while True:
                spending.begin(loop.time())
                try:
                    await self._wait_for_gap(loop, spending)
                finally:
                    spending.end(loop.time())
                await slots.acquire()
                # While the place was waited for, a response may have ended and begun a new delay.
                if self._gap_open(loop.time()):
                    break
                slots.finish(lent=False)
            return self._start(Passage(self, slots, spending), spending, loop.time())

    def _start(self, passage: Passage, spending: Spending, now: float) -> Passage:
        spending.begin(now)
        self._unseen = passage
        self._in_flight += 1
        report = self.report
        report.requests += 1
        report.most_in_flight = max(report.most_in_flight, self._in_flight)
        if self._last is not None:
            report.note_gap(now - self._last)
        return passage

    def arrived(self, passage: Passage) -> None:
        if self._unseen is passage:
            self._unseen = None
        self._last = asyncio.get_running_loop().time()
        self._wake()

    def ended(self, passage: Passage, wire_bytes: int) -> None:
        self._in_flight -= 1
        self.report.wire_bytes += wire_bytes
        self.arrived(passage)

    def stop(self) -> None:
        """Whoever waits for admission gets Stopped."""
        self._stopped = True
        self._wake()

    def _opens_at(self) -> float:
        return max(self._hold_until, 0.0 if self._last is None else self._last + self.delay_s)

    def _gap_open(self, now: float) -> bool:
        return now >= self._opens_at() and (self._unseen is None or self.delay_s == 0)

    async def _wait_for_gap(self, loop: asyncio.AbstractEventLoop, spending: Spending) -> None:
        while not self._stopped:
            now = loop.time()
            self._check_fits(now, spending)
            if self._gap_open(now):
                return
            self._waiter = loop.create_future()
            unseen = self._unseen is not None and self.delay_s > 0
            timer = None if unseen else loop.call_at(self._opens_at(), self._wake)
            try:
                await self._waiter
            finally:
                self._waiter = None
                if timer is not None:
                    timer.cancel()
        raise Stopped

    def _check_fits(self, now: float, spending: Spending) -> None:
        if self._peace is not None and now < self._peace[0]:
            raise NotNow(self._peace[1], self._peace[2], math.ceil(self._peace[0] - now))
        if max(self._opens_at() - now, 0.0) >= spending.left(now):
            raise NotNow(Reason.HOST_BUDGET, f'{spending.budget_s:g} s are spent on its host')

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
