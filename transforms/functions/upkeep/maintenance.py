"""Work that replaces files of a lake: where it is done, and the one step that makes it visible.

New files are made in ``_work/<purpose>-<hex>/``, which no reader looks into, without the lease. Then, under
the lease, a partition's folder is exchanged with the new one if it is still what the new one was made of.
Killed at any time, this leaves the partition as before or as after, and a folder that the next such command
sweeps. Folders have a lock that ends with their process, so nobody sweeps one that is worked in.
"""

import contextlib
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from typing import BinaryIO

from transforms.functions.exchange import ExchangeUnsupported
from transforms.functions.lake import Lake, Partition

# Only these are ours to sweep.
_NAME = re.compile(r'(?:compact|forget)-[0-9a-f]{16}')

# What a folder held: its files, and what tells each from another of that name.
Contents = tuple[tuple[str, int, int, int], ...]


class Work:
    """A command's folder in ``_work``, and the exchange of what was made in it."""

    def __init__(self, lake: Lake, purpose: str, folder: str) -> None:
        self.lake = lake
        self._purpose = purpose
        self._folder = folder
        self._made = 0

    def new_folder(self) -> str:
        """An empty folder for the new files of a partition."""
        self._made += 1
        folder = f'{self._folder}/{self._made}'
        os.mkdir(folder)
        return folder

    def contents(self, table: str, partition: Partition) -> Contents:
        """What a partition's folder holds at this moment, whatever it is."""
        return _contents(self.lake, self.lake.folder(table, partition))

    def exchange(self, table: str, partition: Partition, seen: Contents, folder: str) -> bool:
        """Puts the folder in the place of the partition's if that still holds what was seen, and says so.

        The old files are unlinked. A partition that has become empty goes.
        Raises LeaseTimeout, or ExchangeUnsupported.
        """
        _flush(folder)

        def work() -> bool:
            if self.contents(table, partition) != seen:
                return False
            self.lake.exchange(table, partition, folder)
            with contextlib.suppress(OSError):  # not empty, as a rule
                for keys in range(len(partition), 0, -1):
                    os.rmdir(self.lake.folder(table, partition[:keys]))
            return True

        # Alone: a thread of this process that commits would hold the same lease.
        done = self.lake.commit(work, self._purpose, alone=True)
        self.lake.storage.delete_folder(folder)
        return done

    def probe(self) -> None:
        """Raises ExchangeUnsupported when folders here cannot be exchanged."""
        folders = self.new_folder(), self.new_folder()
        self.lake.storage.exchange(*folders)
        for folder in folders:
            os.rmdir(folder)


@contextlib.contextmanager
def open_work(lake: Lake, purpose: str) -> Iterator[Work]:
    """Sweeps what dead commands left, and gives a folder to work in that goes at the end.

    ``purpose`` is ``compact`` or ``forget``. Raises ExchangeUnsupported where folders cannot be exchanged.
    """
    if not lake.storage.has_locks:
        raise ExchangeUnsupported(f'{lake.root}: its storage cannot exchange two folders in one step')
    sweep(lake)
    folder, lock = _make_folder(lake, purpose)
    with lock:
        try:
            work = Work(lake, purpose, folder)
            work.probe()
            yield work
        finally:
            _delete(lake, folder)


def sweep(lake: Lake) -> int:
    """Removes the work folders of commands that are gone, and says how many they were."""
    root = f'{lake.root}/_work'
    swept = 0
    for name in sorted(os.listdir(root)) if os.path.isdir(root) else ():
        if not _NAME.fullmatch(name):
            continue
        folder = f'{root}/{name}'
        try:
            lock = open(f'{folder}/lock', 'rb')  # noqa: SIM115
        except FileNotFoundError:
            with contextlib.suppress(OSError):  # being made, or gone by now
                os.rmdir(folder)
            continue
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # somebody works in it
            _delete(lake, folder)
            swept += 1
    return swept


def carry(path: str, folder: str, below: str) -> None:
    """Takes a file along into a folder as it is, under its name; ``below`` is the folder it is in now."""
    target = f'{folder}/{os.path.relpath(path, below)}'
    os.makedirs(os.path.dirname(target), exist_ok=True)
    os.link(path, target)


def _contents(lake: Lake, folder: str) -> Contents:
    found = []
    for path in lake.storage.list_files(folder):
        try:
            status = os.stat(path)
        except FileNotFoundError:
            continue  # exchanged a moment ago: it is not what it was
        found.append((path, status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(found)


def _make_folder(lake: Lake, purpose: str) -> tuple[str, BinaryIO]:
    """A new folder and its lock, held."""
    while True:
        folder = f'{lake.root}/_work/{purpose}-{secrets.token_hex(8)}'
        os.makedirs(folder)
        try:
            lock = open(f'{folder}/lock', 'wb')  # noqa: SIM115  # held open until the work ends
        except FileNotFoundError:
            continue  # swept before it had its lock
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(lock.name):  # not swept before it was locked
            return folder, lock
        lock.close()


def _delete(lake: Lake, folder: str) -> None:
    """Removes a work folder; its lock goes last, so that what a kill leaves of it can be swept."""
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        if name != 'lock':
            lake.storage.delete_folder(f'{folder}/{name}')
    lake.storage.delete_file(f'{folder}/lock')
    with contextlib.suppress(FileNotFoundError):
        os.rmdir(folder)


def _flush(folder: str) -> None:
    """Makes the names in a folder durable: after the exchange nothing else holds the rows."""
    for parent, _, _ in os.walk(folder):
        descriptor = os.open(parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
