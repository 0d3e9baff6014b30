"""The lease on a lake: who holds it, who waits, and what a holder that was thought dead can still do."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import time

import pyarrow as pa
import pytest

from pipelines.cli import run_command
from schemas.tables import TABLES
from transforms.functions import lease
from transforms.functions.lake import Lake
from transforms.functions.lease_file import record_of_this_process, write_record
from transforms.functions.storage import LocalStorage

STORAGE = LocalStorage()

# Takes the lease, says so, and holds it until its input ends.
HOLDER = """
import sys
from transforms.functions import lease
from transforms.functions.storage import LocalStorage
with lease.hold(sys.argv[1], LocalStorage(), 'a test'):
    print('held', flush=True)
    sys.stdin.read()
"""

# Another holder, of another machine.
FOREIGN = {
    'token': 'x', 'count': 0, 'machine': 'elsewhere', 'pid': 1, 'started': '1', 'host': 'far',
    'purpose': 'a commit', 'at': '2025-03-03T12:00:00Z',
}  # fmt: skip


@pytest.fixture
def root(tmp_path):
    return str(tmp_path)


@pytest.fixture
def holder(root):
    command = [sys.executable, '-c', HOLDER, root]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b'held\n'
        yield process
        process.kill()


def test_a_second_process_waits_and_is_told_who_holds_it(root, holder):
    with (
        pytest.raises(lease.LeaseTimeout, match=f'process {holder.pid} .* for a test since'),
        lease.hold(root, STORAGE, 'another', wait_s=0.1),
    ):
        pass


def test_a_waiter_gets_the_lease_when_it_is_given_back(root, holder):
    threading.Timer(0.2, holder.stdin.close).start()
    with lease.hold(root, STORAGE, 'another', wait_s=20):
        assert holder.wait(20) == 0
    assert not os.path.exists(f'{root}/_lease')


def test_the_lease_of_a_killed_process_is_taken_over_at_once(root, holder):
    holder.kill()
    holder.wait()
    start = time.monotonic()
    with lease.hold(root, STORAGE, 'another', wait_s=20):
        assert time.monotonic() - start < lease.TTL_S / 2


def test_a_process_that_has_got_the_number_of_a_dead_holder_is_not_taken_for_it(root):
    mine = record_of_this_process('a commit')
    write_record(STORAGE, f'{root}/_lease', dataclasses.replace(mine, started='1'))
    start = time.monotonic()
    with lease.hold(root, STORAGE, 'another', wait_s=20):
        assert time.monotonic() - start < lease.TTL_S / 2


def test_a_holder_of_another_machine_that_stands_still_loses_it_after_a_while(root, monkeypatch):
    STORAGE.write_small(f'{root}/_lease', json.dumps(FOREIGN).encode())
    with (
        pytest.raises(lease.LeaseTimeout, match='of far has held it for a commit since 2025-03-03T12:00:00Z'),
        lease.hold(root, STORAGE, 'another', wait_s=0.1),
    ):
        pass
    monkeypatch.setattr(lease, 'TTL_S', 0.3)
    with lease.hold(root, STORAGE, 'another', wait_s=20):
        assert json.loads(STORAGE.read_small(f'{root}/_lease'))['pid'] == os.getpid()


@pytest.mark.parametrize('there', ['{}', json.dumps(FOREIGN)], ids=['given back since', "another's"])
def test_who_lost_the_lease_publishes_nothing_and_starts_again(root, there, monkeypatch):
    monkeypatch.setattr(lease, 'TTL_S', 0.3)
    done = []

    def work():
        done.append('begun')
        if len(done) == 1:
            STORAGE.write_small(f'{root}/_lease', there.encode())  # another has taken it
        with lease.fence(root, STORAGE):
            done.append('published')

    lease.run(root, STORAGE, 'a commit', work)
    assert done == ['begun', 'begun', 'published']


def test_who_lost_the_lease_leaves_the_next_holder_his(root):
    with lease.hold(root, STORAGE, 'a commit'):
        STORAGE.write_small(f'{root}/_lease', json.dumps(FOREIGN).encode())
    assert json.loads(STORAGE.read_small(f'{root}/_lease')) == FOREIGN


def test_nothing_of_who_lost_the_lease_is_seen_by_readers(root):
    lake = Lake(root, STORAGE)
    links = pa.Table.from_pylist([], TABLES['links'].schema)
    home = lake.publish('links', ('2025-03-03',), links, 'run-1')
    os.makedirs(f'{root}/_work/1')
    steps = (
        lambda: lake.publish('links', ('2025-03-04',), links, 'run-1'),
        lambda: lake.exchange('links', ('2025-03-03',), f'{root}/_work/1'),
    )
    for step in steps:
        with lake.exclusive('a commit'):
            STORAGE.write_small(f'{root}/_lease', json.dumps(FOREIGN).encode())  # another has taken it
            with pytest.raises(lease.LeaseLost):
                step()
        assert lake.files('links') == [home]
        STORAGE.delete_file(f'{root}/_lease')


def test_a_holder_that_works_for_long_keeps_it_and_one_that_is_stopped_loses_it(root, monkeypatch):
    monkeypatch.setattr(lease, 'TTL_S', 1.0)
    slow = HOLDER.replace('with lease', 'lease.TTL_S = 1.0\nwith lease')
    command = [sys.executable, '-c', slow, root]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b'held\n'
        with pytest.raises(lease.LeaseTimeout), lease.hold(root, STORAGE, 'another', wait_s=3):
            pass
        process.send_signal(signal.SIGSTOP)
        try:
            with lease.hold(root, STORAGE, 'another', wait_s=20):
                assert json.loads(STORAGE.read_small(f'{root}/_lease'))['pid'] == os.getpid()
        finally:
            process.kill()


def test_a_thread_that_hangs_does_not_keep_the_lease_for_ever(root, monkeypatch):
    monkeypatch.setattr(lease, 'TTL_S', 0.1)
    monkeypatch.setattr(lease, '_LONGEST_S', 0.0)
    with lease.hold(root, STORAGE, 'a commit'):
        before = STORAGE.read_small(f'{root}/_lease')
        time.sleep(0.3)
        assert STORAGE.read_small(f'{root}/_lease') == before


def test_threads_of_a_process_share_it_and_a_thread_may_hold_it_within_itself(root):
    together = threading.Barrier(3, timeout=20)

    def work():
        with lease.hold(root, STORAGE, 'a commit'), lease.hold(root, STORAGE, 'a publish'):
            together.wait()
            with lease.fence(root, STORAGE):
                pass

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not together.broken
    assert not os.path.exists(f'{root}/_lease')


def test_one_that_always_commits_lets_others_have_their_turn(root):
    done = threading.Event()

    def commit_for_ever():
        while not done.is_set():
            with lease.hold(root, STORAGE, 'a commit'):
                time.sleep(0.001)

    threads = [threading.Thread(target=commit_for_ever) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        other = subprocess.run(
            [sys.executable, '-c', HOLDER, root], stdin=subprocess.DEVNULL, capture_output=True, timeout=60
        )
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert (other.returncode, other.stdout) == (0, b'held\n')


def test_who_wants_it_alone_shares_it_with_no_thread(root):
    inside, together = [], []

    def work(alone):
        with lease.hold(root, STORAGE, 'a test', alone=alone):
            inside.append(alone)
            time.sleep(0.02)
            if alone:
                together.append(len(inside))
            inside.remove(alone)

    threads = [threading.Thread(target=work, args=(number % 4 == 0,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == [1] * 4


def test_an_ingest_that_waits_in_vain_says_who_holds_the_lease(root, holder, monkeypatch, capsys):
    monkeypatch.setattr(lease.run, '__defaults__', (0.1, False))
    code = run_command('pipelines.batch', ['http://127.0.0.1:9/feed.xml', '--output', root])
    said = capsys.readouterr().err
    assert code == 1
    assert f'process {holder.pid} of ' in said and 'Traceback' not in said and 'while running' not in said
