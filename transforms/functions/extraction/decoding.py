"""A page's bytes to UTF-8, whatever they claim to be."""

import codecs
import re
from typing import Optional

from schemas.pages import Rejection
from schemas.vocabulary import Reason
from transforms.functions.extraction.charset_guess import guess, is_disproved

# What begins no text: PDF, PNG, GIF, JPEG, ZIP, gzip, RIFF (webp, avi), ID3 (mp3), wOFF and ISO media files.
_BINARY_MAGIC = re.compile(
    rb'%PDF-|\x89PNG|GIF8|\xff\xd8\xff|PK\x03\x04|\x1f\x8b|RIFF....WE|RIFF....AVI|ID3|wOF[F2]|....ftyp',
    re.DOTALL,
)
_BOMS = ((codecs.BOM_UTF8, 'utf-8'), (codecs.BOM_UTF16_LE, 'utf-16-le'), (codecs.BOM_UTF16_BE, 'utf-16-be'))
_WIDE_STARTS = ((b'<\x00', 'utf-16-le'), (b'\x00<', 'utf-16-be'))
_ISO_2022_JP = re.compile(rb'\x1b\$[@B]')
_META_CHARSET = re.compile(rb'<meta[^>]{0,200}?charset\s*=\s*["\']?\s*([\w:.-]{2,40})', re.IGNORECASE)
_XML_ENCODING = re.compile(rb'^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["\']([\w:.-]{2,40})', re.IGNORECASE)
# Browsers read the declaration in the first 1 024 bytes; real pages put it later (2 KB of preloads first).
_DECLARATION_WINDOW = 4096
# The WHATWG encoding standard's supersets: what pages mean when they claim the subset.
_SUPERSETS = {
    'ascii': 'cp1252',
    'iso8859-1': 'cp1252',
    'iso8859-9': 'cp1254',
    'gb2312': 'gb18030',
    'gbk': 'gb18030',
    'shift_jis': 'cp932',
    'euc_kr': 'cp949',
    'johab': 'cp949',
    'tis-620': 'cp874',
    'iso8859-11': 'cp874',
}
# The encodings of the WHATWG standard by Python's names. Others that Python has (zlib, idna, unicode_escape)
# are not for pages.
_WEB_ENCODINGS = frozenset(
    (
        'utf-8', 'utf-16', 'utf-16-le', 'utf-16-be', 'gb18030', 'big5', 'big5hkscs', 'euc_jp', 'iso2022_jp',
        'cp932', 'cp949', 'cp866', 'koi8-r', 'koi8-u', 'mac-roman', 'mac-cyrillic', 'cp874',
        *(f'iso8859-{part}' for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
        *(f'cp125{page}' for page in range(9)),
    )
)  # fmt: skip
# Share of characters that decoded to nothing printable, above which the text is not worth keeping.
_MAX_UNPRINTABLE = 0.02
# A binary file shows itself at once; text in a wrong encoding may follow a head of scripts.
_CONTROLS_WINDOW = 16_000
_CONTROLS = bytes((*range(0x09), 0x0B, *range(0x0E, 0x20), 0x7F))
_CONTINUATION = bytes(range(0x80, 0xC0))
_REPLACEMENT = '\ufffd'.encode()
_TAG = re.compile(rb'<(?:!doctype|[a-zA-Z][a-zA-Z0-9]{0,15})[\s/>]', re.IGNORECASE)
_FEED = re.compile(
    rb'^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:rss|feed|urlset|sitemapindex|rdf:RDF)\b', re.DOTALL
)


_PIECE = 16_384  # bytes


def to_utf8(data: bytes, charset: Optional[str]) -> bytes | Rejection:
    """The page as UTF-8 bytes; a rejection when it is empty, no HTML, or in no readable encoding.

    Valid UTF-8 wins over any declaration (which is wrong more often than a false text is valid
    UTF-8); then ``charset`` of the Content-Type header and the page's own declaration, unless the text reads
    far better in another encoding; then what the text itself tells; then Windows-1252.

    >>> to_utf8('<p>d\\xe9j\\xe0</p>'.encode('latin-1'), 'utf-8').decode()
    '<p>déjà</p>'
    >>> to_utf8(b'%PDF-1.7 ...', None).reason
    'not_html'
    """
    if not data or data.isspace():
        return Rejection(Reason.NO_TEXT.value, 'the page is empty')
    if _BINARY_MAGIC.match(data):
        return Rejection(Reason.NOT_HTML.value, 'the page is a binary file')
    decoded = _decode(data, charset)
    window = decoded[:200_000]
    if not _TAG.search(window):
        if _unprintable_share(window) > _MAX_UNPRINTABLE:
            return Rejection(
                Reason.BAD_ENCODING.value, 'the bytes are text in no encoding that was declared or tried'
            )
        return Rejection(Reason.NOT_HTML.value, 'the page has no HTML tag')
    if _FEED.match(window):
        return Rejection(Reason.NOT_HTML.value, 'the page is a feed or a sitemap')
    if _unprintable_share(window) > _MAX_UNPRINTABLE:
        return Rejection(Reason.BAD_ENCODING.value, 'too many characters of the page could not be decoded')
    return decoded.replace(b'\x00', b'') if b'\x00' in decoded else decoded


def _unprintable_share(window: bytes) -> float:
    """Of the window's characters: continuation bytes are none, and a control character is one byte."""
    head = window[:_CONTROLS_WINDOW]
    unprintable = len(head) - len(head.translate(None, _CONTROLS))
    # One byte is sought at ten times the speed of three.
    if _REPLACEMENT[:1] in window and _REPLACEMENT[2:] in window:
        unprintable += window.count(_REPLACEMENT)
    return unprintable / max(1, len(window.translate(None, _CONTINUATION))) if unprintable else 0.0


def _decode(data: bytes, charset: Optional[str]) -> bytes:
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(name, 'replace').encode()
    # Without a byte order mark: what opens the document is ASCII in any encoding but these.
    for start, name in _WIDE_STARTS:
        if data.lstrip().startswith(start):
            return data.decode(name, 'replace').encode('utf-8', 'replace')
    head = data[:_DECLARATION_WINDOW]
    if data.isascii():
        # The one encoding of the web whose every byte is ASCII: it switches by escape sequences.
        japanese = _ISO_2022_JP.search(data) is not None
        return data.decode('iso2022_jp', 'replace').encode() if japanese else data
    valid = _valid_utf8(data)
    if valid == len(data):
        return data
    if valid >= len(data) - 4:  # cut in the middle of its last character
        return data[:valid]
    claims = [charset]
    for pattern in (_META_CHARSET, _XML_ENCODING):
        if match := pattern.search(head):
            claims.append(match[1].decode('ascii'))
    as_utf8 = data.decode('utf-8', 'replace')
    # Some bad bytes (a widget's, an advertisement's) in what is otherwise UTF-8 do not make it Latin-1.
    if as_utf8.count('\ufffd') * 10 < sum(1 for character in as_utf8 if character > '\x7f'):
        return as_utf8.encode()
    codecs_claimed = [codec for codec in map(_codec, claims) if codec is not None and codec != 'utf-8']
    for codec in dict.fromkeys(codecs_claimed):
        if not is_disproved(data, codec):
            return data.decode(codec, 'replace').encode('utf-8', 'replace')
    return data.decode(guess(data) or 'cp1252', 'replace').encode('utf-8', 'replace')


def _valid_utf8(data: bytes) -> int:
    """How many bytes at the start are UTF-8; read by pieces, whose text the processor's cache holds."""
    view, at = memoryview(data), 0
    while at < len(data):
        end = at + _PIECE
        try:
            read = codecs.utf_8_decode(view[at:end], 'strict', end >= len(data))[1]
        except UnicodeDecodeError as error:
            return at + error.start
        at += read
    return at


def _codec(claim: Optional[str]) -> Optional[str]:
    if not claim:
        return None
    try:
        name = codecs.lookup(claim.strip()).name
    except (LookupError, ValueError):
        return None
    name = _SUPERSETS.get(name, name)
    return name if name in _WEB_ENCODINGS else None
