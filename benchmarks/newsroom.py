"""What the generated news site publishes: pages, feeds, robots.txt and a list of the feeds."""

import dataclasses
import datetime
import random
from collections.abc import Callable, Iterator, Sequence
from email.utils import format_datetime
from html import escape
from typing import Optional

from benchmarks.markup import render
from benchmarks.outlet_looks import Outlet, found_outlet
from benchmarks.prose import Story, write_story

FIRST_DAY = datetime.datetime(2025, 3, 1, 6, tzinfo=datetime.UTC)
DAYS = 10  # over which the articles are spread: with 20 newspapers 200 partitions of a lake
ROBOTS = b'User-agent: *\nDisallow: /info/\n'


@dataclasses.dataclass(frozen=True)
class Resource:
    """What is served under a path."""

    kind: str  # page, feed, robots
    content_type: str
    body: bytes


def generate(
    origins: Sequence[str],
    articles: int,
    seed: int = 1,
    moment_of: Optional[Callable[[int], datetime.datetime]] = None,
) -> Iterator[tuple[int, str, Resource]]:
    """The resources of the site: pairs of newspaper's number and path with what is there.

    The same arguments give the same bytes. Articles go to the newspapers in turn.

    Args:
        moment_of: when the article of a number says that it was published (UTC); without it they are spread
            over ``DAYS`` days.
    """
    outlets = [found_outlet(random.Random(f'{seed}:outlet:{n}'), origin) for n, origin in enumerate(origins)]
    items: list[list[str]] = [[] for _ in origins]
    for number in range(articles):
        place = number % len(outlets)
        outlet = outlets[place]
        rng = random.Random(f'{seed}:article:{number}')
        when = FIRST_DAY + datetime.timedelta(days=number // len(outlets) % DAYS, minutes=rng.randrange(900))
        if moment_of is not None:
            when = moment_of(number)
        story = write_story(rng, when, outlet.name)
        path = f'/{when:%Y/%m/%d}/{story.subject}/{_words_of(story)}-{100_000 + number}'
        page = render(rng, outlet, story, path, when)
        items[place].append(_item(outlet, story, path, when))
        yield place, path, Resource('page', 'text/html; charset=utf-8', page.encode())
    for place, outlet in enumerate(outlets):
        yield place, '/rss.xml', Resource('feed', 'application/rss+xml', _feed(outlet, items[place]).encode())
        yield place, '/robots.txt', Resource('robots', 'text/plain', ROBOTS)


def opml(feeds: Sequence[str]) -> str:
    """An OPML file that lists the feeds."""
    outlines = ''.join(
        f'<outline type="rss" text="{escape(url)}" xmlUrl="{escape(url)}"/>\n' for url in feeds
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">'
        '<head><title>Generated news</title></head>'
        f'<body>\n{outlines}</body></opml>\n'
    )


def _words_of(story: Story) -> str:
    kept = ''.join(character if character.isalnum() else ' ' for character in story.headline.lower())
    return '-'.join(kept.split()[:8])


def _item(outlet: Outlet, story: Story, path: str, when: datetime.datetime) -> str:
    url = outlet.origin + path
    tags = ''.join(f'<category>{escape(tag)}</category>' for tag in story.tags)
    return (
        f'<item><title>{escape(story.headline)}</title><link>{url}</link>'
        f'<guid isPermaLink="true">{url}</guid>'
        f'<pubDate>{format_datetime(when)}</pubDate><dc:creator>{escape(story.byline)}</dc:creator>{tags}'
        f'<description>{escape(story.standfirst)}</description></item>\n'
    )


def _feed(outlet: Outlet, items: Sequence[str]) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<channel><title>{escape(outlet.name)}</title><link>{outlet.origin}/</link>'
        '<language>en-gb</language>\n'
        f'<description>News from {escape(outlet.name)}</description>\n'
        f'{"".join(reversed(items))}</channel></rss>\n'
    )
