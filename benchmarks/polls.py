"""Successive captures of a real feed, replayed as polls: is each item there once, and each edit a version?

    python -m benchmarks.polls --data DIR [--feed rnz] [--captures 120] [--output LAKE]

DIR/polls/<feed>/NNNN_<unix time>.xml.gz are captures of one feed, as public collections of feeds keep them;
the texts belong to their publishers, and nothing of them is in this project. A proxy on loopback answers for
the feed's host: with one capture after the other, and with a page for each of its entries, made of the
entry's title and summary of that moment and of some paragraphs that stay, so that an edit of the entry is an
edit of the page's title or body. Each page names as canonical the URL under which its item was shown first,
as publishers do whose URLs carry a headline that changes.

Each capture is ingested by a run of its own whose clock is the capture's time: the whole pipeline but for
entities, with one pool of processes for all runs. What the lake then says is compared with what feedparser
alone finds in the captures: items, edits, and polls that share no item with the poll before. Then the books
are balanced (``dateline check``). Exit code 1 if anything differs.
"""

import argparse
import datetime
import gzip
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any, Optional

import apache_beam as beam
import feedparser
import pandas
from apache_beam.options.pipeline_options import PipelineOptions

from benchmarks.prose import write_story
from benchmarks.replay import ReplayProxy
from pipelines.ingest import Ingest
from schemas.feeds import Feed
from schemas.settings import AnalysisSettings, FetchSettings, RunSettings
from transforms import processes, staged_memory
from transforms.beam_storage import open_lake
from transforms.functions.books import recount

FEED = 'http://feeds.dateline.test/captured.xml'  # .test never exists in the DNS (RFC 2606)
ANALYSIS = AnalysisSettings(processes=1, entities_model='')
_STORY_PARAGRAPHS = 4
_TAG = re.compile(r'<[^>]{0,200}>')


class Expected:
    """What feedparser alone finds in the captures, one after the other."""

    def __init__(self) -> None:
        self.first_links: dict[str, str] = {}  # item -> the link that it was shown with first
        self.links: set[str] = set()
        self.edits = 0  # of title or summary of an item
        self.other_changes = 0  # of its link or date alone
        self.came_back = 0  # as it had been, after polls that did not show it
        self.scrolled_off: list[int] = []  # numbers of captures, from 0
        self._texts: dict[str, tuple[str, str]] = {}
        self._rest: dict[str, tuple[str, str]] = {}
        self._before: frozenset[str] = frozenset()

    def take(self, number: int, entries: Sequence[Any]) -> None:
        """Takes in a capture."""
        for entry in entries:
            item = item_of(entry)
            text, rest = text_of(entry), (entry['link'], entry.get('published', ''))
            self.first_links.setdefault(item, entry['link'])
            self.links.add(entry['link'])
            if item in self._texts and self._texts[item] != text:
                self.edits += 1
            elif item in self._rest and self._rest[item] != rest:
                self.other_changes += 1
            elif item in self._rest and item not in self._before:
                self.came_back += 1
            self._texts[item], self._rest[item] = text, rest
        shown = frozenset(map(item_of, entries))
        if self._before and not self._before & shown:
            self.scrolled_off.append(number)
        self._before = shown


def item_of(entry: Any) -> str:
    """What tells an entry apart."""
    return str(entry.get('id') or entry['link'])


def text_of(entry: Any) -> tuple[str, str]:
    """What a reader sees of an entry."""
    title, summary = entry['title'], _TAG.sub(' ', entry.get('summary', ''))
    return ' '.join(title.split()), ' '.join(summary.split())


def page_of(entry: Any, canonical: str, when: datetime.datetime) -> bytes:
    """The page of an entry as it is now."""
    title, summary = text_of(entry)
    story = write_story(random.Random(item_of(entry)), when, 'The Replay')
    # Not in front: there it would be the standfirst, whose edits alone make no version.
    first, *others = story.paragraphs[:_STORY_PARAGRAPHS]
    paragraphs = (first, f'In short, the editors wrote, it is this: {summary}', *others)
    body = ''.join(f'<p>{escape(text)}</p>\n' for text in paragraphs)
    return (
        f'<!doctype html><html lang="en"><head><title>{escape(title)}</title>'
        f'<link rel="canonical" href="{escape(canonical)}"></head>'
        f'<body><article><h1>{escape(title)}</h1>\n{body}</article></body></html>'
    ).encode()


def main(argv: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(description='Replay captures of a real feed as polls.')
    parser.add_argument('--data', type=Path, required=True, help='folder with polls/<feed>')
    parser.add_argument('--feed', default='rnz')
    parser.add_argument('--captures', type=int, help='only the first so many')
    parser.add_argument('--output', type=Path, help='keep the lake in this folder, which must be empty')
    args = parser.parse_args(argv)
    captures = sorted((args.data / 'polls' / args.feed).glob('*.xml.gz'))[: args.captures]
    if not captures:
        parser.error(f'{args.data}/polls/{args.feed}: no captures there')
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix='dateline-polls-') as folder:
        lake = args.output or Path(folder) / 'lake'
        try:
            expected = replay(captures, str(lake))
        finally:
            processes.close_all()
        seconds = time.perf_counter() - began
        print(f'{len(captures)} captures as polls, {seconds:.0f} s')
        return report(expected, lake)


def replay(captures: Iterable[Path], lake: str) -> Expected:
    """Ingests one capture after the other, and says what is in them."""
    expected, proxy = Expected(), ReplayProxy(())
    with proxy.running() as url:
        fetch = FetchSettings(min_delay_s=0.0, proxies=(('http', url),))
        for number, path in enumerate(captures):
            # Nothing but plain HTTP goes through this proxy.
            feed = gzip.decompress(path.read_bytes()).replace(b'https://', b'http://')
            moment = int(path.name.split('_')[1].split('.')[0])
            entries = feedparser.parse(feed)['entries']
            expected.take(number, entries)
            proxy.put(FEED, 'application/rss+xml', feed)
            for entry in entries:
                first = expected.first_links[item_of(entry)]
                when = datetime.datetime.fromtimestamp(moment, datetime.UTC)
                proxy.put(entry['link'], 'text/html; charset=utf-8', page_of(entry, first, when))
            now = moment * 1_000_000
            run = RunSettings(lake, f'poll-{number:04}', now, fixed_now=now)
            with beam.Pipeline(runner='FnApiRunner', options=PipelineOptions([])) as pipeline:
                pipeline | beam.Create([Feed(FEED)]) | Ingest(run, fetch, ANALYSIS, give_ledger=False)
            staged_memory.let_go()
    return expected


def report(expected: Expected, lake: Path) -> int:
    """Prints what the lake holds beside what was expected; 1 if anything differs."""
    articles = pandas.read_parquet(lake / 'articles', columns=['article_id', 'version'])
    polls = pandas.read_parquet(lake / 'polls', columns=['scheduled_at', 'scrolled_off', 'items_shown'])
    polls = polls.sort_values('scheduled_at').reset_index(drop=True)
    ledger = pandas.read_parquet(lake / 'ledger', columns=['disposition', 'reason', 'subject', 'url'])
    versions = articles.groupby('article_id')['version'].agg(['count', 'max'])
    unchanged = int((ledger['disposition'] == 'unchanged').sum())
    books = recount(open_lake(str(lake)))
    rows: list[tuple[str, Any, Any]] = [
        ('items, and articles in the lake', len(expected.first_links), len(versions)),
        ('their URLs, and those in the ledger', len(expected.links), ledger['url'].nunique()),
        ('edits, and versions after the first', expected.edits, int((versions['count'] - 1).sum())),
        ('other changes, and rows unchanged', expected.other_changes + expected.came_back, unchanged),
        ('versions numbered without a gap', len(versions), int((versions['count'] == versions['max']).sum())),
        ('polls that share no item', expected.scrolled_off, list(polls.index[polls['scrolled_off']])),
        ('faults in the books', 0, len(books.faults)),
    ]
    print(f'{"":38}{"captures":>30}{"lake":>30}')
    for name, there, found in rows:
        mark = '' if there == found else '  DIFFERS'
        print(f'{name:38}{there!s:>30}{found!s:>30}{mark}')
    print(f'{expected.other_changes} changes of a link or date alone, {expected.came_back} items came back')
    fates = ledger.groupby(['subject', 'disposition', ledger['reason'].fillna('')], observed=True).size()
    for (subject, disposition, reason), count in fates.items():
        print(f'  {count:6} {subject} {disposition} {reason}')
    for fault in books.faults:
        print(fault)
    return 0 if all(there == found for _, there, found in rows) else 1


if __name__ == '__main__':
    sys.exit(main())
