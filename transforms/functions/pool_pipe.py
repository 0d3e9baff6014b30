"""Our end of a pipe to a child process, with a deadline on whatever is read or written."""

import os
import select
import time
from typing import IO

# A pipe holds 64 KB on Linux; more in one go is never written, and seldom read.
_CHUNK = 1 << 20


class Pipe:
    """Our end of a pipe to a child, which may neither read nor write for as long as it likes."""

    def __init__(self, file: IO[bytes], ready: int) -> None:
        self._file = file
        self._poll = select.poll()
        self._poll.register(file, ready)
        os.set_blocking(file.fileno(), False)

    def write(self, data: bytes, until: float) -> None:
        """Writes it all. TimeoutError at the moment ``until`` (monotonic); OSError if nobody reads."""
        left = memoryview(data)
        while left:
            self._wait(until)
            left = left[os.write(self._file.fileno(), left[:_CHUNK]) :]

    def read(self, size: int, until: float) -> bytes:
        """That many bytes. TimeoutError at the moment ``until`` (monotonic); EOFError if there are fewer."""
        data = bytearray()
        while len(data) < size:
            self._wait(until)
            part = os.read(self._file.fileno(), min(size - len(data), _CHUNK))
            if not part:
                raise EOFError
            data += part
        return bytes(data)

    def _wait(self, until: float) -> None:
        # Looked at once even when it is late: the machine may have slept while the answer was there.
        if not self._poll.poll(max(0.0, until - time.monotonic()) * 1000):
            raise TimeoutError

    def close(self) -> None:
        """Closes our end."""
        self._file.close()
