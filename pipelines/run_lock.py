"""One run at a time on a local lake."""

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator

from pipelines.errors.lakes import ANOTHER_RUN, NOT_WRITABLE


@contextlib.contextmanager
def hold(lake: str, run_id: str) -> Iterator[None]:
    """Holds the lake's lock, which ends with the process however it ends. The file names the run.

    Raises UsageError when the folder cannot be written or another run holds it. A lake at a URL has no lock:
    there the scheduler must see to it that one run works at a time.
    """
    if '://' in lake:
        yield
        return
    path = os.path.join(lake, '_lock')
    try:
        os.makedirs(lake, exist_ok=True)
        file = open(path, 'a+')  # noqa: SIM115  # held open until the run ends
    except OSError as error:
        raise NOT_WRITABLE.error(lake=lake, why=error.strerror) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            file.seek(0)
            other = file.read() or 'unknown'  # for a moment after it was taken
            raise ANOTHER_RUN.error(lake=lake, other=other) from error
        file.truncate(0)
        file.write(run_id)
        file.flush()
        yield
