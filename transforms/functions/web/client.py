"""The web client: one event loop in one thread per process, shared by all batches."""

import asyncio
import threading
import weakref
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from types import TracebackType
from typing import Optional

from schemas.settings import FetchSettings
from transforms.functions.web.addresses import AddressRules
from transforms.functions.web.asking import Ask
from transforms.functions.web.batch import Batch
from transforms.functions.web.host_reports import HostReport
from transforms.functions.web.proxies import Proxies
from transforms.functions.web.resolving import GuardedResolver, Lookup, system_lookup
from transforms.functions.web.robots import RobotsRules
from transforms.functions.web.scheduling import BatchBooks, Schedule
from transforms.functions.web.slots import Slots
from transforms.functions.web.transfer import Transfers
from transforms.functions.web.visit import Means

# Between looks at whether the loop still runs, while it is waited for.
_LOOK_AGAIN_S = 0.2
_CLIENTS: 'weakref.WeakSet[WebClient]' = weakref.WeakSet()


def stop_all() -> None:
    """Stops every client of this process; for the handler of an interrupt. See ``WebClient.stop``."""
    for client in list(_CLIENTS):
        client.stop()


class WebClient:
    """Asks the web politely, for any number of batches and threads of one process.

    Whatever is asked is under one set of limits: ``host_key`` maps a URL to the name of its host (its
    registrable domain, or address and port; ValueError if it has none), and the requests of one host share
    its limit of requests in flight, its delay and its robots.txt, whichever batch they come from. Hosts do
    not wait for each other.

    ``resolver`` gives a name's addresses in place of the system's; ``proxies`` are those of
    ``urllib.request.getproxies()``. Behind a proxy it is the proxy that resolves names, so only addresses
    written in URLs are checked. Raises ValueError for settings that cannot be meant.
    """

    def __init__(
        self,
        settings: FetchSettings,
        host_key: Callable[[str], str],
        resolver: Optional[Lookup] = None,
        proxies: Optional[Mapping[str, str]] = None,
    ) -> None:
        if settings.in_flight_per_host < 1:
            raise ValueError(f'in_flight_per_host must be at least 1, not {settings.in_flight_per_host}')
        self._settings = settings
        self._host_key = host_key
        self._lookup = system_lookup if resolver is None else resolver
        self._rules = AddressRules(settings.allow_private)
        self._proxies = Proxies(proxies or {})
        self._slots = Slots(settings.max_waiting)
        self._schedule: Optional[Schedule] = None
        self._crash: Optional[BaseException] = None
        self._batches: weakref.WeakSet[BatchBooks] = weakref.WeakSet()
        self._batches_lock = threading.Lock()
        self._running = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name='web-client', daemon=True)
        self._thread.start()
        self._running.wait()
        if self._crash is not None:
            raise self._crash
        _CLIENTS.add(self)

    def open(self) -> Batch:
        """A new batch. It costs nothing and needs no closing."""
        books = BatchBooks()
        with self._batches_lock:
            self._batches.add(books)
        return Batch(self, books)

    def stop(self) -> None:
        """Answers all asks that were not begun with ``Reason.RUN_ENDED``, and later ones too; requests in
        flight end by themselves, at the latest at their deadlines. Returns at once; may be called from a
        signal handler."""
        schedule = self._schedule
        if schedule is not None:
            self._call(schedule.stop)

    def close(self) -> None:
        """Stops, cuts what is in flight (also ``Reason.RUN_ENDED``) and ends the thread. Idempotent."""
        self._call(self._closing.set)
        self._thread.join()
        _CLIENTS.discard(self)

    def reports(self) -> list[HostReport]:
        """What was done to each host that is not taken yet: a snapshot, also after the client is closed."""
        schedule = self._schedule
        return [] if schedule is None else schedule.reports()

    def take_reports(self) -> list[HostReport]:
        """What was done to each host since the last call, by whatever thread or batch: each thing once."""
        schedule = self._schedule
        if schedule is None:
            return []
        taken: Future[list[HostReport]] = Future()
        waiting = self._call(lambda: taken.set_result(schedule.take_reports()))
        while waiting:
            try:
                return taken.result(_LOOK_AGAIN_S)
            except NotYet:
                waiting = self._thread.is_alive()  # else the loop ended before it came to this
        return taken.result() if taken.done() else schedule.take_reports()

    def __enter__(self) -> 'WebClient':
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def _call(self, function: Callable[..., object], *args: object) -> bool:
        """Runs a function in the loop, soon; False if the loop has ended."""
        try:
            self._loop.call_soon_threadsafe(self._guarded, function, args)
        except RuntimeError:
            if not self._loop.is_closed():
                raise
            return False
        return True

    def _guarded(self, function: Callable[..., object], args: tuple[object, ...]) -> None:
        try:
            function(*args)
        except BaseException as error:  # the loop would only log it, and a batch could wait for ever
            self._crash = error
            self._closing.set()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._main())
        except BaseException as error:  # the thread has nobody else to tell
            self._crash = error
        with self._batches_lock:
            for books in self._batches:
                # Reached only by a batch that still waits: what it submitted while the loop was ending.
                books.arrived.put(self._crash or RuntimeError('the web client was closed'))
        self._running.set()

    async def _main(self) -> None:
        for host, port in self._proxies.endpoints:
            self._rules.exempt(host, port)
        resolver = GuardedResolver(
            self._lookup, self._rules, unguarded=[host for host, _ in self._proxies.endpoints]
        )
        transfers = Transfers(self._settings, resolver, self._rules)
        self._schedule = Schedule(
            Means(
                self._settings,
                transfers,
                self._rules,
                self._proxies,
                self._slots,
                RobotsRules(self._settings.user_agent),
                self._host_key,
            )
        )
        self._running.set()
        try:
            await self._closing.wait()
        finally:
            await self._schedule.close()
            await transfers.close()

    def submit(self, books: BatchBooks, ask: Ask) -> None:
        """For Batch. Raises RuntimeError when the client is closed."""
        if self._schedule is None or not self._call(self._schedule.submit, books, ask):
            raise self._crash or RuntimeError('the web client is closed')

    def taken(self, books: BatchBooks, answers: int) -> None:
        """For Batch."""
        if self._schedule is not None:
            self._call(self._schedule.taken, books, answers)

    def abandon(self, books: BatchBooks) -> None:
        """For Batch."""
        if self._schedule is not None:
            self._call(self._schedule.abandon, books)
