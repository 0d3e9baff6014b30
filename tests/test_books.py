"""The books and the recovery of interrupted runs."""

import dataclasses
import os
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.cli import run_command
from schemas.articles import Entity
from schemas.tables import SCHEMA_VERSION
from schemas.vocabulary import Disposition
from tests.made_lakes import PLACE, commit, decided, finish, poll, stage_articles, write
from tests.made_rows import NOON, article, sighting
from transforms.functions.books import recount
from transforms.functions.lake import Lake
from transforms.functions.recovery import interrupted_runs, roll_forward
from transforms.functions.state.lake_state import LakeState
from transforms.functions.storage import LocalStorage
from transforms.functions.table_commit import stage_rows


@pytest.fixture
def lake(tmp_path):
    return Lake(str(tmp_path / 'lake'), LocalStorage())


HERE = {'article_date': PLACE[0], 'article_outlet': PLACE[1]}


def row_ids(lake):
    return {id for path in lake.files('articles') for id in pq.ParquetFile(path).read()['row_id'].to_pylist()}


def move(lake, table, part, other, how):
    path = lake.files(table)[0]
    final = path.replace(part, other)
    os.makedirs(os.path.dirname(final), exist_ok=True)
    how(path, final)


def commit_versions(lake, versions):
    """An article whose versions have these numbers, each with its ledger row."""
    for n, _ in enumerate(versions):
        done = commit(lake, article(f'Text {n}.', sighting('a', poll_id=f'poll-{n}')))
        write(lake, 'ledger', *done.ledger)
        write(lake, 'polls', poll(shown=1, poll_id=f'poll-{n}'))
    finish(lake)
    for path in lake.files('articles'):
        rows = pq.read_table(path, partitioning=None)
        numbers = [versions[n - 1] for n in rows['version'].to_pylist()]
        pq.write_table(set_column(rows, 'version', numbers), path)


ENTITY = Entity('Dam', 'FAC', 'fac:dam', None, 1, 0.8)


def fill(lake):
    done = commit(lake, article(entities=(ENTITY,)))
    write(lake, 'ledger', *done.ledger, decided(sighting('b'), Disposition.REJECTED, reason='http_4xx'))
    write(lake, 'polls', poll(shown=3, unchanged=1))
    finish(lake)


def rewrite(lake, table, change):
    """Replaces the rows of a table's first file by what ``change`` makes of them."""
    path = lake.files(table)[0]
    rows = change(pq.read_table(path, partitioning=None))
    pq.write_table(rows, path)


def set_column(rows, name, values):
    at = rows.schema.get_field_index(name)
    return rows.set_column(at, name, pa.array(values, rows.schema.field(name).type))


def fault_of(lake, words):
    """The one fault that has these words."""
    (fault,) = [fault for fault in recount(lake).faults if words in fault]
    return fault


def test_a_lake_whose_books_balance_has_no_faults(lake):
    fill(lake)
    found = recount(lake)
    assert (found.faults, found.notes) == ((), ())
    assert found.rows == {'articles': 1, 'mentions': 1, 'links': 0, 'ledger': 2, 'polls': 1}


def test_a_poll_that_shows_more_than_was_decided_is_named(lake):
    fill(lake)
    write(lake, 'polls', poll(shown=2, unchanged=1, poll_id='poll-9'))
    finish(lake)
    (fault,) = recount(lake).faults
    assert 'poll poll-9' in fault and 'showed 2 items' in fault


def test_of_many_polls_that_do_not_add_up_the_first_are_named_and_the_rest_counted(lake):
    write(lake, 'polls', *[poll(shown=2, poll_id=f'poll-{n}') for n in range(23)])
    finish(lake)
    faults = recount(lake).faults
    assert len(faults) == 21 and faults[-1] == '3 more polls do not add up either'


def test_an_article_that_disappeared_is_named(lake):
    fill(lake)
    shutil.rmtree(f'{lake.root}/articles')
    assert 'run run-1: 1 ledger rows' in fault_of(lake, 'articles lacks their row')
    assert fault_of(lake, 'mentions has rows of 1 articles that are not there')


def test_articles_and_ledger_rows_that_are_as_many_but_not_the_same_are_named(lake):
    fill(lake)
    done = commit(lake, article('Other.', sighting('c', poll_id='poll-2')))
    (gone,) = [row for row in done.ledger if row.disposition == 'written']
    write(lake, 'ledger', dataclasses.replace(gone, row_id='another-row'))
    write(lake, 'polls', poll(shown=1, poll_id='poll-2'))
    finish(lake)
    assert gone.row_id in fault_of(lake, 'no ledger row that says written or updated')
    assert 'another-row' in fault_of(lake, 'articles lacks their row')


def test_a_row_that_two_ledger_rows_claim_to_have_written_is_named(lake):
    fill(lake)
    (row_id,) = row_ids(lake)
    again = decided(sighting('c', poll_id='poll-2'), Disposition.WRITTEN, row_id=row_id, **HERE)
    write(lake, 'ledger', again)
    write(lake, 'polls', poll(shown=1, poll_id='poll-2'))
    finish(lake)
    assert row_id in fault_of(lake, 'have more than one ledger row')


def test_a_file_that_is_there_twice_is_named(lake):
    fill(lake)
    for table in ('articles', 'mentions', 'ledger', 'polls'):
        path = lake.files(table)[0]
        shutil.copy(path, path.replace('.parquet', '-copy.parquet'))
        assert fault_of(lake, f'{table}: ').startswith(f'{table}: 1 row ids occur more than once')


def test_an_article_in_two_partitions_is_named(lake):
    fill(lake)
    move(lake, 'articles', 'outlet=news', 'outlet=other', shutil.copy)
    assert 'such as' in fault_of(lake, '1 articles are in more than one partition')


def test_a_file_of_articles_that_was_moved_is_named(lake):
    fill(lake)
    move(lake, 'articles', 'date=2025-03-03', 'date=2025-03-04', shutil.move)
    assert '2025-03-03/news, but it is in 2025-03-04/news' in fault_of(lake, 'ledger rows name another')
    assert fault_of(lake, 'mentions of 1 articles are in another partition')


@pytest.mark.parametrize('table', ['ledger', 'polls'])
def test_a_file_of_another_day_is_named(lake, table):
    fill(lake)
    move(lake, table, 'date=2025-03-03', 'date=2025-03-04', shutil.move)
    (fault,) = recount(lake).faults
    assert f'{table}/date=2025-03-04' in fault and 'holds rows of 2025-03-03' in fault


def test_a_file_beside_the_partitions_is_named(lake):
    fill(lake)
    move(lake, 'polls', 'date=2025-03-03/', '', shutil.move)
    assert fault_of(lake, 'is not in a folder date=…')


@pytest.mark.parametrize('versions', [[2], [1, 3], [1, 1], [0, 1]])
def test_versions_that_are_not_1_to_n_are_named(lake, versions):
    commit_versions(lake, versions)
    assert fault_of(lake, 'versions 1 to n').endswith(', '.join(map(str, versions)))


def test_versions_1_to_n_are_well(lake):
    commit_versions(lake, [1, 2])
    assert recount(lake).faults == ()


def test_an_attempt_after_the_one_that_decided_is_named(lake):
    fill(lake)
    for attempt, disposition in ((1, Disposition.FAILED), (2, Disposition.REJECTED)):
        write(lake, 'ledger', decided(sighting('b', attempt=attempt), disposition, reason='http_5xx'))
    finish(lake)
    assert sighting('b').sighting_id in fault_of(lake, '1 sightings were tried again')


def test_attempts_up_to_the_one_that_decided_are_well(lake):
    fill(lake)
    for attempt, disposition in enumerate((Disposition.DEFERRED, Disposition.FAILED, Disposition.REJECTED)):
        seen = sighting('b', poll_id='poll-2', attempt=attempt)
        write(lake, 'ledger', decided(seen, disposition, reason='http_5xx'))
    write(lake, 'polls', poll(shown=1, poll_id='poll-2'))
    finish(lake)
    assert recount(lake).faults == ()


@pytest.mark.parametrize(('count', 'gone'), [(2, False), (1, True)])
def test_mentions_that_are_not_those_of_the_entities_are_named(lake, count, gone):
    done = commit(lake, article(entities=(dataclasses.replace(ENTITY, count=count),)))
    write(lake, 'ledger', *done.ledger)
    write(lake, 'polls', poll(shown=1))
    finish(lake)
    if gone:
        shutil.rmtree(f'{lake.root}/mentions')
    (fault,) = recount(lake).faults
    assert fault.startswith('1 articles have another number of mentions than their entities count')
    assert fault.endswith(f'{done.written[0].row_id}: {int(not gone)}, not {count}')


def test_mentions_that_were_tagged_and_not_linked_are_well(lake):
    done = commit(lake, article(entities=()))
    write(lake, 'ledger', *done.ledger)
    write(lake, 'polls', poll(shown=1))
    finish(lake)
    assert recount(lake).faults == ()


def test_items_of_a_poll_that_is_not_there_are_named_when_their_run_ended_by_itself(lake):
    fill(lake)
    shutil.rmtree(f'{lake.root}/polls')
    assert 'poll-1' in fault_of(lake, '2 items in the ledger are of polls that are not there')
    shutil.rmtree(f'{lake.root}/_runs')  # a run that was rolled forward: its polls never came
    assert recount(lake).faults == ()


def test_an_item_of_a_killed_run_that_a_later_run_took_up_needs_no_poll(lake):
    write(lake, 'ledger', decided(sighting(), Disposition.FAILED, reason='timeout'))
    finish(lake, recorded=False)
    seen = sighting(attempt=1)
    write(lake, 'ledger', decided(seen, Disposition.REJECTED, 'run-2', reason='http_4xx'), run_id='run-2')
    finish(lake, 'run-2')
    assert recount(lake).faults == ()


def test_a_damaged_file_is_named_and_the_others_are_still_counted(lake):
    fill(lake)
    (path,) = lake.files('mentions')
    with open(path, 'r+b') as file:
        file.truncate(os.path.getsize(path) // 2)
    found = recount(lake)
    assert any(path in fault and 'cannot be read' in fault for fault in found.faults)
    assert found.rows['articles'] == 1


def test_a_damaged_page_is_named(lake):
    fill(lake)
    (path,) = lake.files('articles')
    with pq.ParquetFile(path) as file:
        column = file.metadata.row_group(0).column(file.schema.names.index('body'))
    with open(path, 'r+b') as file:
        file.seek(column.data_page_offset)
        file.write(b'\xff' * column.total_compressed_size)
    assert path in fault_of(lake, 'cannot be read')


def test_text_that_is_no_utf_8_is_named(lake):
    fill(lake)
    bad = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b'\0\0\0\0\2\0\0\0'), pa.py_buffer(b'\xc3(')]
    )
    rewrite(lake, 'polls', lambda rows: rows.set_column(2, pa.field('feed_title', pa.string()), bad))
    assert lake.files('polls')[0] in fault_of(lake, 'cannot be read')


def test_a_column_of_another_type_is_named(lake):
    fill(lake)
    rewrite(lake, 'polls', lambda rows: rows.set_column(0, 'poll_id', pa.array([1])))
    assert fault_of(lake, 'column poll_id is int64, not string')


def test_a_missing_column_is_named_unless_the_file_is_older_than_the_column(lake):
    fill(lake)
    rewrite(lake, 'polls', lambda rows: rows.drop_columns(['bytes', 'etag']))
    assert fault_of(lake, 'lacks the columns ').endswith('etag, bytes')
    older = {b'dateline.schema': str(int(SCHEMA_VERSION) - 1).encode()}
    rewrite(lake, 'polls', lambda rows: rows.replace_schema_metadata(older))
    assert recount(lake).faults == ()


def test_nulls_where_none_may_be_are_named(lake):
    fill(lake)
    path = lake.files('ledger')[0]
    nullable = pa.schema([field.with_nullable(True) for field in pq.read_schema(path)])
    rewrite(lake, 'ledger', lambda rows: set_column(rows.cast(nullable), 'transient', [None]))
    assert path in fault_of(lake, 'column transient is null in 1 rows')


def test_values_outside_the_vocabularies_are_named(lake):
    fill(lake)
    rewrite(lake, 'ledger', lambda rows: set_column(rows, 'reason', ['bored']))
    assert fault_of(lake, "column reason holds ['bored']")
    rewrite(lake, 'articles', lambda rows: set_column(rows, 'date_from', ['dreamt']))
    assert fault_of(lake, "column date_from holds ['dreamt']")


def test_what_an_interrupted_run_has_not_committed_yet_is_a_note_and_no_fault(lake):
    fill(lake)
    seen = sighting('c', poll_id='poll-2')
    commit(lake, article('Other.', seen, entities=(ENTITY,)), run_id='run-2')
    (path,) = [
        path for path in lake.files('mentions') if 'run-2' in str(pq.ParquetFile(path).read()['run_id'])
    ]
    os.remove(path)  # it died before it wrote these
    staged = lake.staging('run-2')
    shutil.copytree(staged, f'{lake.root}-kept')
    write(lake, 'polls', poll(shown=1, poll_id='poll-2', run_id='run-2'), run_id='run-2')
    found = recount(lake)
    assert found.faults == ()
    assert found.notes == ('run run-2 was interrupted or is still at work; the next run completes it',)
    finish(lake, 'run-2')
    assert len(recount(lake).faults) == 3
    shutil.copytree(f'{lake.root}-kept', staged)
    roll_forward(lake, 'run-2', NOON + 9)
    assert recount(lake).faults == ()


def test_faults_of_other_runs_are_found_beside_an_interrupted_one(lake):
    fill(lake)
    stage_articles(lake, article('Other.', sighting('c')), run_id='run-2')
    shutil.rmtree(f'{lake.root}/articles')
    assert fault_of(lake, 'run run-1: 1 ledger rows')


def test_check_says_what_was_interrupted_and_that_all_is_well(lake, capsys):
    fill(lake)
    stage_articles(lake, article('Other.', sighting('c')), run_id='run-2')
    assert run_command('pipelines.check', [lake.root]) == 0
    note, well = capsys.readouterr().out.splitlines()
    assert note == 'run run-2 was interrupted or is still at work; the next run completes it'
    assert well.startswith(f'{lake.root}: all is well. Rows: 1 articles, ')


def test_check_of_a_lake_that_holds_only_what_a_killed_run_staged_says_what_to_do(lake, capsys):
    said = f'{lake.root}: interrupted before anything was committed; run the same command again\n'
    os.makedirs(lake.root)
    open(f'{lake.root}/_lock', 'w').close()
    assert run_command('pipelines.check', [lake.root]) == 0
    assert capsys.readouterr().out == said
    stage_articles(lake, article())
    assert run_command('pipelines.check', [lake.root + '/']) == 0
    assert capsys.readouterr().out == said


@pytest.mark.parametrize(
    ('given', 'said'),
    [
        ('/', 'dateline: /: holds no table of a lake'),
        ('', "dateline: '': there is no such folder"),
        ('/no/such/', 'dateline: /no/such: there is no such folder'),
    ],
)
def test_check_of_what_is_no_lake_names_it(given, said, capsys):
    assert run_command('pipelines.check', [given]) == 2
    assert capsys.readouterr().err.startswith(said)


class MergingStorage(LocalStorage):
    """Another command merges a partition when its first file is about to be read."""

    def __init__(self, times):
        self.times = times

    def open(self, path):
        if self.times and '/ledger/' in path:
            self.times -= 1
            raise FileNotFoundError(path)
        return super().open(path)


def test_a_partition_that_is_exchanged_while_it_is_read_is_read_again(lake):
    fill(lake)
    assert recount(Lake(lake.root, MergingStorage(4))) == recount(lake)
    with pytest.raises(FileNotFoundError):
        recount(Lake(lake.root, MergingStorage(99)))


def test_an_attempt_that_a_repair_adds_after_a_decision_is_well(lake):
    fill(lake)
    for attempt, run_id, disposition in (
        (1, 'repair-1', Disposition.DEFERRED),
        (2, 'run-1', Disposition.REJECTED),
    ):
        write(lake, 'ledger', decided(sighting('b', attempt=attempt), disposition, run_id, reason='http_4xx'))
    finish(lake)
    assert recount(lake).faults == ()
    write(lake, 'ledger', decided(sighting('b', attempt=3), Disposition.REJECTED, 'run-1', reason='http_4xx'))
    assert '1 sightings were tried again' in fault_of(lake, sighting('b').sighting_id)


def test_items_that_no_poll_showed_are_in_no_poll_s_books(lake):
    fill(lake)
    write(lake, 'ledger', decided(sighting('b', poll_id=''), Disposition.UNCHANGED))
    assert recount(lake).faults == ()


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
    found = recount(lake)
    assert found.faults == ()
    assert found.notes == ('run run-1 was interrupted or is still at work; the next run completes it',)
    roll_forward(lake, 'run-1', NOON + 9)
    assert (recount(lake).faults, recount(lake).notes) == ((), ())
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
