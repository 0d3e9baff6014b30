"""The pool of child processes: answers, deadlines, deaths."""

import errno
import os
import signal
import subprocess
import threading
import time
from concurrent.futures import CancelledError, wait

import psutil
import pytest

from transforms.functions.pool import Pool
from transforms.functions.pool_errors import DeadlineExceeded, PoolClosed, PoolError, WorkerDied


def make_worker(config):
    """What the children of these tests run."""

    def work(job):
        if job == 'hang':
            while True:
                time.sleep(1)
        if job == 'segfault':
            os.kill(os.getpid(), signal.SIGSEGV)
        if job in ('SIGINT', 'SIGTERM'):
            os.kill(os.getpid(), getattr(signal, job))
        if job == 'exit':
            os._exit(3)
        if job == 'raise':
            raise KeyError('nobody foresaw this')
        if job == 'pid':
            return os.getpid()
        if job == 'unpicklable':
            return lambda: None
        if job == 'modules':
            import sys

            return sorted(name for name in sys.modules if name.startswith('apache_beam'))
        return config, job

    return work


def make_nothing(config):
    raise ValueError(f'{config} is no model')


def make_late(config):
    time.sleep(60)


def children():
    """The child processes of this module's pools."""
    # What the processes of other tests left behind is this one's, and ended.
    found = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in found if any(__name__ in part for part in child.cmdline())]


@pytest.fixture
def pool():
    made = Pool(f'{__name__}:make_worker', 'configured', processes=2, deadline_s=1.5)
    yield made
    made.close()


def test_each_job_gets_its_own_answer(pool):
    futures = [pool.submit(number) for number in range(50)]
    assert [future.result(60) for future in futures] == [('configured', n) for n in range(50)]


def test_a_job_that_hangs_is_ended_at_its_deadline_and_the_others_go_on(pool):
    jobs = ['hang', *range(20), 'hang', *range(20)]
    futures = [pool.submit(job) for job in jobs]
    wait(futures, 60)
    for job, future in zip(jobs, futures, strict=True):
        if job == 'hang':
            with pytest.raises(DeadlineExceeded, match=r'1\.5 s'):
                future.result(0)
        else:
            assert future.result(0) == ('configured', job)


@pytest.mark.parametrize(
    'job, said', [('segfault', 'signal 11'), ('exit', 'exit code 3'), ('raise', 'KeyError')]
)
def test_a_child_that_dies_costs_only_its_job_and_the_reason_is_told(pool, job, said):
    futures = [pool.submit(one) for one in (1, job, 2, 3)]
    with pytest.raises(WorkerDied, match=said):
        futures[1].result(60)
    assert [futures[n].result(60)[1] for n in (0, 2, 3)] == [1, 2, 3]


def test_children_never_import_beam(pool):
    assert pool.submit('modules').result(60) == []


def test_a_pool_that_cannot_start_says_why_for_every_job():
    pool = Pool(f'{__name__}:make_nothing', 'de_core', processes=1, deadline_s=5)
    try:
        for job in (1, 2):
            with pytest.raises(PoolError, match='de_core is no model'):
                pool.submit(job).result(60)
    finally:
        pool.close()


def test_closing_ends_the_children(pool):
    working = psutil.Process(pool.submit('pid').result(60))
    assert working in children()
    pool.close()
    assert not working.is_running()
    assert not children()


def test_closing_fails_the_jobs_without_an_answer_and_takes_no_more(pool):
    assert pool.submit(0).result(60)
    futures = [pool.submit(job) for job in ['hang'] * 4]
    pool.close()
    for future in futures:
        with pytest.raises((WorkerDied, CancelledError)):
            future.result(0)
    with pytest.raises(RuntimeError, match='closed'):
        pool.submit(1)
    pool.close()  # once more does no harm


def test_a_pool_that_finishes_does_what_it_was_given_and_takes_no_more(pool):
    assert pool.submit(0).result(60)
    futures = [pool.submit(job) for job in range(40)]
    pool.finish()
    with pytest.raises(PoolClosed):
        pool.submit(1)
    assert [future.result(60) for future in futures] == [('configured', n) for n in range(40)]
    until = time.monotonic() + 60
    while children():  # waiting for them here would take what the pool waits for
        assert time.monotonic() < until
        time.sleep(0.02)
    pool.close()  # afterwards does no harm


@pytest.fixture
def gate(monkeypatch):
    """Two events: somebody is about to start a process; it may go on."""
    began, go_on = threading.Event(), threading.Event()
    start = subprocess.Popen

    def start_late(*arguments, **options):
        began.set()
        assert go_on.wait(60)
        return start(*arguments, **options)

    monkeypatch.setattr(subprocess, 'Popen', start_late)
    return began, go_on


def test_a_child_that_starts_while_the_pool_is_closed_is_ended_at_once(gate):
    began, go_on = gate
    pool = Pool(f'{__name__}:make_late', 'configured', processes=1, deadline_s=60)
    assert began.wait(60)
    (worker,) = pool._workers
    join = worker.join
    worker.join = lambda: (go_on.set(), join())  # close() has ended the children that it knew
    closer = threading.Thread(target=pool.close)
    closer.start()
    closer.join(20)
    ended = not closer.is_alive()
    for child in children():
        child.kill()
    assert ended


def test_a_job_for_a_child_that_reads_nothing_ends_at_its_deadline():
    pool = Pool(f'{__name__}:make_worker', 'configured', processes=1, deadline_s=0.5)
    try:
        pid = pool.submit('pid').result(60)
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(DeadlineExceeded, match=r'0\.5 s'):
            pool.submit(b'x' * 5_000_000).result(20)
        assert not psutil.pid_exists(pid)
        assert pool.submit(1).result(60) == ('configured', 1)
    finally:
        for child in children():
            child.kill()  # or it would wait for a stopped child for ever
        pool.close()


def test_jobs_and_answers_of_any_size_arrive_whole(pool):
    assert pool.submit(None).result(60) == ('configured', None)
    job = os.urandom(3_000_000)
    assert pool.submit(job).result(60) == ('configured', job)


@pytest.fixture
def shortage(monkeypatch):
    """A machine that refuses to start so many processes: a list to put the refusals on."""
    refusals = []
    start = subprocess.Popen

    def start_or_refuse(*arguments, **options):
        if refusals:
            raise refusals.pop()
        return start(*arguments, **options)

    monkeypatch.setattr(subprocess, 'Popen', start_or_refuse)
    return refusals


def test_a_pool_whose_first_child_cannot_be_started_says_why(shortage):
    shortage.append(OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)))
    pool = Pool(f'{__name__}:make_worker', None, processes=1, deadline_s=5)
    try:
        for job in (1, 2):
            with pytest.raises(PoolError, match='Cannot allocate memory'):
                pool.submit(job).result(20)
    finally:
        pool.close()


@pytest.mark.parametrize('refused, lost', [(1, 0), (2, 1), (3, 1)])
def test_a_replacement_is_tried_twice_a_job_and_costs_no_more_than_the_job(shortage, refused, lost):
    pool = Pool(f'{__name__}:make_worker', 'configured', processes=1, deadline_s=5)
    try:
        assert pool.submit(0).result(60)
        shortage.extend(OSError(errno.EMFILE, os.strerror(errno.EMFILE)) for _ in range(refused))
        with pytest.raises(WorkerDied, match='exit code 3'):
            pool.submit('exit').result(60)
        for _ in range(lost):
            with pytest.raises(WorkerDied, match='Too many open files'):
                pool.submit(1).result(20)
        assert pool.submit(2).result(60) == ('configured', 2)
    finally:
        pool.close()


def test_what_cannot_be_pickled_costs_only_its_job(pool):
    refused = "pickle|Can't get local object"  # as Python's versions say it
    with pytest.raises(Exception, match=refused):
        pool.submit(lambda: None).result(20)
    with pytest.raises(WorkerDied, match=refused):
        pool.submit('unpicklable').result(60)
    assert pool.submit(1).result(60) == ('configured', 1)


def test_a_configuration_that_cannot_be_pickled_is_told_to_every_job():
    pool = Pool(f'{__name__}:make_worker', lambda: None, processes=1, deadline_s=5)
    try:
        for job in (1, 2):
            with pytest.raises(PoolError, match='pickle'):
                pool.submit(job).result(20)
        assert not children()
    finally:
        pool.close()


def test_a_job_that_its_caller_took_back_is_left_out(gate):
    pool = Pool(f'{__name__}:make_worker', 'configured', processes=1, deadline_s=5)
    try:
        futures = [pool.submit(job) for job in (1, 2, 3)]
        assert futures[1].cancel()
        gate[1].set()
        assert futures[2].result(60) == ('configured', 3)
    finally:
        pool.close()


def test_a_deadline_of_years_is_one():
    pool = Pool(f'{__name__}:make_worker', 'configured', processes=1, deadline_s=1e300)
    try:
        assert pool.submit(1).result(60) == ('configured', 1)
    finally:
        pool.close()


@pytest.mark.parametrize('name', ['SIGINT', 'SIGTERM'])
def test_what_asks_the_whole_service_to_end_leaves_the_children_at_work(pool, name):
    before = {pool.submit('pid').result() for _ in range(6)}
    assert [pool.submit(name).result() for _ in range(4)] == [('configured', name)] * 4
    assert before & {pool.submit('pid').result() for _ in range(6)}
