"""Faults of disks, clocks and processes: each is named by check, none costs what was committed, all heal."""

import contextlib
import glob
import os
import random
import shutil
import subprocess
import sys
import tempfile

import pandas
import pyarrow.parquet as pq
import pytest

from pipelines.cli import run_command
from schemas.tables import TABLES
from tests.made_rows import DAY, NOON
from tests.made_site import made_sites, page
from tests.small_run import Killed, KillingStorage, retag, run
from transforms.functions.books import recount
from transforms.functions.lake import DamagedFile, Lake
from transforms.functions.repairing.repair import repair
from transforms.functions.state.lake_state import LakeState
from transforms.functions.storage import LocalStorage

PAGES = {'a': 'The dam held.', 'b': 'The dam held.', 'c': 'No dam was built here.'}
EDITED = PAGES | {'c': 'A dam was built here after all.', 'd': 'The dam is new.'}
MINUTE = 60_000_000


def lake_at(path, storage=None):
    return Lake(str(path), storage or LocalStorage())


def mend(lake, now=NOON + 9 * MINUTE):
    """Repairs, and says what was done."""
    return list(repair(lake, f'repair-{now}', now, stale_after_s=0.0, retag=retag))


def contents(lake):
    """What a lake holds but for who brought it and when: what is compared between runs that were ended."""
    articles = lake.read('articles', lake.files('articles'))
    names = ('row_id', 'version', 'body', 'feed_item_id', 'changed')
    mentions = lake.read('mentions', lake.files('mentions'))
    links = lake.read('links', lake.files('links'))
    ledger = lake.read('ledger', lake.files('ledger')).to_pylist()
    brought = [
        (row['row_id'], row['disposition']) for row in ledger if row['disposition'] in ('written', 'updated')
    ]
    return {
        'articles': sorted(map(str, articles.select(names).to_pylist())),
        'mentions': sorted(map(str, mentions.drop_columns(['run_id']).to_pylist())),
        'links': sorted(map(str, links.select(['row_id', 'kind', 'target']).to_pylist())),
        'ledger': sorted(brought),
    }


def assert_readable(lake):
    """Every file that a reader sees is whole."""
    for table in TABLES:
        for path in lake.files(table):
            pq.read_table(path, partitioning=None)


@pytest.fixture
def no_waiting_for_the_disk(monkeypatch):
    """A process that ends loses nothing that it wrote; only a machine that ends does."""
    monkeypatch.setattr(os, 'fsync', lambda descriptor: None)


@pytest.fixture(scope='module')
def expected(tmp_path_factory):
    """The lake of two runs that nobody disturbed, a copy of it after the first, and each one's changes."""
    folder = tmp_path_factory.mktemp('expected')
    lake = lake_at(folder / 'lake', KillingStorage())
    run(lake, 'run-1', NOON, PAGES)
    first = lake.storage.taken
    shutil.copytree(lake.root, folder / 'first')
    run(lake, 'run-2', NOON + MINUTE, EDITED)
    assert recount(lake).faults == ()
    return contents(lake), folder / 'first', (first, lake.storage.taken - first)


@pytest.mark.parametrize('number', [1, 2])
@pytest.mark.usefixtures('no_waiting_for_the_disk')
def test_a_crash_between_any_two_steps_is_healed_by_the_next_run_and_by_a_repair(tmp_path, expected, number):
    rows, first, steps = expected
    for step in range(steps[number - 1]):
        lake = lake_at(tmp_path / str(step))
        if number == 2:
            shutil.copytree(first, lake.root)
        killed = lake_at(lake.root, KillingStorage(step))
        with pytest.raises(Killed):
            run(killed, f'run-{number}', NOON + (number - 1) * MINUTE, PAGES if number == 1 else EDITED)
        assert_readable(lake)
        assert recount(lake).faults == (), f'step {step}'
        if step % 2:
            mend(lake)
            found = recount(lake)
            assert (found.faults, found.notes) == ((), ()), f'step {step}'
        if number == 1:
            run(lake, 'run-1b', NOON + MINUTE // 2, PAGES)
        run(lake, 'run-3', NOON + 2 * MINUTE, EDITED)
        assert contents(lake) == rows, f'step {step}'
        found = recount(lake)
        assert (found.faults, found.notes) == ((), ()), f'step {step}'
        shutil.rmtree(lake.root)


@pytest.mark.usefixtures('no_waiting_for_the_disk')
def test_a_repair_that_is_killed_anywhere_is_completed_by_another(tmp_path, expected):
    _, first, _ = expected
    hurt = tmp_path / 'hurt'
    shutil.copytree(first, hurt)
    for table in ('articles', 'ledger', 'polls'):
        flip(lake_at(hurt).files(table)[0], random.Random(table))
    whole = lake_at(shutil.copytree(hurt, tmp_path / 'whole'), KillingStorage())
    mend(whole)
    assert recount(whole).faults == ()
    rows = without_times(whole)
    for step in range(0, whole.storage.taken, 2):
        lake = lake_at(shutil.copytree(hurt, tmp_path / str(step)))
        with pytest.raises(Killed):
            mend(lake_at(lake.root, KillingStorage(step)))
        mend(lake)
        assert recount(lake).faults == (), f'step {step}'
        assert not glob.glob(f'{lake.root}/_work/*/**', recursive=True), f'step {step}'
        assert without_times(lake) == rows, f'step {step}'
        shutil.rmtree(lake.root)


def without_times(lake):
    return {table: sorted(map(str, lake.read(table, lake.files(table)).to_pylist())) for table in TABLES}


def flip(path, rng, column=None):
    """Flips a bit anywhere in a file, or in a column's pages, and returns where."""
    first, size = 0, os.path.getsize(path)
    if column is not None:
        group = pq.ParquetFile(path).metadata.row_group(0)
        chunk = next(c for c in map(group.column, range(group.num_columns)) if c.path_in_schema == column)
        first, size = chunk.dictionary_page_offset or chunk.data_page_offset, chunk.total_compressed_size
    at = first + rng.randrange(size)
    with open(path, 'r+b') as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << rng.randrange(8)]))
    return at


@pytest.mark.parametrize('table', ['articles', 'mentions', 'links', 'ledger', 'polls'])
def test_flipped_bytes_are_named_repaired_and_cost_nothing_else(tmp_path, expected, table, capsys):
    rows, first, _ = expected
    lake = lake_at(shutil.copytree(first, tmp_path / 'lake'))
    run(lake, 'run-2', NOON + MINUTE, EDITED)
    assert contents(lake) == rows
    path = lake.files(table)[0]
    lost = pq.ParquetFile(path).read().num_rows
    # What stands in the bytes of an article's body cannot be made good; a column that nobody needs can.
    flip(path, random.Random(f'flip {table}'), 'body' if table == 'articles' else None)
    assert run_command('pipelines.check', [lake.root]) == 1
    assert path in capsys.readouterr().out
    mend(lake)
    assert recount(lake).faults == ()
    kept = contents(lake)
    for name in ('articles', 'mentions', 'links'):
        gone = set(rows[name]) - set(kept[name])
        assert len(gone) == (lost if table == 'articles' and name != 'links' else 0)
    run(lake, 'run-3', NOON + 20 * MINUTE, EDITED)  # what was lost is fetched again
    found = recount(lake)
    assert (found.faults, found.notes) == ((), ())
    assert [sorted(contents(lake)[name]) for name in ('mentions', 'links')] == [
        rows['mentions'],
        rows['links'],
    ]
    assert len(contents(lake)['articles']) == len(rows['articles'])


def test_a_missing_record_of_a_run_is_named_and_no_fault(tmp_path):
    lake = lake_at(tmp_path / 'lake')
    run(lake, '20250303T120000Z-0a0a0a', NOON, PAGES)
    assert recount(lake).notes == ()
    shutil.rmtree(f'{lake.root}/_runs')
    (note,) = recount(lake).notes
    assert '1 runs have no record in _runs, such as 20250303T120000Z-0a0a0a' in note
    run(lake, '20250303T130000Z-0b0b0b', NOON + MINUTE, EDITED)
    assert recount(lake).faults == () and len(recount(lake).notes) == 1


def test_the_staging_folder_of_a_dead_run_is_named_and_comes_in(tmp_path, expected):
    rows, first, _ = expected
    lake = lake_at(shutil.copytree(first, tmp_path / 'lake'))
    with pytest.raises(Killed):
        run(lake_at(lake.root, KillingStorage(4)), 'run-2', NOON + MINUTE, EDITED)
    (note,) = recount(lake).notes
    assert note == 'run run-2 was interrupted or is still at work; the next run completes it'
    assert mend(lake) == ['run run-2 was interrupted; 2 articles that it had staged are in the lake now']
    run(lake, 'run-3', NOON + 2 * MINUTE, EDITED)
    assert contents(lake) == rows


def test_a_clock_that_was_moved_back_doubles_and_loses_nothing(tmp_path, expected):
    rows, first, _ = expected
    lake = lake_at(shutil.copytree(first, tmp_path / 'lake'))
    run(lake, 'run-2', NOON - 2 * DAY, EDITED)
    assert recount(lake).faults == ()
    kept = contents(lake)
    assert (kept['articles'], kept['ledger']) == (rows['articles'], rows['ledger'])
    run(lake, 'run-3', NOON + 2 * MINUTE, EDITED)
    assert recount(lake).faults == ()
    assert contents(lake)['articles'] == rows['articles']


@pytest.mark.parametrize('published_at', [NOON, None])
# From the first visible file on: what is written after midnight is another day's, and links with that.
@pytest.mark.parametrize('step', [None, *range(7, 20)])
@pytest.mark.usefixtures('no_waiting_for_the_disk')
def test_midnight_between_an_attempt_and_its_repeat_doubles_nothing(tmp_path, step, published_at):
    midnight = NOON + DAY // 2
    lake = lake_at(tmp_path / 'lake')
    before = lake_at(tmp_path / 'before')
    try:
        run(
            lake_at(lake.root, KillingStorage(step)),
            'run-1',
            midnight - 5_000_000,
            PAGES,
            before,
            published_at,
        )
    except Killed:
        assert step is not None
    # The job again, with the state that it began with; the poll was due before midnight both times.
    run(lake, 'run-1', midnight + 5_000_000, PAGES, before, published_at)
    assert recount(lake).faults == ()
    counts = {table: lake.read(table, lake.files(table)).num_rows for table in TABLES}
    assert counts == {'articles': 3, 'mentions': 3, 'links': 1, 'ledger': 3, 'polls': 1}


def mounted(folder, size):
    """Mounts a file system of that size, which only root may do."""
    folder.mkdir()
    done = subprocess.run(
        ['mount', '-t', 'tmpfs', '-o', f'size={size}', 'tmpfs', str(folder)], capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f'file systems cannot be mounted here: {done.stderr.strip()}')


@pytest.fixture
def disk(tmp_path):
    """A small disk of its own."""
    if not sys.platform.startswith('linux') or os.geteuid():
        pytest.skip('only root can mount a small disk')
    folder = tmp_path / 'disk'
    mounted(folder, '64k')
    yield folder
    subprocess.run(['umount', '-l', str(folder)], check=True)


def ingest(feed, lake):
    command = [sys.executable, '-m', 'pipelines.cli', 'ingest', feed, '--output', lake, '--fetch_min_delay=0']
    command += [
        '--fetch_allow_private_networks=127.0.0.0/8',
        '--entities_model=none',
        '--analysis_processes=1',
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_a_full_disk_and_a_read_only_one_end_in_a_sentence_and_lose_nothing(disk):
    lake = f'{disk}/lake'
    with made_sites() as (site,):
        names = [f'/{n}' for n in range(12)]
        site.answers |= {name: page(f'Title {name}', f'word{name}') for name in names}
        feed = site.feed(*((f'Title {name}', name) for name in names))

        full = ingest(feed, lake)
        assert full.returncode == 1, full.stderr
        assert lake in full.stderr and 'No space left on device' in full.stderr
        assert 'Traceback' not in full.stderr
        assert recount(lake_at(lake)).faults == ()

        subprocess.run(['mount', '-o', 'remount,ro,size=20m', str(disk)], check=True)
        shut = ingest(feed, lake)
        assert shut.returncode in (1, 2), shut.stderr
        assert lake in shut.stderr and 'Read-only file system' in shut.stderr
        assert 'Traceback' not in shut.stderr
        assert run_command('pipelines.check', [lake]) == 0  # reading needs no writing

        subprocess.run(['mount', '-o', 'remount,rw,size=20m', str(disk)], check=True)
        done = ingest(feed, lake)
        assert done.returncode == 0, done.stderr
    assert sorted(pandas.read_parquet(f'{lake}/articles')['title']) == sorted(f'Title {n}' for n in names)
    assert recount(lake_at(lake)).faults == ()
    assert not glob.glob(f'{lake}/**/*.partial', recursive=True)


@contextlib.contextmanager
def as_somebody_else():
    """Within it the process may do what an ordinary user may, if it is the super-user's."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_folder_that_may_not_be_looked_into_is_not_taken_for_an_empty_one():
    with tempfile.TemporaryDirectory() as path:
        os.chmod(path, 0o755)
        lake = lake_at(path)
        run(lake, 'run-1', NOON, PAGES)
        hidden = lake.folder('ledger', ('2025-03-03',))
        os.chmod(hidden, 0o700 if os.geteuid() == 0 else 0)
        try:
            with as_somebody_else():
                for look in (
                    lambda: lake.files('ledger'),
                    lambda: LakeState(lake, '2025-01-01'),
                    lambda: recount(lake),
                ):
                    with pytest.raises(DamagedFile) as told:
                        look()
                    assert str(told.value) == f'{hidden}: cannot be read (Permission denied)'
                assert len(lake.files('polls')) == 1 and lake.files('polls', ('2025-01-01',)) == []
        finally:
            os.chmod(hidden, 0o755)
