"""FetchPages: the pages of requests, politely, and a ledger row for each page that could not be had."""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any, Literal, Optional, Union

import apache_beam as beam
from apache_beam.pvalue import PCollection, TaggedOutput

from schemas.ledger import LedgerRow
from schemas.pages import Page, PageRequest
from schemas.settings import FetchSettings, RunSettings
from schemas.staging import StagedArticle
from schemas.vocabulary import DEFERRING_REASONS, Disposition, Reason
from transforms import clock, metrics, processes, progress, staged_memory, tallies
from transforms.bundles import at_end, shard_of, tagged
from transforms.cycles import run_of
from transforms.deferral import deferred
from transforms.functions.ledger_rows import entry_stands_in, is_final, item_row, refused_row
from transforms.functions.page_choice import merge_requests
from transforms.functions.page_validators import page_headers
from transforms.functions.staged_before import StagedBefore, pin
from transforms.functions.urls import normalise_url, url_key
from transforms.functions.web.asking import Answer, Ask
from transforms.functions.web.batch import Batch
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders

_Output = Union[
    TaggedOutput[Literal['pages'], Page],
    TaggedOutput[Literal['elsewhere'], PageRequest],
    TaggedOutput[Literal['ledger'], LedgerRow],
    TaggedOutput[Literal['staged'], tuple[str, StagedArticle]],
]


@dataclasses.dataclass
class FetchPages(beam.PTransform[PCollection[PageRequest], Any]):
    """Fetches each page once. Bounded input, or cycles of a job that never ends.

    Gives ``pages`` (Page), ``elsewhere`` (PageRequest for another host's shard, after a redirect; none when
    ``last``), ``ledger`` (LedgerRow) and ``staged`` (for ``WriteArticles.staged``: pages that this run has
    worked out already, before the runner repeated a part of it, are not fetched again). Pages are handed to
    what is fused behind this; they are never shuffled. At most ``FetchSettings.max_waiting`` of them are in
    memory.
    """

    run: RunSettings
    fetch: FetchSettings
    last: bool = False

    def expand(self, requests: PCollection[PageRequest]) -> Any:
        fetch = beam.ParDo(_FetchPagesFn(self.run, self.fetch, self.last))
        return (
            requests
            | 'KeyByHostShard' >> beam.Map(_key_by_shard).with_output_types(tuple[int, PageRequest])
            # URLs only, about 1 KB each: all requests to a host are made by one worker.
            | 'GroupByShard' >> beam.GroupByKey()
            | 'Fetch' >> fetch.with_outputs('pages', 'elsewhere', 'ledger', 'staged')
        )


def _key_by_shard(request: PageRequest) -> tuple[int, PageRequest]:
    return shard_of(request.url), request


class _FetchPagesFn(beam.DoFn):
    """Hands all shards of a bundle to one asyncio loop at once, and yields what has arrived."""

    def __init__(self, run: RunSettings, fetch: FetchSettings, last: bool) -> None:
        self._run = run
        self._fetch = fetch
        self._last = last
        self._batch: Optional[Batch] = None
        self._last_run = run
        self._before: Optional[StagedBefore] = None

    def start_bundle(self) -> None:
        self._batch = processes.web_client(self._fetch).open()
        self._before = None

    def process(
        self, element: tuple[int, Iterable[PageRequest]], window: Any = beam.DoFn.WindowParam
    ) -> Iterator[_Output]:
        assert self._batch is not None
        run = run_of(self._run, window)
        if processes.is_over(run):
            return
        if self._before is None or run != self._last_run:  # once a bundle: it is there when a bundle repeats
            self._before = staged_memory.staged_before(run)
        self._last_run = run
        for request in merge_requests(element[1], run.run_id):
            if (done := self._before.find(request.sightings)) is not None:
                yield from self._staged(done, run)
            elif self._last or (refusal := processes.take_page(run)) is None:
                headers = page_headers(request.sightings)
                self._batch.submit(Ask((request, window), request.url, headers=headers))
            else:
                for row in deferred(request, run, *refusal):
                    yield tagged('ledger', row)
        for answer in self._batch.ready():
            yield from self._answered(answer)

    def finish_bundle(self) -> Iterator[Any]:
        assert self._batch is not None
        for answer in self._batch.drain():
            yield from self._answered(answer)
        tallies.record_hosts(self._last_run, processes.web_clients())

    def _answered(self, answer: Answer) -> Iterator[Any]:
        request, window = answer.token
        for output in self._outputs(request, run_of(self._run, window), answer):
            yield at_end(output, window)

    def _staged(
        self, done: Union[StagedArticle, tuple[LedgerRow, ...]], run: RunSettings
    ) -> Iterator[_Output]:
        if isinstance(done, StagedArticle):
            yield tagged('staged', (done.article_id, pin(done, processes.lake_state(run))))
            return
        for row in done:
            yield tagged('ledger', row)

    def _outputs(self, request: PageRequest, run: RunSettings, answer: Answer) -> Iterator[_Output]:
        progress.add('fetched')
        if answer.status is not None or answer.reason not in DEFERRING_REASONS:
            metrics.count(metrics.PAGES_FETCHED)  # asked for, whatever came of it
        if answer.body is not None and answer.reason is None:
            page = Page(
                url=request.url,
                final_url=answer.final_url,
                body=answer.body,
                charset=answer.charset,
                http_status=answer.status or 200,
                fetched_at=clock.now(run) if run.fixed_now else answer.fetched_at,
                sightings=request.sightings,
                etag=answer.etag,
                last_modified=answer.last_modified,
                robots_tag=(answer.robots_tag or '') if self._fetch.respect_noindex else None,
            )
            yield tagged('pages', page)
            return
        target = normalise_url(answer.elsewhere) if answer.elsewhere else None
        if target and not self._last:
            there = PageRequest(target, url_key(target), request.sightings, request.hops + 1)
            yield tagged('elsewhere', there)
            return
        if answer.reason is Reason.HOST_BUDGET:
            metrics.count(metrics.PAGES_DEFERRED)
        reason, detail = answer.reason or Reason.REDIRECT_ELSEWHERE, answer.detail
        if reason is Reason.NOT_MODIFIED:
            if self._is_known(request, run):
                yield from self._unchanged(request, run, answer)
                return
            reason, detail = Reason.HTTP_4XX, 'the server answered 304 to an unconditional request'
        rows = [
            refused_row(
                sighting,
                reason,
                detail,
                run_id=run.run_id,
                decided_at=clock.now(run),
                final_url=answer.final_url,
                http_status=answer.status,
            )
            for sighting in request.sightings
        ]
        if is_final(rows[0]) and entry_stands_in(request.sightings, reason):
            yield tagged('pages', self._refused_page(request, run, answer, reason, detail))
            return
        for row in rows:
            yield tagged('ledger', row)

    def _is_known(self, request: PageRequest, run: RunSettings) -> bool:
        """Whether the page was asked for conditionally, and the lake has its article."""
        first = request.sightings[0]
        known = processes.lake_state(run).page(request.url_key, (first.feed_url, first.item_id))
        return bool(page_headers(request.sightings)) and known is not None and known.row_id is not None

    def _unchanged(self, request: PageRequest, run: RunSettings, answer: Answer) -> Iterator[_Output]:
        """A page that was looked at again and is as before."""
        state = processes.lake_state(run)
        for sighting in request.sightings:
            known = state.page(request.url_key, (sighting.feed_url, sighting.item_id))
            row = item_row(
                sighting,
                Disposition.UNCHANGED,
                run_id=run.run_id,
                decided_at=clock.now(run),
                reason=Reason.NOT_MODIFIED.value,
                http_status=answer.status,
                article_id=known.article_id if known else None,
                row_id=known.row_id if known else None,
                article_date=known.article_date if known else None,
                article_outlet=known.article_outlet if known else None,
                keep_entry=run.revisit_after_s is not None,
            )
            yield tagged('ledger', row)

    def _refused_page(
        self,
        request: PageRequest,
        run: RunSettings,
        answer: Answer,
        reason: Reason,
        detail: Optional[str],
    ) -> Page:
        """In place of a page that will not be had: its entry has the article's content."""
        return Page(
            url=request.url,
            final_url=request.url,
            body=b'',
            http_status=answer.status or 0,
            fetched_at=clock.now(run) if run.fixed_now else answer.fetched_at,
            sightings=request.sightings,
            refusal=reason.value,
            refusal_detail=detail,
        )
