"""With DATELINE_REQUIRE_ALL=1, as in CI, a skipped test is a failure. Those on a cluster run when asked."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import pytest

from tests.example_shell import ExampleLake
from tests.example_shell import example_lake as make_example_lake

# Its assertions say what differed, as those of tests do.
pytest.register_assert_rewrite('tests.cluster_jobs')
# Tests on clusters, by the name of their folder and of what makes them: flink, and test-flink.
_CLUSTERS = {'flink': 'a Flink cluster', 'spark': 'a Spark cluster'}


@pytest.fixture(scope='session')
def example_lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExampleLake]:
    """A lake of the example site, both editions; those who change it copy it."""
    with make_example_lake(tmp_path_factory.mktemp('example')) as made:
        yield made


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> Optional[bool]:
    """Leaves the tests on clusters, which take minutes, to `make test-...`, where that can run them."""
    is_cluster = collection_path.parent == Path(__file__).parent and collection_path.name in _CLUSTERS
    if is_cluster and not _is_asked_for(collection_path.name, config) and shutil.which('mvn'):
        return True
    if collection_path.name == 'test_prism.py' and not prism():
        return True
    return None


def prism() -> Optional[str]:
    """Where Beam's runner in Go is, if somebody says so: programs of other kinds have its name."""
    return os.environ.get('DATELINE_PRISM')


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Says what was not run."""
    missing = '' if shutil.which('mvn') else ' skipped: they need Java and Maven;'
    for name, cluster in _CLUSTERS.items():
        if not _is_asked_for(name, config):
            terminalreporter.write_line(f'Tests on {cluster}:{missing} run them by make test-{name}')
    if not prism():
        terminalreporter.write_line(
            'The tests on Prism were not run: DATELINE_PRISM does not name its binary'
        )


def _is_asked_for(cluster: str, config: pytest.Config) -> bool:
    return any(f'tests/{cluster}' in str(argument) for argument in config.invocation_params.args)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    report: pytest.TestReport = yield
    if report.skipped and os.environ.get('DATELINE_REQUIRE_ALL') == '1':
        report.outcome = 'failed'
        report.longrepr = f'{item.nodeid} was skipped, but DATELINE_REQUIRE_ALL=1: {report.longrepr}'
    return report
