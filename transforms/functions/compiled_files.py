"""Tables compiled once into files of numpy arrays that all processes map into memory.

A mapped table opens in milliseconds, costs each process only the pages that it touches, and the processes
of a machine share those. The file: magic bytes, a JSON header, the arrays, each at a multiple of 64 bytes.
"""

import contextlib
import fcntl
import json
import mmap
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Optional

import numpy as np
from numpy.typing import NDArray


def compiled_file(name: str, build: Callable[[Path], None], folder: Optional[Path] = None) -> Path:
    """The path of the file ``name`` in ``folder``; ``build(path)`` makes it when it is not there yet.

    By default the folder is the user's cache folder, or the temporary one where that cannot be
    written. One process builds while others wait for it. Raises OSError when no folder can be written.
    """
    failure: Optional[OSError] = None
    for place in [folder] if folder else _folders():
        path = place / name
        if not path.exists():
            try:
                with _locked(path):
                    if not path.exists():
                        build(path)
            except OSError as error:
                failure = error
                continue
        return path
    raise OSError(f'{name} cannot be written: set XDG_CACHE_HOME to a writable folder') from failure


def write_arrays(path: Path, magic: bytes, arrays: dict[str, Any]) -> None:
    """Writes one-dimensional arrays to ``path``, replacing what is there in one step.

    The file is written beside ``path`` and renamed, so that several processes may write at once and a reader
    never sees a part. Raises OSError if it cannot be written.
    """
    layout, offset = {}, 0
    for name, values in arrays.items():
        layout[name] = [values.dtype.str, offset, len(values)]
        offset += -(-values.nbytes // 64) * 64
    header = json.dumps(layout).encode()
    start = -(-(len(magic) + 8 + len(header)) // 64) * 64
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix='.part')
    try:
        with os.fdopen(handle, 'wb') as out:
            out.write((magic + len(header).to_bytes(8, 'little') + header).ljust(start, b'\0'))
            for values in arrays.values():
                data = values.tobytes()
                out.write(data.ljust(-(-len(data) // 64) * 64, b'\0'))
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def map_arrays(path: Path, magic: bytes) -> dict[str, Any]:
    """The file's arrays, read-only, backed by pages that all processes share.

    Raises ValueError if it is a file of another kind or version.
    """
    with path.open('rb') as file:
        layout = _layout(file, magic)
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return {
        name: np.frombuffer(mapped, dtype=kind, count=count, offset=offset)
        for name, (kind, offset, count) in layout.items()
    }


class Rows:
    """One of a file's arrays as rows of ``width`` values, of which only those asked for are read.

    ``len`` is the number of rows, ``kind`` the type of a value.

    Rows from all over a mapped array would bring most of it into each process's memory, since the kernel
    maps sixteen pages around each that is touched. A read of a row takes half a microsecond.
    """

    def __init__(self, path: Path, magic: bytes, name: str, width: int) -> None:
        with path.open('rb') as file:
            kind, self._offset, count = _layout(file, magic)[name]
            self._file = os.dup(file.fileno())  # open as long as the process
        self.kind = np.dtype(kind)
        self._width = width
        self._rows = count // width
        self._bytes = width * self.kind.itemsize

    def __len__(self) -> int:
        return self._rows

    def read(self, row: int, count: int = 1) -> bytes:
        """The bytes of ``count`` rows, the first of which is ``row``."""
        return os.pread(self._file, count * self._bytes, self._offset + row * self._bytes)

    def __getitem__(self, rows: NDArray[np.integer[Any]]) -> NDArray[Any]:
        """The rows of these numbers, shape (len(rows), width)."""
        file, size, start = self._file, self._bytes, self._offset
        data = b''.join([os.pread(file, size, start + row * size) for row in rows.tolist()])
        return np.frombuffer(data, self.kind).reshape(len(rows), self._width)


def _layout(file: BinaryIO, magic: bytes) -> dict[str, tuple[str, int, int]]:
    """Of each array: its type, where it begins in the file, and how many values it has."""
    begin = file.read(len(magic) + 8)
    if begin[: len(magic)] != magic:
        kind = Path(file.name).name.partition('-')[0]
        raise ValueError(f'{file.name}: not a {kind} file of this version; delete it')
    size = int.from_bytes(begin[len(magic) :], 'little')
    start = -(-(len(magic) + 8 + size) // 64) * 64
    layout = json.loads(file.read(size))
    return {name: (kind, start + offset, count) for name, (kind, offset, count) in layout.items()}


def _folders() -> Iterator[Path]:
    cache = os.environ.get('XDG_CACHE_HOME')
    yield (Path(cache) if cache else Path.home() / '.cache') / 'dateline'
    yield Path(tempfile.gettempdir()) / f'dateline-{os.getuid()}'


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix('.lock').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # released when the file is closed, also by a dying process
        yield
