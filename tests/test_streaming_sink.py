"""The sink on unbounded input: windows, late rows and several firings, each row once in the lake."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import apache_beam as beam
import duckdb
import pandas
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.test_pipeline import TestPipeline as _TestPipeline
from apache_beam.testing.test_stream import TestStream as _TestStream
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.trigger import AccumulationMode, AfterCount, AfterWatermark, Repeatedly
from apache_beam.transforms.window import FixedWindows, GlobalWindows, TimestampedValue

from schemas.articles import Article, Outlet
from schemas.feeds import Poll
from schemas.ledger import LedgerRow
from schemas.settings import RunSettings
from tests.made_lakes import finish, poll
from tests.made_rows import DAY, NOON, article, sighting
from transforms import processes
from transforms.beam_storage import open_lake
from transforms.functions.books import recount
from transforms.functions.recovery import roll_forward
from transforms.write_articles import WriteArticles
from transforms.write_table import WriteTable

Events = Callable[[_TestStream], _TestStream]
HARBOUR = Outlet('harbour', 'Harbour', 'harbour.example')


def minutes() -> beam.WindowInto:
    """Windows of a minute; a late row is a firing of its own."""
    return beam.WindowInto(
        FixedWindows(60),
        trigger=AfterWatermark(late=AfterCount(1)),
        accumulation_mode=AccumulationMode.DISCARDING,
        allowed_lateness=3600,
    )


def by_twos() -> beam.WindowInto:
    """The global window, which fires after every second row of a key."""
    trigger = Repeatedly(AfterCount(2))
    return beam.WindowInto(GlobalWindows(), trigger=trigger, accumulation_mode=AccumulationMode.DISCARDING)


@pytest.fixture(autouse=True)
def clean_processes():
    yield
    processes.close_all()


@pytest.fixture
def run(tmp_path: Path) -> RunSettings:
    return RunSettings(str(tmp_path / 'lake'), 'run-1', started_at=NOON, fixed_now=NOON + 5)


def streamed(
    pipeline: Any,
    rows_type: type,
    windows: Callable[[], beam.WindowInto],
    events: Events,
    label: str = 'Stream',
) -> Any:
    """The rows of the events, unbounded and in the windows."""
    stream = events(_TestStream()).advance_watermark_to_infinity()
    typed = beam.Map(lambda row: row).with_output_types(rows_type)
    return pipeline | label >> stream | f'{label}Rows' >> typed | f'{label}Windows' >> windows()


def ingest(run: RunSettings, windows: Callable[[], beam.WindowInto], events: Events, *polls: Poll) -> None:
    """Writes streamed articles, what becomes of their sightings, and polls, each as it fires."""
    with _TestPipeline('BundleBasedDirectRunner', options=PipelineOptions(['--streaming'])) as pipeline:
        committed = streamed(pipeline, Article, windows, events) | WriteArticles(run)
        committed.ledger | 'WriteLedger' >> WriteTable(run, 'ledger')
        if polls:
            polled = pipeline | beam.Create(polls) | beam.Map(lambda one: one).with_output_types(Poll)
            polled | 'WritePolls' >> WriteTable(run, 'polls')


def at(second: int, *rows: Any) -> list[TimestampedValue]:
    return [TimestampedValue(row, second) for row in rows]


def versions(run: RunSettings) -> list[tuple[Any, ...]]:
    """What pandas reads of the articles; DuckDB has to read the same."""
    columns = ['date', 'outlet', 'url', 'version', 'body']
    rows = pandas.read_parquet(f'{run.lake}/articles')[columns].astype({'date': str, 'outlet': str})
    found = sorted(rows.itertuples(index=False, name=None))
    files = f'{run.lake}/articles/*/*/*.parquet'
    query = (
        f"select date::varchar, outlet, url, version, body from read_parquet('{files}', hive_partitioning=1)"
    )
    assert sorted(duckdb.sql(query).fetchall()) == found
    return found


def dispositions(run: RunSettings) -> list[tuple[Any, ...]]:
    rows = pandas.read_parquet(f'{run.lake}/ledger')
    return sorted(zip(rows['feed_item_id'], rows['disposition'], strict=True))


def faults(run: RunSettings) -> Iterable[str]:
    """What ``dateline check`` says of the lake once the run is over."""
    lake = open_lake(run.lake)
    finish(lake, run.run_id)
    return recount(lake).faults


FLOOD, STRIKE = sighting('flood'), sighting('strike', url='http://harbour.example/strike')


def test_several_windows_late_rows_and_a_repeat_leave_each_row_once_and_the_books_balance(run):
    flood = article('The dam held.', FLOOD)
    strike = article('The port stood still.', STRIKE, outlet=HARBOUR)
    again = sighting('flood', poll_id='poll-2', fingerprint=8)
    edited = article('The dam broke.', again)
    late = article('Ferries sail.', sighting('ferries', url='http://harbour.example/f'), outlet=HARBOUR)

    def events(stream: _TestStream) -> _TestStream:
        return (
            stream.advance_watermark_to(0)
            .add_elements(at(5, flood, strike))
            .advance_watermark_to(70)  # the first minute fires
            .add_elements(at(75, flood))  # the same row in another window
            .advance_watermark_to(130)
            .add_elements(at(20, late, strike))  # late: the one new, the other a repeat
            .add_elements(at(140, edited))
            .advance_watermark_to(200)
        )

    polls = poll(3, poll_id='poll-1'), poll(1, poll_id='poll-2', scheduled_at=NOON + 1)
    ingest(run, minutes, events, *polls)
    assert versions(run) == [
        ('2025-03-03', 'harbour', 'http://harbour.example/f', 1, 'Ferries sail.'),
        ('2025-03-03', 'harbour', 'http://harbour.example/strike', 1, 'The port stood still.'),
        ('2025-03-03', 'news', 'http://news.example/flood', 1, 'The dam held.'),
        ('2025-03-03', 'news', 'http://news.example/flood', 2, 'The dam broke.'),
    ]
    assert dispositions(run) == [
        ('ferries', 'written'),
        ('flood', 'updated'),
        ('flood', 'written'),
        ('strike', 'written'),
    ]
    assert len(pandas.read_parquet(f'{run.lake}/mentions')) == 4
    assert faults(run) == ()


def test_firings_of_the_global_window_commit_what_they_have(run):
    articles = [article(f'Story {n}.', sighting(f'item-{n}')) for n in range(6)]

    def events(stream: _TestStream) -> _TestStream:
        for one in (*articles[:3], articles[0], *articles[3:], articles[5]):
            stream = stream.add_elements(at(1, one))
        return stream

    ingest(run, by_twos, events, poll(6))
    assert [(row[2], row[3]) for row in versions(run)] == [(one.url, 1) for one in articles]
    assert dispositions(run) == [(f'item-{n}', 'written') for n in range(6)]
    # Several firings have written to the one partition.
    assert len(list(Path(run.lake).glob('articles/*/*/*.parquet'))) > 1
    assert faults(run) == ()


def test_an_article_that_two_windows_date_differently_stays_in_its_first_partition(run):
    first = article('The dam held.', FLOOD)
    other_feed = sighting('x', poll_id='poll-2', feed_url='http://other.example/rss', url=FLOOD.url)
    dated_later = article('The dam held.', other_feed, published_at=NOON + DAY)
    edited = article('The dam broke.', sighting('flood', poll_id='poll-3'), published_at=NOON - 3 * DAY)

    def events(stream: _TestStream) -> _TestStream:
        stream = stream.advance_watermark_to(0).add_elements(at(5, first)).advance_watermark_to(70)
        stream = stream.add_elements(at(75, dated_later)).advance_watermark_to(130)
        return stream.add_elements(at(135, edited))

    ingest(run, minutes, events)
    assert [(row[0], row[3], row[4]) for row in versions(run)] == [
        ('2025-03-03', 1, 'The dam held.'),
        ('2025-03-03', 2, 'The dam broke.'),
    ]
    assert dispositions(run) == [('flood', 'updated'), ('flood', 'written'), ('x', 'duplicate_url')]


def test_a_bundle_with_several_windows_of_an_outlet_writes_an_article_once(run):
    """Bounded rows in windows: all of them are one bundle."""
    first, other = article('One.', FLOOD), article('One.', FLOOD, published_at=NOON + DAY)
    rows = [*at(5, first), *at(65, other), *at(125, first), *at(185, other)]
    with _TestPipeline('FnApiRunner') as pipeline:
        timed = pipeline | beam.Create(rows) | beam.Map(lambda one: one).with_output_types(Article)
        committed = timed | beam.WindowInto(FixedWindows(60)) | WriteArticles(run)
        windows = committed.ledger | beam.Map(_window_end)
        assert_that(windows, equal_to([60, 120, 180, 240]))
        committed.ledger | WriteTable(run, 'ledger')
    assert [row[3] for row in versions(run)] == [1]
    assert dispositions(run) == [('flood', 'written')]


def _window_end(row: LedgerRow, window: Any = beam.DoFn.WindowParam) -> int:
    return int(window.end)


def test_rows_of_a_table_keep_their_window_and_wait_for_what_goes_before_them(run):
    rows = [poll(1, poll_id=f'poll-{n}', polled_at=NOON + n * DAY) for n in range(3)]

    def events(stream: _TestStream) -> _TestStream:
        stream = stream.advance_watermark_to(0).add_elements(at(5, rows[0], rows[1]))
        stream = stream.advance_watermark_to(70).add_elements(at(75, rows[1], rows[2]))
        return stream.advance_watermark_to(130)

    with _TestPipeline('BundleBasedDirectRunner', options=PipelineOptions(['--streaming'])) as pipeline:
        streamed_rows = streamed(pipeline, Poll, minutes, events)
        before = streamed_rows | beam.Map(lambda row: row.poll_id)
        written = streamed_rows | WriteTable(run, 'polls', after=before)
        counts = written | beam.Map(_with_window)
        assert_that(counts, equal_to([(60, 1), (60, 1), (120, 0), (120, 1)]))
    assert sorted(pandas.read_parquet(f'{run.lake}/polls')['poll_id']) == ['poll-0', 'poll-1', 'poll-2']


def _with_window(count: int, window: Any = beam.DoFn.WindowParam) -> tuple[int, int]:
    return int(window.end), count


def no_lateness() -> beam.WindowInto:
    return beam.WindowInto(FixedWindows(60))


def test_what_is_too_late_for_its_window_stays_staged_for_the_next_run(run):
    early, lost = article('One.', FLOOD), article('Two.', STRIKE, outlet=HARBOUR)

    def events(stream: _TestStream) -> _TestStream:
        stream = stream.advance_watermark_to(0).add_elements(at(5, early)).advance_watermark_to(300)
        return stream.add_elements(at(6, lost))

    ingest(run, no_lateness, events)
    assert [row[4] for row in versions(run)] == ['One.']
    roll_forward(open_lake(run.lake), run.run_id, NOON + 9)
    assert [row[4] for row in versions(run)] == ['Two.', 'One.']
    assert dispositions(run) == [('flood', 'written'), ('strike', 'written')]
