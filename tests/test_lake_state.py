"""What a run reads back from the lake."""

import dataclasses
import os
import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow.parquet as pq
import pytest

from schemas.ids import hash_id
from schemas.pages import PageRequest
from schemas.settings import RunSettings
from schemas.tables import TABLES
from schemas.vocabulary import Disposition, Reason
from tests.made_lakes import commit, decided, poll, write
from tests.made_rows import DAY, NOON, article, sighting
from transforms.functions.article_rows import day_of
from transforms.functions.lake import DamagedFile, Lake
from transforms.functions.lake_rows import rows_to_table
from transforms.functions.ledger_rows import GIVE_UP_DAYS, MAX_ATTEMPTS, refused_row
from transforms.functions.page_choice import choose_page, merge_requests
from transforms.functions.state.column_index import PairIndex
from transforms.functions.state.lake_state import LakeState
from transforms.functions.storage import LocalStorage

RUN = RunSettings('lake', 'run-2', NOON)


@pytest.fixture
def lake(tmp_path):
    return Lake(str(tmp_path / 'lake'), LocalStorage())


def state(lake):
    return LakeState(lake, '2025-02-01')


def choose(lake, seen, run=RUN):
    return choose_page(seen, state(lake), run, NOON + DAY)


def write_file(lake, table, rows, name, rows_per_group=3, without=()):
    """One file of a day with small row groups, whatever its rows are."""
    made = rows_to_table([vars(row) for row in rows], TABLES[table].schema).drop_columns(list(without))
    day = day_of(rows[0].seen_at if table == 'ledger' else rows[0].polled_at)
    path = f'{lake.folder(table, (day,))}/{name}.parquet'
    os.makedirs(os.path.dirname(path), exist_ok=True)
    pq.write_table(made, path, row_group_size=rows_per_group)
    return path


def merge_files(lake, table):
    """What a compaction leaves: one file of another name in each of the table's folders."""
    by_folder = {}
    for path in lake.files(table):
        by_folder.setdefault(os.path.dirname(path), []).append(path)
    for folder, paths in by_folder.items():
        pq.write_table(lake.read(table, paths).sort_by(TABLES[table].row_id[0]), f'{folder}/merged.parquet')
        for path in paths:
            os.remove(path)


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


def test_rows_that_stand_for_lost_ones_do_not_make_a_poll_count_and_those_of_what_was_forgotten_do(lake):
    read, other = decided(sighting('a'), Disposition.WRITTEN), sighting('b')
    lost = dataclasses.replace(decided(other, Disposition.FAILED), feed_item_id=None, entry=None)
    write(lake, 'ledger', read, lost)
    write(lake, 'polls', poll(shown=2))
    assert state(lake).feed('http://news.example/rss') is None
    forgotten = dataclasses.replace(
        decided(dataclasses.replace(other, attempt=1), Disposition.REJECTED), feed_item_id=None
    )
    write(lake, 'ledger', forgotten)
    assert state(lake).feed('http://news.example/rss').etag == '"a"'


def test_two_attempts_at_one_item_are_one_item_of_its_poll(lake):
    write(lake, 'ledger', refused_row(sighting('a'), Reason.DNS, None, run_id='run-1', decided_at=NOON))
    write(lake, 'ledger', decided(sighting('a', attempt=1), Disposition.WRITTEN))
    write(lake, 'polls', poll(shown=1))
    assert state(lake).feed('http://news.example/rss').etag == '"a"'


def test_a_feed_whose_last_reading_does_not_count_is_read_in_full_whatever_the_one_before_it_says(lake):
    write(lake, 'polls', poll(0), poll(shown=1, poll_id='poll-2', polled_at=NOON + DAY))
    assert state(lake).feed('http://news.example/rss') is None


def test_a_feed_that_has_not_changed_for_longer_than_the_state_goes_back_is_still_known(lake):
    write(lake, 'ledger', decided(sighting('a'), Disposition.WRITTEN))
    later = NOON + 60 * DAY
    write(lake, 'polls', poll(1), poll(1, 1, poll_id='poll-2', polled_at=later, item_keys=(1,)))
    known = LakeState(lake, day_of(later - DAY))
    assert known.page('news.example/a') is None
    assert known.feed('http://news.example/rss').item_keys == (1,)


def test_the_last_reading_is_found_in_any_day_file_and_row_group(lake):
    feeds = [f'http://news.example/{n}' for n in range(20)]
    polls = [
        poll(0, poll_id=hash_id(url, str(n)), feed_url=url, polled_at=NOON + n * 1_000_000, item_keys=(n, at))
        for n in range(3)
        for at, url in enumerate(feeds)
    ]
    random.Random(7).shuffle(polls)
    write_file(lake, 'polls', polls[:30], 'a')
    write_file(lake, 'polls', polls[30:], 'b')
    yesterday = poll(0, feed_url='http://slow.example/', polled_at=NOON - DAY, item_keys=(9,))
    write_file(lake, 'polls', [yesterday], 'c')
    known = state(lake)
    with ThreadPoolExecutor(8) as threads:
        states = list(threads.map(known.feed, [*feeds, 'http://slow.example/', 'http://never.example/'] * 2))
    assert [found and found.item_keys for found in states] == [*((2, at) for at in range(20)), (9,), None] * 2
    assert states[0].polled_at == NOON + 2_000_000


def test_the_last_readings_of_many_feeds_are_told_apart(lake):
    polls = [
        poll(
            0,
            poll_id=hash_id(str(n), str(at)),
            feed_url=f'http://news.example/{n}',
            polled_at=NOON + at,
            etag=f'"{n} at {at}"',
            item_keys=(n,) * (n % 3),
        )
        for n in range(700)
        for at in range(2)
    ]
    random.Random(3).shuffle(polls)
    write_file(lake, 'polls', polls, 'a', rows_per_group=1_200)
    known = state(lake)
    states = [known.feed(f'http://news.example/{n}') for n in range(700)]
    assert [(s.etag, s.item_keys) for s in states] == [(f'"{n} at 1"', (n,) * (n % 3)) for n in range(700)]


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


def test_an_older_day_whose_failures_were_made_good_is_not_read(lake):
    write(lake, 'ledger', refused_row(sighting('a'), Reason.TIMEOUT, None, run_id='run-1', decided_at=NOON))
    write(lake, 'ledger', decided(sighting('a', attempt=1), Disposition.WRITTEN))
    later = LakeState(lake, '2025-04-20')
    assert list(later.waiting('run-2')) == []
    assert later.page('news.example/a') is None and not later.is_decided(sighting('a'))


def test_the_earliest_of_what_waits_comes_first(lake):
    seen = [sighting(str(n), seen_at=NOON + n % 3 * DAY) for n in range(12)]
    for n in range(3):
        rows = [decided(s, Disposition.DEFERRED) for s in seen if s.seen_at == NOON + n * DAY]
        write_file(lake, 'ledger', rows, 'a')
    waiting = list(state(lake).waiting('run-2'))
    assert [s.seen_at for s in waiting] == sorted(s.seen_at for s in seen)
    assert {s.item_id for s in waiting} == {s.item_id for s in seen}


def test_a_backlog_of_any_length_is_given_a_part_at_a_time(lake, monkeypatch):
    monkeypatch.setattr('transforms.functions.state.ledger_entries._GIVEN', 3)
    seen = [sighting(str(n)) for n in range(20)]
    for name, some in (('a', seen[:11]), ('b', seen[11:])):
        write_file(lake, 'ledger', [decided(s, Disposition.DEFERRED) for s in some], name)
    read = []

    class Watched(LocalStorage):
        def open(self, path):
            read.append(path)
            return super().open(path)

    waiting = LakeState(Lake(lake.root, Watched()), '2025-02-01').waiting('run-2')
    read.clear()
    found = [next(waiting) for _ in range(11)]
    assert len(read) == 1
    assert sorted(s.item_id for s in (*found, *waiting)) == sorted(s.item_id for s in seen)


def test_a_state_outlives_a_compaction_of_what_it_was_read_from(lake):
    failed = [
        refused_row(sighting(name), Reason.TIMEOUT, None, run_id='run-1', decided_at=NOON) for name in 'ab'
    ]
    write(lake, 'ledger', *failed)
    write(lake, 'polls', poll(2), poll(0, feed_url='http://other.example/', poll_id='poll-2', item_keys=(9,)))
    known = state(lake)
    merge_files(lake, 'ledger')
    merge_files(lake, 'polls')
    assert sorted(waiting.item_id for waiting in known.waiting('run-2')) == ['a', 'b']
    assert known.feed('http://news.example/rss').item_keys == (1, 2)
    assert known.feed('http://other.example/').item_keys == (9,)


def test_a_state_is_read_though_a_compaction_happens_meanwhile(lake):
    class CompactedMeanwhile(LocalStorage):
        def open(self, path):
            if path == late:
                merge_files(lake, 'ledger')
            return super().open(path)

    write_file(lake, 'ledger', [decided(sighting('a'), Disposition.DEFERRED)], 'a')
    late = write_file(lake, 'ledger', [decided(sighting('b'), Disposition.DEFERRED)], 'b')
    known = LakeState(Lake(lake.root, CompactedMeanwhile()), '2025-02-01')
    assert sorted(waiting.item_id for waiting in known.waiting('run-2')) == ['a', 'b']


def test_a_backlog_is_given_once_though_a_compaction_happens_while_it_is_read(lake):
    for name in 'ab':
        write_file(lake, 'ledger', [decided(sighting(name), Disposition.DEFERRED)], name)
    waiting = state(lake).waiting('run-2')
    first = next(waiting)
    merge_files(lake, 'ledger')
    assert sorted(one.item_id for one in (first, *waiting)) == ['a', 'b']


def test_sightings_whose_ids_begin_alike_are_told_apart(lake):
    seen = [sighting(str(n), sighting_id='a' * 16 + f'{n:016x}') for n in range(3)]
    write(lake, 'ledger', *(decided(s, Disposition.DEFERRED) for s in seen[:2]))
    known = state(lake)
    assert [known.is_decided(s) for s in seen] == [True, True, False]
    assert [waiting.item_id for waiting in known.waiting('run-2')] == ['0', '1']


def test_an_index_compares_both_halves():
    index = PairIndex(np.array([[1, 2], [1, 3], [0, 0], [1, 2]], np.uint64))
    assert (index.find((1, 2)), index.find((1, 9)), index.find((0, 0))) == ([0, 3], [], [])


def test_a_damaged_file_is_named(lake):
    path = write_file(lake, 'ledger', [decided(sighting(), Disposition.WRITTEN)], 'a')
    with open(path, 'r+b') as file:
        file.seek(-6, os.SEEK_END)
        file.write(b'!!')
    with pytest.raises(DamagedFile, match=path):
        state(lake)


def test_a_file_from_before_a_column_was_added_is_read(lake):
    row = decided(sighting('a'), Disposition.WRITTEN, article_id='article-a', row_id='row-a')
    write_file(lake, 'ledger', [row], 'a', without=('fingerprint', 'reason'))
    known = state(lake).page('news.example/a')
    assert (known.article_id, known.row_id, known.fingerprint, known.reason) == (
        'article-a',
        'row-a',
        None,
        None,
    )


def test_the_state_of_many_rows_is_what_a_plain_reading_of_them_says(lake):
    chance = random.Random(11)
    rows = []
    for n in range(600):
        item, feed = f'item-{chance.randrange(60)}', f'http://news.example/{chance.randrange(3)}'
        # The same sighting is tried up to three times; ids of both kinds.
        seen = sighting(
            item, poll_id=f'poll-{chance.randrange(4)}', feed_url=feed, attempt=chance.randrange(3)
        )
        seen = dataclasses.replace(seen, sighting_id=hash_id(seen.poll_id, feed, item), fingerprint=n)
        disposition = chance.choice(list(Disposition))
        article_id = chance.choice([None, hash_id(item), f'odd-{item}'])
        row = decided(seen, disposition, article_id=article_id, row_id=article_id)
        rows.append(dataclasses.replace(row, decided_at=NOON + n, url=f'http://news.example/{item}'))
    attempts = {(row.sighting_id, row.attempt): row for row in rows}
    for n in range(4):
        write_file(lake, 'ledger', list(attempts.values())[n::4], f'f{n}', rows_per_group=17)
    last = {row.sighting_id: row for _, row in sorted(attempts.items())}
    known = state(lake)
    assert {key for key in attempts if known.is_decided(sighting(sighting_id=key[0], attempt=key[1]))} == set(
        attempts
    )
    assert not known.is_decided(sighting(sighting_id=rows[0].sighting_id, attempt=9))
    assert sorted(s.sighting_id for s in known.waiting('run-2')) == sorted(
        key for key, row in last.items() if row.transient
    )
    for key in {row.url_key for row in rows}:
        there = [row for row in last.values() if row.url_key == key]
        for feed in {row.feed_url for row in there} | {'http://never.example/'}:
            own = [row for row in there if row.feed_url == feed]
            best = max(own or there, key=lambda row: (row.row_id is not None, row.decided_at))
            found = known.page(key, (feed, key.rpartition('/')[2]))
            names = ('feed_url', 'article_id', 'row_id', 'disposition', 'reason', 'transient', 'fingerprint')
            assert [getattr(found, name) for name in names] == [getattr(best, name) for name in names]
            assert found.feed_item_id == (best.feed_item_id if own else None)


def test_the_partitions_of_recent_articles_are_those_that_the_ledger_names_since_the_first_day(lake):
    place = {'article_date': '2025-03-01', 'article_outlet': 'news'}
    old = sighting('old', seen_at=NOON - 9 * DAY)
    write(
        lake,
        'ledger',
        decided(sighting('a'), Disposition.WRITTEN, **place),
        decided(sighting('b'), Disposition.UNCHANGED, **place | {'article_outlet': 'times'}),
        decided(sighting('c'), Disposition.REJECTED, reason='robots'),
        decided(old, Disposition.WRITTEN, **place | {'article_date': '2025-02-22'}),
        # Of this day only what waits is taken up.
        decided(dataclasses.replace(old, sighting_id=hash_id('z')), Disposition.DEFERRED),
    )
    known = LakeState(lake, '2025-03-01')
    assert known.recent_partitions() == {('2025-03-01', 'news'), ('2025-03-01', 'times')}
    assert state(lake).recent_partitions() > known.recent_partitions()


def test_an_empty_lake_knows_nothing(lake):
    known = state(lake)
    assert (known.feed('http://news.example/rss'), known.page('news.example/a')) == (None, None)
    assert (known.article_partition('a'), known.recent_partitions()) == (None, frozenset())
    assert not list(known.waiting('run-1')) and not list(known.revisits(NOON, 1))


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


def test_what_failed_waits_ever_longer_where_a_pause_is_asked_for(lake):
    def failed(item, attempt):
        seen = dataclasses.replace(sighting(item), attempt=attempt)
        return refused_row(seen, Reason.TIMEOUT, 'slow', run_id='run-1', decided_at=NOON)

    write(lake, 'ledger', failed('a', 0), failed('b', 2))

    def taken_up(minutes):
        now = NOON + minutes * 60_000_000
        return [one.item_id for one in state(lake).waiting('run-2', now, retry_after_s=300)]

    assert taken_up(4) == [] and taken_up(5) == ['a'] and taken_up(19) == ['a']
    assert sorted(taken_up(20)) == ['a', 'b']
    assert sorted(one.item_id for one in state(lake).waiting('run-2')) == ['a', 'b']


def test_what_is_left_to_another_run_again_and_again_waits_a_while_each_time(lake):
    def left(item, attempt, minute=0, reason=Reason.RUN_ENDED):
        seen = dataclasses.replace(sighting(item), attempt=attempt)
        decided_at = NOON + minute * 60_000_000
        return refused_row(seen, reason, 'later', run_id='run-1', decided_at=decided_at)

    write(lake, 'ledger', left('a', 0, 1), left('b', 1), left('c', 9, 2))
    write(lake, 'ledger', left('d', 9, 2, Reason.HOST_BUDGET))

    def taken_up(minutes):
        now = NOON + minutes * 60_000_000
        return sorted(one.item_id for one in state(lake).waiting('run-2', now, retry_after_s=300))

    assert (taken_up(4), taken_up(5), taken_up(7)) == (['a', 'd'], ['a', 'b', 'd'], ['a', 'b', 'c', 'd'])
    assert len(list(state(lake).waiting('run-2'))) == 4
    assert state(lake).next_retry(300) == NOON + 300_000_000


def test_what_a_clock_that_was_ahead_failed_is_taken_up_without_its_pause(lake):
    for item, ahead in (('a', 365 * DAY), ('b', 60_000_000)):
        row = refused_row(sighting(item), Reason.TIMEOUT, 'slow', run_id='run-1', decided_at=NOON + ahead)
        write(lake, 'ledger', row)
    taken_up = [one.item_id for one in state(lake).waiting('run-2', NOON, retry_after_s=300)]
    assert taken_up == ['a']  # a minute is a difference between two machines' clocks


def test_an_article_of_another_feed_is_a_duplicate_whatever_that_feed_says_of_it(lake):
    done = commit(lake, article())
    write(lake, 'ledger', *done.ledger)
    other = sighting('item-1', poll_id='poll-9', feed_url='http://other.example/rss', fingerprint=99)
    assert choose(lake, other).disposition == 'duplicate_url'


def test_a_poll_that_a_clock_that_was_ahead_has_made_is_passed_over(lake):
    write(lake, 'polls', poll(0), poll(0, poll_id='poll-2', polled_at=NOON + 9, etag='"ahead"'))
    url = 'http://news.example/rss'
    for until, etag, at in ((NOON + 8, '"a"', NOON), (NOON + 9, '"ahead"', NOON + 9)):
        seen = LakeState(lake, '2025-02-01', until)
        assert (seen.feed(url).etag, seen.last_poll(url).polled_at) == (etag, at)
