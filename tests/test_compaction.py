"""Compaction: the same rows in fewer files, whoever reads, writes or is killed meanwhile."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter

import pandas
import pyarrow.parquet as pq
import pytest

from pipelines.cli import run_command
from schemas.tables import SCHEMA_VERSION, TABLES
from schemas.vocabulary import Disposition
from tests.made_lakes import commit, decided, finish, poll, write
from tests.made_rows import DAY, NOON, article, sighting
from transforms.functions.exchange import ExchangeUnsupported
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import rows_to_table, write_parquet
from transforms.functions.storage import LocalStorage
from transforms.functions.table_commit import add_rows
from transforms.functions.upkeep.compaction import compact
from transforms.functions.upkeep.maintenance import open_work, sweep

TOMORROW = '2025-03-04'  # of the day on which the rows of made_rows are
MB = 1_000_000


def scatter(lake, table):
    """Gives each row of a table a file of its own, as streaming does."""
    for path in lake.files(table):
        rows = pq.ParquetFile(path).read()
        for number in range(len(rows)):
            with open(f'{os.path.dirname(path)}/{number:03d}{os.path.basename(path)}', 'wb') as file:
                write_parquet(file, rows.slice(number, 1))
        os.unlink(path)


def make_lake(root, articles=12, days=1):
    """A lake whose books balance, with one file for each row."""
    lake = Lake(str(root), LocalStorage())
    for day in range(days):
        seen = [
            sighting(f'item-{day}-{n}', poll_id=f'poll-{day}', seen_at=NOON - day * DAY + n)
            for n in range(articles)
        ]
        texts = [article(f'Line {one.item_id} of the dam held.', one) for one in seen]
        write_rows(lake, 'ledger', commit(lake, *texts).ledger)
        write_rows(lake, 'polls', [poll(articles, poll_id=f'poll-{day}', polled_at=NOON - day * DAY)])
    finish(lake)
    for table in TABLES:
        scatter(lake, table)
    return lake


def write_rows(lake, table, rows):
    columns = [vars(row) for row in rows]
    day = pandas.Timestamp(columns[0].get('seen_at') or columns[0]['polled_at'], unit='us')
    add_rows(lake, table, (str(day.date()),), rows_to_table(columns, TABLES[table].schema), 'run-1')


def rows_of(lake, table):
    """All rows with their place, in an order of their own, as Python has them."""
    found = []
    for path in lake.files(table):
        place = lake.partition_of(table, path)
        found += [(place, row) for row in pq.ParquetFile(path).read().to_pylist()]
    ids = TABLES[table].row_id
    return sorted(found, key=lambda one: (one[0], [str(one[1][name]) for name in ids]))


def everything(lake):
    return {table: rows_of(lake, table) for table in TABLES}


def merge(lake, before=TOMORROW, target=MB, upgrade=False):
    return {done.table: done for done in compact(lake, before, target, upgrade)}


def leftovers(lake):
    return lake.storage.list_files(f'{lake.root}/_work')


def test_small_files_become_one_per_partition_with_the_same_rows(tmp_path):
    lake = make_lake(tmp_path, 12, days=2)
    before = everything(lake)
    done = merge(lake)
    assert everything(lake) == before
    assert {table: (d.merged, d.files_before, d.files_after) for table, d in done.items()} == {
        'articles': (1, 24, 1),
        'mentions': (1, 24, 1),
        'links': (0, 0, 0),
        'ledger': (2, 24, 2),
        'polls': (0, 2, 2),
    }
    assert done['articles'].bytes_after < done['articles'].bytes_before
    assert run_command('pipelines.check', [lake.root]) == 0
    assert leftovers(lake) == []


def test_a_thousand_small_files_of_one_partition_become_one(tmp_path):
    lake = Lake(str(tmp_path), LocalStorage())
    write_rows(
        lake,
        'ledger',
        [decided(sighting(f'i{n}', seen_at=NOON + n), Disposition.UNCHANGED) for n in range(1000)],
    )
    scatter(lake, 'ledger')
    before = rows_of(lake, 'ledger')
    done = merge(lake)['ledger']
    assert (done.files_before, done.files_after) == (1000, 1)
    assert rows_of(lake, 'ledger') == before


def test_what_was_merged_is_not_touched_again(tmp_path):
    lake = make_lake(tmp_path)
    merge(lake)
    there = {path: os.stat(path).st_ino for table in TABLES for path in lake.files(table)}
    assert not any(done.merged for done in merge(lake).values())
    assert {path: os.stat(path).st_ino for table in TABLES for path in lake.files(table)} == there


def test_new_files_have_the_form_of_those_that_a_commit_writes(tmp_path):
    lake = make_lake(tmp_path)
    merge(lake)
    (path,) = lake.files('articles')
    rows = pq.ParquetFile(path).read()
    written = str(tmp_path / 'written.parquet')
    with open(written, 'wb') as file:
        write_parquet(file, rows.cast(TABLES['articles'].schema))
    ours, theirs = (pq.ParquetFile(one, page_checksum_verification=True) for one in (path, written))
    assert ours.schema_arrow.equals(theirs.schema_arrow, check_metadata=True)
    assert ours.schema_arrow.metadata[b'dateline.schema'].decode() == SCHEMA_VERSION
    assert ours.metadata.row_group(0).to_dict() == theirs.metadata.row_group(0).to_dict()
    assert os.path.getsize(path) == os.path.getsize(written)


def test_rows_are_in_the_order_of_their_moments(tmp_path):
    lake = make_lake(tmp_path, 12)
    merge(lake)
    for table, moment in (('articles', 'first_seen_at'), ('ledger', 'seen_at')):
        (path,) = lake.files(table)
        moments = pq.ParquetFile(path).read()[moment].to_pylist()
        assert moments == sorted(moments) and len(set(moments)) == 12


def test_files_grow_to_the_target_and_large_ones_stay(tmp_path, monkeypatch):
    monkeypatch.setattr('transforms.functions.upkeep.row_groups.ROWS_PER_GROUP', 5)
    lake = Lake(str(tmp_path), LocalStorage())
    chance = random.Random(7)
    texts = [article(chance.randbytes(8_000).hex(), sighting(f'item-{n}')) for n in range(20)]
    commit(lake, *texts)
    scatter(lake, 'articles')
    before = rows_of(lake, 'articles')
    done = merge(lake, target=80_000)['articles']
    assert (done.files_before, done.files_after) == (20, 2)
    there = {path: os.stat(path).st_ino for path in lake.files('articles')}
    assert all(80_000 <= os.path.getsize(path) < 160_000 for path in there)
    commit(lake, article('Late.', sighting('late-1')))
    commit(lake, article('Later.', sighting('late-2')))
    assert merge(lake, target=80_000)['articles'].files_after == 3
    assert there.items() <= {path: os.stat(path).st_ino for path in lake.files('articles')}.items()
    rows = rows_of(lake, 'articles')
    assert [one for one in rows if not one[1]['body'].startswith('Late')] == before
    assert len(rows) == 22


def test_days_that_may_still_be_written_to_are_left(tmp_path, capsys):
    lake = make_lake(tmp_path, days=2)
    assert merge(lake, before='2025-03-03')['ledger'].merged == 1
    assert len(lake.files('ledger', ('2025-03-03',))) == 12
    assert run_command('pipelines.compact', [lake.root, '--before=2025-03-03']) == 0
    assert run_command('pipelines.compact', [lake.root]) == 0
    out = capsys.readouterr().out
    assert 'ledger: 0 of 1 partitions, 1 -> 1 files' in out
    assert 'ledger: 1 of 2 partitions, 13 -> 2 files' in out


def age(path, *without):
    """Makes a file look as an older version of Dateline wrote it."""
    rows = pq.ParquetFile(path).read().drop_columns(list(without))
    metadata = {**rows.schema.metadata, b'dateline.schema': b'1'}
    with open(path, 'wb') as file:
        write_parquet(file, rows.replace_schema_metadata(metadata))


def test_files_of_an_older_schema_are_merged_among_themselves(tmp_path):
    lake = make_lake(tmp_path)
    paths = lake.files('ledger')
    for path in paths[::2]:
        age(path, 'entry')
    age(paths[1])
    age(paths[3])
    before = rows_of(lake, 'ledger')
    merge(lake)
    assert rows_of(lake, 'ledger') == before
    schemas = [pq.read_schema(path) for path in lake.files('ledger')]
    marks = [(schema.metadata[b'dateline.schema'].decode(), 'entry' in schema.names) for schema in schemas]
    assert sorted(marks) == [('1', False), ('1', True), (SCHEMA_VERSION, True)]
    assert not merge(lake)['ledger'].merged
    assert run_command('pipelines.check', [lake.root]) == 0


def test_upgrade_gives_old_files_all_columns_on_all_days(tmp_path):
    lake = make_lake(tmp_path)
    paths = lake.files('ledger')
    for path in paths[:5]:
        age(path, 'entry', 'fingerprint')
    assert 'entry' not in pandas.read_parquet(f'{lake.root}/ledger').columns
    before = lake.read('ledger', paths).sort_by('sighting_id')
    done = merge(lake, before='2025-01-01', upgrade=True)['ledger']
    assert (done.files_before, done.files_after) == (12, 8)
    assert lake.read('ledger', lake.files('ledger')).sort_by('sighting_id').equals(before)
    for path in lake.files('ledger'):
        assert pq.read_schema(path).equals(TABLES['ledger'].schema, check_metadata=True)
    assert list(pandas.read_parquet(f'{lake.root}/ledger').columns) == [
        *TABLES['ledger'].schema.names,
        'date',
    ]
    assert not merge(lake, before='2025-01-01', upgrade=True)['ledger'].merged


def test_a_single_old_file_is_upgraded_too(tmp_path):
    lake = make_lake(tmp_path, 1)
    (path,) = lake.files('ledger')
    age(path, 'entry')
    assert merge(lake, upgrade=True)['ledger'].merged == 1
    (path,) = lake.files('ledger')
    assert pq.read_schema(path).equals(TABLES['ledger'].schema, check_metadata=True)


def test_an_old_file_that_lacks_what_cannot_be_null_is_left_alone(tmp_path):
    lake = make_lake(tmp_path)
    path = lake.files('ledger')[0]
    age(path, 'attempt')
    (fault,) = merge(lake, upgrade=True)['ledger'].faults
    assert path in fault and 'attempt' in fault
    assert len(lake.files('ledger')) == 12


def test_a_damaged_file_keeps_its_partition_as_it_is_and_the_rest_goes_on(tmp_path, capsys):
    lake = make_lake(tmp_path, days=2)
    path = lake.files('ledger', ('2025-03-02',))[3]
    column = pq.ParquetFile(path).metadata.row_group(0).column(0)
    with open(path, 'r+b') as file:
        file.seek(column.data_page_offset + column.total_compressed_size - 2)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))
    assert run_command('pipelines.compact', [lake.root]) == 1
    out = capsys.readouterr().out
    assert f'\n{path}: cannot be read' in out and 'ledger: 1 of 2 partitions, 24 -> 13 files' in out
    assert len(lake.files('ledger', ('2025-03-02',))) == 12
    assert len(lake.files('articles')) == 1


def test_a_file_that_is_not_ours_keeps_its_partition_as_it_is(tmp_path):
    lake = make_lake(tmp_path, days=2)
    for name in ('notes.txt', '_SUCCESS', 'deeper/x.parquet'):
        path = f'{lake.folder("ledger", ("2025-03-02",))}/{name}'
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as file:
            file.write('mine')
        done = merge(lake)['ledger']
        assert [fault.split(': ')[0] for fault in done.faults] == [path]
        assert len(lake.files('ledger', ('2025-03-02',))) >= 12 and os.path.exists(path)
        os.unlink(path)
    assert len(lake.files('ledger', ('2025-03-03',))) == 1


def test_a_commit_that_comes_in_between_is_not_lost(tmp_path):
    lake = make_lake(tmp_path)
    late = sighting('late', poll_id='poll-late')

    class Meanwhile(LocalStorage):
        """Another process commits to the partition while its files are being merged."""

        made = 0

        def create(self, path):
            Meanwhile.made += 1
            if Meanwhile.made == 3:  # after articles and mentions
                write(lake, 'ledger', decided(late, Disposition.UNCHANGED))
            return super().create(path)

    def late_rows():
        return [row for _, row in rows_of(lake, 'ledger') if row['sighting_id'] == late.sighting_id]

    before = everything(lake)
    done = merge(Lake(lake.root, Meanwhile()))['ledger']
    assert (done.merged, done.overtaken, done.files_after) == (0, 1, 13)
    assert len(late_rows()) == 1 and len(rows_of(lake, 'ledger')) == len(before['ledger']) + 1
    assert merge(lake)['ledger'].files_after == 1
    assert len(late_rows()) == 1 and len(rows_of(lake, 'ledger')) == len(before['ledger']) + 1
    assert leftovers(lake) == []


def test_a_partition_that_is_exchanged_while_it_is_merged_is_left_to_the_next_time(tmp_path, monkeypatch):
    lake = Lake(str(tmp_path), LocalStorage())
    for start in (0, 100, 200):
        seen = [sighting(f'i{n}', seen_at=NOON + n) for n in range(start, start + 100)]
        write_rows(lake, 'ledger', [decided(one, Disposition.UNCHANGED) for one in seen])
    monkeypatch.setattr('transforms.functions.upkeep.row_groups.ROWS_PER_GROUP', 100)
    opened = LocalStorage.open

    def open_and_exchange(storage, path):
        file = opened(storage, path)
        if any(one.endswith('.partial') for one in lake.storage.list_files(f'{lake.root}/_work')):
            for one in lake.files('ledger'):
                os.replace(one, f'{os.path.dirname(one)}/new{os.path.basename(one)}')
            monkeypatch.setattr(LocalStorage, 'open', opened)
        return file

    monkeypatch.setattr(LocalStorage, 'open', open_and_exchange)
    done = merge(lake)['ledger']
    assert (done.merged, done.overtaken) == (0, 1)
    assert len(rows_of(lake, 'ledger')) == 300


def test_one_that_always_commits_and_a_compaction_do_not_starve_each_other(tmp_path):
    lake = make_lake(tmp_path, days=6)
    before = {table: len(rows) for table, rows in everything(lake).items()}
    commits = Counter()
    over = threading.Event()

    def commit_for_ever():
        while not over.is_set():
            number = commits['made']
            row = decided(sighting(f'always-{number}', seen_at=NOON + DAY), Disposition.UNCHANGED)
            write(lake, 'ledger', row)
            commits['made'] += 1

    script = 'import sys; from pipelines.compact import main; sys.exit(main(sys.argv[1:]))'
    writer = threading.Thread(target=commit_for_ever)
    writer.start()
    try:
        command = [sys.executable, '-c', script, lake.root, f'--before={TOMORROW}']
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    finally:
        over.set()
        writer.join()
    assert done.returncode == 0, done.stderr
    assert 'ledger: 6 of 6 partitions, 72 -> 6 files' in done.stdout
    after = {table: len(rows) for table, rows in everything(lake).items()}
    assert after == before | {'ledger': before['ledger'] + commits['made']}
    assert commits['made'] > 5


def test_folders_of_dead_commands_are_swept_and_those_of_living_ones_are_not(tmp_path):
    lake = make_lake(tmp_path)
    dead = f'{lake.root}/_work/compact-{"0" * 16}'
    foreign = f'{lake.root}/_work/somebody'
    for folder in (dead, foreign):
        os.makedirs(f'{folder}/1')
        open(f'{folder}/lock', 'w').close()
    os.makedirs(f'{lake.root}/_work/forget-{"1" * 16}')  # killed before it had its lock
    with open_work(lake, 'compact') as work:
        folder = work.new_folder()
        assert not os.path.exists(dead)
        assert sweep(lake) == 0
        assert os.path.isdir(folder)
    assert os.listdir(f'{lake.root}/_work') == ['somebody']


def test_without_exchange_nothing_is_touched_and_the_answer_is_a_sentence(tmp_path, capsys, monkeypatch):
    lake = make_lake(tmp_path)
    before = sorted(lake.storage.list_files(lake.root))

    def refuse(one, other):
        raise ExchangeUnsupported(f'{other}: its file system cannot exchange two folders in one step')

    monkeypatch.setattr('transforms.functions.exchange.exchange', refuse)
    for command in ('pipelines.compact', 'pipelines.forget'):
        more = ['http://news.example/item-0-1'] if command.endswith('forget') else []
        assert run_command(command, [lake.root, *more]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert 'cannot exchange two folders in one step' in line and 'docs/operations.md' in line
        assert run_command(command, ['gs://bucket/lake', *more]) == 2
        assert 'object stores' in capsys.readouterr().err
        assert run_command(command, [str(tmp_path / 'nowhere'), *more]) == 2
        assert 'there is no such folder' in capsys.readouterr().err
    after = sorted(lake.storage.list_files(lake.root))
    assert [path for path in after if '/_work/' not in path] == before and leftovers(lake) == []


# Merges a lake and is killed at its n-th step that changes something.
KILLED = """
import os, signal, sys
from transforms.functions.upkeep.compaction import compact
from transforms.functions.lake import Lake
from transforms.functions.storage import LocalStorage

class Killing(LocalStorage):
    left = int(sys.argv[2])
    def step(self):
        if not Killing.left:
            os.kill(os.getpid(), signal.SIGKILL)
        Killing.left -= 1
    def exchange(self, one, other):
        self.step(); super().exchange(one, other); self.step()
    def delete_folder(self, folder):
        self.step(); super().delete_folder(folder); self.step()
    def write_small(self, path, data):
        self.step(); super().write_small(path, data); self.step()
    def publish(self, staged, final):
        raise AssertionError('a compaction publishes nothing')
    def open(self, path):
        if '_work' in path:
            self.step()  # a new file is there and is being looked at
        return super().open(path)

for done in compact(Lake(sys.argv[1], Killing()), '2025-03-04', 1_000_000):
    pass
"""


@pytest.mark.parametrize('steps', [3, 6, 8, 10, 12])
def test_killed_at_any_step_it_leaves_the_same_rows_and_the_next_one_completes_it(tmp_path, steps):
    lake = make_lake(tmp_path, 4)
    before = everything(lake)
    killed = subprocess.run([sys.executable, '-c', KILLED, lake.root, str(steps)], timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert everything(lake) == before
    assert leftovers(lake)
    assert {table: done.files_after for table, done in merge(lake).items()} == {
        'articles': 1, 'mentions': 1, 'links': 0, 'ledger': 1, 'polls': 1,
    }  # fmt: skip
    assert everything(lake) == before
    assert leftovers(lake) == []
    assert run_command('pipelines.check', [lake.root]) == 0


# Reads a table over and over: lists its files, reads them all, and starts again when one is gone.
READER = """
import glob, json, sys, threading
import pandas
from schemas.tables import TABLES
root, table = sys.argv[1:]
over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
found = {'readings': 0, 'restarts': 0, 'counts': []}
while not over.is_set() or not found['readings']:
    try:
        rows = pandas.read_parquet(sorted(glob.glob(f'{root}/{table}/**/*.parquet', recursive=True)))
    except FileNotFoundError:
        found['restarts'] += 1
        continue
    ids = rows[list(TABLES[table].row_id)].drop_duplicates()
    found['readings'] += 1
    if [len(rows), len(ids)] not in found['counts']:
        found['counts'].append([len(rows), len(ids)])
    if found['readings'] == 1:
        print('reading', flush=True)
print(json.dumps(found))
"""


@pytest.mark.parametrize('table', ['articles', 'ledger'])
def test_who_reads_meanwhile_sees_every_row_once_or_starts_again(tmp_path, table):
    lake = make_lake(tmp_path, 12, days=3)
    command = [sys.executable, '-c', READER, lake.root, table]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout.readline() == 'reading\n'
        for turn in range(4):
            merge(lake)
            if turn < 3:
                merge_back(lake, table)
        out, _ = reader.communicate('', timeout=60)
    found = json.loads(out)
    assert found['counts'] == [[36, 36]] and found['readings'] > 1, found


def merge_back(lake, table):
    """Makes small files again, by the same exchange."""
    with open_work(lake, 'compact') as work:
        for partition in sorted({lake.partition_of(table, path) for path in lake.files(table)}):
            seen = work.contents(table, partition)
            folder = work.new_folder()
            rows = lake.read(table, lake.files(table, partition)).cast(TABLES[table].schema)
            for number in range(len(rows)):
                name = f'{number:03d}{os.path.basename(seen[0][0])}'
                with open(f'{folder}/{name}', 'wb') as file:
                    write_parquet(file, rows.slice(number, 1))
            assert work.exchange(table, partition, seen, folder)


def test_row_ids_are_verified_before_anything_is_exchanged(tmp_path, monkeypatch):
    lake = make_lake(tmp_path)
    before = everything(lake)
    monkeypatch.setattr(
        'transforms.functions.upkeep.compaction._ordered', lambda table, rows: rows.slice(0, len(rows) - 1)
    )
    faults = [fault for done in merge(lake).values() for fault in done.faults]
    assert len(faults) == 3 and all('11 rows were written of 12 read' in fault for fault in faults)
    assert everything(lake) == before


def test_long_bodies_end_a_row_group_early(tmp_path, monkeypatch):
    monkeypatch.setattr('transforms.functions.upkeep.row_groups._BYTES_PER_GROUP', 3_000)
    lake = make_lake(tmp_path)
    before = rows_of(lake, 'articles')
    merge(lake)
    (path,) = lake.files('articles')
    assert pq.ParquetFile(path).num_row_groups > 2
    assert rows_of(lake, 'articles') == before
