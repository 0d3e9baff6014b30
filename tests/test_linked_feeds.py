"""The feeds that a web page names."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.feeds import ChildFeed
from transforms.functions.linked_feeds import MAX_LINKED, linked_feeds

URL = 'https://example.org/en/news.html'


def page(head: str) -> str:
    return f'<!DOCTYPE html><html><head><title>t</title>{head}</head><body><p>text</p></body></html>'


def alternate(href: str, kind: str = 'application/rss+xml', title: str = '') -> str:
    return f'<link rel="alternate" type="{kind}" href="{href}" title="{title}">'


def urls(head: str) -> list[str]:
    return [child.url for child in linked_feeds(page(head), URL)]


def test_all_kinds_of_feeds_are_found_in_the_pages_order():
    head = (
        alternate('/rss', title='News &amp; views')
        + alternate('atom', 'application/atom+xml')
        + alternate('https://feeds.example.net/a.json', 'application/feed+json')
        + alternate('//example.org/plain.json', 'Application/JSON; charset=utf-8')
        + alternate('/rdf', 'application/rdf+xml')
    )
    assert linked_feeds(page(head), URL) == (
        ChildFeed('https://example.org/rss', 'News & views'),
        ChildFeed('https://example.org/en/atom'),
        ChildFeed('https://feeds.example.net/a.json'),
        ChildFeed('https://example.org/plain.json'),
        ChildFeed('https://example.org/rdf'),
    )


def test_links_are_read_against_the_base_that_the_page_names():
    assert urls('<base href="/deeper/still/">' + alternate('rss')) == ['https://example.org/deeper/still/rss']
    assert urls(alternate('rss') + '<base target="_top">') == ['https://example.org/en/rss']


def test_attributes_may_be_unquoted_and_in_any_order_and_case():
    assert urls('<LINK HREF=/rss TYPE=application/rss+xml REL="home ALTERNATE">') == [
        'https://example.org/rss'
    ]


@pytest.mark.parametrize(
    'head',
    [
        alternate('/comments/feed/'),
        alternate('/feed/?feed=comments-rss2'),
        alternate('/en/feed/', title='The Wire » Flood in Basra Comments Feed'),
        alternate('/fr/feed/', title='Le Fil » Flux des commentaires'),
        alternate('/wp-json/wp/v2/posts/1', 'application/json'),
        alternate('/oembed?url=x', 'application/json'),
        alternate('/oembed?url=x', 'application/json+oembed'),
        alternate('/de/', 'text/html'),
        alternate('javascript:x'),
        alternate('file:///etc/passwd'),
        alternate(''),
        alternate('http://['),
        alternate('news.html#top'),
        f'<!-- {alternate("/rss")} -->',
        f"<script>document.write('{alternate('/rss')}')</script>",
        '<link rel="stylesheet" type="application/rss+xml" href="/rss">',
        '<link rel="alternate" type="application/rss+xml">',
        '',
    ],
)
def test_what_is_no_feed_of_the_site_is_left_out(head):
    assert urls(head) == []


def test_sections_of_comment_and_commentary_are_feeds():
    assert len(urls(alternate('/commentary/rss', title='Comment') + alternate('/commentisfree/rss'))) == 2


def test_a_head_broken_by_an_image_loses_no_feed():
    assert urls('<img src="/count.gif">' + alternate('/rss')) == ['https://example.org/rss']


def test_each_feed_is_named_once_and_at_most_ten_are():
    assert urls(alternate('/rss', title='A') + alternate('/rss#x', title='B')) == ['https://example.org/rss']
    many = urls(''.join(alternate(f'/rss/{n}') for n in range(30)))
    assert many == [f'https://example.org/rss/{n}' for n in range(MAX_LINKED)]


@pytest.mark.parametrize(
    'text',
    [
        alternate('/rss') * 10_000,
        '<a ' + ' '.join(f'a{n}=1' for n in range(100_000)),
        '<div>' * 200_000,
        '<!--' * 200_000,
        '<p><b><i>' * 100_000 + '</u>' * 100_000,
    ],
)
def test_pages_made_to_take_long_do_not(text):
    started = time.process_time()
    linked_feeds(text, URL)
    assert time.process_time() - started < 1


# '~' stands for a blank.
HTML_PARTS = st.sampled_from(
    '<html>|<head>|</head>|<body>|<link~rel=alternate~type=application/rss+xml~href=|"|>|<base~href=|http://[|'
    '~/a~|//|<!--|-->|<![CDATA[|]]>|<script>|</script>|&#0;|\0|\ud800|\ufffe|<svg>|<?a~?>|<!DOCTYPE'.replace(
        '~', ' '
    ).split('|')
)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    st.lists(HTML_PARTS | st.text(max_size=4), max_size=20).map(''.join),
    st.text(max_size=10) | st.just(URL),
)
def test_no_text_raises_anything(text, url):
    for child in linked_feeds(text, url):
        assert child.url.startswith(('http://', 'https://'))
