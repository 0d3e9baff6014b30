"""A site's address as a source of ``dateline ingest``: its feeds are found and polled."""

import pyarrow.parquet as pq
import pytest

from pipelines import feed_sources, watched_sources
from pipelines.cli import run_command
from pipelines.usage import UsageError
from schemas.feeds import Feed
from schemas.settings import FetchSettings
from tests.made_site import Answer, made_sites, page
from transforms import processes

LOOPBACK = '--fetch_allow_private_networks=127.0.0.0/28'


@pytest.fixture
def sites():
    with made_sites(2) as made:
        yield made


@pytest.fixture
def read_all():
    """Reads sources as ``ingest`` does, by a client that may ask the test's servers."""
    settings = FetchSettings(allow_private=('127.0.0.0/28',), min_delay_s=0)
    yield lambda *specs: feed_sources.read_all(specs, settings)
    processes.close_all()


@pytest.fixture
def watched(monkeypatch):
    """Makes watched sources that are looked for on the web at each reading."""
    monkeypatch.setattr(watched_sources, 'WEB_AGAIN_S', 0.0)
    settings = FetchSettings(allow_private=('127.0.0.0/28',), min_delay_s=0)
    yield lambda *specs: watched_sources.WatchedSources(specs, settings)
    processes.close_all()


def home(*paths):
    links = ''.join(f'<link rel="alternate" type="application/rss+xml" href="{path}">' for path in paths)
    return Answer(f'<!doctype html><html><head>{links}</head><body>News</body></html>')


@pytest.mark.parametrize('slash', ['', '/'])
def test_a_home_page_stands_for_its_feeds_and_the_user_is_told_which(sites, read_all, capsys, slash):
    site = sites[0]
    site.answers['/'] = home('/a.xml', '/b.xml')
    site.feed(('Flood', '/1'), path='/a.xml')
    site.feed(('Final', '/2'), path='/b.xml')
    sources = read_all(site.base + slash)
    assert sources == feed_sources.FeedSources((Feed(f'{site.base}/a.xml'), Feed(f'{site.base}/b.xml')), ())
    assert f'{site.base}/a.xml, {site.base}/b.xml' in capsys.readouterr().err


def test_a_feed_at_the_root_of_its_host_is_polled_as_it_is_named(sites, read_all, capsys):
    sites[0].feed(('Flood', '/1'), path='/')
    assert read_all(f'{sites[0].base}/').feeds == (Feed(f'{sites[0].base}/'),)
    assert capsys.readouterr().err == ''


def test_a_deeper_address_is_polled_without_being_asked_first(sites, read_all):
    specs = (f'{sites[0].base}/world', f'{sites[0].base}/?feed=rss2')
    assert read_all(*specs).feeds == tuple(map(Feed, specs))
    assert sites[0].asked == []


def test_a_page_without_feeds_is_bad_usage_when_it_is_the_only_source(sites, read_all, capsys):
    sites[0].answers['/'] = home()
    with pytest.raises(UsageError, match='no usable feed'):
        read_all(sites[0].base)
    assert 'no feed found; tried' in capsys.readouterr().err


def test_a_page_without_feeds_is_a_fault_beside_others(sites, read_all):
    sites[0].answers['/'] = home()
    other = f'{sites[1].base}/rss'
    sources = read_all(sites[0].base, other)
    assert sources.feeds == (Feed(other),)
    (fault,) = sources.faults
    assert fault.sentence().startswith(f'{sites[0].base}: no feed found; tried {sites[0].base}/, /feed, ')


def test_a_site_that_is_down_is_polled_so_that_its_poll_says_why(sites, read_all):
    with made_sites(1) as (down,):
        pass
    assert read_all(f'{down.base}/', sites[0].base + '/rss').feeds[0] == Feed(f'{down.base}/')


@pytest.mark.parametrize('status', [403, 503])
def test_a_watched_site_whose_search_fails_keeps_its_feeds_until_it_answers(sites, watched, capsys, status):
    site = sites[0]
    site.answers['/'] = home('/a.xml', '/b.xml')
    site.feed(('Flood', '/1'), path='/a.xml')
    site.feed(('Final', '/2'), path='/b.xml')
    sources = watched(site.base, sites[1].base + '/rss')
    feeds = sources.read()[0].feeds
    assert len(feeds) == 3
    site.answers['/'] = Answer('no', status)
    assert sources.read() == (feed_sources.FeedSources(feeds, ()), True)
    assert sources.read()[0].feeds == feeds
    assert f'{site.base}: ' in (said := capsys.readouterr().err) and 'known before are polled on' in said
    site.answers['/'] = home('/b.xml')
    assert [feed.url for feed in sources.read()[0].feeds] == [f'{site.base}/b.xml', f'{sites[1].base}/rss']


def test_a_watched_list_that_cannot_be_had_keeps_its_feeds_and_the_others_are_read(sites, watched, tmp_path):
    feeds = [f'{site.base}/rss' for site in sites]
    sites[0].answers['/feeds.txt'] = Answer(feeds[0], kind='text/plain')
    mine = tmp_path / 'mine.txt'
    mine.write_text(feeds[1])
    sources = watched(f'{sites[0].base}/feeds.txt', str(mine))
    assert [feed.url for feed in sources.read()[0].feeds] == feeds
    del sites[0].answers['/feeds.txt']
    mine.write_text(f'{feeds[1]}?new')
    assert [feed.url for feed in sources.read()[0].feeds] == [feeds[0], f'{feeds[1]}?new']


def test_a_home_page_is_ingested_and_one_without_feeds_is_in_the_ledger(sites, tmp_path, capsys):
    good, bare = sites
    good.answers['/'] = home('/rss')
    good.feed(('Flood', '/1'))
    good.answers['/1'] = page('Flood')
    bare.answers['/'] = home()
    lake = str(tmp_path / 'lake')
    flags = (LOOPBACK, '--fetch_min_delay=0', '--analysis_processes=1', '--entities_model=none')
    assert run_command('pipelines.batch', [good.base, bare.base, '--output', lake, *flags]) == 0
    ledger = pq.read_table(f'{lake}/ledger').to_pylist()
    (written,) = [row for row in ledger if row['disposition'] == 'written']
    assert written['feed_url'] == f'{good.base}/rss'
    (fault,) = [row for row in ledger if row['subject'] == 'source_line']
    assert (fault['reason'], fault['url']) == ('source_unreadable', bare.base)
    assert fault['detail'].startswith(f'{bare.base}: no feed found; tried ')
    assert 'skipped: ' in capsys.readouterr().err
    assert run_command('pipelines.check', [lake]) == 0
