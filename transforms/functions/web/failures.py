"""Names what went wrong with a request, in the closed vocabulary."""

import aiohttp
from aiohttp import http_exceptions

from schemas.vocabulary import Reason
from transforms.functions.web.addresses import BlockedAddress
from transforms.functions.web.decompression import BodyCorrupt, BodyIncomplete, BodyTooLarge

Failure = tuple[Reason, str]

# What one request may end with for reasons that lie outside this program. Anything else is our own fault and
# is raised.
FORESEEN = (
    aiohttp.ClientError,
    http_exceptions.HttpProcessingError,
    OSError,  # with TimeoutError
    BlockedAddress,
    BodyCorrupt,
    BodyIncomplete,
    BodyTooLarge,
)


class ConnectionLost(Exception):
    """The connection ended before a response came. Kept out of aiohttp's own classes, so that aiohttp does
    not ask again by itself, at once and past the limits of the host."""


def lost_before_response(error: Exception) -> bool:
    """Whether asking once more may help: the connection failed or was reset before any response."""
    if isinstance(error, ConnectionLost):
        return True
    return isinstance(error, aiohttp.ClientConnectorError) and not isinstance(
        error, (aiohttp.ClientSSLError, aiohttp.ClientConnectorDNSError)
    )


def failure(error: Exception, in_body: bool) -> Failure:
    """The reason and a short detail for a foreseen exception. ``in_body``: the headers had arrived."""
    detail = _short(error)
    if isinstance(error, BlockedAddress):
        return Reason.BLOCKED_ADDRESS, detail
    if isinstance(error, BodyTooLarge):
        return Reason.TOO_LARGE, 'decompressed'
    if isinstance(error, BodyCorrupt):
        return Reason.BAD_ENCODING, f'Content-Encoding: {detail}'
    if isinstance(error, BodyIncomplete):
        return Reason.TRUNCATED, 'compressed body ends early'
    if isinstance(error, aiohttp.ClientSSLError):
        return Reason.TLS, detail
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Reason.DNS, detail
    if isinstance(error, TimeoutError):
        return Reason.TIMEOUT, detail
    if isinstance(error, aiohttp.InvalidURL):
        return Reason.BAD_URL, detail
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return Reason.CONNECT, f'proxy: {error.status} {error.message}'[:120]
    # Trailers are headers behind a body. Whether the parser finds too many of them before the response or
    # while its body is read is a matter of what comes together.
    refused = error.__cause__ if in_body and isinstance(error, aiohttp.ClientPayloadError) else error
    if isinstance(refused, (aiohttp.ClientResponseError, http_exceptions.HttpProcessingError)):
        message = ' '.join(refused.message.split()) or detail
        if message.startswith('Got more than') or 'too many' in message.lower():
            return Reason.TOO_LARGE, f'{"trailers" if in_body else "headers"}: {message[:120]}'
        if not in_body:
            return Reason.CONNECT, 'not HTTP: ' + message[:120]
    return (Reason.TRUNCATED if in_body else Reason.CONNECT), detail


def failure_of_status(status: int) -> Reason:
    """The reason that a status of 400 and above stands for.

    >>> failure_of_status(404), failure_of_status(410), failure_of_status(503)
    (<Reason.HTTP_4XX: 'http_4xx'>, <Reason.HTTP_410: 'http_410'>, <Reason.HTTP_5XX: 'http_5xx'>)
    """
    if status >= 500:
        return Reason.HTTP_5XX
    return {410: Reason.HTTP_410, 429: Reason.HTTP_429}.get(status, Reason.HTTP_4XX)


def _short(error: Exception) -> str:
    return ' '.join(str(error).split())[:200] or type(error).__name__
