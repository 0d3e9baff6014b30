"""`dateline ingest` on a Flink cluster: the same lake as on one machine, and nothing lost or doubled."""

import collections
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any, Optional

import pandas
import pytest

from deploy.flink.cluster import Cluster
from examples.serve import serve
from pipelines.cli import run_command
from schemas.tables import OBSERVATION_COLUMNS, TABLES
from tests.made_site import made_sites
from tests.publishing import Newsroom, articles
from transforms import processes

FLAGS = ('--fetch_allow_private_networks=127.0.0.0/8', '--analysis_processes=1')


@pytest.fixture(autouse=True)
def clean_processes():
    yield
    processes.close_all()


def rows(lake: str, table: str) -> list[tuple[str, ...]]:
    """The table's rows in an order of their own, without what depends on when and by which run they came."""
    read = pandas.read_parquet(f'{lake}/{table}')
    kept = [column for column in sorted(read.columns) if column not in OBSERVATION_COLUMNS]
    return sorted(tuple(map(str, row)) for row in read[kept].itertuples(index=False, name=None))


def test_a_batch_job_gives_the_same_lake_row_for_row(cluster: Cluster, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with serve(base_port=0) as site:
        (tmp_path / 'feeds.opml').write_text(site.opml, encoding='utf-8')
        (tmp_path / 'outlets.csv').write_text(site.outlets_csv, encoding='utf-8')
        for lake, more in (('one', ()), ('cluster', cluster.flags)):
            flags = (*FLAGS, '--fetch_min_delay=0', '--outlets_file=outlets.csv', *more)
            assert run_command('pipelines.batch', ['feeds.opml', '--output', lake, *flags]) == 0
    for table in TABLES:
        assert rows('cluster', table) == rows('one', table)
    assert len(rows('cluster', 'articles')) >= 40
    assert run_command('pipelines.check', ['cluster']) == 0


def work_of_subtasks(cluster: Cluster, stage: str) -> dict[str, int]:
    """By host and port of the TaskManager, how much a stage of the last job read there."""
    jobs = cluster.ask('/jobs/overview')['jobs']
    job: dict[str, Any] = max(jobs, key=lambda one: one['start-time'])
    found: dict[str, int] = {}
    for vertex in cluster.ask(f'/jobs/{job["jid"]}')['vertices']:
        if stage in vertex['name']:
            for task in cluster.ask(f'/jobs/{job["jid"]}/vertices/{vertex["id"]}')['subtasks']:
                place = task['taskmanager-id']
                found[place] = found.get(place, 0) + task['metrics']['read-records']
    return found


def test_limits_of_each_host_hold_across_both_workers(cluster: Cluster, tmp_path):
    with made_sites(8) as hosts:
        newsroom = Newsroom(hosts, latency_s=0.05)
        newsroom.publish(8 * 8)
        newsroom.list_feeds(tmp_path / 'feeds.txt')
        flags = (*FLAGS, '--entities_model=none', '--fetch_min_delay=0.3', *cluster.flags)
        arguments = [str(tmp_path / 'feeds.txt'), '--output', str(tmp_path / 'lake'), *flags]
        assert run_command('pipelines.batch', arguments) == 0
        assert newsroom.asked() == collections.Counter(newsroom.urls)
        for host in hosts:
            assert host.most_at_once <= 2
            assert host.shortest_gap_s >= 0.3
    work = work_of_subtasks(cluster, '{FetchPages')
    assert len(work) == 2 and min(work.values()) > 0  # both fetched


class KillOnceStaged(threading.Thread):
    """Ends a worker by SIGKILL once articles are staged, and notes which were."""

    def __init__(self, cluster: Cluster, lake: Path) -> None:
        super().__init__(daemon=True)
        self._cluster, self._lake = cluster, lake
        self.staged: Optional[set[str]] = None

    def run(self) -> None:
        until = time.monotonic() + 240
        while time.monotonic() < until:
            files = list(self._lake.glob('_staging/*/articles/*.parquet'))
            if files:
                self.staged = {url for file in files for url in pandas.read_parquet(file)['url']}
                os.kill(self._cluster.workers()[0], signal.SIGKILL)
                return
            time.sleep(0.02)


def test_a_worker_that_is_killed_costs_no_article_and_what_was_staged_is_not_fetched_again(
    cluster: Cluster, tmp_path
):
    with made_sites(6) as hosts:
        newsroom = Newsroom(hosts, latency_s=0.1)
        newsroom.publish(6 * 70)
        newsroom.list_feeds(tmp_path / 'feeds.txt')
        flags = (*FLAGS, '--entities_model=none', '--fetch_min_delay=0.02', *cluster.flags)
        killer = KillOnceStaged(cluster, tmp_path / 'lake')
        killer.start()
        arguments = [str(tmp_path / 'feeds.txt'), '--output', str(tmp_path / 'lake'), *flags]
        assert run_command('pipelines.batch', arguments) == 0
        killer.join()
        asked = newsroom.asked()
    assert killer.staged and len(killer.staged) < len(newsroom.urls)
    assert articles(tmp_path / 'lake') == collections.Counter(newsroom.urls)
    assert run_command('pipelines.check', [str(tmp_path / 'lake')]) == 0
    assert {asked[url] for url in killer.staged} == {1}
    print(f'{len(killer.staged)} were staged; {sum(n - 1 for n in asked.values())} were fetched again')
