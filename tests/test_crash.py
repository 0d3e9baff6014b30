"""Runs that are killed lose and double nothing; and what watches them notices when one does.

The full form is ``python -m tests.crash_run``.
"""

import glob
import json
import os
import random
import shutil
import subprocess
import sys

import pandas
import pytest

from schemas.vocabulary import Disposition
from tests.crash_compare import compare
from tests.crash_moments import MOMENTS, Watch, plan
from tests.crash_reader import Reader
from tests.crash_run import ROOT, CrashTest, reading, report
from tests.crash_site import crash_site
from tests.made_lakes import commit, decided, poll, write
from tests.made_rows import article, sighting
from transforms.functions.lake import Lake
from transforms.functions.storage import LocalStorage

ARTICLES = 40
KILLS = 5
SEED = 12  # ends runs in ledger, staging, polls and articles, and one that takes up what they left


@pytest.fixture(scope='module')
def crashed(tmp_path_factory):
    """A site, and a lake that was filled by runs that were killed."""
    folder = tmp_path_factory.mktemp('crash')
    with crash_site(ARTICLES, SEED, folder / 'feeds.opml') as site:
        test = CrashTest(site, folder, SEED, ['--entities_model=none', '--analysis_processes=1'])
        with reading(test.lake, test.outcome), test.checking():
            test.run(KILLS, edit=True)
        yield site, test.lake, test.outcome


@pytest.fixture
def copied(crashed, tmp_path):
    """The same lake, to be damaged."""
    site, lake, _ = crashed
    shutil.copytree(lake, tmp_path / 'lake')
    return site, str(tmp_path / 'lake')


@pytest.fixture
def lake(tmp_path):
    """A lake of one article with its books."""
    made = Lake(str(tmp_path / 'lake'), LocalStorage())
    (written,) = commit(made, article()).ledger
    write(made, 'ledger', written)
    write(made, 'polls', poll(1))
    return made


def parquet(lake, table):
    return sorted(glob.glob(f'{lake}/{table}/**/*.parquet', recursive=True))


def test_runs_that_are_killed_five_times_lose_and_double_nothing(crashed):
    _, _, outcome = crashed
    assert outcome.faults == []
    assert len(outcome.kills) == KILLS and outcome.readings > 50 and outcome.checks > KILLS
    assert 'nothing lost, nothing doubled' in report(outcome)


def test_what_is_lost_or_doubled_at_the_end_is_noticed(copied):
    site, lake = copied
    assert compare(site, lake) == []
    path = parquet(lake, 'articles')[0]
    shutil.copy(path, path.replace('.parquet', 'a.parquet'))
    (url, *_) = pandas.read_parquet(path)['url']
    assert any(url in fault and 'is there' in fault for fault in compare(site, lake))
    for one in (path, path.replace('.parquet', 'a.parquet')):
        os.remove(one)
    assert f'{url} is not in the lake' in compare(site, lake)
    for one in parquet(lake, 'links')[1:]:
        os.remove(one)
    assert any('has 0 links' in fault for fault in compare(site, lake))


def test_an_edition_that_is_not_in_the_lake_is_noticed(crashed):
    site, lake, _ = crashed
    page = next(page for page in site.pages if not page.copy_of)
    page.edition += 1
    try:
        assert compare(site, lake) == [f'{page.url}: its last version is not the last edition']
    finally:
        page.edition -= 1


def test_a_lake_as_it_should_be_gives_a_reader_no_fault(lake):
    reader = Reader(lake.root)
    for _ in range(4):
        reader.look()
    assert (reader.faults, reader.restarts, reader.readings) == ([], 0, 16)


def test_a_reader_notices_a_row_that_is_there_twice(lake):
    path = parquet(lake.root, 'mentions')[0]
    shutil.copy(path, path.replace('.parquet', 'a.parquet'))
    reader = Reader(lake.root)
    reader.look()
    assert reader.faults == ['mentions: 1 row ids are there twice']


def test_a_reader_notices_a_row_that_vanishes(lake):
    reader = Reader(lake.root)
    reader.look()
    os.remove(parquet(lake.root, 'mentions')[0])
    reader.look()
    (fault,) = reader.faults
    assert fault.startswith('mentions: 1 rows that were there are gone')


@pytest.mark.parametrize('table', ['articles', 'polls'])
def test_a_reader_notices_a_part_of_a_file(lake, table):
    path = parquet(lake.root, table)[0]
    os.truncate(path, os.path.getsize(path) - 20)
    reader = Reader(lake.root)
    reader.look()
    assert reader.faults[0].startswith(f'{table}: cannot be read')


def test_a_reader_notices_books_that_are_ahead_of_what_they_count(lake):
    write(lake, 'ledger', decided(sighting('other'), Disposition.WRITTEN, row_id='nowhere'))
    write(lake, 'polls', poll(3, poll_id='poll-2'))
    reader = Reader(lake.root)
    reader.look()
    assert reader.faults == [
        'ledger: names 1 articles that are not there',
        'polls: 2 are there before all their ledger rows, such as poll-1',
    ]


class LateReader(Reader):
    """Finds that a file of the ledger is gone when it opens it."""

    def _read(self, name):
        if name == 'ledger':
            raise FileNotFoundError('a.parquet')
        return super()._read(name)


@pytest.mark.parametrize(
    ('compacting', 'faults'),
    [(True, []), (False, ['ledger: a file that was listed is not there: a.parquet'])],
)
def test_a_file_that_is_gone_once_it_is_opened_is_a_fault_unless_the_lake_is_compacted(
    lake, compacting, faults
):
    reader = LateReader(lake.root, compacting)
    reader.look()
    assert (reader.restarts, reader.faults) == (1, faults)


def test_a_reader_of_its_own_says_what_it_found(lake):
    command = [sys.executable, '-m', 'tests.crash_reader', lake.root]
    done = subprocess.run(command, cwd=ROOT, input='', capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)['faults'] == []


def test_every_moment_has_its_turn_before_any_comes_again_and_a_seed_draws_the_same():
    planned = plan(len(MOMENTS) + 3, random.Random(4))
    assert {moment for moment, _ in planned[: len(MOMENTS)]} == set(MOMENTS)
    assert planned == plan(len(MOMENTS) + 3, random.Random(4)) != plan(len(MOMENTS) + 3, random.Random(5))
    assert all(0 <= delay <= MOMENTS[moment] for moment, delay in planned)


@pytest.mark.parametrize(
    ('path', 'phase'),
    [
        ('_staging/run-2/articles/a.parquet.partial', 'staging'),
        ('_staging/run-2/ledger/a.parquet', 'ledger'),
        ('_staging/run-2/commit/mentions-2025-03-03-a.parquet', 'mentions'),
        ('articles/date=2025-03-03/outlet=a/b.parquet', 'articles'),
        ('links/date=2025-03-03/b.parquet', 'links'),
        ('_runs/run-2.json', 'record'),
    ],
)
def test_the_last_thing_that_a_run_wrote_says_in_which_phase_it_was(tmp_path, path, phase):
    class Site:
        feeds = 0

        def counts(self):
            return self.feeds, 0

        def last_asked(self):
            return 0

    site, root = Site(), tmp_path / 'lake'
    (root / '_staging' / 'run-1').mkdir(parents=True)
    watch = Watch(str(root), site)
    assert watch.phase() == 'starting'
    first, last = root / '_staging' / 'run-2' / 'articles' / '0.parquet', root / path
    for file in (first, last):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b'')
    while last.stat().st_ctime_ns <= first.stat().st_ctime_ns:  # file systems count in ticks
        last.write_bytes(b'1' + last.read_bytes())
    assert watch.phase() == 'recovery'  # nobody was asked yet, so it was at what a dead run left
    site.feeds = 1
    assert watch.phase() == phase
