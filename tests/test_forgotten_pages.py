"""What was forgotten does not come back with a later run, by whatever URL; the feeds are read as before."""

import glob

import pandas
import pyarrow.parquet as pq
import pytest

from pipelines.cli import run_command
from tests.made_site import Answer, made_sites, page
from transforms.functions.forgotten import DETAIL

FLAGS = ['--fetch_allow_private_networks=127.0.0.0/8', '--fetch_min_delay=0', '--entities_model=none']


@pytest.fixture
def lake(tmp_path):
    return str(tmp_path / 'lake')


def ingest(lake, feed):
    assert run_command('pipelines.batch', [feed, '--output', lake, *FLAGS]) == 0
    assert run_command('pipelines.check', [lake]) == 0


def everything(lake):
    """All values of all rows of the lake, as text."""
    return ' '.join(
        str(pq.ParquetFile(path).read().to_pylist())
        for path in glob.glob(f'{lake}/[a-z]*/**/*.parquet', recursive=True)
    )


def test_a_forgotten_article_stays_away_by_all_of_its_urls(lake):
    with made_sites() as (site,):
        site.answers |= {'/secret': page('A secret', 'harbour'), '/other': page('Other', 'river')}
        feed = site.feed(('A secret', '/secret'), ('Other', '/other'))
        ingest(lake, feed)
        assert run_command('pipelines.forget', [lake, f'{site.base}/secret']) == 0
        assert 'secret' not in everything(lake)
        # Its entry is edited; another page says that it is the same article.
        alias = page('A secret', 'harbour')
        canonical = f'<link rel="canonical" href="{site.base}/secret"></head>'
        site.answers['/alias'] = Answer(alias.body.replace('</head>', canonical))
        site.feed(('A secret, corrected', '/secret'), ('Other', '/other'), ('By another way', '/alias'))
        site.asked.clear()
        ingest(lake, feed)
        assert '/secret' not in site.asked and '/alias' in site.asked
        ingest(lake, feed)
        polls = pandas.read_parquet(f'{lake}/polls').sort_values('polled_at')
    found = everything(lake)
    assert 'secret' not in found and 'alias' not in found
    assert pandas.read_parquet(f'{lake}/articles')['title'].tolist() == ['Other']
    ledger = pandas.read_parquet(f'{lake}/ledger')
    refused = ledger[ledger['disposition'] == 'rejected']
    assert refused['detail'].tolist() == [DETAIL] * 3
    assert refused['url'].isna().all()
    # The poll counts though its rows are emptied: the third one finds nothing changed.
    assert polls['items_unchanged'].tolist() == [0, 1, 3]
