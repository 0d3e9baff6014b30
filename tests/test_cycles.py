"""Cycles of a job that never ends, without a cluster: a window is a run, and replays do nothing."""

import dataclasses
import json
import os
import time
from pathlib import Path

import apache_beam as beam
import pandas
import pytest
from apache_beam.transforms.window import FixedWindows, GlobalWindow, IntervalWindow, TimestampedValue

from pipelines.cycle_end import EndCycle
from pipelines.cycle_lines import CycleRecords, cycle_line
from pipelines.ingest import Ingest
from pipelines.lake_beat import LakeBeat
from schemas.cycles import Cycle
from schemas.feeds import Feed
from schemas.settings import AnalysisSettings, FetchSettings, RunSettings
from schemas.vocabulary import Reason
from tests.made_lakes import stage_articles
from tests.made_rows import NOON, article, sighting
from tests.made_site import Answer, made_sites, page
from transforms import processes
from transforms.beam_storage import open_lake
from transforms.cycles import cycle_run, run_of
from transforms.functions.books import COMMAND_RUN, recount
from transforms.functions.job_file import JobFile
from transforms.functions.ledger_rows import refused_row
from transforms.functions.staged_before import StagedBefore
from transforms.functions.table_commit import stage_rows

FETCH = FetchSettings(allow_private=('127.0.0.0/8',), min_delay_s=0.0)
ANALYSIS = AnalysisSettings(processes=1, entities_model='')
SECOND = NOON // 1_000_000


@pytest.fixture(autouse=True)
def clean_processes():
    yield
    processes.close_all()


@pytest.fixture
def job(tmp_path: Path) -> RunSettings:
    return RunSettings(str(tmp_path / 'lake'), '', 0, job='job-1', due_only=True)


def run_cycle(job: RunSettings, cycle: Cycle) -> None:
    """Works a cycle off as a runner does, but at once."""
    with beam.Pipeline(runner='FnApiRunner') as pipeline:
        begun = (
            pipeline | beam.Create([TimestampedValue(cycle, cycle.second)]) | beam.WindowInto(FixedWindows(1))
        )
        feeds = begun | 'Feeds' >> beam.FlatMap(lambda one: one.feeds).with_output_types(Feed)
        feeds | Ingest(job, FETCH, ANALYSIS, rounds=begun, finish=EndCycle(('watch',)), give_ledger=False)


def test_a_window_is_a_run_with_an_id_like_any_other(job):
    window = IntervalWindow(SECOND, SECOND + 1)
    run = run_of(job, window)
    assert COMMAND_RUN.fullmatch(run.run_id) and run.started_at == SECOND * 1_000_000
    assert run == run_of(job, window) == cycle_run(job, SECOND)
    assert run.run_id != run_of(dataclasses.replace(job, job='job-2'), window).run_id
    bounded = RunSettings('lake', 'run-1', 5)
    assert run_of(bounded, window) is bounded is run_of(bounded, GlobalWindow())


def test_a_cycle_commits_has_its_record_and_what_is_replayed_of_it_does_nothing(job):
    with made_sites() as (site,):
        site.answers |= {'/1': page('One'), '/2': page('Two', 'lake')}
        cycle = Cycle(int(time.time()), (Feed(site.feed(('One', '/1'), ('Two', '/2'))),))
        run_cycle(job, cycle)
        lake = open_lake(job.lake)
        run = cycle_run(job, cycle.second)
        assert processes.is_over(run)
        files = {path: path.read_bytes() for path in Path(job.lake).rglob('*.parquet')}
        asked = list(site.asked)
        assert sorted(asked) == ['/1', '/2', '/robots.txt', '/rss']
        run_cycle(job, cycle)
        assert site.asked == asked
        assert {path: path.read_bytes() for path in Path(job.lake).rglob('*.parquet')} == files
    assert set(pandas.read_parquet(f'{job.lake}/articles')['run_id']) == {run.run_id}
    assert not lake.storage.list_files(lake.staging(run.run_id))
    assert recount(lake).faults == ()


def test_the_record_of_a_cycle_counts_what_is_its_own_and_old_files_are_not_read_for_it(job):
    job = dataclasses.replace(job, poll_min_interval_s=1, poll_max_interval_s=1)
    with made_sites() as (site,):
        site.answers |= {'/1': page('One'), '/2': page('Two', 'lake')}
        now = int(time.time())
        run_cycle(job, Cycle(now, (Feed(site.feed(('One', '/1'))),)))
        for path in [*Path(job.lake).glob('ledger/**/*.parquet'), *Path(job.lake).glob('polls/**/*.parquet')]:
            os.utime(path, (now - 3_600, now - 3_600))
        run_cycle(job, Cycle(now + 60, (Feed(site.feed(('Two', '/2'), ('One', '/1'))),)))
    record = json.loads(Path(f'{job.lake}/_runs/{cycle_run(job, now + 60).run_id}.json').read_text())
    assert record['dispositions'] == {'written': 1}
    assert record['counters']['extract_articles_us'] > 0 and 'extract_articles' in record['stages_ms']
    assert (record['items_shown'], record['items_unchanged']) == (2, 1)
    assert recount(open_lake(job.lake)).faults == ()


def test_what_cycles_did_is_told_once_from_their_records_and_only_of_this_job(job, tmp_path):
    began = int(time.time())
    job_id = cycle_run(job, began).run_id
    job = dataclasses.replace(job, job=job_id, poll_min_interval_s=1, poll_max_interval_s=1)
    records = CycleRecords(open_lake(job.lake), job)
    assert list(records.new()) == []
    with made_sites() as (site,):
        site.answers |= {'/1': page('One'), '/2': Answer(status=404)}
        feed = Feed(site.feed(('One', '/1'), ('Two', '/2')))
        run_cycle(job, Cycle(began + 1, (feed,)))
        run_cycle(dataclasses.replace(job, job='another'), Cycle(began + 2, (feed,)))
        run_cycle(job, Cycle(began + 3))  # with nothing to do
        (record,) = records.new()
        assert cycle_line(record).partition('  ')[2] == '1 feed polled; 1 rejected, 1 written'
        assert list(records.new()) == []
        site.answers['/3'] = page('Three', 'river')
        run_cycle(job, Cycle(began + 60, (Feed(site.feed(('Three', '/3'))),)))
        assert [cycle_line(one).partition('  ')[2] for one in records.new()] == ['1 feed polled; 1 written']


def test_a_cycle_begins_when_a_feed_is_due_and_the_last_one_is_over(job, tmp_path):
    with made_sites() as (site,):
        site.answers['/1'] = page('One')
        list_of_feeds = tmp_path / 'feeds.txt'
        list_of_feeds.write_text(site.feed(('One', '/1')) + '\nno feed\n')
        beat = LakeBeat(job, (str(list_of_feeds),), FETCH, commit_every_s=0.0)
        file = JobFile(open_lake(job.lake))
        assert beat.look(None) is None  # it is not the lake's job
        file.begin('job-1')
        cycle = beat.look(None)
        assert [feed.url for feed in cycle.feeds] == [site.base + '/rss']
        assert [row.reason for row in cycle.faults] == ['source_unreadable']
        assert beat.look(cycle.second) is None  # at work
        run_cycle(job, cycle)
        assert beat.look(cycle.second) is None  # nothing is due
        list_of_feeds.write_text(site.base + '/rss\n' + site.base + '/other\n')
        while (later := beat.look(cycle.second)) is None:  # not within the same second
            time.sleep(0.05)
        assert [feed.url for feed in later.feeds] == [site.base + '/other'] and not later.faults


def test_a_job_that_is_to_stop_begins_nothing_and_says_when_it_is_at_rest(job, tmp_path):
    (tmp_path / 'feeds.txt').write_text('http://127.0.0.1:1/rss\n')
    beat = LakeBeat(job, (str(tmp_path / 'feeds.txt'),), FETCH, commit_every_s=0.0)
    file = JobFile(open_lake(job.lake))
    file.begin('job-1', 'submission')
    cycle = beat.look(None)
    file.stop('job-1')
    assert beat.look(cycle.second) is None and not file.is_at_rest('job-1')
    EndCycle(('watch',))(cycle_run(job, cycle.second))
    assert beat.look(cycle.second) is None and file.is_at_rest('job-1')
    assert file.current() == ('job-1', 'submission')
    file.begin('job-2')
    assert not file.is_current('job-1')


def test_what_a_run_has_staged_is_found_by_all_the_sightings_of_a_page(tmp_path):
    lake = open_lake(str(tmp_path / 'lake'))
    flood, other = sighting('flood'), sighting('x', poll_id='poll-2')
    (staged,) = stage_articles(lake, article('The dam held.', flood), run_id='run-1')
    row = refused_row(other, Reason.HTTP_4XX, None, run_id='run-1', decided_at=NOON)
    waits = refused_row(sighting('y'), Reason.RUN_ENDED, None, run_id='run-1', decided_at=NOON)
    before = StagedBefore(lake, 'run-1')
    before.look_again()
    assert before.find((other,)) is None
    stage_rows(lake, 'ledger', 'run-1', [vars(row), vars(waits)])
    before.look_again()
    assert dataclasses.replace(before.find((flood,)), pinned=staged.pinned) == staged
    assert before.find((other,)) == (row,)
    assert before.find((flood, other)) is None  # another page came to it since
    assert before.find((sighting('y'),)) is None  # it was put off
    assert StagedBefore(lake, 'run-2').find((flood,)) is None
