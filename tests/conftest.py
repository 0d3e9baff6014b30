"""With DATELINE_REQUIRE_ALL=1, as in CI, a skipped test is a failure."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.example_shell import ExampleLake
from tests.example_shell import example_lake as make_example_lake


@pytest.fixture(scope='session')
def example_lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExampleLake]:
    """A lake of the example site, both editions; those who change it copy it."""
    with make_example_lake(tmp_path_factory.mktemp('example')) as made:
        yield made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    report: pytest.TestReport = yield
    if report.skipped and os.environ.get('DATELINE_REQUIRE_ALL') == '1':
        report.outcome = 'failed'
        report.longrepr = f'{item.nodeid} was skipped, but DATELINE_REQUIRE_ALL=1: {report.longrepr}'
    return report
