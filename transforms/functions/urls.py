"""URLs: made absolute, normalised for asking, and reduced to the key that tells articles apart.

courlan's cleaning, which trafilatura uses for crawling, is not used here because it loses articles:
it drops parameters without a value (``/story?12345``) and every one whose name merely begins like a
tracker's (``gallery``, ``uid``, ``source``). Two pages under one key would be one article, so here a
parameter goes only when its name, or its name and value, is known to change nothing.
"""

import functools
import ipaddress
import re
from typing import Optional
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import idna

# Longer ones are refused by common servers (8 KB for the request line) and are never articles.
MAX_URL_LENGTH = 4_096

_DEFAULT_PORTS = {'http': 80, 'https': 443}
# Parameters that campaigns and social networks add and that no site tells articles apart by. Names from
# the documentation of the analytics products (Google, Meta, Microsoft, Yandex, Mailchimp, HubSpot, Marketo,
# AT Internet, Webtrekk, Matomo) and from the links of publishers' own feeds.
_TRACKERS = re.compile(
    r'utm_\w+|fbclid|gclid|dclid|twclid|ttclid|yclid|msclkid|li_fat_id|gbraid|wbraid|igshid|igsh|gclsrc|'
    r'_ga|_gl|_hsenc|_hsmi|__hs\w+|hsctatracking|mc_cid|mc_eid|mkt_tok|oly_anon_id|oly_enc_id|vero_id|'
    r'vero_conv|at_(?:medium|campaign|custom\d|link\w*|bbc_team|format|ptr_name|channel|creation|variant)|'
    r'ns_(?:mchannel|source|campaign|linkname|fee)|xtor|wt_mc|wt_zmc|wtrid|mtm_\w+|pk_(?:campaign|kwd|source|'
    r'medium|content)|cmpid|cmp|ncid|icid|ocid|s_cid|smid|smtyp|sr_share|ftag|ref_src|ref_url|spm|'
    r'__twitter_impression|fb_ref|fb_source|fb_action_ids|fb_action_types|traffic_source|emc|guccounter|'
    r'guce_referrer|guce_referrer_sig|cvid|trk|trkcampaign|soc_src|soc_trk|rss_id',
    re.IGNORECASE,
)
# Parameters that may tell articles apart, but not when they only say through which door the reader came.
_DOORS = re.compile(r'ref|referrer|referer|source|src|from|via|partner|mod|origin|medium|rss', re.IGNORECASE)
_DOOR_VALUES = re.compile(
    r'(?:rss|feed|atom|twitter|facebook|telegram|whatsapp|newsletter|google|social)(?:[^a-z].*)?|1|true',
    re.IGNORECASE,
)

_CONTROLS = re.compile(r'[\x00-\x1f\x7f]')
_ESCAPE = re.compile('%([0-9A-Fa-f]{2})')
_LONE_PERCENT = re.compile('%(?![0-9A-Fa-f]{2})')
# RFC 3986, 2.3: these mean the same whether they are escaped or not.
_UNRESERVED = frozenset('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~')
# RFC 3986, 3.3 and 3.4: everything else must be escaped in a path or query.
_ILLEGAL = re.compile(r"[^A-Za-z0-9\-._~:/?@!$&'()*+,;=%]")
_HOST = re.compile(r'(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*')


def absolute(link: str, base: str) -> Optional[str]:
    """The link as an absolute URL, read against the address of the document it stands in.

    None when it is empty or cannot be read. The scheme may be anything: see ``normalise_url``.

    >>> absolute('/a?b#c', 'https://example.org/feeds/all.xml')
    'https://example.org/a?b#c'
    >>> absolute('www.example.org/a', 'https://feeds.example.com/')  # so common that it is not a path
    'https://www.example.org/a'
    >>> absolute('http://[example', 'https://example.org/') is None
    True
    """
    link = _CONTROLS.sub('', link).strip()
    if not link:
        return None
    if link[:4].lower() == 'www.':
        link = f'//{link}'
        base = base or 'https:'
    try:
        return urljoin(base, link)
    except ValueError:
        return None


def normalise_url(url: str) -> Optional[str]:
    """The URL as it is asked for: one spelling for what RFC 3986 calls equal, without trackers and fragment.

    None when it is malformed, not http(s), longer than ``MAX_URL_LENGTH``, or carries a user name.
    The order of parameters, doubled and trailing slashes and ports other than the default stay.

    >>> normalise_url('HTTPS://Example.org:443/a/./b%7ec?id=7&utm_source=rss#top')
    'https://example.org/a/b~c?id=7'
    >>> normalise_url('http://bücher.example:8080')
    'http://xn--bcher-kva.example:8080/'
    >>> normalise_url('mailto:desk@example.org'), normalise_url('http://'), normalise_url('http://a:b@c/')
    (None, None, None)
    """
    parts = _split(url)
    if parts is None:
        return None
    return urlunsplit((parts.scheme, parts.netloc, parts.path, parts.query, ''))


def url_key(url: str) -> str:
    """What two addresses of one article have in common: the normalised URL without scheme, without a
    leading ``www.`` and trailing slashes, with its parameters in sorted order.

    An address that cannot be normalised is its own key.

    >>> url_key('http://www.example.org/a/?b=2&a=1&fbclid=x') == url_key('https://example.org/a?a=1&b=2')
    True
    >>> url_key('https://example.org/story?12345')
    'example.org/story?12345'
    """
    parts = _split(url)
    if parts is None:
        return url.strip()
    path = parts.path.rstrip('/')
    query = '&'.join(sorted(parts.query.split('&')))
    return parts.netloc.removeprefix('www.') + path + (f'?{query}' if query else '')


def _split(url: str) -> Optional[SplitResult]:
    """The parts of the normalised URL, or None."""
    url = _CONTROLS.sub('', url).strip()
    if not 0 < len(url) <= MAX_URL_LENGTH:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or '@' in parts.netloc or port == 0:
        return None
    host = _host(parts.hostname or '')
    if host is None:
        return None
    netloc = host if port in (None, _DEFAULT_PORTS[scheme]) else f'{host}:{port}'
    path = _without_dots(_escaped(parts.path)) or '/'
    # Feeds whose ampersands were escaped twice are common; no site has a parameter named 'amp;id'.
    query = _without_trackers(_escaped(parts.query.replace('&amp;', '&')))
    return SplitResult(scheme, netloc, path, query, '')


@functools.lru_cache(maxsize=10_000)
def _host(host: str) -> Optional[str]:
    """The host in the form that goes into a request, or None when there can be none of that name."""
    if ':' in host:
        try:
            return f'[{ipaddress.IPv6Address(host)}]'
        except ValueError:
            return None
    host = host.removesuffix('.')
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode('ascii')
        except (idna.IDNAError, UnicodeError):
            return None
    return host if len(host) <= 253 and _HOST.fullmatch(host) else None


def _escaped(text: str) -> str:
    """The path or query with exactly those characters escaped that must be.

    Lone surrogates (from broken feeds) are escaped as what they are: no server will know them.
    """
    if '%' in text:
        text = _ESCAPE.sub(_plain_if_unreserved, _LONE_PERCENT.sub('%25', text))
    return _ILLEGAL.sub(lambda match: _percent(match[0]), text)


def _plain_if_unreserved(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _percent(character: str) -> str:
    return ''.join(f'%{byte:02X}' for byte in character.encode('utf-8', 'surrogatepass'))


def _without_dots(path: str) -> str:
    """The path with '.' and '..' resolved (RFC 3986, 5.2.4)."""
    if '/.' not in path:
        return path
    kept: list[str] = []
    segments = path.split('/')
    for segment in segments:
        if segment == '..':
            if len(kept) > 1:
                kept.pop()
        elif segment != '.':
            kept.append(segment)
    if segments[-1] in ('.', '..'):
        kept.append('')
    return '/'.join(kept)


def _without_trackers(query: str) -> str:
    if not query:
        return ''
    return '&'.join(part for part in query.split('&') if part and not _is_tracker(part))


def _is_tracker(parameter: str) -> bool:
    name, equals, value = parameter.partition('=')
    if not equals:
        return False  # '?12345' and '?rss' alone may be the whole identity of a page
    if _TRACKERS.fullmatch(name):
        return True
    if not _DOORS.fullmatch(name) or not _DOOR_VALUES.fullmatch(value):
        return False
    return value.lower() not in ('1', 'true') or name.lower() == 'rss'
