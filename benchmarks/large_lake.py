"""A lake with a long past, for benchmarks: ledger rows and polls whose books balance, without articles.

Of the ledger's rows 70 % are written, 20 % duplicate_url, 8 % rejected and 2 % failed, the last with their
feed entries. Ids and texts are as long and as random as a pipeline's.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from schemas.feeds import Sighting
from schemas.ids import hash_id
from schemas.tables import TABLES
from transforms.functions.article_rows import day_of, sightings_to_json
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import write_parquet
from transforms.functions.storage import LocalStorage

END = 1_741_046_400_000_000  # 2025-03-04T00:00:00Z: the lake's last day is the one before
DAY = 86_400_000_000
OUTLETS = 150
SHOWN = 30  # items that a feed shows; 8 to 500 in captured feeds
ENTRY_CHARACTERS = 600  # of the summary in an entry; feeds cut theirs between 100 and 2 000


def feed_url(number: int) -> str:
    """The URL of one of the lake's feeds."""
    return f'https://feeds.outlet-{number % OUTLETS}.example/{number}/latest.xml'


def page_key(number: int) -> str:
    """The ``url_key`` of the page of one of the lake's written rows."""
    return f'outlet-{number % OUTLETS}.example/2025/news/what-happened-in-town-number-{number}'


def make_lake(root: Path, rows: int, feeds: int, days: int, polls_a_day: int, files_a_day: int) -> None:
    """Writes ``ledger`` and ``polls``, whose books balance. The same arguments give the same files."""
    random = np.random.default_rng(20250303)
    lake = Lake(str(root), LocalStorage())
    keys = random.integers(0, 2**63, (feeds, 4096), dtype=np.uint64)  # each feed's items, again and again
    shown = np.full(feeds, SHOWN)
    at, files = 0, days * files_a_day
    slots = polls_a_day // files_a_day  # polls of each feed in one file
    for number in range(files):
        count = rows * (number + 1) // files - rows * number // files
        start = END - days * DAY + number * DAY // files_a_day
        moments = start + np.arange(slots) * (DAY // polls_a_day)
        polls = [
            (feed, int(moment), hash_id(feed_url(feed), str(moment)))
            for moment in moments
            for feed in range(feeds)
        ]
        poll_of_row = np.sort(random.integers(0, len(polls), count))
        kinds = random.random(count)
        ledger = [
            _ledger_row(at + n, polls[poll], float(kinds[n]), number)
            for n, poll in enumerate(poll_of_row.tolist())
        ]
        _write(lake, 'ledger', start, number, ledger)
        fresh = np.bincount(poll_of_row, minlength=len(polls))
        _write(lake, 'polls', start, number, list(_poll_rows(polls, fresh, keys, shown, number)))
        at += count


def _ledger_row(number: int, poll: tuple[int, int, str], kind: float, run: int) -> dict[str, Any]:
    feed, moment, poll_id = poll
    item_id = f'https://outlet-{feed % OUTLETS}.example/?p={number}'
    key = page_key(number)
    row: dict[str, Any] = dict.fromkeys(TABLES['ledger'].schema.names)
    row |= {
        'sighting_id': hash_id(poll_id, item_id),
        'subject': 'item',
        'poll_id': poll_id,
        'feed_url': feed_url(feed),
        'feed_item_id': item_id,
        'url': f'https://{key}?utm_source=rss',
        'url_key': key,
        'disposition': 'written',
        'transient': False,
        'attempt': 0,
        'seen_at': moment,
        'decided_at': moment + 60_000_000 + number,
        'run_id': f'run-{run:05d}',
        'fingerprint': number * 7919 % 2**63,
    }
    if kind < 0.9:
        copied = number if kind < 0.7 else max(0, number - 5000)
        row |= {
            'article_id': hash_id(page_key(copied)),
            'row_id': hash_id(page_key(copied), 'text'),
            'article_date': day_of(moment),
            'article_outlet': f'outlet-{copied % OUTLETS}',
            'final_url': f'https://{key}',
        }
        if kind >= 0.7:
            row |= {'disposition': 'duplicate_url', 'url_key': page_key(copied)}
    elif kind < 0.98:
        row |= {'disposition': 'rejected', 'reason': 'http_4xx', 'http_status': 404, 'detail': 'HTTP 404'}
    else:
        row |= {
            'disposition': 'failed',
            'reason': 'timeout',
            'transient': True,
            'detail': 'no answer in 20 s',
        }
        row['entry'] = sightings_to_json((_sighting(row),))
    return row


def _sighting(row: dict[str, Any]) -> Sighting:
    words = f'{row["sighting_id"]} was said of it, and {row["poll_id"]} of the rest. '
    return Sighting(
        sighting_id=row['sighting_id'],
        poll_id=row['poll_id'],
        feed_url=row['feed_url'],
        feed_title='The latest',
        feed_labels=('news',),
        item_id=row['feed_item_id'],
        fingerprint=row['fingerprint'],
        url=row['url'],
        title='What happened in town',
        summary=(words * 10)[:ENTRY_CHARACTERS],
        authors=('Ann Ito',),
        tags=('town',),
        language='en',
        published_at=row['seen_at'] - 60_000_000,
        updated_at=None,
        seen_at=row['seen_at'],
        attempt=0,
    )


def _poll_rows(
    polls: Sequence[tuple[int, int, str]],
    fresh: np.ndarray[Any, Any],
    keys: np.ndarray[Any, Any],
    shown: np.ndarray[Any, Any],
    run: int,
) -> Iterator[dict[str, Any]]:
    for (feed, moment, poll_id), new in zip(polls, fresh.tolist(), strict=True):
        shown[feed] += new
        window = (shown[feed] - np.arange(1, max(SHOWN, new) + 1)) % keys.shape[1]
        row: dict[str, Any] = dict.fromkeys(TABLES['polls'].schema.names)
        yield row | {
            'poll_id': poll_id,
            'feed_url': feed_url(feed),
            'feed_title': 'The latest',
            'feed_labels': ['news'],
            'scheduled_at': moment,
            'polled_at': moment,
            'status': 'ok',
            'http_status': 200,
            'format': 'rss20',
            'items_shown': len(window),
            'items_unchanged': len(window) - new,
            'item_keys': keys[feed, window],
            'item_fingerprints': keys[feed, window] >> np.uint64(1),
            'etag': f'"{poll_id[:16]}"',
            'interval_s': 900,
            'next_due_at': moment + 900_000_000,
            'scrolled_off': False,
            'bytes': 20_000,
            'run_id': f'run-{run:05d}',
        }


def _write(lake: Lake, table: str, start: int, number: int, rows: list[dict[str, Any]]) -> None:
    schema = TABLES[table].schema
    made = pa.Table.from_pylist(rows, schema=schema).sort_by(
        [(name, 'ascending') for name in TABLES[table].row_id]
    )
    path = f'{lake.folder(table, (day_of(start),))}/{hash_id(table, str(number))[:20]}.parquet'
    with lake.storage.create(path) as file:
        write_parquet(file, made)
