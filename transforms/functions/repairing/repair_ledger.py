"""What the ledger lacks after a loss, worked out from articles and polls, and what they lack from the ledger.

Each function looks first and then does its work within the lease on what it finds there, so that a job that
commits or forgets meanwhile is not contradicted. All of them may be killed and repeated.
"""

from collections.abc import Collection
from typing import Any, Optional

import pyarrow as pa
import pyarrow.compute as pc

from schemas.ids import hash63, hash_id
from schemas.ledger import LedgerRow
from schemas.tables import TABLES
from schemas.vocabulary import Disposition, Subject
from transforms.functions.book_faults import last_attempts
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import plain_rows
from transforms.functions.ledger_rows import item_row
from transforms.functions.recovery import interrupted_runs
from transforms.functions.repairing.rebuilt_sightings import Entries, entries_of_polls, rebuilt_sighting
from transforms.functions.repairing.repaired_rows import read_all, rows_where, within_lease
from transforms.functions.table_commit import add_row_objects

_WRITTEN = pa.array([Disposition.WRITTEN.value, Disposition.UPDATED.value])
_ITEM = (
    'sighting_id', 'subject', 'poll_id', 'disposition', 'attempt', 'row_id', 'run_id',
)  # fmt: skip
_SIGHTED = ('sighting_id', 'poll_id', 'feed_url', 'feed_item_id', 'url', 'first_seen_at')
_ARTICLE_LOST = 'the file with its article was damaged'
_ROW_LOST = 'its ledger row was in a damaged file'


def add_rows_of_articles(lake: Lake, unfinished: Collection[str], run_id: str) -> int:
    """Gives articles without a ledger row of their run one, and returns how many they were.

    A sighting is rebuilt from its article; the fingerprint of its entry from the poll that showed it, when
    that is there.
    """

    def missing() -> pa.Table:
        keys = ['run_id', 'row_id']
        at_work = {*unfinished, *interrupted_runs(lake)}  # also those that began since the repair did
        ledger = read_all(lake, 'ledger', _ITEM)
        written = ledger.filter(pc.is_in(ledger['disposition'], _WRITTEN)).select(keys)
        articles = read_all(lake, 'articles', (*keys, 'sighting_id'))
        of_others = pc.invert(pc.is_in(articles['run_id'], pa.array(sorted(at_work), pa.string())))
        silent = articles.filter(of_others).join(written, keys, join_type='left anti')
        last = ledger.group_by('sighting_id').aggregate([('attempt', 'max')])
        return silent.join(last, 'sighting_id')

    def mend() -> int:
        attempts = {(row['run_id'], row['row_id']): row['attempt_max'] for row in missing().to_pylist()}
        columns = (*_SIGHTED, 'article_id', 'row_id', 'run_id', 'version', 'final_url', 'ingested_at')
        articles = rows_where(lake, 'articles', columns, 'row_id', {row_id for _, row_id in attempts})
        shown = entries_of_polls(lake, {row['poll_id'] for row in articles if row['poll_id']})
        rows = []
        for row in articles:
            key = (row['run_id'], row['row_id'])
            if key not in attempts:
                continue
            before = attempts[key]
            fingerprint = shown.get((row['poll_id'], hash63(row['feed_item_id'])), (0, None, ()))[0]
            seen = rebuilt_sighting(
                row, row['first_seen_at'], 0 if before is None else before + 1, fingerprint
            )
            rows.append(
                item_row(
                    seen,
                    Disposition.WRITTEN if row['version'] == 1 else Disposition.UPDATED,
                    run_id=row['run_id'],
                    decided_at=row['ingested_at'],
                    final_url=row['final_url'],
                    article_id=row['article_id'],
                    row_id=row['row_id'],
                    article_date=row['partition'][0],
                    article_outlet=row['partition'][1],
                )
            )
        return add_row_objects(lake, 'ledger', rows, run_id)

    return within_lease(lake, missing, mend)


def defer_lost_articles(lake: Lake, run_id: str, now: int) -> int:
    """Makes sightings whose article row is gone wait for the next run, and returns how many they were.

    All sightings that name the row, also those that found it unchanged or a duplicate: the page is asked for
    once, and they are decided by what it is then. A row that is there, but by another run (two writers at
    once), decides them at once: as unchanged, or a duplicate by URL in another feed.
    """

    def lost() -> pa.Table:
        last = last_attempts(_items(read_all(lake, 'ledger', _ITEM)))
        named = last.filter(pc.is_valid(last['row_id']))
        there = read_all(lake, 'articles', ('row_id', 'run_id')).rename_columns(['row_id', 'by'])
        gone = named.join(there, 'row_id', join_type='left anti')
        written = named.filter(pc.is_in(named['disposition'], _WRITTEN))
        by_run = there.rename_columns(['row_id', 'run_id'])
        silent = written.join(by_run, ['row_id', 'run_id'], join_type='left anti')
        both = pa.concat_tables(
            [gone.select(['sighting_id', 'attempt']), silent.select(['sighting_id', 'attempt'])]
        )
        return both.group_by(['sighting_id', 'attempt']).aggregate([])

    def mend() -> int:
        wanted = {(row['sighting_id'], row['attempt']) for row in lost().to_pylist()}
        columns = TABLES['ledger'].schema.names
        named = [
            row
            for row in rows_where(lake, 'ledger', columns, 'sighting_id', {key for key, _ in wanted})
            if (row['sighting_id'], row['attempt']) in wanted
        ]
        there = {
            row['row_id']: row
            for row in rows_where(
                lake, 'articles', ('row_id', 'feed_url', 'feed_item_id'), 'row_id',
                {row['row_id'] for row in named},
            )
        }  # fmt: skip
        feeds = entries_of_polls(lake, {row['poll_id'] for row in named if row['poll_id']})
        rows = [_attempt_after_loss(row, there.get(row['row_id']), feeds, run_id, now) for row in named]
        return add_row_objects(lake, 'ledger', rows, run_id)

    return within_lease(lake, lost, mend)


def add_lost_rows(lake: Lake, unfinished: Collection[str], run_id: str, now: int) -> int:
    """Gives polls whose items are not all in the ledger a row for each that is missing; returns how many.

    Nothing is known of these items but that they were shown. Their rows have no ``feed_item_id``, so that
    the poll's validators do not count and the feed is read in full again.
    """
    columns = ('poll_id', 'feed_url', 'polled_at', 'items_shown', 'items_unchanged', 'run_id')

    def short() -> pa.Table:
        polls = read_all(lake, 'polls', columns)
        polls = polls.filter(pc.invert(pc.is_in(polls['run_id'], pa.array(sorted(unfinished), pa.string()))))
        counted = _items(read_all(lake, 'ledger', _ITEM)).group_by('poll_id')
        both = polls.join(counted.aggregate([('sighting_id', 'count_distinct')]), 'poll_id')
        found = both['sighting_id_count_distinct'].fill_null(0)
        missing = pc.subtract(pc.subtract(both['items_shown'], both['items_unchanged']), found)
        return both.append_column('missing', missing).filter(pc.greater(missing, 0))

    def mend() -> int:
        polls = plain_rows(short())
        poll_ids = {poll['poll_id'] for poll in polls}
        taken = {
            row['sighting_id']
            for row in rows_where(lake, 'ledger', ('sighting_id', 'poll_id'), 'poll_id', poll_ids)
        }
        rows = []
        for poll in polls:
            number = 0
            for _ in range(poll['missing']):
                while (sighting_id := hash_id(poll['poll_id'], 'lost', str(number))) in taken:
                    number += 1
                taken.add(sighting_id)
                rows.append(
                    LedgerRow(
                        sighting_id=sighting_id,
                        subject=Subject.ITEM.value,
                        poll_id=poll['poll_id'],
                        feed_url=poll['feed_url'],
                        disposition=Disposition.FAILED.value,
                        detail=_ROW_LOST,
                        seen_at=poll['polled_at'],
                        decided_at=now,
                        run_id=run_id,
                    )
                )
        return add_row_objects(lake, 'ledger', rows, run_id)

    return within_lease(lake, short, mend)


def _attempt_after_loss(
    row: dict[str, Any],
    article: Optional[dict[str, Any]],
    feeds: Entries,
    run_id: str,
    now: int,
) -> LedgerRow:
    """The attempt that replaces one whose article row is gone."""
    key = hash63(row['feed_item_id'] or '')
    _, title, labels = feeds.get((row['poll_id'], key), feeds.get((row['poll_id'], 0), (0, None, ())))
    seen = rebuilt_sighting(row, row['seen_at'], row['attempt'] + 1, row['fingerprint'] or 0, title, labels)
    place = {name: row[name] for name in ('article_id', 'article_date', 'article_outlet')}
    if article is None:  # the partition is kept: the article goes where its first version was
        return item_row(
            seen, Disposition.DEFERRED, run_id=run_id, decided_at=now, detail=_ARTICLE_LOST, **place
        )
    same = (article['feed_url'], article['feed_item_id']) == (row['feed_url'], row['feed_item_id'])
    return item_row(
        seen,
        Disposition.UNCHANGED if same else Disposition.DUPLICATE_URL,
        run_id=run_id,
        decided_at=now,
        final_url=row['final_url'],
        row_id=row['row_id'],
        **place,
    )


def _items(ledger: pa.Table) -> pa.Table:
    return ledger.filter(pc.equal(ledger['subject'], Subject.ITEM.value))
