"""What a person reads at the end of a run: which feeds failed, and a line to be pasted."""

import io
import os
import subprocess
import sys

import pandas
import pytest

from pipelines import summary
from pipelines.run_facts import RunFacts
from schemas.settings import RunSettings
from transforms.functions.leaving_out import leave_out


def shown(lake='lake', feeds=(), refused=(), has_articles=False):
    facts = RunFacts(
        feeds=dict(feeds), items_shown=0, items_unchanged=0, taken_up=0, revisited=0, dispositions={},
        refused=tuple(refused), written=0, has_articles=has_articles, articles=(), untagged={}, from_feed=0,
        article_files=0, faults=(),
    )  # fmt: skip
    out = io.StringIO()
    summary.show(facts, RunSettings(lake, 'run-1', 0), True, out)
    return out.getvalue()


def feed(url, reason, detail):
    return {'subject': 'feed', 'url': url, 'reason': reason, 'detail': detail}


def test_feeds_that_an_interrupted_run_did_not_ask_have_not_failed():
    refused = [
        feed('http://a.example/rss', 'run_ended', 'not begun'),
        feed('http://b.example/rss', 'http_4xx', '404'),
        feed('http://c.example/rss', 'run_ended', 'not begun'),
    ]
    text = shown(feeds={'failed': 3, 'ok': 1}, refused=refused)
    assert text.startswith('feeds      4: 1 failed, 1 ok, 2 not asked\n')
    assert 'a.example' not in text and 'feed http://b.example/rss: http_4xx (404)' in text
    assert 'Feeds that failed: 1.' in text
    assert 'failed' not in shown(feeds={'failed': 1}, refused=refused[:1])


@pytest.mark.parametrize('name', ['lake', "l'\u00e9t\u00e9", 'a "b" $HOME \\ c'])
def test_the_line_that_opens_the_lake_can_be_pasted(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    articles = tmp_path / name / 'articles'
    articles.mkdir(parents=True)
    pandas.DataFrame({'title': ['Flood']}).to_parquet(articles / 'a.parquet')
    (line,) = (line for line in shown(name, has_articles=True).splitlines() if line.startswith('open it'))
    env = os.environ | {'PATH': '/usr/bin:/bin'}  # no environment is active: `python` would be another one
    line = line.removeprefix('open it').strip()
    result = subprocess.run(['sh', '-c', line], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert 'Flood' in result.stdout, result.stderr


def test_where_pandas_is_not_installed_the_line_does_without(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, 'meta_path', list(sys.meta_path))
    monkeypatch.delitem(sys.modules, 'pandas')
    leave_out('pandas')  # as `dateline ingest` does for itself: it is installed all the same
    assert "pandas.read_parquet('lake/articles')" in shown(has_articles=True)
    monkeypatch.setattr(sys, 'path', [])
    text = shown(has_articles=True)
    assert 'pandas' not in text and "pyarrow.parquet.read_table('lake/articles')" in text


def test_an_interpreter_elsewhere_is_named_in_full_unless_it_is_the_one_on_the_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('PATH', str(tmp_path))
    assert f'open it    {sys.executable} -c' in shown(has_articles=True)
    monkeypatch.setenv('PATH', os.path.dirname(sys.executable))
    assert 'open it    python -c' in shown(has_articles=True)
