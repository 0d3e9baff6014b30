"""Rows for tests, with fields that a test does not care about filled in."""

import dataclasses
from typing import Any

from schemas.articles import Article, Mention, Outlet
from schemas.feeds import Sighting
from schemas.ids import hash_id

DAY = 86_400_000_000
NOON = 1_741_003_200_000_000  # 2025-03-03T12:00:00Z


def sighting(item: str = 'item-1', **fields: Any) -> Sighting:
    """A sighting of an item of one feed."""
    poll_id = fields.pop('poll_id', 'poll-1')
    return dataclasses.replace(
        Sighting(
            sighting_id=hash_id(poll_id, item),
            poll_id=poll_id,
            feed_url='http://news.example/rss',
            feed_title='News',
            feed_labels=('world',),
            item_id=item,
            fingerprint=7,
            url=f'http://news.example/{item}',
            title=None,
            summary=None,
            authors=(),
            tags=(),
            language=None,
            published_at=None,
            updated_at=None,
            seen_at=NOON,
            attempt=0,
        ),
        **fields,
    )


def article(body: str = 'The dam held.', seen: Sighting | None = None, **fields: Any) -> Article:
    """An article that a sighting led to."""
    seen = seen or sighting()
    url = fields.pop('url', seen.url)
    return dataclasses.replace(
        Article(
            url=url,
            final_url=url,
            canonical_url=None,
            content_from='page',
            fetched_at=NOON + 1,
            sightings=(seen,),
            title='Dam holds',
            standfirst=None,
            body=body,
            subheads=(),
            captions=(),
            word_count=len(body.split()),
            language='en',
            kind='article',
            authors=('Ann Ito',),
            section=None,
            tags=(),
            image_url=None,
            paywalled=None,
            published_at=NOON - 3_600_000_000,
            modified_at=None,
            site_name=None,
            evidence=(),
            extractor_version='test-1',
            outlet=Outlet('news', 'News', 'news.example'),
            mentions=(Mention('body', 4, 7, 'dam', 'FAC', 0, 'Dam', 'fac:dam'),),
        ),
        **fields,
    )
