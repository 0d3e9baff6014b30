"""Faults of hosts and feeds through the whole job: each ends in its row, what may succeed is tried again."""

import glob
import json
import os
import subprocess
import sys

import pandas
import pytest

from pipelines.cli import run_command
from tests.made_site import Answer, made_sites, page

FLAGS = ('--fetch_allow_private_networks=127.0.0.0/8', '--fetch_min_delay=0', '--entities_model=none')


class Runs:
    """Runs of one lake."""

    def __init__(self, lake):
        self.lake = str(lake)

    def ingest(self, *sources):
        assert run_command('pipelines.batch', [*sources, '--output', self.lake, *FLAGS]) == 0
        assert run_command('pipelines.check', [self.lake]) == 0

    def ledger(self):
        """The last attempt of each item, by its feed's link."""
        rows = pandas.read_parquet(f'{self.lake}/ledger').sort_values(['attempt', 'decided_at'])
        items = rows[rows['subject'] == 'item'].astype(object)
        items = items.where(items.notna(), None).groupby('feed_item_id', sort=True).last(skipna=False)
        return {name: (row['disposition'], row['reason'], row['attempt']) for name, row in items.iterrows()}

    def titles(self):
        return sorted(pandas.read_parquet(f'{self.lake}/articles')['title'])


@pytest.fixture
def runs(tmp_path):
    return Runs(tmp_path / 'lake')


def test_a_page_that_fails_for_the_moment_is_tried_again_though_the_feed_answers_304(runs):
    with made_sites() as (site,):
        feed = site.feed(('One', '/1'), ('Two', '/2'), ETag='"v1"')
        site.answers |= {'/1': page('One'), '/2': Answer('busy', 503)}
        runs.ingest(feed)
        assert runs.ledger() == {'/1': ('written', None, 0), '/2': ('failed', 'http_5xx', 0)}
        site.answers['/2'] = page('Two', 'lake')
        asked = site.asked.count('/1')
        runs.ingest(feed)
        assert runs.ledger() == {'/1': ('written', None, 0), '/2': ('written', None, 1)}
        assert site.asked.count('/1') == asked
        assert runs.titles() == ['One', 'Two']


def test_a_page_that_is_gone_is_not_asked_for_again(runs):
    with made_sites() as (site,):
        feed = site.feed(('Gone', '/gone'))
        runs.ingest(feed)
        runs.ingest(feed)
        assert runs.ledger() == {'/gone': ('rejected', 'http_4xx', 0)}
        assert site.asked.count('/gone') == 1


def test_a_redirect_to_another_host_is_followed_there_once(runs):
    with made_sites(3) as (a, b, c):
        a.answers['/1'] = Answer(status=302, headers=(('Location', f'{b.base}/moved'),))
        b.answers['/moved'] = page('Moved here')
        a.answers['/2'] = Answer(status=302, headers=(('Location', f'{b.base}/onwards'),))
        b.answers['/onwards'] = Answer(status=302, headers=(('Location', f'{c.base}/end'),))
        c.answers['/end'] = page('Too far', 'lake')
        runs.ingest(a.feed(('One', '/1'), ('Two', '/2')))
        assert runs.ledger() == {
            '/1': ('written', None, 0),
            '/2': ('rejected', 'redirect_elsewhere', 0),
        }
        assert runs.titles() == ['Moved here'] and '/end' not in c.asked
        assert '/robots.txt' in b.asked


def test_a_feed_that_redirects_to_another_host_is_read_there(runs):
    with made_sites(2) as (a, b):
        feed = b.feed(('One', '/1'))
        b.answers['/1'] = page('One')
        a.answers['/rss'] = Answer(status=301, headers=(('Location', feed),))
        runs.ingest(a.base + '/rss')
        assert runs.titles() == ['One']
        polls = pandas.read_parquet(f'{runs.lake}/polls')
        assert polls[['feed_url', 'moved_to', 'status']].values.tolist() == [[a.base + '/rss', feed, 'moved']]


def test_an_item_that_goes_and_comes_back_is_not_fetched_again(runs):
    with made_sites() as (site,):
        site.answers |= {'/1': page('One'), '/2': page('Two', 'lake')}
        feed = site.feed(('One', '/1'), ('Two', '/2'))
        runs.ingest(feed)
        site.feed(('Two', '/2'))
        runs.ingest(feed)
        site.feed(('One', '/1'), ('Two', '/2'))
        runs.ingest(feed)
        assert runs.ledger() == {'/1': ('unchanged', None, 0), '/2': ('written', None, 0)}
        assert site.asked.count('/1') == site.asked.count('/2') == 1


def test_an_article_that_a_second_feed_shows_later_is_a_duplicate_and_not_fetched(runs):
    with made_sites() as (site,):
        site.answers['/1'] = page('One')
        runs.ingest(site.feed(('One', '/1')))
        runs.ingest(site.feed(('One again', site.base + '/1?utm_source=world'), path='/world'))
        assert runs.ledger()[f'{site.base}/1?utm_source=world'] == ('duplicate_url', None, 0)
        assert site.asked.count('/1') == 1


def test_the_same_text_at_two_addresses_is_two_articles_and_a_link(runs):
    with made_sites(2) as (a, b):
        a.answers['/1'] = b.answers['/1'] = page('Same story')
        runs.ingest(a.feed(('A', '/1')), b.feed(('B', '/1')))
        assert runs.titles() == ['Same story', 'Same story']
        (link,) = pandas.read_parquet(f'{runs.lake}/links').to_dict('records')
        rows = set(pandas.read_parquet(f'{runs.lake}/articles')['row_id'])
        assert link['kind'] == 'duplicate_text' and {link['row_id'], link['target']} == rows


def test_a_host_that_cannot_be_reached_leaves_the_others_complete(runs):
    with made_sites() as (site,):
        site.answers['/1'] = page('One')
        feed = site.feed(('One', '/1'), ('Nobody', 'http://127.0.0.1:9/x'))
        runs.ingest(feed)
        assert runs.ledger() == {
            '/1': ('written', None, 0),
            'http://127.0.0.1:9/x': ('failed', 'connect', 0),
        }


def test_addresses_that_are_not_public_are_not_asked_by_default(runs, capsys):
    with made_sites() as (site,):
        site.feed(('One', '/1'))
        code = run_command(
            'pipelines.batch', [site.base + '/rss', '--output', runs.lake, '--fetch_min_delay=0']
        )
        assert code == 0 and site.asked == []
        assert 'blocked_address' in capsys.readouterr().out


def test_half_a_surrogate_pair_in_a_page_or_a_header_stops_nothing(runs):
    with made_sites() as (site,):
        cut = page('One')
        metadata = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "One", ' + (
            '"author": {"name": "Ann \\ud83d Ito"}, "articleSection": "\\udc00"}</script></head>'
        )
        site.answers['/1'] = cut._replace(
            body=cut.body.replace('</head>', metadata),
            headers=(('Last-Modified', 'caf\xe9'), ('ETag', '"\xe9"')),
        )
        feed = site.feed(('One', '/1'), ETag='"caf\xe9"')
        runs.ingest(feed)
        runs.ingest(feed)
        assert runs.titles() == ['One']


def test_a_page_that_asks_for_peace_for_ever_does_not_starve_the_others_of_its_host(runs):
    with made_sites() as (site,):
        site.answers['/0'] = Answer('busy', 429, headers=(('Retry-After', '3600'),))
        site.answers |= {f'/{n}': page(f'Title {n}', f'word{n}') for n in range(1, 6)}
        feed = site.feed(*((f'Title {n}', f'/{n}') for n in range(6)))
        for _ in range(12):
            runs.ingest(feed)
            if len([d for d in runs.ledger().values() if d[0] == 'written']) == 5:
                break
        ends = runs.ledger()
        assert ends.pop('/0')[:2] == ('failed', 'http_429')
        assert {end[0] for end in ends.values()} == {'written'}


def test_rows_survive_worker_processes_of_their_own(runs):
    with made_sites() as (site,):
        site.answers |= {f'/{n}': page(f'Title {n}', f'word{n}') for n in range(3)}
        feed = site.feed(*((f'Title {n}', f'/{n}') for n in range(3)))
        flags = ['--direct_running_mode=multi_processing', '--direct_num_workers=2', '--analysis_processes=1']
        command = [sys.executable, '-m', 'pipelines.batch', feed, '--output', runs.lake, *FLAGS, *flags]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        requests = len(site.asked)
    assert runs.titles() == [f'Title {n}' for n in range(3)]
    (record,) = glob.glob(f'{runs.lake}/_runs/*')
    with open(record) as file:
        (host,) = json.load(file)['hosts']
    assert (host['host'], host['requests']) == (site.base.removeprefix('http://'), requests)
    assert run_command('pipelines.check', [runs.lake]) == 0


def test_a_damaged_file_of_the_lake_is_named(runs, capsys):
    with made_sites() as (site,):
        site.answers['/1'] = page('One')
        feed = site.feed(('One', '/1'))
        runs.ingest(feed)
        (path,) = glob.glob(f'{runs.lake}/ledger/*/*.parquet')
        os.truncate(path, 100)
        capsys.readouterr()
        assert run_command('pipelines.batch', [feed, '--output', runs.lake, *FLAGS]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert path in line and 'dateline check' in line
