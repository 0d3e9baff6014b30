"""A lake's bytes through Beam's FileSystems: any path that Beam knows (gs://, s3://, hdfs://)."""

import contextlib
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Optional

from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems

from transforms.functions.exchange import ExchangeUnsupported
from transforms.functions.lake import Lake
from transforms.functions.storage import LocalStorage, NotWritable, naming_file


class BeamStorage:
    """Files of any file system that Beam knows.

    Object stores have no atomic rename: there the final name appears when its copy is complete, and since
    names are hashes of the rows, a repeat replaces itself. Nor have they locks: one writer per lake there.
    """

    has_locks = False

    def list_files(self, folder: str) -> list[str]:
        found = FileSystems.match([folder.rstrip('/') + '/**'])
        return sorted({item.path for match in found for item in match.metadata_list})

    def open(self, path: str) -> BinaryIO:
        return FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED)

    def version(self, path: str) -> Optional[Hashable]:
        return None  # a request each, which is what reading a small file costs

    def folder_version(self, folder: str) -> Optional[Hashable]:
        return None  # folders have no time of change there

    @contextmanager
    def create(self, path: str) -> Iterator[BinaryIO]:
        with naming_file(path):
            _make_folder(path)
            file = FileSystems.create(path, compression_type=CompressionTypes.UNCOMPRESSED)
        try:
            with naming_file(path, (NotWritable, FileNotFoundError)), file:
                yield file
        except BaseException:
            # Closing makes a whole file of what was written so far; nothing can take that back before.
            with contextlib.suppress(OSError):
                self.delete_file(path)
            raise

    def publish(self, staged: str, final: str) -> None:
        with naming_file(final):
            _make_folder(final)
            if FileSystems.exists(final):
                FileSystems.delete([final])
            FileSystems.rename([staged], [final])

    def delete_folder(self, folder: str) -> None:
        if FileSystems.exists(folder):
            FileSystems.delete([folder])

    def exchange(self, one: str, other: str) -> None:
        raise ExchangeUnsupported(f'{other}: a lake at a URL cannot exchange two folders in one step')

    def read_small(self, path: str) -> Optional[bytes]:
        if not FileSystems.exists(path):
            return None
        with self.open(path) as file:
            return file.read()

    def write_small(self, path: str, data: bytes) -> None:
        with self.create(path) as file:
            file.write(data)

    def delete_file(self, path: str) -> bool:
        if not FileSystems.exists(path):
            return False
        FileSystems.delete([path])
        return True

    @contextmanager
    def lock(self, path: str, shared: bool = False) -> Iterator[None]:
        yield


def _make_folder(path: str) -> None:
    folder = path.rpartition('/')[0]
    if not FileSystems.exists(folder):
        FileSystems.mkdirs(folder)


def open_lake(root: str) -> Lake:
    """The lake at a local folder or at a URL that Beam knows."""
    return Lake(root, BeamStorage() if '://' in root else LocalStorage())
