"""The session that requests are made over: connections, headers, hooks."""

import asyncio
import contextvars
import socket
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Optional

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.connector import AddrInfoType, Connection
from yarl import URL

from schemas.settings import FetchSettings
from transforms.functions.web.addresses import AddressRules
from transforms.functions.web.asking import Accept
from transforms.functions.web.decompression import ACCEPT_ENCODING
from transforms.functions.web.exchange import Exchange, Response
from transforms.functions.web.failures import FORESEEN, ConnectionLost
from transforms.functions.web.host_limits import Passage
from transforms.functions.web.sockets import OpenSockets

# One header line. Content-Security-Policy and Link headers pass aiohttp's default of 8 KiB; a header is read
# into memory whole.
_MAX_HEADER = 64 * 1024
# Kept connections are idle for at least a host's delay; servers keep theirs for 5 s and longer.
_KEPT_ALIVE_S = 30.0
# Sockets that may be open before further requests ask for theirs to be closed after use. With those in flight
# (slots.MAX_OPEN) this stays below the usual limit of 1 024 open files, however many hosts a batch has.
MAX_CONNECTIONS = 384
_LOOKUPS_KEPT_S = 60

_ACCEPT: Mapping[Accept, str] = {
    'page': 'text/html,application/xhtml+xml,application/xml;q=0.5,*/*;q=0.1',
    'feed': 'application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,'
    'text/xml;q=0.9,application/json;q=0.8,*/*;q=0.1',
    'document': '*/*',
}
# The exchange that a task is at: aiohttp hands its requests no more than their headers.
_exchange: contextvars.ContextVar[Exchange] = contextvars.ContextVar('exchange')
_CLOSE: Mapping[str, str] = {'Connection': 'close'}


async def _no_hidden_retry(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """aiohttp repeats a request whose kept connection was reset, at once; the host's delay forbids it."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise ConnectionLost(str(error) or type(error).__name__) from error


async def _headers_sent(
    _: aiohttp.ClientSession, context: SimpleNamespace, __: aiohttp.TraceRequestHeadersSentParams
) -> None:
    context.trace_request_ctx.sent()


async def _connection_reused(
    _: aiohttp.ClientSession, context: SimpleNamespace, __: aiohttp.TraceConnectionReuseconnParams
) -> None:
    context.trace_request_ctx.reused = True


class _Request(aiohttp.ClientRequest):
    """A request that tells its exchange over which connection it goes.

    It closes the connection itself when it says so: not every server heeds the header.
    """

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        if self.headers.get('Connection') == 'close' and conn.protocol is not None:
            conn.protocol.force_close()
        _exchange.get().goes_over(conn.transport)
        return await super().send(conn)


class Transfers:
    """Makes requests over one session. Must be made and closed inside its event loop."""

    def __init__(self, settings: FetchSettings, resolver: AbstractResolver, rules: AddressRules) -> None:
        self._settings = settings
        self._rules = rules
        self._resolver = resolver
        self._sockets = OpenSockets()
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(_headers_sent)
        trace.on_connection_reuseconn.append(_connection_reused)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=resolver,
                limit=0,  # hosts and slots limit what is in flight
                keepalive_timeout=_KEPT_ALIVE_S,
                ttl_dns_cache=_LOOKUPS_KEPT_S,
                socket_factory=self._socket,
            ),
            headers={'User-Agent': settings.user_agent, 'Accept-Encoding': ACCEPT_ENCODING},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            request_class=_Request,
            max_line_size=_MAX_HEADER,
            max_field_size=_MAX_HEADER,
            trace_configs=[trace],
            middlewares=(_no_hidden_retry,),
        )

    async def close(self) -> None:
        await self._session.close()
        await self._resolver.close()

    def _socket(self, info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        self._rules.check_connection(str(address[0]), int(address[1]))
        return self._sockets.make(family, kind, protocol)

    async def get(
        self,
        url: URL,
        accept: Accept,
        headers: Mapping[str, str],
        passage: Passage,
        proxy: Optional[URL],
        cut_at: Optional[int] = None,
    ) -> Response:
        """The response to one GET; foreseen failures are its ``reason``, others are raised.

        ``cut_at``: keep so many bytes of the body and leave the rest, instead of refusing a larger one.
        The passage is told of every step and ended in any case.
        """
        request = Exchange(self._settings, url, accept, passage, cut_at, self._sockets)
        before = _exchange.set(request)
        crowded = len(self._sockets) > MAX_CONNECTIONS
        try:
            async with asyncio.timeout(self._settings.connect_timeout_s) as deadline:
                request.deadline = deadline
                async with self._session.get(
                    url,
                    headers={'Accept': _ACCEPT[accept], **headers, **(_CLOSE if crowded else {})},
                    allow_redirects=False,
                    proxy=proxy,
                    trace_request_ctx=request,
                ) as response:
                    request.responded(response)
                    return await request.read(response)
        except (*FORESEEN, ConnectionLost) as error:
            return request.failed(error)
        finally:
            _exchange.reset(before)
            passage.end(request.wire_bytes)
