"""What a Spark cluster is made of, from Maven Central only, fetched once into a folder.

``python -m deploy.spark.parts`` fetches; 260 MB. Java and Maven have to be there.
"""

import os
import sys
from pathlib import Path

from deploy.fetching import fetch_jars, missing_programs

_HERE = Path(__file__).parent
_HOME = _HERE.parents[1] / '.spark'


def home() -> Path:
    """What is SPARK_HOME: ``.spark`` beside the code, or DATELINE_SPARK_PARTS."""
    return Path(os.environ.get('DATELINE_SPARK_PARTS') or _HOME).absolute()


def jars() -> Path:
    """The folder of all jars, where Spark looks for them."""
    return home() / 'jars'


def fetch() -> Path:
    """The folder of jars, fetched if it is not there yet. Raises CalledProcessError when that fails."""
    fetch_jars(_HERE / 'pom.xml', jars())
    return jars()


if __name__ == '__main__':
    if sentence := missing_programs():
        sys.exit(sentence)
    print(fetch())
