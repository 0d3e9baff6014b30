"""Two writers, compact, check and repair on one lake at the same time: nothing is lost or there twice."""

import contextlib
import dataclasses
import datetime
import io
import multiprocessing
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apache_beam as beam
import duckdb
import pandas
import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from pipelines import rounds
from pipelines.cli import run_command
from pipelines.ingest import Ingest
from pipelines.run_facts import of_run
from schemas.feeds import Feed
from schemas.ledger import LinkRow
from schemas.settings import AnalysisSettings, FetchSettings, RunSettings
from schemas.vocabulary import Disposition
from tests.made_lakes import PLACE, commit, decided, finish, poll, stage_articles, write
from tests.made_rows import DAY, NOON, article, sighting
from tests.made_site import Answer, MadeSite, made_sites, page
from transforms import processes
from transforms.functions.article_commit import commit_articles
from transforms.functions.books import recount
from transforms.functions.lake import GoneFile, Lake
from transforms.functions.lake_rows import rows_to_table
from transforms.functions.repairing.repair import repair
from transforms.functions.repairing.repair_ledger import add_rows_of_articles
from transforms.functions.storage import LocalStorage
from transforms.functions.table_commit import add_row_objects
from transforms.functions.upkeep.compaction import compact

FETCH = FetchSettings(allow_private=('127.0.0.0/8',), min_delay_s=0.0)
ANALYSIS = AnalysisSettings(processes=1, entities_model='')
MIDNIGHT = NOON + DAY // 2
NEXT = ('2025-03-04', PLACE[1])
ROUNDS = 3
PAGES = 6  # new ones per host and round
SPAWN = multiprocessing.get_context('spawn')
# Generous: who waits longer for another process waits for one that is gone.
PATIENCE_S = 120


@pytest.fixture
def lake(tmp_path):
    return Lake(str(tmp_path / 'lake'), LocalStorage())


def started_at(writer: int, number: int) -> int:
    """The writers' moments differ; but for the first round, midnight lies between them."""
    return MIDNIGHT + number * DAY - (1 - writer if number else 1 + writer)


def ingest(lake: str, feeds: list[str], moment: int, run_id: str) -> None:
    run = RunSettings(lake, run_id, moment, fixed_now=moment)
    with beam.Pipeline(runner='FnApiRunner', options=PipelineOptions([])) as pipeline:
        pipeline | beam.Create([Feed(url) for url in feeds]) | Ingest(run, FETCH, ANALYSIS)


def keep_writing(lake: str, feeds: list[str], writer: int, barrier: Any) -> None:
    """A writer's process: a run per round, which begins when the other's does."""
    processes.analysis_pool(ANALYSIS)
    for number in range(ROUNDS):
        barrier.wait(PATIENCE_S)  # the site is ready
        ingest(lake, feeds, started_at(writer, number), f'run-{number}-{writer}')
        barrier.wait(PATIENCE_S)  # both have written
    processes.close_all()


def keep_doing(commands: list[list[str]], done: Any, said: Any) -> None:
    """Runs commands in turn until all is written; hands on what did not end well, and how often it did."""
    turns = 0
    while not done.wait(0.1):  # the writers need the processors too
        for module, *argv in commands:
            out = io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
                code = run_command(f'pipelines.{module}', argv)
            if code:
                said.put(f'{module} {" ".join(argv)}: {code}\n{out.getvalue()}')
        turns += 1
    said.put(turns)


def start(work: Callable[..., None], *args: Any) -> Any:
    process = SPAWN.Process(target=work, args=args)
    process.start()
    return process


def offer(sites: list[MadeSite], number: int, chance: random.Random) -> list[tuple[MadeSite, str, Answer]]:
    """A round's new pages; both feeds show most of these and of the last round's. Some fail until later."""
    late = []
    for site in sites:
        for one in range(PAGES):
            path = f'/{number}-{one}'
            site.answers[path] = page(f'Title {path}', f'word{chance.randrange(10**9)}')
            if chance.random() < 0.3 and number < ROUNDS - 1:
                late.append((site, path, site.answers[path]))
                site.answers[path] = Answer('later', 500)
    shown = [
        f'{site.base}/{n}-{one}'
        for n in (number - 1, number)
        if n >= 0
        for site in sites
        for one in range(PAGES)
    ]
    for turn, site in enumerate(sites):
        site.feed(*((f'Title {link}', link) for n, link in enumerate(shown) if (n + turn) % 4))
    return late


def test_two_writers_compact_check_and_repair_at_once_leave_every_article_once(tmp_path):
    chance = random.Random(7)
    lake = tmp_path / 'lake'
    (lake / 'articles').mkdir(parents=True)
    (lake / '_lock').touch()  # a lake where nothing was committed yet
    barrier, done, said = SPAWN.Barrier(3), SPAWN.Event(), SPAWN.Queue()
    tomorrow = (datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1)).isoformat()
    compacting = [['compact', str(lake), '--before', tomorrow]]
    checking = [['check', str(lake), '--repair', '--stale_after=600'], ['check', str(lake)]]
    with made_sites(2) as sites:
        feeds = [site.feed() for site in sites]
        started = [
            *(start(keep_writing, str(lake), feeds, writer, barrier) for writer in (0, 1)),
            *(start(keep_doing, commands, done, said) for commands in (compacting, checking)),
        ]
        try:
            late: list[tuple[MadeSite, str, Answer]] = []
            for number in range(ROUNDS):
                for site, path, answer in late:
                    site.answers[path] = answer
                late = offer(sites, number, chance)
                barrier.wait(PATIENCE_S)
                barrier.wait(PATIENCE_S)
            done.set()
            heard = [said.get(timeout=PATIENCE_S)]
            while sum(isinstance(one, int) for one in heard) < 2:
                heard.append(said.get(timeout=PATIENCE_S))
            for process in started:
                process.join(PATIENCE_S)
        finally:
            barrier.abort()
            for process in started:
                process.kill()
                process.join()
        faults = [one for one in heard if isinstance(one, str)]
        assert not faults, '\n'.join(faults)
        assert min(one for one in heard if isinstance(one, int)) > 3
        assert [process.exitcode for process in started] == [0, 0, 0, 0]
    rows = duckdb.sql(f"select url, version, row_id from '{lake}/articles/**/*.parquet'").fetchall()
    # A feed leaves out every fourth item, but no item is left out by both.
    assert sorted(url for url, *_ in rows) == sorted(
        f'{site.base}/{n}-{one}' for site in sites for n in range(ROUNDS) for one in range(PAGES)
    )
    assert {version for _, version, _ in rows} == {1}
    assert len({row_id for *_, row_id in rows}) == len(rows)
    assert recount(Lake(str(lake), LocalStorage())).notes == ()
    assert run_command('pipelines.check', [str(lake)]) == 0


def test_a_second_ingest_while_one_runs_refuses_with_a_sentence(tmp_path):
    ended: list[subprocess.CompletedProcess[str]] = []

    class Answers(dict[str, Answer]):
        """Asked for the page, it starts the second run."""

        def get(self, path: str, default: Any = None) -> Any:
            if path == '/0' and not ended:
                command = [sys.executable, '-m', 'pipelines.cli', *argv]
                ended.append(subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S))
            return super().get(path, default)

    with made_sites() as (site,):
        site.answers = Answers(site.answers)
        site.answers['/0'] = page('Title')
        argv = [
            'ingest', site.feed(('Title', '/0')), '--output', str(tmp_path / 'lake'),
            '--fetch_allow_private_networks=127.0.0.0/8', '--entities_model=none',
            '--fetch_first_byte_timeout=100', '--fetch_total_timeout=110',
        ]  # fmt: skip
        assert run_command('pipelines.batch', argv[1:]) == 0
    (second,) = ended
    assert second.returncode == 2
    assert f'{tmp_path}/lake: another run (' in second.stderr
    assert 'is writing to it; wait until it ends, or name another lake' in second.stderr
    assert run_command('pipelines.check', [str(tmp_path / 'lake')]) == 0


def committed(lake: Lake, run_id: str, place: tuple[str, str], seen: Any, body: str = 'The dam held.') -> Any:
    """Commits the one article as a run does that found it new and gave it this partition."""
    staged = [
        dataclasses.replace(one, date=place[0], outlet=place[1])
        for one in stage_articles(lake, article(body, seen), run_id=run_id)
    ]
    return commit_articles(lake, place, staged, run_id, NOON + 5)


@pytest.mark.parametrize('body', ['The dam held.', 'The dam broke after all.'])
def test_an_article_that_two_writers_date_differently_is_in_the_partition_of_the_first(lake, body):
    committed(lake, 'run-1', PLACE, sighting())
    other = sighting(poll_id='poll-2', seen_at=NOON + DAY)
    done = committed(lake, 'run-2', NEXT, other, body)
    (row,) = done.ledger
    same = body == 'The dam held.'
    assert row.disposition == (Disposition.UNCHANGED if same else Disposition.UPDATED)
    assert (row.article_date, row.article_outlet) == PLACE
    rows = lake.read('articles', lake.files('articles', PLACE)).to_pylist()
    assert sorted(row['version'] for row in rows) == ([1] if same else [1, 2])
    assert lake.files('articles') == lake.files('articles', PLACE)
    assert committed(lake, 'run-2', NEXT, other, body).ledger == done.ledger  # a job that happens twice


def test_what_a_run_wrote_of_a_waiting_item_is_told_though_another_run_decided_it_too(lake):
    again = sighting(attempt=1)
    write(lake, 'ledger', decided(sighting(), Disposition.FAILED, reason='http_5xx'))
    write(lake, 'polls', poll(shown=1))
    one, two = (committed(lake, run_id, PLACE, again) for run_id in ('run-2', 'run-3'))
    for _ in range(2):  # a job that happens twice
        write(lake, 'ledger', *two.ledger, run_id='run-3')
        write(lake, 'ledger', *one.ledger, run_id='run-2')
    for run_id in ('run-1', 'run-2', 'run-3'):
        finish(lake, run_id)
    rows = lake.read('ledger', lake.files('ledger')).sort_by('attempt').to_pylist()
    assert [(row['attempt'], row['disposition'], row['run_id']) for row in rows] == [
        (0, 'failed', 'run-1'), (1, 'unchanged', 'run-3'), (2, 'written', 'run-2'),
    ]  # fmt: skip
    assert recount(lake).faults == ()


def link(moment: int, run_id: str) -> LinkRow:
    return LinkRow('row-1', 'article-1', 'near_duplicate', 'row-2', 0.9, moment, run_id)


def test_a_link_that_two_writers_find_on_two_days_is_there_once(lake):
    write(lake, 'links', link(MIDNIGHT - 1, 'run-1'))
    write(lake, 'links', link(MIDNIGHT + 1, 'run-2'), run_id='run-2')
    assert lake.read('links', lake.files('links'))['run_id'].to_pylist() == ['run-1']


def test_repair_brings_an_article_of_two_partitions_and_a_link_of_two_days_into_one(lake):
    shown = [sighting(poll_id=f'poll-{n}', seen_at=NOON + n * DAY) for n in (1, 2)]
    done = []
    for number, (place, body) in enumerate([(PLACE, 'The dam held.'), (NEXT, 'The dam broke.')]):
        run_id = f'run-{number + 1}'
        apart = Lake(f'{lake.root}-{number}', LocalStorage())  # as if neither had seen the other
        done.append(committed(apart, run_id, place, shown[number], body))
        for path in apart.files('articles'):
            there = path.replace(apart.root, lake.root)
            os.makedirs(os.path.dirname(there), exist_ok=True)
            os.rename(path, there)
        write(lake, 'ledger', *done[-1].ledger, run_id=run_id)
        moment = shown[number].seen_at
        write(
            lake,
            'polls',
            poll(1, poll_id=f'poll-{number + 1}', polled_at=moment, run_id=run_id),
            run_id=run_id,
        )
        rows = rows_to_table([vars(link(moment, run_id))], lake.read('links', ()).schema)
        lake.publish('links', (f'2025-03-0{4 + number}',), rows, run_id)
        finish(lake, run_id)
    assert len(recount(lake).faults) > 2
    list(repair(lake, 'repair-1', NOON + 3 * DAY))
    assert recount(lake).faults == ()
    assert lake.files('articles') == lake.files('articles', PLACE)
    rows = lake.read('articles', lake.files('articles', PLACE)).sort_by('version').to_pylist()
    assert [(row['version'], row['run_id']) for row in rows] == [(1, 'run-1'), (2, 'run-2')]
    ledger = pandas.read_parquet(f'{lake.root}/ledger')
    assert set(ledger['article_date'].astype(str)) == {PLACE[0]}
    assert list(repair(lake, 'repair-2', NOON + 3 * DAY)) == []


@pytest.fixture
def old_paths(lake, monkeypatch):
    """A lake of two runs, and whoever lists a table for the first time is overtaken by a compaction."""
    for number, run_id in enumerate(('run-1', 'run-2')):
        seen = sighting(f'item-{number}', poll_id=f'poll-{number}')
        done = commit(lake, article(f'The dam {number} held.', seen), run_id=run_id)
        write(lake, 'ledger', *done.ledger, run_id=run_id)
        write(lake, 'polls', poll(1, poll_id=f'poll-{number}', run_id=run_id), run_id=run_id)
        finish(lake, run_id)
    told, listed = set(), Lake.files

    def files(self: Lake, table: str, partition: tuple[str, ...] = ()) -> list[str]:
        paths = listed(self, table, partition)
        if table not in told and self.root == lake.root:
            told.add(table)
            with monkeypatch.context() as patch:
                patch.setattr(Lake, 'files', listed)
                list(compact(Lake(lake.root, LocalStorage()), '2030-01-01', 10**8))
        return paths

    monkeypatch.setattr(Lake, 'files', files)
    return told


def test_readers_without_the_lease_read_on_when_a_compaction_comes_in_between(lake, old_paths):
    facts = of_run(lake, RunSettings(lake.root, 'run-1', NOON))
    assert (facts.dispositions, facts.faults) == ({('written', None): 1}, ())
    assert facts.items_shown == 1
    assert {'polls'} <= old_paths


def test_a_file_that_is_gone_for_good_is_named(lake):
    path = f'{lake.folder("polls", ("2025-03-03",))}/gone.parquet'
    with pytest.raises(GoneFile, match=r'gone\.parquet'):
        lake.read('polls', [path])
    assert lake.read_settled('polls', [path]).num_rows == 0


def test_a_folder_that_is_exchanged_while_its_names_are_read_is_read_again(tmp_path, monkeypatch):
    storage, folder, other = LocalStorage(), tmp_path / 'there', tmp_path / 'other'
    for one, name in ((folder, 'old'), (other, 'new')):
        one.mkdir()
        (one / name).touch()
    scan = os.scandir

    def scandir(path: Any) -> Any:
        entries = scan(path)
        if other.exists():
            storage.exchange(str(folder), str(other))
            (other / 'old').unlink()
            other.rmdir()
        return entries

    monkeypatch.setattr(os, 'scandir', scandir)
    assert storage.list_files(str(folder)) == [str(folder / 'new')]


def test_repair_sweeps_what_dead_repairs_left_within_the_lease(lake, monkeypatch):
    commit(lake, article())
    left = f'{lake.root}/_work/repair-0'
    os.makedirs(f'{left}/exchange-1')
    Path(f'{left}/exchange-1/rows.parquet').touch()
    held = {}
    delete = LocalStorage.delete_folder

    def delete_folder(self: LocalStorage, folder: str) -> None:
        held[folder] = os.path.exists(f'{lake.root}/_lease')
        delete(self, folder)

    monkeypatch.setattr(LocalStorage, 'delete_folder', delete_folder)
    list(repair(lake, 'repair-1', NOON))
    assert held[left]
    assert not os.path.exists(left)


def test_a_run_that_began_since_the_repair_did_gets_no_ledger_rows_from_it(lake):
    commit(lake, article())
    assert add_rows_of_articles(lake, (), 'repair-1') == 0
    finish(lake)
    assert add_rows_of_articles(lake, (), 'repair-1') == 1


def test_ingest_leaves_the_staging_of_a_pipeline_that_may_be_at_work_alone(lake, capsys):
    (staged,) = stage_articles(lake, article(), run_id='mine')
    rounds.roll_forward(lake)
    assert 'Run mine staged something in the last 600 s' in capsys.readouterr().err
    assert os.path.exists(staged.path)
    os.utime(staged.path, (1, 1))
    rounds.roll_forward(lake)
    assert 'Run mine was interrupted; 1 articles' in capsys.readouterr().err
    assert not os.path.exists(staged.path)


class _Waiting(LocalStorage):
    """Before it first shows a file to readers it lets another thread do what it can."""

    def __init__(self) -> None:
        self.there, self.done = threading.Event(), threading.Event()

    def publish(self, staged: str, final: str) -> None:
        if not self.there.is_set():
            self.there.set()
            self.done.wait(1.0)
        super().publish(staged, final)


def test_two_threads_that_date_a_row_on_two_days_write_it_once(tmp_path: Path) -> None:
    storage = _Waiting()
    lake = Lake(str(tmp_path), storage)
    early, late = (
        decided(dataclasses.replace(sighting(), seen_at=moment), Disposition.REJECTED)
        for moment in (MIDNIGHT - 1, MIDNIGHT)
    )

    def second() -> None:
        assert storage.there.wait(60)
        add_row_objects(lake, 'ledger', [late], 'run-1')
        storage.done.set()

    thread = threading.Thread(target=second)
    thread.start()
    add_row_objects(lake, 'ledger', [early], 'run-1')
    thread.join()
    assert lake.read('ledger', lake.files('ledger'), ('sighting_id',)).num_rows == 1
