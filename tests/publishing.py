"""Hosts that publish articles, for the tests of jobs that other processes work on."""

import collections
import time
from pathlib import Path

import pandas

from tests.made_site import MadeSite, page


class Newsroom:
    """Some hosts that publish articles in turn, and count how often each is asked for."""

    def __init__(self, hosts: list[MadeSite], latency_s: float) -> None:
        self.hosts = hosts
        self._items: dict[MadeSite, list[tuple[str, str]]] = {host: [] for host in hosts}
        self.urls: list[str] = []
        self.published_at: dict[str, float] = {}  # seconds since 1970
        for host in hosts:
            host.latency_s = latency_s
        self.publish(len(hosts))

    def publish(self, count: int) -> None:
        """Publishes articles until there are so many."""
        for number in range(len(self.urls), count):
            host = self.hosts[number % len(self.hosts)]
            path = f'/story/{number}'
            host.answers[path] = page(f'Report {number}', f'reservoir{number}')
            self._items[host].insert(0, (f'Report {number}', path))
            host.feed(*self._items[host])
            self.urls.append(host.base + path)
            self.published_at[self.urls[-1]] = time.time()

    def list_feeds(self, file: Path) -> None:
        """Writes the feeds to a list."""
        file.write_text(''.join(f'{host.base}/rss\n' for host in self.hosts), encoding='utf-8')

    def asked(self) -> collections.Counter[str]:
        """How often each article's page was asked for."""
        return collections.Counter(
            host.base + path for host in self.hosts for path in tuple(host.asked) if '/story/' in path
        )


def articles(lake: Path) -> collections.Counter[str]:
    """How often each article is in the lake, versions and all."""
    # File by file: pandas does not read a folder in which a partition's first file is about to come.
    files = lake.glob('articles/*/*/*.parquet')
    return collections.Counter(url for file in files for url in pandas.read_parquet(file)['url'])
