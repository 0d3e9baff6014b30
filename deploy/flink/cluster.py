"""A Flink cluster on this machine: a JobManager, TaskManagers, a worker pool and Beam's job server.

``python -m deploy.flink.cluster`` runs one until Ctrl-C and prints the flags to submit with. Everything
listens on loopback only, and keeps its files in one folder.

A worker pool serves the TaskManagers of its machine: each is given a Python process of its own. On one
machine all TaskManagers share one pool, since they share its address; elsewhere each has its pool beside it.
"""

import argparse
import contextlib
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
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Optional

from deploy.flink import parts

_HOST = '127.0.0.1'
# What Flink asks for to serialise on Java 17.
_OPENS = tuple(
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
_SESSION = 'org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint'
_TASK_MANAGER = 'org.apache.flink.runtime.taskexecutor.TaskManagerRunner'
_BASH_UTILS = 'org.apache.flink.runtime.util.bash.BashJavaUtils'
_JOB_SERVER = 'org.apache.beam.runners.flink.FlinkJobServerDriver'
_RESULT = 'BASH_JAVA_UTILS_EXEC_RESULT:'
# Most of what Java does here is to begin: so one compiler, which is quick, and a collector without threads.
_JVM = ('-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC')
_START_S = 120.0
_WORKERS_STAY_MS = 5_000
_LOGGING = """rootLogger.level = WARN
rootLogger.appenderRef.console.ref = Console
appender.console.name = Console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %-5p %c{1} %m%n
"""
_ROOT = Path(__file__).parents[2]


class Cluster:
    """The processes of a cluster, and the means to end and replace some of them."""

    def __init__(self, jars: parts.Parts, folder: Path, settings: Mapping[str, Any]) -> None:
        self._jars = jars
        self._folder = folder
        self._rest, rpc, blob, self._pool, self._job, artifact, expansion = _free_ports(7)
        self._config = {
            'jobmanager.rpc.address': _HOST,
            'jobmanager.rpc.port': rpc,
            'jobmanager.bind-host': _HOST,
            'jobmanager.memory.process.size': '1200m',
            'blob.server.port': blob,
            'rest.address': _HOST,
            'rest.bind-address': _HOST,
            'rest.port': self._rest,
            'taskmanager.host': _HOST,
            'taskmanager.bind-host': _HOST,
            'taskmanager.memory.process.size': '1728m',
            # One each: both TaskManagers have a part in each job.
            'taskmanager.numberOfTaskSlots': 1,
            'parallelism.default': 2,
            # What a job does when one of its workers is gone.
            'restart-strategy.type': 'fixed-delay',
            'restart-strategy.fixed-delay.attempts': 20,
            # Longer than workers stay: a worker that is dead would be given work again and again.
            'restart-strategy.fixed-delay.delay': f'{_WORKERS_STAY_MS + 2_000} ms',
            # A TaskManager that is gone is missed after this long (milliseconds). On a busy machine one was
            # silent for 8 s, and the job began anew.
            'heartbeat.interval': 5_000,
            'heartbeat.timeout': 20_000,
            # Beam's classes are the cluster's, not each job's: workers outlive a stage only then.
            'classloader.resolve-order': 'parent-first',
            'state.checkpoints.dir': (folder / 'checkpoints').as_uri(),
            'io.tmp.dirs': str(folder / 'tmp'),
            **settings,
        }
        self._job_server_ports = (self._job, artifact, expansion)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._logs: list[IO[bytes]] = []

    @property
    def flags(self) -> list[str]:
        """What a command of ours is given to run on this cluster."""
        return [
            '--runner=PortableRunner',
            f'--job_endpoint={_HOST}:{self._job}',
            '--environment_type=EXTERNAL',
            f'--environment_config=localhost:{self._pool}',
            f'--flink_master={_HOST}:{self._rest}',
            # Workers stay from one stage of a job to the next: their models are loaded once.
            f'--environment_cache_millis={_WORKERS_STAY_MS}',
        ]

    def start(self, task_managers: int = 2) -> None:
        """Starts all and waits until a job can be submitted. Raises RuntimeError when it cannot."""
        for name in ('conf', 'tmp', 'checkpoints'):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        lines = [f'{key}: {json.dumps(value)}' for key, value in self._config.items()]
        (self._folder / 'conf' / 'config.yaml').write_text('\n'.join(lines) + '\n')
        (self._folder / 'conf' / 'log4j-console.properties').write_text(_LOGGING)
        self._start('jobmanager', ['java', *_JVM, '-Xmx700m', *self._flink(), _SESSION, *self._conf()])
        job, artifact, expansion = self._job_server_ports
        self._start(
            'job-server',
            [
                *('java', *_JVM, '-Xmx700m', *_OPENS, '-cp', f'{self._jars.job_server}/*', _JOB_SERVER),
                *(f'--flink-master={_HOST}:{self._rest}', f'--job-host={_HOST}', f'--job-port={job}'),
                *(f'--artifact-port={artifact}', f'--expansion-port={expansion}'),
                *(f'--artifacts-dir={self._folder}/artifacts', f'--flink-conf-dir={self._folder}/conf'),
            ],
        )
        self.start_pool()
        for number in range(task_managers):
            self.start_task_manager(f'taskmanager-{number + 1}')
        self.wait_for(lambda: self.task_managers() >= task_managers, 'the TaskManagers to register')
        for port in (job, self._pool):
            self.wait_for(lambda port=port: _listens(port), f'port {port}')

    def start_task_manager(self, name: str) -> None:
        """Starts one more TaskManager; it registers by itself."""
        utils = f'{self._jars.flink}/bin/bash-java-utils.jar:{self._jars.flink}/lib/*'
        asked = subprocess.run(
            ['java', '-cp', utils, _BASH_UTILS, 'GET_TM_RESOURCE_PARAMS', *self._conf()],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        found = [
            line[len(_RESULT) :].split() for line in asked.stdout.splitlines() if line.startswith(_RESULT)
        ]
        if len(found) != 2:
            raise RuntimeError(f'Flink does not say how to start a TaskManager: {asked.stdout}{asked.stderr}')
        jvm, dynamic = found
        self._start(name, ['java', *_JVM, *jvm, *self._flink(), _TASK_MANAGER, *self._conf(), *dynamic])

    def start_pool(self) -> None:
        """Starts the pool that gives each TaskManager its Python process."""
        module = 'pipelines.worker_pool'
        self._start('worker-pool', [sys.executable, '-m', module, f'--service_port={self._pool}'])

    def kill(self, name: str) -> None:
        """Ends a process by SIGKILL."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def workers(self) -> list[int]:
        """The ids of the Python processes that work for TaskManagers now."""
        found = subprocess.run(['ps', '-e', '-o', 'pid=,ppid=,args='], capture_output=True, text=True)
        rows = [line.split(None, 2) for line in found.stdout.splitlines()]
        # Children of the pool, or copies that one of them made of itself.
        parents = {self.processes['worker-pool'].pid}
        parents |= {int(pid) for pid, parent, args in rows if int(parent) in parents and '--original' in args}
        return [int(pid) for pid, parent, _ in rows if int(parent) in parents and int(pid) not in parents]

    def task_managers(self) -> int:
        """How many TaskManagers have registered."""
        return int(self.ask('/overview').get('taskmanagers', 0))

    def ask(self, path: str, method: str = 'GET') -> Any:
        """What the JobManager's REST interface answers; nothing while it does not."""
        request = urllib.request.Request(f'http://{_HOST}:{self._rest}{path}', method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as answer:
                return json.loads(answer.read() or b'{}')
        except (OSError, ValueError):
            return {}

    def wait_for(self, holds: Callable[[], bool], what: str, seconds: float = _START_S) -> None:
        """Waits until something is so. Raises RuntimeError when a process ends first or it takes too long."""
        until = time.monotonic() + seconds
        while not holds():
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise RuntimeError(f'{name} ended with {process.returncode}: {self.log(name)[-2000:]}')
            if time.monotonic() > until:
                raise RuntimeError(f'{what}: not within {seconds:g} s; the logs are in {self._folder}')
            time.sleep(0.1)

    def log(self, name: str) -> str:
        """What a process has printed."""
        return (self._folder / f'{name}.log').read_text(errors='replace')

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

    def _flink(self) -> list[str]:
        logging = f'-Dlog4j.configurationFile={self._folder}/conf/log4j-console.properties'
        return [*_OPENS, logging, '-cp', ':'.join([f'{self._jars.flink}/lib/*', *self._beam()])]

    def _beam(self) -> list[str]:
        """Beam's jars without those that the distribution has itself."""
        there = ('flink-', 'slf4j-', 'log4j-')
        return sorted(
            str(jar) for jar in self._jars.job_server.glob('*.jar') if not jar.name.startswith(there)
        )

    def _conf(self) -> list[str]:
        return ['--configDir', str(self._folder / 'conf')]

    def _start(self, name: str, command: list[str]) -> None:
        log = open(self._folder / f'{name}.log', 'ab')  # noqa: SIM115  # closed when all ends
        self._logs.append(log)
        self.processes[name] = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=self._folder,
            env=_environment(),
            start_new_session=True,
        )


@contextlib.contextmanager
def running(
    folder: Optional[Path] = None, task_managers: int = 2, settings: Optional[Mapping[str, Any]] = None
) -> Iterator[Cluster]:
    """A cluster for as long as the context lasts; its files go when no folder is named."""
    made = folder is None
    folder = Path(tempfile.mkdtemp(prefix='dateline-flink-')) if folder is None else folder.absolute()
    cluster = Cluster(parts.fetch(), folder, settings or {})
    try:
        cluster.start(task_managers)
        yield cluster
    finally:
        cluster.stop()
        if made:
            shutil.rmtree(folder, ignore_errors=True)


def _environment() -> dict[str, str]:
    bin_folder = str(Path(sys.executable).parent)
    return os.environ | {
        # The pool starts `python`, which has to be the one that has Beam and this package.
        'PATH': os.pathsep.join([bin_folder, os.environ.get('PATH', '')]),
        'PYTHONPATH': os.pathsep.join(filter(None, [str(_ROOT), os.environ.get('PYTHONPATH')])),
        # Before numpy is loaded, which Beam does first: more threads cost twice the CPU.
        'OPENBLAS_NUM_THREADS': '1',
    }


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((_HOST, 0))
        return [one.getsockname()[1] for one in sockets]


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex((_HOST, port)) == 0


def main() -> int:
    """Runs a cluster until Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    parser.add_argument('--task_managers', type=int, default=2, help='TaskManagers to start (2)')
    parser.add_argument(
        '--folder', type=Path, help='where logs and checkpoints go (a folder that is removed)'
    )
    flags = parser.parse_args()
    if sentence := parts.missing_programs():
        print(sentence, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), running(flags.folder, flags.task_managers) as cluster:
        print('ready; submit with:\n' + ' \\\n'.join(cluster.flags), flush=True)
        signal.pause()
    return 0


if __name__ == '__main__':
    sys.exit(main())
