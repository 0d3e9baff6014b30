"""A batch job that fails and is repeated whole, as Flink does it: with the same run, by other processes."""

import time
from pathlib import Path

import apache_beam as beam
import pandas
import pytest

from pipelines.ingest import Ingest
from schemas.feeds import Feed
from schemas.settings import AnalysisSettings, FetchSettings, RunSettings
from tests.made_site import made_sites, page
from transforms import processes
from transforms.beam_storage import open_lake
from transforms.functions.books import recount

FETCH = FetchSettings(allow_private=('127.0.0.0/8',), min_delay_s=0.0)
ANALYSIS = AnalysisSettings(processes=1, entities_model='')


@pytest.fixture(autouse=True)
def clean_processes():
    yield
    processes.close_all()


def attempt(run: RunSettings, feed: str) -> None:
    """One attempt of the job, by a process that knows nothing of another one."""
    processes.close_all()
    with beam.Pipeline(runner='FnApiRunner') as pipeline:
        feeds = pipeline | beam.Create([Feed(feed)], reshuffle=False)
        feeds | Ingest(run, FETCH, ANALYSIS, give_ledger=False)


def test_pages_that_a_failed_attempt_had_staged_are_not_fetched_again(tmp_path):
    lake = tmp_path / 'lake'
    run = RunSettings(str(lake), 'run-1', time.time_ns() // 1000)
    with made_sites() as (site,):
        site.answers |= {'/1': page('One'), '/2': page('Two', 'lake')}
        feed = site.feed(('One', '/1'), ('Two', '/2'))
        lake.mkdir()
        (lake / 'articles').write_text('nothing can be committed while a file is in the way')
        with pytest.raises(Exception, match='articles'):
            attempt(run, feed)
        assert sorted(site.asked) == ['/1', '/2', '/robots.txt', '/rss']
        assert list(lake.glob('_staging/run-1/articles/*.parquet'))
        assert not list(lake.glob('ledger/**/*.parquet'))
        (lake / 'articles').unlink()
        site.answers['/3'] = page('Three', 'river')
        site.feed(('Three', '/3'), ('One', '/1'), ('Two', '/2'))  # published between the two attempts
        attempt(run, feed)
        assert sorted(path for path in site.asked if path[1:].isdigit()) == ['/1', '/2', '/3']
    assert sorted(pandas.read_parquet(lake / 'articles')['title']) == ['One', 'Three', 'Two']
    assert recount(open_lake(run.lake)).faults == ()
    assert not Path(lake, '_staging', 'run-1').exists()
