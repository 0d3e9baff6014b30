"""With DATELINE_REQUIRE_ALL=1, as in CI, a skipped test is a failure."""

import os
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    report: pytest.TestReport = yield
    if report.skipped and os.environ.get('DATELINE_REQUIRE_ALL') == '1':
        report.outcome = 'failed'
        report.longrepr = f'{item.nodeid} was skipped, but DATELINE_REQUIRE_ALL=1: {report.longrepr}'
    return report
