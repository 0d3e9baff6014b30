"""What a Flink cluster is made of, from package registries only, fetched once into a folder.

``python -m deploy.flink.parts`` fetches; 380 MB. Java and Maven have to be there.
"""

import os
import sys
from pathlib import Path
from typing import NamedTuple

from deploy.fetching import fetch_jars, missing_programs, once

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


def folder() -> Path:
    """Where the parts are kept: ``.flink`` beside the code, or DATELINE_FLINK_PARTS."""
    return Path(os.environ.get('DATELINE_FLINK_PARTS') or _FOLDER)


def fetch() -> Parts:
    """The parts, fetched if they are not there yet. Raises CalledProcessError when that fails."""
    parts = Parts(folder() / 'flink' / 'pyflink', folder().joinpath(*_NOT_STAGED, 'job-server'))
    once(
        folder() / 'flink',
        [sys.executable, '-m', 'pip', 'install', '-q', '--disable-pip-version-check', '--no-deps'],
        ['--target', '{}', FLINK],
    )
    fetch_jars(_HERE / 'pom.xml', parts.job_server)
    return parts


if __name__ == '__main__':
    if sentence := missing_programs():
        sys.exit(sentence)
    print(*fetch(), sep='\n')
