"""The article's blocks straight from its frame: one walk, for pages whose markup leaves no doubt."""

from collections.abc import Iterator
from typing import NamedTuple, Optional

from transforms.functions.extraction.blocks import Block, BlockKind
from transforms.functions.extraction.characters import tidy
from transforms.functions.extraction.frame import find_frame
from transforms.functions.extraction.markup import SKIPPED, is_beside
from transforms.functions.extraction.parsing import Tree, text_of

# Blocks that hold no story unless they hold the page's prose: another article's teaser, a factbox.
_OUTSIDE = frozenset(('hr', 'figure', 'aside', 'article'))
_HEADINGS = frozenset(('h1', 'h2', 'h3', 'h4', 'h5', 'h6'))
_BLOCKS = frozenset(
    (
        'p', 'div', 'section', 'article', 'main', 'header', 'ul', 'ol', 'li', 'dl', 'dt', 'dd',
        'blockquote', 'table', 'tbody', 'thead', 'tr', 'td', 'th', 'pre', 'hr', 'details', 'summary',
        'center', 'hgroup', 'address', 'figure', 'aside',
        *_HEADINGS,
    )
)  # fmt: skip
# Deeper than any real article; what nests deeper is left to the careful extractor.
_MAX_DEPTH = 60
# With fewer characters of paragraphs than this, loose text may be the story's (trafilatura's threshold).
_FEW_PROSE = 750
# Of the frame's prose, what the walk must have kept.
_MIN_KEPT = 0.6
# With what was left out as small teasers, links and forms.
_MIN_ACCOUNTED = 0.9
_MAX_LINK_SHARE = 0.8
# A teaser's text: a headline and two sentences.
_MAX_CARD = 600


class _TooDeep(Exception):
    """The frame nests deeper than a walk should go."""


class _Piece(NamedTuple):
    block: Block
    linked: int  # characters in links
    loose: bool  # text that stands in no block element of its own


def fast_blocks(tree: Tree) -> Optional[list[Block]]:
    """The article's blocks in reading order, or None when the page needs the careful extractor."""
    frame = find_frame(tree)
    if frame is None:
        return None
    walker = _Walker(frame.spared)
    try:
        pieces = list(walker.walk(frame.element, 0))
    except _TooDeep:
        return None
    kept = sum(
        len(one.block.text) for one in pieces if not one.loose and one.block.kind is not BlockKind.SUBHEAD
    )
    loose = sum(len(one.block.text) for one in pieces if one.loose)
    if kept < _MIN_KEPT * frame.prose or kept + walker.dropped < _MIN_ACCOUNTED * frame.prose:
        return None
    if loose > (kept / 2 if kept >= _FEW_PROSE else kept / 10):
        return None
    return [piece.block for piece in pieces if not piece.loose]


def whole_blocks(element: Tree) -> Optional[list[Block]]:
    """The blocks of an element that is known to hold nothing but the article, text that stands loose in it
    included; None when it nests too deep for a walk."""
    try:
        return [piece.block for piece in _Walker(frozenset()).walk(element, 0)]
    except _TooDeep:
        return None


class _Walker:
    """Emits the pieces of an element in reading order, without what stands beside the article."""

    def __init__(self, spared: frozenset[Tree]) -> None:
        self._spared = spared
        self.dropped = 0  # characters of teasers, linked boxes and forms that were left out

    def walk(self, element: Tree, depth: int) -> Iterator[_Piece]:
        if depth > _MAX_DEPTH:
            raise _TooDeep
        run = _Run()
        run.add(element.text)
        for child in element:
            tag = child.tag
            if (tag in SKIPPED and child not in self._spared) or self._is_beside(child):
                if tag == 'form':
                    self._leave_out(child)
            elif tag == 'br':
                yield from run.end()
            elif tag in _BLOCKS:
                yield from run.end()
                yield from self._block(child, tag, depth)
            elif _holds_blocks(child):
                yield from run.end()
                if tag == 'a':  # a link around blocks is a teaser of another article
                    self._leave_out(child)
                else:
                    yield from self.walk(child, depth + 1)
            else:
                run.add_element(child)
            run.add(child.tail)
        yield from run.end()

    def _block(self, element: Tree, tag: str, depth: int) -> Iterator[_Piece]:
        if tag in _HEADINGS:
            text, linked = _inline(element)
            if text and linked < len(text):
                yield _Piece(Block(BlockKind.SUBHEAD, text), linked, False)
        elif tag in ('p', 'dt', 'dd', 'pre'):
            yield from self._paragraph(element, depth)
        elif tag in ('ul', 'ol'):
            items = [
                piece
                for item in element
                if item.tag == 'li' and not self._is_beside(item)
                for piece in self._item(item, depth)
            ]
            length = sum(len(piece.block.text) for piece in items)
            if not _is_link_list(items, length):
                yield from items
        elif tag == 'blockquote':
            for piece in self.walk(element, depth + 1):
                yield _Piece(Block(BlockKind.QUOTE, piece.block.text), piece.linked, False)
        elif tag == 'table':
            yield from _rows(element)
        elif element in self._spared or (tag not in _OUTSIDE and not _is_card(element)):
            yield from self.walk(element, depth + 1)
        else:
            self._leave_out(element)

    def _paragraph(self, element: Tree, depth: int) -> Iterator[_Piece]:
        if _holds_blocks(element):
            yield from (_Piece(piece.block, piece.linked, False) for piece in self.walk(element, depth + 1))
            return
        for line, linked in _lines(element):
            if linked > _MAX_LINK_SHARE * len(line):
                continue  # a link alone in its paragraph points elsewhere
            yield _Piece(Block(BlockKind.PARAGRAPH, line), linked, False)

    def _item(self, element: Tree, depth: int) -> Iterator[_Piece]:
        if _holds_blocks(element):
            for piece in self.walk(element, depth + 1):
                yield _Piece(Block(BlockKind.ITEM, piece.block.text), piece.linked, False)
            return
        text, linked = _inline(element)
        if text:
            yield _Piece(Block(BlockKind.ITEM, text), linked, False)

    def _leave_out(self, element: Tree) -> None:
        length = len(text_of(element))
        if length < _MAX_CARD:  # anything longer may be the story: then another judge decides
            self.dropped += length

    def _is_beside(self, element: Tree) -> bool:
        return is_beside(element) and element not in self._spared


def _is_card(element: Tree) -> bool:
    """Whether a small container is headed by a link: a teaser of another article."""
    heading = next(element.iterdescendants(*_HEADINGS), None)
    if heading is None:
        return False
    text, linked = _inline(heading)
    linked_whole = bool(text) and (
        linked >= len(text) or any(a.tag == 'a' for a in heading.iterancestors('a'))
    )
    return linked_whole and len(text_of(element)) < _MAX_CARD


def _is_link_list(items: list[_Piece], length: int) -> bool:
    linked = sum(item.linked for item in items)
    return linked > _MAX_LINK_SHARE * length


def _rows(table: Tree) -> Iterator[_Piece]:
    rows = []
    for row in table.iter('tr'):
        cells = [_inline(cell) for cell in row if cell.tag in ('td', 'th')]
        text = ' | '.join(text for text, _ in cells if text)
        if text:
            rows.append(_Piece(Block(BlockKind.ROW, text), sum(linked for _, linked in cells), False))
    if not _is_link_list(rows, sum(len(row.block.text) for row in rows)):
        yield from rows


def _holds_blocks(element: Tree) -> bool:
    return len(element) > 0 and next(element.iterdescendants(*_BLOCKS), None) is not None


class _Run:
    """Inline text between two blocks."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.linked = 0

    def add(self, text: Optional[str]) -> None:
        if text:
            self.parts.append(text)

    def add_element(self, element: Tree) -> None:
        text, linked = _collect(element)
        self.parts.append(text)
        self.linked += linked

    def end(self) -> Iterator[_Piece]:
        if self.parts and (text := tidy(''.join(self.parts).replace('\n', ' '))):
            yield _Piece(Block(BlockKind.PARAGRAPH, text), self.linked, True)
        self.parts, self.linked = [], 0


def _inline(element: Tree) -> tuple[str, int]:
    """The element's text on one line, and how many of its characters stand in links."""
    text, linked = _collect(element)
    return tidy(text), linked


def _lines(element: Tree) -> Iterator[tuple[str, int]]:
    """The paragraph's lines as its line breaks part them."""
    text, linked = _collect(element)
    lines = [line for part in text.split('\x0b') if (line := tidy(part))]
    total = sum(len(line) for line in lines) or 1
    for line in lines:
        yield line, linked * len(line) // total


def _collect(element: Tree, depth: int = 0) -> tuple[str, int]:
    """The text of an element without block children; a vertical tab stands for each line break."""
    if depth > _MAX_DEPTH:
        raise _TooDeep
    if len(element) == 0:
        text = (element.text or '').replace('\n', ' ')
        return text, len(text) if element.tag == 'a' else 0
    parts: list[str] = []
    linked = 0
    if element.text:
        parts.append(element.text.replace('\n', ' '))
    for child in element:
        tag = child.tag
        if tag == 'br':
            parts.append('\x0b')
        elif tag not in SKIPPED and not is_beside(child):
            text, inner = _collect(child, depth + 1)
            parts.append(text)
            linked += inner
        if child.tail:
            parts.append(child.tail.replace('\n', ' '))
    joined = ''.join(parts)
    return joined, len(joined) if element.tag == 'a' else linked
