"""What is said about staged and committed rows: names and ids only, never the rows."""

import dataclasses
from typing import Optional

from schemas.rows import Row


@dataclasses.dataclass(frozen=True)
class StagedArticle(Row):
    """Where a staged article's row is, and which partition it asks for."""

    article_id: str
    path: str
    index: int  # of the row within the staged file
    date: str
    outlet: str
    seen_at: int  # microseconds UTC; the earliest sighting's partition is the article's
    pinned: bool  # whether an earlier version in the lake has decided the partition


@dataclasses.dataclass(frozen=True)
class StagedRows(Row):
    """A staged file of one partition of a small table."""

    partition: tuple[str, ...]
    path: str
    rows: int


@dataclasses.dataclass(frozen=True)
class CommittedText(Row):
    """An article version that a commit wrote, as far as finding duplicates needs it."""

    text_hash: str
    row_id: str
    article_id: str
    first_seen_at: int  # microseconds UTC
    date: Optional[str] = None  # partition
    outlet: Optional[str] = None
    signature: Optional[bytes] = None
    agency: Optional[str] = None  # id of the agency that the text comes from
