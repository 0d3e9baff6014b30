"""What a Flink cluster is made of, from package registries only, fetched once into a folder.

``python -m deploy.flink.parts`` fetches; 380 MB. Java and Maven have to be there.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple, Optional

# Carries the jars of the Flink distribution of the same version.
FLINK = 'apache-flink-libraries==1.19.3'
# The job server uploads its jars with each job, 150 MB, unless they are in such a folder: Beam leaves out
# what is Gradle's. The cluster has them already, see ``cluster.py``.
_NOT_STAGED = ('gradle', 'wrapper')
_HERE = Path(__file__).parent
_FOLDER = _HERE.parents[1] / '.flink'


class Parts(NamedTuple):
    """The folders of jars."""

    flink: Path  # pyflink/, of the Flink distribution
    job_server: Path  # Beam's job server and what it needs


def missing_programs() -> Optional[str]:
    """What has to be installed first, as a sentence; None when all is there."""
    missing = [name for name in ('java', 'mvn') if shutil.which(name) is None]
    return f'not found: {", ".join(missing)} (Java 11 or 17, and Maven)' if missing else None


def folder() -> Path:
    """Where the parts are kept: ``.flink`` beside the code, or DATELINE_FLINK_PARTS."""
    return Path(os.environ.get('DATELINE_FLINK_PARTS') or _FOLDER)


def fetch() -> Parts:
    """The parts, fetched if they are not there yet. Raises CalledProcessError when that fails."""
    parts = Parts(folder() / 'flink' / 'pyflink', folder().joinpath(*_NOT_STAGED, 'job-server'))
    _once(
        folder() / 'flink',
        [sys.executable, '-m', 'pip', 'install', '-q', '--disable-pip-version-check', '--no-deps'],
        ['--target', '{}', FLINK],
    )
    _once(
        parts.job_server,
        ['mvn', '-q', '-B', '-f', str(_HERE / 'pom.xml'), 'dependency:copy-dependencies'],
        ['-DoutputDirectory={}'],
    )
    return parts


def _once(target: Path, command: list[str], last: list[str]) -> None:
    """Runs what fills a folder, unless it is there; it has its name only when it is whole."""
    if target.is_dir():
        return
    partial = target.with_name(f'{target.name}.{os.getpid()}.partial').absolute()
    partial.parent.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run([*command, *(word.format(partial) for word in last)], check=True)
        if not target.is_dir():
            partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


if __name__ == '__main__':
    if sentence := missing_programs():
        sys.exit(sentence)
    print(*fetch(), sep='\n')
