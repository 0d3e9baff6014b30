"""What a user names as a source, read as feeds: an OPML file, a list, or a feed itself; local or fetched.

Recognised by content, not by name. Good lines are read though others are bad: each bad one is a fault.
"""

import dataclasses
import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from schemas.feeds import Feed
from transforms.functions.feed_text import decode, root_name
from transforms.functions.opml import read_outlines
from transforms.functions.urls import normalise_url

_KINDS = 'an OPML file, a feed, or a list with one feed a line'
_FEED_ROOTS = frozenset({'rss', 'feed', 'rdf:rdf', 'rdf', 'channel'})
# A feed or OPML file with something before its first tag (a blank, a server's warning) is still one.
_SEARCHED = 4_096  # characters
_ROOT_ANYWHERE = re.compile(r'<(opml|rss|feed|rdf:rdf)[\s>]', re.IGNORECASE)
_SHOWN = 200  # characters of a bad line
_SCHEME = re.compile('[a-z][a-z0-9+.-]*://', re.IGNORECASE)
_FEED_SCHEME = re.compile(r'^feed:(?://)?(?=https?://)|^feed://', re.IGNORECASE)


class SourceError(ValueError):
    """A source from which nothing can be polled; the message is one sentence that says what to do."""


@dataclasses.dataclass(frozen=True)
class SourceFault:
    """A line of a source that names no feed."""

    line: int  # from 1
    text: str  # as written, cut to 200 characters
    why: str


class Sources(NamedTuple):
    """The feeds of a source in their order, each once, and its lines that name none."""

    feeds: tuple[Feed, ...]
    faults: tuple[SourceFault, ...]


class _BadFeed(ValueError):
    """What is wrong with a feed's address; becomes a fault's ``why``."""


def is_url(spec: str) -> bool:
    """Whether the source is to be fetched: otherwise it is a path.

    >>> is_url('https://example.org/feeds.opml'), is_url('feeds.opml'), is_url('file:///tmp/feeds.opml')
    (True, False, False)
    """
    return spec.strip().lower().startswith(('http://', 'https://'))


def load_local(path: str) -> bytes:
    """The bytes of a local source, given as a path or a ``file://`` URL.

    Raises:
        SourceError: it cannot be read.
    """
    local = _local_path(path)
    if local.is_dir():
        raise SourceError(f'{path} is a directory: name a file in it, {_KINDS}.')
    try:
        return local.read_bytes()
    except FileNotFoundError:
        raise SourceError(
            f'{path} does not exist: name {_KINDS}, or a site as https://example.org/.'
        ) from None
    except (OSError, ValueError) as error:
        why = getattr(error, 'strerror', None) or error
        raise SourceError(f'{path} cannot be read ({why}): name {_KINDS}.') from error


def read_source(spec: str, data: bytes) -> Sources:
    """The feeds that a source names.

    Args:
        spec: the source as the user named it: paths inside a local one are relative to it, and one
            from the web may name no local files.
        data: its content.

    Raises:
        SourceError: nothing in it can be polled.
    """
    text, _ = decode(data, None)
    if not text:
        raise SourceError(f'{spec} is empty: name {_KINDS}.')
    kind = _kind(text)
    if kind == 'feed':
        return Sources((Feed(spec.strip() if is_url(spec) else _file_url(_local_path(spec))),), ())
    if kind == 'html':
        raise SourceError(f'{spec} is a web page: name the address of its feed instead.')
    if kind == 'opml' or spec.lower().endswith('.opml'):
        sources = _read_opml(spec, text)
        if not sources.feeds and not sources.faults:
            broken = 'has no outline with an xmlUrl' if kind == 'opml' else 'is not OPML'
            raise SourceError(f'{spec} {broken}: export it again from your reader.')
    elif kind == 'xml':
        raise SourceError(f'{spec} is XML, but neither a feed nor OPML: name {_KINDS}.')
    elif b'\0' in data:
        raise SourceError(f'{spec} is not text: name {_KINDS}.')
    else:
        sources = _read_list(spec, text)
        if not sources.feeds and not sources.faults:
            raise SourceError(f'{spec} names no feeds: write one URL a line.')
    if not sources.feeds:
        first = sources.faults[0]
        raise SourceError(
            f'{spec} names no feed that can be polled: line {first.line}, {first.text[:80]!r}, {first.why}.'
        )
    return sources


def _kind(text: str) -> str:
    root = root_name(text)
    if root not in _FEED_ROOTS | {'opml', 'html'} and (found := _ROOT_ANYWHERE.search(text[:_SEARCHED])):
        root = found[1].lower()
    if root in _FEED_ROOTS:
        return 'feed'
    if root in ('opml', 'html'):
        return root
    return 'xml' if text.startswith('<') else 'list'


def _read_opml(spec: str, text: str) -> Sources:
    feeds: dict[str, Feed] = {}
    faults = []
    for outline in read_outlines(text):
        try:
            if not outline.url:
                raise _BadFeed('the outline has no xmlUrl')
            _add(feeds, Feed(_feed_url(outline.url, spec), outline.title or None, outline.labels))
        except _BadFeed as bad:
            faults.append(SourceFault(outline.line, (outline.url or outline.title)[:_SHOWN], str(bad)))
    return Sources(tuple(feeds.values()), tuple(faults))


def _read_list(spec: str, text: str) -> Sources:
    feeds: dict[str, Feed] = {}
    faults = []
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith('#'):
            continue
        address, labels = _list_line(line, spec)
        try:
            _add(feeds, Feed(_feed_url(address, spec), None, labels))
        except _BadFeed as bad:
            faults.append(SourceFault(number, line[:_SHOWN], str(bad)))
    return Sources(tuple(feeds.values()), tuple(faults))


def _list_line(line: str, spec: str) -> tuple[str, tuple[str, ...]]:
    """The address of a line and its labels: ``URL [label, label]``, brackets optional, or a path."""
    if not is_url(line) and not is_url(spec) and _is_file(_within(line, spec)):
        return line, ()  # a path may hold blanks
    address, *rest = line.split(maxsplit=1)
    words = re.split(r'(?:^|\s)#', rest[0])[0].strip() if rest else ''
    labels = (label.strip() for label in words.removeprefix('[').removesuffix(']').split(','))
    return address, tuple(dict.fromkeys(label for label in labels if label))


def _add(feeds: dict[str, Feed], feed: Feed) -> None:
    """A feed that is there already gains the labels."""
    known = feeds.get(feed.url, feed)
    labels = tuple(dict.fromkeys([*known.labels, *feed.labels]))
    feeds[feed.url] = dataclasses.replace(known, title=known.title or feed.title, labels=labels)


def _feed_url(address: str, spec: str) -> str:
    """The feed's URL: as written, for a parameter that names no article may well choose a feed.

    Raises:
        _BadFeed: there can be no such feed.
    """
    address = _FEED_SCHEME.sub(lambda match: 'http://' if match[0].lower() == 'feed://' else '', address)
    if is_url(address):
        if normalise_url(address) is None:
            raise _BadFeed('is not a well-formed URL')
        parts = urlsplit(address)
        return urlunsplit(parts._replace(netloc=parts.netloc.lower(), fragment='')).replace(' ', '%20')
    if '://' in address and not address.lower().startswith('file://'):
        if not _SCHEME.match(address):  # of a table with commas, in quotes or in brackets
            raise _BadFeed('does not begin with its URL: put that first, labels behind a space')
        raise _BadFeed('is neither http nor https')
    if is_url(spec):
        raise _BadFeed('is not a URL, and a source on the web may name no local files')
    local = _within(address, spec)
    if not _is_file(local):
        raise _BadFeed('is neither a URL with http:// or https:// nor a file that exists')
    return _file_url(local)


def _within(address: str, spec: str) -> Path:
    """A path that a local source names, relative to that source."""
    return _local_path(spec).parent / _local_path(address)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a line longer than any file's name
        return False


def _local_path(spec: str) -> Path:
    spec = spec.strip()
    if spec.lower().startswith('file://'):
        spec = unquote(re.sub('^file://[^/]*', '', spec, flags=re.IGNORECASE))
    return Path(os.path.expanduser(spec))


def _file_url(path: Path) -> str:
    return path.resolve().as_uri()
