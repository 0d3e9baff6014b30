"""`dateline watch` on a Flink cluster: workers die, the command is killed, and every article arrives once."""

import collections
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pandas
import pytest

from deploy.flink.cluster import Cluster
from pipelines.cli import run_command
from tests.made_site import made_sites
from tests.publishing import Newsroom, articles

FLAGS = (
    '--fetch_allow_private_networks=127.0.0.0/8', '--fetch_min_delay=0', '--analysis_processes=1',
    '--entities_model=none', '--poll_min_interval=1s', '--poll_max_interval=1s', '--commit_every=1s',
)  # fmt: skip
# How long the site publishes, in seconds.
PUBLISHES_S = float(os.environ.get('DATELINE_PUBLISH_S') or 180)
EVERY_S = 2.0
# Longer than anything here takes; only a failing test comes near it.
LIMIT_S = 240


@pytest.fixture
def newsroom(tmp_path) -> Iterator[Newsroom]:
    with made_sites(3) as hosts:
        room = Newsroom(hosts, latency_s=0.2)
        room.list_feeds(tmp_path / 'feeds.txt')
        yield room


@contextlib.contextmanager
def watching(folder, cluster: Cluster) -> Iterator[subprocess.Popen[bytes]]:
    """The command, for as long as the context lasts; ended gently unless it has ended before."""
    arguments = ['watch', str(folder / 'feeds.txt'), '--output', str(folder / 'lake'), *FLAGS, *cluster.flags]
    process = subprocess.Popen([sys.executable, '-m', 'pipelines.cli', *arguments])
    try:
        yield process
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(LIMIT_S) == 0
    finally:
        process.kill()
        process.wait()


def wait_until(holds: Callable[[], bool], seconds: float = LIMIT_S) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)


def jobs_at_work(cluster: Cluster) -> list[str]:
    return [job['name'] for job in cluster.ask('/jobs/overview')['jobs'] if job['state'] == 'RUNNING']


def publish_for(newsroom: Newsroom, seconds: float, *events: tuple[float, Callable[[], None]]) -> None:
    """Publishes steadily; each event comes after so many seconds, while a page is being fetched."""
    began = time.monotonic()
    count, waiting = len(newsroom.urls), list(events)
    before = newsroom.asked().total()
    while (passed := time.monotonic() - began) < seconds or waiting:
        newsroom.publish(count + int(min(passed, seconds) / EVERY_S))
        if waiting and passed >= waiting[0][0] and newsroom.asked().total() > before:
            waiting.pop(0)[1]()
        before = newsroom.asked().total()
        assert passed < seconds + LIMIT_S
        time.sleep(0.05)


def test_articles_arrive_once_though_a_task_manager_and_a_worker_are_killed(
    cluster: Cluster, newsroom: Newsroom, tmp_path
):
    def replace_task_manager() -> None:
        cluster.kill('taskmanager-1')
        cluster.start_task_manager('taskmanager-3')

    def kill_worker() -> None:
        os.kill(cluster.workers()[0], signal.SIGKILL)

    with watching(tmp_path, cluster):
        wait_until(lambda: len(articles(tmp_path / 'lake')) == 3)
        events = (PUBLISHES_S / 6, replace_task_manager), (PUBLISHES_S / 2, kill_worker)
        publish_for(newsroom, PUBLISHES_S, *events)
        wait_until(lambda: len(articles(tmp_path / 'lake')) == len(newsroom.urls))
    assert articles(tmp_path / 'lake') == collections.Counter(newsroom.urls)
    assert run_command('pipelines.check', [str(tmp_path / 'lake')]) == 0
    again = sum(count - 1 for count in newsroom.asked().values())
    rows = pandas.read_parquet(tmp_path / 'lake' / 'articles', columns=['url', 'ingested_at'])
    late = sorted(
        row.ingested_at.timestamp() - newsroom.published_at[row.url] for row in rows.itertuples(index=False)
    )
    print(
        f'{len(newsroom.urls)} articles; {again} pages were asked for again after the kills; in the lake '
        f'after {late[len(late) // 2]:.1f} s (median), {late[-1]:.1f} s at most'
    )


def test_a_job_that_is_submitted_again_takes_the_others_place_and_fetches_nothing_twice(
    cluster: Cluster, newsroom: Newsroom, tmp_path
):
    with watching(tmp_path, cluster) as first:
        wait_until(lambda: len(articles(tmp_path / 'lake')) == 3)
        first.kill()  # the job goes on
        newsroom.publish(9)
        wait_until(lambda: len(articles(tmp_path / 'lake')) == 9)
    earlier = jobs_at_work(cluster)
    assert len(earlier) == 1
    newsroom.publish(12)
    with watching(tmp_path, cluster):  # ended gently while there is something to do
        wait_until(lambda: len(jobs_at_work(cluster)) == 1 and jobs_at_work(cluster) != earlier)
        wait_until(lambda: len(articles(tmp_path / 'lake')) == 12)
        newsroom.publish(30)
        before = newsroom.asked().total()
        wait_until(lambda: newsroom.asked().total() > before)
    newsroom.publish(33)
    with watching(tmp_path, cluster):
        wait_until(lambda: len(articles(tmp_path / 'lake')) == 33)
    wait_until(lambda: not jobs_at_work(cluster))
    assert articles(tmp_path / 'lake') == newsroom.asked() == collections.Counter(newsroom.urls)
    assert run_command('pipelines.check', [str(tmp_path / 'lake')]) == 0


def test_a_job_that_a_new_job_server_does_not_know_is_ended_by_the_next_start(
    cluster: Cluster, newsroom: Newsroom, tmp_path
):
    newsroom.publish(3)
    with watching(tmp_path, cluster) as first:
        wait_until(lambda: len(articles(tmp_path / 'lake')) == 3)
        cluster.kill('job-server')
        assert first.wait(LIMIT_S) == 1
    earlier = jobs_at_work(cluster)
    assert len(earlier) == 1
    cluster.start_job_server()
    cluster.wait_for_job_server()
    with watching(tmp_path, cluster):
        wait_until(lambda: len(jobs_at_work(cluster)) == 1 and jobs_at_work(cluster) != earlier)
        newsroom.publish(6)
        wait_until(lambda: len(articles(tmp_path / 'lake')) == 6)
    wait_until(lambda: not jobs_at_work(cluster))
    assert articles(tmp_path / 'lake') == newsroom.asked() == collections.Counter(newsroom.urls)
