"""A run's bounded rounds, each committed, and what begins a run: a lake that answers, dead runs completed."""

import dataclasses
import secrets
import time
from typing import Any

import apache_beam as beam
from apache_beam.io.filesystem import BeamIOError
from apache_beam.options.pipeline_options import PipelineOptions

from pipelines.ingest import Ingest
from pipelines.interrupts import GracefulInterrupt
from pipelines.usage import say
from pipelines.user_errors import BAD_OUTLETS, NOT_REACHED
from schemas.feeds import Feed
from schemas.settings import AnalysisSettings, FetchSettings, RunSettings
from transforms import metrics
from transforms.beam_storage import open_lake
from transforms.functions import recovery
from transforms.functions.lake import Lake
from transforms.functions.memory import return_freed
from transforms.functions.outlets import load_outlets
from transforms.functions.repairing.dead_runs import STALE_AFTER_S, may_be_alive


def run_rounds(
    feeds: tuple[Feed, ...],
    run: RunSettings,
    fetch: FetchSettings,
    analysis: AnalysisSettings,
    options: PipelineOptions,
    interrupt: GracefulInterrupt,
) -> dict[str, int]:
    """Rounds until nothing more fits this run: the first polls the feeds, the others go on from the lake.

    Returns the run's counters, by the names of ``transforms.metrics``, and ``rounds``.
    """
    totals: dict[str, int] = {}
    limit = run.limit
    while True:
        pipeline = beam.Pipeline(options=options)
        to_poll = feeds if run.round == 0 else ()
        (
            pipeline
            | 'Feeds' >> beam.Create(to_poll, reshuffle=False).with_output_types(Feed)
            | Ingest(run, fetch, analysis, give_ledger=False)
        )
        result = pipeline.run()
        result.wait_until_finish()
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


def _counters(result: Any) -> dict[str, int]:
    found = result.metrics().query()['counters']
    return {c.key.metric.name: c.committed for c in found if c.key.metric.namespace == metrics.NAMESPACE}


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
