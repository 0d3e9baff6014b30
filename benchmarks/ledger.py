"""Do the books balance to the item when most items fail? 100 000 items with 5 % faults of each kind.

    python -m benchmarks.ledger --items 100000

A site in a process of its own (benchmarks/faulty_site.py) shows so many items in its feeds, of which one in
twenty is an article and the others fail in nineteen ways. ``dateline ingest`` takes them all in, in rounds,
with ``--entities_model none``; then ``dateline check`` recounts the books, and every single item's last
ledger row is compared with what was injected. Exit code 1 when one is off.

Bad URLs are decided without asking, and of hosts that cannot be asked (dns, connect, tls, timeout) the
answer for their robots.txt is remembered; everything else is a request of its own over real HTTP.
"""

import argparse
import collections
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Optional

import pandas

from benchmarks.faulty_pages import EXPECTED, item_id, kind_of
from benchmarks.newsroom import opml
from benchmarks.processes import measure

# Of a feed more than 5 000 items are cut.
_ITEMS_PER_FEED = 1_000
# The deadlines are the default ones: on a machine that does other work, shorter ones end pages that are good.
INGEST_FLAGS = (
    '--fetch_allow_private_networks=127.0.0.0/8', '--fetch_min_delay=0', '--fetch_host_budget=3600',
    '--entities_model=none',
)  # fmt: skip
_SHOWN = 10


@contextlib.contextmanager
def running_site(items: int, feeds: int, *flags: str) -> Iterator[list[str]]:
    """The site in a process of its own; gives its feeds."""
    command = [sys.executable, '-m', 'benchmarks.faulty_site', *flags]
    command += ['--items', str(items), '--feeds', str(feeds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())['feeds']
        finally:
            process.terminate()


def compare(lake: Path, items: int) -> list[str]:
    """A sentence for each thing in the books that is not as it was injected."""
    columns = ['sighting_id', 'subject', 'feed_item_id', 'disposition', 'reason', 'attempt']
    ledger = pandas.read_parquet(lake / 'ledger', columns=columns)
    last = ledger[ledger['subject'] == 'item'].sort_values('attempt').groupby('sighting_id').last()
    ends = {
        row.feed_item_id: (row.disposition, None if pandas.isna(row.reason) else row.reason)
        for row in last.itertuples()
    }
    off = []
    if len(ends) != len(last):
        off.append(f'{len(last) - len(ends)} items have more than one sighting')
    for number in range(items):
        end = ends.pop(item_id(number), None)
        if end != EXPECTED[kind_of(number)]:
            off.append(f'{item_id(number)} ended as {end}, not as {EXPECTED[kind_of(number)]}')
    off += [f'{name} was never shown' for name in ends]
    written = len(pandas.read_parquet(lake / 'articles', columns=['row_id']))
    if written != sum(kind_of(number) == 'good' for number in range(items)):
        off.append(f'articles has {written} rows')
    polls = pandas.read_parquet(lake / 'polls', columns=['items_shown', 'items_unchanged'])
    if polls['items_shown'].sum() != items or polls['items_unchanged'].sum():
        off.append(f'the polls count {polls["items_shown"].sum()} items')
    print(f'ledger rows: {len(ledger)}; items by what became of them:')
    counts = collections.Counter((row.disposition, row.reason) for row in last.itertuples())
    for (disposition, reason), count in sorted(counts.items(), key=str):
        print(f'  {disposition:10}{"" if pandas.isna(reason) else reason:20}{count:8}')
    return off


def main(argv: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(description='Balance the books of items that fail in all ways.')
    parser.add_argument('--items', type=int, default=100_000)
    parser.add_argument('--round_urls', type=int, default=10_000)
    parser.add_argument('--keep', type=Path, help='an empty folder for the lake, which then stays')
    args = parser.parse_args(argv)
    feeds = max(1, -(-args.items // _ITEMS_PER_FEED))
    with tempfile.TemporaryDirectory(prefix='dateline-ledger-') as made:
        work = args.keep or Path(made)
        work.mkdir(parents=True, exist_ok=True)
        lake, sources = work / 'lake', work / 'feeds.opml'
        with running_site(args.items, feeds) as urls:
            sources.write_text(opml(urls), encoding='utf-8')
            command = [sys.executable, '-m', 'pipelines.cli', 'ingest', str(sources), '--output', str(lake)]
            cost = measure([*command, *INGEST_FLAGS, f'--round_urls={args.round_urls}'], work)
        if cost.returncode:
            raise SystemExit(f'ingest ended with exit code {cost.returncode}:\n{cost.stderr[-2000:]}')
        print(
            f'{args.items} items of {feeds} feeds: {cost.wall_s:.0f} s wall, {cost.cpu_s:.0f} s CPU, '
            f'{cost.peak_rss / 1e6:.0f} MB of all processes at their peak'
        )
        check = measure([sys.executable, '-m', 'pipelines.cli', 'check', str(lake)], work)
        print(f'check: {check.wall_s:.1f} s wall, exit code {check.returncode}: {check.stdout.strip()}')
        off = compare(lake, args.items)
    for sentence in off[:_SHOWN]:
        print(sentence)
    print(f'{len(off)} things are off' if off else 'The books balance to the item.')
    return 1 if off or check.returncode else 0


if __name__ == '__main__':
    sys.exit(main())
