"""From an article to its row in the lake, as far as the row is known before the commit."""

import dataclasses
import datetime
import json
import operator
from collections.abc import Iterable
from typing import Any, Optional
from urllib.parse import urlsplit

import pyarrow as pa

from schemas.articles import Article
from schemas.feeds import Sighting
from schemas.ids import hash_id
from schemas.tables import TABLES
from schemas.vocabulary import DateFrom
from transforms.functions.hosts import host_key
from transforms.functions.text_hashes import text_hash
from transforms.functions.urls import url_key

_MENTION_COLUMNS = [c for c in TABLES['mentions'].columns if c.name not in ('row_id', 'article_id', 'run_id')]

# Staged files carry an article's mentions and sightings along: a crash after staging loses neither.
# What the commit assigns (row_id, version, changed, changed_share, ingested_at) is null in them.
STAGED_SCHEMA = pa.schema(
    [field.with_nullable(True) for field in TABLES['articles'].schema]
    + [
        pa.field('staged_date', pa.string()),
        pa.field('staged_outlet', pa.string()),
        pa.field('staged_mentions', pa.list_(pa.struct([(c.name, c.type) for c in _MENTION_COLUMNS]))),
        pa.field('staged_sightings', pa.string()),  # JSON: a list of Sighting
    ]
)


def article_key(article: Article) -> str:
    """The key that makes two pages one article: the canonical URL after normalisation.

    A canonical URL of another site (syndicated copies) or of a home page (a common mistake of sites)
    would make one article of many, so then the URL that answered is the key.
    """
    stated = article.canonical_url
    if stated and urlsplit(stated).path.strip('/') and host_key(stated) == host_key(article.final_url):
        return url_key(stated)
    return url_key(article.final_url)


def staged_row(article: Article, run_id: str) -> dict[str, Any]:
    """The row of ``STAGED_SCHEMA`` for an article that a sighting led to and an outlet was resolved for."""
    sighting = article.sightings[0]
    outlet = article.outlet
    if outlet is None:
        raise ValueError(f'{article.url}: no outlet was resolved, so it has no partition')
    dateline = article.dateline
    published = article.published_at
    day = day_of(published if published is not None else sighting.seen_at)
    key = article_key(article)
    row: dict[str, Any] = {name: getattr(article, name) for name in _SAME_NAMES}
    row |= {
        'article_id': hash_id(key),
        'url_key': key,
        'text_hash': article.text_hash or text_hash(article),
        'feed_url': sighting.feed_url,
        'feed_item_id': sighting.item_id,
        'feed_labels': list(sighting.feed_labels),
        'poll_id': sighting.poll_id or None,
        'sighting_id': sighting.sighting_id,
        'first_seen_at': sighting.seen_at,
        'outlet_name': outlet.name,
        'outlet_domain': outlet.domain,
        'outlet_country': outlet.country,
        'date_from': DateFrom.PUBLISHED if published is not None else DateFrom.FIRST_SEEN,
        'subheads': _structs('subheads', article.subheads),
        'captions': _structs('captions', article.captions),
        'entities': _structs('entities', article.entities),
        'evidence': _structs('evidence', article.evidence),
        'run_id': run_id,
        'staged_date': day,
        'staged_outlet': outlet.id,
        'staged_mentions': _structs('staged_mentions', article.mentions),
        # Their contents have been used: an article that was worked out needs them no more.
        'staged_sightings': sightings_to_json(
            tuple(dataclasses.replace(one, content=None) for one in article.sightings)
        ),
    }
    if dateline is not None:
        row |= {
            'dateline': dateline.text,
            'dateline_style': dateline.style,
            'dateline_place': dateline.place,
            'dateline_place_text': dateline.place_text,
            'dateline_geonameid': dateline.geonameid,
            'dateline_country': dateline.country,
            'dateline_latitude': dateline.latitude,
            'dateline_longitude': dateline.longitude,
            'dateline_date': datetime.date.fromisoformat(dateline.date) if dateline.date else None,
            'dateline_agency_text': dateline.agency_text,
        }
    return row


def _structs(column: str, parts: Iterable[Any]) -> list[dict[str, Any]]:
    """Row objects as a list column's structs; ``dataclasses.asdict`` copies deeply and is slow."""
    names, values = _FIELDS[column]
    return [dict(zip(names, values(part), strict=True)) for part in parts]


_FIELDS = {
    # attrgetter gives tuples for two names and more; no struct has one alone.
    field.name: (names := [one.name for one in field.type.value_type], operator.attrgetter(*names))
    for field in STAGED_SCHEMA
    if pa.types.is_list(field.type) and pa.types.is_struct(field.type.value_type)
}
_SAME_NAMES = [
    column.name
    for column in TABLES['articles'].columns
    if column.name in {field.name for field in dataclasses.fields(Article)}
    and column.name not in ('dateline', 'subheads', 'captions', 'entities', 'evidence')
]


def day_of(moment: int) -> str:
    """The UTC day of a moment in microseconds.

    >>> day_of(1_740_994_500_000_000)
    '2025-03-03'
    """
    return (_EPOCH + datetime.timedelta(microseconds=moment)).date().isoformat()


_EPOCH = datetime.datetime(1970, 1, 1)


def moment_text(moment: int) -> str:
    """A moment in microseconds UTC as ISO 8601 with seconds.

    >>> moment_text(1_740_994_500_000_000)
    '2025-03-03T09:35:00Z'
    """
    return (_EPOCH + datetime.timedelta(microseconds=moment)).strftime('%Y-%m-%dT%H:%M:%SZ')


def sightings_to_json(sightings: tuple[Sighting, ...]) -> str:
    """Sightings as they are kept in staged files and in the ledger's ``entry``."""
    return json.dumps([vars(sighting) for sighting in sightings], ensure_ascii=False)


def sightings_from_json(text: Optional[str]) -> tuple[Sighting, ...]:
    """What ``sightings_to_json`` wrote."""
    return tuple(Sighting(**sighting) for sighting in json.loads(text)) if text else ()
