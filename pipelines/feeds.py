"""``dateline feeds``: the feeds of sites, found; and those of a lake, audited."""

import argparse
import re
from collections.abc import Iterable, Sequence
from typing import Any

from pipelines.command_help import command_parser
from pipelines.errors.commands import AUDIT_ALONE, SITE_OR_LAKE
from pipelines.errors.sources import BAD_SITE, NO_FEED_FOUND, NOT_ALL_ASKED
from pipelines.flag_settings import fetch_settings
from pipelines.json_lines import print_line
from pipelines.options import FetchOptions
from pipelines.progress_line import counting
from transforms.functions.article_rows import day_of, moment_text
from transforms.functions.candidate_feeds import FoundFeed
from transforms.functions.discovery import BadSite, SiteFeeds, home_urls
from transforms.functions.opml import write_opml

_EXAMPLE = """
dateline feeds example.org > feeds.txt
dateline feeds --audit lake
"""
_NOTES = """
SITE is a domain or the address of a page. What is printed is a source for `dateline ingest`; feeds of
comments are left out, and a feed that is there under two addresses is printed once.
"""

# In a list, what begins with a tag may be taken for a feed; and titles can say anything, also to a terminal.
_UNLISTABLE = re.compile(r'[<>\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]')
_MAX_TITLE = 100  # characters, so that a line stays a line


def parser() -> argparse.ArgumentParser:
    """The parser of ``dateline feeds``."""
    description = 'Finds the feeds of sites, and says which feeds of a lake need looking after.'
    made = command_parser('feeds', description, _EXAMPLE, _NOTES)
    made.add_argument('sites', nargs='*', metavar='SITE', help='domain or address of a page')
    made.add_argument(
        '--audit',
        metavar='LAKE',
        help='look at the polls of a lake instead: which feeds lose items, are dead, moved, malformed ...',
    )
    form = made.add_mutually_exclusive_group()
    form.add_argument('--opml', action='store_true', help='print the feeds found as OPML')
    form.add_argument('--json', action='store_true', help='print a JSON object a line')
    FetchOptions.add_flags(made.add_argument_group(FetchOptions.TITLE))
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code. Raises UsageError for bad input."""
    flags = parser().parse_intermixed_args(list(argv))
    if flags.audit is None:
        return _find(flags)
    if flags.sites or flags.opml:
        raise AUDIT_ALONE.error()
    from pipelines.feeds_audit import audit  # needs numpy, which a search does without

    return audit(flags.audit, flags.json)


def _find(flags: argparse.Namespace) -> int:
    sites = list(dict.fromkeys(flags.sites))
    if not sites:
        raise SITE_OR_LAKE.error()
    for site in sites:
        try:
            home_urls(site)
        except BadSite as error:
            raise BAD_SITE.error(error=error) from error
    from pipelines.site_feeds import find_feeds, why_none
    from transforms import processes  # loads Beam, which takes seconds: not for a word mistyped

    found: list[SiteFeeds] = []
    try:
        with counting('sites') as progress:
            for search in find_feeds(sites, fetch_settings(flags)):
                found.append(search)
                if progress:
                    progress(search.site, len(found), len(sites))
    finally:
        processes.close_all()
    _print(found, flags)
    for search in found:
        if not search.feeds:
            NO_FEED_FOUND.say(why=why_none(search))
        elif search.not_asked:
            NOT_ALL_ASKED.say(site=search.site, count=search.not_asked)
    return 0 if all(search.feeds for search in found) else 1


def _print(found: Iterable[SiteFeeds], flags: argparse.Namespace) -> None:
    pairs = {feed.url: (search, feed) for search in reversed(list(found)) for feed in reversed(search.feeds)}
    feeds = list(reversed(pairs.values()))  # each address once, where it was found first
    if flags.opml:
        rows = [(feed.url, feed.title or '', search.home) for search, feed in feeds]
        print(write_opml('Feeds found by dateline', rows), end='')
        return
    for search, feed in feeds:
        if flags.json:
            print_line(_object(search, feed))
        else:
            print(list_line(feed))


def list_line(feed: FoundFeed) -> str:
    """The feed as a line of a list that ``dateline ingest`` reads.

    >>> list_line(FoundFeed('https://example.org/rss', 'News <b>', 'rss20', 1, 1_740_994_500_000_000, 'link'))
    'https://example.org/rss  # News b (rss20, 1 item, newest 2025-03-03)'
    """
    title = ' '.join(_UNLISTABLE.sub(' ', feed.title or '').split())[:_MAX_TITLE]
    newest = f', newest {day_of(feed.newest)}' if feed.newest is not None else ''
    items = f'{feed.items} item{"" if feed.items == 1 else "s"}'
    said = f'({feed.format or "unknown format"}, {items}{newest})'
    return f'{feed.url}  # {title} {said}' if title else f'{feed.url}  # {said}'


def _object(search: SiteFeeds, feed: FoundFeed) -> dict[str, Any]:
    return {
        'site': search.site,
        'url': feed.url,
        'title': feed.title,
        'format': feed.format,
        'items': feed.items,
        'newest': moment_text(feed.newest) if feed.newest is not None else None,
        'found_by': feed.found_by,
    }
