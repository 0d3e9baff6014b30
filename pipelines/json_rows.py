"""The JSON lines of ``extract`` and ``annotate``: how one is read and printed, how rows look in it."""

import dataclasses
import json
import math
import re
import sys
from typing import Any, Optional

from schemas.articles import Article, Dateline, Mention
from transforms.functions.article_rows import moment_text

_SURROGATE = re.compile('[\ud800-\udfff]')


def read_line(line: str) -> dict[str, Any]:
    """The object that the line holds. ValueError, with a few words for people, if it holds none."""
    try:
        entry = json.loads(line, parse_constant=_number, parse_float=_number)
    except RecursionError:
        raise ValueError('nested too deeply') from None
    except ValueError:
        raise ValueError('not JSON') from None
    if not isinstance(entry, dict):
        raise ValueError('not a JSON object')
    return entry


def print_line(line: dict[str, Any]) -> None:
    """Prints the object as a line of standard output."""
    text = json.dumps(line, ensure_ascii=False)
    try:
        text.encode(getattr(sys.stdout, 'encoding', None) or 'utf-8')
    except UnicodeEncodeError:  # half a character in an id, as it was given; or a terminal without UTF-8
        text = json.dumps(line)
    print(text)


def mend(text: str) -> str:
    """The text with U+FFFD for halves of characters, which JSON can hold and files cannot; as long as before.

    >>> mend(json.loads('"\\\\ud800 x"'))
    '\ufffd x'
    """
    return _SURROGATE.sub('\ufffd', text)


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


def _number(text: str) -> float:
    # NaN, infinity and what overflows to it can be read by Python, but printed to nobody else.
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number
