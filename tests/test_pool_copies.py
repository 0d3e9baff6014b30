"""Children that are copies of the first one, and the program that starts before its pool."""

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from transforms.functions import pool_programs
from transforms.functions.pool import Pool
from transforms.functions.pool_errors import PoolError, WorkerDied

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith('linux'), reason='elsewhere each child is a program'
)
FACTORY = f'{__name__}:make_worker'
prepared = []


def prepare():
    prepared.append(os.getpid())


def make_worker(config):
    """Says which process loaded, which one works, and what it does when it is told to."""
    loaded_in = os.getpid()
    if config == 'threads':
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    if config == 'refuse':
        raise ValueError('no such model')

    def work(job):
        if job == 'segfault':
            os.kill(os.getpid(), signal.SIGSEGV)
        if job == 'wait':
            # Its own next job is in the pipe, or comes within ten seconds.
            ready = select.select([0], [], [], 10)[0]
            return 'more to come' if ready else 'nothing more'
        if isinstance(job, bytes) and job.startswith(b'said'):
            return 'said'
        time.sleep(0.2)  # so that the other child takes the next job
        return loaded_in, os.getpid(), prepared[:]

    return work


@pytest.fixture
def pools():
    made = []

    def make(config=None, processes=2, factory=FACTORY):
        made.append(Pool(factory, config, processes, deadline_s=30))
        return made[-1]

    yield make
    for pool in made:
        pool.close()
    pool_programs.end_early()


def answers(pool, jobs=6):
    return [future.result(60) for future in [pool.submit(n) for n in range(jobs)]]


def answers_of(pool, children):
    """Answers until so many children have given one: on a busy machine some are late."""
    found = answers(pool)
    until = time.monotonic() + 60
    while len({one[1] for one in found}) < children and time.monotonic() < until:
        found += answers(pool)
    return found


def test_the_others_are_copies_of_the_first_and_children_of_this_process(pools):
    found = answers(pools(processes=3), 9)
    loaded, working = {one[0] for one in found}, {one[1] for one in found}
    assert len(loaded) == 1 and loaded < working and len(working) == 3
    assert {process.pid for process in psutil.Process().children()} >= working


def test_what_needs_no_configuration_is_loaded_before_it_is_there(pools):
    ((loaded, _, ready), *_) = answers(pools(), 1)
    assert ready == [loaded]


@pytest.mark.parametrize('first', [True, False])
def test_either_may_die_and_says_how_while_the_other_goes_on(pools, first):
    pool = pools()
    loaded, *_ = answers(pool)[0]
    victim = loaded if first else next(one[1] for one in answers(pool) if one[1] != loaded)
    other = next(one[1] for one in answers(pool) if one[1] != victim)
    os.kill(victim, signal.SIGKILL)
    futures = [pool.submit(n) for n in range(6)]
    died = [future.exception(60) for future in futures if future.exception(60) is not None]
    assert [type(error) for error in died] == [WorkerDied] and 'signal 9' in str(died[0])
    working = {one[1] for one in answers(pool)}
    assert other in working and victim not in working and len(working) == 2
    assert not psutil.pid_exists(victim)


def test_a_copy_that_crashes_costs_its_job_alone(pools):
    pool = pools()
    for _ in range(3):
        with pytest.raises(WorkerDied, match='signal 11'):
            pool.submit('segfault').result(60)
    assert len({one[1] for one in answers(pool)}) == 2


def test_a_child_with_threads_makes_no_copies(pools):
    found = answers_of(pools('threads'), 2)
    assert {one[0] for one in found} == {one[1] for one in found}
    assert len({one[1] for one in found}) == 2


def test_where_there_are_no_copies_all_start_at_once(pools, monkeypatch):
    monkeypatch.setattr(pool_programs, '_takes_orphans', lambda: False)
    found = answers_of(pools(processes=3), 3)
    assert len({one[1] for one in found}) == 3
    assert {one[0] for one in found} == {one[1] for one in found}


def test_a_first_child_that_refuses_is_heard_by_all(pools):
    pool = pools('refuse', processes=3)
    for job in range(4):
        with pytest.raises(PoolError, match='no such model'):
            pool.submit(job).result(60)


def test_the_pool_takes_what_was_started_early_for_its_factory_alone(pools, monkeypatch):
    monkeypatch.setattr(os, 'cpu_count', lambda: 2)
    pool_programs.start_early(FACTORY)
    early = pool_programs._early.process.pid
    found = answers(pools(processes=2))
    assert {one[0] for one in found} == {early} and len({one[1] for one in found}) == 2
    assert {one[0] for one in answers(pools(processes=2))} != {early}


def test_what_was_started_early_and_not_wanted_is_ended(pools):
    pool_programs.start_early('tests.test_pool:make_worker')
    early = pool_programs._early.process.pid
    assert {one[0] for one in answers(pools())} != {early}
    assert psutil.pid_exists(early)
    pool_programs.end_early()
    assert not psutil.pid_exists(early)


FORKS = f"""
import json, os, signal, sys, time
from tests import test_pool_copies
from transforms.functions import pool_programs
from transforms.functions.pool import Pool
from transforms.functions.pool_errors import WorkerDied

test_pool_copies.prepare()
os.cpu_count = lambda: 2
pool_programs.fork_early({FACTORY!r})
pool = Pool({FACTORY!r}, None, 2, 30)
found = test_pool_copies.answers(pool)
first = found[0][0]
os.kill(first, signal.SIGKILL)
errors = [future.exception(60) for future in [pool.submit(n) for n in range(6)]]
found += test_pool_copies.answers_of(pool, 2)
print(json.dumps([os.getpid(), first, [str(error) for error in errors if error], found]), flush=True)
time.sleep(600)
"""


def test_a_process_that_has_loaded_forks_its_first_child_which_may_die_as_any():
    with subprocess.Popen([sys.executable, '-c', FORKS], stdout=subprocess.PIPE) as process:
        try:
            pid, first, errors, found = json.loads(process.stdout.readline())
            before = [one for one in found if one[0] == first]
            assert pid not in {one[1] for one in found}
            # Each says where it was loaded: here, then in the child itself.
            assert before and all(one[2] == [pid, first] for one in before)
            assert len({one[1] for one in before}) == 2
            assert len(errors) == 1 and 'signal 9' in errors[0]
            (program,) = {one[0] for one in found} - {first}
            children = [psutil.Process(child) for child in {one[1] for one in found} - {first}]
            assert program in {child.pid for child in children} and len(children) == 2
        finally:
            process.kill()
    _, left = psutil.wait_procs(children, timeout=30)
    assert not left


def test_children_end_with_the_process_that_has_the_pool(tmp_path):
    code = (
        'import sys, time\n'
        'from transforms.functions.pool import Pool\n'
        f'pool = Pool({FACTORY!r}, None, 2, 30)\n'
        'print(*{f.result(60)[1] for f in [pool.submit(n) for n in range(6)]}, flush=True)\n'
        'time.sleep(600)\n'
    )
    root = str(Path(__file__).parents[1])
    with subprocess.Popen(
        [sys.executable, '-c', code], stdout=subprocess.PIPE, text=True, cwd=root
    ) as parent:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        watched = [psutil.Process(pid) for pid in pids]
        parent.kill()
    _, alive = psutil.wait_procs(watched, timeout=20)
    assert not alive


def test_a_job_that_was_handed_over_behind_one_that_kills_is_not_lost(pools):
    pool = pools(processes=1)
    assert pool.submit(0).result(60)
    jobs = [0, 'segfault', 1, 2, 'segfault', 'segfault', 3]
    futures = [pool.submit(job) for job in jobs]
    for job, future in zip(jobs, futures, strict=True):
        if job == 'segfault':
            with pytest.raises(WorkerDied, match='signal 11'):
                future.result(60)
        else:
            assert future.result(60)


def test_a_child_has_its_next_job_before_it_answers(pools):
    pool = pools(processes=1)
    assert pool.submit(0).result(60)
    said = b'said' + bytes(100_000)  # more than what the child reads beyond a job
    futures = [pool.submit(job) for job in ('wait', said, said)]
    assert futures[0].result(60) == 'more to come'
    assert [future.result(60) for future in futures[1:]] == ['said', 'said']


def test_jobs_too_large_for_the_pipe_are_handed_over_in_turn(pools):
    pool = pools(processes=1)
    futures = [pool.submit(b'x' * 3_000_000) for _ in range(4)]
    assert len({future.result(60)[1] for future in futures}) == 1
