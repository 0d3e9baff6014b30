"""The example site's sources: outlets, feeds and articles as written down in this folder.

An article is a text file: front matter (``key: value`` lines), a line ``---``, then blocks separated by
blank lines. What a block is, its first characters say: ``## `` and ``### `` subheads, ``> `` a quotation,
``* `` a list, ``[figure] `` a picture's caption, ``[title]``, ``[standfirst]`` and ``[glued]`` the title
and standfirst once more within the body, ``[related] slug`` a link to another article of the outlet,
``[newsletter]`` the outlet's sign-up box. Everything else is a paragraph, in which ``**bold**`` and
``[a link](/path)`` are known.
"""

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Optional

HERE = Path(__file__).resolve().parent
OUTLETS_CSV = HERE.parent / 'outlets.csv'
EDITIONS = (1, 2)

_MARKERS = {
    '## ': 'h2',
    '### ': 'h3',
    '> ': 'quote',
    '* ': 'list',
    '[figure] ': 'figure',
    '[related] ': 'related',
    '[title]': 'title',
    '[standfirst]': 'standfirst',
    '[glued]': 'glued',
    '[newsletter]': 'newsletter',
}
# Blocks whose words are the article's own text.
_TEXT_KINDS = frozenset({'p', 'quote', 'list'})


@dataclass(frozen=True)
class Block:
    """A piece of an article's body."""

    kind: str  # 'p' or a value of _MARKERS
    text: str


@dataclass(frozen=True)
class Article:
    """An article of one edition of the site."""

    outlet: str
    slug: str
    path: str
    title: str
    standfirst: str
    author: str
    section: str
    tags: tuple[str, ...]
    language: str
    published: datetime  # with the outlet's offset
    updated: Optional[datetime]
    feeds: tuple[str, ...]  # ids of the outlet's feeds that list it
    feed_date: Optional[str]  # what a feed prints instead of the date; '' prints none
    feed_path: str  # the path that feeds link to: `path`, or one that redirects there
    has_guid: bool
    shapes: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def modified(self) -> datetime:
        return self.updated or self.published

    @property
    def word_count(self) -> int:
        return sum(len(block.text.split()) for block in self.blocks if block.kind in _TEXT_KINDS)


@dataclass(frozen=True)
class Outlet:
    """An outlet: its row of outlets.csv and how it prints."""

    row: dict[str, str]
    style: dict[str, Any]  # its table in site.toml

    @property
    def id(self) -> str:
        return self.row['id']

    @property
    def name(self) -> str:
        return self.row['name']


@dataclass(frozen=True)
class Sources:
    """Everything that one edition of the site is made from."""

    outlets: tuple[Outlet, ...]
    feeds: tuple[dict[str, Any], ...]  # tables of site.toml, in the OPML's order
    documents: tuple[dict[str, Any], ...]  # what is neither article nor feed: a video page, a PDF
    articles: tuple[Article, ...]

    def articles_of(self, outlet_id: str) -> list[Article]:
        """An outlet's articles, the newest first. An edit does not move one up."""
        own = [article for article in self.articles if article.outlet == outlet_id]
        return sorted(own, key=lambda article: article.published.astimezone(UTC), reverse=True)

    def shapes(self) -> Iterator[tuple[str, str]]:
        """Each shape with where it is: ``outlet/slug`` of an article, ``outlet:path`` of anything else."""
        for article in self.articles:
            for shape in article.shapes:
                yield shape, f'{article.outlet}/{article.slug}'
        for table in (*self.feeds, *self.documents):
            for shape in table.get('shape', ()):
                yield shape, f'{table.get("outlet", "nobody")}:{table["path"]}'


def load_sources(edition: int = 1) -> Sources:
    """Read an edition of the site.

    Raises:
        ValueError: there is no such edition, or an article's file is not as the module describes.
    """
    if edition not in EDITIONS:
        raise ValueError(f'The example site has editions {EDITIONS}, not {edition}.')
    settings = tomllib.loads((HERE / 'site.toml').read_text('utf-8'))
    with OUTLETS_CSV.open(encoding='utf-8', newline='') as lines:
        outlets = tuple(Outlet(row, settings['outlets'][row['id']]) for row in csv.DictReader(lines))
    articles = tuple(
        parse_article(outlet, path.stem, _edition_of(path, edition).read_text('utf-8'))
        for outlet in outlets
        for path in sorted((HERE / 'articles' / outlet.id).glob('*.txt'))
        if '.' not in path.stem
    )
    return Sources(outlets, tuple(settings['feeds']), tuple(settings['documents']), articles)


def _edition_of(path: Path, edition: int) -> Path:
    """The file of an article's latest text up to an edition."""
    edited = path.with_name(f'{path.stem}.edition2.txt')
    return edited if edition == 2 and edited.exists() else path


def parse_article(outlet: Outlet, slug: str, text: str) -> Article:
    """An article from its file's text.

    Raises:
        ValueError: a required line of the front matter is missing or cannot be read.
    """
    front, separator, body = text.partition('\n---\n')
    fields = dict(line.split(': ', 1) for line in front.splitlines() if ': ' in line)
    missing = {'title', 'published', 'standfirst'} - fields.keys()
    if not separator or missing:
        raise ValueError(f'{outlet.id}/{slug}: no front matter, or no {sorted(missing)} in it.')
    published = datetime.fromisoformat(fields['published'])
    blocks = [_parse_block(part) for part in body.strip('\n').split('\n\n')]
    if 'repeat' in fields:  # 'first-last', counted from 1: these blocks once more at the end
        first, last = map(int, fields['repeat'].split('-'))
        blocks += blocks[first - 1 : last]
    path = fields.get('path') or published.strftime(outlet.style['path']).replace('{slug}', slug)
    return Article(
        outlet=outlet.id,
        slug=slug,
        path=path,
        title=fields['title'],
        standfirst=fields['standfirst'],
        author=fields.get('author', ''),
        section=fields.get('section', 'news'),
        tags=_split(fields.get('tags', '')),
        language=fields.get('language', outlet.row['language']),
        published=published,
        updated=datetime.fromisoformat(fields['updated']) if 'updated' in fields else None,
        feeds=_split(fields.get('feeds', 'main')),
        feed_date={'none': ''}.get(fields.get('feed_date', '?'), fields.get('feed_date')),
        feed_path=fields.get('feed_path', path),
        has_guid=fields.get('guid') != 'none',
        shapes=_split(fields.get('shape', '')),
        blocks=tuple(blocks),
    )


def _parse_block(part: str) -> Block:
    for marker, kind in _MARKERS.items():
        if part.startswith(marker):
            if kind == 'list':
                return Block(kind, '\n'.join(line.removeprefix('* ') for line in part.splitlines()))
            return Block(kind, part.removeprefix(marker))
    return Block('p', part)


def _split(values: str) -> tuple[str, ...]:
    return tuple(value.strip() for value in values.split(',') if value.strip())
