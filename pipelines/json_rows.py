"""How rows look in the JSON lines of ``extract`` and ``annotate``."""

import dataclasses
from typing import Any, Optional

from schemas.articles import Article, Dateline, Mention
from transforms.functions.article_rows import moment_text


def article_json(page_id: Any, url: str, article: Article) -> dict[str, Any]:
    """The line of ``dateline extract`` for a page that gave an article."""
    return {
        'id': page_id,
        'url': url,
        'title': article.title,
        'standfirst': article.standfirst,
        'body': article.body,
        'subheads': [dataclasses.asdict(part) for part in article.subheads],
        'captions': [dataclasses.asdict(part) for part in article.captions],
        'authors': list(article.authors),
        'published_at': _moment(article.published_at),
        'modified_at': _moment(article.modified_at),
        'language': article.language,
        'section': article.section,
        'tags': list(article.tags),
        'image_url': article.image_url,
        'canonical_url': article.canonical_url,
        'paywalled': article.paywalled,
        'kind': article.kind,
        'outlet': article.outlet.id if article.outlet else None,
        'agency': article.agency,
        'dateline': dateline_json(article.dateline),
        'evidence': [dataclasses.asdict(part) for part in article.evidence],
    }


def dateline_json(dateline: Optional[Dateline]) -> Optional[dict[str, Any]]:
    """A dateline as an object, or None."""
    return dataclasses.asdict(dateline) if dateline else None


def mention_json(mention: Mention) -> dict[str, Any]:
    """A mention as an element of ``entities``."""
    return {
        'start': mention.start,
        'end': mention.end,
        'text': mention.text,
        'label': mention.label,
        'canonical': mention.canonical,
        'entity_id': mention.entity_id,
        'geonameid': mention.geonameid,
    }


def _moment(moment: Optional[int]) -> Optional[str]:
    return None if moment is None else moment_text(moment)
