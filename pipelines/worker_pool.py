"""The Python processes that work for a cluster's task managers: ``python -m pipelines.worker_pool``.

Runs beside the task managers (``--environment_type=EXTERNAL --environment_config=localhost:PORT``). It is
what Beam's own ``worker_pool_main`` is, but for two points. Task managers that share a pool name their
workers alike, so that Beam's pool ends the one's when the other is done. And a worker whose task manager is
gone finishes what it was at, which may be minutes of asking hosts that its successor asks too. Here a worker
lives as long as somebody listens where it takes its orders.

Workers are copies of one process that has loaded Beam and the stages, and so is the child of each that
analyses pages: each job has new ones, and loading takes 1.4 s of CPU for the one, 1.1 for the other. After an
upgrade start the pool again.
"""

import argparse
import contextlib
import gc
import importlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from transforms.functions.pool_programs import WORKER, fork_early

# Before numpy and pyarrow are loaded, which Beam does: see pipelines.cli.
_ENVIRONMENT = {
    'OPENBLAS_NUM_THREADS': '1',
    'OMP_NUM_THREADS': '1',
    'ARROW_DEFAULT_MEMORY_POOL': 'system',
    # A process with a second thread makes no copies.
    'JE_ARROW_MALLOC_CONF': 'background_thread:false',
}
_STARTED = b'started\n'
_LOOK_S = 0.5
_LOOKS = 3  # in a row that found nobody


def serve(port: int) -> Any:
    """Starts workers when it is asked to, in threads of its own. Returns the grpc server."""
    import grpc
    from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc
    from apache_beam.utils.thread_pool_executor import shared_unbounded_instance

    original = _Original()

    class Pool(beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolServicer):
        def StartWorker(self, request: Any, context: Any) -> Any:
            control, worker_id = request.control_endpoint.url, request.worker_id
            if not original.copy(control, worker_id):
                _start_program('--control', control, '--worker_id', worker_id)
            return beam_fn_api_pb2.StartWorkerResponse()

        def StopWorker(self, request: Any, context: Any) -> Any:
            return beam_fn_api_pb2.StopWorkerResponse()  # its control endpoint closes, and it ends

    server = grpc.server(shared_unbounded_instance(), options=[('grpc.so_reuseport', 0)])
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(Pool(), server)
    if not server.add_insecure_port(f'localhost:{port}'):
        raise OSError(f'port {port} is in use')
    server.start()
    return server


class _Original:
    """The process that workers are copies of, as the pool sees it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Nobody writes to it. It closes when the pool ends, however it ends, and workers end with it.
        life, self._life = os.pipe()
        self._process = _start_program('--original', str(life), pass_fds=(life,), stdout=subprocess.PIPE)
        os.close(life)

    def copy(self, control: str, worker_id: str) -> bool:
        """Whether there is a worker now; not when that process is gone, or may make no copies."""
        assert self._process.stdin and self._process.stdout
        with self._lock:
            try:
                self._process.stdin.write(f'{control} {worker_id}\n'.encode())
                self._process.stdin.flush()
                return bool(self._process.stdout.readline() == _STARTED)
            except OSError:
                return False


def _start_program(*arguments: str, **more: Any) -> 'subprocess.Popen[bytes]':
    process = subprocess.Popen(
        [sys.executable, '-m', 'pipelines.worker_pool', *arguments],
        env=os.environ | _ENVIRONMENT,
        stdin=subprocess.PIPE,  # closed when the pool ends, however it ends
        **more,
    )
    threading.Thread(target=process.wait, daemon=True).start()
    return process


def _make_copies(life: int) -> None:
    """Loads what a worker needs, and forks one for each line of standard input, until that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a worker ended
    answers = os.dup(1)
    os.dup2(2, 1)  # what a library prints must not end up among the answers
    _load()
    _load_analysis()
    gc.freeze()  # what is loaded is no garbage
    for line in sys.stdin.buffer:
        control, worker_id = line.decode().split()
        # A copy has none of the other threads, and what they hold stays locked in it.
        may = not os.path.isdir('/proc/self/task') or len(os.listdir('/proc/self/task')) == 1
        if may and os.fork() == 0:
            os.close(answers)
            os.dup2(life, 0)
            os.close(life)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            with contextlib.suppress(OSError):  # its pool will start a program, or say why not
                fork_early(WORKER)
            _work(control, worker_id)
        os.write(answers, _STARTED if may else b'\n')


def _load() -> None:
    from transforms.functions.leaving_out import leave_out
    from transforms.functions.memory import limit_arenas

    leave_out('pandas', 'pymongo', 'bson', 'gridfs')
    limit_arenas()
    for name in ('apache_beam.runners.worker.sdk_worker', 'pipelines.ingest'):
        importlib.import_module(name)


def _load_analysis() -> None:
    """Loads what most jobs' analysis needs; what others need besides, their children load."""
    from schemas.settings import AnalysisSettings
    from transforms.functions.pool_work import make_worker

    with contextlib.suppress(ValueError):  # a model that is not installed; who needs it is told
        make_worker(AnalysisSettings())


def _work(control: str, worker_id: str) -> None:
    """Is a worker until nobody gives it orders any more, or its pool is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # how its children end is asked
    _load()
    from apache_beam.runners.worker.sdk_worker import SdkHarness

    threading.Thread(target=_end_with, args=(control,), daemon=True).start()
    threading.Thread(target=_end_with_pool, daemon=True).start()
    try:
        SdkHarness(control, worker_id=worker_id, data_buffer_time_limit_ms=-1).run()
    finally:
        os._exit(0)  # threads that wait for other things do not matter now


def _end_with(control: str) -> None:
    host, _, port = control.rpartition(':')
    missed = 0
    while missed < _LOOKS:
        time.sleep(_LOOK_S)
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
            missed = 0
        except ConnectionRefusedError:
            missed += 1
        except OSError:
            pass  # a busy machine
    os._exit(1)


def _end_with_pool() -> None:
    os.read(0, 1)
    os._exit(1)


def main(argv: Sequence[str]) -> int:
    """Serves until it is ended."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    parser.add_argument('--service_port', type=int, default=50_000, help='where to listen (50000)')
    parser.add_argument('--control', help=argparse.SUPPRESS)
    parser.add_argument('--worker_id', help=argparse.SUPPRESS)
    parser.add_argument('--original', type=int, help=argparse.SUPPRESS)
    flags = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format='%(levelname)s %(name)s: %(message)s')
    if flags.control:
        _work(flags.control, flags.worker_id)
        return 0
    if flags.original is not None:
        _make_copies(flags.original)
        return 0
    # The first process of a container is given what others leave behind, too.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    server = serve(flags.service_port)
    print(f'workers are given out at port {flags.service_port}', flush=True)
    signal.signal(signal.SIGTERM, lambda *_: server.stop(0))
    server.wait_for_termination()
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
