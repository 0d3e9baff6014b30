"""Brings one ask to its answer: robots.txt, redirects, retries, each request under its host's limits."""

import asyncio
import dataclasses
import random
from collections.abc import Callable, Mapping
from typing import Optional, Union

from yarl import URL

from schemas.settings import FetchSettings
from schemas.vocabulary import Reason
from transforms.functions.web.addresses import AddressRules, BlockedAddress
from transforms.functions.web.answering import ASKS_FOR_PEACE, End, answer_of, judged, peace_s
from transforms.functions.web.asking import Accept, Answer, Ask
from transforms.functions.web.chain_cookies import ChainCookies
from transforms.functions.web.exchange import Response, now_us
from transforms.functions.web.host_limits import HostLimit, Spending
from transforms.functions.web.proxies import Proxies
from transforms.functions.web.retry_after import MAX_WAIT_S
from transforms.functions.web.robots import MAX_ROBOTS_BYTES, RobotsFile, RobotsRules
from transforms.functions.web.slots import Slots
from transforms.functions.web.targets import BadUrl, target
from transforms.functions.web.transfer import Transfers

# Before a lost connection is tried once more: long enough for a worker of the server to come back.
_BACKOFF_S = (0.25, 1.0)
_PERMANENT = frozenset({301, 308})


@dataclasses.dataclass(frozen=True)
class Means:
    """What all visits of a client share. Belongs to one event loop."""

    settings: FetchSettings
    transfers: Transfers
    addresses: AddressRules
    proxies: Proxies
    slots: Slots
    robots: RobotsRules
    host_key: Callable[[str], str]


class Visit:
    """One ask on its way, on one host and at one batch's expense."""

    def __init__(self, means: Means, host: HostLimit, spending: Spending) -> None:
        self._means = means
        self._host = host
        self._spending = spending

    async def answer(self, ask: Ask, url: URL) -> Answer:
        """The answer to an ask whose URL was found good.

        Raises Stopped or NotNow if not all that it takes could be asked, and whatever nobody foresaw.
        """
        obey = self._means.settings.respect_robots
        return answer_of(ask, await self._follow(url, ask.accept, dict(ask.headers), obey))

    async def _follow(
        self,
        url: URL,
        accept: Accept,
        headers: Mapping[str, str],
        obey_robots: bool,
        cut_at: Optional[int] = None,
    ) -> End:
        """Gets ``url`` and follows redirects on its own host, checking each hop anew."""
        cookies = ChainCookies()
        seen = {(url, '')}
        permanent, wire_bytes = True, 0
        while True:
            refused = self._refusal(url)
            if refused is None and obey_robots:
                refused = await self._robots_refusal(url)
            if refused is not None:
                return End(refused, wire_bytes=wire_bytes)
            response = await self._get(url, accept, {**headers, **cookies.header(url)}, cut_at)
            wire_bytes += response.wire_bytes
            if not response.is_redirect or response.reason is not None:
                permanent = permanent and len(seen) > 1
                return End(judged(response), permanent=permanent, wire_bytes=wire_bytes)
            permanent = permanent and response.status in _PERMANENT
            cookies.take(response)
            following = self._following(response)
            if isinstance(following, Response):
                return End(following, wire_bytes=wire_bytes)
            if self._means.host_key(str(following)) != self._means.host_key(str(url)):
                return self._handed_on(response, following, permanent, wire_bytes)
            # A page that sets a cookie and redirects to itself is no loop yet.
            step = following, cookies.header(following).get('Cookie', '')
            if step in seen or len(seen) > self._means.settings.max_redirects:
                what = f'back to {following}' if step in seen else f'more than {len(seen) - 1} redirects'
                looped = dataclasses.replace(response, reason=Reason.REDIRECT_LOOP, detail=what[:200])
                return End(looped, wire_bytes=wire_bytes)
            seen.add(step)
            url = following

    def _refusal(self, url: URL) -> Optional[Response]:
        """The end of a URL that may not be asked because of the address written in it."""
        try:
            self._means.addresses.check_host(url.raw_host or '')
        except BlockedAddress as error:
            return Response(url, reason=Reason.BLOCKED_ADDRESS, detail=str(error), fetched_at=now_us())
        return None

    def _following(self, response: Response) -> Union[URL, Response]:
        """Where a redirect leads, or the end that it makes."""
        location = response.headers.get('Location')
        try:
            if location is None:
                raise BadUrl('no Location')
            following = target(location, base=response.url)
            self._means.host_key(str(following))
        except ValueError as error:
            detail = f'redirect {response.status} to nothing usable: {error}'
            return dataclasses.replace(response, reason=Reason.BAD_URL, detail=detail[:200])
        return following

    def _handed_on(self, response: Response, following: URL, permanent: bool, wire_bytes: int) -> End:
        refused = self._refusal(following)
        if refused is not None:
            return End(dataclasses.replace(refused, status=response.status), wire_bytes=wire_bytes)
        detail = str(following)[:200]
        response = dataclasses.replace(response, reason=Reason.REDIRECT_ELSEWHERE, detail=detail)
        return End(response, permanent, elsewhere=str(following), wire_bytes=wire_bytes)

    async def _robots_refusal(self, url: URL) -> Optional[Response]:
        denial = await self._means.robots.denial(url, self._get_robots, self._host.slow_down)
        if denial is None:
            return None
        self._host.report.robots_denials += 1
        return Response(url, reason=denial[0], detail=denial[1], fetched_at=now_us())

    async def _get_robots(self, url: URL) -> RobotsFile:
        end = await self._follow(url, 'document', {}, obey_robots=False, cut_at=MAX_ROBOTS_BYTES)
        response = end.response
        return RobotsFile(response.status, response.body, response.reason, response.detail)

    async def _get(
        self, url: URL, accept: Accept, headers: Mapping[str, str], cut_at: Optional[int]
    ) -> Response:
        """One response; asked for again after a lost connection or a short Retry-After."""
        response = await self._get_once(url, accept, headers, cut_at)
        # Connections kept from earlier may all be dead by now: each may be lost. A new one may be lost once.
        retries = self._means.settings.in_flight_per_host + 1
        while response.lost and retries:
            retries = retries - 1 if response.reused else 0
            # Holds the whole host: what reset one connection will not like the next one sooner.
            self._host.hold(random.uniform(*_BACKOFF_S))
            response = await self._get_once(url, accept, headers, cut_at)
        if response.status in ASKS_FOR_PEACE:
            wait = peace_s(response)
            if wait is not None and self._grants(wait):
                self._host.hold(wait)
                response = await self._get_once(url, accept, headers, cut_at)
            self._note_peace(response)
        return response

    async def _get_once(
        self, url: URL, accept: Accept, headers: Mapping[str, str], cut_at: Optional[int]
    ) -> Response:
        proxy = self._means.proxies.proxy_of(url)
        passage = await self._host.admit(self._means.slots, self._spending)
        response = await self._means.transfers.get(url, accept, headers, passage, proxy, cut_at)
        self._host.report.note_status(response.status)
        return response

    def _grants(self, wait_s: float) -> bool:
        now = asyncio.get_running_loop().time()
        return wait_s <= MAX_WAIT_S and wait_s < self._spending.left(now)

    def _note_peace(self, response: Response) -> None:
        """What the host asked for again: a short wait is kept, a long one ends the asking in this run.

        Those that are not asked are deferred to another run: they have done nothing to fail.
        """
        wait = peace_s(response) if response.status in ASKS_FOR_PEACE else None
        if wait and self._grants(wait):
            self._host.hold(wait)
        elif wait:
            self._host.leave_in_peace(wait, Reason.RUN_ENDED, f'not asked: its host wants {wait} s of peace')
