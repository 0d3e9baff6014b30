"""What a run reads back from the lake."""

import dataclasses

import pytest

from schemas.pages import PageRequest
from schemas.settings import RunSettings
from schemas.vocabulary import Disposition, Reason
from tests.made_lakes import commit, decided, poll, write
from tests.made_rows import DAY, NOON, article, sighting
from transforms.functions.lake import Lake
from transforms.functions.lake_state import LakeState
from transforms.functions.ledger_rows import GIVE_UP_DAYS, MAX_ATTEMPTS, refused_row
from transforms.functions.page_choice import choose_page, merge_requests
from transforms.functions.storage import LocalStorage

RUN = RunSettings('lake', 'run-2', NOON)


@pytest.fixture
def lake(tmp_path):
    return Lake(str(tmp_path / 'lake'), LocalStorage())


def state(lake):
    return LakeState(lake, '2025-02-01')


def choose(lake, seen, run=RUN):
    return choose_page(seen, state(lake), run, NOON + DAY)


def test_a_poll_whose_ledger_rows_are_there_counts(lake):
    write(
        lake,
        'ledger',
        decided(sighting('a'), Disposition.WRITTEN),
        decided(sighting('b'), Disposition.WRITTEN),
    )
    write(lake, 'polls', poll(shown=2))
    known = state(lake).feed('http://news.example/rss')
    assert (known.etag, known.item_keys, known.polled_at) == ('"a"', (1, 2), NOON)


def test_a_poll_whose_ledger_rows_are_missing_does_not_count_so_the_feed_is_read_in_full(lake):
    write(lake, 'ledger', decided(sighting('a'), Disposition.WRITTEN))
    write(lake, 'polls', poll(shown=2))
    assert state(lake).feed('http://news.example/rss') is None


def test_a_failed_poll_leaves_what_was_known_before(lake):
    write(lake, 'polls', poll(0), poll(0, poll_id='poll-2', polled_at=NOON + 9, status='failed', etag=None))
    assert state(lake).feed('http://news.example/rss').etag == '"a"'


def test_an_item_that_failed_waits_and_one_that_failed_in_this_run_waits_for_another(lake):
    failed = refused_row(sighting('a', title='T'), Reason.TIMEOUT, 'slow', run_id='run-1', decided_at=NOON)
    own = refused_row(sighting('b'), Reason.TIMEOUT, 'slow', run_id='run-2', decided_at=NOON)
    write(lake, 'ledger', failed, own)
    (waiting,) = state(lake).waiting('run-2')
    assert waiting == dataclasses.replace(sighting('a', title='T'), attempt=1)


def test_what_did_not_fit_a_round_is_taken_up_by_the_same_run(lake):
    write(
        lake,
        'ledger',
        decided(sighting('a'), Disposition.DEFERRED, run_id='run-2', detail='the round was full'),
    )
    assert [s.item_id for s in state(lake).waiting('run-2')] == ['a']


def test_a_later_attempt_replaces_an_earlier_one(lake):
    write(lake, 'ledger', refused_row(sighting('a'), Reason.TIMEOUT, None, run_id='run-1', decided_at=NOON))
    write(lake, 'ledger', decided(sighting('a', attempt=1), Disposition.WRITTEN))
    assert list(state(lake).waiting('run-9')) == []


def test_an_item_is_given_up_when_it_failed_often_and_for_days():
    last = sighting(attempt=MAX_ATTEMPTS - 1)
    often = refused_row(last, Reason.DNS, 'no such name', run_id='run-1', decided_at=NOON + DAY)
    assert (often.disposition, often.transient) == ('failed', True)
    long = refused_row(last, Reason.DNS, 'no such name', run_id='run-1', decided_at=NOON + GIVE_UP_DAYS * DAY)
    assert (long.disposition, long.transient) == ('rejected', False)


def test_what_waits_since_before_the_state_is_still_taken_up(lake):
    failed = refused_row(sighting('a'), Reason.TIMEOUT, 'slow', run_id='run-1', decided_at=NOON)
    done = sighting('b', seen_at=NOON - 9 * DAY)
    write(lake, 'ledger', failed, decided(done, Disposition.REJECTED, reason='http_4xx'))
    later = LakeState(lake, '2025-04-20')
    assert [waiting.item_id for waiting in later.waiting('run-2')] == ['a']
    assert later.page('news.example/b') is None  # a day on which nothing waits is not read


def test_an_article_older_than_the_state_keeps_its_partition(lake):
    done = commit(lake, article())
    write(lake, 'ledger', *done.ledger)
    later = LakeState(lake, '2025-04-20')
    assert later.article_partition(done.ledger[0].article_id) == ('2025-03-03', 'news')


def test_an_edit_is_seen_though_another_feed_showed_the_page_last(lake):
    write(lake, 'ledger', *commit(lake, article()).ledger)
    other = sighting(
        'x', url='http://news.example/item-1', feed_url='http://news.example/2', poll_id='poll-2'
    )
    write(lake, 'ledger', choose(lake, other))
    edited = sighting(poll_id='poll-3', fingerprint=8)
    assert isinstance(choose(lake, edited), PageRequest)


def test_a_page_that_another_feed_could_not_have_is_asked_for(lake):
    write(lake, 'ledger', refused_row(sighting('a'), Reason.HTTP_4XX, '404', run_id='run-1', decided_at=NOON))
    other = sighting('x', url='http://news.example/a', feed_url='http://news.example/2')
    assert isinstance(choose(lake, other), PageRequest)


def test_a_job_that_happens_twice_decides_nothing_anew(lake):
    write(lake, 'ledger', refused_row(sighting('a'), Reason.TIMEOUT, None, run_id='run-1', decided_at=NOON))
    known = state(lake)
    assert known.is_decided(sighting('a'))
    assert not known.is_decided(sighting('a', attempt=1)) and not known.is_decided(sighting('b'))


def test_a_poll_by_a_clock_that_was_wrong_is_passed_over(lake):
    write(lake, 'polls', poll(0), poll(0, poll_id='poll-2', polled_at=NOON + 400 * DAY, etag='"wrong"'))
    assert LakeState(lake, '2025-02-01', NOON + DAY).feed('http://news.example/rss').etag == '"a"'


def test_a_page_that_no_run_has_decided_is_asked_for(lake):
    assert choose(lake, sighting('a')) == PageRequest(
        'http://news.example/a', 'news.example/a', (sighting('a'),)
    )


def test_a_known_page_is_asked_for_again_only_when_its_entry_changed(lake):
    done = commit(lake, article())
    write(lake, 'ledger', *done.ledger)
    again = choose(lake, sighting(poll_id='poll-2'))
    assert (again.disposition, again.row_id) == ('unchanged', done.ledger[0].row_id)
    assert isinstance(choose(lake, sighting(poll_id='poll-2', fingerprint=8)), PageRequest)


def test_a_known_page_in_another_feed_is_a_duplicate_by_url(lake):
    write(lake, 'ledger', *commit(lake, article()).ledger)
    other = sighting(
        'x', url='https://www.news.example/item-1?utm_source=rss', feed_url='http://news.example/2'
    )
    assert choose(lake, other).disposition == 'duplicate_url'


def test_a_page_that_was_rejected_is_not_asked_for_again(lake):
    write(lake, 'ledger', refused_row(sighting('a'), Reason.HTTP_4XX, '404', run_id='run-1', decided_at=NOON))
    again = choose(lake, sighting('a', poll_id='poll-2'))
    assert (again.disposition, again.reason) == ('rejected', 'http_4xx')


@pytest.mark.parametrize('url', [None, 'mailto:a@b.example', 'http://', 'nonsense'])
def test_an_entry_without_a_usable_link_is_rejected(lake, url):
    row = choose(lake, sighting('a', url=url))
    assert (row.disposition, row.reason) == ('rejected', 'bad_url')


def test_items_from_before_since_wait_for_a_run_without_it(lake):
    run = dataclasses.replace(RUN, since='2025-03-03')
    old = sighting('a', published_at=NOON - DAY)
    assert choose(lake, old, run).disposition == 'deferred'
    assert isinstance(choose(lake, sighting('b', published_at=NOON), run), PageRequest)


def test_sightings_of_one_page_travel_together_the_earliest_first():
    late, early = sighting('late', seen_at=NOON + 1), sighting('early')
    requests = [PageRequest('http://n.example/1', 'n.example/1', (s,)) for s in (late, early)]
    (merged,) = merge_requests(requests)
    assert [s.item_id for s in merged.sightings] == ['early', 'late']


def test_an_article_keeps_the_partition_of_its_first_version(lake):
    done = commit(lake, article())
    write(lake, 'ledger', *done.ledger)
    assert state(lake).article_partition(done.ledger[0].article_id) == ('2025-03-03', 'news')
    assert state(lake).article_partition('unknown') is None
