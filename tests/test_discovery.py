"""``dateline feeds SITE``: what is found on real servers, and how a search goes on from what has answered."""

import dataclasses
import json
import time

import pytest

from pipelines.cli import run_command
from schemas.feeds import ChildFeed, ParsedFeed
from schemas.vocabulary import Reason
from tests.hostile_server import HostileServer
from tests.made_site import Answer, made_sites, page
from transforms.functions.discovery import COMMON_PATHS, MAX_ASKS, NEWS_SITEMAPS, home_urls, search_site
from transforms.functions.feed_parsing import UnreadableFeed, parse_feed
from transforms.functions.sources import read_source
from transforms.functions.web import asking

LOOPBACK = ('--fetch_allow_private_networks=127.0.0.0/28', '--fetch_min_delay=0')
SPRING = 'Mon, 03 Mar 2025 09:35:00 GMT'


@pytest.fixture
def site():
    with made_sites(1) as (made,):
        yield made


@pytest.fixture
def feeds(capsys):
    """Runs the command and gives its exit code, its lines and what it said to people."""

    def run(*arguments):
        code = run_command('pipelines.feeds', [*arguments, *LOOPBACK])
        out, err = capsys.readouterr()
        return code, out.splitlines(), err

    return run


def home(*parts):
    return Answer(
        f'<!doctype html><html><head><title>News</title></head><body>{"".join(parts)}</body></html>'
    )


def link(href, title='News'):
    return f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{href}">'


def urls(lines):
    return [line.split()[0] for line in lines]


def test_the_feeds_that_a_home_page_links_are_printed_as_a_list_that_ingest_reads(site, feeds):
    site.answers['/'] = home(link('/news.xml'), link('/sport.xml'))
    site.feed(('Flood', '/1'), ('Dam', '/2'), path='/news.xml')
    site.feed(('Final', '/3'), path='/sport.xml')
    site.answers['/news.xml'] = site.answers['/news.xml']._replace(
        body=site.answers['/news.xml'].body.replace('<guid', f'<pubDate>{SPRING}</pubDate><guid', 1)
    )
    code, lines, err = feeds(site.base)
    assert code == 0
    assert lines == [
        f'{site.base}/news.xml  # Made (rss20, 2 items, newest 2025-03-03)',
        f'{site.base}/sport.xml  # Made (rss20, 1 item)',
    ]
    assert err == ''
    read = read_source('feeds.txt', '\n'.join(lines).encode())
    assert [(feed.url, feed.labels) for feed in read.feeds] == [(url, ()) for url in urls(lines)]
    assert read.faults == ()
    assert not {*COMMON_PATHS} & {*site.asked}


def test_opml_reads_back_as_the_same_feeds(site, feeds):
    site.answers['/'] = home(link('/a.xml?x=1&amp;y=2'), link('/b.xml'))
    site.feed(('Flood', '/1'), path='/a.xml?x=1&y=2')
    site.feed(('Final', '/3'), path='/b.xml')
    body = site.answers['/b.xml'].body.replace('<title>Made<', '<title>A &amp;amp; "B" \' &lt;opml&gt; é<')
    site.answers['/b.xml'] = site.answers['/b.xml']._replace(body=body)
    code, lines, _ = feeds(site.base, '--opml')
    assert code == 0
    text = '\n'.join(lines)
    assert '<opml version="2.0">' in text
    read = read_source('feeds.opml', text.encode())
    assert [feed.url for feed in read.feeds] == [f'{site.base}/a.xml?x=1&y=2', f'{site.base}/b.xml']
    assert read.feeds[1].title == 'A & "B" \' <opml> é'
    assert read.faults == ()


def test_json_says_how_each_feed_was_found(site, feeds):
    site.answers['/'] = home('<a href="/rss">RSS</a>')
    site.feed(('Flood', '/1'))
    code, lines, _ = feeds(site.base, '--json')
    assert code == 0
    assert [json.loads(line) for line in lines] == [
        {
            'site': site.base,
            'url': f'{site.base}/rss',
            'title': 'Made',
            'format': 'rss20',
            'items': 1,
            'newest': None,
            'found_by': 'page',
        }
    ]


def test_a_title_cannot_make_the_list_something_else(site, feeds):
    site.answers['/'] = home(link('/news.xml'))
    site.feed(('Flood', '/1'), path='/news.xml')
    body = site.answers['/news.xml'].body.replace(
        '<title>Made<', '<title><![CDATA[&lt;rss &gt;\nx [war] # y]]><'
    )
    site.answers['/news.xml'] = site.answers['/news.xml']._replace(body=body)
    _, lines, _ = feeds(site.base)
    (feed,) = read_source('feeds.txt', '\n'.join(lines).encode()).feeds
    assert (feed.url, feed.labels) == (f'{site.base}/news.xml', ())


def test_a_page_that_lists_feeds_is_looked_at_one_level_deep(site, feeds):
    site.answers['/'] = home('<footer><a href="/service/feeds-and-apps"> RSS feeds </a></footer>')
    listed = '<a href="/world.xml">World</a> <a href="deeper/rss">RSS</a> <a href="http://other.example/a.xml">x</a>'
    site.answers['/service/feeds-and-apps'] = home(listed)
    site.answers['/service/deeper/rss'] = home('<a href="/hidden.xml">RSS</a>')
    site.feed(('World', '/1'), path='/world.xml')
    site.feed(('Hidden', '/2'), path='/hidden.xml')
    code, lines, _ = feeds(site.base)
    assert code == 0
    assert urls(lines) == [f'{site.base}/world.xml']
    assert '/hidden.xml' not in site.asked


def test_common_paths_are_asked_only_when_the_page_has_nothing_and_until_one_answers(site, feeds):
    site.answers['/'] = home('<p>Welcome</p>')
    site.feed(('Flood', '/1'), path='/rss.xml')
    site.feed(('Flood', '/1'), path='/atom.xml')
    code, lines, _ = feeds(site.base)
    assert code == 0
    assert urls(lines) == [f'{site.base}/rss.xml']
    assert [path for path in site.asked if path in COMMON_PATHS] == ['/feed', '/rss', '/rss.xml']


def test_two_addresses_of_the_same_items_are_printed_once(site, feeds):
    site.answers['/'] = home(link('/rss'), link('/also'), link('/atom'))
    site.feed(('Flood', '/1'), ('Dam', '/2'))
    site.feed(('Flood', '/1'), ('Dam', '/2'), path='/also')
    entries = ''.join(
        f'<entry><id>tag:a:{n}</id><title>x</title><link href="{site.base}/{n}"/></entry>' for n in (1, 2)
    )
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Atom</title>{entries}</feed>'
    site.answers['/atom'] = Answer(atom, kind='application/atom+xml')
    _, lines, _ = feeds(site.base)
    assert urls(lines) == [f'{site.base}/rss']


def test_feeds_of_comments_are_left_out(site, feeds):
    site.answers['/'] = home(
        link('/all', 'News'), link('/c', 'Comments for News'), '<a href="/comments/feed/">RSS</a>', link('/d')
    )
    site.feed(('Flood', '/1'), path='/all')
    for path in ('/c', '/comments/feed/', '/d'):
        site.feed(('Me too', path), path=path)
    body = site.answers['/d'].body.replace('<title>Made<', '<title>Comments on: Flood<')
    site.answers['/d'] = site.answers['/d']._replace(body=body)
    _, lines, _ = feeds(site.base)
    assert urls(lines) == [f'{site.base}/all']


def test_a_domain_is_asked_by_https_and_then_by_http(site, feeds):
    site.answers['/'] = home(link('/news.xml'))
    site.feed(('Flood', '/1'), path='/news.xml')
    domain = site.base.removeprefix('http://')
    code, lines, _ = feeds(domain)
    assert code == 0
    assert urls(lines) == [f'{site.base}/news.xml']


def test_an_address_that_is_a_feed_is_its_own_answer(site, feeds):
    url = site.feed(('Flood', '/1'), path='/world/latest')
    code, lines, _ = feeds(url)
    assert (code, urls(lines)) == (0, [url])
    assert site.asked == ['/robots.txt', '/world/latest']


def test_a_home_page_that_redirects_to_another_host_is_followed_there(feeds):
    with made_sites(2) as (bare, www):
        bare.answers['/'] = Answer('', 301, (('Location', www.base + '/en/'),))
        www.answers['/en/'] = home(link('../news.xml'))
        www.feed(('Flood', '/1'), path='/news.xml')
        code, lines, _ = feeds(bare.base)
    assert (code, urls(lines)) == (0, [f'{www.base}/news.xml'])


def test_a_feed_that_has_moved_for_good_is_printed_with_its_new_address(site, feeds):
    site.answers['/'] = home(link('/old'), link('/temporary'))
    site.answers['/old'] = Answer('', 301, (('Location', '/new'),))
    site.answers['/temporary'] = Answer('', 302, (('Location', '/today'),))
    site.feed(('Flood', '/1'), path='/new')
    site.feed(('Dam', '/2'), path='/today')
    _, lines, _ = feeds(site.base)
    assert urls(lines) == [f'{site.base}/new', f'{site.base}/temporary']


def test_a_site_that_answers_everything_with_html_has_no_feed(site, feeds):
    class Everything(dict):
        def get(self, path, default=None):
            return page(f'You may like {path}')

    site.answers = Everything()
    code, lines, err = feeds(site.base)
    assert (code, lines) == (1, [])
    assert f'{site.base}: no feed found; tried {site.base}/, /feed, /rss, ' in err
    assert len(err.splitlines()) == 1
    assert len(site.asked) <= MAX_ASKS + 1


def test_a_home_page_of_five_megabytes_is_looked_through_to_its_end(site, feeds):
    filler = (
        '<div class="teaser"><a href="/news/1">Dam of the north</a><p>words</p></div>' * 35_000
        + '<a href="/news/2">Animal feed prices</a>' * 60_000
    )
    site.answers['/'] = home(filler, '<a href="/last.rss">RSS</a>')
    assert len(site.answers['/'].body) > 5_000_000
    site.feed(('Flood', '/1'), path='/last.rss')
    began = time.process_time()
    code, lines, _ = feeds(site.base)
    assert (code, urls(lines)) == (0, [f'{site.base}/last.rss'])
    assert time.process_time() - began < 10


def test_what_robots_txt_forbids_is_not_asked(site, feeds):
    site.answers['/robots.txt'] = Answer('User-agent: *\nDisallow: /\nSitemap: /s.xml', kind='text/plain')
    site.answers['/'] = home(link('/news.xml'))
    site.feed(('Flood', '/1'), path='/feed')
    code, lines, err = feeds(site.base)
    assert (code, lines) == (1, [])
    assert f'{site.base}/ (robots.txt forbids it)' in err
    assert {*site.asked} == {'/robots.txt'}


def test_a_feed_that_robots_txt_allows_is_found_though_the_page_is_forbidden(site, feeds):
    site.answers['/robots.txt'] = Answer('User-agent: *\nDisallow: /\nAllow: /feed', kind='text/plain')
    site.feed(('Flood', '/1'), path='/feed')
    code, lines, _ = feeds(site.base)
    assert (code, urls(lines)) == (0, [f'{site.base}/feed'])


def test_a_site_that_is_down_ends_in_one_sentence_and_the_others_are_printed(site, feeds):
    with made_sites(1) as (down,):
        address = down.base.removeprefix('http://')
    site.answers['/'] = home(link('/news.xml'))
    site.feed(('Flood', '/1'), path='/news.xml')
    code, lines, err = feeds(address, site.base)
    assert (code, urls(lines)) == (1, [f'{site.base}/news.xml'])
    assert f'{address}: cannot be had (connect: ' in err
    assert f'tried https://{address}/ and http://{address}/' in err
    assert len(err.splitlines()) == 1


def test_a_link_to_a_private_address_is_not_asked(feeds):
    with HostileServer(('127.0.0.1', '127.0.0.200')) as server, made_sites(1) as (site,):
        secret = server.url('/rss', '127.0.0.200')
        site.answers['/'] = home(link(secret), link('/away'), link('/news.xml'))
        site.answers['/away'] = Answer('', 302, (('Location', secret),))
        site.feed(('Flood', '/1'), path='/news.xml')
        code, lines, _ = feeds(site.base)
        assert server.books['127.0.0.200'].connections == 0
    assert (code, urls(lines)) == (0, [f'{site.base}/news.xml'])


def test_a_private_site_is_refused_with_the_flag_that_allows_it(site, capsys):
    assert run_command('pipelines.feeds', [site.base]) == 1
    assert '--fetch_allow_private_networks' in capsys.readouterr().err
    assert site.asked == []


def test_a_news_sitemap_is_found_beside_a_feed_of_json(site, feeds):
    story = '<url><loc>{0}/1</loc><news:news><news:title>Flood</news:title>{1}</news:news></url>'
    date = '<news:publication_date>2025-03-03T09:35:00Z</news:publication_date>'
    spaces = (
        'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/{}"'
    )
    sitemap = f'<urlset {spaces.format("sitemap-news/0.9")}>{story.format(site.base, date)}</urlset>'
    site.answers['/robots.txt'] = Answer('Sitemap: /pages.xml\nSitemap: /news.xml', kind='text/plain')
    site.answers['/news.xml'] = Answer(sitemap, kind='application/xml')
    plain = f'<urlset {spaces.format("x")}><url><loc>{site.base}/2</loc></url></urlset>'
    site.answers['/pages.xml'] = Answer(plain, kind='application/xml')
    site.answers['/'] = home('<link rel="alternate" type="application/feed+json" href="/feed.json">')
    items = [{'id': '9', 'url': f'{site.base}/9', 'title': 'Dam'}]
    document = {'version': 'https://jsonfeed.org/version/1.1', 'title': 'Made', 'items': items}
    site.answers['/feed.json'] = Answer(json.dumps(document), kind='application/feed+json')
    code, lines, _ = feeds(site.base)
    assert code == 0
    assert lines == [
        f'{site.base}/feed.json  # Made (json11, 1 item)',
        f'{site.base}/news.xml  # (news_sitemap, 1 item, newest 2025-03-03)',
    ]


def test_many_sites_are_searched_at_a_time_and_printed_in_their_order(site, feeds):
    for n in range(20):
        site.answers[f'/{n}/'] = home(link(f'/rss{n}'))
        site.feed((f'Story {n}', f'/{n}'), path=f'/rss{n}')
    sites = [f'{site.base}/{n}/' for n in range(20)]
    code, lines, _ = feeds(*sites, sites[3])
    assert (code, urls(lines)) == (0, [f'{site.base}/rss{n}' for n in range(20)])


def test_a_site_is_asked_no_more_than_thirty_times(site, feeds):
    site.answers['/'] = home(*(f'<a href="/rss/{n}.xml">{n}</a>' for n in range(100)))
    for n in range(100):
        site.feed((f'Story {n}', f'/{n}'), path=f'/rss/{n}.xml')
    code, lines, err = feeds(site.base)
    assert code == 0
    assert len(site.asked) <= MAX_ASKS + 1  # the client reads robots.txt for itself
    assert 15 < len(lines) < MAX_ASKS
    assert f'{100 - len(lines)} more addresses' in err


@pytest.mark.parametrize(
    ('arguments', 'says'),
    [
        ((), 'name a site'),
        (('ftp://example.org',), 'is no site'),
        (('exa mple',), 'is no site'),
        (('',), 'is no site'),
        (('example.org', '--opml', '--json'), 'not allowed with'),
        (('example.org', '--audit', 'lake'), '--audit takes a lake only'),
    ],
)
def test_bad_usage_is_one_sentence_and_exit_code_2(feeds, arguments, says):
    code, lines, err = feeds(*arguments)
    assert (code, lines) == (2, [])
    assert says in err
    assert len(err.splitlines()) == 1


# The search alone, answered from a dict: what the parser of this version cannot read is made up.


def searched(answers, parse=parse_feed, start='http://a.example'):
    """Runs a search on a site of these answers; gives what it came to and all that it asked for."""
    search, asked = search_site(start, parse), []
    try:
        wave = next(search)
        while True:
            asked += wave
            wave = search.send(tuple(answered(url, answers.get(url.split('/', 3)[3])) for url in wave))
    except StopIteration as end:
        return end.value, asked


def answered(url, body):
    if isinstance(body, asking.Answer):
        return dataclasses.replace(body, url=url, final_url=url)
    if body is None:
        return asking.Answer(None, url, url, 404, reason=Reason.HTTP_4XX, detail='404')
    return asking.Answer(None, url, url, 200, body.encode(), content_type='text/html', fetched_at=1)


def reads_sitemaps(data, url, content_type=None, polled_at=None):
    """Stands for a parser that knows sitemaps: a document's first word says its format, the rest children."""
    kind, *children = data.decode().split()
    if kind not in ('news_sitemap', 'sitemap', 'sitemap_index'):
        raise UnreadableFeed('no feed')
    return ParsedFeed(kind, None, None, (), children=tuple(map(ChildFeed, children)))


def test_news_sitemaps_that_robots_txt_names_are_offered_and_others_are_not():
    robots = 'Sitemap: http://a.example/s1.xml\nSITEMAP: http://a.example/news.xml\nsitemap: /s2.xml\n'
    found, asked = searched(
        {'robots.txt': robots, 'news.xml': 'news_sitemap', 's1.xml': 'sitemap', 's2.xml': 'sitemap'},
        reads_sitemaps,
    )
    assert [(feed.url, feed.found_by) for feed in found.feeds] == [('http://a.example/news.xml', 'sitemap')]
    assert not {*NEWS_SITEMAPS} & {url.removeprefix('http://a.example') for url in asked}


def test_news_sitemaps_of_an_index_are_offered():
    index = 'sitemap_index http://a.example/pages.xml ' + ' '.join(
        f'http://a.example/news{n}' for n in range(9)
    )
    found, asked = searched(
        {'robots.txt': 'Sitemap: /index.xml', 'index.xml': index, 'news0': 'news_sitemap'}, reads_sitemaps
    )
    assert [feed.url for feed in found.feeds] == ['http://a.example/news0']
    assert 'http://a.example/pages.xml' not in asked
    assert len(asked) <= MAX_ASKS


def test_news_sitemaps_under_their_common_names_are_offered():
    found, _ = searched({'news-sitemap.xml': 'news_sitemap'}, reads_sitemaps)
    assert [feed.url for feed in found.feeds] == ['http://a.example/news-sitemap.xml']


@pytest.mark.parametrize('reason', [Reason.DNS, Reason.HTTP_429, Reason.HOST_BUDGET])
def test_a_host_that_answers_nothing_is_asked_once(reason):
    dead = asking.Answer(None, '', '', reason=reason, detail='no')
    found, asked = searched({'': dead})
    assert (found.reason, asked) == (reason, ['http://a.example/'])


def test_a_domain_that_robots_txt_refuses_by_https_is_not_asked_by_http():
    refused = asking.Answer(None, '', '', reason=Reason.ROBOTS)
    _, asked = searched({'': refused}, start='a.example')
    assert all(url.startswith('https://') for url in asked)


def test_a_search_of_a_site_full_of_pages_ends_within_its_bound():
    links = ''.join(
        f'<a href="/feeds/{n}">RSS</a><link rel=alternate type=application/rss+xml href=/l{n}>'
        for n in range(99)
    )
    pages = {'': links, **{f'feeds/{n}': links for n in range(99)}, **{f'l{n}': links for n in range(99)}}
    found, asked = searched(pages)
    assert found.feeds == ()
    assert len(asked) == len(set(asked)) <= MAX_ASKS
    assert {f'http://a.example{path}' for path in (*COMMON_PATHS, *NEWS_SITEMAPS)} <= {*asked}


def test_domains_and_pages_are_sites_and_other_things_are_not():
    assert home_urls('bücher.example:8080') == ('https://bücher.example:8080/', 'http://bücher.example:8080/')
    assert home_urls('example.org/world') == ('https://example.org/world', 'http://example.org/world')
    assert home_urls('https://example.org?p=1') == ('https://example.org?p=1',)
