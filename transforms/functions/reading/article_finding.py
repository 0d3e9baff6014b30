"""Finding an article by its id, a beginning of its id, or a URL: in short columns, never in bodies."""

import dataclasses
import re

import pyarrow as pa
import pyarrow.compute as pc

from schemas.ids import hash_id
from transforms.functions.reading.lake_reading import Lake, read_rows
from transforms.functions.urls import normalise_url, url_key

# In the ledger first: it has a file a day where articles have one for each outlet.
_LEDGER = ('article_id', 'url', 'url_key', 'final_url', 'article_date', 'article_outlet')
_REFUSALS = (*_LEDGER, 'disposition', 'reason', 'decided_at')
_ARTICLES = ('article_id', 'url', 'url_key', 'final_url', 'canonical_url', 'date', 'outlet')
_ID = re.compile('[0-9a-f]{1,32}')


class ArticleNotFound(Exception):
    """No article is meant, or more than one; the message says which could be."""


@dataclasses.dataclass(frozen=True)
class FoundArticle:
    """An article and its partition."""

    article_id: str
    date: str
    outlet: str


def find_article(lake: Lake, given: str) -> FoundArticle:
    """The article with this id, unique beginning of an id, or URL (asked for, answered or canonical).

    Raises ArticleNotFound, and what reading raises: FileNotFoundError, DamagedFile, PartitionBusy.
    """
    is_id = bool(_ID.fullmatch(given))
    if not is_id and not normalise_url(given):
        raise ArticleNotFound(
            f'{given or repr(given)}: is neither an article_id (hexadecimal digits) nor a URL'
        )

    def matching(rows: pa.Table) -> pa.Table:
        return rows.filter(pc.starts_with(rows['article_id'], given) if is_id else _has_url(rows, given))

    sighted = read_rows(lake, 'ledger', _REFUSALS, select=matching)
    found = _places(sighted, 'article_date', 'article_outlet')
    if not found:  # a killed run may have left an article without its ledger row
        found = _places(read_rows(lake, 'articles', _ARTICLES, select=matching), 'date', 'outlet')
    if not is_id and len(found) > 1:  # a page that redirects elsewhere by now: its own address decides
        own = hash_id(url_key(given))
        found = [place for place in found if place.article_id == own] or found
    if len(found) == 1:
        return found[0]
    if found:
        shown = ', '.join(place.article_id for place in found[:3]) + (', ...' if len(found) > 3 else '')
        raise ArticleNotFound(f'{given}: {len(found)} articles could be meant: {shown}')
    raise ArticleNotFound(f'{given}: {_why_none(sighted)}')


def _has_url(rows: pa.Table, url: str) -> pa.ChunkedArray:
    key = url_key(url)
    means = pc.or_(pc.equal(rows['article_id'], hash_id(key)).fill_null(False), _is(rows, 'url_key', key))
    for name in ('url', 'final_url', 'canonical_url'):
        if name in rows.column_names:
            means = pc.or_(means, _is(rows, name, url))
    return means


def _is(rows: pa.Table, column: str, value: str) -> pa.ChunkedArray:
    return pc.equal(rows[column], value).fill_null(False)


def _places(rows: pa.Table, *partition: str) -> list[FoundArticle]:
    names = ['article_id', *partition]
    whole = {tuple(place.values()) for place in rows.select(names).to_pylist() if None not in place.values()}
    return [FoundArticle(*place) for place in sorted(whole)]


def _why_none(sighted: pa.Table) -> str:
    """What the ledger says of pages at a URL of which no article came."""
    if not sighted.num_rows:
        return 'the lake has no such article'
    last = max(sighted.to_pylist(), key=lambda row: row['decided_at'])
    reason = f' ({last["reason"]})' if last['reason'] else ''
    return f'no article came of it: {last["disposition"]}{reason}'
