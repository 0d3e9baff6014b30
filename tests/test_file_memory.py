"""What a job that looks again and again keeps of a lake's files: the same answers, from files read once."""

import dataclasses
import os
from collections import Counter
from itertools import chain

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.run_facts import files_now, of_run
from schemas.ids import hash_id
from schemas.settings import RunSettings
from schemas.tables import TABLES
from schemas.vocabulary import Disposition, Reason
from tests.made_lakes import decided, poll, write
from tests.made_rows import DAY, NOON, sighting
from tests.test_lake_state import merge_files, write_file
from transforms.functions.file_memory import FileMemory
from transforms.functions.held_ids import files_with
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import rows_to_table
from transforms.functions.ledger_rows import refused_row
from transforms.functions.state.lake_state import LakeState
from transforms.functions.storage import LocalStorage

OLD = {'article_id': hash_id('article', 'e'), 'article_date': '2025-01-02', 'article_outlet': 'paper'}
RSS = 'http://news.example/rss'
HOUR = 3_600_000_000


class Counting(LocalStorage):
    """Files of this machine; counts what is opened."""

    def __init__(self):
        self.opened = Counter()

    def open(self, path):
        self.opened[path] += 1
        return super().open(path)


@pytest.fixture
def lake(tmp_path):
    return Lake(str(tmp_path / 'lake'), Counting(), FileMemory())


def look(lake, now=NOON + DAY):
    """All that a round asks for."""
    if lake.memory:
        lake.memory.begin()
    state = LakeState(lake, '2025-02-01', now)
    return (
        [state.feed(url) for url in (RSS, 'http://other.example/rss', 'http://never.example/')],
        [state.last_poll(url) for url in (RSS, 'http://other.example/rss')],
        [state.page(f'news.example/{name}') for name in 'abcd'],
        sorted(one.item_id for one in state.waiting('run-9', now, 60)),
        state.next_retry(60),
        state.recent_partitions(),
        [state.article_partition(hash_id('article', name)) for name in 'ae'],
    )


def fresh(lake, now=NOON + DAY):
    return look(Lake(lake.root, LocalStorage()), now)


def fill(lake):
    # It waits, on a day before the state begins.
    late = sighting('c', seen_at=NOON - 50 * DAY, poll_id='poll-0')
    write(lake, 'ledger', refused_row(late, Reason.DNS, None, run_id='run-1', decided_at=NOON))
    old = sighting('e', seen_at=NOON - 60 * DAY, poll_id='poll-e')
    write(lake, 'ledger', decided(old, Disposition.WRITTEN, **OLD))
    write(lake, 'ledger', decided(sighting('a'), Disposition.WRITTEN))
    write(lake, 'ledger', refused_row(sighting('b'), Reason.DNS, None, run_id='run-1', decided_at=NOON))
    write(lake, 'polls', poll(shown=2))


def test_a_second_look_opens_nothing_and_sees_the_same(lake):
    fill(lake)
    state = LakeState(lake, '2025-02-01', NOON + 1)  # what failed is not due yet: no entry is read for it
    first = state.feed(RSS), state.last_poll(RSS), list(state.waiting('run-9', NOON + 1, 60))
    assert state.article_partition(OLD['article_id']) == ('2025-01-02', 'paper')
    assert first[0].etag == '"a"' and first[2] == []
    lake.storage.opened.clear()
    state = LakeState(lake, '2025-02-01', NOON + 1)
    assert (state.feed(RSS), state.last_poll(RSS), list(state.waiting('run-9', NOON + 1, 60))) == first
    assert state.article_partition(OLD['article_id']) == ('2025-01-02', 'paper')
    assert not lake.storage.opened


def test_after_each_change_of_the_lake_it_sees_what_a_fresh_look_sees(lake):
    fill(lake)
    assert look(lake) == fresh(lake)
    seen = [look(lake)]
    write(lake, 'ledger', decided(sighting('b', attempt=1), Disposition.WRITTEN))
    write(lake, 'polls', poll(0, poll_id='poll-2', polled_at=NOON + HOUR, etag='"b"', item_keys=(7,)))
    seen.append(look(lake))
    assert seen[-1] == fresh(lake)
    merge_files(lake, 'ledger')
    merge_files(lake, 'polls')
    assert look(lake) == fresh(lake) == seen[-1]
    # A file of the same name with other rows, as a rewrite of an older day leaves it.
    (path,) = lake.files('ledger', ('2025-03-03',))
    table = pq.read_table(path, partitioning=None)
    pq.write_table(table.slice(0, 1), path)
    seen.append(look(lake))
    assert seen[-1] == fresh(lake)
    os.remove(path)
    seen.append(look(lake))
    assert seen[-1] == fresh(lake)
    assert len({repr(one) for one in seen}) == len(seen)


def test_a_poll_dated_ahead_counts_once_its_moment_has_come(lake):
    write_file(
        lake, 'polls', [poll(0), poll(0, poll_id='p-2', polled_at=NOON + 2 * HOUR, etag='"late"')], 'x'
    )
    assert look(lake, NOON + HOUR)[0][0].etag == '"a"'
    assert look(lake, NOON + 3 * HOUR)[0][0].etag == '"late"'
    assert look(lake, NOON + 3 * HOUR) == fresh(lake, NOON + 3 * HOUR)


def test_a_poll_counts_as_soon_as_its_ledger_rows_are_there(lake):
    write(lake, 'polls', poll(shown=1))
    assert look(lake)[0][0] is None
    write(lake, 'ledger', decided(sighting('a'), Disposition.WRITTEN))
    assert look(lake)[0][0].etag == '"a"'


def test_what_nobody_asks_for_any_more_is_forgotten():
    memory = FileMemory()
    made = []

    def ask(path, version=1):
        return memory.of_file('x', path, version, lambda: made.append(path) or bytes(60), len, 100)

    ask('a')
    ask('b')  # would be more than may be kept
    ask('a')
    ask('b')
    assert made == ['a', 'b', 'b']
    for _ in range(30):
        memory.begin()
        ask('b')
    ask('a')
    assert made.count('b') < 30 and made.count('a') == 2
    assert ask('a', None) is not ask('a', None)


def test_a_runs_facts_are_the_same_from_the_files_that_came_since_it_began(lake):
    fill(lake)
    run = RunSettings(lake.root, 'run-2', NOON + DAY)
    before = files_now(lake, run)
    one = dataclasses.replace(sighting('d'), poll_id=hash_id('poll-3'), seen_at=NOON + DAY)
    refused = refused_row(one, Reason.DNS, None, run_id='run-2', decided_at=NOON + DAY)
    write(lake, 'ledger', refused)
    shown = poll(1, poll_id=hash_id('poll-3'), polled_at=NOON + DAY)
    write(lake, 'polls', dataclasses.replace(shown, run_id='run-2'))
    lake.storage.opened.clear()
    facts = of_run(lake, run, before)
    opened = sum(lake.storage.opened.values())
    assert facts == of_run(lake, run)
    assert facts.items_shown == 1 and sum(facts.dispositions.values()) == 1
    assert opened == 2
    merge_files(lake, 'ledger')  # and when those are merged with files from before
    assert of_run(lake, run, before) == facts


def test_of_a_folder_only_what_has_come_is_read_and_what_has_gone_is_forgotten(lake):
    def ask():
        lake.storage.opened.clear()
        read = lake.gathered('x', 'ledger', ('2025-03-03',), rows_of_file, lambda parts: [*chain(*parts)])
        return sorted(read), sum(lake.storage.opened.values())

    def rows_of_file(path):
        return lake.read('ledger', [path], ('sighting_id',))['sighting_id'].to_pylist()

    assert ask() == ([], 0)
    write(lake, 'ledger', decided(sighting('a'), Disposition.WRITTEN))
    write(lake, 'ledger', decided(sighting('b'), Disposition.WRITTEN))
    both, opened = ask()
    assert (len(both), opened) == (2, 2)
    write(lake, 'ledger', decided(sighting('c'), Disposition.WRITTEN))
    (three, opened), folder = ask(), lake.folder('ledger', ('2025-03-03',))
    assert (len(three), opened) == (3, 1)
    merge_files(lake, 'ledger')
    assert ask() == (three, 1)
    # While the folder is as it was long ago, it is not even listed.
    os.utime(folder, (1, 1))
    assert ask() == (three, 0)
    lake.storage.list_files = None
    assert ask() == (three, 0)


def test_a_folder_that_changed_just_now_is_never_taken_for_unchanged(tmp_path):
    storage = LocalStorage()
    assert storage.folder_version(str(tmp_path / 'none')) is None
    (tmp_path / 'a').write_bytes(b'1')
    assert storage.folder_version(str(tmp_path)) is None
    os.utime(tmp_path, (1, 1))
    long_ago = storage.folder_version(str(tmp_path))
    assert long_ago is not None and long_ago == storage.folder_version(str(tmp_path))
    os.utime(tmp_path, (2, 2))
    assert storage.folder_version(str(tmp_path)) not in (None, long_ago)


def test_files_that_hold_an_id_are_found_without_reading_the_others(lake):
    day = ('2025-03-03',)
    for name in 'abc':
        write(lake, 'ledger', decided(sighting(name), Disposition.WRITTEN))
    holding = {
        one: path
        for path in lake.files('ledger', day)
        for one in lake.read('ledger', [path], ('sighting_id',))['sighting_id'].to_pylist()
    }
    for one, path in holding.items():
        assert files_with(lake, 'ledger', day, 'sighting_id', pa.array([one])) == [path]
    lake.storage.opened.clear()
    assert files_with(lake, 'ledger', day, 'sighting_id', pa.array([hash_id('none')])) == []
    assert files_with(lake, 'ledger', ('2020-01-01',), 'sighting_id', pa.array([one])) == []
    assert not lake.storage.opened
    # Without a memory any file may hold it.
    bare = Lake(lake.root, LocalStorage())
    assert files_with(bare, 'ledger', day, 'sighting_id', pa.array([one])) == sorted(holding.values())
    merge_files(lake, 'ledger')
    assert files_with(lake, 'ledger', day, 'sighting_id', pa.array(list(holding))) == lake.files(
        'ledger', day
    )


def test_of_the_polls_of_a_day_only_the_last_are_kept(lake):
    for number in range(20):
        write(lake, 'polls', poll(0, poll_id=f'poll-{number}', polled_at=NOON + number * HOUR // 4))
        look(lake)
        os.utime(lake.folder('polls', ('2025-03-03',)), (number + 1, number + 1))
    kept = [entry[1][1] for (purpose, _), entry in lake.memory._values.items() if purpose == 'polls']
    assert [len(one.polls) for one in kept] == [1]
    assert look(lake) == fresh(lake)


def test_a_process_knows_the_files_of_its_last_runs_only(lake):
    paths = {}
    for number in range(20):
        one = decided(sighting(f's{number}'), Disposition.WRITTEN)
        table = rows_to_table([vars(one)], TABLES['ledger'].schema)
        paths[f'run-{number}'] = lake.publish('ledger', ('2025-03-03',), table, f'run-{number}')
    assert lake.is_own(paths['run-19'], 'run-19') and not lake.is_own(paths['run-19'], 'run-18')
    assert not lake.is_own(paths['run-0'], 'run-0')
