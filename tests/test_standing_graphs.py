"""A round's graph is built once for many rounds; each is of its own run, with its own feeds and counters."""

import dataclasses
from collections import Counter
from pathlib import Path

import pandas
import pytest

from pipelines import rounds
from pipelines.command_line import add_groups, parse
from pipelines.flag_settings import analysis_settings, fetch_settings, run_settings
from pipelines.interrupts import GracefulInterrupt
from pipelines.usage import Parser
from schemas.boilerplate import LearnedLine, Snapshot
from schemas.feeds import Feed
from tests.made_site import made_sites, page
from tests.test_faults import FLAGS
from transforms import metrics, standing_graphs

STARTED_AT = 1_741_305_600_000_000


class Job:
    """Runs on one lake, by one ``Rounds``."""

    def __init__(self, lake, monkeypatch, *more):
        parser = Parser(prog='test')
        add_groups(parser)
        self.lake = Path(lake)
        flags, options = parse(parser, ['--output', str(lake), *FLAGS, *more])
        self.analysis = analysis_settings(flags)
        self.base = run_settings(flags, '', 0)
        self.rounds = rounds.Rounds(fetch_settings(flags), options)
        self.started_at = STARTED_AT
        self.built = 0
        expand = rounds.Ingest.expand

        def counted(ingest, feeds):
            self.built += 1
            return expand(ingest, feeds)

        monkeypatch.setattr(rounds.Ingest, 'expand', counted)

    def run(self, run_id, feed, **changes):
        self.started_at += 60_000_000
        run = dataclasses.replace(self.base, run_id=run_id, started_at=self.started_at, **changes)
        with GracefulInterrupt() as interrupt:
            return self.rounds.run((Feed(feed, None, ()),), run, self.analysis, interrupt)

    def rows(self, table, *columns):
        return sorted(pandas.read_parquet(self.lake / table)[[*columns]].itertuples(index=False, name=None))


@pytest.fixture
def site():
    with made_sites() as (one,):
        yield one


def show(site, numbers):
    site.answers |= {f'/{n}': page(f'Title {n}', f'word{n}') for n in numbers}
    return site.feed(*((f'Title {n}', f'/{n}') for n in numbers))


def test_the_graph_is_built_once_and_each_round_is_of_its_own_run(tmp_path, site, monkeypatch):
    job = Job(tmp_path / 'lake', monkeypatch)
    first = job.run('a', show(site, range(3)))
    second = job.run('b', show(site, range(3, 5)))
    third = job.run('c', show(site, range(5, 8)), limit=2)
    assert job.built == 1
    assert [one[metrics.PAGES_FETCHED] for one in (first, second, third)] == [3, 2, 2]
    written = Counter(run for run, _ in job.rows('articles', 'run_id', 'title'))
    assert written == {'a': 3, 'b': 2, 'c': 2}
    assert job.rows('polls', 'run_id') == [('a',), ('b',), ('c',)]
    assert Counter(job.rows('ledger', 'run_id')) == {('a',): 3, ('b',): 2, ('c',): 3}


def test_the_rounds_of_one_run_are_of_one_graph(tmp_path, site, monkeypatch):
    job = Job(tmp_path / 'lake', monkeypatch)
    counters = job.run('a', show(site, range(5)), round_urls=2)
    assert counters['rounds'] == 3 and job.built == 1
    assert len(job.rows('articles', 'title')) == 5
    assert job.rows('polls', 'run_id') == [('a',)]


def test_what_the_lake_has_taught_meanwhile_makes_another_graph(tmp_path, site, monkeypatch):
    job = Job(tmp_path / 'lake', monkeypatch)
    job.run('a', show(site, range(1)))
    ((outlet,),) = job.rows('articles', 'outlet')
    learned = Snapshot('s', STARTED_AT, ((outlet, (LearnedLine('Sign up', 5, 9),)),))
    job.analysis = dataclasses.replace(job.analysis, boilerplate=learned)
    job.run('b', show(site, range(2)))
    job.run('c', show(site, range(3)))
    assert job.built == 2
    articles = pandas.read_parquet(job.lake / 'articles').set_index('title')
    stripped_by = articles['boilerplate_snapshot'].dropna()
    assert dict(stripped_by) == {'Title 1': 's', 'Title 2': 's'}


def test_a_round_that_failed_is_over_and_the_next_one_runs(tmp_path, site, monkeypatch):
    job = Job(tmp_path / 'lake', monkeypatch)
    job.run('a', show(site, range(1)))
    (ledger,) = job.lake.glob('ledger/*/*.parquet')
    whole = ledger.read_bytes()
    ledger.write_bytes(whole[:100])
    with pytest.raises(Exception, match='cannot be read'):
        job.run('b', show(site, range(2)))
    assert not standing_graphs._present
    ledger.write_bytes(whole)
    job.run('c', show(site, range(2)))
    assert job.built == 1
    assert job.rows('articles', 'run_id', 'title') == [('a', 'Title 0'), ('c', 'Title 1')]


def test_workers_in_processes_of_their_own_get_a_graph_for_each_round(tmp_path, site, monkeypatch):
    flags = ('--direct_running_mode=multi_processing', '--direct_num_workers=2', '--analysis_processes=1')
    job = Job(tmp_path / 'lake', monkeypatch, *flags)
    job.run('a', show(site, range(1)))
    job.run('b', show(site, range(2)))
    assert job.built == 2
    assert job.rows('articles', 'run_id', 'title') == [('a', 'Title 0'), ('b', 'Title 1')]


def test_workers_in_threads_share_the_graph(tmp_path, site, monkeypatch):
    flags = ('--direct_running_mode=multi_threading', '--direct_num_workers=2', '--analysis_processes=1')
    job = Job(tmp_path / 'lake', monkeypatch, *flags)
    job.run('a', show(site, range(3)))
    job.run('b', show(site, range(5)))
    assert job.built == 1
    written = Counter(run for run, _ in job.rows('articles', 'run_id', 'title'))
    assert written == {'a': 3, 'b': 2}
