"""ChoosePages: which sightings need their page fetched in this round; the others are decided at once."""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any, Literal, Union

import apache_beam as beam
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.transforms.window import BoundedWindow

from schemas.feeds import Sighting
from schemas.ledger import LedgerRow
from schemas.pages import PageRequest
from schemas.settings import RunSettings
from transforms import clock, metrics, processes, progress
from transforms.bundles import at_end, tagged
from transforms.cycles import run_of
from transforms.deferral import deferred
from transforms.functions.article_rows import day_of
from transforms.functions.page_choice import RoundPages, choose_page, take_in_turn
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders

_Output = Union[
    TaggedOutput[Literal['requests'], PageRequest],
    TaggedOutput[Literal['ledger'], LedgerRow],
]


@dataclasses.dataclass
class ReadWaiting(beam.PTransform[PCollection[Any], PCollection[Sighting]]):
    """What earlier runs and rounds left for later, from the lake, at most a round's worth of it.

    In the first round also the pages that are to be looked at again, at most a round's worth of them: those
    that have been due the longest.

    Takes one element for each round, whatever it is.
    """

    run: RunSettings

    def expand(self, rounds: PCollection[Any]) -> PCollection[Sighting]:
        return rounds | 'Read' >> beam.FlatMap(_read_waiting, self.run).with_output_types(Sighting)


def _read_waiting(_: Any, run: RunSettings, window: Any = beam.DoFn.WindowParam) -> Iterator[Sighting]:
    """Waiting items, the hosts in turn, so that one host's backlog does not fill the round."""
    run = run_of(run, window)
    if processes.is_over(run):
        return
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


@dataclasses.dataclass(frozen=True)
class Chosen:
    """What ``ChoosePages`` gives."""

    requests: PCollection[PageRequest]
    ledger: tuple[PCollection[LedgerRow], ...]  # one for each collection of sightings


@dataclasses.dataclass
class ChoosePages(beam.PTransform[Any, Any]):
    """Gives ``Chosen``: requests for pages, and the ledger rows of sightings that need none, or have to wait.

    Takes a PCollection of Sighting, or a tuple of several. Of each bundle at most a round's pages become
    requests, the hosts in turn; the others are deferred here. So what a feed shows beyond a round is neither
    shuffled nor held: memory is that of one and a half rounds' pages (about 5 KB each) per bundle, however
    much the feeds show. ``FetchPages`` counts what all bundles of a process let through together.

    A run with a limit counts its pages in one place, wherever they are fetched: all requests of a round that
    passed go through one worker there.

    Each collection is judged where it is made: flattened first, all sightings would be held.
    """

    run: RunSettings

    def expand(self, sightings: Any) -> Any:
        sources = sightings if isinstance(sightings, tuple) else (sightings,)
        chosen = [
            source
            | f'Choose{n or ""}' >> beam.ParDo(_ChoosePagesFn(self.run)).with_outputs('requests', 'ledger')
            for n, source in enumerate(sources)
        ]
        requests = [one.requests for one in chosen] | 'Requests' >> beam.Flatten()
        ledger = tuple(one.ledger for one in chosen)
        # A graph that stands for rounds of one process has none: that process counts.
        if self.run.limit is None:
            return Chosen(requests, ledger)
        within = (
            requests
            | 'KeyAlike' >> beam.Map(_key_alike).with_output_types(tuple[int, PageRequest])
            | 'GroupAll' >> beam.GroupByKey()
            | 'Limit' >> beam.ParDo(_LimitPagesFn(self.run)).with_outputs('requests', 'ledger')
        )
        return Chosen(within.requests, (*ledger, within.ledger))


class _ChoosePagesFn(beam.DoFn):
    def __init__(self, run: RunSettings) -> None:
        self._run = run
        self._pages: dict[BoundedWindow, RoundPages] = {}

    def start_bundle(self) -> None:
        self._pages = {}

    def process(self, sighting: Sighting, window: Any = beam.DoFn.WindowParam) -> Iterator[_Output]:
        run = run_of(self._run, window)
        state = processes.lake_state(run)
        if state.is_decided(sighting):
            return
        gone = processes.forgotten_pages(run)
        chosen = choose_page(sighting, state, run, clock.now(run), gone)
        if isinstance(chosen, PageRequest):
            if window not in self._pages:
                self._pages[window] = RoundPages(min(run.round_urls, run.limit or run.round_urls))
            for waits in self._pages[window].add(chosen):
                yield from _wait(waits, run)
        else:
            progress.add('decided')
            yield tagged('ledger', chosen)

    def finish_bundle(self) -> Iterator[Any]:
        held, self._pages = self._pages, {}
        for window, pages in held.items():
            chosen, dropped = pages.close()
            for request in chosen:
                progress.add('requested')
                yield at_end(tagged('requests', request), window)
            for waits in dropped:
                for output in _wait(waits, run_of(self._run, window)):
                    yield at_end(output, window)


def _wait(request: PageRequest, run: RunSettings) -> Iterator[_Output]:
    for row in deferred(request, run, *processes.round_is_full(run)):
        yield tagged('ledger', row)


def _key_alike(request: PageRequest) -> tuple[int, PageRequest]:
    return 0, request


class _LimitPagesFn(beam.DoFn):
    """The run's limit of pages out of all workers' requests: the hosts in turn, of each the newest first."""

    def __init__(self, run: RunSettings) -> None:
        self._run = run

    def process(
        self, element: tuple[int, Iterable[PageRequest]], window: Any = beam.DoFn.WindowParam
    ) -> Iterator[_Output]:
        run = run_of(self._run, window)
        assert run.limit is not None
        pages = RoundPages(run.limit)
        # An order of their own: a part that a runner repeats chooses the same.
        for request in sorted(element[1], key=_newest_first):
            for waits in pages.add(request):
                yield from _wait(waits, run)
        chosen, dropped = pages.close()
        for request in chosen:
            yield tagged('requests', request)
        for waits in dropped:
            yield from _wait(waits, run)


def _newest_first(request: PageRequest) -> tuple[int, str, str]:
    first = request.sightings[0]
    return -(first.published_at or first.seen_at), request.url_key, first.sighting_id
