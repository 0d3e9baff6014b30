"""The processes of a cluster on this machine: each has its log, and all of them end together.

What Flink's and Spark's clusters have in common: Java on loopback, the pool of Dateline's workers, and a
folder for logs and files that is theirs.
"""

import argparse
import contextlib
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Optional, TypeVar

from deploy.fetching import missing_programs

HOST = '127.0.0.1'
# What is asked for to serialise on Java 17.
OPENS = tuple(
    f'--add-opens=java.base/java.{name}=ALL-UNNAMED'
    for name in (
        'lang',
        'net',
        'io',
        'nio',
        'util',
        'util.concurrent',
        'util.concurrent.atomic',
        'time',
        'text',
    )
)
# Most of what Java does here is to begin: so one compiler, which is quick, and a collector without threads.
JVM = ('-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC')
# For log4j 2: what is worth a line, on standard output.
LOGGING = """rootLogger.level = WARN
rootLogger.appenderRef.console.ref = Console
appender.console.name = Console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %-5p %c{1} %m%n
"""
_START_S = 120.0
_POOL = 'worker-pool'
_ROOT = Path(__file__).parents[1]


class Processes:
    """Processes by their names, and the means to end and replace some of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._logs: list[IO[bytes]] = []

    def start(self, name: str, command: list[str], environment: Optional[dict[str, str]] = None) -> None:
        """Starts one, in a group of its own; what it prints is in its log."""
        log = open(self.folder / f'{name}.log', 'ab')  # noqa: SIM115  # closed when all ends
        self._logs.append(log)
        self.processes[name] = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            env=_environment() | (environment or {}),
            start_new_session=True,
        )

    def start_pool(self, port: int) -> None:
        """Starts the pool that gives each executor its Python process."""
        self.start(_POOL, [sys.executable, '-m', 'pipelines.worker_pool', f'--service_port={port}'])

    def workers(self) -> list[int]:
        """The ids of the Python processes that work for executors now."""
        # Whatever width of a terminal Python's readline has left in the environment.
        found = subprocess.run(['ps', '-ww', '-e', '-o', 'pid=,ppid=,args='], capture_output=True, text=True)
        rows = [line.split(None, 2) for line in found.stdout.splitlines()]
        of_pool = {int(pid): args for pid, parent, args in rows if int(parent) == self.processes[_POOL].pid}
        # Most are copies that one child of the pool has made of itself; the others are programs.
        copied = {pid for pid, args in of_pool.items() if '--original' in args}
        programs = [pid for pid, args in of_pool.items() if '--control' in args]
        return [int(pid) for pid, parent, _ in rows if int(parent) in copied] + programs

    def kill(self, name: str) -> None:
        """Ends a process by SIGKILL."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def wait_for(self, holds: Callable[[], bool], what: str, seconds: float = _START_S) -> None:
        """Waits until something is so. Raises RuntimeError when a process ends first or it takes too long."""
        until = time.monotonic() + seconds
        while not holds():
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise RuntimeError(f'{name} ended with {process.returncode}: {self.log(name)[-2000:]}')
            if time.monotonic() > until:
                raise RuntimeError(f'{what}: not within {seconds:g} s; the logs are in {self.folder}')
            time.sleep(0.1)

    def wait_for_ports(self, *ports: int) -> None:
        """Waits until somebody listens at each port. Raises RuntimeError as `wait_for` does."""
        for port in ports:
            self.wait_for(functools.partial(_listens, port), f'port {port}')

    def log(self, name: str) -> str:
        """What a process has printed."""
        return (self.folder / f'{name}.log').read_text(errors='replace')

    def stop(self) -> None:
        """Ends all processes, those that began last first."""
        processes = list(reversed(self.processes.values()))
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                # Its group: the pool's workers, and the children of these.
                os.killpg(process.pid, signal.SIGTERM)
        until = time.monotonic() + 10
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, until - time.monotonic()))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.processes.clear()
        for log in self._logs:
            log.close()


_Cluster = TypeVar('_Cluster', bound=Processes)


@contextlib.contextmanager
def lasting(folder: Optional[Path], prefix: str, make: Callable[[Path], _Cluster]) -> Iterator[_Cluster]:
    """A cluster, not started, for as long as the context lasts; its files go when no folder is named."""
    made = folder is None
    folder = Path(tempfile.mkdtemp(prefix=prefix)) if folder is None else folder.absolute()
    cluster = make(folder)
    try:
        yield cluster
    finally:
        cluster.stop()
        if made:
            shutil.rmtree(folder, ignore_errors=True)


def submission_flags(job_port: int, pool_port: int, stay_ms: int) -> list[str]:
    """What a command of ours is given to run on any cluster.

    Python's workers stay so long (milliseconds) when a stage is over: their models are loaded once.
    """
    return [
        '--runner=PortableRunner',
        f'--job_endpoint={HOST}:{job_port}',
        '--environment_type=EXTERNAL',
        f'--environment_config=localhost:{pool_port}',
        f'--environment_cache_millis={stay_ms}',
    ]


def main(about: str, executors: str, running: Callable[[Optional[Path], int], Any]) -> int:
    """Runs a cluster until Ctrl-C or SIGTERM; ``executors`` is the name of the flag for their number."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument(f'--{executors}', type=int, default=2, help='how many to start (2)')
    parser.add_argument('--folder', type=Path, help='where logs and files go (a folder that is removed)')
    flags = parser.parse_args()
    if sentence := missing_programs():
        print(sentence, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), running(flags.folder, getattr(flags, executors)) as cluster:
        print('ready; submit with:\n' + ' \\\n'.join(cluster.flags), flush=True)
        signal.pause()
    return 0


def ask(port: int, path: str, method: str = 'GET') -> Any:
    """The JSON that a process's own web interface answers; nothing while it does not."""
    request = urllib.request.Request(f'http://{HOST}:{port}{path}', method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return json.loads(answer.read() or b'{}')
    except (OSError, ValueError):
        return {}


def children(process: int) -> list[int]:
    """The ids of a process's children."""
    found = subprocess.run(['ps', '-o', 'pid=', '--ppid', str(process)], capture_output=True, text=True)
    return [int(word) for word in found.stdout.split()]


def free_ports(count: int) -> list[int]:
    """Ports at which nobody listens now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex((HOST, port)) == 0


def _environment() -> dict[str, str]:
    bin_folder = str(Path(sys.executable).parent)
    return os.environ | {
        # The pool starts `python`, which has to be the one that has Beam and this package.
        'PATH': os.pathsep.join([bin_folder, os.environ.get('PATH', '')]),
        'PYTHONPATH': os.pathsep.join(filter(None, [str(_ROOT), os.environ.get('PYTHONPATH')])),
        # Before numpy is loaded, which Beam does first: more threads cost twice the CPU.
        'OPENBLAS_NUM_THREADS': '1',
    }
