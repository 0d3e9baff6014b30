"""robots.txt (RFC 9309): read once per origin, kept for a day, obeyed."""

import asyncio
import collections
import dataclasses
from collections.abc import Awaitable, Callable
from typing import Optional

from protego import Protego
from yarl import URL

from schemas.vocabulary import Reason

# RFC 9309, 2.5: at least 500 KiB must be read; what comes after is ignored.
MAX_ROBOTS_BYTES = 500 * 1024
KEPT_S = 24 * 3600.0  # RFC 9309, 2.4: no cached copy should be used for longer
# How soon a robots.txt that could not be had is asked for again.
RETRY_S = 300.0
MAX_CRAWL_DELAY_S = 30.0
# Parsed rules of ordinary files are a few kilobytes.
MAX_ORIGINS = 4_096

Denial = tuple[Reason, str]


@dataclasses.dataclass(frozen=True)
class RobotsFile:
    """What came of asking for a robots.txt: its first bytes, or why there is none."""

    status: Optional[int]
    body: Optional[bytes]
    reason: Optional[Reason]
    detail: Optional[str]


GetRobots = Callable[[URL], Awaitable[RobotsFile]]


class _Rules:
    """What one origin's robots.txt says, for as long as it is believed."""

    def __init__(
        self, expires: float, parsed: Optional[Protego] = None, denial: Optional[Denial] = None
    ) -> None:
        self.expires = expires
        self.parsed = parsed
        self.denial = denial


class RobotsRules:
    """The rules of the origins met lately. Belongs to one event loop.

    ``user_agent`` is the header that is sent; its product token is what groups are matched against.
    """

    def __init__(self, user_agent: str) -> None:
        self._token = user_agent.split('/', 1)[0].split(' ', 1)[0]
        self._kept: collections.OrderedDict[URL, _Rules] = collections.OrderedDict()
        self._asking: dict[URL, asyncio.Lock] = {}

    async def denial(self, url: URL, get: GetRobots, slow_down: Callable[[float], None]) -> Optional[Denial]:
        """Why ``url`` may not be asked for now, or None.

        A file that does not exist (4xx, or a redirect that leads off the host or nowhere) allows everything.
        One that could not be had (5xx, 429, no connection, a deadline) denies with that reason, which is
        transient: the host may yet forbid. ``slow_down`` is told of a Crawl-delay, in seconds.
        """
        origin = url.origin()
        rules = self._kept.get(origin)
        if rules is None or rules.expires < asyncio.get_running_loop().time():
            rules = await self._learn(origin, get, slow_down)
        if rules.denial is not None:
            return rules.denial
        if rules.parsed is None or rules.parsed.can_fetch(str(url), self._token):
            return None
        return Reason.ROBOTS, f'disallowed for {self._token}'

    async def _learn(self, origin: URL, get: GetRobots, slow_down: Callable[[float], None]) -> _Rules:
        lock = self._asking.setdefault(origin, asyncio.Lock())
        async with lock:
            now = asyncio.get_running_loop().time()
            rules = self._kept.get(origin)
            if rules is None or rules.expires < now:
                rules = self._read(await get(origin / 'robots.txt'))
                self._kept[origin] = rules
                if len(self._kept) > MAX_ORIGINS:
                    self._kept.popitem(last=False)
                delay = rules.parsed.crawl_delay(self._token) if rules.parsed is not None else None
                if delay:
                    slow_down(min(float(delay), MAX_CRAWL_DELAY_S))
        if not lock.locked():
            self._asking.pop(origin, None)
        return rules

    def _read(self, file: RobotsFile) -> _Rules:
        now = asyncio.get_running_loop().time()
        if file.body is not None:
            # A byte order mark would hide the first line from the parser.
            text = file.body[:MAX_ROBOTS_BYTES].decode('utf-8-sig', errors='replace')
            return _Rules(now + KEPT_S, parsed=Protego.parse(text))
        if file.reason in _UNAVAILABLE:
            return _Rules(now + KEPT_S)
        reason = file.reason or Reason.CONNECT
        return _Rules(now + RETRY_S, denial=(reason, f'robots.txt: {file.detail or reason}'))


# RFC 9309, 2.3.1.3 and 2.3.1.2: no rules to obey. 429 is left out on purpose: a host that is overloaded has
# not said that everything is allowed.
_UNAVAILABLE = frozenset(
    {
        Reason.HTTP_4XX,
        Reason.HTTP_410,
        Reason.REDIRECT_LOOP,
        Reason.REDIRECT_ELSEWHERE,
        Reason.BAD_URL,
        Reason.BAD_ENCODING,
    }
)
