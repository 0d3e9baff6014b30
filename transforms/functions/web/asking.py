"""What the client is asked, and what it answers."""

import dataclasses
from typing import Any, Literal, Optional

from schemas.vocabulary import Reason

Accept = Literal['page', 'feed', 'document']


@dataclasses.dataclass(frozen=True)
class Ask:
    """One URL to get.

    ``accept`` says what the caller can use: ``page`` takes HTML, ``feed`` takes XML, HTML, JSON and text,
    ``document`` takes anything. ``headers`` are sent as they are (``If-None-Match``, ``If-Modified-Since``).
    """

    token: Any  # the caller's own; comes back in the answer
    url: str
    accept: Accept = 'page'
    headers: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True)
class Answer:
    """What became of one ask. ``reason`` is None exactly when ``body`` is what was asked for.

    A 304 is ``Reason.NOT_MODIFIED``; a redirect to another host is ``Reason.REDIRECT_ELSEWHERE`` with its
    target in ``elsewhere``, to be asked for under that host's own limits.
    """

    token: Any
    url: str  # asked
    final_url: str  # answered, after the redirects that were followed
    status: Optional[int] = None  # None when there was no response
    body: Optional[bytes] = None  # decompressed
    charset: Optional[str] = None  # as the Content-Type header claims, in small letters
    content_type: Optional[str] = None  # type/subtype in small letters
    etag: Optional[str] = None
    last_modified: Optional[str] = None
    moved_to: Optional[str] = None  # where the URL now lives, when every redirect was a 301 or 308
    elsewhere: Optional[str] = None  # redirect target on another host, not followed
    reason: Optional[Reason] = None
    detail: Optional[str] = None  # a short sentence for people
    fetched_at: int = 0  # microseconds UTC
    wire_bytes: int = 0  # of all bodies on the way, robots.txt not counted, as transferred
    cache_control: Optional[str] = None  # header, as sent
    robots_tag: Optional[str] = None  # X-Robots-Tag header, as sent, one a line
    retry_after_s: Optional[int] = None  # of peace that the host wants, of an answer 429 or 503 or none
