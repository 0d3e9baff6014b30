"""Pages to fetch again though their entries are as before: ever more rarely, as they age."""

import dataclasses
from collections.abc import Iterator
from typing import Any, Optional

import numpy as np

from schemas.feeds import Sighting
from schemas.ids import hash_id
from schemas.vocabulary import Disposition
from transforms.functions.article_rows import sightings_from_json
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import plain_rows
from transforms.functions.state.compact_columns import Numbers
from transforms.functions.state.ledger_entries import ledger_rows, with_entry
from transforms.functions.state.ledger_index import LedgerIndex

_LOOKED = (Disposition.WRITTEN, Disposition.UPDATED, Disposition.UNCHANGED)
_SECOND = 1_000_000
_COLUMNS = (
    'entry', 'feed_url', 'feed_item_id', 'url', 'url_key', 'row_id', 'article_date', 'article_outlet',
)  # fmt: skip
# What the feed has said of an article, as far as the article keeps it.
_ARTICLE = (
    'row_id', 'title', 'authors', 'tags', 'feed_labels', 'language', 'published_at', 'page_etag',
    'page_last_modified',
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class _Due:
    """Pages that are due, by row numbers of the ledger's index."""

    last: Numbers  # for each page its last look
    rows: Numbers  # the rows of all these pages
    page: Numbers  # for each of ``rows`` its page: a place in ``last``, ascending


def revisits(
    lake: Lake, ledger: LedgerIndex, now: int, after_s: int, until: int, most: Optional[int] = None
) -> Iterator[Sighting]:
    """A sighting for each page that is due at ``now``: the earliest day first, then by sighting id.

    It is made of the feed entry that the page's newest row with one keeps, else of the newest row's columns
    and its article: what the feed alone has said must not look like an edit.

    Args:
        now: microseconds UTC; the same moment gives the same sightings.
        after_s: seconds from a page's first look to its second.
        until: decisions later than this (microseconds UTC) were made by a clock that was wrong.
        most: no more pages than this, those that have been due the longest.
    """
    if after_s <= 0:
        raise ValueError(f'pages cannot be fetched again every {after_s} seconds')
    due = _due(ledger, now, after_s, until, most)
    kept = np.zeros(len(due.rows), bool)
    choice = np.flatnonzero(np.bincount(due.page, minlength=len(due.last))[due.page] > 1)
    kept[choice] = with_entry(lake, ledger, due.rows[choice])
    order = np.lexsort((_sane(ledger.decided_at[due.rows], until), kept, due.page))
    chosen = due.rows[order[_ends(due.page[order])]]
    last = np.zeros(len(ledger.day), np.int32)
    last[chosen] = due.last
    articles = _Articles(lake)
    for number, row in ledger_rows(lake, ledger, chosen, _COLUMNS):
        look = last[number]
        same_item = (ledger.feed[look], ledger.items[look]) == (ledger.feed[number], ledger.items[number])
        # What the feed said last of this item, or its next poll would look like an edit.
        fingerprint = int(ledger.fingerprint[look if same_item else number])
        yield dataclasses.replace(
            _sighting(row, articles),
            sighting_id=hash_id('revisit', row['url_key'], str(now)),
            poll_id='',
            fingerprint=max(fingerprint, 0),
            seen_at=now,
            attempt=0,
        )


def intervals(ages: Numbers, after: int) -> Numbers:
    """How long pages are left alone that had these ages when last looked at; any one unit of time.

    The largest ``after * 2**k`` that is not more than the age, and at least ``after``: a page of age A is
    looked at again after between A / 2 and A, so that the looks thin out.

    >>> intervals(np.array([0, 10, 19, 20, 45, 80]), 10).tolist()
    [10, 10, 10, 20, 40, 80]
    """
    doublings = np.frexp(np.maximum(ages // after, 1).astype(np.float64))[1] - 1
    return after << doublings.astype(np.int64)


def _due(ledger: LedgerIndex, now: int, after_s: int, until: int, most: Optional[int]) -> _Due:
    """The pages that are due.

    A page's last look is its last decision that is no ``duplicate_url`` (that is decided without a look), and
    has to be ``written``, ``updated`` or ``unchanged``: what was rejected is not asked for again, and what
    waits is asked for anyway. Its birth is its first sighting. Both are of the days that were read.
    """
    rows = np.flatnonzero(ledger.urls.any(axis=1))
    rows = rows[np.lexsort((ledger.urls[rows, 1], ledger.urls[rows, 0]))]
    page = np.cumsum(np.append(0, (ledger.urls[rows[1:]] != ledger.urls[rows[:-1]]).any(axis=1)))[: len(rows)]
    if not len(rows):
        return _Due(rows, rows, page)
    born = np.minimum.reduceat(ledger.seen_at[rows], np.flatnonzero(np.append(True, page[1:] != page[:-1])))
    decisions = ledger.disposition[rows] != ledger.words.find(Disposition.DUPLICATE_URL.value)
    rows, page = rows[decisions], page[decisions]
    decided = _sane(ledger.decided_at[rows], until)
    order = np.lexsort((decided, page))
    last = order[_ends(page[order])]
    looked = np.isin(ledger.disposition[rows[last]], [ledger.words.find(word.value) for word in _LOOKED])
    last = last[looked & ledger.row_ids[rows[last]].any(axis=1)]
    ages = np.maximum(decided[last] - born[page[last]], 0)
    due_at = decided[last] + intervals(ages, after_s * _SECOND)
    chosen = np.flatnonzero(due_at <= now)
    if most is not None:
        chosen = chosen[np.argsort(due_at[chosen], kind='stable')[:most]]
    last = last[np.sort(chosen)]
    mine = np.isin(page, page[last])
    return _Due(rows[last], rows[mine], np.searchsorted(page[last], page[mine]))


def _sane(decided_at: Numbers, until: int) -> Numbers:
    """Moments of decision; one by a clock that was wrong counts as long ago, so that any other is later."""
    return np.where(decided_at > until, 0, decided_at)


def _ends(groups: Numbers) -> Numbers:
    """Whether each element is the last of its run of equal ones."""
    return np.append(groups[1:] != groups[:-1], True)[: len(groups)]


class _Articles:
    """Articles by their ledger rows; the partition that was read last is remembered."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._partition: tuple[str, ...] = ()
        self._rows: dict[str, dict[str, Any]] = {}

    def find(self, row: dict[str, Any]) -> dict[str, Any]:
        """The article's row; empty when it is not there."""
        partition = row['article_date'], row['article_outlet']
        if None in partition:
            return {}
        if partition != self._partition:
            paths = self._lake.files('articles', partition)
            rows = plain_rows(self._lake.read_settled('articles', paths, _ARTICLE))
            self._partition, self._rows = partition, {one['row_id']: one for one in rows}
        return self._rows.get(row['row_id'], {})


def _sighting(row: dict[str, Any], articles: _Articles) -> Sighting:
    article = articles.find(row)
    etag, last_modified = article.get('page_etag'), article.get('page_last_modified')
    for sighting in sightings_from_json(row['entry']):
        return dataclasses.replace(sighting, page_etag=etag, page_last_modified=last_modified)
    return Sighting(
        sighting_id='',
        poll_id='',
        feed_url=row['feed_url'] or '',
        feed_title=None,
        feed_labels=tuple(article.get('feed_labels') or ()),
        item_id=row['feed_item_id'] or row['url'] or row['url_key'],
        fingerprint=0,
        url=row['url'],
        title=article.get('title'),
        summary=None,
        authors=tuple(article.get('authors') or ()),
        tags=tuple(article.get('tags') or ()),
        language=article.get('language'),
        published_at=article.get('published_at'),
        updated_at=None,
        seen_at=0,
        attempt=0,
        page_etag=etag,
        page_last_modified=last_modified,
    )
