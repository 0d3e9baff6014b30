"""``dateline ingest``: a run of bounded rounds, each committed. Also ``python -m pipelines.batch``."""

import argparse
import dataclasses
import os
import secrets
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import Any, Optional

import apache_beam as beam
from apache_beam.io.filesystem import BeamIOError
from apache_beam.options.pipeline_options import PipelineOptions

from pipelines import feed_sources, run_lock, run_record, summary
from pipelines.command_line import add_groups, parse
from pipelines.dry_run import print_requests
from pipelines.ingest import Ingest
from pipelines.options import analysis_settings, fetch_settings, run_settings
from pipelines.progress_line import ProgressLine
from pipelines.usage import Parser, UsageError, say
from schemas.feeds import Feed
from schemas.settings import AnalysisSettings, FetchSettings, RunSettings
from transforms import metrics, processes
from transforms.beam_storage import open_lake
from transforms.functions import recovery
from transforms.functions.boilerplate.snapshots import current_snapshot
from transforms.functions.lake import DamagedFile, Lake
from transforms.functions.lease import LeaseLost, LeaseTimeout
from transforms.functions.memory import return_freed
from transforms.functions.outlets import load_outlets
from transforms.functions.pool import PoolError
from transforms.functions.repairing.dead_runs import STALE_AFTER_S, may_be_alive
from transforms.functions.storage import NotWritable
from transforms.write_table import WriteTable

EXAMPLE = """example:
  dateline ingest feeds.opml --output lake --fetch_contact=you@example.org

SOURCE is a feed's URL, a local feed file, an OPML file or URL, a text file with one feed a line, or a site
(https://example.org/), whose feeds are looked for at each run; `dateline feeds` prints them, to be kept.
Beam's own flags (--runner, ...) are accepted beside these.
exit codes: 0 all good, 1 something is wrong (a sentence says what), 2 bad input or usage, 130 interrupted
(what was committed stays)
"""


def parser() -> argparse.ArgumentParser:
    """The parser of ``dateline ingest``."""
    made = Parser(
        prog='dateline ingest',
        description='Brings what is new in news feeds into a lake of Parquet files.',
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument('sources', nargs='+', metavar='SOURCE')
    add_groups(made)
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code. Raises UsageError for bad input."""
    try:
        return _ingest(argv)
    except PoolError as error:
        # Beam adds where in the graph it was; the child's own message is what helps.
        raise UsageError(str(error).partition(' [while running')[0]) from error
    except DamagedFile as error:
        say(f'dateline: {str(error).partition(" [while running")[0]}')
        return 1
    except (LeaseTimeout, LeaseLost) as error:
        say(f'dateline: {str(error).partition(" [while running")[0]}')
        say('What was committed stays; the same command takes up the rest later.')
        return 1
    except NotWritable as error:
        say(f'dateline: {str(error).partition(" [while running")[0]}')
        say('What was committed stays. Once the lake can be written, the same command takes up the rest.')
        return 1
    finally:
        processes.close_all()


def _ingest(argv: Sequence[str]) -> int:
    flags, beam_options = parse(parser(), argv)
    if not flags.output:
        raise UsageError('--output is missing: name the folder of the lake, as in --output lake')
    fetch, analysis = fetch_settings(flags), analysis_settings(flags)
    _check_outlets(analysis)
    started_at = time.time_ns() // 1000
    run_id = time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(started_at / 1e6)) + '-' + secrets.token_hex(3)
    run = run_settings(flags, run_id, started_at)
    sources = feed_sources.read_all(flags.sources, fetch)
    if flags.dry_run:
        with _GracefulInterrupt() as interrupt:
            print_requests(sources.feeds, run, fetch, beam_options)
        return 130 if interrupt.asked else 0
    lake = _open(run.lake)
    with run_lock.hold(run.lake, run.run_id), _GracefulInterrupt() as interrupt:
        _roll_forward(lake)
        if not flags.keep_boilerplate:
            analysis = dataclasses.replace(analysis, boilerplate=current_snapshot(lake, started_at))
        processes.analysis_pool(analysis)  # loads its models while the feeds are polled
        _write_faults(sources.faults, run, beam_options)
        with ProgressLine(sys.stderr):
            counters = _run_rounds(sources.feeds, run, fetch, analysis, beam_options, interrupt)
        facts = summary.of_run(lake, run)
        run_record.write(lake, run, facts, counters, argv)
        summary.show(facts, run, bool(analysis.entities_model), sys.stdout, counters)
        if interrupt.asked:
            say(f'Interrupted. What was committed is in {run.lake}; the same command takes up the rest.')
            return 130
    if facts.faults:
        for fault in facts.faults:
            say(fault)
        return 1
    return 0


def _run_rounds(
    feeds: tuple[Feed, ...],
    run: RunSettings,
    fetch: FetchSettings,
    analysis: AnalysisSettings,
    options: PipelineOptions,
    interrupt: '_GracefulInterrupt',
) -> dict[str, int]:
    """Rounds until nothing more fits this run: the first polls the feeds, the others go on from the lake."""
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
        processes.end_round()
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


def _roll_forward(lake: Lake) -> None:
    for dead in recovery.interrupted_runs(lake):
        now = time.time_ns() // 1000
        if may_be_alive(lake, dead, now):
            say(f'Run {dead} staged something in the last {STALE_AFTER_S:g} s; it is left to itself.')
            continue
        written = recovery.roll_forward(lake, dead, now)
        say(f'Run {dead} was interrupted; {written} articles that it had worked out are in the lake now.')


def _write_faults(faults: Sequence[feed_sources.Fault], run: RunSettings, options: PipelineOptions) -> None:
    if not faults:
        return
    rows = [fault.ledger_row(run) for fault in faults]
    for fault in faults:
        say(f'skipped: {fault.sentence()}')
    with beam.Pipeline(options=options) as pipeline:
        pipeline | beam.Create(rows, reshuffle=False) | WriteTable(run, 'ledger')


def _open(root: str) -> Lake:
    """The lake, whose storage has answered once. Raises UsageError when Beam cannot reach it."""
    lake = open_lake(root)
    try:
        lake.files('polls')
    except (ValueError, BeamIOError) as error:
        raise UsageError(f'--output {root}: Beam cannot reach it ({error})') from error
    return lake


def _check_outlets(analysis: AnalysisSettings) -> None:
    try:
        load_outlets(analysis.outlets_files)
    except (ValueError, OSError) as error:
        raise UsageError(f'--outlets_file: {error}') from error


def _tell(text: str) -> None:
    """Says a line from within a signal handler, where a print may be under way."""
    os.write(2, f'{text}\n'.encode())


class _GracefulInterrupt:
    """The first Ctrl-C ends fetching and lets the round commit what it has; the second ends the program.

    SIGTERM, which schedulers send, means the same.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> '_GracefulInterrupt':
        for name in (signal.SIGINT, signal.SIGTERM):
            self._before[name] = signal.signal(name, self._interrupt)
        return self

    def __exit__(self, *error: object) -> None:
        for name, before in self._before.items():
            signal.signal(name, before)

    def _interrupt(self, number: int, frame: Optional[FrameType]) -> None:
        if self.asked:
            _tell('Ended at once. The next run completes what was worked out.')
            os._exit(130)
        self.asked = True
        _tell('Stopping: pages in flight are still committed. Press Ctrl-C again to end at once.')
        processes.stop_fetching()


if __name__ == '__main__':
    from pipelines.cli import run_command

    sys.exit(run_command(main, sys.argv[1:]))
