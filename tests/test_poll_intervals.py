"""When feeds are due: as often as they change, never against their publishers' wishes."""

import datetime

import pytest

from schemas.feeds import ChildFeed, Entry, FeedState, LastPoll, ParsedFeed
from schemas.vocabulary import PollStatus
from transforms.functions.poll_intervals import (
    FIRST_INTERVAL_S,
    Bounds,
    is_due,
    is_retired,
    may_have_changed,
    next_poll,
    suggested_interval,
)

NOON = 1_741_003_200_000_000  # Monday 2025-03-03T12:00:00Z
SECOND = 1_000_000
HOUR = 3_600 * SECOND
BOUNDS = Bounds(60, 86_400)


def entry(published_at):
    name = str(published_at)
    return Entry(name, 1, 1, 'http://news.example/' + name, None, None, (), (), None, published_at, None)


def document(*dates, **wishes):
    return ParsedFeed('rss20', None, None, tuple(entry(date) for date in dates), **wishes)


def state(interval_s=1_800):
    return FeedState('http://news.example/rss', None, None, (1,), (1,), NOON - HOUR, interval_s)


def last(interval_s, status=PollStatus.OK, next_due_at=NOON):
    return LastPoll(status.value, NOON - HOUR, interval_s, next_due_at)


def due(parsed=None, known=None, before=None, at=NOON, **facts):
    facts = {'counted': True, 'news': False, 'scrolled_off': False, 'bounds': BOUNDS} | facts
    return next_poll(at, known, before, parsed or document(), **facts)


def test_a_first_reading_goes_by_the_rhythm_of_the_entries():
    assert due(document(*(NOON - n * HOUR for n in range(8)))).interval_s == 1_800
    assert due(document(*(NOON - n * 24 * HOUR for n in range(8)))).interval_s == 43_200
    assert due(document(NOON, NOON - HOUR)).interval_s == FIRST_INTERVAL_S
    assert due(document(*[NOON] * 8)).interval_s == FIRST_INTERVAL_S


def test_the_newest_entries_alone_make_the_rhythm():
    dates = [NOON - n * HOUR for n in range(20)] + [NOON - n * 1_000 * HOUR for n in range(1, 300)]
    assert due(document(*dates)).interval_s == 1_800


def test_later_readings_go_by_whether_something_new_came():
    assert due(known=state(), news=True).interval_s == 900
    assert due(known=state(), news=False).interval_s == 2_700


def test_each_failure_doubles_the_time_and_a_success_returns_to_the_old_one():
    assert due(known=state(), before=last(1_800), counted=False).interval_s == 3_600
    assert due(known=state(), before=last(3_600, PollStatus.FAILED), counted=False).interval_s == 7_200
    assert due(counted=False).interval_s == 2 * FIRST_INTERVAL_S
    assert due(known=state(), before=last(80_000, PollStatus.FAILED), counted=False).interval_s == 86_400
    assert due(known=state(), before=last(7_200, PollStatus.FAILED), news=True).interval_s == 900


@pytest.mark.parametrize(
    ('wishes', 'headers', 'seconds'),
    [
        ({'asked_interval_s': 7_200}, {}, 7_200),
        ({}, {'cache_control': 'public, max-age=3600'}, 3_600),
        ({}, {'cache_control': 'Max-Age="5000"'}, 5_000),
        ({'asked_interval_s': 7_200}, {'cache_control': 'max-age=3600'}, 7_200),
        ({}, {'cache_control': 'max-age=0, no-cache'}, 900),
        ({}, {'cache_control': 's-maxage=9000'}, 900),
        ({}, {'cache_control': 'max-age=999999999'}, 86_400),
        ({'asked_interval_s': 60}, {}, 900),
    ],
)
def test_what_the_publisher_states_is_the_least_up_to_the_bound(wishes, headers, seconds):
    assert due(document(**wishes), state(), news=True, **headers).interval_s == seconds


def test_a_host_that_asks_for_peace_is_given_it():
    assert due(known=state(60), before=last(60), counted=False, retry_after_s=5_000).interval_s == 5_000
    assert due(counted=False, cache_control='max-age=80000').interval_s == 2 * FIRST_INTERVAL_S


def test_hours_and_days_that_the_feed_asks_to_skip_are_skipped():
    def at(moment):
        return datetime.datetime.fromtimestamp(moment // SECOND, datetime.UTC).strftime('%a %H:%M')

    assert at(due(document(skip_hours=(12, 13))).next_due_at) == 'Mon 14:00'
    assert at(due(document(skip_hours=(5,))).next_due_at) == 'Mon 12:30'
    assert at(due(document(skip_days=(0, 1))).next_due_at) == 'Wed 00:00'
    assert at(due(document(skip_days=(0,), skip_hours=(0, 1))).next_due_at) == 'Tue 02:00'
    assert at(due(document(skip_hours=tuple(range(24)))).next_due_at) == 'Mon 12:30'


def test_a_feed_of_which_nothing_was_left_is_polled_twice_as_often():
    assert due(known=state(86_400), news=True, scrolled_off=True).interval_s == 1_800
    assert suggested_interval(10 * HOUR, 3_600) == 1_800
    assert suggested_interval(0, 60) == 1


def test_a_feed_that_is_gone_is_due_last_of_all_and_retired():
    assert due(known=state(), counted=False, gone=True).interval_s == 86_400
    assert is_retired(last(60, PollStatus.GONE)) and not is_retired(last(60, PollStatus.FAILED))
    assert not is_retired(None)


def test_a_feed_is_due_when_its_time_has_come_or_nothing_is_known_of_it():
    assert is_due(None, NOON) and is_due(last(60, next_due_at=NOON), NOON)
    assert not is_due(last(60, next_due_at=NOON + 1), NOON)


def test_the_bounds_hold_whatever_is_asked():
    assert due(known=state(60), news=True).interval_s == 60
    assert due(document(asked_interval_s=500_000), state(), bounds=Bounds(60, 600)).interval_s == 600


def test_a_document_that_names_others_is_asked_as_often_as_a_busy_feed_however_often_it_shows_nothing():
    index = ParsedFeed('sitemap_index', None, None, (), children=(ChildFeed('http://news.example/1.xml'),))
    assert due(index, state(60_000)).interval_s == 900
    assert due(index, bounds=Bounds(3_600, 86_400)).interval_s == 3_600


def test_a_feed_that_a_run_did_not_come_to_is_due_at_once_and_keeps_its_interval():
    again = due(known=state(), before=last(21_600), counted=False, unasked=True)
    assert (again.interval_s, again.next_due_at) == (21_600, NOON)


def test_a_feed_whose_host_wants_peace_is_due_when_that_is_over():
    def after(seconds):
        again = due(known=state(), before=last(1_800), counted=False, unasked=True, retry_after_s=seconds)
        assert again.interval_s == 1_800
        return (again.next_due_at - NOON) // SECOND

    assert (after(3_000), after(999_999_999)) == (3_000, 86_400)


def test_a_day_without_a_time_stands_for_its_end_and_caches_may_be_behind():
    midnight = NOON - 12 * HOUR
    assert may_have_changed(midnight, NOON) and may_have_changed(midnight, NOON + 12 * HOUR)
    assert not may_have_changed(midnight, NOON + 13 * HOUR)
    assert may_have_changed(NOON + 1, NOON + 600 * SECOND)
    assert not may_have_changed(NOON + 1, NOON + HOUR)
