"""Where a lake's bytes are: the operations that the lake needs, and the local file system's way of them."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import BinaryIO, Optional, Protocol

from transforms.functions import exchange

# A folder that changed longer ago has a time of change that no later change can leave as it is: the clocks
# of file systems tick every 2 s (FAT) or faster.
_SETTLED_S = 2.5


class NotWritable(OSError):
    """Something cannot be written: a full disk, a read-only mount. The message names the file and why."""


class NotReadable(OSError):
    """A folder may not be looked into. The message names it and says why."""


class Storage(Protocol):
    """What a lake needs of a file system. Paths are strings that begin with the lake's root."""

    has_locks: bool  # whether ``lock`` excludes anybody, and ``exchange`` is one step

    def list_files(self, folder: str) -> list[str]:
        """All files below the folder, sorted; an empty list when there is no such folder.

        Raises NotReadable: a folder that may not be looked into is not an empty one.
        """

    def open(self, path: str) -> BinaryIO:
        """A seekable reader. Raises FileNotFoundError."""

    def version(self, path: str) -> Optional[Hashable]:
        """What is another value once the file is replaced; None where that cannot be said cheaply.

        Raises FileNotFoundError.
        """

    def folder_version(self, folder: str) -> Optional[Hashable]:
        """What is another value once a file directly in the folder comes, goes or is replaced.

        None where that cannot be said: where it changed a moment ago, or is not there.
        """

    def create(self, path: str) -> AbstractContextManager[BinaryIO]:
        """A writer whose file is complete and durable when its context ends without an error.

        Raises NotWritable, and leaves no file then.
        """

    def publish(self, staged: str, final: str) -> None:
        """Moves a complete file to where readers see it, in one step, replacing what is there."""

    def delete_folder(self, folder: str) -> None:
        """Removes a folder and all in it; it may be absent."""

    def exchange(self, one: str, other: str) -> None:
        """Gives each of two folders the other's name in one step. Raises ExchangeUnsupported."""

    def read_small(self, path: str) -> Optional[bytes]:
        """A small file whole; None when there is none."""

    def write_small(self, path: str, data: bytes) -> None:
        """Makes or replaces a small file in one step. It may be lost with the machine's power."""

    def delete_file(self, path: str) -> bool:
        """Removes a file; says whether there was one."""

    def lock(self, path: str, shared: bool = False) -> AbstractContextManager[None]:
        """Waits for a lock of that name; it ends with the context, or with the process."""


class LocalStorage:
    """Files of this machine. A rename is atomic; files and their folders are flushed to the disk."""

    has_locks = True

    def list_files(self, folder: str) -> list[str]:
        found: list[str] = []
        folders = [folder]
        while folders:
            parent = folders.pop()
            for name, is_folder in _names(parent):
                (folders if is_folder else found).append(os.path.join(parent, name))
        return sorted(found)

    def open(self, path: str) -> BinaryIO:
        return open(path, 'rb')

    def version(self, path: str) -> Optional[Hashable]:
        found = os.stat(path)
        return found.st_ino, found.st_mtime_ns, found.st_size

    def folder_version(self, folder: str) -> Optional[Hashable]:
        try:
            found = os.stat(folder)
        except FileNotFoundError:
            return None
        # Two changes within a tick of the file system's clock leave the same time.
        settled = time.time() - found.st_mtime > _SETTLED_S
        return (found.st_ino, found.st_mtime_ns) if settled else None

    @contextmanager
    def create(self, path: str) -> Iterator[BinaryIO]:
        partial = path + '.partial'
        with naming_file(path):
            _make_folders(os.path.dirname(path))
            file = open(partial, 'wb')  # noqa: SIM115  # closed below, whatever happens
        try:
            # No writing fails so: what is not found is what the caller reads meanwhile.
            with naming_file(path, (NotWritable, FileNotFoundError)), file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            with naming_file(path):
                os.replace(partial, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(partial)  # on a full disk it would stand in the way of the next try
            raise

    def publish(self, staged: str, final: str) -> None:
        folder = os.path.dirname(final)
        with naming_file(final):
            _make_folders(folder)
            os.replace(staged, final)
            _flush(folder)

    def delete_folder(self, folder: str) -> None:
        if os.path.isdir(folder):
            shutil.rmtree(folder)

    def exchange(self, one: str, other: str) -> None:
        exchange.exchange(one, other)
        _flush(os.path.dirname(one))
        _flush(os.path.dirname(other))

    def read_small(self, path: str) -> Optional[bytes]:
        try:
            with open(path, 'rb') as file:
                return file.read()
        except FileNotFoundError:
            return None

    def write_small(self, path: str, data: bytes) -> None:
        with naming_file(path):
            folder = os.path.dirname(path)
            _make_folders(folder)
            descriptor, partial = tempfile.mkstemp(prefix='_', suffix='.partial', dir=folder)
            try:
                with open(descriptor, 'wb') as file:
                    file.write(data)
                os.replace(partial, path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(partial)
                raise

    def delete_file(self, path: str) -> bool:
        try:
            os.unlink(path)
        except FileNotFoundError:
            return False
        return True

    @contextmanager
    def lock(self, path: str, shared: bool = False) -> Iterator[None]:
        with naming_file(path):
            _make_folders(os.path.dirname(path))
            file = open(path, 'ab')  # noqa: SIM115  # held open until the lock ends
        with file:
            fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
            yield


@contextmanager
def naming_file(path: str, passing: tuple[type[BaseException], ...] = (NotWritable,)) -> Iterator[None]:
    """Errors of the file system as NotWritable: one sentence, which passes through Beam unchanged.

    Those of the types in ``passing`` stay what they are.
    """
    try:
        yield
    except passing:
        raise
    except OSError as error:
        raise NotWritable(f'{path}: cannot be written ({error.strerror or error})') from error


def _names(folder: str) -> list[tuple[str, bool]]:
    """What is in a folder, and whether it is one; nothing when it is not there.

    A folder that is exchanged while its names are read is read again: the old one is emptied then, and some
    of its names, or all, would be missing.
    """
    while True:
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except PermissionError as error:
            raise NotReadable(f'{folder}: cannot be read ({error.strerror})') from error
        try:
            with os.scandir(descriptor) as entries:
                names = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
            with contextlib.suppress(FileNotFoundError):  # gone: what is there now is asked for
                if os.path.samestat(os.fstat(descriptor), os.stat(folder)):
                    return names
        finally:
            os.close(descriptor)


def _make_folders(folder: str) -> None:
    """Makes a folder and those above it; what is new is flushed into what holds it."""
    missing = []
    while folder and not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for one in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another writer's, a moment ago
            os.mkdir(one)
        _flush(os.path.dirname(one) or '.')


def _flush(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
