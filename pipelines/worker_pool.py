"""The Python processes that work for a cluster's task managers: ``python -m pipelines.worker_pool``.

Runs beside the task managers (``--environment_type=EXTERNAL --environment_config=localhost:PORT``). It is
what Beam's own ``worker_pool_main`` is, but for two points. Task managers that share a pool name their
workers alike, so that Beam's pool ends the one's when the other is done. And a worker whose task manager is
gone finishes what it was at, which may be minutes of asking hosts that its successor asks too. Here a worker
lives as long as somebody listens where it takes its orders.
"""

import argparse
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

# Before numpy and pyarrow are loaded, which Beam does: see pipelines.cli.
_ENVIRONMENT = {'OPENBLAS_NUM_THREADS': '1', 'ARROW_DEFAULT_MEMORY_POOL': 'system'}
_LOOK_S = 0.5
_LOOKS = 3  # in a row that found nobody


def serve(port: int) -> Any:
    """Starts workers when it is asked to, in threads of its own. Returns the grpc server."""
    import grpc
    from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc
    from apache_beam.utils.thread_pool_executor import shared_unbounded_instance

    class Pool(beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolServicer):
        def StartWorker(self, request: Any, context: Any) -> Any:
            _start_worker(request.control_endpoint.url, request.worker_id)
            return beam_fn_api_pb2.StartWorkerResponse()

        def StopWorker(self, request: Any, context: Any) -> Any:
            return beam_fn_api_pb2.StopWorkerResponse()  # its control endpoint closes, and it ends

    server = grpc.server(shared_unbounded_instance(), options=[('grpc.so_reuseport', 0)])
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(Pool(), server)
    if not server.add_insecure_port(f'localhost:{port}'):
        raise OSError(f'port {port} is in use')
    server.start()
    return server


def _start_worker(control: str, worker_id: str) -> None:
    process = subprocess.Popen(
        [sys.executable, '-m', 'pipelines.worker_pool', '--control', control, '--worker_id', worker_id],
        env=os.environ | _ENVIRONMENT,
        stdin=subprocess.PIPE,  # closed when the pool ends, however it ends
    )
    threading.Thread(target=process.wait, daemon=True).start()


def _work(control: str, worker_id: str) -> None:
    """Is a worker until nobody gives it orders any more, or its pool is gone."""
    from apache_beam.runners.worker.sdk_worker import SdkHarness

    from transforms.functions.leaving_out import leave_out
    from transforms.functions.memory import limit_arenas

    leave_out('pandas', 'pymongo', 'bson', 'gridfs')
    limit_arenas()
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
    sys.stdin.buffer.read()
    os._exit(1)


def main(argv: Sequence[str]) -> int:
    """Serves until it is ended."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    parser.add_argument('--service_port', type=int, default=50_000, help='where to listen (50000)')
    parser.add_argument('--control', help=argparse.SUPPRESS)
    parser.add_argument('--worker_id', help=argparse.SUPPRESS)
    flags = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format='%(levelname)s %(name)s: %(message)s')
    if flags.control:
        _work(flags.control, flags.worker_id)
        return 0
    server = serve(flags.service_port)
    print(f'workers are given out at port {flags.service_port}', flush=True)
    signal.signal(signal.SIGTERM, lambda *_: server.stop(0))
    server.wait_for_termination()
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
