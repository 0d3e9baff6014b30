"""Polls: each item once, edits again, and books that add up."""

import pytest

from schemas.feeds import Feed, FeedDocument, FeedState, LastPoll, Poll, PollRequest
from schemas.ids import hash_id
from schemas.vocabulary import Reason
from transforms.functions.feed_parsing import read_feed
from transforms.functions.poll_intervals import FIRST_INTERVAL_S, MAX_INTERVAL_S, MIN_INTERVAL_S
from transforms.functions.polling import (
    PollResult,
    conditional_headers,
    poll_result,
)

NOON = 1_741_003_200_000_000  # 2025-03-03T12:00:00Z
FEED = Feed('https://example.org/feed', None, ('Iraq',))


def rss(*items: str) -> bytes:
    shown = ''.join(
        f'<item><guid isPermaLink="false">{item.rstrip("!")}</guid><title>{item}</title>'
        f'<link>/a/{item.rstrip("!")}</link></item>'
        for item in items
    )
    return f'<rss version="2.0"><channel><title>Wire</title>{shown}</channel></rss>'.encode()


def poll(body=None, state=None, **answer) -> PollResult:
    fields = {
        'status': 200,
        'etag': None,
        'last_modified': None,
        'moved_to': None,
        'reason': None,
        'wire_bytes': len(body or b''),
        'polled_at': NOON,
        'run_id': 'run',
    }
    document = (
        None
        if body is None
        else read_feed(FeedDocument(body, answer.get('moved_to') or FEED.url, 'application/rss+xml', NOON))
    )
    return poll_result(PollRequest(FEED, state, NOON), document=document, **(fields | answer))


def state_after(polled: Poll) -> FeedState:
    return FeedState(
        polled.feed_url,
        polled.etag,
        polled.last_modified,
        polled.item_keys,
        polled.item_fingerprints,
        polled.polled_at,
        polled.interval_s,
    )


def balanced(result: PollResult) -> bool:
    distinct = {sighting.sighting_id for sighting in result.sightings}
    return result.poll.items_shown == result.poll.items_unchanged + len(distinct)


def test_a_poll_that_is_made_again_is_the_same_poll_whenever_it_is_answered():
    first, again = poll(rss('a', 'b')), poll(rss('a', 'b'), polled_at=NOON + 1, run_id='other')
    assert first.poll.poll_id == again.poll.poll_id
    assert [one.sighting_id for one in first.sightings] == [one.sighting_id for one in again.sightings]
    other = poll_result(
        PollRequest(FEED, None, NOON + 1),
        status=None,
        document=None,
        etag=None,
        last_modified=None,
        moved_to=None,
        reason=Reason.TIMEOUT,
        wire_bytes=0,
        polled_at=NOON,
        run_id='run',
    )
    assert other.poll.poll_id != first.poll.poll_id


def test_a_first_poll_sights_every_item():
    result = poll(rss('a', 'b'), etag='"1"')
    assert [sighting.item_id for sighting in result.sightings] == ['a', 'b']
    assert result.poll.poll_id == hash_id(FEED.url, str(NOON))
    sighting = result.sightings[0]
    assert sighting.sighting_id == hash_id(result.poll.poll_id, 'a')
    assert (sighting.url, sighting.feed_title, sighting.feed_labels) == (
        'https://example.org/a/a',
        'Wire',
        ('Iraq',),
    )
    assert (sighting.seen_at, sighting.attempt) == (NOON, 0)
    assert (result.poll.status, result.poll.reason, result.poll.etag) == ('ok', None, '"1"')
    assert (result.poll.items_shown, result.poll.items_unchanged) == (2, 0)
    assert result.poll.format == 'rss20'
    assert not result.poll.scrolled_off
    assert balanced(result)


def test_the_same_answer_twice_is_one_poll():
    assert poll(rss('a', 'b')) == poll(rss('a', 'b'))


def test_unchanged_items_are_counted_and_not_sighted():
    state = state_after(poll(rss('a', 'b')).poll)
    result = poll(rss('c', 'b', 'a'), state)
    assert [sighting.item_id for sighting in result.sightings] == ['c']
    assert result.poll.items_unchanged == 2
    assert balanced(result)


def test_an_edited_item_is_sighted_again():
    state = state_after(poll(rss('a', 'b')).poll)
    result = poll(rss('a!', 'b'), state)
    assert [(sighting.item_id, sighting.title) for sighting in result.sightings] == [('a', 'a!')]
    assert balanced(result)


def test_a_304_carries_everything_over_and_shows_nothing():
    before = poll(rss('a', 'b'), etag='"1"', last_modified='Mon, 03 Mar 2025 11:00:00 GMT').poll
    result = poll(None, state_after(before), status=304)
    assert (result.poll.status, result.poll.reason, result.poll.http_status) == ('not_modified', None, 304)
    assert (result.poll.items_shown, result.poll.items_unchanged, result.sightings) == (0, 0, ())
    assert result.poll.item_keys == before.item_keys
    assert result.poll.item_fingerprints == before.item_fingerprints
    assert (result.poll.etag, result.poll.last_modified) == ('"1"', before.last_modified)
    assert not result.poll.scrolled_off
    assert poll(None, state_after(before), status=304, etag='"2"').poll.etag == '"2"'


def test_a_304_that_nobody_asked_for_is_a_failure():
    result = poll(None, None, status=304)
    assert (result.poll.status, result.poll.reason) == ('failed', 'feed_unreadable')


@pytest.mark.parametrize(
    ('status', 'reason', 'outcome'),
    [
        (None, Reason.DNS, 'failed'),
        (503, Reason.HTTP_5XX, 'failed'),
        (404, Reason.HTTP_4XX, 'failed'),
        (410, Reason.HTTP_410, 'gone'),
    ],
)
def test_a_failed_poll_says_why_and_carries_nothing(status, reason, outcome):
    before = poll(rss('a'), etag='"1"').poll
    result = poll(None, state_after(before), status=status, reason=reason, detail='No such host.', etag='"9"')
    row = result.poll
    assert (row.status, row.reason, row.http_status, row.fault) == (outcome, reason, status, 'No such host.')
    assert (row.item_keys, row.item_fingerprints, row.etag, row.items_shown) == ((), (), None, 0)
    assert not row.scrolled_off
    assert balanced(result)


def test_html_for_a_feed_is_a_failed_poll():
    result = poll(b'<!doctype html><title>Sorry</title>')
    assert (result.poll.status, result.poll.reason) == ('failed', 'feed_unreadable')
    assert 'HTML' in result.poll.fault


def test_a_moved_feed_is_read_where_it_is():
    result = poll(rss('a'), moved_to='https://new.example/feed')
    assert (result.poll.status, result.poll.moved_to) == ('moved', 'https://new.example/feed')
    assert result.poll.feed_url == FEED.url
    assert result.sightings[0].url == 'https://new.example/a/a'
    assert balanced(result)


def test_too_many_items_are_cut_and_the_poll_says_so():
    result = poll(rss('a', 'b', 'c'), max_items=2)
    assert (result.poll.status, result.poll.reason) == ('ok', 'too_many_items')
    assert (result.poll.items_shown, len(result.poll.item_keys)) == (2, 2)
    assert '3 items' in result.poll.fault
    assert balanced(result)


def test_a_poll_that_shows_none_of_the_last_ones_items_has_scrolled_off():
    state = state_after(poll(rss('a', 'b')).poll)
    assert poll(rss('c', 'd'), state).poll.scrolled_off
    assert not poll(rss('c', 'b!'), state).poll.scrolled_off
    assert not poll(rss('c'), state_after(poll(rss()).poll)).poll.scrolled_off


def test_the_interval_follows_the_feed_within_its_bounds():
    first = poll(rss('a')).poll
    assert first.interval_s == FIRST_INTERVAL_S
    assert first.next_due_at == NOON + FIRST_INTERVAL_S * 1_000_000
    state = state_after(first)
    assert poll(rss('b', 'a'), state).poll.interval_s == FIRST_INTERVAL_S // 2
    assert poll(rss('a'), state).poll.interval_s == FIRST_INTERVAL_S * 3 // 2
    assert poll(None, state, status=304).poll.interval_s == FIRST_INTERVAL_S * 3 // 2
    assert poll(None, state, status=None, reason=Reason.CONNECT).poll.interval_s == FIRST_INTERVAL_S * 2
    for items, bound in (('b', MIN_INTERVAL_S), ('a', MAX_INTERVAL_S)):
        polled = first
        for turn in range(30):
            polled = poll(rss('a' if items == 'a' else f'b{turn}'), state_after(polled)).poll
        assert polled.interval_s == bound
    assert poll(None, state, status=410, reason=Reason.HTTP_410).poll.interval_s == MAX_INTERVAL_S


def test_an_edit_alone_does_not_hurry_the_next_poll():
    state = state_after(poll(rss('a')).poll)
    assert poll(rss('a!'), state).poll.interval_s > FIRST_INTERVAL_S


def test_an_answer_without_body_or_reason_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match='needs a reason'):
        poll(None)


def test_validators_are_sent_back_unless_they_are_no_header_values():
    state = FeedState(FEED.url, '"a"', 'Mon, 03 Mar 2025 11:00:00 GMT', (), (), NOON, 60)
    assert conditional_headers(state) == (
        ('If-None-Match', '"a"'),
        ('If-Modified-Since', 'Mon, 03 Mar 2025 11:00:00 GMT'),
    )
    assert conditional_headers(None) == ()
    assert conditional_headers(FeedState(FEED.url, 'a\r\nX: y', 'höl', (), (), NOON, 60)) == ()


def test_a_poll_that_the_run_did_not_come_to_keeps_the_interval_and_is_due_at_once():
    last = LastPoll('ok', NOON - 1, 21_600, NOON + 1)
    for reason in (Reason.RUN_ENDED, Reason.HOST_BUDGET):
        request = PollRequest(FEED, state_after(poll(rss('a')).poll), NOON, last)
        answer = {'status': None, 'etag': None, 'last_modified': None, 'moved_to': None}
        row = poll_result(
            request, document=None, reason=reason, wire_bytes=0, polled_at=NOON, run_id='run', **answer
        ).poll
        assert (row.status, row.interval_s, row.next_due_at) == ('failed', 21_600, NOON)


def test_what_names_other_documents_is_asked_for_whole():
    for kind, headers in (('rss20', 1), ('html', 0), ('sitemap_index', 0)):
        state = FeedState(FEED.url, '"a"', None, (), (), NOON, 60, kind)
        assert len(conditional_headers(state)) == headers
