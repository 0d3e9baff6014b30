"""Ingest: feeds in, articles, mentions, links, ledger and polls in the lake."""

import dataclasses
from collections.abc import Callable
from typing import Any, Optional

import apache_beam as beam
from apache_beam.pvalue import PCollection

from schemas.feeds import Feed
from schemas.ledger import LedgerRow
from schemas.settings import AnalysisSettings, FetchSettings, RunSettings
from transforms import processes
from transforms.analyse_pages import AnalysePages
from transforms.beam_storage import open_lake
from transforms.choose_pages import ChoosePages, ReadWaiting
from transforms.cycles import run_of
from transforms.fetch_pages import FetchPages
from transforms.mark_duplicates import MarkDuplicates
from transforms.poll_feeds import PollFeeds
from transforms.write_articles import WriteArticles
from transforms.write_table import WriteTable


@dataclasses.dataclass
class Ingest(beam.PTransform[PCollection[Feed], PCollection[LedgerRow]]):
    """Polls bounded feeds and brings one round of what they show, and of what waits, into the lake.

    Gives the ledger rows of the round: each sighting ends in exactly one. Idempotent: an element, a bundle, a
    job or a run that happens twice leaves one result. Two runs on one lake at once write each article once
    but fetch its page twice; ``dateline ingest`` excludes that.
    """

    run: RunSettings
    fetch: FetchSettings = dataclasses.field(default_factory=FetchSettings)
    analysis: AnalysisSettings = dataclasses.field(default_factory=AnalysisSettings)
    # One element for each round; without it there is one round. Cycles of a job come in their windows.
    rounds: Optional[PCollection[Any]] = None
    faults: Optional[PCollection[LedgerRow]] = None  # ledger rows of lines of the sources that name no feed
    # What is done with the run of a round, or of a cycle, once all of it is in the lake.
    finish: Optional[Callable[[RunSettings], None]] = None
    # Without it the numbers of new ledger rows by partition are given: local runners hold what is given.
    give_ledger: bool = True

    def expand(self, feeds: PCollection[Feed]) -> Any:
        rounds = self.rounds
        if rounds is None:
            rounds = feeds.pipeline | 'Round' >> beam.Create([self.run.round])
        polled = feeds | PollFeeds(self.run, self.fetch, self.analysis)
        waiting = rounds | ReadWaiting(self.run)
        chosen = (*polled['sightings'], waiting) | ChoosePages(self.run)

        fetched = chosen.requests | FetchPages(self.run, self.fetch)
        analysed = fetched.pages | AnalysePages(self.run, self.analysis)
        # A redirect to another host is a request for that host's shard, in one further round.
        moved = fetched.elsewhere | 'FetchElsewhere' >> FetchPages(self.run, self.fetch, last=True)
        analysed_moved = moved.pages | 'AnalyseElsewhere' >> AnalysePages(self.run, self.analysis)

        committed = (analysed.articles, analysed_moved.articles) | WriteArticles(
            self.run, (fetched.staged, moved.staged)
        )
        links = (
            committed.texts
            | MarkDuplicates(self.run, self.analysis.outlets_files)
            | 'WriteLinks' >> WriteTable(self.run, 'links')
        )

        decided = (
            *polled['ledger'], *chosen.ledger, fetched.ledger, analysed.ledger,
            moved.ledger, analysed_moved.ledger, committed.ledger, *([self.faults] if self.faults else ()),
        )  # fmt: skip
        # The order of commits: articles and mentions, links, ledger, polls.
        ledger_done = decided | 'WriteLedger' >> WriteTable(self.run, 'ledger', after=links)
        polls_done = polled['polls'] | 'WritePolls' >> WriteTable(self.run, 'polls', after=ledger_done)
        # All is in the lake now; what a killed round leaves staged is what recovery works from.
        end = beam.Map(_end, self.run, self.finish or sweep_staging)
        rounds | 'AfterPolls' >> _After(polls_done) | 'End' >> end
        if not self.give_ledger:
            return ledger_done
        return decided | 'Ledger' >> beam.Flatten()


@dataclasses.dataclass
class _After(beam.PTransform[PCollection[Any], PCollection[Any]]):
    """Gives one element for each round once all of ``signal`` is there."""

    signal: PCollection[Any]

    def expand(self, rounds: PCollection[Any]) -> PCollection[Any]:
        # A grouping waits for all of what is flattened into it.
        marks = [
            pcoll | f'Mark{n}' >> beam.Map(_mark).with_output_types(tuple[str, int])
            for n, pcoll in enumerate((rounds, self.signal))
        ]
        return marks | 'Marks' >> beam.Flatten() | 'Wait' >> beam.GroupByKey()


def _mark(_: Any) -> tuple[str, int]:
    return '', 0


def _end(
    _: Any, run: RunSettings, finish: Callable[[RunSettings], None], window: Any = beam.DoFn.WindowParam
) -> None:
    run = run_of(run, window)
    if not processes.is_over(run):
        finish(run)


def sweep_staging(run: RunSettings) -> None:
    """Removes what a run has staged, all of which is in the lake."""
    lake = open_lake(run.lake)
    lake.storage.delete_folder(lake.staging(run.run_id))
