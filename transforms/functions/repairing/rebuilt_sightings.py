"""Sightings, rebuilt from what rows of articles, ledger and polls still know of them."""

from collections.abc import Collection
from typing import Any, Optional

from schemas.feeds import Sighting
from transforms.functions.lake import Lake
from transforms.functions.repairing.repaired_rows import rows_where

Entries = dict[tuple[str, int], tuple[int, Optional[str], tuple[str, ...]]]


def rebuilt_sighting(
    row: dict[str, Any],
    seen_at: int,
    attempt: int,
    fingerprint: int,
    feed_title: Optional[str] = None,
    labels: tuple[str, ...] = (),
) -> Sighting:
    """A sighting as far as a row of articles or ledger knows it."""
    return Sighting(
        sighting_id=row['sighting_id'],
        poll_id=row['poll_id'] or '',
        feed_url=row['feed_url'] or '',
        feed_title=feed_title,
        feed_labels=labels,
        item_id=row['feed_item_id'] or '',
        fingerprint=fingerprint,
        url=row['url'],
        title=None,
        summary=None,
        authors=(),
        tags=(),
        language=None,
        published_at=None,
        updated_at=None,
        seen_at=seen_at,
        attempt=attempt,
    )


def entries_of_polls(lake: Lake, poll_ids: Collection[str]) -> Entries:
    """By poll and hash of the item's id: the entry's fingerprint, the feed's title and labels.

    Hash 0 gives the title and the labels of the poll's feed alone.
    """
    columns = ('poll_id', 'feed_title', 'feed_labels', 'item_keys', 'item_fingerprints')
    found: Entries = {}
    for row in rows_where(lake, 'polls', columns, 'poll_id', poll_ids):
        about = (row['feed_title'], tuple(row['feed_labels'] or ()))
        found[row['poll_id'], 0] = (0, *about)
        for key, fingerprint in zip(row['item_keys'] or (), row['item_fingerprints'] or (), strict=False):
            found[row['poll_id'], key] = (fingerprint, *about)
    return found
