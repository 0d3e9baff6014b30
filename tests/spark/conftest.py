"""One Spark cluster for all tests of this folder; without Java and Maven they are skipped."""

from collections.abc import Iterator

import pytest

from deploy.fetching import missing_programs
from deploy.spark.cluster import Cluster, running
from transforms import processes


@pytest.fixture(scope='session')
def cluster() -> Iterator[Cluster]:
    if sentence := missing_programs():
        pytest.skip(f'no Spark cluster can be started: {sentence}')
    with running() as started:
        yield started


@pytest.fixture(autouse=True)
def clean_processes() -> Iterator[None]:
    yield
    processes.close_all()
