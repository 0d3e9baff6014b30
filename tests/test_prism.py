"""Batch and streaming on Prism, Beam's runner in Go, where its binary is."""

import collections
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.cli import run_command
from tests.made_site import made_sites
from tests.publishing import Newsroom, articles
from transforms import processes

PRISM = os.environ.get('DATELINE_PRISM')
pytestmark = pytest.mark.skipif(PRISM is None, reason='DATELINE_PRISM does not name the binary of Prism')


@pytest.fixture(autouse=True)
def clean_processes():
    yield
    processes.close_all()


def arguments(folder: Path, *sources: str) -> list[str]:
    return [
        *(*sources, '--output', str(folder / 'lake'), '--fetch_allow_private_networks=127.0.0.0/8'),
        *('--fetch_min_delay=0', '--analysis_processes=1', '--entities_model=none'),
        *('--runner=PrismRunner', f'--prism_location={PRISM}', '--environment_type=LOOPBACK'),
    ]


def test_a_batch_job_writes_each_article_once(tmp_path):
    with made_sites(2) as hosts:
        newsroom = Newsroom(hosts, latency_s=0.0)
        newsroom.publish(10)
        feeds = [f'{host.base}/rss' for host in hosts]
        # In a process of its own: Beam keeps one Prism for a process, and another test may have asked for it.
        command = [sys.executable, '-m', 'pipelines.cli', 'ingest', *arguments(tmp_path, *feeds)]
        assert subprocess.run(command, timeout=120).returncode == 0
        assert articles(tmp_path / 'lake') == newsroom.asked() == collections.Counter(newsroom.urls)
    assert run_command('pipelines.check', [str(tmp_path / 'lake')]) == 0


def test_a_job_that_never_ends_brings_each_article_once_and_ends_gently(tmp_path):
    with made_sites(2) as hosts:
        newsroom = Newsroom(hosts, latency_s=0.0)
        fast = ('--poll_min_interval=1s', '--poll_max_interval=1s', '--commit_every=1s')
        feeds = [f'{host.base}/rss' for host in hosts]
        command = [sys.executable, '-m', 'pipelines.cli', 'watch', *arguments(tmp_path, *feeds), *fast]
        process = subprocess.Popen(command)
        try:
            for count in (2, 6, 10):
                newsroom.publish(count)
                until = time.monotonic() + 120
                while len(articles(tmp_path / 'lake')) < count:
                    assert process.poll() is None and time.monotonic() < until
                    time.sleep(0.1)
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.wait()
        assert articles(tmp_path / 'lake') == newsroom.asked() == collections.Counter(newsroom.urls)
    assert run_command('pipelines.check', [str(tmp_path / 'lake')]) == 0
