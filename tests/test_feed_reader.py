"""Feeds are read by the pool's children: one that takes too long, or ends its child, costs one poll."""

import dataclasses
import json
import time

import pandas
import psutil
import pytest

from pipelines.cli import run_command
from schemas.boilerplate import Snapshot
from schemas.feeds import Feed, FeedAsk, FeedDocument, ParsedFeed
from schemas.settings import AnalysisSettings, RunSettings
from tests.made_site import Answer, made_sites, page
from tests.test_faults import FLAGS
from transforms import processes
from transforms.feed_reading import FeedReader
from transforms.functions.web import asking

SETTINGS = AnalysisSettings(processes=1, entities_model='')
RUN = RunSettings(lake='', run_id='run', started_at=0)
CYCLE = dataclasses.replace(RUN, job='job')
LEARNED = Snapshot('learned', 0, ())


@pytest.fixture(autouse=True)
def clean_processes():
    yield
    processes.close_all()


def long_feed(items: int) -> bytes:
    made = ''.join(
        f'<item><title>{n}</title><link>/{n}</link><category>a</category><category>b</category></item>'
        for n in range(items)
    )
    return f'<rss version="2.0"><channel><title>Long</title>{made}</channel></rss>'.encode()


def answered(url: str, body: bytes) -> tuple[asking.Answer, FeedDocument]:
    answer = asking.Answer(FeedAsk(Feed(url), url), url, url, 200)
    return answer, FeedDocument(body, url, 'application/rss+xml', 0)


def test_a_feed_that_takes_too_long_to_read_costs_its_poll_and_no_other(tmp_path):
    with made_sites(2) as (quick, slow):
        slow.answers['/rss'] = Answer(long_feed(60_000), kind='application/rss+xml')
        quick.answers['/1'] = page('One')
        feeds = [slow.base + '/rss', quick.feed(('One', '/1'))]
        lake = str(tmp_path / 'lake')
        deadline = '--analysis_page_deadline=2'
        assert run_command('pipelines.batch', [*feeds, '--output', lake, *FLAGS, deadline]) == 0
        assert run_command('pipelines.check', [lake]) == 0
        polls = pandas.read_parquet(f'{lake}/polls').set_index('feed_url')
        assert list(polls.loc[slow.base + '/rss', ['status', 'reason']]) == ['failed', 'feed_unreadable']
        assert polls.loc[slow.base + '/rss', 'fault'] == 'The document took too long: no answer within 2 s'
        assert polls.loc[quick.base + '/rss', 'status'] == 'ok'
        assert len(pandas.read_parquet(f'{lake}/articles')) == 1
        ledger = pandas.read_parquet(f'{lake}/ledger')
        assert set(ledger['disposition']) == {'written', 'rejected'}


def test_documents_come_back_in_their_order_with_their_answers():
    reader = FeedReader(SETTINGS)
    sizes = [300, 1, 40]
    for size in sizes:
        reader.submit(*answered(f'http://{size}.example/', long_feed(size)), RUN)
    read = [*reader.ready(), *reader.drain()]
    assert [answer.url for answer, _ in read] == [f'http://{size}.example/' for size in sizes]
    assert [len(feed.entries) for _, feed in read if isinstance(feed, ParsedFeed)] == sizes


def test_no_more_are_held_than_the_children_have_use_for():
    reader = FeedReader(SETTINGS)
    given = 0
    for n in range(30):
        reader.submit(*answered(f'http://{n}.example/', long_feed(200)), RUN)
        given += len(list(reader.ready()))
        assert n + 1 - given <= 8
    assert given + len(list(reader.drain())) == 30


def test_in_a_cycle_of_a_job_the_pool_that_is_there_reads_whatever_was_learned_since():
    processes.keep_pool(dataclasses.replace(SETTINGS, page_deadline_s=2.0, boilerplate=LEARNED))
    before = set(psutil.Process().children())
    reader = FeedReader(SETTINGS)
    for items in (2, 60_000):
        reader.submit(*answered(f'http://{items}.example/', long_feed(items)), CYCLE)
    (_, feed), (_, late) = reader.drain()
    assert len(feed.entries) == 2
    assert late.fault == 'The document took too long: no answer within 2 s'
    assert len(set(psutil.Process().children()) - before) <= 1  # in place of the one that was late


def test_what_a_pool_was_given_is_read_though_another_takes_its_place():
    others = set(psutil.Process().children())
    reader = FeedReader(SETTINGS)
    reader.submit(*answered('http://first.example/', long_feed(1)), CYCLE)
    assert len(list(reader.drain())) == 1  # the child is there
    for n in range(8):
        reader.submit(*answered(f'http://{n}.example/', long_feed(300)), CYCLE)
    learned = dataclasses.replace(SETTINGS, boilerplate=LEARNED)
    before = set(psutil.Process().children()) - others
    assert before
    processes.keep_pool(learned)
    reader.submit(*answered('http://8.example/', long_feed(300)), CYCLE)
    read = list(reader.drain())
    assert [len(feed.entries) for _, feed in read if isinstance(feed, ParsedFeed)] == [300] * 9
    until = time.monotonic() + 30
    while before & set(psutil.Process().children()):
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_child_that_ends_is_said_of_the_feed():
    before = set(psutil.Process().children())
    reader = FeedReader(SETTINGS)
    reader.submit(*answered('http://short.example/', long_feed(1)), RUN)
    assert len(list(reader.drain())) == 1  # the child is there, and has the next at once
    (child,) = set(psutil.Process().children()) - before
    reader.submit(*answered('http://long.example/', long_feed(60_000)), RUN)
    child.kill()
    ((_, unread),) = reader.drain()
    assert unread.reason == 'worker_died' and 'signal 9' in unread.fault


def test_what_is_no_feed_is_said_by_children_as_it_is_here():
    said = []
    for settings in (SETTINGS, None):
        reader = FeedReader(settings)
        for body in (b'nothing', b'<html><body>no feed</body></html>', json.dumps({'a': 1}).encode()):
            reader.submit(*answered('http://none.example/', body), RUN)
        said.append([read for _, read in reader.drain()])
    assert said[0] == said[1]
    assert {read.reason for read in said[0]} == {'feed_unreadable'}
