"""Whether a response is of a kind that the caller can use: by its Content-Type, then by its first bytes."""

import re
from typing import Optional

from schemas.vocabulary import Reason
from transforms.functions.web.asking import Accept

_HTML = frozenset({'text/html', 'application/xhtml+xml'})
# Types that HTML and feeds are mislabelled with often enough; the first bytes decide.
_VAGUE = frozenset({'', 'text/plain', 'text/xml', 'application/xml', 'application/octet-stream'})
# Sitemaps are often gzip files, sent as such and not as an encoding.
_GZIP = frozenset({'application/gzip', 'application/x-gzip'})
_GZIP_MAGIC = b'\x1f\x8b'
_HTML_TAG = re.compile(
    rb'<(!doctype\s+html|html|head|body|title|meta|link|script|div|p|h1|article)\b', re.IGNORECASE
)
_XML_ROOT = re.compile(rb'<(rss|feed|rdf:rdf|urlset|sitemapindex|opml|svg)\b', re.IGNORECASE)
# PDF, PNG, GIF, JPEG, RIFF (WebP, WAV), ZIP, gzip, Matroska, MP3, MP4
_BINARY = re.compile(
    rb'%PDF-|\x89PNG|GIF8|\xff\xd8\xff|RIFF|PK\x03\x04|\x1f\x8b|\x1aE\xdf\xa3|ID3|....ftyp', re.DOTALL
)
SNIFFED_BYTES = 1024

Refusal = tuple[Reason, str]


def refused_type(accept: Accept, content_type: Optional[str]) -> Optional[Refusal]:
    """Why a body of this ``type/subtype`` need not be read at all, or None.

    >>> refused_type('page', 'application/pdf')
    (<Reason.NOT_HTML: 'not_html'>, 'application/pdf')
    >>> refused_type('feed', 'application/rss+xml'), refused_type('feed', 'application/gzip')
    (None, None)
    """
    kind = (content_type or '').lower()
    if accept == 'page' and kind not in _HTML and kind not in _VAGUE:
        return Reason.NOT_HTML, kind
    if accept == 'feed' and not (
        kind in _VAGUE
        or kind in _GZIP
        or kind.startswith('text/')
        or kind.endswith(('xml', 'json', 'html', 'rss', 'atom'))
    ):
        return Reason.FEED_UNREADABLE, kind
    return None


def refused_body(accept: Accept, content_type: Optional[str], body: bytes) -> Optional[Refusal]:
    """Why a body is not what its type or the lack of one let hope for, or None.

    >>> refused_body('page', 'text/html', b'%PDF-1.7')
    (<Reason.NOT_HTML: 'not_html'>, 'begins like a binary file')
    >>> refused_body('page', 'text/xml', b'<?xml version="1.0"?><rss version="2.0">')
    (<Reason.NOT_HTML: 'not_html'>, 'text/xml without HTML in it')
    """
    start = body[:SNIFFED_BYTES].lstrip(b'\xef\xbb\xbf \t\r\n')
    if accept == 'document' or not start:
        return None
    if _BINARY.match(start) and not (accept == 'feed' and start.startswith(_GZIP_MAGIC)):
        return (Reason.NOT_HTML if accept == 'page' else Reason.FEED_UNREADABLE), 'begins like a binary file'
    if accept == 'page' and (content_type or '').lower() not in _HTML:
        # UTF-16 has a zero in every ASCII character.
        text = start.replace(b'\0', b'')
        if _XML_ROOT.search(text) or not _HTML_TAG.search(text):
            return Reason.NOT_HTML, f'{content_type or "no Content-Type"} without HTML in it'
    return None
