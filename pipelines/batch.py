"""``dateline ingest``: a run of bounded rounds, each committed. Also ``python -m pipelines.batch``."""

import argparse
import dataclasses
import sys
import time
from collections.abc import Sequence

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from pipelines import feed_sources, run_lock, run_record, summary
from pipelines.command_help import command_parser
from pipelines.command_line import add_groups, is_remote, on_every_machine, parse
from pipelines.dry_run import print_requests
from pipelines.errors.commands import NO_OUTPUT
from pipelines.errors.sources import SKIPPED_LINE
from pipelines.flag_settings import analysis_settings, fetch_settings, run_settings
from pipelines.interrupts import GracefulInterrupt
from pipelines.json_lines import print_line
from pipelines.options import GROUPS, SingleRunOptions
from pipelines.progress_line import ProgressLine
from pipelines.rounds import Rounds, check_outlets, new_run_id, open_for_runs, roll_forward
from pipelines.run_errors import ending_in_sentences
from pipelines.run_facts import files_now, of_run
from pipelines.usage import say
from schemas.settings import RunSettings
from transforms import processes
from transforms.functions.boilerplate.snapshots import current_snapshot
from transforms.write_table import WriteTable

_EXAMPLE = 'dateline ingest feeds.txt --output lake --fetch_contact=you@example.org'
_NOTES = """
SOURCE is a feed's URL, a local feed file, an OPML file or URL, a text file with one feed a line, or a site
(https://example.org/), whose feeds are looked for at each run; `dateline feeds` prints them, to be kept.
Beam's own flags (--runner, ...) are accepted beside these.
"""
SOURCE_HELP = 'feed, OPML file, list of feeds, or site'


def parser() -> argparse.ArgumentParser:
    """The parser of ``dateline ingest``."""
    description = 'Brings what is new in news feeds into a lake of Parquet files.'
    made = command_parser('ingest', description, _EXAMPLE, _NOTES)
    made.add_argument('sources', nargs='+', metavar='SOURCE', help=SOURCE_HELP)
    made.add_argument(
        '--json',
        action='store_true',
        help="print the run's record as a JSON object, or with --dry_run what would be fetched",
    )
    add_groups(made, (SingleRunOptions, *GROUPS))
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code. Raises UsageError for bad input."""
    return ending_in_sentences(lambda: _ingest(argv))


def _ingest(argv: Sequence[str]) -> int:
    flags, beam_options = parse(parser(), argv)
    if not flags.output:
        raise NO_OUTPUT.error()
    fetch, analysis = fetch_settings(flags), analysis_settings(flags)
    check_outlets(analysis)
    if is_remote(beam_options):
        flags.output = on_every_machine(flags.output)
    started_at = time.time_ns() // 1000
    run = dataclasses.replace(run_settings(flags, new_run_id(started_at), started_at), limit=flags.limit)
    sources = feed_sources.read_all(flags.sources, fetch)
    if flags.dry_run:
        say_faults(sources.faults)
        with GracefulInterrupt() as interrupt:
            print_requests(sources.feeds, run, fetch, beam_options, flags.json)
        return 130 if interrupt.asked else 0
    lake = open_for_runs(run.lake)
    with run_lock.hold(run.lake, run.run_id), GracefulInterrupt() as interrupt:
        roll_forward(lake)
        if not flags.keep_boilerplate:
            analysis = dataclasses.replace(analysis, boilerplate=current_snapshot(lake, started_at))
        if not is_remote(beam_options):
            processes.analysis_pool(analysis)  # loads its models while the feeds are polled
        before = files_now(lake, run)
        write_faults(sources.faults, run, beam_options)
        with ProgressLine(sys.stderr):
            counters = Rounds(fetch, beam_options).run(sources.feeds, run, analysis, interrupt)
        facts = of_run(lake, run, before)
        record = run_record.write(lake, run, facts, counters, argv)
        if flags.json:
            print_line(record)
        else:
            summary.show(facts, run, bool(analysis.entities_model), sys.stdout, counters)
        if interrupt.asked:
            say(f'Interrupted. What was committed is in {run.lake}; the same command takes up the rest.')
            return 130
    if facts.faults:
        for fault in facts.faults:
            say(fault)
        return 1
    return 0


def say_faults(faults: Sequence[feed_sources.Fault]) -> None:
    """Says which lines of a source name no feed."""
    for fault in faults:
        SKIPPED_LINE.say(fault=fault.sentence())


def write_faults(faults: Sequence[feed_sources.Fault], run: RunSettings, options: PipelineOptions) -> None:
    """A ledger row for each line of a source that names no feed."""
    if not faults:
        return
    say_faults(faults)
    rows = [fault.ledger_row(run) for fault in faults]
    with beam.Pipeline(options=options) as pipeline:
        pipeline | beam.Create(rows, reshuffle=False) | WriteTable(run, 'ledger')


if __name__ == '__main__':
    from pipelines.cli import run_command

    sys.exit(run_command(main, sys.argv[1:]))
