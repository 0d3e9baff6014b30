"""One request under way: which deadline runs, and what has come so far."""

import asyncio
import dataclasses
import time
from typing import Optional

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from schemas.settings import FetchSettings
from schemas.vocabulary import Reason
from transforms.functions.web import content_types
from transforms.functions.web.asking import Accept
from transforms.functions.web.decompression import Body
from transforms.functions.web.failures import failure, lost_before_response
from transforms.functions.web.host_limits import Passage
from transforms.functions.web.sockets import HEAD_ALLOWANCE, CountedSocket, OpenSockets

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NO_HEADERS: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())


@dataclasses.dataclass(frozen=True)
class Response:
    """How one request ended. Without ``reason`` the body is there, or the status is a redirect."""

    url: URL
    status: Optional[int] = None
    headers: CIMultiDictProxy[str] = dataclasses.field(default_factory=lambda: _NO_HEADERS)
    content_type: Optional[str] = None
    charset: Optional[str] = None
    body: Optional[bytes] = None
    reason: Optional[Reason] = None
    detail: Optional[str] = None
    fetched_at: int = 0  # microseconds UTC
    wire_bytes: int = 0
    lost: bool = False  # the connection failed before any response: asking once more may help
    reused: bool = False  # lost on a connection that was kept from earlier

    @property
    def is_redirect(self) -> bool:
        return self.status in _REDIRECTS

    def every(self, name: str) -> list[str]:
        """All values of a header that may be sent several times."""
        return self.headers.getall(name, [])


class Exchange:
    """The state of one request: which deadline runs, and what has come so far."""

    def __init__(
        self,
        settings: FetchSettings,
        url: URL,
        accept: Accept,
        passage: Passage,
        cut_at: Optional[int],
        sockets: OpenSockets,
    ) -> None:
        self._settings = settings
        self._url = url
        self._accept = accept
        self._passage = passage
        self._cut_at = cut_at
        self._sockets = sockets
        self._socket: Optional[CountedSocket] = None
        self._began = asyncio.get_running_loop().time()
        self._phase = 'connecting'
        self._head = Response(url)
        self.wire_bytes = 0
        self.reused = False
        self.deadline: Optional[asyncio.Timeout] = None

    def _until(self, phase: str, seconds: float) -> None:
        self._phase = phase
        now = asyncio.get_running_loop().time()
        assert self.deadline is not None
        self.deadline.reschedule(min(now + seconds, self._began + self._settings.total_timeout_s))

    def goes_over(self, transport: object) -> None:
        """The connection is there; what comes over it counts from now."""
        self._socket = self._sockets.of(transport)
        self._allow(HEAD_ALLOWANCE)

    def _allow(self, size: int) -> None:
        if self._socket is not None:
            self._socket.allow(size)

    def sent(self) -> None:
        """The request is on its way: from now the response has its own deadline."""
        self._until('waiting for a response', self._settings.first_byte_timeout_s)
        self._passage.sent()

    def responded(self, response: aiohttp.ClientResponse) -> None:
        """The headers are complete: from now only the whole transfer has a deadline."""
        self._until('reading the body', self._settings.total_timeout_s)
        self._passage.responded()
        self._allow(self._settings.max_wire_bytes + HEAD_ALLOWANCE)
        has_type = 'Content-Type' in response.headers
        self._head = Response(
            url=self._url,
            status=response.status,
            headers=response.headers,
            content_type=response.content_type.lower() if has_type else None,
            charset=response.charset.lower() if has_type and response.charset else None,
            fetched_at=now_us(),
        )

    async def read(self, response: aiohttp.ClientResponse) -> Response:
        """The response with its body, if it is one that is wanted."""
        status, head, settings = response.status, self._head, self._settings
        if status == 304 or head.is_redirect or not 200 <= status < 300:
            return head
        refusal = content_types.refused_type(self._accept, head.content_type)
        if (
            refusal is None
            and self._cut_at is None
            and (response.content_length or 0) > settings.max_wire_bytes
        ):
            refusal = Reason.TOO_LARGE, f'Content-Length {response.content_length}'
        if refusal is not None:
            response.close()  # not released: the connection is full of what nobody wants
            return dataclasses.replace(head, reason=refusal[0], detail=refusal[1])
        cap = settings.max_body_bytes if self._cut_at is None else self._cut_at
        body = Body(response.headers.get('Content-Encoding', ''), cap, cut=self._cut_at is not None)
        sniffed = False
        while data := await response.content.readany():
            self.wire_bytes += len(data)
            if self.wire_bytes > settings.max_wire_bytes:
                response.close()
                return dataclasses.replace(
                    head, reason=Reason.TOO_LARGE, detail='transferred', wire_bytes=self.wire_bytes
                )
            body.feed(data)
            if not sniffed and (start := body.start(content_types.SNIFFED_BYTES)) is not None:
                sniffed = True
                if refusal := content_types.refused_body(self._accept, head.content_type, start):
                    response.close()
                    break
            if self._cut_at is not None and body.full:
                response.close()
                break
        if refusal is None:
            whole = body.finish()
            refusal = content_types.refused_body(self._accept, head.content_type, whole)
        if refusal is not None:
            return dataclasses.replace(head, reason=refusal[0], detail=refusal[1], wire_bytes=self.wire_bytes)
        return dataclasses.replace(head, body=whole, wire_bytes=self.wire_bytes)

    def failed(self, error: Exception) -> Response:
        """The response that a foreseen failure stands for."""
        in_body = self._head.status is not None
        reason, detail = failure(error, in_body)
        if reason is Reason.TIMEOUT:
            detail = f'{self._phase}, after {asyncio.get_running_loop().time() - self._began:.1f} s'
        flooded = self._socket is not None and self._socket.exceeded
        if flooded:
            reason, detail = Reason.TOO_LARGE, 'transferred' if in_body else 'headers: no end of them'
        return dataclasses.replace(
            self._head,
            reason=reason,
            detail=detail,
            wire_bytes=self.wire_bytes,
            lost=not flooded and not in_body and lost_before_response(error),
            reused=self.reused,
            fetched_at=self._head.fetched_at or now_us(),
        )


def now_us() -> int:
    """This moment in microseconds UTC."""
    return time.time_ns() // 1000
