"""Which links of a page look like feeds."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.functions.feed_links import feed_links, sitemaps_of

HOME = 'https://www.example.org/en/'


@pytest.mark.parametrize(
    ('markup', 'url'),
    [
        ('<a href="/rss">x</a>', 'https://www.example.org/rss'),
        ('<A class=b HREF=/world.xml>World</A>', 'https://www.example.org/world.xml'),
        ("<a href='world/index.rdf'>World</a>", 'https://www.example.org/en/world/index.rdf'),
        ('<a href="//example.org/feed/">x</a>', 'https://example.org/feed/'),
        ('<a href="https://m.example.org/a/feed.json#top">x</a>', 'https://m.example.org/a/feed.json'),
        ('<a href="/?feed=rss2&amp;cat=3">x</a>', 'https://www.example.org/?feed=rss2&cat=3'),
        ('<a href="feed:https://example.org/all.rss">x</a>', 'https://example.org/all.rss'),
        (
            '<a href="https://feeds.bbci.example/news/world">World</a>',
            'https://feeds.bbci.example/news/world',
        ),
        ('<a href="/service/9"><b>RSS</b> feeds of ours</a>', 'https://www.example.org/service/9'),
        ('<a href="/s/1"><img src="i.png" alt="RSS"></a>', 'https://www.example.org/s/1'),
        (
            '<a href="/s/2" title="RSS"><svg viewBox="0 0 8 8"><path d="M1"/></svg></a>',
            'https://www.example.org/s/2',
        ),
        ('<a href="/s/3"> Flux RSS </a>', 'https://www.example.org/s/3'),
        (
            '<base href="https://www.example.org/b/"><a href="rss.xml">x</a>',
            'https://www.example.org/b/rss.xml',
        ),
        ('<a href="/my feed.xml">x</a>', 'https://www.example.org/my%20feed.xml'),
    ],
)
def test_a_link_to_a_feed_or_to_a_page_of_feeds_is_found(markup, url):
    assert feed_links(markup, HOME) == (url,)


@pytest.mark.parametrize(
    'markup',
    [
        '<a href="/feedback">Feedback</a>',
        '<a href="/news/animal-feed-prices">Animal feed prices</a>',
        '<a href="/news/7">How to feed a family of nine on the price of RSS shares, the index of atoms</a>',
        '<a href="https://other.example/rss">RSS</a>',
        '<a href="/sitemap.xml">Sitemap</a>',
        '<a href="/rss-icon.png">RSS</a>',
        '<a href="/comments/feed/">RSS</a>',
        '<a href="/blog/feed/">Comments (RSS)</a>',
        '<a href="mailto:feed@example.org">feed</a>',
        '<a href="javascript:rss()">RSS</a>',
        '<a href="#rss">RSS</a>',
        '<a name="rss">RSS</a>',
        '<a href="http://[rss">RSS</a>',
    ],
)
def test_other_links_are_passed_over(markup):
    assert feed_links(markup, HOME) == ()


def test_addresses_that_look_like_feeds_come_before_links_that_are_called_so():
    markup = '<a href="/help">RSS</a><a href="/a.xml">A</a><a href="/b.xml">B</a><a href="/a.xml">A</a>'
    assert [url.rsplit('/', 1)[1] for url in feed_links(markup, HOME)] == ['a.xml', 'b.xml', 'help']


@pytest.mark.parametrize(
    'part',
    ['<a ', '<a href="rss" ', '<a href="/x"><svg>rss', '<a href=/rss><b>', '<base ', '<a href="', '</a'],
)
def test_pages_made_to_be_slow_are_read_in_linear_time(part):
    began = time.process_time()
    feed_links(part * (2_000_000 // len(part)), HOME)
    assert time.process_time() - began < 5


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    st.text(), st.lists(st.sampled_from(['<a ', 'href=', '"', '>', 'rss', '</a>', '//[', '\ud800', '&#0;']))
)
def test_any_text_is_read(text, parts):
    feed_links(text + ''.join(parts), HOME)
    sitemaps_of(text + 'Sitemap:' + ''.join(parts), HOME)
