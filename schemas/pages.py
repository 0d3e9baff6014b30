"""Page requests, pages as fetched, and the ways a page can end."""

import dataclasses
from typing import Optional

from schemas.feeds import Sighting
from schemas.rows import Row


@dataclasses.dataclass(frozen=True)
class PageRequest(Row):
    """A page to fetch, with every sighting in this round that leads to it."""

    url: str
    url_key: str
    sightings: tuple[Sighting, ...]  # the first is the page's own, the others are duplicates by URL
    hops: int = 0  # redirects to other hosts that led here


@dataclasses.dataclass(frozen=True)
class Page(Row):
    """A page as fetched."""

    url: str  # asked
    final_url: str  # answered, after redirects
    body: bytes  # decompressed
    charset: Optional[str] = None  # as the Content-Type header claims
    http_status: int = 200
    fetched_at: int = 0  # microseconds UTC
    sightings: tuple[Sighting, ...] = ()  # none for pages that no feed led to
    etag: Optional[str] = None
    last_modified: Optional[str] = None
    # A page that could not be had, whose entry has its content: a value of schemas.vocabulary.Reason, and
    # what there is to say of it. Then body is empty.
    refusal: Optional[str] = None
    refusal_detail: Optional[str] = None
    # What X-Robots-Tag says, '' when nothing; None where robots directives for indexers are not asked about.
    robots_tag: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class Rejection(Row):
    """Why a page gave no article. Rejecting is not failing: it becomes a ledger row."""

    reason: str  # a value of schemas.vocabulary.Reason
    detail: Optional[str] = None  # a short sentence for people
