"""``dateline watch`` on a cluster: one unbounded Beam graph, submitted, looked after and ended."""

import argparse
import dataclasses
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import apache_beam as beam
import grpc
from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions
from apache_beam.runners.runner import PipelineState

from pipelines.cycle_end import EndCycle
from pipelines.cycle_lines import CycleRecords, cycle_line
from pipelines.earlier_job import cancel_on_flink, come_to_rest, job_name
from pipelines.ingest import Ingest
from pipelines.interrupts import GracefulInterrupt
from pipelines.json_lines import print_line
from pipelines.lake_beat import LakeBeat
from pipelines.usage import say
from schemas.cycles import Cycle
from schemas.feeds import Feed
from schemas.ledger import LedgerRow
from schemas.settings import AnalysisSettings, FetchSettings, RunSettings
from transforms.beam_storage import open_lake
from transforms.functions.job_file import JobFile
from transforms.start_cycles import Beat, StartCycles

# Without the second, a bundle that sees no further element is never closed, and nothing ever comes out.
# Without the last, what a bundle gives while a checkpoint is taken is kept in it, and may be too late for its
# window when the runner goes back to that checkpoint.
STREAMING = (
    '--streaming',
    '--max_bundle_time_mills=200',
    '--checkpointing_interval=10000',
    '--finish_bundle_before_checkpointing',
)
_LOOK_S = 0.5
# Between two looks for the records of cycles that are over, in seconds: a folder is listed for it.
_TELL_S = 3.0


@dataclasses.dataclass
class WatchFeeds(beam.PTransform[beam.pvalue.PBegin, Any]):
    """Ingests for ever what ``beat`` finds to be due. Each cycle is committed when all of it is through."""

    beat: Beat
    run: RunSettings
    fetch: FetchSettings
    analysis: AnalysisSettings
    end: EndCycle

    def expand(self, begin: beam.pvalue.PBegin) -> Any:
        cycles = begin | StartCycles(self.beat)
        faults = cycles | 'Faults' >> beam.FlatMap(_faults).with_output_types(LedgerRow)
        feeds = cycles | 'Feeds' >> beam.FlatMap(_feeds).with_output_types(Feed)
        ingest = Ingest(
            self.run,
            self.fetch,
            self.analysis,
            rounds=cycles,
            faults=faults,
            finish=self.end,
            give_ledger=False,
        )
        return feeds | ingest


def _feeds(cycle: Cycle) -> Iterator[Feed]:
    yield from cycle.feeds


def _faults(cycle: Cycle) -> Iterator[LedgerRow]:
    yield from cycle.faults


def watch_on_cluster(
    job: str,
    flags: argparse.Namespace,
    base: RunSettings,
    fetch: FetchSettings,
    analysis: AnalysisSettings,
    options: PipelineOptions,
    argv: Sequence[str],
    interrupt: GracefulInterrupt,
) -> int:
    """Submits the job and stays until it is to end; returns the command's exit code.

    The job goes on when this process is killed. The next one that is submitted for the lake takes its place.
    """
    run = dataclasses.replace(base, job=job, learns=not flags.keep_boilerplate)
    beat = LakeBeat(run, tuple(flags.sources), fetch, float(flags.commit_every))
    lake = open_lake(run.lake)
    file, records = JobFile(lake), CycleRecords(lake, run)
    file.begin(job)
    cloud = options.view_as(GoogleCloudOptions)
    cloud.job_name = cloud.job_name or job_name(job)
    pipeline = beam.Pipeline(options=options)
    pipeline | WatchFeeds(beat, run, fetch, analysis, EndCycle(tuple(argv)))
    result = pipeline.run()
    file.begin(job, getattr(result, '_job_id', None))
    say('Submitted. SIGTERM or Ctrl-C end the job gently; if this process is killed, it goes on.')
    until = None if flags.watch_for is None else time.monotonic() + flags.watch_for
    told_at = time.monotonic()
    while not interrupt.asked and (until is None or time.monotonic() < until):
        try:
            state = result.state
        except grpc.RpcError as error:
            _tell(records, flags.json)
            say(f'The job server does not answer ({_code(error)}); the next start ends a job that goes on.')
            return 1
        if PipelineState.is_terminal(state):
            _tell(records, flags.json)
            say(f'The job ended by itself ({state}); see the log of the job server.')
            return 1
        if time.monotonic() - told_at > _TELL_S:
            _tell(records, flags.json)
            told_at = time.monotonic()
        interrupt.wait(_LOOK_S)
    code = _end(result, file, job, interrupt, options)
    _tell(records, flags.json)
    return code


def _tell(records: CycleRecords, as_json: bool) -> None:
    try:
        told = list(records.new())
    except (OSError, ValueError) as error:  # the job goes on without its lines; the next look has them
        say(f'The records of cycles cannot be read now: {error}')
        return
    for record in told:
        if as_json:
            print_line(record)
        else:
            print(cycle_line(record))
    sys.stdout.flush()


def _end(result: Any, file: JobFile, job: str, interrupt: GracefulInterrupt, options: PipelineOptions) -> int:
    def is_gone() -> bool:
        try:
            return bool(PipelineState.is_terminal(result.state))
        except grpc.RpcError:
            return False  # the lake's file says when it is at rest

    if not come_to_rest(file, job, is_gone):
        say('The job did not come to rest; it is cancelled. The next start completes what it has staged.')
    try:
        result.cancel()
    except grpc.RpcError as error:
        say(f'The job server does not answer ({_code(error)}).')
    cancel_on_flink(job, options)
    say('Ended. What was under way is committed.')
    return 130 if interrupt.by_keyboard else 0


def _code(error: grpc.RpcError) -> str:
    return error.code().name if isinstance(error, grpc.Call) else str(error)
