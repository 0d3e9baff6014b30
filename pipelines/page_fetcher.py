"""Pages by their addresses, one after the other, for commands that read single pages."""

from typing import Optional

from schemas.pages import Page, Rejection
from schemas.settings import FetchSettings
from transforms.functions.hosts import host_key
from transforms.functions.web.asking import Answer, Ask
from transforms.functions.web.client import WebClient


class PageFetcher:
    """Fetches pages named by URL, politely; its client is made for the first one."""

    def __init__(self, settings: FetchSettings) -> None:
        self._settings = settings
        self._client: Optional[WebClient] = None

    def fetch(self, url: str) -> Page | Rejection:
        """The page, or why it cannot be had. One redirect to another host is followed."""
        if self._client is None:
            self._client = WebClient(self._settings, host_key, proxies=dict(self._settings.proxies))
        answer = self._ask(self._client, url)
        if answer.elsewhere:
            answer = self._ask(self._client, answer.elsewhere)
        if answer.body is None:
            return Rejection(str(answer.reason), answer.detail)
        return Page(
            url=url,
            final_url=answer.final_url,
            body=answer.body,
            charset=answer.charset,
            http_status=answer.status or 200,
            fetched_at=answer.fetched_at,
            robots_tag=(answer.robots_tag or '') if self._settings.respect_noindex else None,
        )

    def close(self) -> None:
        """Ends the client."""
        if self._client is not None:
            self._client.close()

    @staticmethod
    def _ask(client: WebClient, url: str) -> Answer:
        batch = client.open()
        batch.submit(Ask(url, url))
        (answer,) = batch.drain()
        return answer
