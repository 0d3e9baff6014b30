"""What was forgotten on request: tombstones, which hold hashes only and keep an article from coming back.

They are ``_forgotten/<article_id>.json``. This module does not load pyarrow.
"""

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from schemas.ids import hash_id

if TYPE_CHECKING:
    from transforms.functions.lake import Lake

# What the ledger says of it.
DETAIL = 'forgotten on request'


@dataclasses.dataclass(frozen=True)
class Forgotten:
    """What is not to come into the lake again: ids, and hashes of the keys of URLs."""

    articles: frozenset[str] = frozenset()
    urls: frozenset[str] = frozenset()
    rows: frozenset[str] = frozenset()  # row_ids of the versions that there were

    def article(self, article_id: str) -> bool:
        """Whether this article is forgotten."""
        return article_id in self.articles

    def url(self, url_key: str) -> bool:
        """Whether a URL with this key (``urls.url_key``) led to a forgotten article."""
        # An article's id is the hash of its own key.
        return bool(self.urls or self.articles) and self._has(hash_id(url_key))

    def _has(self, url_hash: str) -> bool:
        return url_hash in self.urls or url_hash in self.articles


NOTHING_FORGOTTEN = Forgotten()


def forgotten(lake: 'Lake') -> Forgotten:
    """All that is forgotten in a lake: one small file is read for each article."""
    articles: set[str] = set()
    urls: set[str] = set()
    rows: set[str] = set()
    for path in lake.storage.list_files(_folder(lake)):
        if path.endswith('.json'):
            tombstone = _read(lake, path)
            articles.add(tombstone['article_id'])
            urls.update(tombstone['url_hashes'])
            rows.update(tombstone['row_ids'])
    return Forgotten(frozenset(articles), frozenset(urls), frozenset(rows))


def forgotten_articles(lake: 'Lake') -> frozenset[str]:
    """The ids of the forgotten articles, from the names of their tombstones."""
    paths = lake.storage.list_files(_folder(lake))
    return frozenset(path.rpartition('/')[2].removesuffix('.json') for path in paths)


def forget_for_good(lake: 'Lake', gone: Forgotten, at: str) -> None:
    """Leaves the tombstone of one article, beside what an earlier one says. ``at`` is ISO 8601."""
    (article_id,) = gone.articles
    path = f'{_folder(lake)}/{article_id}.json'
    before = _read(lake, path) if lake.storage.read_small(path) is not None else {}
    tombstone = {
        'article_id': article_id,
        'forgotten_at': before.get('forgotten_at', at),
        'url_hashes': sorted({*gone.urls, *before.get('url_hashes', ())}),
        'row_ids': sorted({*gone.rows, *before.get('row_ids', ())}),
    }
    with lake.storage.create(path) as file:
        file.write(json.dumps(tombstone, indent=1).encode() + b'\n')


def tombstone_of(lake: 'Lake', url_hash: str) -> Forgotten:
    """What is forgotten of the article that has this id or had a URL with this hash; nothing if none had."""
    for path in lake.storage.list_files(_folder(lake)):
        if path.endswith('.json'):
            there = _read(lake, path)
            if url_hash == there['article_id'] or url_hash in there['url_hashes']:
                return Forgotten(
                    frozenset([there['article_id']]),
                    frozenset(there['url_hashes']),
                    frozenset(there['row_ids']),
                )
    return Forgotten()


def _folder(lake: 'Lake') -> str:
    return f'{lake.root}/_forgotten'


def _read(lake: 'Lake', path: str) -> dict[str, Any]:
    data = lake.storage.read_small(path)
    try:
        tombstone: dict[str, Any] = {'url_hashes': (), 'row_ids': ()} | json.loads(data or b'')
        tombstone['article_id']
        return tombstone
    except (ValueError, TypeError, KeyError) as error:
        from transforms.functions.lake import DamagedFile  # only here: it loads pyarrow

        raise DamagedFile(f'{path}: is no tombstone of `dateline forget` ({error!r})') from error
