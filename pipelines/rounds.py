"""A run's bounded rounds, each committed, and what begins a run: a lake that answers, dead runs completed."""

import dataclasses
import secrets
import time
from typing import Any, Optional

import apache_beam as beam
from apache_beam.io.filesystem import BeamIOError
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from pipelines.errors.files import BAD_OUTLETS
from pipelines.errors.lakes import NOT_REACHED
from pipelines.ingest import Ingest
from pipelines.interrupts import GracefulInterrupt
from pipelines.usage import say
from schemas.feeds import Feed
from schemas.settings import AnalysisSettings, FetchSettings, RunSettings
from transforms import metrics
from transforms.beam_storage import open_lake
from transforms.functions import recovery
from transforms.functions.lake import Lake
from transforms.functions.memory import return_freed
from transforms.functions.outlets import load_outlets
from transforms.functions.repairing.dead_runs import STALE_AFTER_S, may_be_alive
from transforms.standing_graphs import present_feeds, round_of, settings_within


class Rounds:
    """The rounds of one run, or of many: their graph is built once, as long as what it does is the same."""

    def __init__(self, fetch: FetchSettings, options: PipelineOptions) -> None:
        self._fetch = fetch
        self._options = options
        # What a round is at is told within this process; other workers have it in their graph.
        direct = options.view_as(DirectOptions)
        is_here = options.get_all_options()['runner'] == 'FnApiRunner'
        self._may_stand = is_here and direct.direct_running_mode != 'multi_processing'
        self._graph: Optional[_StandingGraph] = None

    def run(
        self,
        feeds: tuple[Feed, ...],
        run: RunSettings,
        analysis: AnalysisSettings,
        interrupt: GracefulInterrupt,
    ) -> dict[str, int]:
        """Rounds until nothing more fits this run: the first polls the feeds, the others go on from the lake.

        Returns the run's counters, by the names of ``transforms.metrics``, and ``rounds``.
        """
        totals: dict[str, int] = {}
        limit = run.limit
        while True:
            result = self._run_round(feeds if run.round == 0 else (), run, analysis)
            return_freed()  # what a round held is not what the next one needs
            counters = _counters(result)
            for name, value in counters.items():
                totals[name] = totals.get(name, 0) + value
            totals['rounds'] = run.round + 1
            fetched = counters.get(metrics.PAGES_FETCHED, 0)
            left = None if limit is None else limit - totals.get(metrics.PAGES_FETCHED, 0)
            if (
                interrupt.asked
                or not counters.get(metrics.PAGES_DEFERRED)
                or not fetched
                or (left is not None and left < 1)
            ):
                return totals
            run = dataclasses.replace(run, round=run.round + 1, limit=left)

    def _run_round(self, feeds: tuple[Feed, ...], run: RunSettings, analysis: AnalysisSettings) -> Any:
        """What the runner gives for a round, which is over."""
        if not self._may_stand:
            pipeline = beam.Pipeline(options=self._options)
            polled = pipeline | 'Feeds' >> beam.Create(feeds, reshuffle=False).with_output_types(Feed)
            polled | Ingest(run, self._fetch, analysis, give_ledger=False)
            result = pipeline.run()
            result.wait_until_finish()
            return result
        if self._graph is None or not self._graph.does(run, analysis):
            self._graph = _StandingGraph(run, self._fetch, analysis, self._options)
        return self._graph.run(feeds, run)


class _StandingGraph:
    """A round's graph, run again and again."""

    def __init__(
        self, run: RunSettings, fetch: FetchSettings, analysis: AnalysisSettings, options: PipelineOptions
    ) -> None:
        self._id = secrets.token_hex(6)
        self._within = settings_within(run, self._id)
        self._analysis = analysis
        self._options = options
        self._runner = _KeepingRunner()
        self._pipeline: Optional[beam.Pipeline] = beam.Pipeline(self._runner, options)
        start = self._pipeline | 'Start' >> beam.Impulse()
        feeds = start | 'Feeds' >> beam.FlatMap(_feeds_of, self._id).with_output_types(Feed)
        feeds | Ingest(self._within, fetch, analysis, rounds=start, give_ledger=False)

    def does(self, run: RunSettings, analysis: AnalysisSettings) -> bool:
        """Whether its rounds may be those of this run."""
        return settings_within(run, self._id) == self._within and analysis == self._analysis

    def run(self, feeds: tuple[Feed, ...], run: RunSettings) -> Any:
        with round_of(self._id, run, feeds):
            if self._pipeline is not None:
                pipeline, self._pipeline = self._pipeline, None  # the runner has what it needs of it
                result = pipeline.run()
            else:
                result = self._runner.run_via_runner_api(self._runner.graph, self._options)
            result.wait_until_finish()
        return result


class _KeepingRunner(FnApiRunner):
    """Beam's in-process engine, which keeps the graph that it was given last."""

    graph: Any = None

    def run_via_runner_api(self, pipeline_proto: Any, options: PipelineOptions) -> Any:
        self.graph = pipeline_proto
        return super().run_via_runner_api(pipeline_proto, options)


def _feeds_of(_: bytes, graph: str) -> tuple[Feed, ...]:
    return present_feeds(graph)


def _counters(result: Any) -> dict[str, int]:
    found = result.metrics().query()['counters']
    # Spark's runner tells only what was attempted: tasks that it repeats count again.
    return {
        c.key.metric.name: c.attempted if c.committed is None else c.committed
        for c in found
        if c.key.metric.namespace == metrics.NAMESPACE
    }


def new_run_id(started_at: int) -> str:
    """An id for a run that starts then (microseconds UTC): the moment and six digits."""
    return time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(started_at / 1e6)) + '-' + secrets.token_hex(3)


def roll_forward(lake: Lake) -> None:
    """Completes the runs that were killed, from what they had staged."""
    for dead in recovery.interrupted_runs(lake):
        now = time.time_ns() // 1000
        if may_be_alive(lake, dead, now):
            say(f'Run {dead} staged something in the last {STALE_AFTER_S:g} s; it is left to itself.')
            continue
        written = recovery.roll_forward(lake, dead, now)
        say(f'Run {dead} was interrupted; {written} articles that it had worked out are in the lake now.')


def open_for_runs(root: str) -> Lake:
    """The lake, whose storage has answered once. Raises UsageError when Beam cannot reach it."""
    lake = open_lake(root)
    try:
        lake.files('polls')
    except (ValueError, BeamIOError) as error:
        raise NOT_REACHED.error(lake=f'--output {root}', error=error) from error
    return lake


def check_outlets(analysis: AnalysisSettings) -> None:
    """Raises UsageError for a registry file that cannot be read, before anything is asked for."""
    try:
        load_outlets(analysis.outlets_files)
    except (ValueError, OSError) as error:
        raise BAD_OUTLETS.error(error=f'--outlets_file: {error}') from error
