"""Cookies for the length of one chain of redirects, and no longer."""

from collections.abc import Mapping
from typing import Optional

import aiohttp
from yarl import URL

from transforms.functions.web.exchange import Response


class ChainCookies:
    """Sites set a cookie and redirect to see it come back; without it the redirects never end.

    Nothing is kept from one ask to the next, so nobody is recognised by it.
    """

    def __init__(self) -> None:
        self._jar: Optional[aiohttp.CookieJar] = None

    def take(self, response: Response) -> None:
        """Takes up what a response sets."""
        values = response.every('Set-Cookie')
        if values:
            if self._jar is None:
                self._jar = aiohttp.CookieJar(unsafe=True)  # 'unsafe': also of hosts that are addresses
            self._jar.update_cookies_from_headers(values, response.url)

    def header(self, url: URL) -> Mapping[str, str]:
        """The Cookie header for ``url``, if there is one."""
        if self._jar is None:
            return {}
        cookies = self._jar.filter_cookies(url)
        text = '; '.join(f'{name}={morsel.coded_value}' for name, morsel in sorted(cookies.items()))
        return {'Cookie': text} if text else {}
