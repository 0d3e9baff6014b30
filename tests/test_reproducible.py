"""Runs with a given clock and run id: the same files, and versions that stay where the article began."""

from pathlib import Path

import apache_beam as beam
import pandas
import pyarrow.parquet as pq
import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from pipelines.cli import run_command
from pipelines.ingest import Ingest
from schemas.feeds import Feed
from schemas.settings import AnalysisSettings, FetchSettings, RunSettings
from schemas.tables import OBSERVATION_COLUMNS, TABLES
from tests.made_rows import DAY, NOON
from tests.made_site import made_sites, page
from transforms import processes

FETCH = FetchSettings(allow_private=('127.0.0.0/8',), min_delay_s=0.0)
ANALYSIS = AnalysisSettings(processes=2, entities_model='')


@pytest.fixture(autouse=True)
def warm_processes():
    yield
    processes.close_all()


def ingest(lake, feeds, moment, run_id, options=(), **more):
    feeds = [feeds] if isinstance(feeds, str) else feeds
    run = RunSettings(str(lake), run_id, moment, fixed_now=moment, **more)
    with beam.Pipeline(runner='FnApiRunner', options=PipelineOptions(list(options))) as pipeline:
        pipeline | beam.Create([Feed(feed) for feed in feeds]) | Ingest(run, FETCH, ANALYSIS)


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


def test_worker_processes_of_the_runner_and_another_day_give_the_same_rows(tmp_path):
    workers = ('--direct_running_mode=multi_processing', '--direct_num_workers=2')
    with made_sites(3) as sites:
        for number, site in enumerate(sites):
            site.answers |= {f'/{n}': page(f'Title {n}', f'word{number}{n}') for n in range(3)}
        links = [
            (f'Title {n}', f'{site.base}/{n}') for site in sites for n in range(4)
        ]  # one of each is gone
        feed = sites[0].feed(*links)
        ingest(tmp_path / 'one', feed, NOON, 'run-1')
        processes.close_all()
        ingest(tmp_path / 'two', feed, NOON + 3_600_000_000, 'run-2', workers)
    for table in ('articles', 'ledger', 'polls'):
        one, two = (compared(tmp_path / name, table) for name in ('one', 'two'))
        assert len(one) == {'articles': 9, 'ledger': 12, 'polls': 1}[table]
        assert one == two


def test_the_limit_of_a_run_counts_the_pages_of_all_workers(tmp_path):
    workers = ('--direct_running_mode=multi_processing', '--direct_num_workers=2')
    with made_sites(6) as sites:
        for site in sites:
            site.answers |= {f'/{n}': page(f'Title {n}', f'word{site.base}{n}') for n in range(4)}
        feeds = [site.feed(*((f'Title {n}', f'/{n}') for n in range(4))) for site in sites]
        for run, asked in (('run-1', 5), ('run-2', 10)):
            ingest(tmp_path, feeds, NOON + asked * DAY, run, workers, limit=5)
            processes.close_all()
            pages = [site.base + path for site in sites for path in site.asked if path[1:].isdigit()]
            assert len(pages) == len(set(pages)) == asked
    ledger = pq.read_table(tmp_path / 'ledger').to_pylist()
    last = {row['sighting_id']: row for row in sorted(ledger, key=lambda row: row['attempt'])}
    waiting = [row for row in last.values() if row['disposition'] == 'deferred']
    assert len(last) == 24 and len(waiting) == 14
    assert {row['reason'] for row in waiting} == {'run_ended'}
    assert run_command('pipelines.check', [str(tmp_path)]) == 0


def compared(lake, table):
    """The rows of a table without the columns that depend on the observation."""
    columns = [c for c in TABLES[table].schema.names if c not in OBSERVATION_COLUMNS]
    rows = pq.read_table(lake / table, columns=[*columns, *TABLES[table].partitions])
    return sorted(map(str, rows.to_pylist()))


def test_pages_are_looked_at_again_after_a_while_and_ever_less_often(tmp_path):
    hour = 3_600_000_000
    asked = []
    with made_sites() as (site,):
        site.answers['/0'] = page('Title')
        feed = site.feed(('Title', '/0'))
        for number in (0, 1, 2, 3, 4, 7, 8, 15, 16):
            if number == 15:
                site.answers['/0'] = page('Title', 'flood')  # and its feed says nothing
            before = site.asked.count('/0')
            ingest(tmp_path, feed, NOON + number * hour, f'run-{number:02}', revisit_after_s=7200)
            if site.asked.count('/0') > before:
                asked.append(number)
    assert asked == [0, 2, 4, 8, 16]
    rows = pandas.read_parquet(tmp_path / 'articles').sort_values('version')
    assert rows['version'].tolist() == [1, 2]
    assert rows['changed'].map(list).tolist() == [[], ['body']]
    ledger = pandas.read_parquet(tmp_path / 'ledger').sort_values('decided_at')
    looks = ledger[ledger['poll_id'].isna()]
    assert looks['disposition'].tolist() == ['unchanged'] * 3 + ['updated']
    assert looks['entry'].notna().all()
    assert run_command('pipelines.check', [str(tmp_path)]) == 0


def test_a_page_that_is_looked_at_again_keeps_what_its_feed_alone_has_said(tmp_path):
    with made_sites() as (site,):
        site.answers['/0'] = page('Title')
        feed = site.feed(('Title', '/0'))
        said = '<category>floods</category><pubDate>Mon, 03 Mar 2025 08:15:00 GMT</pubDate></item>'
        site.answers['/rss'] = site.answers['/rss']._replace(
            body=site.answers['/rss'].body.replace('</item>', said)
        )
        ingest(tmp_path, feed, NOON, 'run-1')  # without the flag: no entries are kept
        site.answers['/0'] = page('Title', 'flood')
        ingest(tmp_path, feed, NOON + DAY, 'run-2', revisit_after_s=7200)
    first, second = pandas.read_parquet(tmp_path / 'articles').sort_values('version').to_dict('records')
    assert list(second['changed']) == ['body']
    assert list(first['tags']) == list(second['tags']) == ['floods']
    assert first['published_at'] == second['published_at'] == pandas.Timestamp('2025-03-03T08:15Z')
