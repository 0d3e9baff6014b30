"""Text from feeds made harmless where it is shown: as text, a link, a literal in SQL, JSON in HTML."""

import datetime
import json
import re
from typing import Any, Optional, Union
from urllib.parse import urlsplit

# Embeddings, overrides, isolates and marks of direction: they can make a line read otherwise than it is.
# The page gives each text a direction of its own (<bdi>), so nothing is lost without them.
_DIRECTIONS = '\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069'
_CONTROLS = '\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff'
_DROPPED = re.compile(f'[{_DIRECTIONS}\ufeff]')
_BLANK = re.compile(r'\s+')
_CONTROL = re.compile(f'[{_CONTROLS}]')
# What a literal shows as a number: also what nobody would see when it is copied.
_HIDDEN = re.compile(f'([{_DIRECTIONS}{_CONTROLS}\u200b-\u200d\u2060])')
# Of an address and a headline in the page; both are whole in the lake.
MAX_TEXT, MAX_URL = 200, 1_000

Literal = Union[str, int, float, datetime.date, datetime.datetime, list[str], None]


def clean(text: Optional[str], limit: int = MAX_TEXT) -> str:
    """The text on one line, without what changes its direction; controls become U+FFFD. Cut at ``limit``.

    >>> clean('pay\\u202egnp.exe\\x07 now'), clean('  two\\n lines '), clean(None)
    ('paygnp.exe\ufffd now', 'two lines', '')
    >>> clean('a long headline', 8)
    'a long…'
    """
    line = _CONTROL.sub('\ufffd', _BLANK.sub(' ', _DROPPED.sub('', text or '')).strip())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + '…'


def safe_url(url: Optional[str]) -> Optional[str]:
    """The URL if it is one of http or https without anything hidden in it; None for others.

    >>> safe_url('https://news.example/a?b=c'), safe_url('javascript:alert(1)'), safe_url('//x.example/')
    ('https://news.example/a?b=c', None, None)
    """
    if not url or len(url) > MAX_URL or _HIDDEN.search(url):
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme in ('http', 'https') and parts.hostname else None


def literal(value: Literal) -> str:
    """The value as it is written in SQL; characters that cannot be seen are written as numbers.

    >>> print(literal("O'Neill"), literal(None), literal(3), literal(datetime.date(2025, 3, 3)))
    'O''Neill' NULL 3 DATE '2025-03-03'
    >>> print(literal(['GPE', 'LOC']))
    ['GPE', 'LOC']
    >>> print(literal('a\\u202eb'))
    ('a' || chr(8238) || 'b')
    """
    if value is None:
        return 'NULL'
    if isinstance(value, datetime.datetime):
        return f"TIMESTAMPTZ '{value.astimezone(datetime.UTC):%Y-%m-%d %H:%M:%S.%f}Z'"
    if isinstance(value, datetime.date):
        return f"DATE '{value:%Y-%m-%d}'"
    if isinstance(value, list):
        return f'[{", ".join(map(literal, value))}]'
    if not isinstance(value, str):
        return repr(value)
    parts = _HIDDEN.split(value)
    written = [
        f'chr({ord(part)})' if place % 2 else "'" + part.replace("'", "''") + "'"
        for place, part in enumerate(parts)
        if part or place % 2 or len(parts) == 1
    ]
    return written[0] if len(written) == 1 and written[0][0] == "'" else f'({" || ".join(written)})'


def json_for_script(value: Any) -> str:
    """The value as JSON that may stand in a ``<script>``: nothing in it ends the element or begins another.

    >>> print(json_for_script('</script>'))
    "\\u003c/script\\u003e"
    """
    text = json.dumps(value, ensure_ascii=False, separators=(',', ':'), default=str)
    for character in '<>&\u2028\u2029':
        text = text.replace(character, f'\\u{ord(character):04x}')
    return text
