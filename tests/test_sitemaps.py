"""Sitemaps and their indexes: what is new comes first, and nothing in them opens or blows up anything."""

import calendar
import gzip
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.feeds import ChildFeed, Entry, ParsedFeed
from transforms.functions.feed_documents import MAX_INFLATED
from transforms.functions.feed_items import MAX_ITEMS
from transforms.functions.feed_parsing import UnreadableFeed, parse_feed
from transforms.functions.sitemaps import MAX_CHILDREN

URL = 'https://example.org/sitemaps/news.xml'
SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)
NEWS = (
    '<url><loc>https://example.org/flood?id=1&amp;utm_source=map</loc><lastmod>2025-03-03T09:00:00Z</lastmod>'
    '<news:news><news:publication><news:name>The Wire</news:name><news:language>en</news:language>'
    '</news:publication><news:publication_date>2025-03-03T08:15:00+03:00</news:publication_date>'
    '<news:title>Flood &amp; fire</news:title><news:keywords>Iraq, Water,, Iraq</news:keywords></news:news>'
    '<image:image><image:loc>https://example.org/i.jpg</image:loc><image:title>Boat</image:title></image:image></url>'
)
NOON = 1_741_003_200_000_000  # 2025-03-03T12:00:00Z


def micros(*moment: int) -> int:
    return calendar.timegm((*moment, 0, 0, 0)[:6]) * 1_000_000


def sitemap(urls: str, root: str = f'urlset {SPACES}', prologue: str = '<?xml version="1.0"?>') -> bytes:
    return f'{prologue}<{root}>{urls}</{root.split()[0]}>'.encode()


def parse(urls: str, **context) -> ParsedFeed:
    return parse_feed(sitemap(urls, **context), URL, 'text/xml', NOON)


def located(*parts: str) -> str:
    """``url`` elements of 'path' or 'path date'."""
    urls = (part.partition(' ') for part in parts)
    return ''.join(
        f'<url><loc>https://example.org/{path}</loc>{f"<lastmod>{date}</lastmod>" if date else ""}</url>'
        for path, _, date in urls
    )


def index(sitemaps: str) -> ParsedFeed:
    return parse(sitemaps.replace('url>', 'sitemap>'), root='sitemapindex')


def paths(feed: ParsedFeed) -> list[str]:
    return [entry.link.removeprefix('https://example.org/') for entry in feed.entries]


def test_a_news_sitemaps_url_becomes_an_entry():
    feed = parse(NEWS)
    assert (feed.format, feed.title, feed.fault, feed.children) == ('news_sitemap', 'The Wire', None, ())
    (entry,) = feed.entries
    assert entry == Entry(
        item_id='https://example.org/flood?id=1',
        key=entry.key,
        fingerprint=entry.fingerprint,
        link='https://example.org/flood?id=1&utm_source=map',
        title='Flood & fire',
        summary=None,
        authors=(),
        tags=('Iraq', 'Water'),
        language='en',
        published_at=micros(2025, 3, 3, 5, 15),
        updated_at=micros(2025, 3, 3, 9),
    )


def test_it_is_the_same_item_as_in_a_feed_without_guids():
    rss = b'<rss version="2.0"><channel><item><link>https://example.org/flood?id=1</link></item></channel></rss>'
    assert parse_feed(rss, URL).entries[0].key == parse(NEWS).entries[0].key


def test_news_stay_in_their_order_and_plain_addresses_come_newest_first():
    older = NEWS.replace('flood?id=1', 'older').replace('03-03T08', '03-01T08')
    assert [path[:5] for path in paths(parse(older + NEWS))] == ['older', 'flood']
    plain = parse(
        located('a 2025-03-01', 'b', 'c 2025-03-03T01:00Z', 'd 2099-01-01', 'e 2025-03-02T23:59:59-01:00')
    )
    assert (plain.format, paths(plain)) == ('sitemap', ['c', 'e', 'a', 'b', 'd'])
    assert (plain.entries[0].published_at, plain.entries[0].updated_at) == (None, micros(2025, 3, 3, 1))
    assert plain.entries[4].date_text == '2099-01-01'


def test_a_later_lastmod_is_an_edit_unless_all_addresses_share_it():
    def prints(*parts: str) -> dict[str, int]:
        return {entry.item_id: entry.fingerprint for entry in parse(located(*parts)).entries}

    assert prints('a 2025-03-01', 'b 2025-03-01') != prints('a 2025-03-02', 'b 2025-03-01')
    assert prints(*(f'{n} 2025-03-01' for n in range(9))) == prints(*(f'{n} 2025-03-02' for n in range(9)))


def test_an_index_names_its_sitemaps_newest_first():
    feed = index(
        located('a.xml', 'b.xml.gz 2025-03-01', 'c.xml 2025-03-02T00:00:00Z', 'a.xml', 'sitemaps/news.xml')
    )
    assert (feed.format, feed.entries) == ('sitemap_index', ())
    assert feed.children == (
        ChildFeed('https://example.org/c.xml', None, micros(2025, 3, 2)),
        ChildFeed('https://example.org/b.xml.gz', None, micros(2025, 3, 1)),
        ChildFeed('https://example.org/a.xml', None, None),
    )


def test_an_index_of_many_gives_the_newest_and_says_so():
    feed = index(located(*(f'{n}.xml 2025-02-{n % 28 + 1:02}' for n in range(100))))
    assert len(feed.children) == MAX_CHILDREN
    assert min(child.modified_at for child in feed.children) >= micros(2025, 2, 13)
    assert feed.fault == f'It names 100 sitemaps, of which the newest {MAX_CHILDREN} are kept.'


def test_an_index_names_no_files_and_no_other_schemes():
    locations = ''.join(
        f'<url><loc>{url}</loc></url>' for url in ('file:///etc/passwd', 'ftp://a/b', 'javascript:x')
    )
    assert index(locations).children == ()


def test_empty_ones_are_sitemaps():
    assert (parse('').format, parse('').entries) == ('sitemap', ())
    assert index('').children == ()


@pytest.mark.parametrize(
    ('data', 'link'),
    [
        (b'<urlset><url><loc>https://example.org/a?x=1&y=2&copy=3</loc></url>', 'a?x=1&y=2&copy=3'),
        (b'<urlset><url><loc><![CDATA[ https://example.org/a?x=1&y=2 ]]></loc></url></urlset>', 'a?x=1&y=2'),
        (b'<urlset><url><loc>https://example.org/a</loc><lastmod>2025</url></urlset>', 'a'),
        (b'<urlset><url><loc>\nhttps://example.org/a\n</loc><news:news><news:title>t</news:title>', 'a'),
        (b'<s:urlset xmlns:s="x"><s:url><s:loc>https://example.org/a</s:loc></s:url></s:urlset>', 'a'),
        (b'<urlset><url><loc>/a</loc><news:news><news:title>t</news:title></news:news></url></urlset>', 'a'),
        (b'<s:urlset><s:url><s:loc>https://example.org/a</s:loc></s:url></s:urlset>', 'a'),
        (b'<?xml version="1.0" encoding="utf-16"?><urlset><url><loc>/a</loc></url></urlset>', 'a'),
        (b'<!-- x --><?xml-stylesheet href="x"?>\n<urlset><url><loc>/a</loc></url></urlset>', 'a'),
    ],
)
def test_malformed_ones_keep_their_addresses(data, link):
    feed = parse_feed(data, URL)
    assert paths(feed) == [link]
    assert feed.format == ('news_sitemap' if b'news:title' in data else 'sitemap')


def test_a_cut_one_keeps_what_it_has_and_names_the_fault():
    feed = parse_feed(sitemap(located('a', 'b', 'c'))[:-40], URL)
    assert paths(feed)[:2] == ['a', 'b']
    assert feed.fault.startswith('line 1: ')


def test_html_entities_in_titles_are_read():
    assert parse(NEWS.replace('Flood &amp; fire', 'Caf&eacute;&nbsp;&#8211; &quot;x&quot;')).entries[
        0
    ].title == ('Café – "x"')


@pytest.mark.parametrize('content_type', ['application/gzip', 'application/x-gzip', 'text/xml', None])
def test_compressed_files_are_inflated(content_type):
    data = gzip.compress(sitemap(located('a')))
    assert paths(parse_feed(data, URL + '.gz', content_type)) == ['a']
    parts = gzip.compress(sitemap(located('a'))[:50]) + gzip.compress(sitemap(located('a'))[50:])
    assert paths(parse_feed(parts, URL + '.gz', content_type)) == ['a']


def test_a_cut_or_damaged_compressed_file_gives_what_it_has():
    data = gzip.compress(sitemap(located(*(str(n * 7919) for n in range(20_000)))))
    feed = parse_feed(data[: len(data) // 2], URL)
    assert (len(feed.entries) > 1_000, feed.fault) == (True, 'its compressed file is cut')
    with pytest.raises(UnreadableFeed):
        parse_feed(b'\x1f\x8b\x08' + b'x' * 50, URL)


@pytest.mark.parametrize(
    'data',
    [
        gzip.compress(b'<urlset>' + b' ' * (MAX_INFLATED + 1)),
        gzip.compress(b'<rss version="2.0">' + b' ' * 11_000_000 + b'</rss>'),
        gzip.compress(b'\0' * 60_000_000),
    ],
)
def test_bombs_of_compression_are_refused_at_once(data):
    started = time.process_time()
    with pytest.raises(UnreadableFeed, match='inflates to more than'):
        parse_feed(data, URL)
    assert time.process_time() - started < 3


def test_very_many_empty_compressed_files_in_one_take_no_time():
    started = time.process_time()
    with pytest.raises(UnreadableFeed):
        parse_feed(gzip.compress(b'') * 200_000, URL)
    assert time.process_time() - started < 2


@pytest.mark.parametrize('root', ['urlset', 'sitemapindex'])
def test_entities_expand_to_nothing(tmp_path, root):
    secret = tmp_path / 'secret'
    secret.write_text('s3cret')
    bomb = '\n'.join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 20 if n else "boom"}">' for n in range(9))
    external = f'<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY % y SYSTEM "{secret.as_uri()}"> %y;'
    urls = '<url><loc>https://example.org/a&x;</loc><lastmod>&b8;</lastmod><news:news><news:title>&b8; &x;'
    for doctype in (
        f'<!DOCTYPE {root} [{bomb}\n{external}]>',
        f'<!DOCTYPE {root} SYSTEM "{secret.as_uri()}">',
    ):
        for place in (doctype + f'<{root}>', f'<{root}>' + doctype):
            started = time.process_time()
            shown = repr(parse_feed(f'<?xml version="1.0"?>{place}{urls}'.encode(), URL))
            assert time.process_time() - started < 2
            assert 's3cret' not in shown and 'boom' not in shown
            assert len(shown) < 2_000


@pytest.mark.parametrize(
    'inner',
    [
        b'<x/>' * 1_200_000,
        b'<url>' * 500_000,
        b'<url>' * 400_000 + b'</url>' * 400_000,
        b'<url><loc>' + b'a' * 20_000_000,
        b'<url><loc>' + b'&a' * 1_000_000,
        b'<url>' + b'<loc>https://example.org/</loc>' * 500_000,
        b'<![CDATA[' * 1_000_000,
        b'<!--' * 1_000_000,
        b'<url ' + b' '.join(b'a%d="1"' % n for n in range(100_000)) + b'>',
        b'<url ' + b' '.join(b'xmlns:a%d="u%d"' % (n, n) for n in range(100_000)) + b'>',
    ],
)
def test_sitemaps_made_to_take_long_do_not(inner):
    started = time.process_time()
    feed = parse_feed(b'<urlset>' + inner, URL)
    assert feed.fault
    assert time.process_time() - started < 5


def test_a_document_made_of_other_elements_is_not_read_to_its_end():
    feed = parse('<x/>' * 1_200_000 + located('a'))
    assert (feed.entries, feed.fault) == ((), 'It is longer than a sitemap may be, and cut.')


def test_of_the_largest_sitemap_the_newest_are_read():
    urls = located(*(f'{n} 2025-02-{n % 28 + 1:02}' for n in range(51_000)))
    started = time.process_time()
    feed = parse(urls)
    assert time.process_time() - started < 10
    assert len(feed.entries) == MAX_ITEMS
    assert feed.fault == f'It shows 50000 items, of which the first {MAX_ITEMS} are read.'
    assert min(entry.updated_at for entry in feed.entries) >= micros(2025, 2, 22)


# What starts, ends and breaks the structures that the parser knows; '~' stands for a blank.
PARTS = st.sampled_from(
    b"""<url> </url> <loc> </loc> https://example.org/ http://[ <lastmod> </lastmod> 2025-03-03 99999999999
    <news:news> </news:news> <news:title> <news:publication_date> , <![CDATA[ ]]> <!-- --> <?x~?> & &a; &#0;
    <!DOCTYPE~x[ <!ENTITY~a~" "> ]> <sitemap> </sitemap> </urlset> <html> \xff\xfe \x00 <x~a=" xmlns:news="
    <link~rel=alternate~type=application/rss+xml~href=/a> <head> <base~href="//["> \x1f\x8b\x08 { } [ "items":
    """.replace(b'~', b' ').split()
)
STARTS = st.sampled_from(
    (
        *(
            b'',
            b'<urlset>',
            b'<sitemapindex>',
            b'<!DOCTYPE html><html><head>',
            b'{"items":[',
            b'\x1f\x8b\x08\0',
        ),
        *(sitemap('').removesuffix(b'</urlset>'), b'<!DOCTYPE urlset [<!ENTITY a "b">]><urlset>'),
    )
)


@settings(derandomize=True, deadline=None, max_examples=600)
@given(STARTS, st.lists(PARTS | st.binary(max_size=4), max_size=30).map(b''.join), st.booleans())
def test_no_bytes_raise_anything_but_unreadable(start, rest, compressed):
    data = gzip.compress(start + rest, 1) if compressed else start + rest
    try:
        feed = parse_feed(data, URL, None, NOON)
    except UnreadableFeed:
        return
    ids = [entry.item_id for entry in feed.entries]
    assert len(ids) == len(set(ids))
    assert all(child.url.startswith(('http://', 'https://')) for child in feed.children)
    repr(feed).encode()
