"""Our text and trafilatura's agree, or a reason with a name says why not; and no cache changes an article."""

import collections
import functools
import importlib
import pathlib
import pkgutil
import random
import re

import pytest
import trafilatura
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trafilatura.settings import Document

from schemas.articles import Article
from schemas.pages import Page
from transforms.functions import extraction
from transforms.functions.extraction.article import extract_article

URL = 'https://www.example.org/news/story-1'
PAGES = sorted((pathlib.Path(__file__).parent / 'pages').glob('*.html'))
LEAST = 0.8  # F1 of words; headings, captions and standfirsts count on both sides
REASONS = {
    'repeated_body': 'we give a text once that the page holds twice',
    'korean_portal': 'we take out the reporter’s line and the notice of rights of a short text',
    'mojibake': 'we mend wrongly decoded characters',
}
_TOKEN = re.compile(r'[\u3040-\u30ff\u3400-\u9fff]|\w+')
_WORDS = (
    *('harbour', 'ferry', 'council', 'storm', 'winter', 'bridge', 'keeper'),
    *('signal', 'engine', 'market', 'ticket', 'island', 'valley', 'mill'),
)


def text_of(article: Article) -> str:
    captions = [one.text for one in article.captions]
    parts = [
        article.title,
        article.standfirst,
        article.body,
        *captions,
        *(one.text for one in article.subheads),
    ]
    return '\n'.join(part for part in parts if part)


def agreement(ours: Article, theirs: str) -> float:
    """F1 of two texts as multisets of words; what we know besides the body is neither right nor wrong."""
    body = collections.Counter(token.lower() for token in _TOKEN.findall(ours.body))
    whole = collections.Counter(token.lower() for token in _TOKEN.findall(text_of(ours)))
    other = collections.Counter(token.lower() for token in _TOKEN.findall(theirs))
    precision = (body & other).total() / max(1, body.total())
    recall = (whole & other).total() / max(1, other.total())
    return 2 * precision * recall / max(1e-9, precision + recall)


def by_trafilatura(html: bytes) -> str:
    document = trafilatura.bare_extraction(html, url=URL, include_comments=False)
    return document.text if isinstance(document, Document) and document.text else ''


@pytest.mark.parametrize('path', PAGES, ids=lambda path: path.stem)
def test_our_text_and_trafilaturas_agree_on_golden_pages_or_a_reason_says_why_not(path: pathlib.Path) -> None:
    html = path.read_bytes()
    article = extract_article(Page(url=URL, final_url=URL, body=html))
    if not isinstance(article, Article):
        return
    found = agreement(article, by_trafilatura(html))
    assert (found >= LEAST) != (path.stem in REASONS), f'{found:.3f}'


@st.composite
def pages(draw: st.DrawFn) -> tuple[list[str], str]:
    """A story's paragraphs, and a page around them in one of the markups of content systems."""
    rng = random.Random(draw(st.integers(0, 10**6)))
    story = [
        ' '.join(
            f'The {rng.choice(_WORDS)} {number}{index} was near the {rng.choice(_WORDS)} again.'
            for index in range(draw(st.integers(2, 5)))
        )
        for number in range(draw(st.integers(5, 9)))
    ]
    paragraph = draw(
        st.sampled_from(
            ['<p>{}</p>', '<p class="a1">{} <a href="/x">More</a></p>', '<div class="p9">{}</div>']
        )
    )
    frame = draw(
        st.sampled_from(
            [
                '<article><h1>Night of the storm</h1><div class="article-body">{}</div></article>',
                '<main><h1>Night of the storm</h1><div class="entry-content">{}</div></main>',
                '<div id="content"><h1>Night of the storm</h1>{}</div>',
                '<section><div itemprop="articleBody">{}</div></section>',
            ]
        )
    )
    before = draw(st.sampled_from(['', '<nav><ul><li><a href="/">Home</a></li></ul></nav>']))
    after = draw(
        st.sampled_from(
            ['', '<footer><p>Imprint</p></footer>', '<div class="related"><a href="/y">Other</a></div>']
        )
    )
    body = ''.join(paragraph.format(text) for text in story)
    head = '<title>Night of the storm</title>'
    return story, f'<html><head>{head}</head><body>{before}{frame.format(body)}{after}</body></html>'


@given(pages())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_storys_paragraphs_are_found_in_any_markup_as_trafilatura_finds_them(
    page: tuple[list[str], str],
) -> None:
    story, html = page
    article = extract_article(Page(url=URL, final_url=URL, body=html.encode()))
    assert isinstance(article, Article)
    assert [text for text in story if text not in article.body] == []
    assert agreement(article, by_trafilatura(html.encode())) >= LEAST


def clear_caches() -> None:
    for info in pkgutil.iter_modules(extraction.__path__):
        module = importlib.import_module(f'{extraction.__name__}.{info.name}')
        for value in vars(module).values():
            if isinstance(value, functools._lru_cache_wrapper) and value.cache_info().maxsize is not None:
                value.cache_clear()


def test_what_was_read_before_changes_no_article() -> None:
    bodies = [path.read_bytes() for path in PAGES]

    def outcome(body: bytes) -> object:
        return extract_article(Page(url=URL, final_url=URL, body=body))

    alone = []
    for body in bodies:
        clear_caches()
        alone.append(outcome(body))
    shuffled = list(range(len(bodies)))
    random.Random(7).shuffle(shuffled)
    after_others = {index: outcome(bodies[index]) for index in shuffled + shuffled[::-1]}
    assert [after_others[index] for index in range(len(bodies))] == alone
