"""``dateline watch``: polls for ever, each feed when it is due; a loop of bounded rounds on one machine."""

import argparse
import dataclasses
import sys
import time
from collections.abc import Callable, Sequence
from typing import Optional

from apache_beam.options.pipeline_options import PipelineOptions

from pipelines import run_lock, run_record
from pipelines.batch import SOURCE_HELP, write_faults
from pipelines.command_help import command_parser
from pipelines.command_line import add_groups, is_remote, on_every_machine, parse
from pipelines.cycle_lines import cycle_line
from pipelines.earlier_job import end_earlier
from pipelines.errors.commands import NO_OUTPUT, NOT_FOR_WATCH
from pipelines.feed_sources import Fault, FeedSources
from pipelines.flag_settings import analysis_settings, fetch_settings, run_settings
from pipelines.flag_types import duration
from pipelines.interrupts import GracefulInterrupt
from pipelines.json_lines import print_line
from pipelines.rounds import Rounds, check_outlets, new_run_id, open_for_runs, roll_forward
from pipelines.run_errors import ending_in_sentences
from pipelines.run_facts import files_now, of_run
from pipelines.usage import say
from pipelines.watch_on_cluster import STREAMING, watch_on_cluster
from pipelines.watch_pace import LEAST_RETRY_S, RETRY_AFTER_S, Pace
from pipelines.watched_sources import WatchedSources
from schemas.feeds import Feed
from schemas.settings import AnalysisSettings, FetchSettings, RunSettings
from transforms import metrics, processes
from transforms.functions.boilerplate.snapshots import current_snapshot
from transforms.functions.job_file import JobFile
from transforms.functions.lake import Lake
from transforms.functions.memory import leave_out_of_collections, take_into_collections
from transforms.functions.poll_intervals import is_retired
from transforms.functions.repairing.dead_runs import WATCH_PREFIX

_EXAMPLE = 'dateline watch feeds.txt --output lake --fetch_contact=you@example.org'
_NOTES = """
Sources are those of `dateline ingest`, and may change while it runs: add or remove feeds in the file. Each
cycle with something to do prints a line. SIGTERM and Ctrl-C commit what is in flight; a new start goes on.
With a --runner it is one unbounded job on a cluster (deploy/README.md).
"""
# Seconds between two looks at the sources while nothing is due.
_LOOK_S = 2.0
_SECOND = 1_000_000


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code. Raises UsageError for bad input."""
    return ending_in_sentences(lambda: _watch(argv))


def parser() -> argparse.ArgumentParser:
    """The parser of ``dateline watch``."""
    description = 'Polls feeds for ever, each when it is due, and brings what is new into a lake at once.'
    made = command_parser('watch', description, _EXAMPLE, _NOTES)
    made.add_argument('sources', nargs='+', metavar='SOURCE', help=SOURCE_HELP)
    made.add_argument('--json', action='store_true', help="print each cycle's record as a JSON object a line")
    group = made.add_argument_group('always on')
    group.add_argument(
        '--watch_for', type=duration, metavar='TIME', help='end after this time, as 10m (default: never)'
    )
    group.add_argument(
        '--commit_every',
        type=duration,
        default=5,
        metavar='TIME',
        help='least time between two commits (default 5s); it widens by itself while they write many files',
    )
    add_groups(made)
    return made


def _watch(argv: Sequence[str]) -> int:
    if any(word.partition('=')[0] in ('--dry_run', '--limit') for word in argv):
        raise NOT_FOR_WATCH.error()  # Beam has a --dry_run of its own, which would be taken
    flags, options = parse(parser(), argv)
    if is_remote(options):
        flags, options = parse(parser(), [*STREAMING, *argv])
    if not flags.output:
        raise NO_OUTPUT.error()
    if is_remote(options):
        flags.output = on_every_machine(flags.output)
    fetch, analysis = fetch_settings(flags), analysis_settings(flags)
    check_outlets(analysis)
    begun = time.monotonic()
    until = None if flags.watch_for is None else begun + flags.watch_for
    lake = open_for_runs(flags.output.rstrip('/'))
    base = dataclasses.replace(run_settings(flags, '', 0), due_only=True, retry_after_s=RETRY_AFTER_S)
    sources = WatchedSources(flags.sources, fetch)
    with run_lock.hold(base.lake, f'{WATCH_PREFIX}{new_run_id(_now())}'), GracefulInterrupt() as interrupt:
        if is_remote(options):
            end_earlier(JobFile(lake), options)
        roll_forward(lake)
        if is_remote(options):
            sources.read()  # what is wrong with them is said here
            job_id = new_run_id(_now())
            return watch_on_cluster(job_id, flags, base, fetch, analysis, options, argv, interrupt)
        processes.remember_files()
        job = Job(lake, base, fetch, analysis, options, argv, interrupt, keep=flags.keep_boilerplate)
        job.as_json = flags.json
        job.run(sources, Pace(float(flags.commit_every)), until)
        cycles = f'{job.cycles} cycle' + ('' if job.cycles == 1 else 's')
        say(f'Ended after {cycles}: {job.written} articles written. The lake is in {base.lake}.')
        return 130 if interrupt.by_keyboard else 0


class Job:
    """The loop: each cycle is a run of its own, with its record, its books and its recovery.

    With a ``clock`` (microseconds UTC) other than the machine's, all that a cycle does is of that moment.
    """

    def __init__(
        self,
        lake: Lake,
        base: RunSettings,
        fetch: FetchSettings,
        analysis: AnalysisSettings,
        options: PipelineOptions,
        argv: Sequence[str],
        interrupt: GracefulInterrupt,
        keep: bool,
        clock: Optional[Callable[[], int]] = None,
    ) -> None:
        self._lake = lake
        lake.memory = processes.lake_of(base).memory
        self._base = base
        self._rounds = Rounds(fetch, options)
        self._analysis = analysis
        self._options = options
        self._argv = argv
        self._interrupt = interrupt
        self._keep = keep
        self._clock = clock or _now
        self._is_simulated = clock is not None
        self.as_json = False  # whether a cycle's record is printed instead of its line
        # The next cycle's run: what is read of the lake to know when it is due serves the cycle too.
        self._next = self._new_run()
        self._retry_at: Optional[int] = None  # microseconds UTC, when what failed may be tried again
        self._faults: tuple[Fault, ...] = ()  # lines of the sources that are in the ledger already
        self.cycles = 0
        self.written = 0

    def run(self, sources: WatchedSources, pace: Pace, until: Optional[float]) -> None:
        """Cycles until the time is over or somebody asks to end."""
        try:
            self._cycles(sources, pace, until)
        finally:
            take_into_collections()

    def _cycles(self, sources: WatchedSources, pace: Pace, until: Optional[float]) -> None:
        is_settled = False  # whether a cycle has loaded what all of them need
        due: Optional[int] = 0  # microseconds UTC, when the next feed is due; None: never
        while not self._interrupt.asked and (until is None or time.monotonic() < until):
            found, anew = sources.read()
            now = self._clock()
            if anew:
                due = 0
            wakes = [moment for moment in (due, self._retry_at) if moment is not None]
            if not wakes or min(wakes) > now:
                self._rest(min(wakes) / _SECOND - now / _SECOND if wakes else _LOOK_S, until)
                continue
            started = time.monotonic()
            files = self.cycle(found, now)
            if not is_settled:
                # Modules are most of what there is: going through them took .1 s of CPU in each cycle.
                leave_out_of_collections()
                is_settled = True
            ended = time.monotonic()
            pace.committed(files, ended - started, ended)
            due = self._next_due([feed.url for feed in found.feeds])
            self._rest(pace.gap_s, until, whole=True)

    def _rest(self, seconds: float, until: Optional[float], whole: bool = False) -> None:
        """Waits, but no longer than to the end, and but for ``whole`` no longer than to the next look."""
        left = seconds if whole else min(seconds, _LOOK_S)
        if until is not None:
            left = min(left, until - time.monotonic())
        self._interrupt.wait(left)

    def cycle(self, found: FeedSources, now: int) -> int:
        """Polls what is due by ``now`` (microseconds UTC), commits what came; the number of files written."""
        fixed = now if self._is_simulated else None
        run = dataclasses.replace(self._next, started_at=now, fixed_now=fixed)
        faults = () if found.faults == self._faults else found.faults
        self._faults = found.faults
        files = self._run(found.feeds, run, faults)
        self._next = self._new_run()
        self._retry_at = self._next_retry()
        return files

    def _new_run(self) -> RunSettings:
        now = self._clock()
        return dataclasses.replace(self._base, run_id=new_run_id(now), started_at=now)

    def _run(self, feeds: tuple[Feed, ...], run: RunSettings, faults: Sequence[Fault]) -> int:
        """Polls what is due and commits what came; returns the number of files that it wrote."""
        if not self._keep:
            learned = current_snapshot(self._lake, run.started_at)
            self._analysis = dataclasses.replace(self._analysis, boilerplate=learned)
        processes.keep_pool(self._analysis)
        before = files_now(self._lake, run)
        write_faults(faults, run, self._options)
        counters = self._rounds.run(feeds, run, self._analysis, self._interrupt)
        facts = of_run(self._lake, run, before)
        self.cycles += 1
        if not facts.feeds and not facts.dispositions:
            return 0
        record = run_record.write(self._lake, run, facts, counters, self._argv)
        self.written += facts.written
        if self.as_json:
            print_line(record)
        else:
            print(cycle_line(record))
        sys.stdout.flush()
        for fault in facts.faults:
            say(fault)
        return 2 * counters.get(metrics.ARTICLE_FILES, 0) + 3  # articles and mentions; ledger, polls, record

    def _next_retry(self) -> Optional[int]:
        """When the first of what failed may be tried again; never at once: it was not taken up just now."""
        moment = processes.lake_state(self._next).next_retry(RETRY_AFTER_S)
        return None if moment is None else max(moment, self._next.started_at + LEAST_RETRY_S * _SECOND)

    def _next_due(self, urls: Sequence[str]) -> Optional[int]:
        """When the first of the feeds is due, in microseconds UTC; None when all are retired."""
        state = processes.lake_state(self._next)
        polls = [state.last_poll(url) for url in urls]
        return min((poll.next_due_at if poll else 0 for poll in polls if not is_retired(poll)), default=None)


def _now() -> int:
    return time.time_ns() // 1000


if __name__ == '__main__':
    from pipelines.cli import run_command

    sys.exit(run_command(main, sys.argv[1:]))
