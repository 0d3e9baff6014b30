"""Turns the end of a visit into its answer."""

import dataclasses
import time
from typing import Optional

from schemas.vocabulary import Reason
from transforms.functions.web.asking import Answer, Ask
from transforms.functions.web.exchange import Response
from transforms.functions.web.failures import failure_of_status
from transforms.functions.web.retry_after import retry_after_s

# Statuses that a Retry-After may come with.
ASKS_FOR_PEACE = frozenset({429, 503})


@dataclasses.dataclass(frozen=True)
class End:
    """Where a chain of redirects ended."""

    response: Response
    permanent: bool = False  # there were redirects, each a 301 or 308
    elsewhere: Optional[str] = None
    wire_bytes: int = 0


def peace_s(response: Response) -> Optional[int]:
    """Seconds for which a response asks to be left in peace, or None."""
    headers = response.headers
    return retry_after_s(headers.get('Retry-After'), headers.get('Date'), time.time())


def judged(response: Response) -> Response:
    """The response with the reason that its status stands for."""
    status = response.status
    if status is None or response.reason is not None or response.body is not None:
        return response
    if status == 304:
        return dataclasses.replace(response, reason=Reason.NOT_MODIFIED)
    if status >= 400:
        wait = peace_s(response) if status in ASKS_FOR_PEACE else None
        detail = f'{status}' if wait is None else f'{status}, Retry-After {wait} s'
        return dataclasses.replace(response, reason=failure_of_status(status), detail=detail)
    return dataclasses.replace(response, reason=Reason.HTTP_4XX, detail=f'unexpected status {status}')


def answer_of(ask: Ask, end: End) -> Answer:
    """The answer to an ask that ended so."""
    response, headers = end.response, end.response.headers
    arrived = response.reason is None or response.reason is Reason.NOT_MODIFIED
    moved_to = end.elsewhere if end.elsewhere is not None else (str(response.url) if arrived else None)
    return Answer(
        token=ask.token,
        url=ask.url,
        final_url=str(response.url),
        status=response.status,
        body=response.body,
        charset=response.charset,
        content_type=response.content_type,
        etag=headers.get('ETag'),
        last_modified=headers.get('Last-Modified'),
        moved_to=moved_to if end.permanent else None,
        elsewhere=end.elsewhere,
        reason=response.reason,
        detail=response.detail,
        fetched_at=response.fetched_at,
        wire_bytes=end.wire_bytes,
        cache_control=headers.get('Cache-Control'),
        robots_tag='\n'.join(response.every('X-Robots-Tag')) or None,
        retry_after_s=peace_s(response) if response.status in ASKS_FOR_PEACE else None,
    )
