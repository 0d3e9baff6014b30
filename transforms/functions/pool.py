"""A pool of child processes with a deadline per job.

Each child runs ``pool_child`` with a factory named as ``module:function``; it is started as a program of its
own, so it imports neither Beam nor the caller's ``__main__``. One thread per child hands it jobs and waits
for answers. A child that is silent past the deadline, in Python or in C, is ended and replaced; so is one
that dies. Only the job it held is lost, and its caller is told.
"""

import os
import pickle
import queue
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Optional

from transforms.functions.pool_pipe import Pipe

_LENGTH = 8
# Loading the model takes about 1.5 s; ten times that on a loaded machine is still normal.
_START_DEADLINE_S = 120.0
# poll() counts milliseconds in 31 bits: 24 days.
_LONGEST_S = 1e6


class PoolError(RuntimeError):
    """The pool cannot work at all: a child could not be started. The message is the child's own."""


class DeadlineExceeded(Exception):
    """The job took longer than the deadline; its child was ended."""


class WorkerDied(Exception):
    """The child died while it held the job, or raised what nobody foresaw; the message says which.

    Also when it died before and no other could be started for this job.
    """


class _NotStarted(PoolError):
    """The machine could not start a child or ended it while it loaded: worth another try."""


class Pool:
    """Child processes that each turn jobs into answers with the callable that the factory gave them."""

    def __init__(self, factory: str, config: Any, processes: int, deadline_s: float) -> None:
        self.processes = processes
        self._factory = factory
        self._config = config
        self._deadline_s = min(deadline_s, _LONGEST_S)
        self._jobs: queue.SimpleQueue[Optional[tuple[Any, Future[Any]]]] = queue.SimpleQueue()
        self._lock = threading.Lock()  # of the two that follow
        self._closing = False
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._workers = [
            threading.Thread(target=self._work, name=f'pool-{n}', daemon=True) for n in range(processes)
        ]
        for worker in self._workers:
            worker.start()

    def submit(self, job: Any) -> 'Future[Any]':
        """Takes a picklable job. The future gives the answer, DeadlineExceeded, WorkerDied or PoolError.

        Raises RuntimeError when the pool was closed.
        """
        future: Future[Any] = Future()
        with self._lock:  # no job comes to stand behind the end marks, where nobody would take it
            if self._closing:
                raise RuntimeError('the pool was closed; it takes no more jobs')
            self._jobs.put((job, future))
        return future

    def close(self) -> None:
        """Ends the children at once, those that still load too; jobs without an answer fail."""
        with self._lock:
            self._closing = True
            for process in self._processes:
                process.kill()
        for _ in self._workers:
            self._jobs.put(None)
        for worker in self._workers:
            worker.join()

    def _work(self) -> None:
        child: Optional[_Child] = None
        fault: Optional[PoolError] = None
        try:
            child = self._start()
        except PoolError as error:
            fault = error
        except Exception as error:  # as a configuration that cannot be pickled; each job is told
            fault = PoolError(f'a child process for {self._factory} did not start: {error!r}')
        while (item := self._jobs.get()) is not None:
            job, future = item
            if self._closing:
                future.cancel()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                if fault is not None:
                    raise fault
                if child is None:
                    child = self._replace()
                answer = child.answer(job)
            except PoolError as error:
                fault = error
                future.set_exception(error)
            except BaseException as error:  # whatever it is, somebody waits for this future
                # After an answer that says what was raised the child is as good as before. After anything
                # unforeseen nobody knows what is left in the pipes.
                fine = isinstance(error, WorkerDied) and child is not None and child.alive
                if child is not None and not fine:
                    child.end()
                    child = None
                future.set_exception(error)
            else:
                future.set_result(answer)
        if child is not None:
            child.end()

    def _replace(self) -> '_Child':
        """A child for one that ended. A machine short of memory or files may have some a moment later."""
        try:
            return self._start()
        except _NotStarted:
            try:
                return self._start()
            except _NotStarted as error:
                raise WorkerDied(str(error)) from error

    def _start(self) -> '_Child':
        return _Child(self._factory, self._config, self._deadline_s, self._admit, self._dismiss)

    def _admit(self, process: 'subprocess.Popen[bytes]') -> None:
        with self._lock:
            self._processes.add(process)
            if self._closing:  # close() has been through the others
                process.kill()

    def _dismiss(self, process: 'subprocess.Popen[bytes]') -> None:
        with self._lock:
            self._processes.discard(process)


class _Child:
    """One child process and the pipes to it."""

    def __init__(
        self,
        factory: str,
        config: Any,
        deadline_s: float,
        admit: 'Callable[[subprocess.Popen[bytes]], None]',
        dismiss: 'Callable[[subprocess.Popen[bytes]], None]',
    ) -> None:
        # One BLAS thread each: the processes are the parallelism (2.2 times the CPU otherwise).
        environment = os.environ | {
            'OPENBLAS_NUM_THREADS': '1',
            'OMP_NUM_THREADS': '1',
            'PYTHONPATH': os.pathsep.join(path for path in sys.path if path),
        }
        command = [sys.executable, '-m', 'transforms.functions.pool_child', factory, str(deadline_s)]
        try:
            self._process = subprocess.Popen(
                command,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:  # no memory, too many open files or processes
            raise _NotStarted(f'a child process for {factory} could not be started: {error}') from error
        self._dismiss = dismiss
        self._deadline_s = deadline_s
        self.alive = True
        admit(self._process)
        assert self._process.stdin and self._process.stdout
        self._in = Pipe(self._process.stdin, select.POLLOUT)
        self._out = Pipe(self._process.stdout, select.POLLIN)
        try:
            fine, answer = self._exchange(config, _START_DEADLINE_S)
            if not fine:
                raise PoolError(answer)
        except (DeadlineExceeded, WorkerDied) as error:
            self.end()
            raise _NotStarted(f'a child process for {factory} did not start: {error}') from error
        except BaseException:
            self.end()
            raise

    def answer(self, job: Any) -> Any:
        """The answer to a job. Raises DeadlineExceeded or WorkerDied."""
        fine, answer = self._exchange(job, self._deadline_s)
        if not fine:
            raise WorkerDied(answer)
        return answer

    def _exchange(self, message: Any, deadline_s: float) -> tuple[bool, Any]:
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        until = time.monotonic() + deadline_s
        try:
            self._in.write(len(data).to_bytes(_LENGTH, 'big') + data, until)
            length = int.from_bytes(self._out.read(_LENGTH, until), 'big')
            body = self._out.read(length, until)
        except TimeoutError:
            self.alive = False
            raise DeadlineExceeded(f'no answer within {deadline_s:g} s') from None
        except (EOFError, OSError):
            self.alive = False
            raise WorkerDied(f'the child process ended with {self._code_name()}') from None
        fine, answer = pickle.loads(body)
        return fine, answer

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
