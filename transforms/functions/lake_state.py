"""What the lake knows, read back for a run: feeds' last polls, pages seen before, items that wait."""

import dataclasses
import threading
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Optional

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.feeds import FeedState, Sighting
from schemas.ids import hash63
from schemas.vocabulary import Disposition, PollStatus, Reason, Subject
from transforms.functions.article_rows import sightings_from_json
from transforms.functions.column_index import ColumnIndex
from transforms.functions.lake import Lake

_LEDGER = (
    'sighting_id', 'subject', 'poll_id', 'feed_url', 'feed_item_id', 'url_key', 'article_id', 'row_id',
    'article_date', 'article_outlet', 'disposition', 'reason', 'transient', 'attempt', 'decided_at',
    'fingerprint', 'entry', 'run_id',
)  # fmt: skip
_POLLS = (
    'poll_id', 'feed_url', 'polled_at', 'status', 'items_shown', 'items_unchanged', 'item_keys',
    'item_fingerprints', 'etag', 'last_modified', 'interval_s',
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Known:
    """The last decision on a page: the ledger's columns of these names."""

    feed_url: Optional[str]
    feed_item_id: Optional[str]
    article_id: Optional[str]
    row_id: Optional[str]
    article_date: Optional[str]
    article_outlet: Optional[str]
    disposition: str
    reason: Optional[str]
    transient: bool
    fingerprint: Optional[int]


class LakeState:
    """The state of a lake since a day (``YYYY-MM-DD``), read with projected columns.

    Of older days the ledger is read where items still wait. Polls that claim to be later than ``until``
    (microseconds UTC) were made by a clock that was wrong, and are passed over.
    """

    def __init__(self, lake: Lake, since: str, until: Optional[int] = None) -> None:
        self._lake = lake
        self._since = since
        self._older: Optional[tuple[pa.Table, ColumnIndex]] = None
        self._older_lock = threading.Lock()
        ledger = lake.read(
            'ledger', [*_waiting_files(lake, since), *lake.files_since('ledger', since)], _LEDGER
        )
        items = ledger.filter(pc.equal(ledger['subject'], Subject.ITEM.value))
        attempts = zip(items['sighting_id'].to_pylist(), items['attempt'].to_pylist(), strict=True)
        self._decided = {hash63(sighting_id, str(attempt)) for sighting_id, attempt in attempts}
        self._ledger = _last_attempts(items)
        polls = lake.read('polls', lake.files_since('polls', since), _POLLS)
        if until is not None:
            polls = polls.filter(pc.less_equal(polls['polled_at'].cast(pa.int64()), until))
        at = polls.schema.get_field_index('polled_at')
        self._polls = polls.set_column(at, 'polled_at', polls['polled_at'].cast(pa.int64()))
        self._by_url = ColumnIndex(self._ledger['url_key'])
        self._by_article = ColumnIndex(self._ledger['article_id'])
        self._last_poll = self._find_last_polls()

    def feed(self, feed_url: str) -> Optional[FeedState]:
        """The state of a feed, or None when it was never read, or its last reading is not in the ledger."""
        number = self._last_poll.get(feed_url)
        if number is None:
            return None
        row = self._polls.slice(number, 1).to_pylist()[0]
        return FeedState(
            feed_url=feed_url,
            etag=row['etag'],
            last_modified=row['last_modified'],
            item_keys=tuple(row['item_keys'] or ()),
            item_fingerprints=tuple(row['item_fingerprints'] or ()),
            polled_at=row['polled_at'],
            interval_s=row['interval_s'],
        )

    def page(self, url_key: str, item: tuple[str, str] = ('', '')) -> Optional[Known]:
        """The last decision on a page for this item (feed_url, item_id), else for any; written ones first."""
        rows = self._rows(self._by_url.find(url_key), 'url_key', url_key)
        own = [row for row in rows if (row[1].feed_url, row[1].feed_item_id) == item]
        return max(own or rows, key=_weight)[1] if rows else None

    def article_partition(self, article_id: str) -> Optional[tuple[str, str]]:
        """The partition that an article's first version went to."""
        for _, known in self._rows(self._by_article.find(article_id), 'article_id', article_id):
            if known.article_date and known.article_outlet:
                return known.article_date, known.article_outlet
        table, index = self._older_articles()
        numbers = pa.array(index.find(article_id), pa.int64())
        for row in table.take(numbers).to_pylist():
            if row['article_id'] == article_id:
                return row['article_date'], row['article_outlet']
        return None

    def is_decided(self, sighting: Sighting) -> bool:
        """Whether the ledger has this attempt already: a job that happens twice decides nothing anew."""
        return hash63(sighting.sighting_id, str(sighting.attempt)) in self._decided

    def _older_articles(self) -> tuple[pa.Table, ColumnIndex]:
        """Where articles are whose last ledger row is older than the state: read when first asked for."""
        with self._older_lock:
            if self._older is None:
                recent = set(self._lake.files_since('ledger', self._since))
                older = [path for path in self._lake.files('ledger') if path not in recent]
                table = self._lake.read('ledger', older, ('article_id', 'article_date', 'article_outlet'))
                table = table.filter(pc.is_valid(table['article_date']))
                self._older = table, ColumnIndex(table['article_id'])
            return self._older

    def waiting(self, run_id: str) -> Iterator[Sighting]:
        """Items that failed for the moment or were deferred, as sightings for their next attempt.

        Of what this run itself decided, only what did not fit a round: a failure waits for another run.
        """
        columns = ['entry', 'attempt', 'run_id', 'disposition', 'reason']
        for row in self._ledger.filter(self._ledger['transient']).select(columns).to_pylist():
            fits_no_round = row['disposition'] == Disposition.DEFERRED and row['reason'] != Reason.RUN_ENDED
            if row['run_id'] == run_id and not fits_no_round:
                continue
            for sighting in sightings_from_json(row['entry']):
                yield dataclasses.replace(sighting, attempt=row['attempt'] + 1)

    def _rows(self, numbers: list[int], column: str, value: str) -> list[tuple[Any, Known]]:
        found = []
        for row in self._ledger.take(numbers).to_pylist() if numbers else ():
            if row[column] == value:
                known = Known(**{f.name: row[f.name] for f in dataclasses.fields(Known)})
                found.append((row['decided_at'], known))
        return found

    def _find_last_polls(self) -> dict[str, int]:
        """For each feed, its last reading; its validators count only when its ledger rows are there."""
        counted = pa.TableGroupBy(self._ledger, ['poll_id']).aggregate([('sighting_id', 'count_distinct')])
        sightings = dict(
            zip(
                counted['poll_id'].to_pylist(), counted['sighting_id_count_distinct'].to_pylist(), strict=True
            )
        )
        last: dict[str, int] = {}
        slim = self._polls.select(
            ['poll_id', 'feed_url', 'polled_at', 'status', 'items_shown', 'items_unchanged']
        ).to_pylist()
        read = {PollStatus.OK.value, PollStatus.NOT_MODIFIED.value, PollStatus.MOVED.value}
        for number, row in enumerate(slim):
            before = last.get(row['feed_url'])
            if row['status'] in read and (before is None or slim[before]['polled_at'] <= row['polled_at']):
                last[row['feed_url']] = number
        return {
            url: number
            for url, number in last.items()
            if slim[number]['items_shown'] - slim[number]['items_unchanged']
            == sightings.get(slim[number]['poll_id'], 0)
        }


def _waiting_files(lake: Lake, since: str) -> list[str]:
    """The files of days before ``since`` on which items wait, by the statistics in their footers."""
    by_day: dict[str, list[str]] = defaultdict(list)
    for path in lake.files('ledger'):
        day = lake.partition_of('ledger', path)[0]
        if day < since:
            by_day[day].append(path)
    return [path for paths in by_day.values() if any(_may_wait(lake, p) for p in paths) for path in paths]


def _may_wait(lake: Lake, path: str) -> bool:
    with lake.storage.open(path) as source, pq.ParquetFile(source) as file:
        column = file.schema_arrow.names.index('transient')
        groups = [file.metadata.row_group(n).column(column) for n in range(file.metadata.num_row_groups)]
    return any(not g.is_stats_set or not g.statistics.has_min_max or g.statistics.max for g in groups)


def _weight(row: tuple[Any, Known]) -> tuple[bool, Any]:
    decided_at, known = row
    return known.row_id is not None, decided_at


def _last_attempts(ledger: pa.Table) -> pa.Table:
    """One row per sighting: its last attempt, which replaces earlier ones."""
    ordered = ledger.sort_by([('sighting_id', 'ascending'), ('attempt', 'ascending')])
    ids = ordered['sighting_id'].to_pylist()
    keep = [n for n, key in enumerate(ids) if n + 1 == len(ids) or ids[n + 1] != key]
    return ordered.take(pa.array(keep, pa.int64()))
