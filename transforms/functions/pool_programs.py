"""How the child processes of a pool come to be: a program that loads, and copies of it once it has.

Loading models and tables takes a second of CPU. So the first child of a pool is a program of its own, and
the others are forked from it when it has loaded: they are there at once and share its pages. On Linux a
process may take the orphans of its children as its own, which is how a copy becomes a child of the pool's
process and tells it how it ended; elsewhere each child is a program. A process that is itself a copy of one
that had all that loaded forks its first child, too.
"""

import atexit
import ctypes
import dataclasses
import io
import os
import signal
import subprocess
import sys
import threading
import time
from typing import IO, Optional, Protocol

from transforms.functions.pool_child import serve
from transforms.functions.pool_errors import NotStarted

# What the children of `dateline ingest` and `watch` run: module and function.
WORKER = 'transforms.functions.pool_work:make_worker'

_PR_SET_CHILD_SUBREAPER = 36  # prctl.h
# Between two looks at whether a copy has ended, in seconds; what subprocess waits at most, too.
_LOOK_S = 0.05

# Of file descriptors: what one side of two pipes reads from and writes to, or writes to and reads from.
_Pairs = list[tuple[int, int]]

_early: Optional['Program'] = None
_lock = threading.Lock()  # of _early


class Process(Protocol):
    """What a pool needs of a child process, as ``subprocess.Popen`` has it."""

    def kill(self) -> None: ...

    def wait(self, timeout: Optional[float] = None) -> int: ...


@dataclasses.dataclass(frozen=True)
class Program:
    """A child that was started, and our ends of the pipes of copies that it may make of itself.

    Each pair is what we write to and what we read from, as file descriptors.
    """

    factory: str
    process: Process
    pipes: tuple[IO[bytes], IO[bytes]]  # what we write to and what we read from
    copies: tuple[tuple[int, int], ...]

    def end(self) -> None:
        """Ends it, and closes the pipes of copies that were not made."""
        self.process.kill()
        self.process.wait()
        for pipe in self.pipes:
            pipe.close()
        self.close_copies(0)

    def close_copies(self, first: int) -> None:
        """Closes the pipes of all copies from that one on."""
        for pair in self.copies[first:]:
            for end in pair:
                os.close(end)


class Copy:
    """A process that the first child forked and whose parent we are. Raises OSError when we are not."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._code: Optional[int] = None
        self._lock = threading.Lock()  # a number is not somebody else's before we have asked how it ended
        self._look()

    def kill(self) -> None:
        """Ends it, unless it is known to have ended."""
        with self._lock:
            if self._code is None:
                os.kill(self._pid, signal.SIGKILL)

    def wait(self, timeout: Optional[float] = None) -> int:
        """Its exit code, or minus its signal. Raises TimeoutExpired after so many seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        pause = _LOOK_S / 100
        while (code := self._look()) is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired(f'process {self._pid}', timeout or 0.0)
            time.sleep(pause)
            pause = min(2 * pause, _LOOK_S)
        return code

    def _look(self) -> Optional[int]:
        with self._lock:
            if self._code is None:
                pid, status = os.waitpid(self._pid, os.WNOHANG)
                if pid:
                    self._code = os.waitstatus_to_exitcode(status)
            return self._code


def start_program(factory: str, copies: int = 0) -> Program:
    """Starts a child for ``module:function``, which may become as many more where the system allows it.

    Raises NotStarted when the machine has no memory, files or processes left.
    """
    ours: _Pairs = []
    theirs: _Pairs = []
    # One BLAS thread each: the processes are the parallelism (2.2 times the CPU otherwise).
    environment = os.environ | {
        'OPENBLAS_NUM_THREADS': '1',
        'OMP_NUM_THREADS': '1',
        'PYTHONPATH': os.pathsep.join(path for path in sys.path if path),
    }
    try:
        _make_pipes(ours, theirs, copies if copies and _takes_orphans() else 0)
        named = [f'{read}:{write}' for read, write in theirs]
        process = subprocess.Popen(
            [sys.executable, '-m', 'transforms.functions.pool_child', factory, *named],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            pass_fds=[end for pair in theirs for end in pair],
            start_new_session=True,
        )
    except OSError as error:
        _close(ours)
        raise NotStarted(f'a child process for {factory} could not be started: {error}') from error
    finally:
        _close(theirs)
    assert process.stdin and process.stdout
    return Program(factory, process, (process.stdin, process.stdout), tuple(ours))


def start_early(factory: str) -> None:
    """Starts what the next pool for ``factory`` will need, so that it loads while others do.

    It loads what does not depend on a configuration, and is ended at exit when no pool has come. Does nothing
    when the machine cannot start it: the pool will say so.
    """
    global _early
    try:
        program = start_program(factory, (os.cpu_count() or 1) - 1)
    except NotStarted:
        return
    with _lock:
        _early = program
    atexit.register(end_early)


def fork_early(factory: str) -> None:
    """Forks what the next pool for ``factory`` will need from this process, which has loaded it already.

    Only as long as this process has one thread. The child ends with it. Raises OSError when the machine has
    no memory, files or processes left.
    """
    global _early
    ours: _Pairs = []
    theirs: _Pairs = []
    try:
        _make_pipes(ours, theirs, 1 + ((os.cpu_count() or 1) - 1 if _takes_orphans() else 0))
        if (pid := os.fork()) == 0:
            try:
                _close(ours)
                os.setsid()
                os.dup2(theirs[0][0], 0)
                with open(theirs[0][0], 'rb') as source, open(theirs[0][1], 'wb') as sink:
                    serve(factory, source, sink, theirs[1:])
            finally:
                os._exit(0)
    except OSError:
        _close(ours)
        raise
    finally:
        _close(theirs)
    pipes = io.FileIO(ours[0][0], 'w'), io.FileIO(ours[0][1], 'r')
    with _lock:
        _early = Program(factory, Copy(pid), pipes, tuple(ours[1:]))


def take_program(factory: str, copies: int) -> Program:
    """The program that was started early for this factory, else a new one. Raises NotStarted."""
    global _early
    with _lock:
        if _early is not None and _early.factory == factory:
            early, _early = _early, None
            return early
    return start_program(factory, copies)


def end_early() -> None:
    """Ends the program that was started early, if no pool has taken it."""
    global _early
    with _lock:
        early, _early = _early, None
    if early is not None:
        early.end()


def _takes_orphans() -> bool:
    """Whether what our children leave behind becomes ours. Linux only."""
    if not sys.platform.startswith('linux'):
        return False
    prctl = getattr(ctypes.CDLL(None), 'prctl', None)
    return prctl is not None and prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


def _make_pipes(ours: _Pairs, theirs: _Pairs, count: int) -> None:
    """Adds so many pairs of pipes to our ends and to a child's."""
    for _ in range(count):
        (read, write), (there, here) = os.pipe(), os.pipe()
        ours.append((write, there))
        theirs.append((read, here))


def _close(pairs: _Pairs) -> None:
    for pair in pairs:
        for end in pair:
            os.close(end)
