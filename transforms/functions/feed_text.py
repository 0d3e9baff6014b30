"""Documents as text, and text without markup: what feeds and OPML files have in common."""

import codecs
import functools
import html
import re
from typing import Optional

import lxml.etree

MAX_MARKUP = 40_000  # characters of markup read for one plain text, unless asked for more

_BYTE_ORDERS = (
    (codecs.BOM_UTF8, 'utf-8-sig'),
    (codecs.BOM_UTF32_LE, 'utf-32'),
    (codecs.BOM_UTF32_BE, 'utf-32'),
    (codecs.BOM_UTF16_LE, 'utf-16'),
    (codecs.BOM_UTF16_BE, 'utf-16'),
    # Without a byte order mark: the opening '<?' (XML 1.0, appendix F).
    (b'<\0\0\0', 'utf-32-le'),
    (b'\0\0\0<', 'utf-32-be'),
    (b'<\0?\0', 'utf-16-le'),
    (b'\0<\0?', 'utf-16-be'),
    (b'\x4c\x6f\xa7\x94', 'cp037'),
)
# Names that servers use for a larger set than the one that the standards mean (WHATWG Encoding).
_WIDER = {'gb2312': 'gb18030', 'gbk': 'gb18030', 'euc_kr': 'cp949', 'shift_jis': 'cp932'}
_WIDER |= {'ascii': 'cp1252', 'iso8859-1': 'cp1252', 'iso8859-9': 'cp1254'}
# Python's codecs that are no character sets; some of them are quadratic.
_NO_CHARSETS = frozenset(
    {'punycode', 'idna', 'unicode_escape', 'unicode-escape', 'raw-unicode-escape', 'raw_unicode_escape'}
    | {'undefined', 'utf-7'}
)
_HEADER_CHARSET = re.compile(r'charset\s*=\s*["\']?([\w.:+-]{1,40})', re.IGNORECASE | re.ASCII)
_XML_CHARSET = re.compile(rb'^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["\']([\w.:+-]{1,40})')
_TWO_BYTES = re.compile(r'utf[-_]?(?:16|32)|ucs[-_]?[24]', re.IGNORECASE)
# XML 1.0 allows none of these, and one of them would cost the whole document its strict parser.
ILLEGAL = re.compile('[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]')

# References to what is no character, which end feedparser in ValueError.
_REFERENCE = re.compile(r'&#(?:([0-9]+)|[xX]([0-9a-fA-F]+));?')

_PROLOGUE = re.compile(r'\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE\s+(\w+)[^\[>]*(?:\[.*?\]\s*)?>)', re.S | re.I)
_TAG = re.compile(r'\s*<([A-Za-z_][\w:.-]{0,60})')

# Tags that only HTML has, and not 'if a <b or b> a'.
_MARKUP = re.compile(
    r'</?(?:a|b|i|u|p|q|br|em|hr|li|ul|ol|td|div|img|sub|sup|span|font|strong)'
    r'(?:\s+[\w:-]+\s*=[^<>]*>|\s*/?>)',
    re.IGNORECASE,
)
_ANY_TAG = re.compile(r'<[^<>]*>')
# Words of two paragraphs are two words: a blank goes before each tag that starts a new line.
_BREAKS = re.compile(
    r'(?=</?(?:br|p|div|li|ul|ol|td|tr|table|blockquote|figure|figcaption|hr|pre|h[1-6]|section|article)\b)',
    re.IGNORECASE,
)
_HTML_PARSER = lxml.etree.HTMLParser(encoding='utf-8', remove_comments=True, remove_pis=True)


def has_markup(value: str) -> bool:
    """Whether the value holds tags that only HTML has.

    >>> has_markup('if a <b or b> a'), has_markup('a<br />b'), has_markup('<a href="/">a')
    (False, True, True)
    """
    return _MARKUP.search(value) is not None


@functools.lru_cache(maxsize=8)  # an entry's summary and its content are often one text
def plain_text(value: str, markup: bool = True, limit: int = MAX_MARKUP) -> Optional[str]:
    """The value without markup, entities and runs of white space; None when nothing is left.

    At most ``limit`` characters of the value are read. What is not declared to be markup is taken for it when
    it holds tags that only HTML has.

    >>> plain_text('<p>Flood&nbsp;in<br>Basra</p><p>5 &lt; 6'), plain_text('AT&amp;T', markup=False)
    ('Flood in Basra 5 < 6', 'AT&T')
    >>> plain_text('if a <b or b> a', markup=False)
    'if a <b or b> a'
    """
    value = value[:limit]
    if ('<' in value and markup) or has_markup(value):
        value = _without_markup(value)
    elif '&' in value:
        value = html.unescape(value)
        if has_markup(value):  # escaped twice
            value = _without_markup(value)
    return ' '.join(ILLEGAL.sub('', value).split()) or None


def decode(data: bytes, content_type: Optional[str]) -> tuple[str, Optional[str]]:
    """The document as text that XML allows, and what was wrong with its encoding.

    Bytes that are valid UTF-8 beyond ASCII are UTF-8 whatever is declared: text in another encoding
    practically never is. Otherwise header, declaration and UTF-8 are tried in turn, and Windows-1252 last.
    """
    declared = [match[1] for match in [_HEADER_CHARSET.search(content_type or '')] if match]
    declared += [match[1].decode('ascii') for match in [_XML_CHARSET.match(data)] if match]
    names = [name for mark, name in _BYTE_ORDERS if data.startswith(mark)][:1]
    if not names and b'\0' not in data[:4]:
        # Software that writes XML into strings declares them UTF-16, whatever they are sent as.
        declared = [name for name in declared if not _TWO_BYTES.match(name)]
    if not names and not data.isascii() and _decoded(data, 'utf-8', 'strict') is not None:
        names = ['utf-8']
    text, fault = None, None
    for name in dict.fromkeys([*names, *declared, 'utf-8']):
        text = _decoded(data, name, 'strict')
        if text is None:
            text = _decoded(data, name, 'replace')
            broken = text.count('\ufffd') if text else 0
            # A few cut characters among many whole ones; the wrong encoding breaks nearly all of them.
            if text is None or broken * 5 > sum(1 for character in text if character > '\x7f'):
                text = None
                continue
            fault = f'{broken} characters are not {name}'
        break
    if text is None:
        text = data.decode('cp1252', 'replace')
        fault = f'declared as {declared[0] if declared else "utf-8"}, but it is not'
    cleaned = _REFERENCE.sub(_character_or_nothing, ILLEGAL.sub('', text))
    if len(cleaned) != len(text):
        fault = fault or 'it holds characters that XML forbids'
    return cleaned.strip(), fault


def _character_or_nothing(match: re.Match[str]) -> str:
    digits = (match[1] or match[2]).lstrip('0')
    if 0 < len(digits) <= 7:
        code = int(digits, 10 if match[1] else 16)
        if code <= 0x10FFFF and not ILLEGAL.match(chr(code)):
            return match[0]
    return ''


def _decoded(data: bytes, name: str, errors: str) -> Optional[str]:
    try:
        codec = codecs.lookup(name).name
        if codec in _NO_CHARSETS:
            return None
        return data.decode(_WIDER.get(codec, codec), errors)
    except (LookupError, ValueError):  # no such encoding, or not in it
        return None


def root_name(text: str) -> Optional[str]:
    """The name of the first element, in lower case; 'html' too where the document type says so."""
    position = 0
    while match := _PROLOGUE.match(text, position):
        if (match[1] or '').lower() == 'html':
            return 'html'
        position = match.end()
    tag = _TAG.match(text, position)
    return tag[1].lower() if tag else None


def _without_markup(markup: str) -> str:
    spaced = _BREAKS.sub(' ', ILLEGAL.sub('', markup))
    try:
        tree = lxml.etree.fromstring(f'<div>{spaced}</div>'.encode(), _HTML_PARSER)
    except lxml.etree.LxmlError:
        tree = None
    if tree is None:
        return html.unescape(_ANY_TAG.sub(' ', markup))
    lxml.etree.strip_elements(tree, 'script', 'style', with_tail=False)
    return ''.join(tree.itertext())
