"""Whether an article's text is its page's or its feed entry's, and what the row says of it."""

import pytest

from schemas.articles import Article
from schemas.pages import Page, Rejection
from tests.made_rows import NOON, sighting
from transforms.functions.extraction.page_or_feed import article_of
from transforms.functions.extraction.robots_meta import forbids_keeping
from transforms.functions.packed_text import pack

URL = 'http://news.example/a'
SENTENCE = 'The ferry across the strait sailed again on Monday after the harbour was cleared of sand. '


def content(paragraphs=6):
    parts = ''.join(f'<p>{SENTENCE}Crew {n} counted the cars on board twice.</p>' for n in range(paragraphs))
    return (
        '<figure><img src="/ferry.jpg" width="600"><figcaption>The ferry at dawn</figcaption></figure>'
        f'<h2>What the harbour says</h2>{parts}'
    )


def page(body, html=None, **more):
    """A page that one sighting led to, whose entry has that content."""
    seen = sighting('a', title='Ferry sails again', content=pack(html or content()), language='en')
    return Page(URL, URL, body.encode(), fetched_at=NOON, sightings=(seen,), **more)


def html_page(paragraphs, head=''):
    text = ''.join(
        f'<p>{SENTENCE}Port {n} was asked and said that it had seen it.</p>' for n in range(paragraphs)
    )
    return (
        f'<html><head><title>Ferry back | News</title>{head}</head>'
        f'<body><h1>Ferry is back</h1><article>{text}</article></body></html>'
    )


def told(article):
    return {(row.source, row.value) for row in article.evidence if row.field == 'content'}


def test_a_page_that_holds_the_article_is_used_and_nothing_is_said_of_the_feed():
    article = article_of(page(html_page(6)))
    assert isinstance(article, Article)
    assert (article.content_from, article.title, told(article)) == ('page', 'Ferry is back', set())


def test_a_page_that_could_not_be_had_gives_way_to_the_entry():
    article = article_of(page('', refusal='robots', refusal_detail='disallowed for dateline'))
    assert isinstance(article, Article)
    assert (article.content_from, article.title, article.language) == ('feed', 'Ferry sails again', 'en')
    assert article.body.startswith(SENTENCE.strip()) and article.body.count('\n\n') == 5
    assert [subhead.text for subhead in article.subheads] == ['What the harbour says']
    assert [caption.text for caption in article.captions] == ['The ferry at dawn']
    assert article.image_url == 'http://news.example/ferry.jpg'
    assert ('page', 'robots (disallowed for dateline)') in told(article)


def test_a_refused_page_whose_entry_holds_no_text_keeps_its_reason():
    assert article_of(page('', '<p>Subscribe.</p>', refusal='http_4xx', refusal_detail='404')) == Rejection(
        'http_4xx', '404'
    )


def test_a_teaser_gives_way_to_the_entry_but_keeps_what_the_page_says_of_the_article():
    article = article_of(page(html_page(2, '<meta name="author" content="Ann Ito">')))
    assert isinstance(article, Article)
    assert (article.content_from, article.title, article.authors) == ('feed', 'Ferry is back', ('Ann Ito',))
    assert 'Crew 5' in article.body
    assert {source for source, _ in told(article)} == {'feed', 'page'}


def test_a_page_that_is_a_little_shorter_than_the_entry_is_kept():
    article = article_of(page(html_page(5)))
    assert isinstance(article, Article) and article.content_from == 'page'


def test_a_page_without_text_gives_way_to_the_entry():
    article = article_of(page('<html><body><div id=app></div></body></html>'))
    assert isinstance(article, Article) and article.content_from == 'feed'


def test_a_page_that_is_no_article_gives_way_only_to_a_whole_story():
    video = (
        '<html><head><meta property="og:type" content="video.other"></head><body><h1>Watch</h1></body></html>'
    )
    assert isinstance(article_of(page(video)), Article)
    assert isinstance(article_of(page(video, content(2))), Rejection)


def test_content_that_nests_beyond_reason_still_gives_its_lines():
    deep = '<div>' * 500 + content() + '</div>' * 500
    article = article_of(page('', deep, refusal='robots'))
    assert isinstance(article, Article) and 'Crew 5' in article.body


def test_a_date_of_the_feed_that_nobody_believes_stays_in_the_evidence():
    seen = sighting('a', published_at=None, date_text='Mon, 01 Jan 1900 00:00:00 GMT')
    article = article_of(Page(URL, URL, html_page(6).encode(), fetched_at=NOON, sightings=(seen,)))
    assert isinstance(article, Article)
    rows = [(row.value, row.source, row.chosen) for row in article.evidence if row.field == 'published_at']
    assert ('Mon, 01 Jan 1900 00:00:00 GMT', 'feed', False) in rows


@pytest.mark.parametrize(
    ('header', 'meta', 'forbidden'),
    [
        ('noindex', '', True),
        ('otherbot: noindex\nunavailable_after: 25 Jun 2010', '', False),
        ('dateline: noarchive', '', True),
        ('', 'NOARCHIVE', True),
        ('', 'index, max-snippet:-1', False),
    ],
)
def test_a_page_that_forbids_keeping_is_rejected_where_that_is_respected(header, meta, forbidden):
    html = html_page(6, f'<meta name="robots" content="{meta}">' if meta else '')
    result = article_of(page(html, robots_tag=header))
    assert isinstance(result, Rejection) == forbidden
    if forbidden:
        assert result.reason == 'robots'
    assert isinstance(article_of(page(html)), Article)


def test_a_directive_names_where_it_stands():
    assert forbids_keeping('none', []) == 'none in X-Robots-Tag'
