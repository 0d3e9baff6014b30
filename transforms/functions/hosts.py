"""Hosts of URLs: the registrable domain that stands for a publisher, and slugs made of it."""

import functools
import ipaddress
import re
import unicodedata
from collections.abc import Collection
from typing import Optional
from urllib.parse import urlsplit

import tldextract

from schemas.ids import hash63

_DEFAULT_PORTS = {'http': 80, 'https': 443}
_NOT_SLUG = re.compile(r'[^a-z0-9]+')
# Longer than any registrable domain in use; a path name on common file systems ends at 255 bytes.
_MAX_SLUG = 100

# The Public Suffix List as bundled with the library: never the network, so that every machine and
# every run agree. Private suffixes count: each blog on a blog host is a publisher of its own.
_EXTRACT = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def host_of(url: str) -> Optional[str]:
    """The host of the URL in lower case, without port, user or trailing dot; None if it has none.

    >>> host_of('https://user@News.Example.CO.UK:8080/a')
    'news.example.co.uk'
    """
    return _split(url)[0]


def host_key(url: str) -> str:
    """The registrable domain of the URL's host, or ``address:port`` where a host has none.

    Literal addresses and single-label names (localhost) are told apart by port, as several servers
    may run behind one; a scheme's default port is dropped. A URL without a host gives ''.

    >>> host_key('https://amp.example.co.uk/story'), host_key('http://127.0.0.1:8701/x')
    ('example.co.uk', '127.0.0.1:8701')
    >>> host_key('http://127.0.0.1/'), host_key('http://127.0.0.1:80/'), host_key('http://localhost:90')
    ('127.0.0.1', '127.0.0.1', 'localhost:90')
    """
    host, port = _split(url)
    if not host:
        return ''
    domain = registrable_domain(host)
    if domain is not None:
        return domain
    shown = f'[{host}]' if ':' in host else host
    return shown if port is None else f'{shown}:{port}'


@functools.lru_cache(maxsize=65_536)
def registrable_domain(host: str) -> Optional[str]:
    """The part of the host name that one can register; None for addresses and bare names.

    >>> registrable_domain('m.news.example.com.au'), registrable_domain('10.0.0.1')
    ('example.com.au', None)
    """
    if _is_address(host):
        return None
    return _EXTRACT(host).top_domain_under_public_suffix or None


def slug(text: str, taken: Collection[str] = ()) -> str:
    """A name for a partition made of the text: ``[a-z0-9-]``, with a letter, none of ``taken``.

    A slug without a letter would be read back as a number by engines that infer partition types.

    >>> slug('444.hu'), slug('127.0.0.1:8701'), slug('a.com', {'a-com'})
    ('444-hu', 'host-127-0-0-1-8701', 'a-com-site')
    """
    folded = unicodedata.normalize('NFKD', text).casefold()
    plain = ''.join(c for c in folded if not unicodedata.combining(c))
    name = _NOT_SLUG.sub('-', plain).strip('-')
    if any(ord(c) > 127 for c in plain) or len(name) > _MAX_SLUG or _is_ambiguous(text):
        # What the slug leaves out would make two names one.
        name = f'{name[:_MAX_SLUG].strip("-")}-x{hash63(text):016x}'.lstrip('-')
    if not any('a' <= c <= 'z' for c in name):
        name = f'host-{name}'.rstrip('-')
    while name in taken:
        name += '-site'
    return name


def _is_ambiguous(domain: str) -> bool:
    # 'a-co.uk' and 'a.co.uk' are two publishers, and both would be 'a-co-uk'.
    label, dot, suffix = domain.partition('.')
    head, hyphen, tail = label.rpartition('-')
    if not (dot and hyphen and head):
        return False
    return _EXTRACT(f'{tail}.{suffix}').domain == ''


@functools.lru_cache(maxsize=8_192)
def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _split(url: str) -> tuple[Optional[str], Optional[int]]:
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:  # an unclosed bracket, a port that is no number
        return None, None
    if not host:
        return None, None
    if port == _DEFAULT_PORTS.get(parts.scheme):
        port = None
    return host.rstrip('.').lower(), port
