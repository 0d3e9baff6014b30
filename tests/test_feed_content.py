"""The whole article where a feed gives it: which text it is, and what counts as an edit of it."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.feeds import Entry
from transforms.functions.entry_content import (
    MIN_DESCRIPTION_WORDS,
    MIN_WORDS,
    Text,
    WholeContent,
    whole_content,
    words_for_fingerprint,
)
from transforms.functions.feed_parsing import parse_feed
from transforms.functions.packed_text import MAX_PACKED, unpack

URL = 'https://example.org/feeds/all.xml'
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:atom="http://www.w3.org/2005/Atom"'
)
ARTICLE = '<p>The river rose again on Monday.</p><p>Nobody was <a href="/hurt">hurt</a>.</p>' * 6
LONG = '<p>' + 'The river rose again on Monday. ' * 40 + '</p>'


def entry_of(item: str) -> Entry:
    data = f'<rss version="2.0" {SPACES}><channel><item><guid>1</guid>{item}</item></channel></rss>'
    (entry,) = parse_feed(data.encode(), URL).entries
    return entry


def atom_entry(content: str) -> Entry:
    data = (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>t</title>{content}</entry></feed>'
    )
    (entry,) = parse_feed(data.encode(), URL).entries
    return entry


def encoded(html: str) -> str:
    return f'<content:encoded><![CDATA[{html}]]></content:encoded>'


def test_content_encoded_is_kept_whole_beside_the_summary():
    entry = entry_of(f'<description>Water rose.</description>{encoded(ARTICLE)}')
    assert (entry.summary, unpack(entry.content)) == ('Water rose.', ARTICLE)
    assert unpack(entry_of(f'{encoded(ARTICLE)}<description>Water rose.</description>').content) == ARTICLE


@pytest.mark.parametrize(
    ('content', 'html'),
    [
        (f'<content type="html"><![CDATA[{ARTICLE}]]></content>', ARTICLE),
        ('<content type="text">a &lt;b or b&gt; c &amp;amp; ' + 'd ' * 40 + '</content>', None),
        ('<content type="image/png">' + 'aGVs ' * 50 + '</content>', ''),
        ('<content type="html" src="https://example.org/a"/>', ''),
    ],
)
def test_atom_contents_are_kept_as_html(content, html):
    kept = unpack(atom_entry(content).content)
    assert kept == (
        html if html is not None else f'<p>a &lt;b or b&gt; c &amp;amp; {"d " * 40}'.rstrip() + '</p>'
    )


def test_xhtml_in_atom_is_kept_with_its_markup():
    inner = '<p>' + 'word <em>by</em> word ' * 20 + '</p>'
    kept = unpack(
        atom_entry(
            f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{inner}</div></content>'
        ).content
    )
    assert inner in kept


def test_the_longest_of_several_contents_is_kept():
    short, long = '<p>' + 'teaser ' * 45 + '</p>', '<p>' + 'article ' * 60 + '</p>'
    for order in ((short, long), (long, short)):
        assert unpack(entry_of(''.join(map(encoded, order))).content) == long


def test_a_teaser_or_caption_is_no_content():
    assert entry_of(encoded('<p>' + 'word ' * (MIN_WORDS - 1) + '</p>')).content is None
    assert entry_of(encoded('<p>' + 'word ' * MIN_WORDS + '</p>')).content is not None
    caption = f'<media:description>{"word " * 60}</media:description>'
    assert entry_of(f'<description>Water rose.</description>{caption}').content is None


def test_a_description_is_the_article_when_it_is_as_long_as_one():
    words = 'word ' * MIN_DESCRIPTION_WORDS
    assert (
        unpack(entry_of(f'<description><![CDATA[<p>{words}</p>]]></description>').content)
        == f'<p>{words}</p>'
    )
    assert unpack(entry_of(f'<description>{words}</description>').content) == f'<p>{words.strip()}</p>'
    assert entry_of(f'<description>{words[5:]}</description>').content is None
    for end in ('…', '[...]', '<a href="/a">Continue reading</a>', 'Full article &gt;&gt;'):
        assert entry_of(f'<description><![CDATA[<p>{words} {end}</p>]]></description>').content is None


def test_scripts_without_blanks_have_words_too():
    assert whole_content([Text('洪水' * MIN_WORDS, False)]) is not None
    assert whole_content([Text('洪水' * (MIN_WORDS - 1), False)]) is None


def test_plain_text_becomes_paragraphs():
    lines = ['first ' * 20, 'a < b &\nb', 'last ' * 20]
    html = whole_content([Text('\n \n'.join(lines), False)]).html
    assert html == f'<p>{lines[0].strip()}</p><p>a &lt; b &amp;\nb</p><p>{lines[2].strip()}</p>'
    one_a_line = whole_content([Text('\n'.join(['word ' * 25] * 2), False)]).html
    assert one_a_line == f'<p>{("word " * 25).strip()}</p>' * 2


def test_markup_that_was_escaped_twice_or_not_declared_is_markup():
    escaped = ARTICLE.replace('<', '&lt;').replace('>', '&gt;')
    assert whole_content([Text(escaped, True)]).html == ARTICLE
    assert whole_content([Text(ARTICLE, False)]).html == ARTICLE


def test_pictures_written_into_the_text_do_not_make_it_too_long():
    picture = f'<img src="data:image/png;base64,{"iVBO" * 120_000}">'
    assert whole_content([Text(picture + ARTICLE, True)]).html == f'<img src="data:,">{ARTICLE}'
    assert whole_content([Text('word ' * MAX_PACKED, True)]) is None


def test_an_edit_of_the_content_alone_is_noticed():
    before = entry_of(f'<description>s</description>{encoded(LONG * 40 + "12 people died.")}')
    after = entry_of(f'<description>s</description>{encoded(LONG * 40 + "15 people died.")}')
    assert len(LONG * 40) > 45_000
    assert (before.key, before.summary) == (after.key, after.summary)
    assert before.fingerprint != after.fingerprint


@pytest.mark.parametrize(
    ('before', 'after'),
    [
        ('<img src="/count.gif?at=1" width="1">', '<img src="/count.gif?at=2" width="1">'),
        ('<a href="/x?token=1" class="a">more</a>', '<b><a href="/x?token=2">more</a></b>'),
        ('<p>Post Views: 1,204</p>', '<p>Post Views: 1,310</p>'),
        ('<p>3.1k views · 1 comment</p>', '<p>3.4k views · 2 comments</p>'),
        ('<p>59 minutes ago</p>', '<p>2 hours ago</p>'),
        ('<p>Просмотров: 12</p>', '<p>Просмотров: 15</p>'),
        ('<p>“It rose” – twice…</p>', '<p>"It rose" - twice...</p>'),
        ('<script>var t=1;</script>', '<script>var t=2;</script>'),
    ],
)
def test_counters_pixels_and_decoration_are_no_edit(before, after):
    for head in ('', '<description>s</description>'):
        prints = {entry_of(head + encoded(ARTICLE + part)).fingerprint for part in (before, after)}
        assert len(prints) == 1


def test_numbers_of_the_story_are_words():
    assert words_for_fingerprint(
        WholeContent('', 'It views 12 as many; 1,500 died')
    ) != words_for_fingerprint(WholeContent('', 'It views 12 as many; 1,600 died'))


@pytest.mark.parametrize(
    'value',
    [
        *('1 ' * 190_000, 'views: 1 ' * 40_000, '<p>' * 130_000, '\n \n' * 130_000, '<a x=' + ' ' * 390_000),
        *('data:a;base64,' * 28_000, '1,' * 190_000, '&lt;p&gt;' * 40_000),
    ],
)
def test_texts_made_to_take_long_do_not(value):
    started = time.process_time()
    for markup in (True, False):
        content = whole_content([Text(value, markup)], Text(value, markup))
        if content:
            words_for_fingerprint(content)
    assert time.process_time() - started < 2


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.text(alphabet='<>&;pa/ \n1.洪"=-![]', max_size=200), st.booleans())
def test_any_text_is_a_content_or_none(value, markup):
    content = whole_content([Text(value + 'word ' * MIN_WORDS, markup)])
    if content:
        words_for_fingerprint(content)
        assert content.html and content.text
