"""The books and the recovery of interrupted runs."""

import os
import shutil

import pytest

from schemas.vocabulary import Disposition
from tests.made_lakes import commit, decided, poll, stage_articles, write
from tests.made_rows import NOON, article, sighting
from transforms.functions.books import recount
from transforms.functions.lake import Lake
from transforms.functions.lake_state import LakeState
from transforms.functions.recovery import interrupted_runs, roll_forward
from transforms.functions.storage import LocalStorage
from transforms.functions.table_commit import stage_rows


@pytest.fixture
def lake(tmp_path):
    return Lake(str(tmp_path / 'lake'), LocalStorage())


def fill(lake):
    done = commit(lake, article())
    write(lake, 'ledger', *done.ledger, decided(sighting('b'), Disposition.REJECTED, reason='http_4xx'))
    write(lake, 'polls', poll(shown=3, unchanged=1))


def test_a_lake_whose_books_balance_has_no_faults(lake):
    fill(lake)
    found = recount(lake)
    assert found.faults == ()
    assert found.rows == {'articles': 1, 'mentions': 1, 'links': 0, 'ledger': 2, 'polls': 1}


def test_a_poll_that_shows_more_than_was_decided_is_named(lake):
    fill(lake)
    write(lake, 'polls', poll(shown=2, unchanged=1, poll_id='poll-9'))
    (fault,) = recount(lake).faults
    assert 'poll poll-9' in fault and 'showed 2 items' in fault


def test_an_article_that_disappeared_is_named(lake):
    fill(lake)
    shutil.rmtree(f'{lake.root}/articles')
    faults = recount(lake).faults
    assert any('has 0 rows in articles, but 1 ledger rows' in fault for fault in faults)
    assert any('mentions has rows of 1 articles that are not there' in fault for fault in faults)


def test_a_file_that_is_there_twice_is_named(lake):
    fill(lake)
    (path,) = lake.files('articles')
    shutil.copy(path, path.replace('.parquet', '-copy.parquet'))
    assert any('row ids occur more than once' in fault for fault in recount(lake).faults)


def test_a_damaged_file_is_named_and_the_others_are_still_counted(lake):
    fill(lake)
    (path,) = lake.files('mentions')
    with open(path, 'r+b') as file:
        file.truncate(os.path.getsize(path) // 2)
    found = recount(lake)
    assert any(path in fault and 'cannot be read' in fault for fault in found.faults)
    assert found.rows['articles'] == 1


def test_hidden_files_are_no_data(lake):
    fill(lake)
    stage_articles(lake, article('Staged only.', sighting('c')))
    assert recount(lake).faults == ()


def test_a_run_that_died_after_staging_is_completed_without_fetching_again(lake):
    stage_articles(lake, article(), article('Other.', sighting('b')))
    assert interrupted_runs(lake) == ['run-1']
    assert roll_forward(lake, 'run-1', NOON + 9) == 2
    assert interrupted_runs(lake) == []
    found = recount(lake)
    assert found.faults == () and found.rows['articles'] == 2 and found.rows['ledger'] == 2


def test_a_run_that_died_between_articles_and_ledger_gets_its_ledger_rows(lake):
    commit(lake, article())
    assert recount(lake).faults != ()
    roll_forward(lake, 'run-1', NOON + 9)
    assert recount(lake).faults == ()
    known = LakeState(lake, '2025-01-01').page('news.example/item-1')
    assert known.disposition == 'written'


def test_staged_ledger_rows_and_polls_of_a_dead_run_come_in_too(lake):
    fill(lake)
    lake.storage.delete_folder(lake.staging('run-1'))
    stage_rows(
        lake,
        'ledger',
        'run-2',
        [vars(decided(sighting('z'), Disposition.REJECTED, 'run-2', reason='robots'))],
    )
    roll_forward(lake, 'run-2', NOON + 9)
    assert recount(lake).rows['ledger'] == 3


def test_rolling_forward_twice_changes_nothing(lake):
    stage_articles(lake, article())
    kept = f'{lake.root}-kept'
    shutil.copytree(lake.staging('run-1'), kept)
    roll_forward(lake, 'run-1', NOON + 9)
    before = recount(lake)
    shutil.copytree(kept, lake.staging('run-1'))
    roll_forward(lake, 'run-1', NOON + 99)
    assert recount(lake) == before


def test_an_edit_that_is_rolled_forward_stays_in_the_partition_of_the_first_version(lake):
    commit(lake, article())
    lake.storage.delete_folder(lake.staging('run-1'))
    moved = article('Edited.', sighting(poll_id='poll-2'), published_at=NOON + 5 * 86_400_000_000)
    stage_articles(lake, moved, run_id='run-2')
    roll_forward(lake, 'run-2', NOON + 9)
    assert {lake.partition_of('articles', path) for path in lake.files('articles')} == {
        ('2025-03-03', 'news')
    }
