"""Lakes that older versions wrote are read, added to and told apart; tests/lakes has one of each schema."""

import shutil
from pathlib import Path

import duckdb
import pandas
import pyarrow.parquet as pq
import pytest

from pipelines.cli import run_command
from pipelines.reading import articles, copies, read, syndication
from schemas.ledger import LinkRow
from schemas.tables import SCHEMA_VERSION, TABLES
from schemas.vocabulary import Disposition, LinkKind
from tests.lakes.stories import put
from tests.made_lakes import decided, finish, poll, write
from tests.made_rows import DAY, NOON, article, sighting
from transforms.functions.lake import Lake
from transforms.functions.state.lake_state import LakeState
from transforms.functions.storage import LocalStorage
from transforms.functions.urls import url_key

LAKES = Path(__file__).parent / 'lakes'
FORMER = [str(number) for number in range(1, int(SCHEMA_VERSION))]
# Columns that a schema has and the one before had not, by table.
NEW_SINCE = {
    '1': {'links': {'agency', 'original'}},
    '2': {'articles': {'page_etag', 'page_last_modified', 'boilerplate'}},
}
FERRY = 'http://news.example/ferry'


@pytest.fixture(params=FORMER)
def schema(request):
    return request.param


@pytest.fixture
def old(schema, tmp_path):
    """A lake of a former schema, to be changed."""
    return shutil.copytree(LAKES / f'schema-{schema}', tmp_path / 'lake')


def add(folder):
    """What a run of today adds: a version of the ferry, the item that waited, a link."""
    lake = Lake(str(folder), LocalStorage())
    day = {'poll_id': 'poll-9', 'seen_at': NOON + DAY // 4}
    seen = sighting('ferry', fingerprint=9, **day)
    again = article('The ferry to Inishmore sails again.', seen, title='Ferry sails')
    (text,) = put(lake, 'news', NOON + DAY // 4, again, run_id='run-9')
    write(lake, 'polls', poll(1, poll_id='poll-9', polled_at=NOON + DAY // 4, run_id='run-9'), run_id='run-9')
    link = LinkRow(
        text.row_id, text.article_id, LinkKind.SYNDICATION.value, 'story', 0.8, NOON + DAY // 4, 'run-9',
        agency='reuters', original=text.row_id,
    )  # fmt: skip
    write(lake, 'links', link, run_id='run-9')
    waited = next(iter(LakeState(lake, '2025-02-01').waiting('run-9')))
    write(lake, 'ledger', decided(waited, Disposition.UNCHANGED, 'run-9'), run_id='run-9')
    finish(lake, 'run-9')
    return text


def of_schema(folder, table, version):
    """The table's files that have this schema version."""
    paths = sorted(folder.glob(f'{table}/**/*.parquet'))
    return [path for path in paths if pq.read_schema(path).metadata[b'dateline.schema'].decode() == version]


def test_there_is_a_lake_of_every_former_schema_and_it_is_what_that_version_wrote():
    assert FORMER, 'schema 1 has been followed by another'
    for version in FORMER:
        folder = LAKES / f'schema-{version}'
        assert folder.is_dir(), (
            f'SCHEMA_VERSION was raised: make the lake of {version} as tests/lakes/make.py says'
        )
        for name in TABLES:
            paths = list(folder.glob(f'{name}/**/*.parquet'))
            assert paths == of_schema(folder, name, version) != []


def test_every_column_of_today_is_in_the_lake_of_the_former_schema_or_known_to_be_new(schema):
    for name, table in TABLES.items():
        lacking = {c.name for c in table.columns}
        for path in (LAKES / f'schema-{schema}').glob(f'{name}/**/*.parquet'):
            lacking -= set(pq.read_schema(path).names)
        new = set().union(*(NEW_SINCE[v].get(name, ()) for v in FORMER if int(v) >= int(schema)))
        assert lacking == new
        assert all(c.nullable for c in table.columns if c.name in new), (
            'older files have nothing to put there'
        )


def test_check_finds_nothing_wrong_with_an_old_lake(old, capsys):
    assert run_command('pipelines.check', [str(old)]) == 0
    assert 'all is well. Rows: 4 articles' in capsys.readouterr().out


def test_an_old_lake_is_read_with_null_for_columns_that_it_lacks(old, schema):
    for name in TABLES:
        table = read(old, name)
        assert table.num_rows
        for version in FORMER[FORMER.index(schema) :]:
            for column in NEW_SINCE[version].get(name, ()):
                assert table[column].null_count == table.num_rows
    assert sorted(articles(old)['title']) == [
        'Bread before dawn',
        'Ferry cancelled',
        'Ferry cancelled until Friday',
    ]


def test_links_of_schema_1_which_name_articles_make_copies_all_the_same():
    lake = LAKES / 'schema-1'
    every = read(lake, columns=['row_id', 'outlet', 'version']).to_pandas().set_index('row_id')
    ((copy, first),) = copies(lake).values
    assert tuple(every.loc[copy]) == ('post', 1) and tuple(every.loc[first]) == ('news', 1)
    assert sorted(articles(lake, duplicates=False)['outlet']) == ['news', 'news']
    assert syndication(lake).empty


def test_a_run_knows_what_an_old_lake_knew(old):
    state = LakeState(Lake(str(old), LocalStorage()), '2025-02-01')
    feed = state.feed('http://news.example/rss')
    assert (feed.etag, feed.item_keys, feed.polled_at) == ('"a"', (1, 2), NOON + 3_600_000_000)
    known = state.page(url_key(FERRY))
    assert known.disposition == 'updated' and known.article_outlet == 'news'
    (waiting,) = state.waiting('run-9')
    assert (waiting.item_id, waiting.attempt, waiting.url) == ('waits', 1, 'http://news.example/waits')


def test_an_old_lake_is_added_to(old, schema, capsys):
    text = add(old)
    assert run_command('pipelines.check', [str(old)]) == 0, capsys.readouterr().out
    for name in ('articles', 'links', 'ledger', 'polls'):
        assert of_schema(old, name, schema) and of_schema(old, name, SCHEMA_VERSION)
    ferry = articles(old).set_index('row_id').loc[text.row_id]
    assert (ferry['version'], ferry['outlet'], ferry['title']) == (3, 'news', 'Ferry sails')
    assert 'title' in list(ferry['changed']) and 'body' in list(ferry['changed'])
    (story,) = syndication(old).to_dict('records')
    assert (story['agency'], story['original'], list(story['members'])) == (
        'reuters',
        text.row_id,
        [text.row_id],
    )
    capsys.readouterr()
    assert run_command('pipelines.diff', [str(old), FERRY]) == 0
    assert 'title: Ferry cancelled until Friday -> Ferry sails\n' in capsys.readouterr().out


def rename_links(folder, first):
    """Gives the links of that schema version the name that sorts first."""
    for version in (*FORMER, SCHEMA_VERSION):
        for number, path in enumerate(of_schema(folder, 'links', version)):
            path.rename(path.with_name(f'{"a" if version == first else "b"}{number}.parquet'))


@pytest.mark.parametrize('first', ['1', SCHEMA_VERSION])
def test_new_columns_are_there_whichever_file_comes_first_but_not_with_plain_pandas(tmp_path, first):
    lake = shutil.copytree(LAKES / 'schema-1', tmp_path / 'lake')
    add(lake)
    rename_links(lake, first)
    expected = [None, 'reuters']
    assert sorted(read(lake, 'links')['agency'].to_pylist(), key=str) == expected
    rows = duckdb.sql(f"SELECT agency FROM read_parquet('{lake}/links/**/*.parquet', union_by_name = true)")
    assert sorted((agency for (agency,) in rows.fetchall()), key=str) == expected
    explicit = pq.read_table(lake / 'links', schema=TABLES['links'].schema)
    assert sorted(explicit['agency'].to_pylist(), key=str) == expected
    # What docs/reading.md warns of.
    assert ('agency' in pandas.read_parquet(lake / 'links')) == (first == SCHEMA_VERSION)


def test_the_view_of_links_has_the_new_columns_when_no_file_has_them():
    page = (Path(__file__).parent.parent / 'docs' / 'reading.md').read_text(encoding='utf-8')
    view = page[page.index('CREATE VIEW links AS') :].partition(';')[0]
    with duckdb.connect() as connection:
        connection.execute(view.replace("'lake/", f"'{LAKES}/schema-1/"))
        assert connection.sql('SELECT agency, original, kind FROM links').fetchall() == [
            (None, None, 'duplicate_text')
        ]


def test_upgrading_a_lake_leaves_plain_pandas_no_trap(old, capsys):
    add(old)
    before = {name: read(old, name).to_pylist() for name in TABLES}
    assert run_command('pipelines.compact', [str(old), '--upgrade']) == 0, capsys.readouterr()
    for name in TABLES:
        paths = list(old.glob(f'{name}/**/*.parquet'))
        assert paths and sorted(paths) == of_schema(old, name, SCHEMA_VERSION)
        assert sorted(map(str, read(old, name).to_pylist())) == sorted(map(str, before[name]))
    assert 'agency' in pandas.read_parquet(old / 'links')
    assert run_command('pipelines.check', [str(old)]) == 0
