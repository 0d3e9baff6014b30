"""What the README and the help show can be done as printed."""

import re
from pathlib import Path

import duckdb
import pandas
import pytest

from examples.serve import serve
from pipelines.cli import COMMANDS, run_command

ROOT = Path(__file__).parent.parent
README = (ROOT / 'README.md').read_text(encoding='utf-8')


def blocks(language):
    return re.findall(rf'```{language}\n(.*?)```', README, re.DOTALL)


@pytest.fixture(scope='module')
def ingested(tmp_path_factory):
    """A folder with a lake of the example site in it, as the README's examples expect."""
    folder = tmp_path_factory.mktemp('readme')
    with serve(base_port=0) as site:
        (folder / 'outlets.csv').write_text(site.outlets_csv, encoding='utf-8')
        flags = ['--fetch_allow_private_networks=127.0.0.0/8', '--fetch_min_delay=0']
        outlets = f'--outlets_file={folder}/outlets.csv'
        lake = str(folder / 'lake')
        assert run_command('pipelines.batch', [*site.feed_urls, '--output', lake, outlets, *flags]) == 0
    return folder


def test_the_pandas_example_finds_rows(ingested, monkeypatch, capsys):
    monkeypatch.chdir(ingested)
    names = {}
    exec(blocks('python')[0], names)
    assert len(names['articles']) and set(names['articles']['outlet'].astype(str)) == {'zagros-post'}
    assert len(names['zelensky'])


def test_the_reading_helpers_example_finds_rows(ingested, monkeypatch):
    monkeypatch.chdir(ingested)
    names = {}
    exec(blocks('python')[1], names)
    since = pandas.read_parquet('lake/articles', filters=[('date', '>=', '2025-03-03')])
    assert len(names['stories']) == len(since) - 2  # of the agency's story there are two copies
    assert names['then'].empty  # the example is ingested now, years later
    assert names['shared']['agency'].tolist() == ['meridian']


@pytest.mark.parametrize('query', blocks('sql'))
def test_each_query_finds_rows(ingested, monkeypatch, query):
    monkeypatch.chdir(ingested)
    assert duckdb.sql(query).fetchall()


def test_the_pipeline_example_fills_a_lake(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = (ROOT / 'docs' / 'architecture.md').read_text(encoding='utf-8')
    (code,) = re.findall(r'```python\n(.*?)```', page, re.DOTALL)
    with serve(base_port=0) as site:
        code = code.replace('https://example.org/rss', site.feed_urls[0])
        code = code.replace('FetchSettings(', "FetchSettings(allow_private=('127.0.0.0/8',), ")
        exec(code, {})
    assert run_command('pipelines.check', ['lake']) == 0
    assert list(tmp_path.glob('lake/articles/*/*/*.parquet'))
    assert not list(tmp_path.glob('lake/_staging/*'))


@pytest.mark.parametrize('name', COMMANDS)
def test_each_command_has_help_with_an_example(name, capsys):
    with pytest.raises(SystemExit) as exit:
        run_command(COMMANDS[name][0], ['--help'])
    assert exit.value.code == 0
    said = capsys.readouterr().out
    assert 'example:' in said and f'dateline {name}' in said and 'exit codes:' in said
    for line in said.splitlines():
        assert len(line) <= 120
