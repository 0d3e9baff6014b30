"""Runs with a given clock and run id: the same files, and versions that stay where the article began."""

from pathlib import Path

import apache_beam as beam
import pandas
import pytest

from pipelines.cli import run_command
from pipelines.ingest import Ingest
from schemas.feeds import Feed
from schemas.settings import AnalysisSettings, FetchSettings, RunSettings
from tests.made_rows import DAY, NOON
from tests.made_site import made_sites, page
from transforms import processes

FETCH = FetchSettings(allow_private=('127.0.0.0/8',), min_delay_s=0.0)
ANALYSIS = AnalysisSettings(processes=2, entities_model='')


@pytest.fixture(autouse=True)
def warm_processes():
    yield
    processes.close_all()


def ingest(lake, feed, moment, run_id):
    run = RunSettings(str(lake), run_id, moment, fixed_now=moment)
    with beam.Pipeline(runner='FnApiRunner') as pipeline:
        pipeline | beam.Create([Feed(feed)]) | Ingest(run, FETCH, ANALYSIS)


def data_files(lake):
    return {path.relative_to(lake): path.read_bytes() for path in Path(lake).glob('[a-z]*/**/*.parquet')}


def test_the_same_input_clock_and_run_id_give_the_same_files(tmp_path):
    with made_sites() as (site,):
        site.answers |= {f'/{n}': page(f'Title {n}', f'word{n}') for n in range(6)}
        feed = site.feed(*((f'Title {n}', f'/{n}') for n in range(6)))
        for name in ('one', 'two'):
            ingest(tmp_path / name, feed, NOON, 'run-1')
    one, two = data_files(tmp_path / 'one'), data_files(tmp_path / 'two')
    assert len(one) >= 3
    assert one == two


def test_a_job_that_happens_twice_leaves_one_result(tmp_path):
    with made_sites() as (site,):
        site.answers['/0'] = page('Title')
        feed = site.feed(('Title', '/0'), ('Gone', '/gone'))
        ingest(tmp_path, feed, NOON, 'run-1')
        once = data_files(tmp_path)
        ingest(tmp_path, feed, NOON, 'run-1')
    assert data_files(tmp_path) == once
    assert run_command('pipelines.check', [str(tmp_path)]) == 0


@pytest.mark.parametrize('days', [1, 40])
def test_an_edit_on_another_day_goes_to_the_partition_of_the_first_version(tmp_path, days):
    with made_sites() as (site,):
        site.answers['/0'] = page('Title')
        feed = site.feed(('Title', '/0'))
        ingest(tmp_path, feed, NOON, 'run-1')
        site.answers['/0'] = page('Another title', 'flood')
        site.feed(('Another title', '/0'))
        ingest(tmp_path, feed, NOON + days * DAY, 'run-2')
    rows = pandas.read_parquet(tmp_path / 'articles').sort_values('version')
    assert rows['version'].tolist() == [1, 2]
    assert rows['date'].astype(str).tolist() == ['2025-03-03', '2025-03-03']
    assert set(rows['date_from']) == {'first_seen'}
    assert run_command('pipelines.check', [str(tmp_path)]) == 0
