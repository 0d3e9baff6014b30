"""Captured pages with their URLs, read from a folder; ``benchmarks.replay`` says how it is laid out."""

import dataclasses
import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import tldextract

# The suffix list that comes with the package: nothing is downloaded.
_split_domain = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@dataclasses.dataclass(frozen=True)
class Captured:
    """A page as it was captured."""

    set_name: str  # aeb or fundus
    url: str  # http, without fragment: as a client asks a proxy for it
    title: str
    html: bytes
    content_type: str


def read_captured(folder: Path) -> list[Captured]:
    """All pages of a folder. Raises OSError for a page that is named and not there."""
    pages = []
    aeb = folder / 'pages/aeb'
    if (aeb / 'gold.json').exists():
        for name, gold in json.loads((aeb / 'gold.json').read_text('utf-8')).items():
            pages.append(_captured('aeb', gold['url'], '', aeb / 'html' / f'{name}.html.gz'))
    fundus = folder / 'pages/fundus'
    if (fundus / 'gold.jsonl').exists():
        for line in (fundus / 'gold.jsonl').read_text('utf-8').splitlines():
            gold = json.loads(line)
            pages.append(
                _captured('fundus', gold['url'], gold.get('title') or '', fundus / 'html' / gold['file'])
            )
    return pages


def feeds_of(pages: Sequence[Captured]) -> Iterator[tuple[str, str]]:
    """For each registrable domain its name (dots as dashes) and an RSS feed of its pages, ordered by name."""
    by_outlet: dict[str, list[Captured]] = defaultdict(list)
    for page in pages:
        by_outlet[_domain(page.url)].append(page)
    for domain, items in sorted(by_outlet.items()):
        yield domain.replace('.', '-'), _feed(domain, items)


def _captured(set_name: str, url: str, title: str, path: Path) -> Captured:
    data = path.read_bytes()
    html = gzip.decompress(data) if path.suffix == '.gz' else data
    # Captures are of the text in UTF-8 where they decode so, whatever charset the page's own meta claims.
    try:
        html.decode('utf-8')
        content_type = 'text/html; charset=utf-8'
    except UnicodeDecodeError:
        content_type = 'text/html'
    return Captured(set_name, _as_asked(url), title, html, content_type)


def _as_asked(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(('http', parts.netloc, parts.path or '/', parts.query, ''))


def _domain(url: str) -> str:
    host = urlsplit(url).hostname or ''
    return _split_domain(host).top_domain_under_public_suffix or host


def _feed(domain: str, pages: Sequence[Captured]) -> str:
    items = ''.join(
        f'<item>{_title(page)}<link>{escape(page.url)}</link><guid>{escape(page.url)}</guid></item>\n'
        for page in pages
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>{domain}</title>'
        f'<link>http://{domain}/</link><description>Captured pages</description>\n{items}</channel></rss>\n'
    )


def _title(page: Captured) -> str:
    # Control characters are not allowed in XML, even escaped.
    text = re.sub(r'[\x00-\x08\x0b\x0c\x0e-\x1f]', ' ', page.title)
    return f'<title>{escape(text)}</title>' if text else ''
