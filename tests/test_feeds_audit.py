"""``dateline feeds --audit``: what a lake's polls say of its feeds."""

import dataclasses
import itertools
import json
import random

import pytest

from pipelines.cli import run_command
from schemas.ids import hash_id
from schemas.tables import TABLES
from schemas.vocabulary import Disposition
from tests.made_lakes import commit, decided, poll, write
from tests.made_rows import DAY, NOON, article, sighting
from transforms.functions.article_rows import day_of
from transforms.functions.auditing.findings import Finding, audit_feeds
from transforms.functions.auditing.poll_history import NO_GAP, PollHistory
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import rows_to_table
from transforms.functions.poll_intervals import MIN_INTERVAL_S
from transforms.functions.state.lake_batches import days_of
from transforms.functions.storage import LocalStorage

HOUR = DAY // 24
A, B = 'http://a.example/rss', 'http://b.example/rss'


@pytest.fixture
def lake(tmp_path):
    return Lake(str(tmp_path / 'lake'), LocalStorage())


def polled(feed_url, at, shown=3, unchanged=0, **fields):
    """A poll of a feed at a moment."""
    fields = {'feed_title': 'News', 'scheduled_at': at, 'polled_at': at} | fields
    return poll(shown, unchanged, hash_id(feed_url, str(at)), feed_url=feed_url, **fields)


def failed(feed_url, at, reason='http_4xx', detail='404', **fields):
    more = {'status': 'failed', 'reason': reason, 'fault': detail, 'format': None} | fields
    return polled(feed_url, at, 0, 0, **more)


def found(lake, *groups):
    """The findings of these groups, or all."""
    return [one for one in audit_feeds(lake).findings if not groups or one.group in groups]


def test_a_feed_that_scrolled_off_is_named_with_half_the_shortest_gap(lake):
    write(
        lake,
        'polls',
        polled(A, NOON - 2 * DAY),
        polled(A, NOON - DAY, scrolled_off=True),
        polled(A, NOON - DAY + HOUR, unchanged=3),
        failed(A, NOON - DAY + 2 * HOUR, 'timeout', None),
        polled(A, NOON - DAY + 5 * HOUR, scrolled_off=True),
        polled(A, NOON - HOUR, unchanged=1),
        polled(B, NOON, unchanged=1),
    )
    assert found(lake) == [
        Finding(
            'scrolled_off',
            A,
            'News',
            '2 of 6 polls, last 2025-03-02T17:00:00Z; every 7200 s would do',
            6,
            count=2,
            last=NOON - DAY + 5 * HOUR,
            suggested_interval_s=7200,
        )
    ]


def test_the_gap_of_a_feed_that_scrolled_off_over_midnight_is_measured_from_the_day_before(lake):
    write(lake, 'polls', polled(A, NOON), polled(A, NOON + 12 * HOUR + 60_000_000, scrolled_off=True))
    (one,) = found(lake)
    assert one.suggested_interval_s == 21_630


def test_the_suggested_interval_is_never_shorter_than_the_shortest_allowed(lake):
    write(lake, 'polls', polled(A, NOON), polled(A, NOON + 60_000_000, scrolled_off=True))
    (one,) = found(lake)
    assert one.suggested_interval_s == MIN_INTERVAL_S


def test_a_feed_that_scrolled_off_since_a_poll_beyond_the_days_looked_at_has_no_suggestion(lake):
    write(lake, 'polls', polled(A, NOON, scrolled_off=True), polled(A, NOON + HOUR, unchanged=3))
    (one,) = found(lake)
    assert (one.count, one.suggested_interval_s) == (1, None)


def test_a_dead_feed_is_named_with_its_reason_and_since_when(lake):
    write(lake, 'polls', polled(A, NOON - 6 * DAY), *(failed(A, NOON - n * DAY) for n in range(5)))
    assert found(lake) == [
        Finding(
            'dead',
            A,
            'News',
            'http_4xx (404); 5 polls since 2025-02-27T12:00:00Z, good until 2025-02-25T12:00:00Z',
            6,
            count=5,
            since=NOON - 4 * DAY,
            last=NOON,
            reason='http_4xx',
        )
    ]


def test_a_feed_that_fails_since_yesterday_is_not_dead(lake):
    write(lake, 'polls', polled(A, NOON - DAY), failed(A, NOON - HOUR), failed(A, NOON))
    assert found(lake) == []


def test_a_feed_that_was_good_once_in_between_is_not_dead(lake):
    polls = [failed(A, NOON - n * DAY) for n in range(6) if n != 2]
    write(lake, 'polls', *polls, polled(A, NOON - 2 * DAY, status='not_modified', format=None))
    assert found(lake) == []


def test_a_feed_that_is_gone_is_dead_at_once(lake):
    write(lake, 'polls', polled(A, NOON - DAY), failed(A, NOON, 'http_410', '410', status='gone'))
    assert [one.group for one in found(lake)] == ['dead']


def test_polls_that_the_run_had_no_time_for_say_nothing_of_the_feed(lake):
    write(
        lake,
        'polls',
        polled(A, NOON - 5 * DAY),
        *(failed(A, NOON - n * DAY, 'host_budget') for n in range(5)),
    )
    assert found(lake) == []


def test_a_feed_that_moved_for_good_is_named_with_its_new_address(lake):
    write(lake, 'polls', polled(A, NOON - DAY), polled(A, NOON, unchanged=3, status='moved', moved_to=B))
    (one,) = found(lake)
    assert (one.group, one.moved_to, one.says) == ('moved', B, f'now {B}')


def test_a_feed_whose_new_address_is_polled_by_now_is_done_with(lake):
    write(lake, 'polls', polled(A, NOON - DAY, status='moved', moved_to=B), polled(B, NOON))
    assert found(lake) == []


def test_a_malformed_feed_is_named_until_a_document_of_it_is_well_formed(lake):
    write(lake, 'polls', polled(A, NOON - DAY, fault='line 7: not well-formed'))
    write(lake, 'polls', polled(A, NOON, status='not_modified', format=None, unchanged=3))
    (one,) = found(lake)
    assert (one.group, one.says, one.count) == ('malformed', 'line 7: not well-formed (1 of 1 documents)', 1)
    write(lake, 'polls', polled(A, NOON + HOUR, unchanged=3))
    assert found(lake) == []


def test_a_feed_without_anything_new_for_a_month_is_named_with_its_newest_item(lake):
    write(lake, 'polls', *(polled(A, NOON - n * DAY, unchanged=0 if n == 31 else 3) for n in range(32)))
    (one,) = found(lake)
    assert (one.group, one.says) == ('slow', 'nothing new since 2025-01-31 at least')
    old = decided(sighting(feed_url=A), Disposition.WRITTEN, article_date='2024-11-09', article_outlet='a')
    write(lake, 'ledger', dataclasses.replace(old, feed_url=A))
    (one,) = found(lake)
    assert (one.says, one.since) == ('newest item of 2024-11-09', 1_731_110_400_000_000)


def test_a_feed_that_is_new_here_but_shows_only_old_items_is_slow(lake):
    write(lake, 'polls', polled(A, NOON - HOUR), polled(A, NOON, unchanged=3))
    row = decided(sighting(), Disposition.WRITTEN, article_date='2024-11-09', article_outlet='a')
    write(lake, 'ledger', dataclasses.replace(row, feed_url=A))
    assert [one.says for one in found(lake)] == ['newest item of 2024-11-09']


def test_a_feed_that_showed_something_new_lately_is_not_slow_whatever_its_dates(lake):
    write(lake, 'polls', polled(A, NOON - DAY), polled(A, NOON, unchanged=2))
    row = decided(sighting(), Disposition.WRITTEN, article_date='2024-11-09', article_outlet='a')
    write(lake, 'ledger', dataclasses.replace(row, feed_url=A))
    assert found(lake) == []


def test_a_feed_that_shows_nothing_is_named(lake):
    write(lake, 'polls', polled(A, NOON, 0))
    (one,) = found(lake)
    assert (one.group, one.says) == ('slow', 'shows no items, since 2025-03-03T12:00:00Z at least')


@pytest.mark.parametrize('kind', ['html', 'sitemap_index'])
def test_a_document_that_names_others_to_be_polled_need_show_nothing_itself(lake, kind):
    write(lake, 'polls', polled(A, NOON, 0, format=kind))
    assert found(lake) == []


def test_the_share_of_articles_without_a_date_is_counted_by_feed(lake):
    write(lake, 'polls', polled('http://news.example/rss', NOON))
    commit(
        lake,
        article('One dam.', sighting('one'), published_at=NOON),
        article('Two dams.', sighting('two'), published_at=None),
        article('Three dams.', sighting('three'), published_at=None),
    )
    (one,) = found(lake)
    assert (one.group, one.says, one.count, one.share) == ('undated', '67 % of 3 articles', 2, 0.667)


def test_a_feed_that_robots_txt_refuses_is_not_called_dead(lake):
    polls = [failed(A, NOON - n * DAY, 'robots', 'disallowed for dateline') for n in range(9)]
    write(lake, 'polls', *polls)
    (one,) = found(lake)
    assert (one.group, one.says) == ('robots', 'disallowed for dateline; since 2025-02-23T12:00:00Z')


def test_feeds_that_are_in_no_list_any_more_are_passed_over(lake):
    write(lake, 'polls', failed(A, NOON - 20 * DAY), polled(B, NOON, unchanged=1))
    audit = audit_feeds(lake)
    assert (audit.findings, audit.feeds, audit.unlisted) == ((), 1, 1)


def test_days_before_those_looked_at_are_not_read(lake):
    write(lake, 'polls', polled(A, NOON - 40 * DAY, scrolled_off=True), polled(A, NOON))
    path = lake.files('polls')[0]
    assert 'date=2025-01-22' in path
    with open(path, 'wb') as file:
        file.write(b'damaged')
    assert found(lake) == []


def test_many_feeds_and_files_in_any_order_are_told_apart(lake):
    polls = [
        polled(f'http://{n}.example/', NOON - day * DAY + n, scrolled_off=day == 0 and n % 3 == 0)
        for day in (1, 0, 2)
        for n in (4, 2, 0, 3, 1)
    ]
    write(lake, 'polls', *polls)
    assert [one.feed_url for one in found(lake)] == ['http://0.example/', 'http://3.example/']
    assert {one.suggested_interval_s for one in found(lake)} == {43_200}


@pytest.mark.parametrize('seed', range(5))
def test_the_facts_of_many_polls_are_those_that_a_loop_over_them_gives(lake, seed):
    rng = random.Random(seed)
    moments = [NOON + rng.randrange(4 * 24) * HOUR + n for n in range(120)]
    polls = [_any_poll(rng, at) for at in moments]
    for day, of_day in itertools.groupby(
        sorted(polls, key=_moment_of), key=lambda one: day_of(one.polled_at)
    ):
        some = list(of_day)
        rng.shuffle(some)
        for part in (some[::2], some[1::2]):
            if part:
                table = rows_to_table([vars(one) for one in part], TABLES['polls'].schema)
                lake.publish('polls', (day,), table, 'run-1')
    history = PollHistory()
    for day, paths in days_of(lake, 'polls').items():
        history.add_day(lake, day, paths)
    for number, url in enumerate(history.feeds.words):
        facts = {name: int(array[number]) for name, array in history.facts.items()}
        expected = _facts([one for one in polls if one.feed_url == url])
        assert {name: facts[name] for name in expected} == expected


def _any_poll(rng, at):
    url = rng.choice((A, B, 'http://c.example/', 'http://d.example/'))
    if rng.random() < 0.4:
        return failed(url, at, rng.choice(('timeout', 'robots', 'host_budget')))
    shown, status = rng.randrange(4), rng.choice(('ok', 'not_modified', 'moved'))
    more = {'format': None if status == 'not_modified' else 'rss20', 'fault': rng.choice((None, 'bad'))}
    scrolled = rng.random() < 0.3
    return polled(url, at, shown, rng.randrange(shown + 1), status=status, scrolled_off=scrolled, **more)


def _facts(polls):
    """The facts of one feed, poll by poll."""
    facts = dict.fromkeys(('polls', 'first', 'last', 'good', 'first_good', 'last_good', 'failing'), 0)
    facts |= dict.fromkeys(('failing_since', 'scrolls', 'last_scroll', 'last_new', 'documents', 'faulty'), 0)
    facts['shortest_gap'] = NO_GAP
    for one in sorted(polls, key=_moment_of):
        if one.reason == 'host_budget':
            continue
        at = one.polled_at
        facts['polls'] += 1
        facts['first'], facts['last'] = facts['first'] or at, at
        if one.status == 'failed':
            facts['failing'] += 1
            facts['failing_since'] = facts['failing_since'] or at
            continue
        facts['failing'] = facts['failing_since'] = 0
        facts['documents'] += one.format is not None
        facts['faulty'] += one.format is not None and one.fault is not None
        if one.scrolled_off:
            facts['scrolls'], facts['last_scroll'] = facts['scrolls'] + 1, at
            if facts['last_good']:
                facts['shortest_gap'] = min(facts['shortest_gap'], at - facts['last_good'])
        if facts['good'] and one.items_shown > one.items_unchanged:
            facts['last_new'] = at
        facts['good'] += 1
        facts['first_good'], facts['last_good'] = facts['first_good'] or at, at
    return facts


def _moment_of(one):
    return one.polled_at


def test_the_command_prints_groups_and_what_to_do(lake, capsys):
    write(
        lake,
        'polls',
        polled(A, NOON - DAY),
        polled(A, NOON, scrolled_off=True, feed_title='Bell\x07'),
        polled(B, NOON - HOUR, status='moved', moved_to='http://c.example/'),
    )
    assert run_command('pipelines.feeds', ['--audit', lake.root]) == 0
    out = capsys.readouterr().out
    assert 'scrolled off (1): ' in out and f'  {A}  (Bell\ufffd)\n      1 of 2 polls, last ' in out
    assert 'write the new address in your list' in out and 'now http://c.example/' in out
    assert '0 of 2 feeds are fine; 3 polls from 2025-03-02 to 2025-03-03' in out


def test_the_command_prints_json_lines(lake, capsys):
    write(lake, 'polls', polled(A, NOON - DAY), polled(A, NOON, scrolled_off=True))
    assert run_command('pipelines.feeds', ['--audit', lake.root, '--json']) == 0
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line['group'], line['feed_url'], line['suggested_interval_s']) == ('scrolled_off', A, 43_200)
    assert (line['last'], line['since']) == ('2025-03-03T12:00:00Z', None)


def test_a_lake_in_which_all_is_well_says_so(lake, capsys):
    write(lake, 'polls', polled(A, NOON))
    assert run_command('pipelines.feeds', ['--audit', lake.root]) == 0
    assert capsys.readouterr().out == '1 of 1 feed is fine; 1 poll from 2025-03-03 to 2025-03-03\n'


def test_what_is_no_lake_and_what_cannot_be_read_is_bad_input(lake, tmp_path, capsys):
    assert run_command('pipelines.feeds', ['--audit', str(tmp_path)]) == 2
    assert 'holds no table of a lake' in capsys.readouterr().err
    write(lake, 'polls', polled(A, NOON))
    with open(lake.files('polls')[0], 'wb') as file:
        file.write(b'damaged')
    assert run_command('pipelines.feeds', ['--audit', lake.root]) == 2
    assert 'dateline check' in capsys.readouterr().err
