"""Which feeds are asked, and where: through the whole job, on a real server, run after run."""

import json

import pandas
import pytest

from pipelines.cli import run_command
from tests.made_site import Answer, made_sites, page
from tests.test_faults import FLAGS


class Polls:
    """Runs of one lake, and what came of their polls."""

    def __init__(self, lake):
        self.lake = str(lake)

    def ingest(self, *arguments):
        assert run_command('pipelines.batch', [*arguments, '--output', self.lake, *FLAGS]) == 0
        assert run_command('pipelines.check', [self.lake]) == 0

    def rows(self, *columns):
        polls = pandas.read_parquet(f'{self.lake}/polls').sort_values('polled_at')
        return polls[list(columns)].values.tolist()


@pytest.fixture
def polls(tmp_path):
    return Polls(tmp_path / 'lake')


def test_a_feed_that_is_gone_is_not_asked_again_and_the_summary_says_so(polls, capsys):
    with made_sites() as (site,):
        site.answers['/1'] = page('One')
        kept = site.feed(('One', '/1'), path='/kept')
        site.answers['/gone'] = Answer('gone', 410)
        polls.ingest(kept, site.base + '/gone')
        polls.ingest(kept, site.base + '/gone')
        assert site.asked.count('/gone') == 1 and site.asked.count('/kept') == 2
        assert [row for row in polls.rows('feed_url', 'status') if row[1] == 'gone'] == [
            [site.base + '/gone', 'gone']
        ]
    assert '1 retired (410)' in capsys.readouterr().out


def test_a_feed_that_moved_is_asked_at_its_new_address_until_that_fails(polls):
    with made_sites(2) as (a, b):
        b.answers['/1'] = page('One')
        new = b.feed(('One', '/1'), path='/new', ETag='"1"')
        a.answers['/old'] = Answer(status=308, headers=(('Location', new),))
        polls.ingest(a.base + '/old')
        polls.ingest(a.base + '/old')
        assert (a.asked.count('/old'), b.asked.count('/new')) == (1, 2)
        assert polls.rows('feed_url', 'status', 'moved_to', 'http_status') == [
            [a.base + '/old', 'moved', new, 200],
            [a.base + '/old', 'moved', new, 304],
        ]
        b.answers['/new'] = Answer('no', 404)
        polls.ingest(a.base + '/old')
        a.answers['/1'] = page('Back', 'lake')
        a.feed(('Back', '/1'), path='/old')
        polls.ingest(a.base + '/old')
        assert a.asked.count('/old') == 2
        assert polls.rows('status')[2:] == [['failed'], ['ok']]


def test_with_due_only_feeds_wait_for_their_interval(polls, capsys):
    with made_sites() as (site,):
        site.answers['/1'] = page('One')
        feed = site.feed(('One', '/1'))
        polls.ingest(feed)
        polls.ingest(feed, '--due_only')
        assert site.asked.count('/rss') == 1
        assert '1 not due yet' in capsys.readouterr().out
        polls.ingest(feed)
        assert site.asked.count('/rss') == 2


def test_failing_feeds_back_off_and_return(polls):
    with made_sites() as (site,):
        site.answers['/1'] = page('One')
        feed = site.feed(('One', '/1'))
        polls.ingest(feed)
        answer = site.answers['/rss']
        site.answers['/rss'] = Answer('busy', 503)
        polls.ingest(feed)
        polls.ingest(feed)
        site.answers['/rss'] = answer
        polls.ingest(feed)
        assert polls.rows('status', 'interval_s') == [
            ['ok', 1800],
            ['failed', 3600],
            ['failed', 7200],
            ['ok', 2700],
        ]


def test_the_interval_is_never_below_what_the_server_states_nor_above_the_flag(polls):
    with made_sites() as (site,):
        site.answers['/1'] = page('One')
        feed = site.feed(('One', '/1'), **{'Cache-Control': 'max-age=7000'})
        polls.ingest(feed)
        polls.ingest(feed, '--poll_max_interval=1h')
        assert polls.rows('interval_s') == [[7000], [3600]]


def test_nothing_left_of_the_last_poll_raises_the_alarm_with_an_interval(polls):
    with made_sites() as (site,):
        site.answers |= {f'/{n}': page(f'Story {n}', f'lake{n}') for n in range(4)}
        feed = site.feed(('A', '/0'), ('B', '/1'))
        polls.ingest(feed)
        site.feed(('C', '/2'), ('D', '/3'))
        polls.ingest(feed)
        (first, second) = polls.rows('scrolled_off', 'fault')
        assert not first[0]
        assert second[0] and 'poll every 300 s' in second[1]


def test_a_record_of_the_run_counts_the_feeds_that_were_not_asked(polls, tmp_path):
    with made_sites() as (site,):
        site.answers['/gone'] = Answer('gone', 410)
        site.answers['/1'] = page('One')
        feeds = [site.base + '/gone', site.feed(('One', '/1'))]
        polls.ingest(*feeds)
        polls.ingest(*feeds, '--due_only')
        newest = sorted((tmp_path / 'lake' / '_runs').glob('*.json'))[-1]
        counters = json.loads(newest.read_text())['counters']
        assert (counters['feeds_retired'], counters['feeds_not_due']) == (1, 1)


def test_a_permanent_redirect_behind_a_temporary_one_moves_nothing(polls):
    with made_sites(2) as (a, b):
        b.answers['/1'] = page('One')
        new = b.feed(('One', '/1'), path='/new')
        b.answers['/hop'] = Answer(status=301, headers=(('Location', new),))
        a.answers['/old'] = Answer(status=302, headers=(('Location', f'{b.base}/hop'),))
        polls.ingest(a.base + '/old')
        polls.ingest(a.base + '/old')
        assert a.asked.count('/old') == 2
        assert [row[0] for row in polls.rows('status')] == ['ok', 'ok']


def test_a_page_that_answers_304_unasked_is_no_article_and_no_success(polls):
    with made_sites() as (site,):
        site.answers['/1'] = Answer(status=304)
        polls.ingest(site.feed(('One', '/1')))
        ledger = pandas.read_parquet(f'{polls.lake}/ledger')
        assert ledger[['disposition', 'reason']].values.tolist() == [['rejected', 'http_4xx']]
