"""The units of a page's prose: its paragraphs, or whatever holds text of its own, and what each weighs."""

from collections.abc import Iterator

from transforms.functions.extraction.parsing import Tree, text_of
from transforms.functions.extraction.words import weight_of

# A paragraph of prose; shorter ones are captions, bylines, invitations.
_MIN_PROSE = 80
# A paragraph is somebody else's headline when links hold more of it than this.
_MAX_LINK_SHARE = 0.5
# Elements that may hold prose without a paragraph's tag, and those that are part of a line.
_HOLDERS = ('p', 'div', 'section', 'article', 'main', 'td', 'li', 'blockquote', 'pre', 'dd')
_INLINE = frozenset(
    (
        'a', 'b', 'i', 'em', 'strong', 'span', 'font', 'u', 'small', 'sub', 'sup', 'time', 'mark', 'abbr',
        'cite', 'q', 'code', 's', 'bdi', 'bdo', 'big', 'acronym', 'var', 'kbd', 'ins', 'wbr', 'tt',
        'nobr', 'data',
    )
)  # fmt: skip


def paragraphs(body: Tree) -> Iterator[tuple[Tree, int]]:
    """Each paragraph with prose in it, and its weight."""
    for paragraph in body.iter('p'):
        text = text_of(paragraph)
        length = weight_of(text)
        if length < _MIN_PROSE:
            continue
        if len(paragraph):
            linked = sum(len(text_of(link)) for link in paragraph.iter('a') if link.get('href') is not None)
            if linked > _MAX_LINK_SHARE * len(text):
                continue
        yield paragraph, length


def loose_units(body: Tree) -> Iterator[tuple[Tree, int]]:
    """As ``paragraphs``, with every element that holds prose of its own between its blocks."""
    for element in body.iter(*_HOLDERS):
        text, linked = _own_text(element)
        length = weight_of(text)
        if length >= _MIN_PROSE and linked <= _MAX_LINK_SHARE * len(text):
            yield element, length


def _own_text(element: Tree) -> tuple[str, int]:
    """The text that stands in no other block within the element, and how many characters are in links."""
    parts = [element.text or '']
    linked = 0
    for child in element:
        if child.tag in _INLINE:
            inner = ''.join(child.itertext())
            parts.append(inner)
            if child.tag == 'a' and child.get('href') is not None:
                linked += len(inner)
        if child.tail:
            parts.append(child.tail)
    return ' '.join(''.join(parts).split()), linked
