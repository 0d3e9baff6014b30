"""A Flink cluster on this machine: a JobManager, TaskManagers, a worker pool and Beam's job server.

``python -m deploy.flink.cluster`` runs one until Ctrl-C and prints the flags to submit with. Flink
listens on loopback only; Beam's services listen at every address of the machine. All files are in one folder.

A worker pool serves the TaskManagers of its machine: each is given a Python process of its own. On one
machine all TaskManagers share one pool, since they share its address; elsewhere each has its pool beside it.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Optional

from deploy import processes
from deploy.flink import parts
from deploy.processes import HOST, JVM, LOGGING, OPENS

_SESSION = 'org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint'
_TASK_MANAGER = 'org.apache.flink.runtime.taskexecutor.TaskManagerRunner'
_BASH_UTILS = 'org.apache.flink.runtime.util.bash.BashJavaUtils'
_JOB_SERVER = 'org.apache.beam.runners.flink.FlinkJobServerDriver'
_RESULT = 'BASH_JAVA_UTILS_EXEC_RESULT:'
_WORKERS_STAY_MS = 5_000


class Cluster(processes.Processes):
    """JobManager, TaskManagers, worker pool and job server."""

    def __init__(self, jars: parts.Parts, folder: Path, settings: Mapping[str, Any]) -> None:
        super().__init__(folder)
        self._jars = jars
        self._rest, rpc, blob, self._pool, self._job, artifact, expansion = processes.free_ports(7)
        self.settings = {
            'jobmanager.rpc.address': HOST,
            'jobmanager.rpc.port': rpc,
            'jobmanager.bind-host': HOST,
            'jobmanager.memory.process.size': '1200m',
            'blob.server.port': blob,
            'rest.address': HOST,
            'rest.bind-address': HOST,
            'rest.port': self._rest,
            'taskmanager.host': HOST,
            'taskmanager.bind-host': HOST,
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

    @property
    def flags(self) -> list[str]:
        """What a command of ours is given to run on this cluster."""
        common = processes.submission_flags(self._job, self._pool, _WORKERS_STAY_MS)
        return [*common, f'--flink_master={HOST}:{self._rest}']

    def start_all(self, task_managers: int = 2) -> None:
        """Starts all and waits until a job can be submitted. Raises RuntimeError when it cannot."""
        for name in ('conf', 'tmp', 'checkpoints'):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        lines = [f'{key}: {json.dumps(value)}' for key, value in self.settings.items()]
        (self.folder / 'conf' / 'config.yaml').write_text('\n'.join(lines) + '\n')
        (self.folder / 'conf' / 'log4j-console.properties').write_text(LOGGING)
        self.start('jobmanager', ['java', *JVM, '-Xmx700m', *self._flink(), _SESSION, *self._conf()])
        self.start_job_server()
        self.start_pool(self._pool)
        for number in range(task_managers):
            self.start_task_manager(f'taskmanager-{number + 1}')
        self.wait_for(lambda: self.task_managers() >= task_managers, 'the TaskManagers to register')
        self.wait_for_job_server()
        self.wait_for_ports(self._pool)

    def start_job_server(self) -> None:
        """Starts the job server, which knows of no job then; see `wait_for_job_server`."""
        job, artifact, expansion = self._job_server_ports
        self.start(
            'job-server',
            [
                *('java', *JVM, '-Xmx700m', *OPENS, '-cp', f'{self._jars.job_server}/*', _JOB_SERVER),
                *(f'--flink-master={HOST}:{self._rest}', f'--job-host={HOST}', f'--job-port={job}'),
                *(f'--artifact-port={artifact}', f'--expansion-port={expansion}'),
                *(f'--artifacts-dir={self.folder}/artifacts', f'--flink-conf-dir={self.folder}/conf'),
            ],
        )

    def wait_for_job_server(self) -> None:
        """Waits until jobs can be submitted. Raises RuntimeError when it takes too long."""
        self.wait_for_ports(self._job)

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
        self.start(name, ['java', *JVM, *jvm, *self._flink(), _TASK_MANAGER, *self._conf(), *dynamic])

    def task_managers(self) -> int:
        """How many TaskManagers have registered."""
        return int(self.ask('/overview').get('taskmanagers', 0))

    def ask(self, path: str, method: str = 'GET') -> Any:
        """What the JobManager's REST interface answers; nothing while it does not."""
        return processes.ask(self._rest, path, method)

    def _flink(self) -> list[str]:
        logging = f'-Dlog4j.configurationFile={self.folder}/conf/log4j-console.properties'
        return [*OPENS, logging, '-cp', ':'.join([f'{self._jars.flink}/lib/*', *self._beam()])]

    def _beam(self) -> list[str]:
        """Beam's jars without those that the distribution has itself."""
        there = ('flink-', 'slf4j-', 'log4j-')
        return sorted(
            str(jar) for jar in self._jars.job_server.glob('*.jar') if not jar.name.startswith(there)
        )

    def _conf(self) -> list[str]:
        return ['--configDir', str(self.folder / 'conf')]


@contextlib.contextmanager
def running(
    folder: Optional[Path] = None, task_managers: int = 2, settings: Optional[Mapping[str, Any]] = None
) -> Iterator[Cluster]:
    """A cluster for as long as the context lasts; its files go when no folder is named."""
    jars = parts.fetch()
    with processes.lasting(
        folder, 'dateline-flink-', lambda made: Cluster(jars, made, settings or {})
    ) as cluster:
        cluster.start_all(task_managers)
        yield cluster


if __name__ == '__main__':
    sys.exit(processes.main(__doc__ or '', 'task_managers', running))
