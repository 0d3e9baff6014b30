"""Whose turn it is: queues of asks by host, and the books of each batch."""

import asyncio
import collections
import dataclasses
import queue
from typing import Optional, Union

from yarl import URL

from schemas.vocabulary import Reason
from transforms.functions.web.asking import Answer, Ask
from transforms.functions.web.exchange import now_us
from transforms.functions.web.host_limits import HostLimit, NotNow, Spending
from transforms.functions.web.host_reports import HostReport
from transforms.functions.web.slots import Stopped
from transforms.functions.web.targets import target
from transforms.functions.web.visit import Means, Visit

# Hosts remembered with their clocks. Idle ones over this are forgotten, the longest unused first.
MAX_HOSTS = 20_000


class BatchBooks:
    """What the event loop knows of a batch. ``arrived`` is the one part that other threads touch."""

    def __init__(self) -> None:
        self.arrived: queue.SimpleQueue[Union[Answer, BaseException]] = queue.SimpleQueue()
        self.spending: dict[str, Spending] = {}
        self.untaken = 0
        self.over = False  # failed or abandoned: nothing more is asked for it


class _Host:
    def __init__(self, limit: HostLimit) -> None:
        self.limit = limit
        self.waiting: collections.deque[tuple[BatchBooks, Ask, URL]] = collections.deque()
        self.lanes: set[asyncio.Task[None]] = set()


class Schedule:
    """Works through the asks of all batches: hosts side by side, the asks of one host in order.

    Each host has as many lanes as it may have requests in flight, and each lane one request, so that the
    limit holds by construction. Belongs to one event loop, like everything it is made of.
    """

    def __init__(self, means: Means) -> None:
        self._means = means
        self._settings = means.settings
        self._slots = means.slots
        self._host_key = means.host_key
        self._hosts: dict[str, _Host] = {}  # the longest unused first
        self._departed: list[HostReport] = []  # of forgotten hosts, until they are taken
        self._stopped = False

    def submit(self, batch: BatchBooks, ask: Ask) -> None:
        """Queues an ask, or answers it at once if there is nothing to ask."""
        try:
            self._submit(batch, ask)
        except Exception as error:  # unforeseen: the batch must not wait for an answer that never comes
            self.fail(batch, error)

    def _submit(self, batch: BatchBooks, ask: Ask) -> None:
        if self._stopped:
            self._deliver(batch, _unasked(ask, Reason.RUN_ENDED, 'not begun'))
            return
        try:
            url = target(ask.url)
            key = self._host_key(str(url))
        except ValueError as error:
            self._deliver(batch, _unasked(ask, Reason.BAD_URL, str(error)[:200]))
            return
        host = self._host(key)
        host.waiting.append((batch, ask, url))
        if len(host.lanes) < self._settings.in_flight_per_host:
            lane = asyncio.get_running_loop().create_task(self._lane(host, key))
            host.lanes.add(lane)

    def taken(self, batch: BatchBooks, answers: int) -> None:
        """So many answers of this batch left the queue."""
        if not batch.over:
            batch.untaken -= answers
            self._slots.drop(answers)

    def abandon(self, batch: BatchBooks) -> None:
        """Nobody will take this batch's answers: its asks are forgotten and its places freed."""
        if not batch.over:
            batch.over = True
            self._slots.drop(batch.untaken)

    def fail(self, batch: BatchBooks, error: BaseException) -> None:
        """Hands an exception that nobody foresaw to whoever waits for the batch."""
        self.abandon(batch)
        batch.arrived.put(error)

    def stop(self) -> None:
        """Answers every ask that was not begun; those in flight go on to their end."""
        self._stopped = True
        self._slots.stop()
        for host in self._hosts.values():
            host.limit.stop()
            while host.waiting:
                batch, ask, _ = host.waiting.popleft()
                self._deliver(batch, _unasked(ask, Reason.RUN_ENDED, 'not begun'))

    async def close(self) -> None:
        """Stops, and cuts what is in flight."""
        self.stop()
        lanes = [lane for host in self._hosts.values() for lane in host.lanes]
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)

    def reports(self) -> list[HostReport]:
        """What was done to each host since its report was last taken."""
        # list() of a plain dict is one step of the interpreter, so other threads may call this.
        return [dataclasses.replace(host.limit.report) for host in list(self._hosts.values())]

    def take_reports(self) -> list[HostReport]:
        """What was done to each host since the last time, of those to whom anything was. In the loop only."""
        taken, self._departed = self._departed, []
        taken += [host.limit.take_report() for host in self._hosts.values()]
        return [report for report in taken if not report.is_empty]

    def _host(self, key: str) -> _Host:
        host = self._hosts.pop(key, None)
        if host is None:
            host = _Host(HostLimit(key, self._settings.min_delay_s))
            if len(self._hosts) >= MAX_HOSTS:
                oldest, candidate = next(iter(self._hosts.items()))
                if not candidate.lanes and candidate.limit.idle:
                    self._departed.append(candidate.limit.take_report())
                    del self._hosts[oldest]
        self._hosts[key] = host
        return host

    def _deliver(self, batch: BatchBooks, answer: Answer) -> None:
        if not batch.over:
            batch.untaken += 1
            self._slots.hold()
            batch.arrived.put(answer)

    async def _lane(self, host: _Host, key: str) -> None:
        try:
            await self._work_through(host, key)
        finally:
            # In one step of the loop with the last look at the queue: a callback would come a step later, and
            # an ask that came in between would find no free lane and start none.
            host.lanes.discard(asyncio.current_task())

    async def _work_through(self, host: _Host, key: str) -> None:
        while host.waiting:
            batch, ask, url = host.waiting.popleft()
            if batch.over:
                continue
            spending = batch.spending.get(key)
            if spending is None:
                spending = batch.spending[key] = Spending(self._settings.host_budget_s)
            try:
                answer = await Visit(self._means, host.limit, spending).answer(ask, url)
            except Stopped:
                answer = _unasked(ask, Reason.RUN_ENDED, 'not begun')
            except NotNow as refusal:
                answer = _unasked(ask, refusal.reason, refusal.detail, refusal.peace_s)
            except asyncio.CancelledError:
                self._deliver(batch, _unasked(ask, Reason.RUN_ENDED, 'cut'))
                raise
            except Exception as error:  # unforeseen, whatever it is: the batch must not wait for ever
                self.fail(batch, error)
                continue
            self._deliver(batch, answer)


def _unasked(ask: Ask, reason: Reason, detail: str, peace_s: Optional[int] = None) -> Answer:
    return Answer(
        token=ask.token,
        url=ask.url,
        final_url=ask.url,
        reason=reason,
        detail=detail,
        fetched_at=now_us(),
        retry_after_s=peace_s,
    )
