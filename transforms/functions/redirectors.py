"""Addresses that only lead to another one, which they carry in a parameter: read, not asked."""

import re
from typing import Optional
from urllib.parse import parse_qs, urlsplit

# (host, beginning of the path, parameters that hold the target), from the links that these services make.
# Each is asked for no page of its own: the target is the article. Services that hold it in a database
# (t.co, bit.ly, news.google.com/rss/articles) are asked, and their redirect is followed.
_REDIRECTORS = (
    ('google.', '/url', ('url', 'q')),
    ('google.', '/amp/s/', ()),  # the target is the rest of the path
    ('translate.google.', '/translate', ('u',)),
    ('bing.com', '/news/apiclick.aspx', ('url',)),
    ('facebook.com', '/l.php', ('u',)),
    ('instagram.com', '/', ('u',)),
    ('out.reddit.com', '/', ('url',)),
    ('youtube.com', '/redirect', ('q',)),
    ('linkedin.com', '/safety/go', ('url',)),
    ('linkedin.com', '/redir/redirect', ('url',)),
    ('vk.com', '/away.php', ('to',)),
    ('feedproxy.google.com', '/fb/a/redirect', ('url',)),
    ('flipboard.com', '/redirect', ('url',)),
    ('getpocket.com', '/redirect', ('url',)),
    ('slashdot.org', '/submit', ('url',)),
)
# Copies that caches of AMP pages and archives hold of an outlet's page: the address is in the path.
_AMP_CACHE = re.compile(r'/[civ]/(?P<secure>s/)?(?P<target>[^/]+\..*)', re.DOTALL)
_ARCHIVED = re.compile(r'/(?:web/)?\d{4,14}(?:[a-z]{2}_)?/(?P<target>https?:/.*)', re.DOTALL)
_ARCHIVES = ('web.archive.org', 'archive.org', 'archive.ph', 'archive.today', 'archive.is')
_MAX_DEPTH = 3  # a link of one service that was shared on another


def unwrap(url: str) -> str:
    """The address that the URL leads to as far as it says so itself; else the URL.

    >>> unwrap('https://www.google.com/url?rct=j&url=https://example.org/a%3Fb%3D1&usg=x')
    'https://example.org/a?b=1'
    >>> unwrap('https://www.google.com/amp/s/example.org/a'), unwrap('https://a.example/url?url=http://b.example')
    ('https://example.org/a', 'https://a.example/url?url=http://b.example')
    """
    for _ in range(_MAX_DEPTH):
        target = _target(url)
        if target is None:
            return url
        url = target
    return url


def origin(url: str) -> str:
    """The address of which the URL's page is a copy or a translation; else what the URL leads to.

    It says whose page that is. What is fetched is the page asked for.

    >>> origin('https://web.archive.org/web/20250303101500/https://example.org/a')
    'https://example.org/a'
    >>> origin('https://www-example-org.translate.goog/a?_x_tr_sl=ku')
    'https://www.example.org/a'
    """
    for _ in range(_MAX_DEPTH):
        target = _copied(url)
        if target is None:
            return unwrap(url)
        url = target
    return url


def _copied(url: str) -> Optional[str]:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ''
    except ValueError:
        return None
    if host.endswith('.cdn.ampproject.org') and (match := _AMP_CACHE.match(parts.path)) is not None:
        return f'{"https" if match["secure"] else "http"}://{match["target"]}'
    if host in _ARCHIVES and (match := _ARCHIVED.match(parts.path)) is not None:
        scheme, _, rest = match['target'].partition(':/')
        return f'{scheme}://{rest.lstrip("/")}'
    if host.endswith('.translate.goog'):
        # Two hyphens stand for one, one for a full stop.
        name = host.removesuffix('.translate.goog').replace('--', '\0').replace('-', '.').replace('\0', '-')
        return f'https://{name}{parts.path}'
    return None


def _target(url: str) -> Optional[str]:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or '').removeprefix('www.').removeprefix('l.').removeprefix('m.')
    except ValueError:
        return None
    for name, start, parameters in _REDIRECTORS:
        ours = host.startswith(name) if name.endswith('.') else host == name
        if not ours or not parts.path.startswith(start):
            continue
        if not parameters:
            rest = parts.path[len(start) :]
            query = f'?{parts.query}' if parts.query else ''
            return f'https://{rest}{query}' if '.' in rest.partition('/')[0] else None
        try:
            fields = parse_qs(parts.query, max_num_fields=100)
        except ValueError:  # more parameters than any of these services gives
            return None
        for parameter in parameters:
            for value in fields.get(parameter, ()):
                if value.lower().startswith(('http://', 'https://')):
                    return value
    return None
