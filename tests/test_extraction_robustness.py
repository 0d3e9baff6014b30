"""Extraction never raises, is deterministic, and rejects what it cannot read."""

import concurrent.futures
import multiprocessing
import pathlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.articles import Article
from schemas.pages import Page, Rejection
from schemas.vocabulary import Reason
from transforms.functions.extraction.article import extract_article

URL = 'https://www.example.org/a'
PAGES = sorted((pathlib.Path(__file__).parent / 'pages').glob('*.html'))
_TAGS = (
    'p',
    'div',
    'article',
    'table',
    'tr',
    'td',
    'a',
    'h1',
    'h2',
    'script',
    'figure',
    'figcaption',
    'time',
    'b',
    'ul',
    'li',
)
_ATTRIBUTES = (
    'class="byline author"',
    'itemprop="author"',
    'class="caption"',
    'datetime="x"',
    'href="//["',
    'rel=author',
    '',
)


def outcome(data: bytes, charset: str | None = None) -> Article | Rejection:
    return extract_article(Page(url=URL, final_url=URL, body=data, charset=charset))


@given(
    st.binary(max_size=2_000), st.sampled_from([None, 'utf-8', 'utf-7', 'zlib', 'idna', 'nonsense', 'utf-16'])
)
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_an_article_or_a_rejection(data: bytes, charset: str | None) -> None:
    assert isinstance(outcome(data, charset), (Article, Rejection))
    assert isinstance(outcome(b'<html><body><p>' + data, charset), (Article, Rejection))


@st.composite
def markup(draw: st.DrawFn) -> str:
    parts = ['<html>' if draw(st.booleans()) else '']
    for _ in range(draw(st.integers(1, 25))):
        tag = draw(st.sampled_from(_TAGS))
        attribute = draw(st.sampled_from(_ATTRIBUTES))
        text = draw(st.text(max_size=30)) * draw(st.integers(0, 8))
        parts.append(f'<{tag} {attribute}>{text}' + (f'</{tag}>' if draw(st.booleans()) else ''))
    return ''.join(parts)


@given(markup())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_markup_gives_an_article_or_a_rejection(html: str) -> None:
    result = outcome(html.encode('utf-8', 'replace'))
    assert isinstance(result, (Article, Rejection))
    if isinstance(result, Rejection):
        assert result.reason in {reason.value for reason in Reason}


@pytest.mark.parametrize(
    'value', ['null', '[]', '{}', '"x"', '0', '[[[[{"@type":"NewsArticle"}]]]]', '{"@type":null}']
)
@pytest.mark.parametrize(
    'field',
    [
        'author',
        'headline',
        'datePublished',
        'image',
        'keywords',
        'hasPart',
        'publisher',
        'inLanguage',
        '@type',
    ],
)
def test_json_ld_of_any_shape_does_no_harm(field: str, value: str) -> None:
    script = f'{{"@type": "NewsArticle", "headline": "Saplings", "{field}": {value}}}'
    head = f'<head><script type="application/ld+json">{script}</script></head>'
    html = f'<html>{head}<body><article>{"<p>Some words here.</p>" * 20}'
    assert isinstance(outcome(html.encode()), (Article, Rejection))


@pytest.mark.parametrize(
    'html',
    [
        '<div>' * 5_000 + '<p>deep</p>',
        '<b>' * 3_000 + 'deep',
        '<span>' * 1_500 + 'The words are at the bottom of it all. ' * 20,
        '<table><tr><td>' * 400 + 'cell',
        '<p>' + 'x' * 300_000 + '</p>',
        '<p>' + ' - ' * 60_000 + '</p>',
        '<a href="/x">link</a> ' * 5_000,
        '<p>' + '(AP Photo/' * 3_000 + '</p>',
        '<script type="application/ld+json">' + '[' * 50_000 + '</script><p>text</p>',
        '<base href="http://["><link rel=canonical href="http://[::1"><p>text</p>',
    ],
    ids=['divs', 'bold', 'spans', 'tables', 'one-word', 'dashes', 'links', 'parentheses', 'json', 'urls'],
)
def test_hostile_pages_end(html: str) -> None:
    assert isinstance(outcome(f'<html><body>{html}'.encode()), (Article, Rejection))


def test_the_same_pages_give_the_same_articles_in_any_order_and_in_another_process() -> None:
    bodies = [path.read_bytes() for path in PAGES]
    forward = [outcome(body) for body in bodies]
    backward = [outcome(body) for body in reversed(bodies)]
    assert forward == backward[::-1]
    context = multiprocessing.get_context('spawn')
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        assert list(pool.map(outcome, bodies)) == forward


def test_inline_markup_that_nests_deep_in_a_paragraph_is_an_article() -> None:
    text = 'It rained in the north for three days, and the wells are full again. ' * 8
    assert isinstance(outcome(f'<html><body><p>{"<b>wet " * 1_900}{text}'.encode()), Article)
