"""PollFeeds: what each feed shows now, compared with what it showed before."""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any, Literal, Optional, Union

import apache_beam as beam
from apache_beam.pvalue import PCollection, TaggedOutput

from schemas.feeds import Feed, FeedAsk, FeedDocument, FeedState, Poll, PollRequest, Sighting
from schemas.ledger import LedgerRow
from schemas.settings import AnalysisSettings, FetchSettings, RunSettings
from schemas.vocabulary import PollStatus, Reason
from transforms import clock, metrics, processes, progress, tallies
from transforms.bundles import at_end, shard_of, tagged
from transforms.cycles import run_of
from transforms.feed_reading import FeedReader, Read, read_file
from transforms.functions.ledger_rows import feed_row
from transforms.functions.poll_intervals import Bounds, is_due, is_retired, may_have_changed
from transforms.functions.polling import conditional_headers, poll_result
from transforms.functions.web.asking import Answer, Ask
from transforms.functions.web.batch import Batch
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders

# A redirect to another host, or an index, its index and their sitemaps: no publisher needs more.
_HOPS = 3

_Output = Union[
    TaggedOutput[Literal['polls'], Poll],
    TaggedOutput[Literal['sightings'], Sighting],
    TaggedOutput[Literal['ledger'], LedgerRow],
    TaggedOutput[Literal['elsewhere'], FeedAsk],
]


@dataclasses.dataclass
class PollFeeds(beam.PTransform[PCollection[Feed], Any]):
    """Polls bounded feeds once each.

    Gives ``polls`` (a Poll per feed), ``sightings`` (a Sighting per new or changed item) and ``ledger`` (a
    LedgerRow per failed feed), each as a tuple of PCollections: of feeds as named, and of those that they led
    to, step by step. A feed named twice is polled once, with the labels of both.

    What a feed names to be polled instead (a sitemap index its sitemaps, a web page its feeds) is polled as
    a feed of its own, up to three documents deep; so are redirects to other hosts. Feeds that are gone for
    good are not asked, nor with ``run.due_only`` those that are not due yet.
    """

    run: RunSettings
    fetch: FetchSettings
    # With it documents are read by the children that analyse pages, each under a page's deadline.
    analysis: Optional[AnalysisSettings] = None

    def expand(self, feeds: PCollection[Feed]) -> Any:
        asks = feeds | 'Ask' >> beam.FlatMap(_ask, self.run).with_output_types(FeedAsk)
        polled = [asks | 'Poll' >> _PollOnce(self.run, self.fetch, self.analysis)]
        # Marks of what was asked already travel along, so that no feed is polled twice in a round.
        marks = asks | 'Mark' >> beam.Map(_mark).with_output_types(FeedAsk)
        for hop in range(1, _HOPS + 1):
            # What a host's answer leads to on another host is asked for in that host's own shard.
            more = polled[-1].elsewhere
            step = (more, marks) | f'Further{hop}' >> beam.Flatten()
            again = _PollOnce(self.run, self.fetch, self.analysis, last=hop == _HOPS)
            polled.append(step | f'PollFurther{hop}' >> again)
            if hop < _HOPS:
                marks_of = more | f'Mark{hop}' >> beam.Map(_mark).with_output_types(FeedAsk)
                marks = (marks, marks_of) | f'Marks{hop}' >> beam.Flatten()
        # Not flattened: a local runner would hold all sightings before the first is looked at.
        return {name: tuple(one[name] for one in polled) for name in ('polls', 'sightings', 'ledger')}


@dataclasses.dataclass
class _PollOnce(beam.PTransform[PCollection[FeedAsk], Any]):
    run: RunSettings
    fetch: FetchSettings
    analysis: Optional[AnalysisSettings]
    last: bool = False

    def expand(self, asks: PCollection[FeedAsk]) -> Any:
        poll = beam.ParDo(_PollFeedsFn(self.run, self.fetch, self.analysis, self.last))
        return (
            asks
            | 'KeyByHostShard' >> beam.Map(_key_by_shard).with_output_types(tuple[int, FeedAsk])
            # URLs only: all polls of a host are made by one worker.
            | 'GroupByShard' >> beam.GroupByKey()
            | 'Poll' >> poll.with_outputs('polls', 'sightings', 'ledger', 'elsewhere')
        )


def _ask(feed: Feed, run: RunSettings, window: Any = beam.DoFn.WindowParam) -> Iterator[FeedAsk]:
    run = run_of(run, window)
    if processes.is_over(run):
        return
    last = processes.lake_state(run).last_poll(feed.url)
    if is_retired(last):
        metrics.count(metrics.FEEDS_RETIRED)
    elif run.due_only and not is_due(last, run.started_at):
        metrics.count(metrics.FEEDS_NOT_DUE)
    elif last is not None and last.status == PollStatus.MOVED and last.moved_to:
        yield FeedAsk(feed, last.moved_to, last.moved_to)
    else:
        yield FeedAsk(feed, feed.url)


def _mark(ask: FeedAsk) -> FeedAsk:
    return FeedAsk(dataclasses.replace(ask.feed, title=None, labels=()), ask.feed.url, done=True)


def _all_permanent(ask: FeedAsk) -> bool:
    """Whether only permanent redirects have led to where the feed is asked for."""
    return ask.url == ask.feed.url or ask.moved_to is not None


def _moved_to(ask: FeedAsk, answer: Answer) -> Optional[str]:
    """Where the feed lives from now on."""
    return (answer.moved_to or ask.moved_to) if _all_permanent(ask) else None


def _polled_at(run: RunSettings, answer: Answer) -> int:
    return clock.now(run) if run.fixed_now else answer.fetched_at


def _key_by_shard(ask: FeedAsk) -> tuple[int, FeedAsk]:
    return shard_of(ask.url), ask


class _PollFeedsFn(beam.DoFn):
    def __init__(
        self, run: RunSettings, fetch: FetchSettings, analysis: Optional[AnalysisSettings], last: bool
    ) -> None:
        self._run = run
        self._fetch = fetch
        self._analysis = analysis
        self._last = last
        self._batch: Optional[Batch] = None
        self._reader = FeedReader(analysis)
        self._last_run = run

    def start_bundle(self) -> None:
        self._batch = processes.web_client(self._fetch).open()
        self._reader = FeedReader(self._analysis)

    def process(
        self, element: tuple[int, Iterable[FeedAsk]], window: Any = beam.DoFn.WindowParam
    ) -> Iterator[_Output]:
        assert self._batch is not None
        self._last_run = run = run_of(self._run, window)
        if processes.is_over(run):
            return
        for ask in _distinct(element[1]):
            if ask.url.startswith('file:'):
                yield from self._answered(read_file(ask.url, (ask, window)))
            else:
                state = processes.lake_state(run).feed(ask.feed.url)
                if ask.found and not self._is_wanted(ask, run, state):
                    continue
                self._batch.submit(Ask((ask, window), ask.url, 'feed', conditional_headers(state)))
        for answer in self._batch.ready():
            yield from self._answered(answer)

    def finish_bundle(self) -> Iterator[Any]:
        assert self._batch is not None
        for answer in self._batch.drain():
            yield from self._answered(answer)
        for answer, read in self._reader.drain():
            yield from self._decided(answer, read)
        tallies.record_hosts(self._last_run, processes.web_clients())

    def _answered(self, answer: Answer) -> Iterator[Any]:
        ask, window = answer.token
        if answer.body is None or answer.reason is not None:
            yield from self._decided(answer, None)
        else:
            run, url = run_of(self._run, window), _moved_to(ask, answer) or ask.feed.url
            document = FeedDocument(answer.body, url, answer.content_type, _polled_at(run, answer))
            self._reader.submit(dataclasses.replace(answer, body=None), document, run)
        for one, read in self._reader.ready():
            yield from self._decided(one, read)

    def _decided(self, answer: Answer, read: Optional[Read]) -> Iterator[Any]:
        ask, window = answer.token
        for output in self._outputs(ask, run_of(self._run, window), answer, read):
            yield at_end(output, window)

    def _outputs(
        self, ask: FeedAsk, run: RunSettings, answer: Answer, read: Optional[Read]
    ) -> Iterator[_Output]:
        if answer.elsewhere and not self._last:
            moved_to = answer.elsewhere if answer.moved_to and _all_permanent(ask) else None
            yield tagged('elsewhere', FeedAsk(ask.feed, answer.elsewhere, moved_to))
            return
        lake = processes.lake_state(run)
        request = PollRequest(ask.feed, lake.feed(ask.feed.url), run.started_at, lake.last_poll(ask.feed.url))
        result = poll_result(
            request,
            status=answer.status,
            document=read,
            etag=answer.etag,
            last_modified=answer.last_modified,
            moved_to=_moved_to(ask, answer),
            reason=None if answer.reason is Reason.NOT_MODIFIED else answer.reason,
            detail=answer.detail,
            wire_bytes=answer.wire_bytes,
            cache_control=answer.cache_control,
            retry_after_s=answer.retry_after_s,
            bounds=Bounds(run.poll_min_interval_s, run.poll_max_interval_s),
            polled_at=_polled_at(run, answer),
            run_id=run.run_id,
        )
        metrics.count(metrics.FEEDS_POLLED)
        progress.add('feeds')
        yield tagged('polls', result.poll)
        if result.poll.status in (PollStatus.FAILED, PollStatus.GONE):
            yield tagged('ledger', feed_row(result.poll))
        for sighting in result.sightings:
            progress.add('sighted')
            yield tagged('sightings', sighting)
        for child in result.children:
            # The last hop's are left: their numbers are bounded, or a site could name itself for ever.
            if not self._last:
                feed = Feed(child.url, child.title, ask.feed.labels)
                yield tagged('elsewhere', FeedAsk(feed, child.url, found=True, changed_at=child.modified_at))

    def _is_wanted(self, ask: FeedAsk, run: RunSettings, state: Optional[FeedState]) -> bool:
        """Whether a document that another one names is to be asked for in this run."""
        if state is not None and not may_have_changed(ask.changed_at, state.polled_at):
            return False
        last = processes.lake_state(run).last_poll(ask.feed.url)
        return not is_retired(last) and (not run.due_only or is_due(last, run.started_at))


def _distinct(asks: Iterable[FeedAsk]) -> list[FeedAsk]:
    """Each feed once, with the labels of all its names, in an order that no arrival changes."""
    asks = list(asks)
    done = {ask.feed.url for ask in asks if ask.done}
    merged: dict[str, FeedAsk] = {}
    for ask in asks:
        if ask.done or (ask.found and ask.url == ask.feed.url and ask.url in done):
            continue
        there = merged.get(ask.feed.url)
        labels = dict.fromkeys((*there.feed.labels, *ask.feed.labels)) if there else ask.feed.labels
        merged[ask.feed.url] = dataclasses.replace(
            ask, feed=dataclasses.replace(ask.feed, labels=tuple(labels))
        )
    return [merged[url] for url in sorted(merged)]
