"""Text of elements that hold no blocks, and how much of it is linked."""

from typing import NamedTuple, Optional

from transforms.functions.extraction.blocks import Block, BlockKind
from transforms.functions.extraction.characters import tidy
from transforms.functions.extraction.markup import SKIPPED, is_beside, is_hidden
from transforms.functions.extraction.parsing import Tree

HEADINGS = frozenset(('h1', 'h2', 'h3', 'h4', 'h5', 'h6'))
BLOCKS = frozenset(
    (
        'p', 'div', 'section', 'article', 'main', 'header', 'ul', 'ol', 'li', 'dl', 'dt', 'dd',
        'blockquote', 'table', 'tbody', 'thead', 'tr', 'td', 'th', 'pre', 'hr', 'details', 'summary',
        'center', 'hgroup', 'address', 'figure', 'aside',
        *HEADINGS,
    )
)  # fmt: skip
# Parts of a sentence, and what goes on with one behind and before them.
_PHRASES = frozenset(('a', 'em', 'strong', 'b', 'i', 'cite', 'mark', 'abbr', 'q'))
_GOES_ON = frozenset(",;.’'‘)”")
_GOES_ON_BEFORE = frozenset(',(“‘')
# Deeper than any real article; what nests deeper is left to the careful extractor.
MAX_DEPTH = 60
_MAX_MARK = 6


class TooDeep(Exception):
    """The frame nests deeper than a walk should go."""


class Piece(NamedTuple):
    """A block, and what the walk over its element saw of it."""

    block: Block
    linked: int  # characters in links
    loose: bool  # text that stands in no block element of its own


def holds_blocks(element: Tree) -> bool:
    """Whether a block stands anywhere in the element."""
    # Naming the tags to lxml costs more than looking at the few descendants of a line.
    return len(element) > 0 and any(inner.tag in BLOCKS for inner in element.iterdescendants())


def inline_text(element: Tree) -> tuple[str, int]:
    """The element's text on one line, and how many of its characters stand in links."""
    text, linked = collect(element)
    return tidy(text), linked


def lines_of(element: Tree) -> list[tuple[str, int]]:
    """The paragraph's lines as its line breaks part them, each with the characters that stand in links."""
    text, linked = collect(element)
    if '\x0b' not in text:
        line = tidy(text)
        return [(line, linked)] if line else []
    lines = [line for part in text.split('\x0b') if (line := tidy(part))]
    total = sum(len(line) for line in lines) or 1
    return [(line, linked * len(line) // total) for line in lines]


def collect(element: Tree, depth: int = 0) -> tuple[str, int]:
    """The text of an element without block children, a vertical tab for each line break, and how many of its
    characters stand in links; an anchor that points nowhere is no link."""
    if depth > MAX_DEPTH:
        raise TooDeep
    if len(element) == 0:
        text = (element.text or '').replace('\n', ' ')
        return text, len(text) if is_link(element) else 0
    parts: list[str] = []
    linked = 0
    if element.text:
        parts.append(element.text.replace('\n', ' '))
    for child in element:
        tag = child.tag
        if tag == 'br':
            parts.append('\x0b')
        elif tag not in SKIPPED and (not is_beside(child) or _is_in_sentence(child, parts)):
            text, inner = collect(child, depth + 1)
            if tag == 'a' and _is_footnote(child, text):
                text, inner = '', 0
            parts.append(text)
            linked += inner
        if child.tail:
            parts.append(child.tail.replace('\n', ' '))
    joined = ''.join(parts)
    return joined, len(joined) if is_link(element) else linked


def is_link(element: Tree) -> bool:
    """Whether it is an anchor with an address."""
    return element.tag == 'a' and element.get('href') is not None


def _is_footnote(link: Tree, text: str) -> bool:
    """Whether a link is a note's number in the text: 'signature[1]'."""
    return len(text) <= _MAX_MARK and text.strip(' [](){}').isdigit() and (link.get('href') or '')[:1] == '#'


def _is_in_sentence(element: Tree, before: list[str]) -> bool:
    """Whether a link or an emphasis is a part of the sentence around it, whatever its name ('auto-tag')."""
    if element.tag not in _PHRASES or is_hidden(element):
        return False
    after = (element.tail or '').lstrip()[:1]
    if after.islower() or (after and after in _GOES_ON):
        return True
    last = ''.join(before[-2:]).rstrip()[-1:]
    return last.isalnum() or last in _GOES_ON_BEFORE


class Run:
    """Inline text between two blocks."""

    def __init__(self, pieces: list[Piece]) -> None:
        self._pieces = pieces
        self._parts: list[str] = []
        self._linked = 0

    def add(self, text: Optional[str]) -> None:
        """Adds text that stands in no element."""
        if text:
            self._parts.append(text)

    def add_element(self, element: Tree) -> None:
        """Adds an element without blocks."""
        text, linked = collect(element)
        self._parts.append(text)
        self._linked += linked

    def end(self) -> None:
        """Gives the text so far to the pieces as a paragraph, and begins anew."""
        if not self._parts:
            return
        joined = ''.join(self._parts)
        if not joined.isspace() and (text := tidy(joined.replace('\n', ' '))):
            self._pieces.append(Piece(Block(BlockKind.PARAGRAPH, text), self._linked, True))
        self._parts, self._linked = [], 0
