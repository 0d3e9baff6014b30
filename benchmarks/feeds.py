"""How many entries, links and dates of real feeds are kept, and what reading a feed costs.

    python -m benchmarks.feeds --data DIR [--show]

DIR/feeds holds captured news feeds as files, beside a MANIFEST.json that is not read here, and in
``feedparser/`` the test files of feedparser (github.com/kurtmckee/feedparser, tests/). The captured ones are
test data of public repositories (their names are in the files' names).

Links are compared with what feedparser alone finds in the bytes: an entry is kept when an entry with one of
its addresses comes out. Dates are what feedparser finds printed as published, created or updated.
"""

import argparse
import contextlib
import io
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import feedparser

from schemas.feeds import ParsedFeed
from transforms.functions.feed_dates import believed, read_date
from transforms.functions.feed_parsing import UnreadableFeed, parse_feed
from transforms.functions.urls import absolute, normalise_url, url_key

URL = 'https://example.org/feeds/all.xml'  # of every document; only relative links show it
ROUNDS = 3  # of which the fastest counts


def main() -> None:
    """Prints the figures of the captured feeds and of feedparser's files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('--data', type=Path, required=True, help='the folder that holds feeds/')
    parser.add_argument('--show', action='store_true', help='print dates not read and links not kept')
    flags = parser.parse_args()
    folder = flags.data / 'feeds'
    captured = sorted(p for p in folder.iterdir() if p.is_file() and p.name != 'MANIFEST.json')
    _report('captured feeds', captured, flags.show)
    _report(
        'feedparser files', sorted(p for p in (folder / 'feedparser').rglob('*') if p.is_file()), flags.show
    )
    times = [_cpu_ms(path) for path in captured]
    print(f'CPU: {sum(times) / len(times):.1f} ms per captured feed, {max(times):.0f} ms the dearest')


def _report(name: str, paths: list[Path], show: bool) -> None:
    counts: Counter[str] = Counter()
    unread: Counter[str] = Counter()
    for path in paths:
        data = path.read_bytes()
        counts['documents'] += 1
        feed = None
        try:
            feed = parse_feed(data, URL)
        except UnreadableFeed:
            counts['refused'] += 1
        except Exception as error:  # what is counted here
            counts['crashes'] += 1
            print(f'  CRASH {path.name}: {error!r}')
        counts['entries'] += len(feed.entries) if feed else 0
        counts['contents'] += sum(1 for entry in feed.entries if entry.content) if feed else 0
        links = _kept(feed) if feed else set()
        for raw in _independent(data):
            _count_dates(raw, counts, unread)
            addresses = _addresses(raw)
            if addresses:
                counts['with link'] += 1
                kept = not addresses.isdisjoint(links)
                counts['link kept'] += kept
                if not kept and show:
                    print(f'  not kept: {path.name} {addresses}')
    print(
        f'{name}: {counts["documents"]} documents, {counts["crashes"]} crashes, {counts["refused"]} refused; '
        f'{counts["entries"]} entries, {counts["contents"]} with content;\n'
        f'  {counts["link kept"]} of {counts["with link"]} entries with a usable link kept;\n'
        f'  {counts["dates"]} dates printed: {counts["read"]} read, {counts["before 1990"]} before 1990, '
        f'{unread.total()} not read in {len(unread)} forms'
    )
    if show:
        for printed, number in unread.most_common():
            print(f'  {number:4} {printed!r}')


def _independent(data: bytes) -> list[dict[str, Any]]:
    """The entries as feedparser alone sees them; none where it fails."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        try:
            return feedparser.parse(io.BytesIO(data), response_headers={'content-location': URL}).entries
        except Exception:  # the pipeline's own reading of it is counted all the same
            return []


def _count_dates(raw: dict[str, Any], counts: Counter[str], unread: Counter[str]) -> None:
    for field in ('published', 'created', 'updated'):
        printed = dict.get(raw, field)
        if not isinstance(printed, str) or not printed.strip():
            continue
        counts['dates'] += 1
        moment = read_date(printed, dict.get(raw, f'{field}_parsed'))
        if moment is None:
            unread[printed.strip()] += 1
        else:
            counts['before 1990' if believed(moment, None) is None else 'read'] += 1


def _addresses(raw: dict[str, Any]) -> set[str]:
    found = (dict.get(raw, name) for name in ('link', 'feedburner_origlink'))
    links = (absolute(link, URL) for link in found if isinstance(link, str))
    return {url_key(link) for link in links if link and normalise_url(link)}


def _kept(feed: ParsedFeed) -> set[str]:
    return {url_key(entry.link) for entry in feed.entries if entry.link}


def _cpu_ms(path: Path) -> float:
    data = path.read_bytes()
    best = float('inf')
    for _ in range(ROUNDS):
        started = time.process_time()
        with contextlib.suppress(UnreadableFeed):
            parse_feed(data, URL)
        best = min(best, time.process_time() - started)
    return best * 1_000


if __name__ == '__main__':
    main()
