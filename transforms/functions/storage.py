"""Where a lake's bytes are: the operations that the lake needs, and the local file system's way of them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import BinaryIO, Protocol


class Storage(Protocol):
    """What a lake needs of a file system. Paths are strings that begin with the lake's root."""

    def list_files(self, folder: str) -> list[str]:
        """All files below the folder, sorted; an empty list when there is no such folder."""

    def open(self, path: str) -> BinaryIO:
        """A seekable reader. Raises FileNotFoundError."""

    def create(self, path: str) -> AbstractContextManager[BinaryIO]:
        """A writer whose file is complete and durable when its context ends without an error."""

    def publish(self, staged: str, final: str) -> None:
        """Moves a complete file to where readers see it, in one step, replacing what is there."""

    def delete_folder(self, folder: str) -> None:
        """Removes a folder and all in it; it may be absent."""


class LocalStorage:
    """Files of this machine. A rename is atomic; files and their folders are flushed to the disk."""

    def list_files(self, folder: str) -> list[str]:
        found = []
        for parent, _, names in os.walk(folder):
            found += [os.path.join(parent, name) for name in names]
        return sorted(found)

    def open(self, path: str) -> BinaryIO:
        return open(path, 'rb')

    @contextmanager
    def create(self, path: str) -> Iterator[BinaryIO]:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        partial = path + '.partial'
        with open(partial, 'wb') as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)

    def publish(self, staged: str, final: str) -> None:
        folder = os.path.dirname(final)
        os.makedirs(folder, exist_ok=True)
        os.replace(staged, final)
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def delete_folder(self, folder: str) -> None:
        if os.path.isdir(folder):
            shutil.rmtree(folder)
