"""The whole job over the example site: real HTTP, the real runner, the lake read back as users read it."""

import collections
import datetime
import json
from pathlib import Path

import duckdb
import pandas
import pytest

from examples.serve import serve
from pipelines.cli import run_command
from pipelines.run_facts import of_run
from schemas.settings import RunSettings
from transforms.functions.lake import Lake
from transforms.functions.storage import LocalStorage

LOOPBACK = '--fetch_allow_private_networks=127.0.0.0/8'


class Example:
    """The example site and a lake that it is ingested into."""

    def __init__(self, site, folder):
        self.site = site
        self.lake = str(folder / 'lake')
        self._outlets = folder / 'outlets.csv'
        self._outlets.write_text(site.outlets_csv, encoding='utf-8')
        self.opml = folder / 'feeds.opml'
        self.opml.write_text(site.opml, encoding='utf-8')

    def ingest(self, *more, source=None):
        """Runs the command and returns its exit code."""
        flags = (f'--outlets_file={self._outlets}', LOOPBACK, '--fetch_min_delay=0', '--analysis_processes=2')
        return run_command(
            'pipelines.batch', [str(source or self.opml), '--output', self.lake, *flags, *more]
        )

    def read(self, table):
        return pandas.read_parquet(f'{self.lake}/{table}')

    def pages_asked(self):
        """How many times something other than a feed or robots.txt was asked for."""
        feeds = {url.split('/', 3)[3] for url in self.site.feed_urls}
        return sum(
            request.path.lstrip('/') not in feeds and request.path != '/robots.txt'
            for request in self.site.requests
        )

    def balances(self):
        return run_command('pipelines.check', [self.lake]) == 0


@pytest.fixture(scope='module')
def ingested(tmp_path_factory):
    """The example site, ingested once; tests that share it only read."""
    with serve(base_port=0) as site:
        example = Example(site, tmp_path_factory.mktemp('ingested'))
        assert example.ingest() == 0
        yield example


@pytest.fixture
def example(tmp_path):
    with serve(base_port=0) as site:
        yield Example(site, tmp_path)


def test_every_item_ends_in_one_disposition_with_its_reason(ingested):
    assert ingested.balances()
    ledger = ingested.read('ledger')
    items = ledger[ledger['subject'] == 'item']
    assert not items['sighting_id'].duplicated().any()
    found = collections.Counter(
        zip(
            items['disposition'],
            items['reason'].astype(object).where(items['reason'].notna(), None),
            strict=True,
        )
    )
    assert found.pop(('written', None)) >= 40
    assert found == {
        ('duplicate_url', None): 3,
        ('rejected', 'http_4xx'): 1,
        ('rejected', 'not_an_article'): 1,
        ('rejected', 'not_html'): 1,
        ('rejected', 'robots'): 1,
    }


def test_articles_in_a_language_without_a_model_are_not_tagged_and_counted(ingested):
    articles = ingested.read('articles')
    untagged = articles[articles['entities_model'].isna()]
    assert set(untagged['language']) == {'fr'} and set(articles['language']) == {'en', 'fr'}
    assert untagged['entities'].map(len).eq(0).all()
    (record,) = Path(ingested.lake, '_runs').glob('*.json')
    started = datetime.datetime.fromisoformat(json.loads(record.read_text())['started_at'])
    run = RunSettings(ingested.lake, record.stem, int(started.timestamp() * 1_000_000))
    assert of_run(Lake(ingested.lake, LocalStorage()), run).untagged == {'fr': len(untagged)}


def test_a_table_of_ones_own_gives_names_and_ids_in_the_lake(example, ingested, tmp_path):
    table = tmp_path / 'entities.csv'
    table.write_text(
        'canonical,label,aliases,mononym,geonameid\n'
        'Nairobi City,GPE,Nairobi,,184745\n'
        'Josphat Muli Kilonzo,PERSON,Josphat Kilonzo,,\n',
        encoding='utf-8',
    )
    assert example.ingest(f'--entities_file={table}') == 0
    names = {}
    for lake in (example, ingested):
        mentions = lake.read('mentions')
        named = mentions[mentions['text'].isin(['Nairobi', 'Josphat Kilonzo', 'Kenya'])]
        names[lake] = {row.text: (row.canonical, row.entity_id) for row in named.itertuples()}
    own, embedded = names[example], names[ingested]
    assert own['Nairobi'] == ('Nairobi City', 'geonames:184745')
    assert embedded['Nairobi'] == ('Nairobi', 'geonames:184745')
    assert own['Josphat Kilonzo'][0] == 'Josphat Muli Kilonzo'
    assert own['Josphat Kilonzo'][1] != embedded['Josphat Kilonzo'][1]
    assert own['Kenya'] == embedded['Kenya']  # of which the table does not speak


def test_a_removed_feed_an_unreachable_host_and_a_broken_feed_are_rows_with_their_reasons(ingested):
    ledger = ingested.read('ledger')
    feeds = ledger[ledger['subject'] == 'feed']
    assert sorted(feeds['reason']) == ['connect', 'feed_unreadable', 'http_4xx']


def test_pandas_and_duckdb_read_the_same_rows_with_typed_columns(ingested):
    by_pandas = ingested.read('articles').sort_values('row_id').reset_index(drop=True)
    by_duckdb = (
        duckdb.sql(
            f"SELECT * FROM read_parquet('{ingested.lake}/articles/**/*.parquet', hive_partitioning = true)"
        )
        .to_arrow_table()
        .to_pandas()
        .sort_values('row_id')
        .reset_index(drop=True)
    )
    assert set(by_pandas.columns) == set(by_duckdb.columns)
    assert len(by_pandas) == len(by_duckdb) >= 40
    for column in ('row_id', 'title', 'body', 'outlet_name', 'version'):
        assert by_pandas[column].tolist() == by_duckdb[column].tolist()
    for column in ('published_at', 'first_seen_at', 'fetched_at', 'ingested_at'):
        assert str(by_pandas[column].dtype) == 'datetime64[us, UTC]'
        assert by_pandas[column].tolist() == by_duckdb[column].tolist()
    assert [len(x) for x in by_pandas['entities']] == [len(x) for x in by_duckdb['entities']]
    first = next(x for x in by_pandas['entities'] if len(x))[0]
    assert {'canonical', 'label', 'entity_id', 'geonameid', 'count', 'salience'} == set(first)
    assert set(by_pandas['outlet'].astype(str)) == set(by_duckdb['outlet'].astype(str))


def test_datelines_of_all_forms_reach_the_lake(ingested):
    articles = ingested.read('articles').set_index('title')
    with_dateline = articles[articles['dateline'].notna()]
    assert {'Erbil', 'London', 'Kyiv'} <= set(with_dateline['dateline_place'])
    assert all(
        not body.startswith(line)
        for line, body in zip(with_dateline['dateline'], with_dateline['body'], strict=True)
    )
    erbil = with_dateline[with_dateline['dateline_place'] == 'Erbil'].iloc[0]
    assert (erbil['dateline_country'], erbil['dateline_geonameid']) == ('IQ', 95446)


def test_a_second_run_on_an_unchanged_site_fetches_no_page_and_writes_no_article(example, capsys):
    assert example.ingest() == 0
    before = example.read('articles')
    asked = example.pages_asked()
    capsys.readouterr()
    assert example.ingest() == 0
    assert 'Nothing new' in capsys.readouterr().out
    assert example.pages_asked() == asked
    pandas.testing.assert_frame_equal(before, example.read('articles'))
    assert example.balances()


def test_an_edited_article_becomes_a_second_version_and_nothing_else_does(example):
    assert example.ingest() == 0
    first = example.read('articles')
    example.site.edition = 2
    assert example.ingest() == 0
    rows = example.read('articles')
    assert len(rows) == len(first) + 1
    (edited,) = rows[rows['version'] == 2].to_dict('records')
    assert 'body' in edited['changed'].tolist()
    original = rows[(rows['article_id'] == edited['article_id']) & (rows['version'] == 1)].iloc[0]
    assert original['body'] != edited['body']
    assert (original['date'], original['outlet']) == (edited['date'], edited['outlet'])
    ledger = example.read('ledger')
    assert (ledger['disposition'] == 'updated').sum() == 1
    assert example.balances()


def test_a_limit_leaves_the_rest_to_the_next_run(example):
    assert example.ingest('--limit', '5') == 0
    assert len(example.read('articles')) <= 5
    assert example.balances()
    assert example.ingest() == 0
    assert len(example.read('articles')) >= 40
    assert example.balances()


def test_rounds_bring_in_all_that_one_round_brings(example, ingested):
    assert example.ingest('--round_urls', '7') == 0
    assert sorted(example.read('articles')['title'].astype(str)) == sorted(
        ingested.read('articles')['title'].astype(str)
    )
    assert example.balances()


def test_since_leaves_older_items_for_a_run_without_it(example):
    assert example.ingest('--since', '2025-03-04') == 0
    ledger = example.read('ledger')
    left = ledger[ledger['disposition'] == 'deferred']
    assert len(left) >= 10 and set(left['reason']) == {'run_ended'}
    asked = example.pages_asked()
    assert example.ingest('--since', '2025-03-04') == 0
    assert example.pages_asked() == asked
    assert example.ingest() == 0
    assert len(example.read('articles')) >= 40
    assert example.balances()


def test_a_dry_run_prints_urls_and_writes_nothing(example, tmp_path, capsys):
    assert example.ingest('--dry_run') == 0
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) >= 40
    assert 'nothing was written' in printed.err
    assert 'archive.xml: http_4xx (404)' in printed.err
    assert not (tmp_path / 'lake').exists()
    assert example.pages_asked() == 0


def test_a_dry_run_says_which_feeds_and_lines_are_of_no_use(example, tmp_path, capsys):
    feed, gone = example.site.feed_urls[0], example.site.feed_urls[0] + 'nowhere'
    sources = tmp_path / 'feeds.csv'
    sources.write_text(f'{feed}\n{gone}\nTimes,{feed}\n')
    assert example.ingest('--dry_run', '--json', source=sources) == 0
    printed = capsys.readouterr()
    (line,) = printed.out.splitlines()
    found = json.loads(line)
    assert len(found['would_fetch']) == 7
    assert found['failed_feeds'] == [{'url': gone, 'reason': 'http_4xx', 'detail': '404'}]
    assert f"feeds.csv, line 3, 'Times,{feed}', does not begin with its URL" in printed.err
    assert not (tmp_path / 'lake').exists()


def test_a_private_address_is_said_with_the_flag_that_allows_it(tmp_path, capsys):
    lake = str(tmp_path / 'lake')
    feed = 'http://127.0.0.1:9/rss'
    for more in ([], ['--dry_run']):
        assert run_command('pipelines.batch', [feed, '--output', lake, '--entities_model=none', *more]) == 0
        printed = capsys.readouterr()
        assert '--fetch_allow_private_networks if you mean it' in printed.out + printed.err
    assert run_command('pipelines.batch', ['http://127.0.0.1:9/feeds.opml', '--output', lake]) == 2
    assert '--fetch_allow_private_networks if you mean it' in capsys.readouterr().err


def test_the_direct_runner_needs_no_network(example):
    assert example.ingest('--runner=DirectRunner') == 0
    assert len(example.read('articles')) >= 40
