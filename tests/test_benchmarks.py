"""The generated news site, and the proxy that replays captured pages."""

import contextlib
import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pandas
import pytest
import requests

from benchmarks import newsroom
from benchmarks.captured_pages import feeds_of, read_captured
from benchmarks.contestants import run_plain
from benchmarks.end_to_end import table
from benchmarks.newsroom import generate
from benchmarks.processes import measure
from benchmarks.replay import ReplayProxy, proxied
from benchmarks.site import Site
from tests.served_site import served_site

ORIGINS = ['http://127.0.0.2:1', 'http://127.0.0.3:1', 'http://127.0.0.4:1']


@pytest.fixture(scope='module')
def site() -> Iterator[Site]:
    with served_site(hosts=2, articles=4) as made:
        yield made


def test_pages_have_the_weight_of_news_pages_and_are_all_distinct() -> None:
    pages = [found.body for _, _, found in generate(ORIGINS, 60) if found.kind == 'page']
    texts = [b''.join(re.findall(rb'<p class="\S+par".*?</p>', page)) for page in pages]
    assert len(set(texts)) == 60
    assert min(map(len, texts)) > 4_000
    assert all(45_000 < len(page) < 150_000 for page in pages)
    assert 75_000 < sum(map(len, pages)) / 60 < 105_000


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    first, again, other = (list(generate(ORIGINS, 6, seed)) for seed in (7, 7, 8))
    assert first == again
    assert not {found.body for _, _, found in first if found.kind == 'page'} & {f.body for _, _, f in other}


def test_every_article_is_in_its_newspapers_feed_once(site: Site) -> None:
    links = []
    with requests.Session() as session:
        for feed_url in site.feeds:
            feed = feedparser.parse(session.get(feed_url, timeout=10).content)
            assert not feed.bozo
            links += [entry.link for entry in feed.entries]
        assert len(set(links)) == len(links) == 4
        for link in links:
            page = session.get(link, timeout=10)
            assert page.status_code == 200
            assert f'<link rel="canonical" href="{link}">' in page.text


def test_a_page_is_the_same_compressed_and_plain(site: Site) -> None:
    with requests.Session() as session:
        link = feedparser.parse(session.get(site.feeds[0], timeout=10).content).entries[0].link
        packed = session.get(link, timeout=10)
        plain = session.get(link, timeout=10, headers={'Accept-Encoding': 'identity'})
    assert packed.headers['Content-Encoding'] == 'gzip'
    assert 'Content-Encoding' not in plain.headers
    assert packed.content == plain.content


def test_a_feed_that_did_not_change_is_not_sent_again(site: Site) -> None:
    with requests.Session() as session:
        etag = session.get(site.feeds[0], timeout=10).headers['ETag']
        again = session.get(site.feeds[0], timeout=10, headers={'If-None-Match': etag})
    assert (again.status_code, again.content) == (304, b'')


def test_what_the_site_does_not_have_is_not_found(site: Site) -> None:
    with requests.Session() as session:
        assert session.get(site.origins[0] + '/nothing', timeout=10).status_code == 404


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with three pages of two outlets."""
    aeb, fundus = tmp_path / 'pages/aeb', tmp_path / 'pages/fundus'
    (aeb / 'html').mkdir(parents=True)
    (fundus / 'html').mkdir(parents=True)
    gold = {}
    for name, url in (
        ('a', 'https://news.coast.co.uk/one?id=1&x=2#top'),
        ('b', 'http://www.coast.co.uk/two'),
    ):
        gold[name] = {'url': url, 'articleBody': ''}
        (aeb / f'html/{name}.html.gz').write_bytes(gzip.compress(f'<p>The ferry {name} is late.'.encode()))
    (aeb / 'gold.json').write_text(json.dumps(gold))
    line = {'file': 'c.html', 'url': 'https://hills.example/three', 'title': 'Rain <all> day'}
    (fundus / 'gold.jsonl').write_text(json.dumps(line) + '\n')
    (fundus / 'html/c.html').write_bytes(b'<p>It rained \xe9 much.')
    return tmp_path


@contextlib.contextmanager
def asking(proxy: ReplayProxy) -> Iterator[requests.Session]:
    with proxy.running() as url, requests.Session() as session:
        session.trust_env = False
        session.proxies = {'http': url}
        yield session


def test_pages_are_replayed_under_their_own_urls_as_http(data: Path) -> None:
    with asking(ReplayProxy(read_captured(data))) as session:
        page = session.get('http://news.coast.co.uk/one?id=1&x=2', timeout=10)
        assert page.text == '<p>The ferry a is late.'
        assert page.headers['Content-Type'] == 'text/html; charset=utf-8'
        other = session.get('http://hills.example/three', timeout=10)
        assert other.content == b'<p>It rained \xe9 much.'
        assert other.headers['Content-Type'] == 'text/html'


def test_a_query_that_no_captured_page_has_is_ignored(data: Path) -> None:
    with asking(ReplayProxy(read_captured(data))) as session:
        assert (
            session.get('http://www.coast.co.uk/two?from=feed', timeout=10).text == '<p>The ferry b is late.'
        )
        assert session.get('http://news.coast.co.uk/one', timeout=10).text == '<p>The ferry a is late.'


def test_pages_that_only_their_query_tells_apart_are_not_mixed_up(data: Path) -> None:
    gold = data / 'pages/aeb/gold.json'
    urls = {'a': {'url': 'http://coast.co.uk/read?id=1'}, 'b': {'url': 'http://coast.co.uk/read?id=2'}}
    gold.write_text(json.dumps(urls))
    with asking(ReplayProxy(read_captured(data))) as session:
        assert session.get('http://coast.co.uk/read?id=2', timeout=10).text == '<p>The ferry b is late.'
        assert session.get('http://coast.co.uk/read?id=3', timeout=10).status_code == 404


def test_each_registrable_domain_has_one_feed_of_all_its_pages(data: Path) -> None:
    proxy = ReplayProxy(read_captured(data))
    with asking(proxy) as session:
        feeds = [feedparser.parse(session.get(url, timeout=10).content) for url in proxy.feeds]
    assert proxy.feeds == [
        'http://feeds.dateline.test/coast-co-uk.xml',
        'http://feeds.dateline.test/hills-example.xml',
    ]
    assert [[entry.link for entry in feed.entries] for feed in feeds] == [
        ['http://news.coast.co.uk/one?id=1&x=2', 'http://www.coast.co.uk/two'],
        ['http://hills.example/three'],
    ]
    assert feeds[1].entries[0].title == 'Rain <all> day'
    assert not any(feed.bozo for feed in feeds)


def test_the_proxy_has_no_robots_txt_and_remembers_what_it_missed(data: Path) -> None:
    proxy = ReplayProxy(read_captured(data))
    with asking(proxy) as session:
        assert session.get('http://hills.example/robots.txt', timeout=10).status_code == 404
        assert session.get('http://elsewhere.example/', timeout=10).status_code == 404
    assert dict(proxy.missed) == {'http://hills.example/robots.txt': 1, 'http://elsewhere.example/': 1}


def test_nothing_bypasses_the_proxy() -> None:
    environment = {'no_proxy': '*', 'HTTPS_PROXY': 'http://other:1', 'PATH': '/bin'}
    assert proxied(environment, 'http://127.0.0.1:9') == {
        'PATH': '/bin',
        'HTTP_PROXY': 'http://127.0.0.1:9',
        'http_proxy': 'http://127.0.0.1:9',
    }


def test_a_title_with_control_characters_leaves_the_feed_well_formed(data: Path) -> None:
    gold = data / 'pages/fundus/gold.jsonl'
    gold.write_text(json.dumps(json.loads(gold.read_text()) | {'title': 'Rain\x0b & shine'}))
    feeds = dict(feeds_of(read_captured(data)))
    assert not feedparser.parse(feeds['hills-example']).bozo


def test_the_cost_of_a_command_covers_its_children(tmp_path: Path) -> None:
    # The child holds 60 MB until the parent has been looked at and closes its input.
    child = 'import sys; held = bytearray(60_000_000); print("held", flush=True); sys.stdin.read()'
    parent = (
        'import subprocess, sys, time\n'
        f'child = subprocess.Popen([sys.executable, "-c", {child!r}], stdin=-1, stdout=-1)\n'
        'child.stdout.readline()\n'
        'end = time.process_time() + 2.5\n'
        'while time.process_time() < end: pass\n'
        'child.communicate()\n'
    )
    cost = measure([sys.executable, '-c', parent], tmp_path)
    assert (cost.returncode, cost.stderr) == (0, '')
    assert cost.processes == 2
    assert cost.peak_rss > 60_000_000
    assert cost.cpu_s >= 2.5


def test_cpu_time_of_children_that_nobody_waits_for_is_counted(tmp_path: Path) -> None:
    # The child says when it has used its CPU time; the parent, which idles, ends without waiting for it.
    child = (
        'import sys, time\n'
        'while time.process_time() < 1.2: pass\n'
        'print("done", flush=True)\n'
        'sys.stdin.read()\n'
    )
    parent = (
        'import os, subprocess, sys\n'
        f'child = subprocess.Popen([sys.executable, "-c", {child!r}], stdin=-1, stdout=-1)\n'
        'child.stdout.readline()\n'
        'os._exit(0)\n'
    )
    assert measure([sys.executable, '-c', parent], tmp_path).cpu_s >= 0.6


def test_the_table_compares_medians_of_paired_rounds() -> None:
    ours = [{'articles/s': 30.0, 'CPU ms/article': 4.0}, {'articles/s': 50.0, 'CPU ms/article': 4.0}]
    theirs = [{'articles/s': 10.0, 'CPU ms/article': 8.0}, {'articles/s': 10.0, 'CPU ms/article': 16.0}]
    head, rate, cpu, beside = table({'dateline': ours, 'plain': theirs}).splitlines()
    assert head.split() == ['dateline', 'plain']
    assert rate.split() == ['articles/s', '40.0', '10.0']
    assert cpu.split() == ['CPU', 'ms/article', '4.0', '12.0']
    assert beside == (
        'dateline beside plain: 4.00 times its articles/s (3.00-5.00), '
        '0.38 times its CPU ms/article (0.25-0.50)'
    )


def test_the_plain_script_in_two_processes_writes_each_article_once(site: Site, tmp_path: Path) -> None:
    opml = tmp_path / 'feeds.opml'
    opml.write_text(newsroom.opml(site.feeds))
    run = run_plain(opml, tmp_path, 3, processes=2)
    assert run.figures['articles'] == 3 and run.figures['processes'] == 2
    assert pandas.read_parquet(tmp_path / 'plain-2')['url'].nunique() == 3


def test_a_simulated_day_ends_with_all_articles_and_the_books_in_order() -> None:
    day = ['--days', '1', '--step', '240', '--feeds', '6', '--a_day', '24', '--compact']
    command = [sys.executable, '-m', 'benchmarks.week', *day]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout
    assert 'all is well. Rows: 21 articles' in done.stdout  # one an hour, up to the last cycle
