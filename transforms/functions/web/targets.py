"""Which URLs may be asked at all."""

import re
from typing import Optional

from yarl import URL

# What common servers take as a request line by default (nginx and Apache: 8 KiB).
MAX_URL_LENGTH = 8_192
_CONTROL = re.compile(r'[\x00-\x20\x7f]')
_HOST = re.compile(r'[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?', re.IGNORECASE)


class BadUrl(ValueError):
    """The URL cannot be asked; the message says why."""


def target(text: str, base: Optional[URL] = None) -> URL:
    """The URL to request for ``text``, quoted and without fragment; relative to ``base`` if one is given.

    Raises BadUrl for what is not an http or https URL with a host, has credentials, or a malformed port.

    >>> target(' https://Example.org/a b?q=ü#top')
    URL('https://example.org/a%20b?q=%C3%BC')
    >>> target('../c', URL('http://example.org/a/b'))
    URL('http://example.org/c')
    """
    text = text.strip()
    if len(text) > MAX_URL_LENGTH:
        raise BadUrl(f'longer than {MAX_URL_LENGTH} characters')
    try:
        url = URL(text)
        if base is not None:
            url = base.join(url)
        host, _ = url.raw_host, url.port
    except ValueError as error:
        raise BadUrl(str(error)) from error
    if url.scheme not in ('http', 'https'):
        raise BadUrl(f'scheme {url.scheme or "missing"}')
    if not host:
        raise BadUrl('no host')
    if url.raw_user is not None or url.raw_password is not None:
        raise BadUrl('credentials in the URL')
    if url.explicit_port == 0:
        raise BadUrl('port 0')
    if ':' not in host and (_CONTROL.search(host) or not _HOST.fullmatch(host) or len(host) > 253):
        raise BadUrl(f'malformed host {host[:80]!r}')
    if url.explicit_port is not None and url.is_default_port():
        url = url.with_port(None)  # else it would not equal the same URL written without
    return url.with_fragment(None)
