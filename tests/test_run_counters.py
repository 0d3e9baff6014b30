"""A run's counters are read from whatever a runner tells: what was committed, or else what was attempted."""

from typing import Any

import pytest
from apache_beam.metrics.execution import MetricKey, MetricResult
from apache_beam.metrics.metric import MetricResults
from apache_beam.metrics.metricbase import MetricName

from pipelines.rounds import _counters
from transforms import metrics


class Told(MetricResults):
    """What a runner tells of one counter."""

    def __init__(self, namespace: str, committed: Any, attempted: Any) -> None:
        key = MetricKey('Fetch', MetricName(namespace, metrics.PAGES_FETCHED))
        self._counter = MetricResult(key, committed, attempted)

    def metrics(self) -> 'Told':
        return self

    def query(self, filter: Any = None) -> dict[str, list[MetricResult]]:
        return {self.COUNTERS: [self._counter]}


@pytest.mark.parametrize(('committed', 'attempted', 'counted'), [(3, 5, 3), (0, 5, 0), (None, 5, 5)])
def test_counters_are_what_was_committed_or_else_attempted(committed, attempted, counted):
    told = Told(metrics.NAMESPACE, committed, attempted)
    assert _counters(told) == {metrics.PAGES_FETCHED: counted}


def test_counters_of_others_are_left_out():
    assert _counters(Told('beam', 3, 3)) == {}
