"""Ledger rows and links: what became of each sighting, and what articles have to do with each other."""
import dataclasses
from typing import Optional

from schemas.rows import Row


@dataclasses.dataclass(frozen=True)
class LedgerRow(Row):
    """A row of the table ``ledger``, whose columns have these names."""

    sighting_id: str
    subject: str
    poll_id: Optional[str]
    feed_url: Optional[str]
    feed_item_id: Optional[str]
    url: Optional[str]
    final_url: Optional[str]
    article_id: Optional[str]
    row_id: Optional[str]
    article_date: Optional[str]
    article_outlet: Optional[str]
    disposition: str
    reason: Optional[str]
    transient: bool
    detail: Optional[str]
    http_status: Optional[int]
    attempt: int
    seen_at: int
    decided_at: int
    run_id: str
    fingerprint: Optional[int]
    entry: Optional[str]  # JSON of what is needed to take the item up again; null once it is decided


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
