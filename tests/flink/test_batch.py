"""`dateline ingest` on a Flink cluster: the same lake as on one machine, and nothing lost or doubled."""

import pandas
import pytest

from deploy.flink.cluster import Cluster
from examples.serve import serve
from pipelines.cli import run_command
from schemas.tables import OBSERVATION_COLUMNS, TABLES
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
