"""The bundled example site: what it serves, and that it serves it as news sites do."""

import csv
import http.client
import io
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree import ElementTree

import feedparser
import pytest

from examples.serve import Site, serve
from examples.site.content import HERE, OUTLETS_CSV, load_sources
from examples.site.documents import build_documents

_SHAPES = {
    *('rss20', 'atom10', 'rss10', 'feed-broken', 'feed-removed', 'feed-unreachable'),
    *('link-404', 'link-no-article', 'link-pdf', 'redirect', 'robots-disallowed'),
    *('duplicate-url', 'tracking-parameter', 'no-guid', 'no-feed-date', 'unreadable-feed-date'),
    *('glued-title', 'glued-one-paragraph', 'caption-lone-dash', 'leaked-credit', 'body-twice'),
    *('second-paragraph-repeated', 'paragraphs-repeated', 'subheads', 'figcaption', 'list', 'interview'),
    *('dateline-place-agency-en-dash', 'dateline-place-agency-em-dash', 'dateline-parenthesised'),
    *('dateline-place-date-agency', 'dateline-place-em-dash', 'dateline-place-country-em-dash'),
    *('dateline-place-country-agency', 'no-dateline', 'same-event', 'spelling-variant', 'wire-story'),
    *('edited-page', 'wordpress', 'json-ld', 'open-graph', 'table-layout', 'microdata', 'amp', 'french'),
}
_BASES = {outlet.id: f'http://{outlet.row["domain"]}' for outlet in load_sources().outlets}
_BASES['nobody'] = 'http://127.0.0.1:8708'


@pytest.fixture
def site() -> Iterator[Site]:
    with serve(base_port=0) as running:
        yield running


def _get(url: str, method: str = 'GET', **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Status, headers and body; redirects are followed."""
    fields = {name.replace('_', '-'): value for name, value in headers.items()}
    request = urllib.request.Request(url, method=method, headers=fields)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def _working_feeds(site: Site) -> dict[str, feedparser.FeedParserDict]:
    """The feeds that answer, parsed, by URL."""
    found = {}
    for url, feed in zip(site.feed_urls, site.sources.feeds, strict=True):
        if not feed.get('absent'):
            found[url] = feedparser.parse(_get(url)[2])
    return found


def test_there_are_as_many_outlets_feeds_and_articles_as_promised():
    sources = load_sources()
    assert len(sources.outlets) >= 6
    assert len(sources.feeds) >= 8
    assert 40 <= len(sources.articles) <= 48
    for article in sources.articles:
        assert 150 <= article.word_count <= 500, f'{article.slug}: {article.word_count} words'
        assert datetime(2025, 3, 1, tzinfo=UTC) <= article.published < datetime(2025, 3, 6, tzinfo=UTC)
    paths = [(article.outlet, article.path) for article in sources.articles]
    assert len(set(paths)) == len(paths)


def test_no_two_outlets_share_an_id_or_a_port():
    with OUTLETS_CSV.open(encoding='utf-8', newline='') as lines:
        rows = list(csv.DictReader(lines))
    assert len({row['id'] for row in rows}) == len({row['domain'] for row in rows}) == len(rows)
    assert list(rows[0]) == ['id', 'name', 'domain', 'country', 'language', 'timezone', 'kind', 'agency']
    assert [row['domain'] for row in rows] == [f'127.0.0.1:{8701 + index}' for index in range(len(rows))]


def test_every_shape_is_there_and_in_the_readme():
    shapes = list(load_sources().shapes())
    assert {shape for shape, _ in shapes} >= _SHAPES
    readme = {
        line.split('|')[1].strip(' `'): line
        for line in (HERE / 'README.md').read_text('utf-8').splitlines()
        if line.startswith('| `')
    }
    assert {shape for shape, _ in shapes} == set(readme)
    for shape, place in shapes:
        assert f'`{place}`' in readme[shape], f'README: {shape} is also in {place}'


def test_feeds_parse_in_three_formats_and_the_broken_one_has_no_entries(site):
    feeds = _working_feeds(site)
    assert {parsed.version for parsed in feeds.values()} == {'rss20', 'atom10', 'rss10', ''}
    for url, parsed in feeds.items():
        if url.endswith('/feeds/sport.xml'):
            assert parsed.bozo and parsed.entries == []
        else:
            assert not parsed.bozo and parsed.entries, url


def test_every_article_is_in_a_feed_and_its_page_has_its_text(site):
    linked = {
        entry.link.partition('?utm')[0] for feed in _working_feeds(site).values() for entry in feed.entries
    }
    for article in site.sources.articles:
        assert site.bases[article.outlet] + article.feed_path in linked
        status, headers, body = _get(site.url_of(article))
        assert status == 200
        text = body.decode(headers.get_content_charset() or 'windows-1252')
        last = next(block.text for block in reversed(article.blocks) if block.kind == 'p')
        assert last[-40:].replace('&', '&amp;') in text
        assert '$' not in text.replace('$1.8', '').replace('$74', '')


def test_one_item_is_in_two_feeds_with_and_without_a_tracking_parameter(site):
    feeds = _working_feeds(site)
    links = [entry.link for feed in feeds.values() for entry in feed.entries if 'tremor-shakes' in entry.link]
    plain = min(links, key=len)
    assert sorted(links) == [plain, plain + '?utm_source=rss']
    assert _get(links[0])[2] == _get(links[1])[2]


def test_links_that_lead_to_no_article(site):
    entries = [entry for feed in _working_feeds(site).values() for entry in feed.entries]
    link = {entry.title.split()[0]: entry.link for entry in entries}
    assert _get(link['Snow'])[0] == 404
    assert _get(link['Document:'])[1].get_content_type() == 'application/pdf'
    status, headers, body = _get(link['WATCH:'])
    assert (status, headers.get_content_type()) == (200, 'text/html') and b'video.other' in body
    assert b'Mam Yusif' in _get(link['Akre’s'])[2]  # by a redirect
    assert tuple(request.status for request in site.requests[-2:]) == (301, 200)
    robots = _get(site.bases['lakeside-gazette'] + '/robots.txt')[2].decode()
    assert 'Disallow: /members/' in robots and '/members/' in link["Editor's"]


def test_the_opml_lists_all_feeds_with_folders(site):
    outlines = list(ElementTree.fromstring(site.opml).iter('outline'))
    assert [outline.get('xmlUrl') for outline in outlines if outline.get('xmlUrl')] == site.feed_urls
    nested = ElementTree.fromstring(site.opml).find(
        './/outline[@text="Europe"]/outline[@text="Business"]/outline'
    )
    assert nested is not None and nested.get('text') == 'Tideway Courier: Business'
    assert _get(site.opml_url)[2].decode() == site.opml


def test_a_removed_feed_answers_404_and_an_unreachable_one_not_at_all(site):
    removed, unreachable = (
        next(url for url in site.feed_urls if url.endswith(end)) for end in ('/rss/archive.xml', '/feed.xml')
    )
    assert _get(removed)[0] == 404
    with pytest.raises(urllib.error.URLError, match='refused'):
        _get(unreachable)


def test_pages_and_feeds_answer_conditional_requests(site):
    for url in (site.feed_urls[0], site.url_of(site.sources.articles[0])):
        _, headers, body = _get(url)
        assert body
        for field, value in (
            ('If_None_Match', headers['ETag']),
            ('If_None_Match', f'"other", W/{headers["ETag"]}'),
            ('If_Modified_Since', headers['Last-Modified']),
        ):
            status, repeated, nothing = _get(url, **{field: value})
            assert (status, nothing, repeated['ETag']) == (304, b'', headers['ETag'])
        assert _get(url, If_None_Match='"other"', If_Modified_Since=headers['Last-Modified'])[0] == 200
        assert _get(url, If_Modified_Since='Sat, 01 Feb 2025 00:00:00 GMT')[0] == 200
        assert _get(url, If_Modified_Since='yesterday')[0] == 200


def test_head_tells_the_length_and_sends_no_body(site):
    url = site.url_of(site.sources.articles[0])
    status, headers, body = _get(url, method='HEAD')
    assert (status, body) == (200, b'')
    assert int(headers['Content-Length']) == len(_get(url)[2])


def test_requests_are_recorded_in_order(site):
    _get(site.bases['nyika-daily'] + '/robots.txt')
    _get(site.bases['vigie-du-port'] + '/none?a=1', method='HEAD')
    assert site.requests == [
        ('nyika-daily', 'GET', '/robots.txt', 200),
        ('vigie-du-port', 'HEAD', '/none?a=1', 404),
    ]


def test_the_second_edition_differs_in_the_edited_page_and_its_feed_entry():
    first, second = (build_documents(load_sources(edition), _BASES) for edition in (1, 2))
    assert first.keys() == second.keys()
    page, feed = ('tideway-courier', '/severn-flood-warnings-20250304.html'), ('tideway-courier', '/atom.xml')
    assert {key for key in first if first[key].body != second[key].body} == {page, feed}
    assert second[page].modified > first[page].modified and second[feed].modified > first[feed].modified
    before, after = (feedparser.parse(answers[feed].body).entries for answers in (first, second))
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert [(old.id, old.updated, new.updated) for old, new in changed] == [
        ('tideway-courier:severn-flood-warnings', '2025-03-04T09:15:00Z', '2025-03-05T07:40:00Z')
    ]


def test_the_edition_can_change_while_the_site_is_served(site):
    url = site.bases['tideway-courier'] + '/severn-flood-warnings-20250304.html'
    _, headers, old = _get(url)
    site.edition = 2
    status, _, new = _get(url, If_None_Match=headers['ETag'])
    assert status == 200 and new != old
    with pytest.raises(ValueError, match='not 3'):
        site.edition = 3
    assert site.edition == 2


def test_the_registry_names_the_ports_that_are_served_on(site):
    rows = list(csv.DictReader(io.StringIO(site.outlets_csv)))
    assert {row['id']: f'http://{row["domain"]}' for row in rows}.items() <= site.bases.items()
    text = OUTLETS_CSV.read_text('utf-8')
    for row, outlet in zip(rows, load_sources().outlets, strict=True):
        text = text.replace(outlet.row['domain'], row['domain'])
    assert site.outlets_csv == text


def test_a_busy_port_is_named_and_nothing_is_left_running():
    with serve(base_port=0) as site:
        port = int(site.bases['zagros-post'].rpartition(':')[2])
        before = threading.active_count()
        with pytest.raises(OSError, match=f'cannot have port {port} of 127.0.0.1'), serve(base_port=port):
            pass
        assert threading.active_count() == before


def test_no_thread_outlives_the_site_even_if_a_client_keeps_its_connection():
    before = set(threading.enumerate())
    with serve(base_port=0) as site:
        connection = http.client.HTTPConnection(site.bases['zagros-post'].removeprefix('http://'), timeout=10)
        connection.request('GET', '/')
        connection.getresponse().read()
        assert connection.sock is not None  # still open
    assert set(threading.enumerate()) == before
    connection.close()
