"""The worker pool: copies of a process that has loaded Beam, which end with their orders, or the pool."""

import contextlib
import ctypes
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import grpc
import psutil  # type: ignore[import-untyped]
import pytest
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc

from deploy.processes import Processes, free_ports


@pytest.fixture
def pool() -> Iterator[tuple[psutil.Process, int]]:
    """A pool in a process of its own, and its port."""
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        port = one.getsockname()[1]
    command = [sys.executable, '-m', 'pipelines.worker_pool', f'--service_port={port}']
    first = take_orphans if sys.platform.startswith('linux') else None
    with subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=first) as process:
        try:
            assert process.stdout and process.stdout.readline()
            yield psutil.Process(process.pid), port
        finally:
            process.kill()


def take_orphans() -> None:
    """Makes this process, and the program it becomes, what the first process of a container is."""
    assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0  # PR_SET_CHILD_SUBREAPER


@contextlib.contextmanager
def giver_of_orders() -> Iterator[str]:
    """Where a worker is told what to do; nothing is."""
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        one.listen(64)
        yield f'localhost:{one.getsockname()[1]}'


def start(port: int, control: str) -> None:
    request = beam_fn_api_pb2.StartWorkerRequest(worker_id='1-1')
    request.control_endpoint.url = control
    with grpc.insecure_channel(f'localhost:{port}') as channel:
        beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolStub(channel).StartWorker(request, timeout=60)


def wait(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='elsewhere each worker may be a program')
def test_workers_are_copies_and_end_with_who_gives_them_orders(pool: tuple[psutil.Process, int]) -> None:
    process, port = pool
    (original,) = process.children()
    with giver_of_orders() as stays:
        with giver_of_orders() as goes:
            start(port, goes)
            (first,) = original.children()
            start(port, stays)
            (second,) = set(original.children()) - {first}
            # Each has the child that will analyse its pages.
            wait(lambda: bool(first.children() and second.children()))
            analysts = [*first.children(), *second.children()]
            assert len(analysts) == 2
        wait(lambda: gone(first) and gone(analysts[0]))
        assert not gone(second) and not gone(analysts[1])
        process.send_signal(signal.SIGKILL)
        wait(lambda: gone(second) and gone(analysts[1]) and gone(original))


@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='elsewhere each worker may be a program')
def test_nothing_is_left_of_workers_where_the_pool_is_the_first_process(
    pool: tuple[psutil.Process, int],
) -> None:
    process, port = pool
    (original,) = process.children()
    with giver_of_orders() as control:
        start(port, control)
        wait(lambda: len(original.children(recursive=True)) == 2)
        worker, analyst = original.children(recursive=True)
        worker.kill()
        wait(lambda: not psutil.pid_exists(worker.pid) and not psutil.pid_exists(analyst.pid))
        original.kill()
        wait(lambda: not psutil.pid_exists(original.pid))


def test_without_the_process_to_copy_a_worker_is_a_program(pool: tuple[psutil.Process, int]) -> None:
    process, port = pool
    (original,) = process.children()
    original.kill()
    wait(lambda: gone(original))
    with giver_of_orders() as control:
        start(port, control)
        wait(lambda: any('--control' in child.cmdline() for child in process.children()))
        (worker,) = [child for child in process.children() if '--control' in child.cmdline()]
        process.send_signal(signal.SIGKILL)
        wait(lambda: gone(worker))


def test_a_cluster_knows_its_workers_whatever_the_width_of_the_terminal(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv('COLUMNS', '20')  # of what `ps` prints
    cluster = Processes(tmp_path)
    with contextlib.ExitStack() as ending, giver_of_orders() as control:
        ending.callback(cluster.stop)
        (port,) = free_ports(1)
        cluster.start_pool(port)
        cluster.wait_for_ports(port)
        (original,) = psutil.Process(cluster.processes['worker-pool'].pid).children()
        assert cluster.workers() == []
        start(port, control)
        (copy,) = original.children()
        assert cluster.workers() == [copy.pid]
        original.kill()
        wait(lambda: gone(original))
        start(port, control)
        wait(lambda: len(cluster.workers()) == 1)
        (program,) = cluster.workers()
        assert '--control' in psutil.Process(program).cmdline()
