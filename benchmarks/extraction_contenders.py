"""The extractors that `benchmarks.extraction` compares, each as a function from a page to an answer."""

import dataclasses
import importlib.util
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from schemas.articles import Article

# Imported where they are used: each process pays for its own contender only, and some may be missing.


@dataclasses.dataclass(frozen=True)
class Answer:
    """What an extractor says of a page; None for what it does not look for. ``date`` is an ISO 8601 day."""

    body: str
    title: Optional[str] = None
    authors: Optional[list[str]] = None
    date: Optional[str] = None


Extract = Callable[[bytes, str], Answer]


def _dateline(with_subheads: bool = False) -> Extract:
    from schemas.articles import Article
    from schemas.pages import Page
    from transforms.functions.extraction.article import extract_article
    from transforms.functions.extraction.times import day_of

    def extract(html: bytes, url: str) -> Answer:
        article = extract_article(Page(url=url, final_url=url, body=html))
        if not isinstance(article, Article):
            return Answer('', '', [], '')
        day = '' if article.published_at is None else day_of(article.published_at)
        text = _with_subheads(article) if with_subheads else article.body
        return Answer(text, article.title or '', list(article.authors), day)

    return extract


def _with_subheads(article: 'Article') -> str:
    """The body with its subheads where they stood, as the gold answers and the others' texts have them."""
    parts, start = [], 0
    for subhead in article.subheads:
        parts += [article.body[start : subhead.offset], subhead.text]
        start = subhead.offset
    return '\n'.join([*parts, article.body[start:]])


def _trafilatura(**options: Any) -> Callable[[], Extract]:
    def load() -> Extract:
        import trafilatura
        from trafilatura.settings import Document

        logging.getLogger('trafilatura').setLevel(logging.CRITICAL)

        def extract(html: bytes, url: str) -> Answer:
            found = trafilatura.bare_extraction(html, url=url, with_metadata=True, **options)
            if not isinstance(found, Document):
                return Answer('', '', [], '')
            authors = found.author.split('; ') if found.author else []
            return Answer(found.text or '', found.title or '', authors, found.date or '')

        return extract

    return load


def _resiliparse() -> Extract:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    def extract(html: bytes, url: str) -> Answer:
        tree = HTMLTree.parse(html.decode('utf-8', 'replace'))
        return Answer(extract_plain_text(tree, main_content=True, alt_texts=False))

    return extract


def _newspaper() -> Extract:
    import newspaper

    logging.getLogger('newspaper').setLevel(logging.CRITICAL)

    def extract(html: bytes, url: str) -> Answer:
        article = newspaper.Article(url, fetch_images=False)
        try:
            article.download(input_html=html.decode('utf-8', 'replace'))
            article.parse()
        except Exception:  # a library of the comparison on a page that it cannot read: no answer
            return Answer('', '', [], '')
        day = article.publish_date.date().isoformat() if article.publish_date else ''
        return Answer(article.text, article.title, list(article.authors), day)

    return extract


def _readability() -> Extract:
    import readability
    from lxml import html as lxml_html

    logging.getLogger('readability').setLevel(logging.CRITICAL)

    def extract(html: bytes, url: str) -> Answer:
        document = readability.Document(html.decode('utf-8', 'replace'))
        try:
            text = lxml_html.fromstring(document.summary()).text_content()
            return Answer(str(text), str(document.short_title()))
        except Exception:  # as above
            return Answer('', '')

    return extract


CONTENDERS: dict[str, Callable[[], Extract]] = {
    'dateline': _dateline,
    'dateline-with-subheads': lambda: _dateline(with_subheads=True),
    'trafilatura': _trafilatura(),
    'trafilatura-fast': _trafilatura(fast=True),
    'trafilatura-precision': _trafilatura(favor_precision=True),
    'resiliparse': _resiliparse,
    'newspaper4k': _newspaper,
    'readability-lxml': _readability,
}
_MODULES = {'resiliparse': 'resiliparse', 'newspaper4k': 'newspaper', 'readability-lxml': 'readability'}


def missing(name: str) -> Optional[str]:
    """The package that a contender needs and that is not installed."""
    module = _MODULES.get(name)
    return name if module is not None and importlib.util.find_spec(module) is None else None
