"""`dateline ingest` on Prism, Beam's runner in Go, where its binary is."""

import os
import shutil

import pandas
import pytest

from pipelines.cli import run_command
from tests.made_site import made_sites, page
from transforms import processes

PRISM = os.environ.get('DATELINE_PRISM') or shutil.which('prism')  # without it, conftest leaves this out


@pytest.fixture(autouse=True)
def clean_processes():
    yield
    processes.close_all()


def test_a_batch_job_on_prism_writes_each_article_once(tmp_path):
    assert PRISM and os.access(PRISM, os.X_OK)
    with made_sites(2) as hosts:
        feeds = []
        for number, host in enumerate(hosts):
            host.answers |= {f'/{n}': page(f'Report {n}', f'word{number}{n}') for n in range(5)}
            feeds.append(host.feed(*((f'Report {n}', f'/{n}') for n in range(5))))
        arguments = [
            *(*feeds, '--output', str(tmp_path / 'lake'), '--fetch_allow_private_networks=127.0.0.0/8'),
            *('--fetch_min_delay=0', '--analysis_processes=1', '--entities_model=none'),
            *('--runner=PrismRunner', f'--prism_location={PRISM}', '--environment_type=LOOPBACK'),
        ]
        assert run_command('pipelines.batch', arguments) == 0
        assert all(host.asked.count(f'/{n}') == 1 for host in hosts for n in range(5))
    assert len(pandas.read_parquet(tmp_path / 'lake' / 'articles')) == 10
    assert run_command('pipelines.check', [str(tmp_path / 'lake')]) == 0
