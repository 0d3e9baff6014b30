"""A pool of child processes with a deadline per job.

Each child runs ``pool_child`` with a factory named as ``module:function``, in a program of its own or a copy
of it, so it has neither Beam nor the caller's ``__main__``. One thread per child hands it jobs and waits
for answers. A child that is silent past the deadline, in Python or in C, is ended and replaced; so is one
that dies. Only the job it held is lost, and its caller is told.
"""

import queue
import threading
from concurrent.futures import Future
from typing import Any, Optional

from transforms.functions.pool_children import Child, child_of, copies_of, copy_of
from transforms.functions.pool_errors import DeadlineExceeded, NotStarted, PoolClosed, PoolError, WorkerDied
from transforms.functions.pool_programs import Process, start_program, take_program

# poll() counts milliseconds in 31 bits: 24 days.
_LONGEST_S = 1e6


_Ahead = tuple[Any, 'Future[Any]', bool]  # a job, who waits for it, whether the child has it


class Pool:
    """Child processes that each turn jobs into answers with the callable that the factory gave them."""

    def __init__(self, factory: str, config: Any, processes: int, deadline_s: float) -> None:
        self.processes = processes
        self._factory = factory
        self._config = config
        self._deadline_s = min(deadline_s, _LONGEST_S)
        self._jobs: queue.SimpleQueue[Optional[tuple[Any, Future[Any]]]] = queue.SimpleQueue()
        self._lock = threading.Lock()  # of the three that follow
        self._closing = False
        self._finishing = False
        self._processes: set[Process] = set()
        # What the first child made of itself when it had loaded, for the other workers; None: start your own.
        self._copies: queue.SimpleQueue[Optional[Child]] = queue.SimpleQueue()
        self._workers = [
            threading.Thread(target=self._work, args=(n,), name=f'pool-{n}', daemon=True)
            for n in range(processes)
        ]
        for worker in self._workers:
            worker.start()

    def submit(self, job: Any) -> 'Future[Any]':
        """Takes a picklable job. The future gives the answer, DeadlineExceeded, WorkerDied or PoolError.

        Raises PoolClosed when the pool was closed, or is to finish.
        """
        future: Future[Any] = Future()
        with self._lock:  # no job comes to stand behind the end marks, where nobody would take it
            if self._closing or self._finishing:
                raise PoolClosed('the pool was closed; it takes no more jobs')
            self._jobs.put((job, future))
        return future

    def finish(self) -> None:
        """Takes no more jobs; each child ends when those that wait are done. Does not wait for that."""
        with self._lock:
            self._finishing = True
        for _ in self._workers:
            self._jobs.put(None)

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

    def _work(self, number: int) -> None:
        child: Optional[Child] = None
        fault: Optional[PoolError] = None
        try:
            child = self._first() if number == 0 else self._copies.get() or self._start()
        except PoolError as error:
            fault = error
        except Exception as error:  # as a configuration that cannot be pickled; each job is told
            fault = PoolError(f'a child process for {self._factory} did not start: {error!r}')
        ahead: Optional[_Ahead] = None
        while (item := ahead or self._next()) is not None:
            ahead = None
            job, future, is_sent = item
            try:
                if fault is not None:
                    raise fault
                if self._closing:
                    raise WorkerDied('the pool was closed')
                if child is not None and not child.alive:
                    child.end()
                    child = None
                if child is None:
                    child, is_sent = self._replace(), False
                if not is_sent:
                    child.send(job)
                ahead = self._ahead(child)
                answer = child.answer()
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

    def _next(self, wait: bool = True) -> Optional[_Ahead]:
        """A job that is to be done, not sent yet; None at the end, or when there is none to wait for."""
        while True:
            try:
                item = self._jobs.get(wait)
            except queue.Empty:
                return None
            if item is None:
                if not wait:
                    self._jobs.put(None)  # the end mark of a worker
                return None
            job, future = item
            if self._closing:
                future.cancel()
            if future.set_running_or_notify_cancel():
                return job, future, False

    def _ahead(self, child: Child) -> Optional[_Ahead]:
        """The next job, which the child has already, so that it need not wait for it."""
        # The last jobs are for whoever is idle.
        if self._jobs.qsize() < self.processes or (item := self._next(wait=False)) is None:
            return None
        job, future, _ = item
        try:
            return job, future, child.send_ahead(job)
        except (WorkerDied, DeadlineExceeded):  # which the answer that is waited for will say
            return job, future, False
        except BaseException as error:  # as a job that cannot be pickled; the child has seen nothing of it
            future.set_exception(error)
            return None

    def _replace(self) -> Child:
        """A child for one that ended. A machine short of memory or files may have some a moment later."""
        try:
            return self._start()
        except NotStarted:
            try:
                return self._start()
            except NotStarted as error:
                raise WorkerDied(str(error)) from error

    def _start(self) -> Child:
        program = start_program(self._factory)
        self._admit(program.process)
        child = child_of(program, self._deadline_s, self._dismiss)
        child.load(self._factory, self._config, 0)
        return child

    def _first(self) -> Child:
        """The first child, and whatever copies it makes of itself."""
        others = left = self.processes - 1
        try:
            program = take_program(self._factory, others)
            wanted = min(others, len(program.copies))
            for _ in range(others - wanted):
                self._copies.put(None)
                left -= 1
            made = 0
            try:
                self._admit(program.process)
                child = child_of(program, self._deadline_s, self._dismiss)
                copies = copies_of(child.load(self._factory, self._config, wanted))
                for copy, pair in zip(copies, program.copies, strict=False):
                    self._admit(copy)
                    self._copies.put(copy_of(copy, pair, self._deadline_s, self._dismiss))
                    made += 1
                    left -= 1
            finally:
                program.close_copies(made)
        finally:
            for _ in range(left):
                self._copies.put(None)
        return child

    def _admit(self, process: Process) -> None:
        with self._lock:
            self._processes.add(process)
            if self._closing:  # close() has been through the others
                process.kill()

    def _dismiss(self, process: Process) -> None:
        with self._lock:
            self._processes.discard(process)
