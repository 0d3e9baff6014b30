"""Polls that are gone with their file, rebuilt from the sightings that the ledger has of them."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from schemas.feeds import Poll
from schemas.ids import hash63
from schemas.vocabulary import PollStatus, Subject
from transforms.functions.lake import Lake
from transforms.functions.poll_intervals import FIRST_INTERVAL_S
from transforms.functions.repairing.repaired_rows import read_all, rows_where, within_lease
from transforms.functions.table_commit import add_row_objects

_ITEM = ('poll_id', 'subject', 'attempt', 'run_id')
_SHOWN = ('sighting_id', 'poll_id', 'feed_url', 'feed_item_id', 'fingerprint', 'seen_at', 'attempt', 'run_id')
_FAULT = 'rebuilt: its file was damaged'


def rebuild_polls(lake: Lake, completed: Collection[str], run_id: str) -> int:
    """Rebuilds polls of completed runs that the ledger names and ``polls`` lacks; returns how many.

    Such a poll shows the items of its ledger rows and no unchanged ones, whose number nobody knows any more.
    It has no validators, so the feed is read in full again. Polls without ledger rows are gone for good;
    they are no part of any books.
    """

    def missing() -> pa.Table:
        ledger = read_all(lake, 'ledger', _ITEM)
        first = pc.and_(pc.equal(ledger['subject'], Subject.ITEM.value), pc.equal(ledger['attempt'], 0))
        shown = ledger.filter(pc.and_(first, pc.is_valid(ledger['poll_id'])))
        shown = shown.filter(pc.is_in(shown['run_id'], pa.array(sorted(completed), pa.string())))
        polls = read_all(lake, 'polls', ('poll_id',))
        return shown.select(['poll_id']).join(polls, 'poll_id', join_type='left anti')

    def mend() -> int:
        poll_ids = set(missing()['poll_id'].to_pylist())
        by_poll: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        for row in rows_where(lake, 'ledger', _SHOWN, 'poll_id', poll_ids):
            before = by_poll[row['poll_id']].get(row['sighting_id'])
            if before is None or row['attempt'] < before['attempt']:
                by_poll[row['poll_id']][row['sighting_id']] = row
        rows = [_poll(poll_id, list(items.values())) for poll_id, items in sorted(by_poll.items())]
        return add_row_objects(lake, 'polls', rows, run_id)

    return within_lease(lake, missing, mend)


def _poll(poll_id: str, items: list[dict[str, Any]]) -> Poll:
    first = min(items, key=lambda row: (row['attempt'], row['seen_at'], row['sighting_id']))
    known = sorted(
        (hash63(row['feed_item_id']), row['fingerprint'] or 0) for row in items if row['feed_item_id']
    )
    return Poll(
        poll_id=poll_id,
        feed_url=first['feed_url'] or '',
        feed_title=None,
        feed_labels=(),
        scheduled_at=first['seen_at'],
        polled_at=first['seen_at'],
        status=PollStatus.OK.value,
        reason=None,
        http_status=None,
        moved_to=None,
        format=None,
        fault=_FAULT,
        items_shown=len(items),
        items_unchanged=0,
        item_keys=tuple(key for key, _ in known),
        item_fingerprints=tuple(fingerprint for _, fingerprint in known),
        etag=None,
        last_modified=None,
        interval_s=FIRST_INTERVAL_S,
        next_due_at=first['seen_at'] + FIRST_INTERVAL_S * 1_000_000,
        scrolled_off=False,
        bytes=0,
        run_id=first['run_id'],
    )
