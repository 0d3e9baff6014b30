"""The kinds of items of the site of faults: what must become of each, and the bytes of its page."""

import random
from typing import Optional

# What each kind of item must end as: (disposition, reason). There are twenty kinds, 5 % of the items each.
EXPECTED: dict[str, tuple[str, Optional[str]]] = {
    'good': ('written', None),
    'bad_url': ('rejected', 'bad_url'),
    'robots': ('rejected', 'robots'),
    'blocked_address': ('rejected', 'blocked_address'),
    'dns': ('failed', 'dns'),
    'connect': ('failed', 'connect'),
    'tls': ('failed', 'tls'),
    'timeout': ('failed', 'timeout'),
    'truncated': ('failed', 'truncated'),
    'too_large': ('rejected', 'too_large'),
    'http_4xx': ('rejected', 'http_4xx'),
    'http_410': ('rejected', 'http_410'),
    'http_429': ('failed', 'http_429'),
    'http_5xx': ('failed', 'http_5xx'),
    'redirect_loop': ('rejected', 'redirect_loop'),
    'redirect_elsewhere': ('rejected', 'redirect_elsewhere'),
    'not_html': ('rejected', 'not_html'),
    'bad_encoding': ('rejected', 'bad_encoding'),
    'no_text': ('rejected', 'no_text'),
    'not_an_article': ('rejected', 'not_an_article'),
}
KINDS = tuple(EXPECTED)
_HTML = 'text/html; charset=utf-8'
_SYLLABLES = [f'{a}{b}{c}' for a in 'bdfgklmnprstvwzh' for b in 'aeiou' for c in 'lnrst']


def kind_of(number: int) -> str:
    """What the page of an item does."""
    return KINDS[number % len(KINDS)]


def item_id(number: int) -> str:
    """The guid of an item in its feed."""
    return f'{kind_of(number)}-{number}'


def response(
    status: int, body: bytes, kind: str = _HTML, length: Optional[int] = None, more: str = ''
) -> bytes:
    """A whole HTTP answer; ``length`` (bytes) is what it claims, ``more`` further header lines."""
    size = len(body) if length is None else length
    head = f'HTTP/1.1 {status} Some\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n{more}\r\n'
    return head.encode() + body


def good(number: int) -> bytes:
    """An article that has nothing but its language in common with the others: they are no copies."""
    rng = random.Random(number)
    words = [_SYLLABLES[rng.randrange(400)] + _SYLLABLES[rng.randrange(400)] for _ in range(70)]
    paragraphs = ''.join(
        f'<p>In the report the {" and the ".join(words[at : at + 20])} are counted, said the office.</p>'
        for at in (0, 20, 40)
    )
    title = f'What {" ".join(words[60:66])} says of report {number}'
    return (
        f'<html lang="en"><head><title>{title}</title></head>'
        f'<body><article><h1>{title}</h1>{paragraphs}</article></body></html>'
    ).encode()


def film(number: int) -> bytes:
    """A page that shows a film and is no article."""
    return (
        '<html><head><meta property="og:type" content="video.other"><title>Film</title></head><body>'
        f'<article><h1>Film {number}</h1><p>Watch the film that our viewers sent us of the river in flood, '
        f'taken from a balcony on the night of the storm, number {number} of those that came to us.</p>'
        '</article></body></html>'
    ).encode()
