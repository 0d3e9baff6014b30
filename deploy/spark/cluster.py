"""A Spark cluster on this machine: a master, two workers, a pool of Dateline's workers and Beam's job server.

``python -m deploy.spark.cluster`` runs one until Ctrl-C and prints the flags to submit with. The job server
is the driver of all jobs; it does one at a time. Beam's services and the shuffle service listen at every
address of the machine, all else on loopback only. All files are in one folder.
"""

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Optional

from deploy import processes
from deploy.processes import HOST, JVM, LOGGING, OPENS
from deploy.spark import parts

_MASTER = 'org.apache.spark.deploy.master.Master'
_WORKER = 'org.apache.spark.deploy.worker.Worker'
_JOB_SERVER = 'org.apache.beam.runners.spark.SparkJobServerDriver'
# Modules beside `OPENS` that Spark asks for on Java 17.
_MORE_OPENS = tuple(
    f'--add-opens=java.base/{name}=ALL-UNNAMED'
    for name in ('java.lang.invoke', 'java.lang.reflect', 'sun.nio.ch', 'sun.nio.cs', 'sun.util.calendar')
)
# Longer than an executor waits for others on a busy machine; all workers end with their job's executors.
_WORKERS_STAY_MS = 60_000
# Of a task, or a stage, that is tried again; a job ends with it. Executors fail here, hosts do not.
_TRIES = 20
_EXCLUDE = 'spark.excludeOnFailure'
# A worker process that is dead is kept by its executor as long as tasks come, and each would fail: Spark
# gives the stage's tasks to the other executors at once, and replaces this one when the stage is over.
_REPLACE_WHAT_FAILS = {
    f'{_EXCLUDE}.enabled': 'true',
    f'{_EXCLUDE}.killExcludedExecutors': 'true',
    f'{_EXCLUDE}.task.maxTaskAttemptsPerExecutor': 1,
    f'{_EXCLUDE}.stage.maxFailedTasksPerExecutor': 1,
    f'{_EXCLUDE}.application.maxFailedTasksPerExecutor': 1,
    # All executors are on one host, which is not at fault.
    f'{_EXCLUDE}.task.maxTaskAttemptsPerNode': _TRIES - 1,
    f'{_EXCLUDE}.stage.maxFailedExecutorsPerNode': 1_000,
    f'{_EXCLUDE}.application.maxFailedExecutorsPerNode': 1_000,
    'spark.task.maxFailures': _TRIES,
    'spark.stage.maxConsecutiveAttempts': _TRIES,
}


class Cluster(processes.Processes):
    """Master, Spark's workers with an executor each, worker pool and job server."""

    def __init__(self, jars: Path, folder: Path, workers: int, settings: Mapping[str, Any]) -> None:
        super().__init__(folder)
        self._jars = jars
        self._workers = workers
        self._master, self._web, self._pool, shuffle, *self._job_server = processes.free_ports(7)
        # What executors have worked out stays when they go: one of Spark's workers hands it out.
        self._shuffle = {
            'spark.shuffle.service.enabled': 'true',
            'spark.shuffle.service.port': shuffle,
            'spark.shuffle.service.fetch.rdd.enabled': 'true',
        }
        self._config = {
            'spark.driver.host': HOST,
            'spark.driver.bindAddress': HOST,
            'spark.ui.enabled': 'false',
            'spark.executor.memory': '900m',
            'spark.executor.extraJavaOptions': ' '.join(JVM),
            # Beam's rows are not Java's to serialise when they are kept on disk.
            'spark.serializer': 'org.apache.spark.serializer.KryoSerializer',
            # A job begins when all executors are there: each has a part of its work.
            'spark.cores.max': workers,
            'spark.default.parallelism': workers,
            'spark.scheduler.minRegisteredResourcesRatio': 1.0,
            **_REPLACE_WHAT_FAILS,
            **self._shuffle,
            # What became of each task, by job.
            'spark.eventLog.enabled': 'true',
            'spark.eventLog.dir': folder / 'events',
            **settings,
        }

    @property
    def flags(self) -> list[str]:
        """What a command of ours is given to run on this cluster."""
        runner = next(self._jars.glob('beam-runners-spark-3-*.jar'))
        return [
            *processes.submission_flags(self._job_server[0], self._pool, _WORKERS_STAY_MS),
            # Executors have all jars; without this they are sent 260 MB for each job.
            f'--files_to_stage={runner}',
            # What a stage gave is not worked out again for want of memory, or when its executor is gone.
            '--storage_level=DISK_ONLY',
        ]

    def start_all(self) -> None:
        """Starts all and waits until a job can be submitted. Raises RuntimeError when it cannot."""
        for name in ('tmp', 'events'):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / 'log4j2.properties').write_text(LOGGING)
        ports = f'--port {self._master} --webui-port {self._web}'.split()
        self._start('master', '-Xmx400m', _MASTER, '--host', HOST, *ports)
        job, artifact, expansion = self._job_server
        self._start(
            'job-server',
            '-Xmx900m',
            *_properties(self._config),
            _JOB_SERVER,
            *(f'--spark-master-url=spark://{HOST}:{self._master}', f'--job-host={HOST}'),
            *(f'--job-port={job}', f'--artifact-port={artifact}', f'--expansion-port={expansion}'),
            f'--artifacts-dir={self.folder}/artifacts',
        )
        self.start_pool(self._pool)
        self.wait_for_ports(self._master)  # Spark's workers ask again only after some seconds
        for number in range(self._workers):
            self._start_worker(f'spark-worker-{number + 1}', {} if number else self._shuffle)
        self.wait_for(lambda: self._registered() >= self._workers, "Spark's workers to register")
        self.wait_for_ports(job, self._pool)

    def executors(self) -> list[int]:
        """The ids of the executors' processes, children of Spark's workers; there are some during jobs."""
        spark = [process.pid for name, process in self.processes.items() if name.startswith('spark-worker-')]
        return [child for pid in spark for child in processes.children(pid)]

    def events(self) -> list[dict[str, Any]]:
        """What Spark noted of the job that began last, of which all is there when the job is over."""
        log = max((self.folder / 'events').iterdir(), key=lambda path: path.stat().st_mtime)
        return [json.loads(line) for line in log.read_text(encoding='utf-8').splitlines()]

    def _registered(self) -> int:
        return int(processes.ask(self._web, '/json/').get('aliveworkers', 0))

    def _start_worker(self, name: str, settings: Mapping[str, Any]) -> None:
        size = f'--cores 1 --memory 1g --port 0 --webui-port 0 --work-dir {self.folder}/{name}'.split()
        where = (f'spark://{HOST}:{self._master}', '--host', HOST, *size)
        self._start(name, '-Xmx300m', *_properties(settings), _WORKER, *where)

    def _start(self, name: str, memory: str, *rest: str) -> None:
        logging = f'-Dlog4j.configurationFile={self.folder}/log4j2.properties'
        files = f'-Djava.io.tmpdir={self.folder}/tmp'
        classes = ('-cp', f'{self._jars}/*')
        self.start(
            name,
            ['java', memory, *JVM, *OPENS, *_MORE_OPENS, logging, files, *classes, *rest],
            {
                'SPARK_HOME': str(self._jars.parent),
                'SPARK_SCALA_VERSION': '2.12',
                'SPARK_LOCAL_IP': HOST,
                'SPARK_LOCAL_DIRS': f'{self.folder}/tmp',
            },
        )


def _properties(settings: Mapping[str, Any]) -> list[str]:
    return [f'-D{key}={value}' for key, value in settings.items()]


@contextlib.contextmanager
def running(
    folder: Optional[Path] = None, workers: int = 2, settings: Optional[Mapping[str, Any]] = None
) -> Iterator[Cluster]:
    """A cluster for as long as the context lasts; its files go when no folder is named."""
    jars = parts.fetch()
    with processes.lasting(
        folder, 'dateline-spark-', lambda made: Cluster(jars, made, workers, settings or {})
    ) as cluster:
        cluster.start_all()
        yield cluster


if __name__ == '__main__':
    sys.exit(processes.main(__doc__ or '', 'workers', running))
