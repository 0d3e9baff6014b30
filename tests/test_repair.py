"""``check --repair``: what each kind of loss leaves, and that nothing else is touched."""

import dataclasses
import glob
import json
import os
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import run_lock
from pipelines.cli import run_command
from schemas.articles import Entity, Mention
from schemas.tables import TABLES
from schemas.vocabulary import Disposition
from tests.made_lakes import PLACE, commit, decided, finish, poll, stage_articles, write
from tests.made_rows import DAY, NOON, article, sighting
from tests.small_run import retag
from transforms.functions.books import recount
from transforms.functions.forgotten import Forgotten, forget_for_good
from transforms.functions.lake import Lake
from transforms.functions.repairing.repair import repair
from transforms.functions.state.lake_state import LakeState
from transforms.functions.storage import LocalStorage

NOW = NOON + DAY


@pytest.fixture
def lake(tmp_path):
    return Lake(str(tmp_path / 'lake'), LocalStorage())


def mend(lake, **more):
    """Repairs and returns what was said; then the books must balance."""
    options = {'stale_after_s': 0.0, 'retag': retag} | more
    lines = list(repair(lake, f'repair-{len(os.listdir(lake.root))}', NOW, **options))
    assert recount(lake).faults == ()
    return lines


def made(body='The dam held.', seen=None, **fields):
    return retag('made-1')(article(body, seen, **fields))


def fill(lake):
    """Two articles of one poll, one of another day and poll, and items that gave none."""
    done = commit(lake, made(), made('A dam broke.', sighting('b')))
    other = sighting('c', poll_id='poll-2', seen_at=NOON - 3 * DAY)
    done_other = commit(lake, made('No dam was built.', other), run_id='run-2')
    more = [decided(sighting(item), Disposition.REJECTED, reason='http_4xx') for item in ('x', 'y')]
    waits = decided(sighting('z', poll_id='poll-2', seen_at=NOON - 3 * DAY), Disposition.FAILED, reason='dns')
    write(lake, 'ledger', *done.ledger, *more)
    write(lake, 'ledger', *done_other.ledger, waits, run_id='run-2')
    write(lake, 'polls', poll(shown=5, unchanged=1))
    write(lake, 'polls', poll(shown=2, poll_id='poll-2', polled_at=NOON - 3 * DAY), run_id='run-2')
    finish(lake)
    finish(lake, 'run-2')
    assert recount(lake).faults == ()


def all_rows(lake):
    return {table: sorted(map(str, lake.read(table, lake.files(table)).to_pylist())) for table in TABLES}


def ledger(lake):
    """The last attempt of each item."""
    rows = lake.read('ledger', lake.files('ledger')).to_pylist()
    rows.sort(key=lambda row: row['attempt'])
    return {row['feed_item_id'] or row['sighting_id']: row for row in rows}


def damage(path):
    """Flips the bits of one byte of the first column's values."""
    with pq.ParquetFile(path) as file:
        column = file.metadata.row_group(0).column(0)
        start = column.dictionary_page_offset or column.data_page_offset
    with open(path, 'r+b') as file:
        file.seek(start + column.total_compressed_size - 1)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 0xFF]))


def file_of(lake, table, item=None):
    """The file with an item's row; the first one without an item."""
    for path in lake.files(table):
        rows = pq.ParquetFile(path).read()
        if item is None or item in rows['feed_item_id'].to_pylist():
            return path
    raise AssertionError(f'no file of {table} has {item}')


def test_a_lake_that_is_well_stays_as_it_is(lake):
    fill(lake)
    before = all_rows(lake)
    assert mend(lake) == []
    assert all_rows(lake) == before
    assert not os.listdir(f'{lake.root}/_work') if os.path.exists(f'{lake.root}/_work') else True


def test_articles_of_a_damaged_file_are_fetched_again_and_the_others_stay(lake):
    fill(lake)
    before = all_rows(lake)
    path = file_of(lake, 'articles', 'c')
    damage(path)
    lines = mend(lake)
    aside = path.replace(lake.root, f'{lake.root}/_damaged')
    assert lines[0].startswith(f'{path}: cannot be read') and lines[0].endswith(f'moved to {aside}')
    assert lines[1] == f'{aside}: 0 rows of it could be read and are back in place'
    assert '1 items whose article is gone wait for the next run, which fetches it again' in lines
    assert len(pq.ParquetFile(lake.files('articles')[0]).read()) == 2
    row = ledger(lake)['c']
    assert (row['disposition'], row['transient'], row['reason'], row['attempt']) == (
        'deferred',
        True,
        None,
        1,
    )
    assert row['detail'] == 'the file with its article was damaged'
    assert len(set(all_rows(lake)['ledger']) - set(before['ledger'])) == 1
    (waiting,) = [s for s in LakeState(lake, '2025-01-01').waiting('run-9') if s.item_id == 'c']
    assert (waiting.url, waiting.attempt, waiting.feed_labels) == ('http://news.example/c', 2, ())
    assert LakeState(lake, '2025-01-01').article_partition(row['article_id']) == PLACE
    assert len(all_rows(lake)['mentions']) == 2


def test_an_article_that_was_fetched_again_after_its_loss_is_well(lake):
    fill(lake)
    damage(file_of(lake, 'articles', 'c'))
    mend(lake)
    (waiting,) = [s for s in LakeState(lake, '2025-01-01').waiting('run-3') if s.item_id == 'c']
    again = commit(lake, made('No dam was built.', waiting), run_id='run-3')
    write(lake, 'ledger', *again.ledger, run_id='run-3')
    finish(lake, 'run-3')
    assert ledger(lake)['c']['disposition'] == 'written'
    assert mend(lake) == []


def test_every_sighting_of_a_lost_article_waits_so_that_none_says_unchanged(lake):
    fill(lake)
    row = ledger(lake)['c']
    again = sighting('c', poll_id='poll-3')
    place = {name: row[name] for name in ('article_id', 'row_id', 'article_date', 'article_outlet')}
    write(lake, 'ledger', decided(again, Disposition.UNCHANGED, **place))
    write(lake, 'polls', poll(shown=1, poll_id='poll-3'))
    damage(file_of(lake, 'articles', 'c'))
    assert any(line.startswith('2 items whose article is gone') for line in mend(lake))
    waiting = [s.poll_id for s in LakeState(lake, '2025-01-01').waiting('run-9') if s.item_id == 'c']
    assert sorted(waiting) == ['poll-2', 'poll-3']


def test_a_row_group_that_can_be_read_comes_back(lake):
    fill(lake)
    path = file_of(lake, 'articles', 'b')
    rows = pq.ParquetFile(path).read()
    pq.write_table(rows, path, row_group_size=1, write_page_checksum=True)
    damage(path)
    lines = mend(lake)
    assert any(line.endswith('1 rows of it could be read and are back in place') for line in lines)
    assert len(all_rows(lake)['articles']) == 2
    assert sum('deferred' in row for row in all_rows(lake)['ledger']) == 1


def test_lost_mentions_are_found_anew_in_the_stored_texts(lake):
    fill(lake)
    before = all_rows(lake)
    damage(lake.files('mentions')[0])
    assert any('were found anew' in line for line in mend(lake))
    assert all_rows(lake) == before


def test_mentions_whose_model_is_not_there_are_named_and_their_articles_stay(lake):
    fill(lake)
    before = all_rows(lake)
    os.remove(lake.files('mentions')[0])

    def absent(model):
        raise ValueError(f'no model {model}')

    lines = list(repair(lake, 'repair-1', NOW, stale_after_s=0.0, retag=absent))
    assert any('are lost until made-1 is there: no model made-1' in line for line in lines)
    assert all_rows(lake)['articles'] == before['articles']
    assert len(recount(lake).faults) == 1
    mend(lake)


def test_articles_get_the_entities_of_a_model_that_finds_others_today(lake):
    fill(lake)
    os.remove(lake.files('mentions')[0])

    def newer(model):
        def tag(one):
            found = [Mention('body', n, n + 1, one.body[n], 'ORG', 0, 'X', 'org:x') for n in (0, 1)]
            one = dataclasses.replace(one, mentions=tuple(found), entities_model='made-2')
            return dataclasses.replace(one, entities=(Entity('X', 'ORG', 'org:x', None, 2, 1.0),))

        return tag

    mend(lake, retag=newer)
    rows = lake.read('articles', lake.files('articles'), ('entities_model',))
    assert 'made-2' in rows['entities_model'].to_pylist()


def test_ledger_rows_of_written_articles_are_rebuilt_and_the_rest_counted_as_lost(lake):
    fill(lake)
    path = file_of(lake, 'ledger', 'x')
    for other in lake.files('ledger'):  # the day's rows in one file
        if os.path.dirname(other) == os.path.dirname(path) and other != path:
            rows = pa.concat_tables([pq.ParquetFile(path).read(), pq.ParquetFile(other).read()])
            pq.write_table(rows, path, write_page_checksum=True)
            os.remove(other)
    before = ledger(lake)
    damage(path)
    lines = mend(lake)
    assert '2 articles got the ledger rows that they lacked' in lines
    assert '2 ledger rows are lost; their feeds are read in full by the next run' in lines
    after = ledger(lake)
    same = ('sighting_id', 'row_id', 'article_id', 'run_id', 'attempt', 'disposition', 'url_key', 'seen_at')
    for item in ('item-1', 'b'):
        assert [after[item][name] for name in same] == [before[item][name] for name in same]
    lost = [row for row in after.values() if row['feed_item_id'] is None]
    assert {(row['disposition'], row['transient'], row['reason']) for row in lost} == {
        ('failed', False, None)
    }
    state = LakeState(lake, '2025-01-01').feed('http://news.example/rss')
    assert state is None or state.polled_at < NOON
    assert mend(lake) == []


def test_polls_of_a_damaged_file_are_rebuilt_without_validators(lake):
    fill(lake)
    for path in lake.files('polls'):
        damage(path)
    assert '2 polls were rebuilt from their items in the ledger' in mend(lake)
    rows = {row['poll_id']: row for row in lake.read('polls', lake.files('polls')).to_pylist()}
    assert {key: (row['items_shown'], row['items_unchanged'], row['etag']) for key, row in rows.items()} == {
        'poll-1': (4, 0, None),
        'poll-2': (2, 0, None),
    }
    assert rows['poll-1']['fault'] == 'rebuilt: its file was damaged'


def test_rows_that_are_in_two_files_of_a_partition_are_there_once(lake):
    fill(lake)
    before = all_rows(lake)
    for table in ('articles', 'mentions', 'ledger', 'polls'):
        path = lake.files(table)[0]
        shutil.copy(path, path.replace('.parquet', '-copy.parquet'))
    lines = mend(lake)
    assert sum('rows that were there twice' in line for line in lines) == 4
    assert all_rows(lake) == before


def test_an_article_that_two_runs_wrote_at_once_is_one_run_s_and_unchanged_for_the_other(lake):
    fill(lake)
    path = file_of(lake, 'articles', 'c')
    rows = pq.ParquetFile(path).read()
    at = rows.schema.get_field_index('run_id')
    copy = rows.set_column(at, rows.schema.field(at), pa.array(['run-3'] * len(rows)))
    pq.write_table(copy, path.replace('.parquet', '-3.parquet'))
    (row,) = [row for row in ledger(lake).values() if row['feed_item_id'] == 'c']
    place = {name: row[name] for name in ('article_id', 'row_id', 'article_date', 'article_outlet')}
    write(lake, 'ledger', decided(sighting('c', poll_id='poll-3'), Disposition.WRITTEN, 'run-3', **place))
    write(lake, 'polls', poll(shown=1, poll_id='poll-3', run_id='run-3'), run_id='run-3')
    finish(lake, 'run-3')
    mend(lake)
    rows = [r for r in lake.read('ledger', lake.files('ledger')).to_pylist() if r['poll_id'] == 'poll-3']
    assert [row['disposition'] for row in sorted(rows, key=lambda row: row['attempt'])] == [
        'written',
        'unchanged',
    ]


@pytest.mark.parametrize('lost', [1, 2, 3])
def test_versions_that_are_left_are_numbered_anew(lake, lost):
    for n in (1, 2, 3):
        seen = sighting('a', poll_id=f'poll-{n}')
        done = commit(lake, article(f'Text {n}.', seen, mentions=()), run_id=f'run-{n}')
        write(lake, 'ledger', *done.ledger, run_id=f'run-{n}')
        write(lake, 'polls', poll(shown=1, poll_id=f'poll-{n}', run_id=f'run-{n}'), run_id=f'run-{n}')
        finish(lake, f'run-{n}')
    paths = {pq.ParquetFile(p).read()['version'].to_pylist()[0]: p for p in lake.files('articles')}
    damage(paths[lost])
    mend(lake)
    rows = sorted(lake.read('articles', lake.files('articles')).to_pylist(), key=lambda row: row['version'])
    kept = [n for n in (1, 2, 3) if n != lost]
    assert [(row['version'], row['body']) for row in rows] == [
        (place, f'Text {n}.') for place, n in enumerate(kept, 1)
    ]
    assert [row['changed'] for row in rows] == [[], ['body']]
    waiting = [s.poll_id for s in LakeState(lake, '2025-01-01').waiting('run-9')]
    assert waiting == [f'poll-{lost}']


def test_a_line_that_was_learned_to_be_boilerplate_is_no_edit_of_the_version_after_a_lost_one(lake):
    line = 'Sign up for the letter.'
    for n, (body, boilerplate) in enumerate([(f'It held.\n\n{line}', ()), ('x', ()), ('It held.', (line,))]):
        seen = sighting('a', poll_id=f'poll-{n}')
        one = article(body, seen, title=f'Title {n}', mentions=(), boilerplate=boilerplate)
        done = commit(lake, one, run_id=f'run-{n}')
        write(lake, 'ledger', *done.ledger, run_id=f'run-{n}')
        write(lake, 'polls', poll(shown=1, poll_id=f'poll-{n}', run_id=f'run-{n}'), run_id=f'run-{n}')
        finish(lake, f'run-{n}')
    paths = {pq.ParquetFile(p).read()['version'].to_pylist()[0]: p for p in lake.files('articles')}
    damage(paths[2])
    mend(lake)
    rows = lake.read('articles', lake.files('articles'), ('version', 'changed')).to_pylist()
    assert {row['version']: row['changed'] for row in rows} == {1: [], 2: ['title']}


def test_a_file_of_articles_that_was_moved_goes_back(lake):
    fill(lake)
    before = all_rows(lake)
    path = file_of(lake, 'articles', 'c')
    other = path.replace('date=2025-03-03', 'date=2025-03-04')
    os.makedirs(os.path.dirname(other))
    shutil.move(path, other)
    lines = mend(lake)
    assert f'{other}: has articles of 2025-03-03/news by the ledger' in lines[0]
    assert all_rows(lake) == before


def test_an_article_that_is_in_two_partitions_stays_where_the_ledger_says(lake):
    fill(lake)
    before = all_rows(lake)
    for table in ('articles', 'mentions'):
        for path in lake.files(table):
            other = path.replace('date=2025-03-03', 'date=2025-03-04')
            os.makedirs(os.path.dirname(other), exist_ok=True)
            shutil.copy(path, other)
    mend(lake)
    assert all_rows(lake) == before
    assert {lake.partition_of('articles', path) for path in lake.files('articles')} == {PLACE}


@pytest.mark.parametrize('table', ['ledger', 'polls', 'mentions'])
def test_a_file_in_a_wrong_folder_goes_back(lake, table):
    fill(lake)
    before = all_rows(lake)
    path = lake.files(table)[0]
    shutil.move(path, f'{lake.root}/{table}/{os.path.basename(path)}')
    mend(lake)
    assert all_rows(lake) == before


def test_articles_of_a_run_whose_staging_is_gone_get_their_ledger_rows(lake):
    fill(lake)
    seen = sighting('d', poll_id='poll-9')
    commit(lake, made('One more dam.', seen), run_id='run-5')
    lake.storage.delete_folder(lake.staging('run-5'))
    assert recount(lake).faults
    assert mend(lake) == ['1 articles got the ledger rows that they lacked']
    row = ledger(lake)['d']
    assert (row['disposition'], row['run_id'], row['sighting_id']) == ('written', 'run-5', seen.sighting_id)


def test_a_dead_run_is_rolled_forward_and_a_live_one_left_alone(lake):
    fill(lake)
    dead, live = '20250303T120000Z-00000a', '20250303T120000Z-00000b'
    for n, run_id in enumerate((dead, live)):
        stage_articles(lake, made(f'Dam {n}, a dam.', sighting(f'd{n}', poll_id='poll-9')), run_id=run_id)
    lines = mend(lake, locked=False, holder=live)
    assert lines == [
        f'run {dead} was interrupted; 1 articles that it had staged are in the lake now',
        f'run {live} is at work; what it has staged is left alone',
    ]
    assert os.listdir(f'{lake.root}/_staging') == [live]
    assert mend(lake) == [f'run {live} was interrupted; 1 articles that it had staged are in the lake now']


def test_what_was_staged_a_moment_ago_is_left_alone(lake):
    stage_articles(lake, made(), run_id='mine')
    now = int(os.path.getmtime(glob.glob(f'{lake.staging("mine")}/*/*')[0]) * 1e6)
    (line,) = repair(lake, 'repair-1', now + 5_000_000, stale_after_s=60)
    assert line == 'run mine staged something in the last 60 s; it is left alone'
    (line,) = repair(lake, 'repair-1', now + 90_000_000, stale_after_s=60)
    assert line.endswith('1 articles that it had staged are in the lake now; '
                         'what it staged is kept for a day, since it held no lock')  # fmt: skip
    (line,) = repair(lake, 'repair-1', now + 2 * DAY, stale_after_s=60)
    assert not os.path.exists(lake.staging('mine'))


def test_a_damaged_staged_file_does_not_stand_in_the_way_of_the_others(lake):
    stage_articles(lake, made(), run_id='dead')
    (path,) = glob.glob(f'{lake.staging("dead")}/articles/*.parquet')
    stage_articles(lake, made('A dam broke.', sighting('b')), run_id='dead')
    damage(path)
    lines = mend(lake)
    assert lines[0].startswith(f'{path}: cannot be read')
    assert len(all_rows(lake)['articles']) == 1


def test_what_was_moved_aside_says_when_and_what_came_back(lake):
    fill(lake)
    damage(lake.files('polls')[0])
    mend(lake)
    (path,) = glob.glob(f'{lake.root}/_damaged/polls/*/*.json')
    with open(path) as file:
        assert json.load(file)['rows_put_back'] == 0


def test_check_with_repair_says_what_it_did_and_that_all_is_well(lake, capsys):
    fill(lake)
    path = lake.files('polls')[0]
    damage(path)
    assert run_command('pipelines.check', [lake.root]) == 1
    assert path in capsys.readouterr().out
    assert run_command('pipelines.check', [lake.root, '--repair']) == 0
    out = capsys.readouterr().out.splitlines()
    assert path in out[0] and 'all is well' in out[-1]
    assert run_command('pipelines.check', [lake.root]) == 0


def test_a_repair_beside_a_run_leaves_that_run_s_staging_alone(lake, capsys):
    fill(lake)
    live = '20250303T120000Z-00000b'
    stage_articles(lake, made('One more dam.', sighting('d', poll_id='poll-9')), run_id=live)
    damage(lake.files('polls')[0])
    with run_lock.hold(lake.root, live):
        assert run_command('pipelines.check', [lake.root, '--repair', '--stale_after=0']) == 0
    out = capsys.readouterr().out
    assert f'run {live} is at work; what it has staged is left alone' in out
    assert '1 polls were rebuilt' in out and 'all is well' in out
    assert run_command('pipelines.check', [lake.root, '--repair', '--stale_after=0']) == 0
    assert f'run {live} was interrupted; 1 articles' in capsys.readouterr().out


def test_a_repair_beside_a_watch_leaves_the_staging_of_its_cycle_alone(lake, capsys):
    fill(lake)
    cycle, own = '20250303T120500Z-00000b', 'nightly'
    for n, run_id in enumerate((cycle, own)):
        stage_articles(lake, made(f'Dam {n}, a dam.', sighting(f'd{n}', poll_id='poll-9')), run_id=run_id)
    with run_lock.hold(lake.root, 'watch-20250303T120000Z-00000a'):
        run_command('pipelines.check', [lake.root, '--repair', '--stale_after=0'])
    out = capsys.readouterr().out
    assert f'run {cycle} is at work; what it has staged is left alone' in out
    assert f'run {own} was interrupted; 1 articles' in out
    assert os.listdir(f'{lake.root}/_staging') == [cycle]


def test_what_was_forgotten_does_not_come_back_from_a_damaged_file(lake):
    fill(lake)
    path = file_of(lake, 'articles', 'b')
    rows = pq.ParquetFile(path).read()
    pq.write_table(rows, path, row_group_size=1, write_page_checksum=True)
    (kept,) = rows.slice(1).to_pylist()
    forget_for_good(lake, Forgotten(frozenset([kept['article_id']])), '2025-03-04T00:00:00Z')
    damage(path)
    list(repair(lake, 'repair-1', NOW, stale_after_s=0.0, retag=retag))
    ids = lake.read('articles', lake.files('articles'), ('article_id',))['article_id'].to_pylist()
    assert kept['article_id'] not in ids
