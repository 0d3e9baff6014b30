"""What analysts read with: the helpers, and the recipes of docs/reading.md as they are printed."""

import contextlib
import dataclasses
import datetime
import doctest
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pandas
import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq
import pytest

from pipelines.reading import (
    DamagedFile,
    PartitionBusy,
    articles,
    as_of,
    copies,
    latest,
    read,
    syndication,
    without_duplicates,
)
from schemas.tables import TABLES
from tests.lakes import stories
from tests.page_blocks import blocks, run_block
from transforms.functions.exchange import exchange
from transforms.functions.reading.copies import find_copies, find_stories

DOCS = Path(__file__).parent.parent / 'docs' / 'reading.md'
NEWS = 'articles/date=2025-03-03/outlet=news'


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    return stories.make(str(tmp_path_factory.mktemp('reading') / 'lake')).root


@pytest.fixture
def lake(made, tmp_path):
    """One that may be changed."""
    return shutil.copytree(made, tmp_path / 'lake')


def titles(frame):
    return sorted(zip(frame['outlet'], frame['title'], strict=True))


def titles_in(path):
    return pq.read_table(path, partitioning=None)['title'].to_pylist()


def without_layout(table):
    """Rows, whatever their order."""
    return sorted(map(str, table.to_pylist()))


# --- reading tables


_WITH_PYARROW_ALONE = """
import sys
from pipelines.reading import as_of, latest, read, without_duplicates

lake = sys.argv[1]
tables = without_duplicates(latest(lake), lake), as_of(lake, '2025-03-04'), read(lake, 'links')
print(*(table.num_rows for table in tables))
"""


def test_reading_needs_no_other_package_than_pyarrow(made, tmp_path):
    folder = Path(pa.__file__).parent
    for part in folder.parent.glob('pyarrow*'):  # beside it no other package can be imported
        (tmp_path / part.name).symlink_to(part)
    path = os.pathsep.join([str(tmp_path), str(DOCS.parent.parent)])
    command = [sys.executable, '-S', '-c', _WITH_PYARROW_ALONE, made]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {'PYTHONPATH': path})
    assert (done.stdout, done.stderr) == ('6 5 5\n', '')


def test_the_examples_of_the_helpers_are_so(made):
    from pipelines import reading

    ran = doctest.testmod(reading, extraglobs={'lake': made})
    assert ran.failed == 0 and ran.attempted >= 5


def test_arrow_tables_and_frames_have_the_same_rows(made):
    moment = '2025-03-03T12:30Z'
    names = ['row_id', 'title', 'version']
    assert latest(made, columns=names).to_pylist() == articles(made, columns=names).to_dict('records')
    then = articles(made, columns=names, as_of=moment).to_dict('records')
    assert as_of(made, moment, columns=names).to_pylist() == then and then
    every = latest(made, columns=names)
    frame = without_duplicates(every.to_pandas(), made)
    assert without_duplicates(every, made).to_pylist() == frame.to_dict('records')


@pytest.mark.parametrize('name', TABLES)
def test_every_table_is_read_in_the_schema_of_today_with_its_partition_as_strings(made, name):
    table = read(made, name)
    assert table.schema.names == [c.name for c in TABLES[name].columns] + [*TABLES[name].partitions]
    for column in TABLES[name].columns:
        assert table.schema.field(column.name).type == column.type
        assert table.schema.field(column.name).metadata[b'description'].decode() == column.meaning
    assert table.schema.field('date').type == pa.string()


def test_rows_are_those_that_pandas_reads(made):
    ours = read(made, 'articles').to_pandas()
    theirs = pandas.read_parquet(f'{made}/articles')
    theirs = theirs.astype({'date': str, 'outlet': str})
    pandas.testing.assert_frame_equal(*(f.sort_values('row_id', ignore_index=True) for f in (ours, theirs)))


def test_only_the_partitions_asked_for_are_opened(lake):
    (lake / 'articles/date=2025-03-04/outlet=post/broken.parquet').write_bytes(b'no Parquet')
    assert set(read(lake, until='2025-03-03')['date'].to_pylist()) == {'2025-03-03'}
    herald = read(
        lake, since=datetime.date(2025, 3, 4), outlets=['herald'], columns=['outlet', 'date', 'title']
    )
    assert herald.schema.names == ['outlet', 'date', 'title'] and herald.num_rows == 2
    assert read(lake, outlets='news', since='2025-03-04').num_rows == 0
    assert read(lake, outlets='news', columns=['title']).num_rows == 5
    with pytest.raises(DamagedFile, match=r'date=2025-03-04/outlet=post/broken\.parquet: cannot be read'):
        read(lake, since='2025-03-04')


def test_a_flipped_byte_is_an_error_that_names_the_file_even_where_it_is_still_text(lake):
    (path,) = [path for path in (lake / NEWS).iterdir() if 'Bread before dawn' in titles_in(path)]
    with pq.ParquetFile(path) as file:
        pq.write_table(file.read(), path, compression='none', write_page_checksum=True)
    assert read(lake).num_rows == 11
    data = path.read_bytes()
    assert data.count(b'opens at four') == 1
    path.write_bytes(data.replace(b'opens at four', b'opens at fo5r'))
    assert 'opens at fo5r' in str(pq.read_table(path)['body'].to_pylist())
    with pytest.raises(DamagedFile, match=path.name):
        read(lake)


def test_names_that_begin_with_an_underscore_or_a_point_are_no_data(lake):
    before = without_layout(read(lake))
    for name in ('_half.parquet', '.hidden.parquet', 'notes.txt'):
        (lake / NEWS / name).write_bytes(b'no Parquet')
    shutil.copytree(lake / NEWS, lake / 'articles/_old/outlet=news')
    assert without_layout(read(lake)) == before


def test_columns_of_a_newer_dateline_are_left_out_and_those_of_a_newer_table_are_null(lake):
    path = next((lake / NEWS).iterdir())
    with pq.ParquetFile(path) as file:
        rows = file.read()
    there = rows.num_rows
    rows = rows.drop_columns(['signature', 'kind']).append_column('mood', pa.array(['calm'] * there))
    pq.write_table(rows, path)
    table = read(lake)
    assert 'mood' not in table.schema.names
    assert table['kind'].null_count == there and table.num_rows == 11
    assert table.schema.field('kind').nullable


def test_a_lake_is_a_folder_a_url_or_a_path_in_a_file_system(made):
    rows = without_layout(read(made, 'links'))
    assert rows
    for given in (Path(made), made + '/', f'file://{made}'):
        assert without_layout(read(given, 'links')) == rows
    parent = pafs.SubTreeFileSystem(os.path.dirname(made), pafs.LocalFileSystem())
    assert without_layout(read('lake', 'links', filesystem=parent)) == rows
    assert len(articles('lake', duplicates=False, filesystem=parent)) == 6


@pytest.mark.parametrize(
    'wrong, said',
    [
        ({'table': 'article'}, 'there are articles, mentions'),
        ({'columns': ['titel']}, 'articles has no column titel; did you mean title'),
        ({'columns': 'title'}, 'give a list'),
        ({'since': '3 March'}, "'3 March' is no day"),
        ({'until': 20250303}, 'is no day'),
        ({'table': 'links', 'outlets': ['news']}, 'links has no outlets'),
    ],
)
def test_a_wrong_argument_is_said_in_a_sentence(made, wrong, said):
    with pytest.raises(ValueError, match=said):
        read(made, **wrong)


def test_a_folder_without_a_lake_is_an_error_and_a_table_without_rows_is_empty(tmp_path, lake):
    with pytest.raises(FileNotFoundError, match='holds no table of a lake'):
        read(tmp_path / 'nothing')
    shutil.rmtree(lake / 'links')
    assert read(lake, 'links').num_rows == 0
    assert copies(lake).empty and syndication(lake).empty
    assert list(copies(lake)) == ['row_id', 'copy_of']


# --- reading while the lake changes


class Meddling(pafs.FileSystemHandler):
    """The local file system, where something happens just before the n-th look at it."""

    def __init__(self, at, action):
        self.local = pafs.LocalFileSystem()
        self.at = at
        self.action = action
        self.looks = 0
        self.lock = threading.Lock()  # partitions are read by several threads

    def _look(self):
        with self.lock:
            if self.looks == self.at:
                self.action()
            self.looks += 1

    def get_file_info(self, paths):
        self._look()
        return self.local.get_file_info(paths)

    def get_file_info_selector(self, selector):
        self._look()
        return self.local.get_file_info(selector)

    def open_input_file(self, path):
        self._look()
        return self.local.open_input_file(path)

    def get_type_name(self):
        return 'meddling'

    def normalize_path(self, path):
        return path

    def _no(self, *args, **kwargs):
        raise NotImplementedError

    copy_file = create_dir = delete_dir = delete_dir_contents = delete_file = delete_root_dir_contents = _no
    move = open_append_stream = open_input_stream = open_output_stream = _no


def compact(lake):
    """Exchanges the partition of news for one with a single file and removes what was there."""
    old = sorted((lake / NEWS).iterdir())
    merged = lake / '_staging' / 'compact'
    merged.mkdir(parents=True)
    rows = [pq.read_table(path, partitioning=None) for path in old]
    pq.write_table(pa.concat_tables(rows), merged / 'merged.parquet')
    exchange(str(merged), str(lake / NEWS))
    shutil.rmtree(lake / '_staging')


def test_a_partition_exchanged_at_any_moment_gives_each_row_once(made, tmp_path):
    expected = without_layout(read(made))
    assert len(list((Path(made) / NEWS).iterdir())) == 2
    looks = Meddling(-1, None)
    read(made, filesystem=pafs.PyFileSystem(looks))
    assert looks.looks > 15
    for moment in range(looks.looks):
        lake = shutil.copytree(made, tmp_path / str(moment))
        meddling = Meddling(moment, lambda lake=lake: compact(lake))
        assert without_layout(read(lake, filesystem=pafs.PyFileSystem(meddling))) == expected
        assert len(list((lake / NEWS).iterdir())) == 1


def test_a_listing_that_saw_only_some_files_of_a_folder_that_was_being_removed_is_not_believed(lake):
    expected = without_layout(read(lake))

    class Torn(Meddling):
        def get_file_info_selector(self, selector):
            found = super().get_file_info_selector(selector)
            if str(selector.base_dir).endswith(NEWS) and not (lake / NEWS / 'merged.parquet').exists():
                compact(lake)
                return []
            return found

    torn = pafs.PyFileSystem(Torn(-1, None))
    assert without_layout(read(lake, filesystem=torn)) == expected


def test_a_partition_that_never_rests_is_an_error_that_names_it(lake):
    class Restless(Meddling):
        def get_file_info_selector(self, selector):
            if str(selector.base_dir).endswith(NEWS):
                self.at += 1
                shutil.copy(next((lake / NEWS).iterdir()), lake / NEWS / f'{self.at}.parquet')
            return self.local.get_file_info(selector)

    with pytest.raises(PartitionBusy, match=NEWS):
        read(lake, filesystem=pafs.PyFileSystem(Restless(-1, None)))


# --- articles and their copies


def test_articles_are_their_latest_versions_in_order(made):
    frame = articles(made)
    assert frame['article_id'].is_unique
    assert titles(frame) == [
        ('herald', 'No ferry'),
        ('herald', 'Rates'),
        ('news', 'Bread before dawn'),
        ('news', 'Ferry cancelled until Friday'),
        ('news', 'Flood in Cork'),
        ('post', 'Bank waits'),
        ('post', 'Cork under water'),
        ('post', 'Ferry cancelled'),
    ]
    order = ['date', 'outlet', 'first_seen_at']
    assert frame[order].values.tolist() == frame[order].sort_values(order).values.tolist()
    assert len(articles(made, all_versions=True)) == 11


def test_whole_numbers_and_booleans_stay_what_they_are_where_some_are_null(made):
    frame = articles(made)
    assert str(frame['dateline_geonameid'].dtype) == 'Int64' and str(frame['paywalled'].dtype) == 'boolean'
    assert str(frame['published_at'].dtype) == 'datetime64[us, UTC]'


@pytest.mark.parametrize(
    'moment',
    [
        '2025-03-03T12:30Z',
        '2025-03-03T13:30+01:00',
        '2025-03-03 12:30:00',
        datetime.datetime(2025, 3, 3, 12, 30),
        pandas.Timestamp('2025-03-03T12:30Z'),
    ],
)
def test_as_of_gives_what_the_lake_knew_then(made, moment):
    assert titles(articles(made, as_of=moment)) == [
        ('news', 'Bread before dawn'),
        ('news', 'Ferry cancelled'),
        ('news', 'Flood in Cork'),
        ('post', 'Ferry cancelled'),
        ('post', 'Flood in Cork'),
    ]
    assert articles(made, as_of=moment)['version'].tolist() == [1] * 5


def test_a_moment_without_a_zone_is_utc_wherever_the_machine_is(made, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setenv('TZ', 'JST-9')
        time.tzset()
        assert len(articles(made, as_of='2025-03-03 12:30')) == 5
    time.tzset()


def test_a_day_means_its_midnight(made):
    assert articles(made, as_of='2025-03-03').empty
    assert len(articles(made, as_of=datetime.date(2025, 3, 4))) == 5
    with pytest.raises(ValueError, match="'yesterday' is no moment"):
        articles(made, as_of='yesterday')


def test_copies_are_left_out_through_chains_of_links_unless_they_were_edited_into_a_text_of_their_own(made):
    kept = articles(made, duplicates=False)
    assert titles(kept) == [
        ('herald', 'Rates'),
        ('news', 'Bread before dawn'),
        ('news', 'Ferry cancelled until Friday'),
        ('news', 'Flood in Cork'),
        ('post', 'Bank waits'),
        ('post', 'Cork under water'),
    ]
    frame = articles(made)
    pandas.testing.assert_frame_equal(without_duplicates(frame, made).reset_index(drop=True), kept)


def test_weeks_add_up(made):
    parts = [
        articles(made, until='2025-03-03', duplicates=False),
        articles(made, since='2025-03-04', duplicates=False),
    ]
    assert titles(pandas.concat(parts)) == titles(articles(made, duplicates=False))


def test_links_decided_later_do_not_exist(made):
    before = articles(made, as_of='2025-03-03T12:10Z', duplicates=False)
    assert ('post', 'Ferry cancelled') in titles(before)
    after = articles(made, as_of='2025-03-03T12:40Z', duplicates=False)
    assert ('post', 'Ferry cancelled') not in titles(after)
    assert ('herald', 'No ferry') in titles(articles(made, as_of='2025-03-04T12:30Z', duplicates=False))


def test_copies_name_the_version_that_was_seen_first(made):
    every = read(made, columns=['row_id', 'outlet', 'title', 'version']).to_pandas().set_index('row_id')
    found = copies(made)
    pairs = {(every.loc[a, 'outlet'], every.loc[a, 'title']): tuple(every.loc[b]) for a, b in found.values}
    assert pairs == {
        ('herald', 'No ferry'): ('news', 'Ferry cancelled', 1),
        ('post', 'Ferry cancelled'): ('news', 'Ferry cancelled', 1),
        ('post', 'Flood in Cork'): ('news', 'Flood in Cork', 1),
    }


def version(row_id, article_id, text='t', seen=0):
    return {'row_id': row_id, 'article_id': article_id, 'text_hash': text, 'first_seen_at': seen}


def found(links, *versions):
    names = ('row_id', 'kind', 'target')
    table = pa.Table.from_pylist([dict(zip(names, link, strict=True)) for link in links])
    return find_copies(table, pa.Table.from_pylist(list(versions)))


def test_an_article_whose_edit_repeats_its_copy_is_no_copy():
    links = [('c', 'near_duplicate', 'b1'), ('b2', 'duplicate_text', 'c')]
    versions = version('b1', 'b', 't1', 1), version('c', 'c', 't2', 2), version('b2', 'b', 't2', 3)
    assert found(links, *versions) == {'c': 'b1'}


def test_links_to_what_was_forgotten_still_join_what_is_there():
    links = [('x', 'duplicate_text', 'gone'), ('y', 'duplicate_text', 'gone'), ('q', 'near_duplicate', 'r')]
    assert found(links, version('y', 'y', seen=2), version('x', 'x', seen=1)) == {'y': 'x'}


def test_links_of_other_kinds_make_no_copies():
    links = [('x', 'syndication', 'group'), ('y', 'syndication', 'group'), ('y', 'duplicate_url', 'x')]
    assert found(links, version('x', 'x'), version('y', 'y')) == {}


def test_a_target_of_schema_1_means_the_version_with_the_same_text():
    links = [('x', 'duplicate_text', 'a'), ('y', 'duplicate_text', 'a')]
    versions = version('a1', 'a', 't1', 1), version('a2', 'a', 't2', 2)
    assert found(links, *versions, version('x', 'x', 't1', 3), version('y', 'y', 't2', 4)) == {
        'x': 'a1',
        'y': 'a2',
    }


def part(row_id, target, agency, decided_at, original=None):
    kind = 'syndication'
    return {
        'row_id': row_id, 'kind': kind, 'target': target, 'agency': agency,
        'original': original, 'decided_at': decided_at,
    }  # fmt: skip


def test_groups_that_came_to_share_a_text_are_one_story_but_not_those_of_two_agencies():
    rows = [
        part('a', 'g2', 'afp', 1, 'a'),
        part('b', 'g1', 'afp', 2, 'b'),
        part('b', 'g2', 'afp', 3, 'a'),
        part('c', 'g1', 'afp', 4, 'b'),
        part('c', 'g3', 'ap', 4),
    ]
    first, second = find_stories(pa.Table.from_pylist(rows))
    assert dataclasses.astuple(first) == ('g2', 'afp', 'b', ['a', 'b', 'c'])
    assert dataclasses.astuple(second) == ('g3', 'ap', None, ['c'])


def test_syndication_is_a_row_per_story_with_what_was_decided_last(made):
    (story,) = syndication(made).to_dict('records')
    every = read(made, columns=['row_id', 'title']).to_pandas().set_index('row_id')['title']
    assert (story['agency'], every[story['original']]) == ('reuters', 'Rates')
    assert sorted(every[story['members']]) == ['Bank waits', 'Rates']
    (earlier,) = syndication(made, as_of='2025-03-04T13:30Z').to_dict('records')
    assert earlier['original'] is None or pandas.isna(earlier['original'])
    assert list(every[earlier['members']]) == ['Bank waits']


# --- docs/reading.md


@pytest.fixture(scope='module')
def ran(made):
    """All blocks of the page run in order in the lake's folder: the Python names, the SQL connection."""
    names, connection = {}, duckdb.connect()
    page = DOCS.read_text(encoding='utf-8')
    with contextlib.chdir(os.path.dirname(made)), connection:
        said = [
            (block['output'], run_block(block['language'], block['code'], names, connection))
            for block in blocks(page)
        ]
        fences = sum(line.startswith('```') for line in page.splitlines())
        assert len(said) == fences // 2 - sum(output is not None for output, _ in said)
        yield names, connection, said


def test_each_block_of_the_page_prints_what_the_page_says(ran):
    for expected, printed in ran[2]:
        assert printed == (expected or '')


def test_the_views_give_the_rows_of_the_helpers(ran, made):
    _, connection, _ = ran
    moments = [
        '2025-03-03T12:10Z',
        '2025-03-03T12:40Z',
        '2025-03-03T13:00Z',
        '2025-03-04T12:30Z',
        '2030-01-01T00:00Z',
    ]
    for moment in moments:
        given = f"(TIMESTAMPTZ '{moment}')"
        for query, frame in (
            (f'SELECT row_id FROM articles_as_of{given}', articles(made, as_of=moment)),
            (f'SELECT row_id, copy_of FROM copies_as_of{given}', copies(made, as_of=moment)),
            (
                f'SELECT row_id FROM articles_as_of{given} ANTI JOIN copies_as_of{given} USING (row_id)',
                articles(made, as_of=moment, duplicates=False),
            ),
        ):
            rows = connection.sql(query).fetchall()
            wanted = frame[['row_id', 'copy_of'] if 'copy_of' in frame else ['row_id']]
            assert sorted(rows) == sorted(wanted.itertuples(index=False, name=None))
            assert rows or moment < '2025-03-03T12:40Z'
    groups = connection.sql('SELECT * FROM syndication').fetchall()
    assert groups == [(*row[:3], list(row[3])) for row in syndication(made).values]
    assert connection.sql('SELECT row_id FROM stories').fetchall()


@pytest.mark.parametrize('seed', range(5))
def test_the_view_of_copies_and_the_helper_agree_on_any_links(ran, seed):
    chance = random.Random(seed)
    versions = [
        version(f'r{n}', f'a{chance.randrange(15)}', f't{chance.randrange(6)}', chance.randrange(9))
        for n in range(30)
    ]
    ids = [v['row_id'] for v in versions] + [v['article_id'] for v in versions] + ['gone', 'lost']
    kinds = ['duplicate_text', 'near_duplicate', 'syndication']
    links = pa.Table.from_pylist(
        [
            {'row_id': chance.choice(ids[:30]), 'kind': chance.choice(kinds), 'target': chance.choice(ids)}
            for _ in range(18)
        ]
    )
    moment = datetime.datetime(2025, 3, 3, tzinfo=datetime.UTC)
    rows = pa.Table.from_pylist([v | {'ingested_at': moment, 'version': 1} for v in versions])
    decided = links.append_column('decided_at', pa.array([moment] * links.num_rows))
    code = next(b['code'] for b in blocks(DOCS.read_text(encoding='utf-8')) if 'copies_as_of(m' in b['code'])
    with duckdb.connect() as connection:
        connection.register('articles', rows)
        connection.register('links', decided)
        connection.execute('CREATE MACRO articles_as_of(moment) AS TABLE SELECT * FROM articles')
        connection.execute(code.partition('CREATE VIEW')[0])
        answer = connection.sql('SELECT row_id, copy_of FROM copies_as_of(now())').fetchall()
    assert dict(answer) == find_copies(links, rows) and answer


@pytest.mark.parametrize('seed', range(5))
def test_the_view_of_stories_and_the_helper_agree_on_any_links(seed):
    chance = random.Random(seed)
    rows = [
        part(
            f'r{chance.randrange(20)}',
            f'g{chance.randrange(12)}',
            chance.choice(['afp', 'ap']),
            datetime.datetime(2025, 3, chance.randrange(1, 9)),
            chance.choice(['r1', 'r2', None]),
        )
        for _ in range(16)
    ]
    links = pa.Table.from_pylist(list({(row['row_id'], row['target']): row for row in rows}.values()))
    page = DOCS.read_text(encoding='utf-8')
    code = next(b['code'] for b in blocks(page) if b['code'].startswith('CREATE VIEW syndication'))
    with duckdb.connect() as connection:
        connection.register('links', links)
        connection.execute(code)
        answer = connection.sql('SELECT * FROM syndication ORDER BY ALL').fetchall()
    assert answer == [dataclasses.astuple(story) for story in find_stories(links)]
