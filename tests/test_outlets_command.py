"""dateline outlets: the registry answers, and a lake's unknown outlets become rows for one's own file."""

import csv
import io
import json

import pytest

from pipelines.cli import run_command
from schemas.articles import Outlet
from tests.made_lakes import stage_articles
from tests.made_rows import NOON, article, sighting
from transforms.functions.article_commit import commit_articles
from transforms.functions.lake import Lake
from transforms.functions.outlets import OutletRegistry, Profile, load_outlets
from transforms.functions.redirectors import unwrap
from transforms.functions.storage import LocalStorage


def ask(*arguments):
    return run_command('pipelines.outlets', list(arguments))


@pytest.mark.parametrize(
    ('query', 'first'),
    [
        ('rudaw', 'rudaw'),
        ('Russia Today', 'rt'),
        ('https://www.bbc.com/news/world-1', 'bbc'),
        ('amp.theguardian.com', 'guardian'),
        ('kurdistan 24', 'kurdistan24'),
    ],
)
def test_the_registry_answers_by_name_domain_and_address(query, first, capsys):
    assert ask('--json', *query.split()) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])['id'] == first


def test_a_line_for_people_says_what_it_is_and_where(capsys):
    assert ask('rt') == 0
    line = capsys.readouterr().out.splitlines()[0]
    assert line == 'rt  RT, formerly Russia Today (broadcaster; Moscow, RU, en, Europe/Moscow)  rt.com'


def test_what_nobody_knows_is_said_with_what_to_do(capsys):
    assert ask('zzzz-none') == 1
    assert '--outlets_file' in capsys.readouterr().err


@pytest.mark.parametrize('arguments', [(), ('bbc', '--unknown', 'lake'), ('--unknown', '/no/such/lake')])
def test_bad_usage_is_a_sentence(arguments, capsys):
    assert ask(*arguments) == 2
    assert capsys.readouterr().err.startswith('dateline: ')


def test_a_folder_that_is_no_lake_is_said_to_be_none(tmp_path, capsys):
    assert ask('--unknown', str(tmp_path)) == 2
    printed = capsys.readouterr()
    assert 'holds no table of a lake' in printed.err and not printed.out


def test_unknown_outlets_of_a_lake_become_a_registry_file(tmp_path, capsys):
    lake = Lake(str(tmp_path / 'lake'), LocalStorage())
    dales = Outlet('dales-herald-example', 'Dales Herald', 'dales.example', 'GB')
    for day, outlet, items in (('2025-03-03', dales, 'abc'), ('2025-03-04', dales, 'd')):
        rows = [article(f'Text {item}.', sighting(item), outlet=outlet) for item in items]
        commit_articles(lake, (day, outlet.id), stage_articles(lake, *rows), 'run-1', NOON)
    known = article('Other.', sighting('x'), outlet=Outlet('rudaw', 'Rudaw', 'rudaw.net'))
    commit_articles(lake, ('2025-03-03', 'rudaw'), stage_articles(lake, known), 'run-1', NOON)
    assert ask('--unknown', lake.root) == 0
    printed = capsys.readouterr().out
    (row,) = csv.DictReader(io.StringIO(printed))
    assert (row['id'], row['name'], row['domain'], row['articles']) == (
        'dales-herald-example',
        'Dales Herald',
        'dales.example',
        '4',
    )
    own = tmp_path / 'own.csv'
    own.write_text(printed)
    assert load_outlets((str(own),)).find('https://www.dales.example/1').id == dales.id
    assert ask('--unknown', lake.root, '--outlets_file', str(own)) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_path_rule_tells_two_outlets_of_one_host_apart():
    def profile(name, *domains):
        return Profile(Outlet(name, name, domains[0]), domains, None, 'website', None)

    registry = OutletRegistry(
        [
            profile('whole', 'example.org'),
            profile('english', 'example.org/en'),
            profile('sport', 'example.org/en/sport', 'sport.example'),
        ]
    )
    found = [
        registry.find(f'https://www.example.org{path}').id
        for path in ('/', '/en', '/en/1', '/english/1', '/EN/sport/2', '/de/en')
    ]
    assert found == ['whole', 'english', 'english', 'whole', 'sport', 'whole']


def test_links_of_search_engines_and_networks_are_read_for_the_address_that_they_carry():
    target = 'https://example.org/a?b=1'
    wrapped = 'https://www.google.com/url?sa=t&url=https%3A%2F%2Fexample.org%2Fa%3Fb%3D1'
    assert unwrap(wrapped) == target
    assert unwrap('https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2Fa%3Fb%3D1&h=x') == target
    assert (
        unwrap('http://www.bing.com/news/apiclick.aspx?ref=F&url=https%3a%2f%2fexample.org%2fa%3fb%3d1')
        == target
    )
    assert unwrap('https://www.google.com/amp/s/example.org/a?b=1') == target
    for url in (
        target,
        'https://www.google.com/url?q=javascript:1',
        'https://www.google.com/search?q=http://a.b',
    ):
        assert unwrap(url) == url
    assert unwrap('http://[::1') == 'http://[::1'
