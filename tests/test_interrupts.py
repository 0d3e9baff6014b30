"""Runs that are ended from outside: what is left is a lake that balances, and the next run completes it."""

import glob
import os
import pty
import re
import signal
import subprocess
import sys
import time

import pandas
import psutil
import pytest

from examples.serve import serve
from pipelines.cli import run_command
from tests.terminals import all_of

DEADLINE_S = 120


@pytest.fixture
def site():
    with serve(base_port=0) as served:
        yield served


def start(site, tmp_path, *more, **options):
    opml = tmp_path / 'feeds.opml'
    opml.write_text(site.opml, encoding='utf-8')
    flags = ['--output', str(tmp_path / 'lake'), '--fetch_allow_private_networks=127.0.0.0/8']
    command = [sys.executable, '-m', 'pipelines.cli', 'ingest', str(opml), *flags, *more]
    return subprocess.Popen(command, **options)


def wait_until(process, condition):
    """Waits until the condition holds or the process has ended."""
    end = time.monotonic() + DEADLINE_S
    while not condition() and process.poll() is None:
        assert time.monotonic() < end, 'the moment to interrupt never came'
        time.sleep(0.002)


def files(tmp_path, pattern):
    return glob.glob(str(tmp_path / 'lake' / pattern), recursive=True)


def assert_complete(site, tmp_path):
    """The next run completes the lake: every article once, the books balanced."""
    assert start(site, tmp_path, '--fetch_min_delay=0').wait(DEADLINE_S) == 0
    assert run_command('pipelines.check', [str(tmp_path / 'lake')]) == 0
    articles = pandas.read_parquet(tmp_path / 'lake' / 'articles')
    assert len(articles) >= 40
    assert not articles['article_id'].duplicated().any()
    assert not files(tmp_path, '_staging/**/*.parquet')


@pytest.mark.parametrize(
    'moment',
    [
        '_staging/*/articles/*.parquet',
        'articles/**/*.parquet',
        '_staging/*/ledger/*.parquet',
        'ledger/**/*.parquet',
        '_staging/*/polls/*.parquet',
        'polls/**/*.parquet',
    ],
)
def test_kill_9_leaves_a_lake_that_the_next_run_completes(site, tmp_path, moment):
    for attempt in range(5):  # on a busy machine the moment may pass unseen; then there is nothing to kill
        folder = tmp_path / str(attempt)
        folder.mkdir()
        process = start(site, folder, '--fetch_min_delay=0')
        wait_until(process, lambda folder=folder: files(folder, moment))
        process.kill()
        if process.wait(DEADLINE_S) == -signal.SIGKILL:
            break
    else:
        pytest.fail('the moment passed unseen five times')
    assert run_command('pipelines.check', [str(folder / 'lake')]) == 0
    for path in files(folder, 'articles/**/*.parquet'):  # whatever a reader sees is whole
        pandas.read_parquet(path)
    assert_complete(site, folder)


def test_ctrl_c_commits_what_is_in_flight_and_the_next_run_does_the_rest(site, tmp_path):
    process = start(site, tmp_path, '--fetch_min_delay=0.3', stderr=subprocess.PIPE, text=True)
    pages = {site.url_of(article).split('/', 3)[3] for article in site.sources.articles}
    wait_until(process, lambda: sum(request.path.lstrip('/') in pages for request in site.requests) >= 5)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 130
    assert 'Interrupted. What was committed is in' in said and 'Traceback' not in said
    assert run_command('pipelines.check', [str(tmp_path / 'lake')]) == 0
    committed = len(pandas.read_parquet(tmp_path / 'lake' / 'articles'))
    assert 0 < committed < 40
    ledger = pandas.read_parquet(tmp_path / 'lake' / 'ledger')
    assert (ledger['reason'] == 'run_ended').any()
    assert_complete(site, tmp_path)


def test_sigterm_to_all_processes_of_a_run_loses_none_of_its_pages(site, tmp_path):
    # So systemd ends a service where its unit does not say otherwise, and a container's runtime some pods.
    process = start(site, tmp_path, '--fetch_min_delay=0.3', stderr=subprocess.PIPE, text=True)
    pages = {site.url_of(article).split('/', 3)[3] for article in site.sources.articles}
    wait_until(process, lambda: sum(request.path.lstrip('/') in pages for request in site.requests) >= 5)
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    for one in [psutil.Process(process.pid), *children]:
        one.terminate()
    _, said = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 130 and 'Traceback' not in said
    ledger = pandas.read_parquet(tmp_path / 'lake' / 'ledger')
    assert not (ledger['reason'] == 'worker_died').any()
    assert (ledger['disposition'] == 'written').any() and (ledger['reason'] == 'run_ended').any()
    assert not psutil.wait_procs(children, DEADLINE_S)[1]


def test_a_pipe_sees_no_progress_and_a_terminal_does(site, tmp_path):
    piped = start(site, tmp_path, '--fetch_min_delay=0', stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = piped.communicate(timeout=DEADLINE_S)
    assert err == b'' and b'\x1b' not in out and b'\r' not in out

    other = tmp_path / 'terminal'
    other.mkdir()
    ours, theirs = pty.openpty()
    process = start(
        site,
        other,
        '--fetch_min_delay=0.2',
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env=os.environ | {'TERM': 'xterm'},
    )
    os.close(theirs)
    seen = all_of(ours)
    assert process.wait(DEADLINE_S) == 0
    assert b'pages' in seen and re.search(rb'\d/s', seen)
