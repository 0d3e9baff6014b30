"""Ledger rows and links: what became of each sighting, and what articles have to do with each other."""

import dataclasses
from typing import Optional

from schemas.rows import Row


@dataclasses.dataclass(frozen=True)
class LedgerRow(Row):
    """A row of the table ``ledger``, whose columns have these names."""

    sighting_id: str
    subject: str
    disposition: str
    seen_at: int
    decided_at: int
    run_id: str
    attempt: int = 0
    transient: bool = False
    poll_id: Optional[str] = None
    feed_url: Optional[str] = None
    feed_item_id: Optional[str] = None
    url: Optional[str] = None
    url_key: Optional[str] = None
    final_url: Optional[str] = None
    article_id: Optional[str] = None
    row_id: Optional[str] = None
    article_date: Optional[str] = None
    article_outlet: Optional[str] = None
    reason: Optional[str] = None
    detail: Optional[str] = None
    http_status: Optional[int] = None
    fingerprint: Optional[int] = None
    entry: Optional[str] = None  # JSON of what is needed to take the item up again; null once it is decided


@dataclasses.dataclass(frozen=True)
class LinkRow(Row):
    """A row of the table ``links``, whose columns have these names."""

    row_id: str
    article_id: str
    kind: str
    target: str
    similarity: Optional[float]
    decided_at: int
    run_id: str
    agency: Optional[str] = None  # of a syndication group
    original: Optional[str] = None  # row_id of its likely original
