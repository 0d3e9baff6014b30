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
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Optional, TypeVar

from transforms.functions.storage import Storage

# A commit takes milliseconds to seconds; a holder renews at half of this whenever it publishes.
TTL_S = 30.0
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


@dataclasses.dataclass(frozen=True)
class _Record:
    """What the file says."""

    token: str
    count: int
    machine: str
    pid: int
    started: str
    host: str
    purpose: str
    at: str  # for people

    def sentence(self) -> str:
        return f'process {self.pid} of {self.host} has held it for {self.purpose} since {self.at}'


class _Lease:
    """This process's part in the lease of one lake."""

    def __init__(self, root: str, storage: Storage) -> None:
        self._root = root
        self._path = f'{root}/_lease'
        self._waiting = f'{root}/_lease.waiting'
        self._guard = f'{root}/_lease.guard'
        self._storage = storage
        self._changed = threading.Condition()
        self._held: Optional[_Record] = None
        self._holders = 0
        self._taking = False
        self._shared_until = 0.0
        self._renewed = 0.0
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
                    self._renewed = time.monotonic()
                    self._shared_until = 0.0 if alone else self._renewed + _SHARED_S
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
                there = _read(self._storage, self._path)
                if held is None or there is None or there.token != held.token:
                    self._held = None  # nobody joins what is lost
                    raise LeaseLost(f'{self._root}: the lease was taken over')
                if time.monotonic() - self._renewed > TTL_S / 2:
                    self._held = dataclasses.replace(held, count=held.count + 1)
                    self._renewed = time.monotonic()
                    _write(self._storage, self._path, self._held)
            yield

    def _take(self, purpose: str, wait_s: float) -> _Record:
        if self._polite:
            time.sleep(_AWAY_S)
            self._polite = False
        wanted = _Record(
            secrets.token_hex(8), 0, _machine(), os.getpid(), _started(os.getpid()) or '',
            socket.gethostname(), purpose, time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()),
        )  # fmt: skip
        until = time.monotonic() + wait_s
        seen: tuple[Optional[tuple[str, int]], float] = (None, 0.0)
        while True:
            with self._storage.lock(self._guard):
                there = _read(self._storage, self._path)
                now = time.monotonic()
                key = (there.token, there.count) if there else None
                if key != seen[0]:
                    seen = key, now
                if there is None or _is_dead(there) or now - seen[1] > TTL_S:
                    _write(self._storage, self._path, wanted)
                    return wanted
                if now > until:
                    raise LeaseTimeout(f'{self._root}: is being written to; {there.sentence()}')
                self._storage.write_small(self._waiting, b'')
            time.sleep(_POLL_S)

    def _give_back(self, held: _Record) -> None:
        with self._storage.lock(self._guard):
            there = _read(self._storage, self._path)
            if there is not None and there.token == held.token:
                self._storage.delete_file(self._path)
            self._polite = self._storage.delete_file(self._waiting)


_registry: dict[str, _Lease] = {}
_registry_lock = threading.Lock()


def _read(storage: Storage, path: str) -> Optional[_Record]:
    data = storage.read_small(path)
    if not data:
        return None
    try:
        fields: dict[str, Any] = json.loads(data)
        return _Record(**fields)
    except (ValueError, TypeError):
        return None  # written by nothing that holds a lease: files are replaced whole


def _write(storage: Storage, path: str, record: _Record) -> None:
    storage.write_small(path, json.dumps(dataclasses.asdict(record)).encode())


def _is_dead(record: _Record) -> bool:
    """Whether the holder was a process of this machine that is gone."""
    return record.machine == _machine() and _started(record.pid) != (record.started or None)


def _machine() -> str:
    """What tells machines, their boots and their containers apart; a pid means something only within one."""
    try:
        with open('/proc/sys/kernel/random/boot_id') as file:
            boot = file.read().strip()
        return f'{boot}/{os.readlink("/proc/self/ns/pid")}'
    except OSError:  # no Linux
        return socket.gethostname()


def _started(pid: int) -> Optional[str]:
    """When a process started, in the kernel's terms; None when there is none. Pids are used again."""
    try:
        with open(f'/proc/{pid}/stat', 'rb') as file:
            return file.read().rpartition(b')')[2].split()[19].decode()
    except FileNotFoundError:
        if os.path.isdir('/proc/self'):
            return None
    try:  # no Linux
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return 'alive'
