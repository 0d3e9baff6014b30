"""PollFeeds: what each feed shows now, compared with what it showed before."""

import dataclasses
import time
from collections.abc import Iterable, Iterator
from typing import Any, Literal, Optional, Union
from urllib.parse import urlsplit
from urllib.request import url2pathname

import apache_beam as beam
from apache_beam.pvalue import PCollection, TaggedOutput

from schemas.feeds import Feed, FeedAsk, Poll, PollRequest, Sighting
from schemas.ledger import LedgerRow
from schemas.settings import FetchSettings, RunSettings
from schemas.vocabulary import PollStatus, Reason
from transforms import clock, metrics, processes, progress
from transforms.bundles import at_end, shard_of, tagged
from transforms.functions.ledger_rows import feed_row
from transforms.functions.polling import conditional_headers, poll_result
from transforms.functions.sources import SourceError, load_local
from transforms.functions.web.asking import Answer, Ask
from transforms.functions.web.client import Batch
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders

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
    LedgerRow per failed feed). A feed named twice is polled once, with the labels of both.
    """

    run: RunSettings
    fetch: FetchSettings

    def expand(self, feeds: PCollection[Feed]) -> Any:
        asks = feeds | 'Ask' >> beam.Map(_ask).with_output_types(FeedAsk)
        first = asks | 'Poll' >> _PollOnce(self.run, self.fetch)
        # A redirect to another host is asked for in that host's own shard, once.
        second = first.elsewhere | 'PollElsewhere' >> _PollOnce(self.run, self.fetch, last=True)
        return {
            name: (first[name], second[name]) | f'Flatten_{name}' >> beam.Flatten()
            for name in ('polls', 'sightings', 'ledger')
        }


@dataclasses.dataclass
class _PollOnce(beam.PTransform[PCollection[FeedAsk], Any]):
    run: RunSettings
    fetch: FetchSettings
    last: bool = False

    def expand(self, asks: PCollection[FeedAsk]) -> Any:
        poll = beam.ParDo(_PollFeedsFn(self.run, self.fetch, self.last))
        return (
            asks
            | 'KeyByHostShard' >> beam.Map(_key_by_shard).with_output_types(tuple[int, FeedAsk])
            # URLs only: all polls of a host are made by one worker.
            | 'GroupByShard' >> beam.GroupByKey()
            | 'Poll' >> poll.with_outputs('polls', 'sightings', 'ledger', 'elsewhere')
        )


def _ask(feed: Feed) -> FeedAsk:
    return FeedAsk(feed, feed.url)


def _key_by_shard(ask: FeedAsk) -> tuple[int, FeedAsk]:
    return shard_of(ask.url), ask


class _PollFeedsFn(beam.DoFn):
    def __init__(self, run: RunSettings, fetch: FetchSettings, last: bool) -> None:
        self._run = run
        self._fetch = fetch
        self._last = last
        self._batch: Optional[Batch] = None

    def start_bundle(self) -> None:
        self._batch = processes.web_client(self._fetch).open()

    def process(self, element: tuple[int, Iterable[FeedAsk]]) -> Iterator[_Output]:
        assert self._batch is not None
        for ask in _distinct(element[1]):
            if ask.url.startswith('file:'):
                yield from self._outputs(ask, _read_file(ask.url))
            else:
                state = processes.lake_state(self._run).feed(ask.feed.url)
                self._batch.submit(Ask(ask, ask.url, 'feed', conditional_headers(state)))
        for answer in self._batch.ready():
            yield from self._outputs(answer.token, answer)

    def finish_bundle(self) -> Iterator[Any]:
        assert self._batch is not None
        for answer in self._batch.drain():
            for output in self._outputs(answer.token, answer):
                yield at_end(output)
        processes.record_hosts(self._run)

    def _outputs(self, ask: FeedAsk, answer: Answer) -> Iterator[_Output]:
        if answer.elsewhere and not self._last:
            moved_to = answer.elsewhere if answer.moved_to else None
            yield tagged('elsewhere', FeedAsk(ask.feed, answer.elsewhere, moved_to))
            return
        state = processes.lake_state(self._run).feed(ask.feed.url)
        result = poll_result(
            PollRequest(ask.feed, state, self._run.started_at),
            status=answer.status,
            body=answer.body,
            content_type=answer.content_type,
            etag=answer.etag,
            last_modified=answer.last_modified,
            moved_to=answer.moved_to or ask.moved_to,
            reason=None if answer.reason is Reason.NOT_MODIFIED else answer.reason,
            detail=answer.detail,
            wire_bytes=answer.wire_bytes,
            polled_at=clock.now(self._run) if self._run.fixed_now else answer.fetched_at,
            run_id=self._run.run_id,
        )
        metrics.count(metrics.FEEDS_POLLED)
        progress.add('feeds')
        yield tagged('polls', result.poll)
        if result.poll.status in (PollStatus.FAILED, PollStatus.GONE):
            yield tagged('ledger', feed_row(result.poll))
        for sighting in result.sightings:
            progress.add('sighted')
            yield tagged('sightings', sighting)


def _distinct(asks: Iterable[FeedAsk]) -> list[FeedAsk]:
    """Each feed once, with the labels of all its names, in an order that no arrival changes."""
    merged: dict[str, FeedAsk] = {}
    for ask in asks:
        there = merged.get(ask.feed.url)
        labels = dict.fromkeys((*there.feed.labels, *ask.feed.labels)) if there else ask.feed.labels
        merged[ask.feed.url] = dataclasses.replace(
            ask, feed=dataclasses.replace(ask.feed, labels=tuple(labels))
        )
    return [merged[url] for url in sorted(merged)]


def _read_file(url: str) -> Answer:
    """A local feed file, answered as the web would."""
    try:
        body = load_local(url2pathname(urlsplit(url).path))
    except SourceError as error:
        reason = Reason.SOURCE_UNREADABLE
        return Answer(None, url, url, reason=reason, detail=str(error), fetched_at=time.time_ns() // 1000)
    return Answer(None, url, url, body=body, fetched_at=time.time_ns() // 1000, wire_bytes=len(body))
