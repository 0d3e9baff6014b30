"""Boilerplate through the whole job: what one run brings into the lake, the next one strips."""

import json

import pandas

from pipelines.cli import run_command
from tests.made_site import Answer, made_sites
from tests.test_boilerplate import SIGN_UP, prose
from tests.test_faults import FLAGS


def page(number):
    lines = ''.join(f'<p>{line}</p>' for line in [*prose(number, 6), SIGN_UP])
    return Answer(
        f'<html><head><title>Story {number}</title></head><body><article><h1>Story {number}</h1>{lines}'
        '</article></body></html>'
    )


def test_a_line_below_every_article_is_stripped_from_the_next_run_on_and_explained(tmp_path, capsys):
    lake = str(tmp_path / 'lake')

    def ingest():
        assert run_command('pipelines.batch', [feed, '--output', lake, *FLAGS]) == 0
        assert run_command('pipelines.check', [lake]) == 0

    with made_sites() as (site,):
        site.answers |= {f'/{n}': page(n) for n in range(17)}
        feed = site.feed(*((f'Story {n}', f'/{n}') for n in range(15)))
        ingest()
        feed = site.feed(*((f'Story {n}', f'/{n}') for n in range(16)))
        ingest()
        articles = pandas.read_parquet(f'{lake}/articles').set_index('title')
        assert SIGN_UP in articles.loc['Story 3', 'body']
        new = articles.loc['Story 15']
        assert SIGN_UP not in new['body'] and list(new['boilerplate']) == [SIGN_UP]
        assert new['boilerplate_snapshot'] and articles['boilerplate_snapshot'].notna().sum() == 1
        capsys.readouterr()
        loopback = '--fetch_allow_private_networks=127.0.0.0/8'
        asked = ['--explain', '--lake', lake, loopback, site.base + '/16']
        assert run_command('pipelines.extract', asked) == 0
        line = json.loads(capsys.readouterr().out)
        assert {'rule': 'learned_boilerplate', 'line': SIGN_UP} in line['removed']
        assert run_command('pipelines.extract', [loopback, site.base + '/16']) == 0
        line = json.loads(capsys.readouterr().out)
        assert 'removed' not in line and SIGN_UP in line['body']
