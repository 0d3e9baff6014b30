"""What a page says to indexers in X-Robots-Tag and meta robots, where the run is told to respect it."""

from collections.abc import Iterable
from typing import Optional

# noindex: not to be shown in results; noarchive: no copy to be kept; none: noindex and nofollow, as the large
# search engines document them.
# (as the large search engines document their robots meta tag).
_FORBIDDING = ('noindex', 'noarchive', 'none')
# Directives with a value; any other word before a colon names the robot that is meant.
_VALUED = ('unavailable_after', 'max-snippet', 'max-image-preview', 'max-video-preview')
_OURS = 'dateline'


def forbids_keeping(header: str, metas: Iterable[str]) -> Optional[str]:
    """The directive that forbids keeping the page, with where it stands; None when there is none.

    Args:
        header: the values of X-Robots-Tag, one a line. Those for other robots by name do not count.
        metas: contents of ``<meta name="robots">`` and ``<meta name="dateline">``.

    >>> forbids_keeping('googlebot: noindex, nofollow', ['index, follow']) is None
    True
    >>> forbids_keeping('noarchive', []), forbids_keeping('', ['NOINDEX,follow'])
    ('noarchive in X-Robots-Tag', 'noindex in meta robots')
    """
    for line in header.splitlines():
        name, colon, rest = line.partition(':')
        robot = name.strip().lower() if colon and ',' not in name else ''
        if robot and robot not in _VALUED:
            if robot != _OURS:
                continue
            line = rest
        if word := _forbidding(line):
            return f'{word} in X-Robots-Tag'
    for content in metas:
        if word := _forbidding(content):
            return f'{word} in meta robots'
    return None


def _forbidding(directives: str) -> Optional[str]:
    words = {word.strip().lower() for word in directives.split(',')}
    return next((word for word in _FORBIDDING if word in words), None)
