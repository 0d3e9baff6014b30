"""A child process of a pool as the pool sees it: something to ask, within a deadline, that may die."""

import contextlib
import fcntl
import io
import pickle
import select
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import IO, Any

from transforms.functions.pool_errors import DeadlineExceeded, NotStarted, PoolError, WorkerDied
from transforms.functions.pool_pipe import Pipe
from transforms.functions.pool_programs import Copy, Process, Program

_LENGTH = 8
_PIPE_BYTES = 1 << 20  # as much as Linux gives without privileges; seven pages of usual size
# Loading the model takes about 1.5 s; ten times that on a loaded machine is still normal.
_START_DEADLINE_S = 120.0


class Child:
    """One child process and the pipes to it."""

    def __init__(
        self,
        process: Process,
        pipes: tuple[IO[bytes], IO[bytes]],
        deadline_s: float,
        dismiss: Callable[[Process], None],
    ) -> None:
        self._process = process
        self._dismiss = dismiss
        self._deadline_s = deadline_s
        self.alive = True
        # What two jobs may take together for the second to be sent before the first is read.
        self._room = min(_widened(file) for file in pipes)
        self._sent = 0  # bytes of the last job
        self._in = Pipe(pipes[0], select.POLLOUT)
        self._out = Pipe(pipes[1], select.POLLIN)

    def send(self, job: Any) -> None:
        """Hands over a job, for ``answer``. Raises DeadlineExceeded or WorkerDied."""
        self._send(_packed(job), time.monotonic() + self._deadline_s)

    def send_ahead(self, job: Any) -> bool:
        """Hands over a job beside the one that the child is at, so that it need not wait for the next.

        Not one for which the pipe may have no place: both sides could wait for each other. Raises WorkerDied.
        """
        data = _packed(job)
        if len(data) + self._sent > self._room:
            return False
        self._send(data, time.monotonic() + self._deadline_s)
        return True

    def answer(self) -> Any:
        """The answer to the first job that has none; the deadline counts from now on.

        Raises DeadlineExceeded or WorkerDied.
        """
        fine, answer = self._receive(self._deadline_s)
        if not fine:
            raise WorkerDied(answer)
        return answer

    def load(self, factory: str, config: Any, copies: int) -> tuple[int, ...]:
        """Gives the factory its configuration, waits until it has loaded; the pids of copies it made then.

        Raises NotStarted when it dies or does not end, PoolError with its own message when it refuses.
        """
        try:
            self._send(_packed((config, self._deadline_s, copies)), time.monotonic() + _START_DEADLINE_S)
            fine, answer = self._receive(_START_DEADLINE_S)
            if not fine:
                raise PoolError(answer)
        except (DeadlineExceeded, WorkerDied) as error:
            self.end()
            raise NotStarted(f'a child process for {factory} did not start: {error}') from error
        except BaseException:
            self.end()
            raise
        pids: tuple[int, ...] = answer
        return pids

    def _send(self, data: bytes, until: float) -> None:
        with self._telling_what_ended_it():
            self._in.write(data, until)
        self._sent = len(data)

    def _receive(self, deadline_s: float) -> tuple[bool, Any]:
        until = time.monotonic() + deadline_s
        with self._telling_what_ended_it():
            length = int.from_bytes(self._out.read(_LENGTH, until), 'big')
            body = self._out.read(length, until)
        fine, answer = pickle.loads(body)
        return fine, answer

    @contextlib.contextmanager
    def _telling_what_ended_it(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError:
            self.alive = False
            raise DeadlineExceeded(f'no answer within {self._deadline_s:g} s') from None
        except (EOFError, OSError):
            self.alive = False
            raise WorkerDied(f'the child process ended with {self._code_name()}') from None

    def _code_name(self) -> str:
        try:
            code = self._process.wait(1)  # its pipes close a moment before it is gone
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        return f'signal {-code}' if code < 0 else f'exit code {code}'

    def end(self) -> None:
        """Ends the child and closes its pipes."""
        self.alive = False
        self._process.kill()
        self._process.wait()
        self._dismiss(self._process)
        self._in.close()
        self._out.close()


def _packed(message: Any) -> bytes:
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return len(data).to_bytes(_LENGTH, 'big') + data


def _widened(pipe: IO[bytes]) -> int:
    """Makes room in a pipe where the system lets us (Linux); how many bytes there are, or 0."""
    try:
        return fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    except (AttributeError, OSError):
        return 0


def child_of(program: Program, deadline_s: float, dismiss: Callable[[Process], None]) -> Child:
    """The program as a child that has loaded nothing yet."""
    return Child(program.process, program.pipes, deadline_s, dismiss)


def copy_of(
    copy: Copy, pair: tuple[int, int], deadline_s: float, dismiss: Callable[[Process], None]
) -> Child:
    """A copy as a child that has loaded what it needs. ``pair`` is what we write to and read from."""
    files = io.FileIO(pair[0], 'w'), io.FileIO(pair[1], 'r')
    return Child(copy, files, deadline_s, dismiss)


def copies_of(pids: tuple[int, ...]) -> list[Copy]:
    """The copies that a child has made, as far as they are ours."""
    found = []
    for pid in pids:
        try:
            found.append(Copy(pid))
        except OSError:  # nobody's child any more
            break
    return found
