"""JSON-LD: the page's statements about itself that search engines read."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any, Optional

import orjson

Node = dict[str, Any]

# Where other articles than the page's own are listed.
_SKIPPED_KEYS = frozenset(
    {'itemListElement', 'liveBlogUpdate', 'comment', 'review', 'relatedLink', 'isPartOf', 'citation'}
)
_WRAPPING = re.compile(
    r'^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*;?\s*$'
)
_TRAILING_COMMA = re.compile(r',\s*(?=[}\]])')
# json joins the halves of a pair that stand together: what is left stands alone.
_LONE_SURROGATE = re.compile('[\ud800-\udfff]')
_MAX_DEPTH = 12
# Far deeper than any page's; values are read by recursion.
_MAX_NESTING = 50
_MAX_NODES = 2_000


def parse_scripts(scripts: list[str]) -> list[Node]:
    """All JSON-LD objects in the scripts, nested ones too, in order; unreadable scripts give none.

    >>> [node.get('headline') for node in parse_scripts(['{"@graph": [{"headline": "A"}]}'])]
    [None, 'A']
    """
    nodes: list[Node] = []
    for script in scripts:
        value = _load(script)
        if value is not None:
            for node in _walk(value, 0):
                nodes.append(node)
                if len(nodes) >= _MAX_NODES:
                    return nodes
    return nodes


def _load(script: str) -> Any:
    try:
        value = orjson.loads(script)
        # Few brackets cannot nest deep, and orjson refuses half a surrogate pair.
        return value if script.count('{') + script.count('[') < _MAX_NESTING else _mended(value, 0)
    except ValueError:
        pass
    try:
        return _mended(json.loads(script, strict=False), 0)
    except (ValueError, RecursionError):
        pass
    repaired = _TRAILING_COMMA.sub('', _WRAPPING.sub('', _WRAPPING.sub('', script)).strip().rstrip(';'))
    try:
        return _mended(json.loads(repaired, strict=False), 0)
    except (ValueError, RecursionError):
        return None  # a page whose JSON-LD is broken still has its meta tags and its text


def _mended(value: Any, depth: int) -> Any:
    """The value with U+FFFD for each half of a surrogate pair, and None for what nests too deep to be read.

    An emoji that was cut in two is a lawful escape in JSON, but text that no encoding can write.
    """
    if isinstance(value, str):
        return value if value.isascii() else _LONE_SURROGATE.sub('\ufffd', value)
    if isinstance(value, (list, dict)) and depth >= _MAX_NESTING:
        return None
    if isinstance(value, list):
        return [_mended(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_mended(key, depth): _mended(item, depth + 1) for key, item in value.items()}
    return value


def _walk(value: Any, depth: int) -> Iterator[Node]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        if 'ItemList' in types_of(value):
            return
        for key, item in value.items():
            if key not in _SKIPPED_KEYS and isinstance(item, (dict, list)):
                yield from _walk(item, depth + 1)


def types_of(node: Node) -> tuple[str, ...]:
    """The node's types without namespace.

    >>> types_of({'@type': ['http://schema.org/NewsArticle', 'Article']})
    ('NewsArticle', 'Article')
    """
    value = node.get('@type')
    if isinstance(value, str):
        return (value.rsplit('/', 1)[-1].rsplit(':', 1)[-1],)
    values = value if isinstance(value, list) else ()
    return tuple(item.rsplit('/', 1)[-1].rsplit(':', 1)[-1] for item in values if isinstance(item, str))


def text(value: Any) -> Optional[str]:
    """The first string in a value that may be a string, a list, or an object with a value or a name."""
    if isinstance(value, str):
        return (unescape(value) if '&' in value else value).strip() or None  # often escaped twice
    if isinstance(value, list):
        return next((found for item in value if (found := text(item))), None)
    if isinstance(value, dict):
        return text(value.get('@value')) or text(value.get('name'))
    return None


def texts(value: Any) -> list[str]:
    """All strings of a value: lists and objects' names flattened, comma-separated strings not split."""
    if isinstance(value, list):
        return [found for item in value for found in texts(item)]
    found = text(value)
    return [found] if found else []


def url(value: Any) -> Optional[str]:
    """The first URL in a value: a string, or an object's url, contentUrl or @id."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list):
        return next((found for item in value if (found := url(item))), None)
    if isinstance(value, dict):
        return url(value.get('url')) or url(value.get('contentUrl')) or url(value.get('@id'))
    return None


def people(value: Any, nodes: list[Node]) -> list[tuple[str, bool]]:
    """(name, is a person) of authors; references by @id are looked up among the nodes.

    >>> people([{'@id': '#a'}, 'Bo'], [{'@id': '#a', '@type': 'Person', 'name': 'Ann Ito'}])
    [('Ann Ito', True), ('Bo', True)]
    """
    if isinstance(value, list):
        return [found for item in value for found in people(item, nodes)]
    if isinstance(value, str):
        return [(unescape(value).strip(), True)] if value.strip() else []
    if not isinstance(value, dict):
        return []
    name = value.get('name')
    types = types_of(value)
    if not name and isinstance(value.get('@id'), str):
        for node in nodes:
            if node.get('@id') == value['@id'] and node.get('name'):
                name, types = node['name'], types_of(node)
                break
    if not name and value.get('givenName'):
        name = f'{text(value.get("givenName")) or ""} {text(value.get("familyName")) or ""}'
    # Plug-ins type an author both Person and Organization.
    is_person = 'Person' in types or not any(
        kind.endswith('Organization') or kind == 'Corporation' for kind in types
    )
    return [(found, is_person) for found in texts(name)]


def is_true(value: Any) -> Optional[bool]:
    """A boolean as JSON-LD writes it: true, "True", "http://schema.org/False"; None when it is none."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.strip().rsplit('/', 1)[-1].casefold()
        return {'true': True, 'false': False}.get(word)
    return None
