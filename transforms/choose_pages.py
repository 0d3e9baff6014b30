"""ChoosePages: which sightings need their page fetched; the others are decided at once."""

import dataclasses
from collections.abc import Iterator
from typing import Any, Literal, Union

import apache_beam as beam
from apache_beam.pvalue import PCollection, TaggedOutput

from schemas.feeds import Sighting
from schemas.ledger import LedgerRow
from schemas.pages import PageRequest
from schemas.settings import RunSettings
from transforms import clock, metrics, processes, progress
from transforms.bundles import tagged
from transforms.functions.article_rows import day_of
from transforms.functions.page_choice import choose_page, take_in_turn
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders

_Output = Union[
    TaggedOutput[Literal['requests'], PageRequest],
    TaggedOutput[Literal['ledger'], LedgerRow],
]


@dataclasses.dataclass
class ReadWaiting(beam.PTransform[beam.pvalue.PBegin, PCollection[Sighting]]):
    """What earlier runs and rounds left for later, from the lake, at most a round's worth of it.

    In the first round also the pages that are to be looked at again, at most a round's worth of them: those
    that have been due the longest.
    """

    run: RunSettings

    def expand(self, begin: beam.pvalue.PBegin) -> PCollection[Sighting]:
        return (
            begin
            | 'Start' >> beam.Create([None])
            | 'Read' >> beam.FlatMap(_read_waiting, self.run).with_output_types(Sighting)
        )


def _read_waiting(_: None, run: RunSettings) -> Iterator[Sighting]:
    """Waiting items, the hosts in turn, so that one host's backlog does not fill the round."""
    # The first round shares its pages with what the feeds show now.
    most = run.round_urls if run.round else (run.round_urls + 1) // 2
    waiting = processes.lake_state(run).waiting(run.run_id, run.started_at, run.retry_after_s)
    wanted = (one for one in waiting if not _is_before(run, one))
    chosen, count = take_in_turn(wanted, most)
    if count > most:
        metrics.count(metrics.PAGES_DEFERRED, count - most)
    yield from chosen if run.limit is None else chosen[: run.limit]
    if run.revisit_after_s is not None and not run.round:
        yield from processes.lake_state(run).revisits(
            run.started_at, run.revisit_after_s, most=run.round_urls
        )


def _is_before(run: RunSettings, sighting: Sighting) -> bool:
    published = sighting.published_at
    return bool(run.since) and published is not None and day_of(published) < str(run.since)


@dataclasses.dataclass
class ChoosePages(beam.PTransform[PCollection[Sighting], Any]):
    """Gives ``requests`` (PageRequest) and ``ledger`` (LedgerRow of sightings that need no page)."""

    run: RunSettings

    def expand(self, sightings: PCollection[Sighting]) -> Any:
        choose = beam.ParDo(_ChoosePagesFn(self.run))
        return sightings | 'Choose' >> choose.with_outputs('requests', 'ledger')


class _ChoosePagesFn(beam.DoFn):
    def __init__(self, run: RunSettings) -> None:
        self._run = run

    def process(self, sighting: Sighting) -> Iterator[_Output]:
        state = processes.lake_state(self._run)
        if state.is_decided(sighting):
            return
        gone = processes.forgotten_pages(self._run)
        chosen = choose_page(sighting, state, self._run, clock.now(self._run), gone)
        if isinstance(chosen, PageRequest):
            progress.add('requested')
            yield tagged('requests', chosen)
        else:
            progress.add('decided')
            yield tagged('ledger', chosen)
