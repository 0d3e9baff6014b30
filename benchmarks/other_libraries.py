"""What newspaper4k and news-please do of the same work: from feeds to articles, as lines of JSON.

    PYTHON benchmarks/other_libraries.py newspaper4k|news-please OPML --output FILE [--limit N]

A process of its own, with a Python that has the library (``make bench`` makes one, of
``benchmarks/other_libraries.txt``); nothing of this project is imported.
Each is used as its documentation says for many URLs: newspaper4k fetches
and parses in five threads of one process, news-please fetches in a thread for each page and extracts in a
process for each core. Neither reads feeds by their address, so feedparser does. Images are not fetched, and
the list of public suffixes is the one that comes with tldextract: all traffic stays on this machine.
Prints one line of JSON: how many articles have a text.
"""

import argparse
import importlib.metadata
import json
import logging
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Optional

# news-please begins a thread for every page that it is given: as many at a time as one host's feed may show.
_AT_ONCE = 50


def newspaper4k(urls: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The articles by newspaper4k."""
    import newspaper
    from newspaper import mthreading

    logging.getLogger('newspaper').setLevel(logging.CRITICAL)
    asked: list[Any] = [newspaper.Article(url, fetch_images=False) for url in urls]
    for found in mthreading.fetch_news(asked):
        yield {
            'url': found.url,
            'title': found.title,
            'authors': found.authors,
            'published_at': found.publish_date,
            'body': found.text,
            'image_url': found.top_image,
            'tags': sorted(found.tags or ()),
        }


def news_please(urls: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The articles by news-please."""
    from newsplease import NewsPlease

    logging.getLogger('newspaper').setLevel(logging.CRITICAL)
    for first in range(0, len(urls), _AT_ONCE):
        some = list(urls[first : first + _AT_ONCE])
        for url, found in NewsPlease.from_urls(
            some, request_args={'timeout': 30}, fetch_images=False
        ).items():
            if not found:
                continue
            yield {
                'url': url,
                'title': found.title,
                'authors': found.authors,
                'published_at': found.date_publish,
                'body': found.maintext,
                'image_url': found.image_url,
                'language': found.language,
            }


_LIBRARIES = {'newspaper4k': newspaper4k, 'news-please': news_please}


def entries(opml: str) -> Iterator[str]:
    """The links that the feeds show, feed by feed."""
    import feedparser

    for outline in ElementTree.parse(opml).iter('outline'):
        if 'xmlUrl' in outline.attrib:
            for entry in feedparser.parse(outline.attrib['xmlUrl']).entries:
                yield entry.link


def _keep_to_this_machine() -> None:
    from tldextract import tldextract

    tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())


def main(argv: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(description='Fetch and extract with another library.')
    parser.add_argument('library', choices=sorted(_LIBRARIES))
    parser.add_argument('opml')
    parser.add_argument('--output', type=Path, required=True)
    parser.add_argument('--limit', type=int, help='stop after so many articles')
    args = parser.parse_args(argv)
    try:
        version = importlib.metadata.version(args.library)
    except importlib.metadata.PackageNotFoundError:
        print(f'{args.library} is not installed for {sys.executable}', file=sys.stderr)
        return 3
    _keep_to_this_machine()
    urls = list(entries(args.opml))[: args.limit]
    with_text = 0
    with args.output.open('w', encoding='utf-8') as out:
        for row in _LIBRARIES[args.library](urls):
            out.write(json.dumps(row, default=str) + '\n')
            with_text += bool(row['body'])
    print(json.dumps({'articles': with_text, 'version': version}))
    return 0


if __name__ == '__main__':
    sys.exit(main())
