"""The pool of child processes: answers, deadlines, deaths."""

import os
import signal
import time
from concurrent.futures import wait

import pytest

from transforms.functions.pool import DeadlineExceeded, Pool, PoolError, WorkerDied


def make_worker(config):
    """What the children of these tests run."""

    def work(job):
        if job == 'hang':
            while True:
                time.sleep(1)
        if job == 'segfault':
            os.kill(os.getpid(), signal.SIGSEGV)
        if job == 'exit':
            os._exit(3)
        if job == 'raise':
            raise KeyError('nobody foresaw this')
        if job == 'modules':
            import sys

            return sorted(name for name in sys.modules if name.startswith('apache_beam'))
        return config, job

    return work


def make_nothing(config):
    raise ValueError(f'{config} is no model')


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
    pids = {pool.submit(n).result(60) and None for n in range(4)}
    assert pids == {None}
    pool.close()
    assert all(not thread.is_alive() for thread in pool._workers)
