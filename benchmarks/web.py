"""What the fetch stage does by itself: pages a second, CPU a page, and how it treats the hosts.

    python -m benchmarks.web [--pages 1000] [--rounds 3] [--feeds 100]

The generated news site (benchmarks/site.py) answers for 20 hosts, 127.0.0.2 to 127.0.0.21, 30 ms after each
request, with gzipped pages of 90 KB. In each round three clients fetch all of its pages, one after the other
and each as a process of its own:

    bare       a loop of aiohttp with two requests in flight per host, and nothing else
    client     WebClient with robots.txt, names through a resolver, limits and caps, as ``ingest`` sets it up
    transform  the FetchPages transform through Beam's in-process engine, grouping by shard included

without a pause between requests and (but for the bare loop, which knows none) with 50 ms. CPU is user and
system time of the client's process from the first request to the last answer, its start-up and imports left
out. The most requests in flight at one host, and the shortest gap from the end of a response to the next
request at the same host, are counted by the site. With 50 ms a host is asked every 80 ms at best, so that
20 of them give 250 pages a second.

Then 100 hosts with a feed each are ingested twice; of the second time the site counts requests by kind,
answers 304 and bytes.

Figures on a machine that does other work are worth little: look at the spread over rounds.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

import feedparser

from benchmarks.end_to_end import INGEST_FLAGS, running_site
from benchmarks.newsroom import opml
from benchmarks.site import COUNTS_PATH

CLIENTS = ('bare', 'client', 'transform')
DELAYS_S = (0.0, 0.05)
_COLUMNS = ('pages/s', 'CPU ms/page', 'most in flight', 'shortest gap ms', 'robots.txt', 'peak MB')


def main(argv: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(description='Measure the fetch stage by itself.')
    parser.add_argument('--pages', type=int, default=1_000)
    parser.add_argument('--hosts', type=int, default=20)
    parser.add_argument('--feeds', type=int, default=100, help='of the second part; 0: leave it out')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--latency_ms', type=float, default=30.0)
    args = parser.parse_args(argv)
    found: dict[tuple[str, float], list[dict[str, float]]] = {}
    site = ['--hosts', str(args.hosts), '--articles', str(args.pages), '--port', '0']
    site += ['--latency_ms', str(args.latency_ms)]
    with running_site(site) as facts, tempfile.TemporaryDirectory(prefix='dateline-web-') as folder:
        urls = Path(folder) / 'urls'
        urls.write_text('\n'.join(_pages(facts['feeds'])), encoding='utf-8')
        for _ in range(args.rounds):
            for client, delay in _turns():
                _counts(facts['origins'][0])
                measured = _run(client, delay, urls, args.pages)
                found.setdefault((client, delay), []).append(
                    measured | _seen(_counts(facts['origins'][0]), args.pages)
                )
    load = ' '.join(f'{one:.1f}' for one in os.getloadavg())
    print(
        f'{args.pages} pages of {facts["mean_kb"]} KB on {args.hosts} hosts, {args.latency_ms:g} ms latency, '
        f'2 in flight per host, {args.rounds} round(s); {os.cpu_count()} cores, load {load}\n'
    )
    print(table(found))
    if args.feeds:
        print(f'\n{args.feeds} feeds on as many hosts that have not changed since the first poll:')
        for name, value in _second_poll(args.feeds, args.latency_ms).items():
            print(f'  {name:36}{value:>10}')
    return 0


def _turns() -> Iterator[tuple[str, float]]:
    for delay in DELAYS_S:
        for client in CLIENTS:
            if client != 'bare' or not delay:
                yield client, delay


def _pages(feeds: Sequence[str]) -> list[str]:
    """The pages that the feeds show, one host after the other in turn."""
    shown = []
    for feed in feeds:
        with urllib.request.urlopen(feed) as answer:
            shown.append([entry['link'] for entry in feedparser.parse(answer.read())['entries']])
    longest = max(map(len, shown))
    return [links[place] for place in range(longest) for links in shown if place < len(links)]


def _run(client: str, delay_s: float, urls: Path, expected: int) -> dict[str, float]:
    command = [sys.executable, '-m', 'benchmarks.web_clients', client, str(urls), str(delay_s)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f'{client} ended with exit code {done.returncode}:\n{done.stderr[-2000:]}')
    told = json.loads(done.stdout.splitlines()[-1])
    if told['pages'] != expected:
        raise SystemExit(f'{client} got {told["pages"]} pages of {expected}')
    return {
        'pages/s': told['pages'] / told['wall_s'],
        'CPU ms/page': 1000 * told['cpu_s'] / told['pages'],
        'peak MB': told['peak_mb'],
    }


def _counts(origin: str) -> dict[str, Any]:
    """What the site has counted since the last time."""
    with urllib.request.urlopen(origin + COUNTS_PATH) as answer:
        counts: dict[str, Any] = json.load(answer)
    return counts


def _seen(counts: Mapping[str, Any], pages: int) -> dict[str, float]:
    if counts['requests'].get('page') != pages or counts['repeats']:
        raise SystemExit(f'The site was not asked for each page once: {counts}')
    return {
        'most in flight': counts['max_in_flight'],
        'shortest gap ms': 1000 * (counts['shortest_gap_s'] or 0.0),
        'robots.txt': counts['requests'].get('robots', 0),
    }


def table(found: Mapping[tuple[str, float], Sequence[Mapping[str, float]]]) -> str:
    """A line for each client and delay: medians of the rounds; of the limits the worst of any round."""
    lines = [f'{"":22}' + ''.join(f'{name:>17}' for name in _COLUMNS)]
    for (client, delay), rounds in found.items():
        line = f'{client:10}{1000 * delay:4.0f} ms pause'
        for name in _COLUMNS:
            values = [one[name] for one in rounds]
            worst = {'most in flight': max, 'shortest gap ms': min}.get(name, statistics.median)
            shown = f'{worst(values):.1f}'
            if name in ('pages/s', 'CPU ms/page') and len(values) > 1:
                shown += f' ({min(values):.3g}-{max(values):.3g})'
            line += f'{shown:>17}' if len(shown) < 17 else f' {shown}'
        lines.append(line)
    return '\n'.join(lines)


def _second_poll(feeds: int, latency_ms: float) -> dict[str, int]:
    site = ['--hosts', str(feeds), '--articles', str(feeds), '--port', '0', '--latency_ms', str(latency_ms)]
    with running_site(site) as facts, tempfile.TemporaryDirectory(prefix='dateline-web-') as folder:
        work = Path(folder)
        (work / 'feeds.opml').write_text(opml(facts['feeds']), encoding='utf-8')
        command = [sys.executable, '-m', 'pipelines.cli', 'ingest', str(work / 'feeds.opml'), '--output']
        command += [str(work / 'lake'), '--entities_model', 'none', *INGEST_FLAGS]
        counts: dict[str, Any] = {}
        for _ in range(2):
            _counts(facts['origins'][0])
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(f'ingest ended with exit code {done.returncode}:\n{done.stderr[-2000:]}')
            counts = _counts(facts['origins'][0])
    requests, bodies = counts['requests'], counts['body_bytes']
    return {
        'requests for feeds': requests.get('feed', 0),
        'answered 304': counts['not_modified'],
        'requests for pages': requests.get('page', 0),
        'requests for robots.txt': requests.get('robots', 0),
        'bytes of bodies of feeds and pages': bodies.get('feed', 0) + bodies.get('page', 0),
        'bytes of bodies of robots.txt': bodies.get('robots', 0),
        'bytes sent by the client': counts['bytes_received'],
        'bytes sent by the site': counts['bytes_sent'],
    }


if __name__ == '__main__':
    sys.exit(main())
