"""Golden pages: HTML in, JSON out. A new page is two files; the JSON holds what the lake's readers get."""

import datetime
import json
import pathlib
from typing import Any

import pytest

from schemas.articles import Article
from schemas.pages import Page, Rejection
from schemas.rows import Row
from transforms.functions.extraction.article import EXTRACTOR_VERSION, explain_article

PAGES = pathlib.Path(__file__).parent / 'pages'
URL = 'https://www.example.org/news/story-1'
_COMPARED = (
    *('title', 'standfirst', 'kind', 'language', 'authors', 'published_at', 'modified_at', 'section', 'tags'),
    *('image_url', 'canonical_url', 'paywalled', 'site_name', 'word_count', 'captions', 'subheads'),
)


def outcome(path: pathlib.Path) -> dict[str, Any]:
    page = Page(url=URL, final_url=URL, body=path.read_bytes(), fetched_at=1_767_225_600_000_000)
    result, removed = explain_article(page)
    rules = [list(removal) for removal in removed]
    if isinstance(result, Rejection):
        return {'reason': result.reason, 'detail': result.detail}
    fields: dict[str, Any] = {name: _plain(getattr(result, name)) for name in _COMPARED}
    fields['body'] = result.body.split('\n\n')
    fields['removed'] = rules
    fields['evidence'] = {
        name: [[row.source, row.value] for row in result.evidence if row.field == name]
        for name in ('title', 'authors', 'published_at', 'language')
    }
    return fields


def _plain(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value > 10**12:
        when = datetime.datetime.fromtimestamp(value / 1_000_000, datetime.UTC)
        return when.isoformat()
    if isinstance(value, tuple):
        return [list(vars(item).values()) if isinstance(item, Row) else item for item in value]
    return value


@pytest.mark.parametrize('path', sorted(PAGES.glob('*.html')), ids=lambda path: path.stem)
def test_golden_page_gives_its_article(path: pathlib.Path) -> None:
    expected = json.loads(path.with_suffix('.json').read_text(encoding='utf-8'))
    assert json.loads(json.dumps(outcome(path))) == expected


@pytest.mark.parametrize('path', sorted(PAGES.glob('*.html')), ids=lambda path: path.stem)
def test_offsets_of_golden_pages_point_at_paragraph_starts(path: pathlib.Path) -> None:
    result, _ = explain_article(Page(url=URL, final_url=URL, body=path.read_bytes()))
    if isinstance(result, Article):
        starts = {0, len(result.body)}
        starts |= {n + 2 for n in range(len(result.body)) if result.body.startswith('\n\n', n)}
        assert {subhead.offset for subhead in result.subheads} <= starts
        assert {caption.offset for caption in result.captions if caption.offset is not None} <= starts
        assert result.extractor_version == EXTRACTOR_VERSION
