"""The lease on a lake: one process at a time commits, compacts, repairs or forgets, for a short while each.

The lease is the file ``_lease``: who holds it, and a count that the holder raises as it works. A waiter
takes it over when the holder is dead (a process of this machine that is gone), or when the count has stood
still for ``TTL_S`` of the waiter's own monotonic clock: no wall clock takes part, so no wrong one does harm.

A holder that was thought dead and goes on cannot do harm either. What makes files visible happens within
``fence``, which refuses once the lease is another's; taking it over and being within the fence exclude each
other by a lock of the file system that is held for that moment only.
"""

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from typing import Optional, TypeVar

from transforms.functions.lease_file import (
    LeaseRecord,
    is_dead,
    read_record,
    record_of_this_process,
    write_record,
)
from transforms.functions.storage import Storage

# A commit takes milliseconds to seconds. Who holds the lease for longer renews it by a timer, which stands
# still with its process, and not for ever: a thread that hangs would keep everybody out.
TTL_S = 30.0
_LONGEST_S = 900.0
# Threads of a process share a lease; after this long the next ones queue behind other processes.
_SHARED_S = 2.0
_POLL_S = 0.02
# How long a process that was waited for stays away: five looks of a waiter.
_AWAY_S = 0.1
_TRIES = 5

T = TypeVar('T')


class LeaseLost(Exception):
    """Another process took the lease over; what was read under it may be old, and nothing was published."""


class LeaseTimeout(Exception):
    """The lease was not to be had; the message says who holds it."""


def run(
    root: str,
    storage: Storage,
    purpose: str,
    work: Callable[[], T],
    wait_s: float = 600.0,
    alone: bool = False,
) -> T:
    """Does the work under the lease and returns its result; from the start again when the lease was lost.

    Raises LeaseTimeout after ``wait_s`` seconds without it, LeaseLost when it was lost time and again.
    """
    for left in reversed(range(_TRIES)):
        try:
            with hold(root, storage, purpose, wait_s, alone):
                return work()
        except LeaseLost:
            if not left:
                raise
    raise AssertionError('not reached')


@contextlib.contextmanager
def hold(
    root: str, storage: Storage, purpose: str, wait_s: float = 600.0, alone: bool = False
) -> Iterator[None]:
    """Holds the lake's lease; threads of one process share it, and a thread may hold it within itself.

    Threads may share it since each commits to another partition; ``alone`` is for who exchanges partitions.

    Where the storage has no locks (object stores) this does nothing: one scheduler per lake there.
    """
    if not storage.has_locks:
        yield
        return
    with _registry_lock:
        ours = _registry.setdefault(root, _Lease(root, storage))
    ours.enter(purpose, wait_s, alone)
    try:
        yield
    finally:
        ours.leave()


@contextlib.contextmanager
def fence(root: str, storage: Storage) -> Iterator[None]:
    """Within this the lease cannot change hands. Raises LeaseLost when it has; for holders of it."""
    if not storage.has_locks:
        yield
        return
    with _registry[root].fence():
        yield


class _Lease:
    """This process's part in the lease of one lake."""

    def __init__(self, root: str, storage: Storage) -> None:
        self._root = root
        self._path = f'{root}/_lease'
        self._waiting = f'{root}/_lease.waiting'
        self._guard = f'{root}/_lease.guard'
        self._storage = storage
        self._changed = threading.Condition()
        self._held: Optional[LeaseRecord] = None
        self._holders = 0
        self._taking = False
        self._shared_until = 0.0
        self._taken = 0.0
        self._timer: Optional[threading.Timer] = None
        self._polite = False
        self._mine = threading.local()  # depth of the holds of a thread

    def enter(self, purpose: str, wait_s: float, alone: bool) -> None:
        depth = getattr(self._mine, 'depth', 0)
        if depth:
            self._mine.depth = depth + 1
            return
        with self._changed:
            while True:
                first = not self._holders and not self._taking
                if first:
                    self._taking = True
                elif self._held and not alone and time.monotonic() < self._shared_until:
                    self._holders += 1
                else:
                    self._changed.wait()
                    continue
                break
        if first:
            self._take_first(purpose, wait_s, alone)
        self._mine.depth = 1

    def _take_first(self, purpose: str, wait_s: float, alone: bool) -> None:
        record = None
        try:
            record = self._take(purpose, wait_s)
        finally:
            with self._changed:
                self._taking = False
                if record is not None:
                    self._held = record
                    self._holders = 1
                    self._taken = time.monotonic()
                    self._shared_until = 0.0 if alone else self._taken + _SHARED_S
                    self._set_timer()
                self._changed.notify_all()

    def leave(self) -> None:
        self._mine.depth -= 1
        if self._mine.depth:
            return
        with self._changed:
            self._holders -= 1
            if self._holders:
                return
            held, self._held = self._held, None
            if self._timer is not None:
                self._timer.cancel()
            try:
                if held is not None:
                    self._give_back(held)
            finally:
                self._changed.notify_all()

    @contextlib.contextmanager
    def fence(self) -> Iterator[None]:
        with self._storage.lock(self._guard, shared=True):
            with self._changed:
                held = self._held
                there = read_record(self._storage, self._path)
                if held is None or there is None or there.token != held.token:
                    self._held = None  # nobody joins what is lost
                    raise LeaseLost(f'{self._root}: the lease was taken over')
            yield

    def _set_timer(self) -> None:
        self._timer = threading.Timer(TTL_S / 3, self._renew)
        self._timer.daemon = True
        self._timer.start()

    def _renew(self) -> None:
        """Raises the count, so that waiters see the holder at work; stops when the lease is lost or old."""
        with self._storage.lock(self._guard, shared=True), self._changed:
            held = self._held
            there = read_record(self._storage, self._path)
            if held is None or there is None or there.token != held.token:
                return
            if time.monotonic() - self._taken < _LONGEST_S:
                self._held = dataclasses.replace(held, count=held.count + 1)
                write_record(self._storage, self._path, self._held)
                self._set_timer()

    def _take(self, purpose: str, wait_s: float) -> LeaseRecord:
        if self._polite:
            time.sleep(_AWAY_S)
            self._polite = False
        wanted = record_of_this_process(purpose)
        until = time.monotonic() + wait_s
        seen: tuple[Optional[tuple[str, int]], float] = (None, 0.0)
        while True:
            with self._storage.lock(self._guard):
                there = read_record(self._storage, self._path)
                now = time.monotonic()
                key = (there.token, there.count) if there else None
                if key != seen[0]:
                    seen = key, now
                if there is None or is_dead(there) or now - seen[1] > TTL_S:
                    write_record(self._storage, self._path, wanted)
                    return wanted
                if now > until:
                    raise LeaseTimeout(f'{self._root}: is being written to; {there.sentence()}')
                self._storage.write_small(self._waiting, b'')
            time.sleep(_POLL_S)

    def _give_back(self, held: LeaseRecord) -> None:
        with self._storage.lock(self._guard):
            there = read_record(self._storage, self._path)
            if there is not None and there.token == held.token:
                self._storage.delete_file(self._path)
            self._polite = self._storage.delete_file(self._waiting)


_registry: dict[str, _Lease] = {}
_registry_lock = threading.Lock()
