"""Ingest: feeds in, articles, mentions, links, ledger and polls in the lake."""

import dataclasses
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import AsIter, PCollection

from schemas.feeds import Feed
from schemas.ledger import LedgerRow
from schemas.settings import AnalysisSettings, FetchSettings, RunSettings
from transforms.analyse_pages import AnalysePages
from transforms.beam_storage import open_lake
from transforms.choose_pages import ChoosePages, ReadWaiting
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
    # Without it the numbers of new ledger rows by partition are given: local runners hold what is given.
    give_ledger: bool = True

    def expand(self, feeds: PCollection[Feed]) -> Any:
        polled = feeds | PollFeeds(self.run, self.fetch)
        waiting = feeds.pipeline | ReadWaiting(self.run)
        chosen = (*polled['sightings'], waiting) | ChoosePages(self.run)

        fetched = chosen.requests | FetchPages(self.run, self.fetch)
        analysed = fetched.pages | AnalysePages(self.run, self.analysis)
        # A redirect to another host is a request for that host's shard, in one further round.
        moved = fetched.elsewhere | 'FetchElsewhere' >> FetchPages(self.run, self.fetch, last=True)
        analysed_moved = moved.pages | 'AnalyseElsewhere' >> AnalysePages(self.run, self.analysis)

        committed = (analysed.articles, analysed_moved.articles) | WriteArticles(self.run)
        links = (
            committed.texts
            | MarkDuplicates(self.run, self.analysis.outlets_files)
            | 'WriteLinks' >> WriteTable(self.run, 'links')
        )

        decided = (
            *polled['ledger'], *chosen.ledger, fetched.ledger, analysed.ledger,
            moved.ledger, analysed_moved.ledger, committed.ledger,
        )  # fmt: skip
        # The order of commits: articles and mentions, links, ledger, polls.
        ledger_done = decided | 'WriteLedger' >> WriteTable(self.run, 'ledger', after=links)
        polls_done = polled['polls'] | 'WritePolls' >> WriteTable(self.run, 'polls', after=ledger_done)
        # All is in the lake now; what a killed round leaves staged is what recovery works from.
        begin = feeds.pipeline | 'Committed' >> beam.Create([self.run.run_id])
        begin | 'AfterPolls' >> _After(polls_done) | 'SweepStaging' >> beam.Map(_sweep, self.run.lake)
        if not self.give_ledger:
            return ledger_done
        return decided | 'Ledger' >> beam.Flatten()


@dataclasses.dataclass
class _After(beam.PTransform[PCollection[Any], PCollection[Any]]):
    """Hands rows on once all of ``signal`` is there: a side input is complete before it is read."""

    signal: PCollection[Any]

    def expand(self, rows: PCollection[Any]) -> PCollection[Any]:
        hand_on = beam.Map(_first, AsIter(self.signal)).with_output_types(rows.element_type)
        return rows | 'Wait' >> hand_on


def _sweep(run_id: str, lake: str) -> None:
    opened = open_lake(lake)
    opened.storage.delete_folder(opened.staging(run_id))


def _first(row: Any, _: Any) -> Any:
    return row
