"""Bad input is answered in one sentence that names it and says what to do, with exit code 2."""

import pandas
import pytest

from examples.serve import serve
from pipelines.cli import run_command

LOCAL = ('--fetch_allow_private_networks=127.0.0.0/8', '--fetch_min_delay=0', '--entities_model=none')


@pytest.fixture
def said(capsys):
    """Runs a command that must fail with exit code 2, and gives the sentence it says."""

    def run(module, *arguments):
        assert run_command(module, [str(argument) for argument in arguments]) == 2
        printed = capsys.readouterr()
        assert printed.out == ''
        (line,) = printed.err.splitlines()
        assert line.startswith('dateline: ') and 'Traceback' not in line
        return line

    return run


def test_a_missing_file_is_named(said, tmp_path):
    assert 'nowhere.opml' in said('pipelines.batch', tmp_path / 'nowhere.opml', '--output', tmp_path / 'lake')


def test_an_opml_that_is_not_xml_is_named(said, tmp_path):
    source = tmp_path / 'feeds.opml'
    source.write_text('this is not XML at all')
    assert str(source) in said('pipelines.batch', source, '--output', tmp_path / 'lake')
    assert not (tmp_path / 'lake').exists()


def test_an_output_that_cannot_be_written_is_named(said, tmp_path):
    (tmp_path / 'file').write_text('')
    source = tmp_path / 'feeds.txt'
    source.write_text('http://127.0.0.1:9/rss\n')
    line = said('pipelines.batch', source, '--output', tmp_path / 'file' / 'lake', *LOCAL)
    assert str(tmp_path / 'file' / 'lake') in line and 'cannot be written' in line


def test_a_missing_output_is_asked_for(said, tmp_path):
    assert '--output' in said('pipelines.batch', 'http://127.0.0.1:9/rss')


@pytest.mark.parametrize(
    'flag, near',
    [('--outptu', '--output'), ('--fetch_min_dely=1', '--fetch_min_delay'), ('--runer=x', '--runner')],
)
def test_an_unknown_flag_is_an_error_that_names_the_nearest(said, tmp_path, flag, near):
    assert f'did you mean {near}?' in said('pipelines.batch', 'f.opml', '--output', tmp_path / 'lake', flag)


@pytest.mark.parametrize(
    'flag',
    ['--limit=0', '--since=yesterday', '--fetch_min_delay=-1', '--fetch_allow_private_networks=10.0.0.0/99'],
)
def test_a_value_that_cannot_be_meant_is_named(said, tmp_path, flag):
    assert flag.partition('=')[0] in said('pipelines.batch', 'f.opml', '--output', tmp_path / 'lake', flag)


def test_a_runner_that_beam_does_not_know_is_named(said, tmp_path):
    assert 'Nonsense' in said('pipelines.batch', 'f.opml', '--output', tmp_path / 'lake', '--runner=Nonsense')


def test_a_lake_that_beam_cannot_reach_is_named(said, tmp_path):
    source = tmp_path / 'feeds.txt'
    source.write_text('http://127.0.0.1:9/rss\n')
    assert 'nosuch://lake' in said('pipelines.batch', source, '--output', 'nosuch://lake')


def test_a_bad_outlets_file_is_named_with_its_line(said, tmp_path):
    source, outlets = tmp_path / 'feeds.txt', tmp_path / 'outlets.csv'
    source.write_text('http://127.0.0.1:9/rss\n')
    outlets.write_text(
        'id,name,domain,country,language,timezone,kind,agency\n444,Four,f.example,US,en,,newspaper,\n'
    )
    line = said('pipelines.batch', source, '--output', tmp_path / 'lake', '--outlets_file', outlets)
    assert f'{outlets}:2' in line


def test_a_model_that_is_not_installed_is_named(said, tmp_path):
    with serve(base_port=0) as site:
        source = tmp_path / 'feeds.txt'
        source.write_text(site.feed_urls[0] + '\n')
        line = said(
            'pipelines.batch', source, '--output', tmp_path / 'lake', *LOCAL[:2], '--entities_model=no_such'
        )
    assert 'no_such' in line


def test_a_list_with_blank_and_malformed_lines_is_ingested_for_the_rest(tmp_path, capsys):
    with serve(base_port=0) as site:
        source = tmp_path / 'feeds.txt'
        source.write_text(f'# my feeds\n\nnot a feed\n{site.feed_urls[0]}\nhttp://\n')
        assert run_command('pipelines.batch', [str(source), '--output', str(tmp_path / 'lake'), *LOCAL]) == 0
    said = capsys.readouterr().err
    assert 'line 3' in said and 'line 5' in said
    ledger = pandas.read_parquet(tmp_path / 'lake' / 'ledger')
    lines = ledger[ledger['subject'] == 'source_line']
    assert sorted(lines['reason']) == ['source_unreadable'] * 2
    assert len(pandas.read_parquet(tmp_path / 'lake' / 'articles'))
    assert run_command('pipelines.check', [str(tmp_path / 'lake')]) == 0


def test_a_lake_that_is_being_written_to_is_named(said, tmp_path):
    from pipelines import run_lock

    with serve(base_port=0) as site, run_lock.hold(str(tmp_path / 'lake'), 'nightly-1'):
        line = said('pipelines.batch', site.feed_urls[0], '--output', tmp_path / 'lake', *LOCAL)
    assert 'another run (nightly-1)' in line


@pytest.mark.parametrize('module', ['pipelines.batch', 'pipelines.feeds', 'pipelines.extract'])
def test_a_proxy_that_cannot_be_used_is_named(said, tmp_path, monkeypatch, module):
    monkeypatch.setenv('http_proxy', 'socks5://localhost:1')
    output = ['--output', tmp_path / 'lake'] if module == 'pipelines.batch' else []
    line = said(module, 'http://example.org/', *output)
    assert 'socks5://localhost:1' in line and 'http_proxy' in line


def test_check_names_what_is_no_lake(said, tmp_path):
    assert 'no such folder' in said('pipelines.check', tmp_path / 'nowhere')
    assert 'holds no table' in said('pipelines.check', tmp_path)
    assert 'Beam cannot reach it' in said('pipelines.check', 'nowhere://bucket/lake')


def test_check_takes_seconds_that_can_be_meant(said, tmp_path):
    assert "'x' is not a number from 0" in said('pipelines.check', tmp_path, '--stale_after=x')
    assert "'nan' is not a number from 0" in said('pipelines.check', tmp_path, '--stale_after=nan')


def test_extract_and_annotate_name_files_that_are_not_there(said, tmp_path):
    assert 'nowhere' in said('pipelines.extract', '--manifest', tmp_path / 'nowhere')
    assert 'nowhere' in said('pipelines.annotate', tmp_path / 'nowhere')
    assert 'pages' in said('pipelines.extract')
