"""The ledger's rows of what is forgotten: which they are, and what is left of them."""

import re
from collections.abc import Callable, Iterable
from typing import Optional

import pyarrow as pa
import pyarrow.compute as pc

from schemas.ids import hash_id
from schemas.vocabulary import Disposition, Subject
from transforms.functions.forgotten import DETAIL, Forgotten
from transforms.functions.urls import url_key

# What is read of the ledger to tell which rows these are.
COLUMNS = ('sighting_id', 'attempt', 'subject', 'article_id', 'row_id', 'url_key', 'final_url', 'detail')
_EMPTIED = (
    'feed_item_id', 'url', 'url_key', 'final_url', 'article_id', 'row_id', 'article_date', 'article_outlet',
    'http_status', 'fingerprint', 'entry',
)  # fmt: skip
_URL = re.compile(r'https?://[^\s\'"<>]+')


def scrub_ledger(rows: pa.Table, gone: Forgotten) -> pa.Table:
    """Ledger rows that are about to be committed, those of what is forgotten emptied."""
    if not gone.articles:
        return rows
    mask = concerns(rows, gone)
    return scrub(rows, mask, last_attempts(rows.filter(mask))) if pc.any(mask).as_py() else rows


def concerns(rows: pa.Table, gone: Forgotten) -> pa.ChunkedArray:
    """Which ledger rows are of a forgotten article: by its id or, where no article is named, by a URL."""
    by_url = pc.and_(pc.is_null(rows['row_id']), pc.equal(rows['subject'], Subject.ITEM.value))
    return pc.or_(has_id(rows, gone), pc.and_(by_url, has_url(rows, gone, by_url)))


def has_id(rows: pa.Table, gone: Forgotten) -> pa.ChunkedArray:
    """Which rows name a forgotten article."""
    return pc.is_in(rows['article_id'], pa.array(sorted(gone.articles), pa.string()))


def has_url(rows: pa.Table, gone: Forgotten, among: Optional[pa.ChunkedArray] = None) -> pa.ChunkedArray:
    """Which rows have a URL of a forgotten article in one of their columns for URLs or in their sentence.

    ``among``: only these rows are asked about; a URL takes 10 microseconds to normalise.
    """
    found = pa.chunked_array([pa.repeat(False, len(rows))])
    for name, keys_of in _KEYS.items():
        if name in rows.column_names:
            asked = rows[name] if among is None else rows[name].filter(among)
            texts = pc.unique(asked).drop_null().to_pylist()
            meant = [text for text in texts if any(gone.url(key) for key in keys_of(text))]
            found = pc.or_(found, pc.is_in(rows[name], pa.array(meant, pa.string())))
    return found


def last_attempts(rows: pa.Table) -> dict[str, int]:
    """The number of the last attempt for each sighting among the rows."""
    last: dict[str, int] = {}
    for key, attempt in zip(rows['sighting_id'].to_pylist(), rows['attempt'].to_pylist(), strict=True):
        last[key] = max(attempt, last.get(key, 0))
    return last


def scrub(rows: pa.Table, mask: pa.ChunkedArray, last: dict[str, int]) -> pa.Table:
    """The rows, those of the mask emptied: what is left is when, in which poll of which feed, and by whom.

    A sighting's last attempt becomes rejected; earlier ones remain what they were, or the sighting would have
    been tried again after it was decided.
    """
    attempts = zip(rows['sighting_id'].to_pylist(), rows['attempt'].to_pylist(), strict=True)
    is_last = pa.chunked_array([[attempt >= last.get(key, 0) for key, attempt in attempts]], pa.bool_())
    decided = pc.and_(mask, is_last)
    rows = _put(rows, 'disposition', decided, Disposition.REJECTED.value)
    rows = _put(rows, 'reason', decided, None)
    rows = _put(rows, 'transient', mask, False)
    rows = _put(rows, 'detail', mask, DETAIL)
    for name in _EMPTIED:
        if name in rows.column_names:
            rows = _put(rows, name, mask, None)
    return rows


def _put(rows: pa.Table, column: str, mask: pa.ChunkedArray, value: object) -> pa.Table:
    at = rows.schema.get_field_index(column)
    field = rows.schema.field(at)
    return rows.set_column(at, field, pc.if_else(mask, pa.scalar(value, field.type), rows[column]))


def _own_key(text: str) -> Iterable[str]:
    return (text,)


def _key_of_url(text: str) -> Iterable[str]:
    return (url_key(text),)


def _keys_within(text: str) -> Iterable[str]:
    # A sentence may quote a URL, and go on right behind it.
    return (url_key(url.rstrip('.,;:)')) for url in _URL.findall(text))


_KEYS: dict[str, Callable[[str], Iterable[str]]] = {
    'url_key': _own_key,
    'url': _key_of_url,
    'final_url': _key_of_url,
    'detail': _keys_within,
}


def url_hashes(rows: pa.Table) -> set[str]:
    """The hashes of the keys of all URLs that the rows name."""
    columns = (name for name in ('url_key', 'url', 'final_url') if name in rows.column_names)
    return {
        hash_id(key)
        for name in columns
        for text in pc.unique(rows[name]).to_pylist()
        if text
        for key in _KEYS[name](text)
    }
