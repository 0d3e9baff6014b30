"""A pool of child processes with a deadline per job.

Each child runs ``pool_child`` with a factory named as ``module:function``; it is started as a program of its
own, so it imports neither Beam nor the caller's ``__main__``. One thread per child hands it jobs and waits
for answers. A child that is silent past the deadline, in Python or in C, is ended and replaced; so is one
that dies. Only the job it held is lost, and its caller is told.
"""

import contextlib
import os
import pickle
import queue
import selectors
import subprocess
import sys
import threading
from concurrent.futures import Future
from typing import Any, BinaryIO, Optional

_LENGTH = 8
# Loading the model takes about 1.5 s; ten times that on a loaded machine is still normal.
_START_DEADLINE_S = 120.0


class PoolError(RuntimeError):
    """The pool cannot work at all: a child could not be started. The message is the child's own."""


class DeadlineExceeded(Exception):
    """The job took longer than the deadline; its child was ended."""


class WorkerDied(Exception):
    """The child died while it held the job, or raised what nobody foresaw; the message says which."""


class Pool:
    """Child processes that each turn jobs into answers with the callable that the factory gave them."""

    def __init__(self, factory: str, config: Any, processes: int, deadline_s: float) -> None:
        self.processes = processes
        self._factory = factory
        self._config = config
        self._deadline_s = deadline_s
        self._jobs: queue.SimpleQueue[Optional[tuple[Any, Future[Any]]]] = queue.SimpleQueue()
        self._closing = False
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._workers = [
            threading.Thread(target=self._work, name=f'pool-{n}', daemon=True) for n in range(processes)
        ]
        for worker in self._workers:
            worker.start()

    def submit(self, job: Any) -> 'Future[Any]':
        """Takes a picklable job. The future gives the answer, DeadlineExceeded, WorkerDied or PoolError."""
        future: Future[Any] = Future()
        self._jobs.put((job, future))
        return future

    def close(self) -> None:
        """Ends the children at once, those that still load too; jobs without an answer fail."""
        self._closing = True
        for _ in self._workers:
            self._jobs.put(None)
        for process in tuple(self._processes):
            process.kill()
        for worker in self._workers:
            worker.join()

    def _work(self) -> None:
        child: Optional[_Child] = None
        fault: Optional[PoolError] = None
        try:
            child = self._start()
        except PoolError as error:
            fault = error
        while (item := self._jobs.get()) is not None:
            job, future = item
            if self._closing:
                future.cancel()
                continue
            try:
                if fault is not None:
                    raise fault
                if child is None:
                    child = self._start()
                future.set_result(child.answer(job))
            except PoolError as error:
                fault = error
                future.set_exception(error)
            except (DeadlineExceeded, WorkerDied) as error:
                if child is not None and not child.alive:
                    child.end()
                    child = None
                future.set_exception(error)
        if child is not None:
            child.end()

    def _start(self) -> '_Child':
        return _Child(self._factory, self._config, self._deadline_s, self._processes)


class _Child:
    """One child process and the pipes to it."""

    def __init__(
        self, factory: str, config: Any, deadline_s: float, processes: 'set[subprocess.Popen[bytes]]'
    ) -> None:
        # One BLAS thread each: the processes are the parallelism (2.2 times the CPU otherwise).
        environment = os.environ | {
            'OPENBLAS_NUM_THREADS': '1',
            'OMP_NUM_THREADS': '1',
            'PYTHONPATH': os.pathsep.join(path for path in sys.path if path),
        }
        command = [sys.executable, '-m', 'transforms.functions.pool_child', factory, str(deadline_s)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, start_new_session=True
        )
        self._processes = processes  # of the pool: what it ends when it is closed
        processes.add(self._process)
        assert self._process.stdin and self._process.stdout
        self._in: BinaryIO = self._process.stdin  # type: ignore[assignment]
        self._out: BinaryIO = self._process.stdout  # type: ignore[assignment]
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._out, selectors.EVENT_READ)
        self._deadline_s = deadline_s
        self.alive = True
        try:
            fine, answer = self._exchange(config, _START_DEADLINE_S)
        except (DeadlineExceeded, WorkerDied) as error:
            self.end()
            raise PoolError(f'a child process for {factory} did not start: {error}') from error
        if not fine:
            self.end()
            raise PoolError(answer)

    def answer(self, job: Any) -> Any:
        """The answer to a job. Raises DeadlineExceeded or WorkerDied."""
        fine, answer = self._exchange(job, self._deadline_s)
        if not fine:
            raise WorkerDied(answer)
        return answer

    def _exchange(self, message: Any, deadline_s: float) -> tuple[bool, Any]:
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        try:
            self._in.write(len(data).to_bytes(_LENGTH, 'big') + data)
            self._in.flush()
        except (BrokenPipeError, OSError):
            self._fail_dead()
        if not self._selector.select(deadline_s):
            self.alive = False
            raise DeadlineExceeded(f'no answer within {deadline_s:g} s')
        size = self._out.read(_LENGTH)
        if len(size) < _LENGTH:
            self._fail_dead()
        length = int.from_bytes(size, 'big')
        body = self._out.read(length)
        if len(body) < length:
            self._fail_dead()
        fine, answer = pickle.loads(body)
        return fine, answer

    def _fail_dead(self) -> None:
        self.alive = False
        self._process.kill()
        code = self._process.wait()
        raise WorkerDied(f'the child process ended with {_code_name(code)}')

    def end(self) -> None:
        """Ends the child and closes its pipes."""
        self.alive = False
        self._processes.discard(self._process)
        self._process.kill()
        self._process.wait()
        self._selector.close()
        self._out.close()
        with contextlib.suppress(BrokenPipeError):  # bytes of a job that the dead child never read
            self._in.close()


def _code_name(code: int) -> str:
    return f'signal {-code}' if code < 0 else f'exit code {code}'
