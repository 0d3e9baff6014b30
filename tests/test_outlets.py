"""Who published a page: hosts, slugs, the registry and what users add to it."""

import csv
import zoneinfo
from pathlib import Path
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.articles import Article, Evidence, Outlet
from tests.made_rows import article as made_article
from transforms.functions.agencies import load_agencies
from transforms.functions.datelines import _home
from transforms.functions.gazetteer import load_gazetteer
from transforms.functions.hosts import host_key, slug
from transforms.functions.outlets import KINDS, load_outlets, resolve_outlet

HEADER = 'id,name,domain,country,language,timezone,kind,agency\n'


def article(url: str, *, canonical: Optional[str] = None, site: Optional[str] = None) -> Article:
    return made_article(
        url=url,
        canonical_url=canonical,
        site_name=site,
        outlet=None,
        evidence=(Evidence('title', 'A title', 'page', True),),
    )


@pytest.mark.parametrize(
    ('url', 'key'),
    [
        ('https://www.bbc.co.uk/news', 'bbc.co.uk'),
        ('HTTPS://M.Example.COM.AU:8443/x', 'example.com.au'),
        ('http://127.0.0.1/', '127.0.0.1'),
        ('http://127.0.0.1:80/', '127.0.0.1'),
        ('http://127.0.0.1:8701/x', '127.0.0.1:8701'),
        ('http://localhost:9000/', 'localhost:9000'),
        ('http://[::1]:8080/', '[::1]:8080'),
        ('https://a.blogspot.com/', 'a.blogspot.com'),
        ('mailto:a@example.com', ''),
        ('http://[broken', ''),
        ('', ''),
    ],
)
def test_a_host_is_known_by_its_registrable_domain(url: str, key: str) -> None:
    assert host_key(url) == key


@given(st.text(max_size=80))
def test_any_text_has_a_host_key_and_a_slug(text: str) -> None:
    host_key(text)
    host_key(f'http://{text}/')
    made = slug(text)
    assert made and set(made) <= set('abcdefghijklmnopqrstuvwxyz0123456789-')
    assert any(c.isalpha() for c in made)


def test_slugs_of_different_domains_differ() -> None:
    domains = [
        'a-co.uk',
        'a.co.uk',
        '444.hu',
        'пример.рф',
        'другой.рф',
        '127.0.0.1:1',
        '127.0.0.1:2',
        'x.com',
    ]
    assert len({slug(domain) for domain in domains}) == len(domains)


@pytest.mark.parametrize(
    ('url', 'id'),
    [
        ('https://www.kurdistan24.net/en/story/1', 'kurdistan24'),
        ('https://amp.theguardian.com/world', 'guardian'),
        ('https://m.bbc.co.uk/news', 'bbc'),
        ('https://edition.cnn.com/2025', 'cnn'),
        ('https://japannews.yomiuri.co.jp/a', 'japannews'),
        ('https://www.yomiuri.co.jp/a', 'yomiuri'),
    ],
)
def test_subdomains_belong_to_the_outlet_of_the_longest_domain(url: str, id: str) -> None:
    found = load_outlets().find(url)
    assert found is not None and found.id == id


def test_a_name_that_only_ends_like_a_domain_is_another() -> None:
    assert load_outlets().find('https://notreuters.com/') is None


def test_the_canonical_address_decides_first() -> None:
    copy = article('https://proxy.example.org/read?u=1', canonical='https://www.reuters.com/world/1')
    resolved = resolve_outlet(copy, load_outlets())
    assert resolved.outlet is not None and resolved.outlet.id == 'reuters'
    assert resolved.evidence == (*copy.evidence, Evidence('outlet', 'reuters', 'registry', True))


@pytest.mark.parametrize(
    ('url', 'id'),
    [
        ('https://www-bbc-co-uk.cdn.ampproject.org/c/s/www.bbc.co.uk/news/1', 'bbc'),
        ('https://www.google.com/amp/s/www.reuters.com/world/1', 'reuters'),
        ('https://web.archive.org/web/20250303101500/https://www.rudaw.net/english/1', 'rudaw'),
        ('https://web.archive.org/web/20250303101500id_/http:/www.rudaw.net/english/1', 'rudaw'),
        ('https://archive.ph/20250303/https://www.rudaw.net/english/1', 'rudaw'),
        ('https://www-rudaw-net.translate.goog/english/1?_x_tr_sl=ku', 'rudaw'),
        ('https://translate.google.com/translate?sl=ku&u=https://www.rudaw.net/1', 'rudaw'),
        ('https://some--paper-example-org.translate.goog/1', 'example-org'),
        ('https://web.archive.org/about/', 'archive-org'),
    ],
)
def test_copies_translations_and_redirects_belong_to_the_outlet_that_published(url: str, id: str) -> None:
    resolved = resolve_outlet(article(url), load_outlets())
    assert resolved.outlet is not None and resolved.outlet.id == id


def test_an_unknown_site_gets_a_slug_and_the_name_it_states() -> None:
    resolved = resolve_outlet(
        article('https://news.smalltown.co.za/a', site='Small Town News'), load_outlets()
    )
    assert resolved.outlet == Outlet(
        'smalltown-co-za', 'Small Town News', 'smalltown.co.za', 'ZA', None, None
    )
    assert Evidence('outlet', 'smalltown-co-za', 'url', True) in resolved.evidence
    assert Evidence('outlet_name', 'Small Town News', 'open graph', True) in resolved.evidence


def test_a_server_on_this_machine_is_an_outlet_by_port() -> None:
    one, two = (
        resolve_outlet(article(f'http://127.0.0.1:{port}/a'), load_outlets()) for port in (8701, 8702)
    )
    assert one.outlet is not None and two.outlet is not None
    assert one.outlet.id != two.outlet.id and one.outlet.domain == '127.0.0.1:8701'


def test_a_users_file_extends_and_overrides(tmp_path: Path) -> None:
    file = tmp_path / 'mine.csv'
    file.write_text(
        HEADER
        + 'local-test,Local Test,127.0.0.1:8701,IQ,ku,Asia/Baghdad,website,\n'
        + 'bbc,My BBC,bbc.example,GB,en,Europe/London,broadcaster,\n'
    )
    registry = load_outlets([str(file)])
    local = registry.find('http://127.0.0.1:8701/a')
    assert local is not None and local.id == 'local-test'
    assert registry.find('http://127.0.0.1:8702/a') is None
    mine = registry.find('https://bbc.example/')
    assert mine is not None and mine.name == 'My BBC'
    assert registry.find('https://www.bbc.co.uk/') is None
    assert len(registry) == len(load_outlets()) + 1


def test_a_row_that_is_redefined_leaves_the_domains_that_another_has_taken_since(tmp_path: Path) -> None:
    rows = (
        'one,One,one.example one.example/en shared.example,GB,en,Europe/London,website,',
        'two,Two,shared.example one.example/en,GB,en,Europe/London,website,',
        'one,One anew,one.example,GB,en,Europe/London,website,',
    )
    file = tmp_path / 'mine.csv'
    file.write_text(HEADER + '\n'.join(rows) + '\n')
    registry = load_outlets([str(file)])
    urls = ('https://shared.example/', 'https://one.example/en/1', 'https://one.example/1')
    found = [outlet.id if (outlet := registry.find(url)) else None for url in urls]
    assert found == ['two', 'two', 'one']


@pytest.mark.parametrize(
    'row',
    [
        'Bad Id,Name,a.example,GB,en,Europe/London,website,',
        '123,Name,a.example,GB,en,Europe/London,website,',
        'ok,,a.example,GB,en,Europe/London,website,',
        'ok,Name,,GB,en,Europe/London,website,',
        'ok,Name,a.example,UK2,en,Europe/London,website,',
        'ok,Name,a.example,GB,english,Europe/London,website,',
        'ok,Name,a.example,GB,en,London time,website,',
        'ok,Name,a.example,GB,en,Europe/London,pamphlet,',
        'ok,Name,a.example',
        'ok,Name,a.example,GB,en,Europe/London,website,,one,too,many',
    ],
)
def test_a_bad_row_is_named_by_file_and_line(tmp_path: Path, row: str) -> None:
    file = tmp_path / 'mine.csv'
    file.write_text(f'{HEADER}good,Good,good.example,GB,en,Europe/London,website,\n{row}\n')
    with pytest.raises(ValueError, match=r'mine\.csv:3: '):
        load_outlets([str(file)])


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / 'mine.csv'
    file.write_text('id,name\nx,X\n')
    with pytest.raises(ValueError, match=r'mine\.csv:1: the columns domain'):
        load_outlets([str(file)])


def test_the_embedded_table_is_sound() -> None:
    registry, agencies, gazetteer = load_outlets(), load_agencies(), load_gazetteer()
    assert len(registry) >= 600
    assert len({p.outlet.country for p in registry.profiles}) >= 60
    domains = [domain for p in registry.profiles for domain in p.domains]
    assert len(domains) == len(set(domains))
    for profile in registry.profiles:
        outlet = profile.outlet
        assert outlet.country and outlet.language and profile.kind in KINDS, outlet.id
        assert profile.timezone and zoneinfo.ZoneInfo(profile.timezone), outlet.id
        assert outlet.agency is None or agencies.get(outlet.agency), outlet.id
        if profile.home:
            home = _home(profile.home, gazetteer)
            assert home is not None and profile.home.endswith(home.country), (outlet.id, profile.home)


def test_the_embedded_table_has_each_id_once() -> None:
    with (Path(__file__).parent.parent / 'transforms/data/outlets.csv').open(encoding='utf-8') as lines:
        ids = [row['id'] for row in csv.DictReader(lines)]
    assert len(ids) == len(set(ids))
