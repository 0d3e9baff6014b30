"""Which proxy a URL is asked through."""

import urllib.request
from collections.abc import Mapping
from typing import Optional

from yarl import URL


class Proxies:
    """Proxies by scheme (``http``, ``https``, ``all``), and under ``no`` the hosts that are asked directly.

    The mapping is that of ``urllib.request.getproxies()``; only the program's entry point reads the
    environment. Raises ValueError for a proxy that is not an http or https URL.
    """

    def __init__(self, by_scheme: Mapping[str, str]) -> None:
        self._no = {'no': by_scheme.get('no', '')}
        self._by_scheme = {
            scheme: _proxy_url(text) for scheme, text in by_scheme.items() if scheme != 'no' and text
        }

    @property
    def endpoints(self) -> tuple[tuple[str, int], ...]:
        """Host and port of every proxy."""
        return tuple((url.raw_host or '', url.port or 80) for url in self._by_scheme.values())

    def proxy_of(self, url: URL) -> Optional[URL]:
        """The proxy for ``url``, or None if it is asked directly."""
        if not self._by_scheme:
            return None
        proxy = self._by_scheme.get(url.scheme) or self._by_scheme.get('all')
        host = f'{url.raw_host}:{url.port}'
        if proxy is None or urllib.request.proxy_bypass_environment(host, self._no):  # type: ignore[attr-defined]
            return None
        return proxy


def _proxy_url(text: str) -> URL:
    url = URL(text if '://' in text else f'http://{text}')
    if url.scheme not in ('http', 'https') or not url.raw_host:
        raise ValueError(f'not an http proxy: {text!r}')
    return url
