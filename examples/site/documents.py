"""Everything that the example site answers with, for one edition and the ports it is served on."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Optional

from examples.site.content import HERE, Article, Outlet, Sources
from examples.site.feeds import CONTENT_TYPES, list_items, render_feed, render_opml
from examples.site.pages import render_article, render_front

# The moment of whatever has no date of its own.
_EPOCH = datetime(2025, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Document:
    """An answer to a GET of one path."""

    content_type: str
    body: bytes
    modified: datetime = _EPOCH
    status: int = 200
    location: Optional[str] = None

    @property
    def etag(self) -> str:
        return f'"{hashlib.blake2b(self.body, digest_size=8).hexdigest()}"'

    @property
    def last_modified(self) -> str:
        return format_datetime(self.modified.astimezone(UTC), usegmt=True)


def feed_urls(sources: Sources, bases: Mapping[str, str]) -> list[str]:
    """The URLs of the feeds in the OPML's order, those that do not answer among them."""
    return [bases[feed['outlet']] + feed['path'] for feed in sources.feeds]


def render_opml_of(sources: Sources, bases: Mapping[str, str]) -> str:
    """The OPML of all the feeds."""
    urls = feed_urls(sources, bases)
    return render_opml(
        [(feed, url, bases[feed['outlet']] + '/') for feed, url in zip(sources.feeds, urls, strict=True)]
    )


def build_documents(sources: Sources, bases: Mapping[str, str]) -> dict[tuple[str, str], Document]:
    """What every outlet answers, by outlet id and path without query (with it for redirects).

    Args:
        bases: each outlet's scheme, host and port without a slash at the end, by its id.
    """
    answers: dict[tuple[str, str], Document] = {}
    for outlet in sources.outlets:
        base = bases[outlet.id]
        articles = sources.articles_of(outlet.id)
        for article in articles:
            answers.update(_article_documents(outlet, article, articles, base))
        front = render_front(outlet, articles, base).encode()
        answers[outlet.id, '/'] = Document('text/html; charset=utf-8', front)
        robots = 'User-agent: *\n' + ''.join(f'Disallow: {path}\n' for path in outlet.style['disallow'])
        answers[outlet.id, '/robots.txt'] = Document('text/plain', robots.encode())
        for feed in sources.feeds:
            if feed['outlet'] == outlet.id and not feed.get('absent'):
                answers[outlet.id, feed['path']] = _feed_document(feed, outlet, articles, base)
    for table in sources.documents:
        body = (HERE / table['file']).read_bytes()
        answers[table['outlet'], table['path']] = Document(
            table['type'], body, status=table.get('status', 200)
        )
    opml = render_opml_of(sources, bases).encode()
    answers[sources.outlets[0].id, '/feeds.opml'] = Document('text/x-opml; charset=utf-8', opml)
    return answers


def _article_documents(
    outlet: Outlet, article: Article, articles: list[Article], base: str
) -> dict[tuple[str, str], Document]:
    encoding = outlet.style.get('encoding', 'utf-8')
    # An outlet with an old encoding leaves it to the page's <meta>, as such servers do.
    content_type = 'text/html; charset=utf-8' if encoding == 'utf-8' else 'text/html'
    body = render_article(outlet, article, articles, base).encode(encoding, 'xmlcharrefreplace')
    answers = {(outlet.id, article.path): Document(content_type, body, article.modified)}
    if article.feed_path != article.path:
        answers[outlet.id, article.feed_path] = Document(
            'text/html', b'', article.published, status=301, location=base + article.path
        )
    return answers


def _feed_document(feed: Mapping[str, Any], outlet: Outlet, articles: list[Article], base: str) -> Document:
    if 'file' in feed:
        return Document(CONTENT_TYPES[feed['format']], (HERE / feed['file']).read_bytes())
    encoding = outlet.style.get('encoding', 'utf-8') if feed['format'] == 'rss10' else 'utf-8'
    text = render_feed(feed, outlet, list_items(feed, articles, base), base)
    modified = max(article.modified for article in articles if feed['id'] in article.feeds)
    return Document(CONTENT_TYPES[feed['format']], text.encode(encoding, 'xmlcharrefreplace'), modified)
