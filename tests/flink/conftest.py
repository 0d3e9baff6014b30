"""One Flink cluster for all tests of this folder; without Java and Maven they are skipped."""

from collections.abc import Iterator

import pytest

from deploy.flink import parts
from deploy.flink.cluster import Cluster, running


@pytest.fixture(scope='session')
def cluster() -> Iterator[Cluster]:
    if sentence := parts.missing_programs():
        pytest.skip(f'no Flink cluster can be started: {sentence}')
    # TaskManagers are killed here, and soon missed.
    with running(settings={'heartbeat.interval': 1_000, 'heartbeat.timeout': 8_000}) as started:
        yield started
