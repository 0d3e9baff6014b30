"""The article's blocks straight from its frame: one walk, for pages whose markup leaves no doubt."""

from typing import Optional

from transforms.functions.extraction.blocks import APART, Block, BlockKind
from transforms.functions.extraction.frame import Frame, find_frame
from transforms.functions.extraction.inline import (
    BLOCKS,
    HEADINGS,
    MAX_DEPTH,
    Piece,
    Run,
    TooDeep,
    holds_blocks,
    inline_text,
    lines_of,
)
from transforms.functions.extraction.markup import SKIPPED, is_beside
from transforms.functions.extraction.parsing import Tree, text_of
from transforms.functions.extraction.picture_boxes import as_caption, picture_boxes
from transforms.functions.extraction.pointers import is_link_list, is_pointer, points_elsewhere
from transforms.functions.extraction.words import weight_of

# Blocks that hold no story unless they hold the page's prose: another article's teaser, a factbox.
_OUTSIDE = frozenset(('hr', 'figure', 'aside', 'article'))
# With fewer characters of paragraphs than this, loose text may be the story's (trafilatura's threshold).
_FEW_PROSE = 750
# Of the frame's prose, what the walk must have kept.
_MIN_KEPT = 0.6
# The same before a list of other articles, which is known by so many teasers.
_MIN_KEPT_OF_MANY = 0.4
_MANY_CARDS = 5
# With what was left out as small teasers, links and forms.
_MIN_ACCOUNTED = 0.9
_MAX_LINK_SHARE = 0.8
# A teaser's text: a headline and two sentences.
_MAX_CARD = 600
_MIN_CARD = 80
# Text of one line that stands in a paragraph with a picture.
_MAX_BESIDE_PICTURE = 200


def fast_blocks(tree: Tree) -> Optional[list[Block]]:
    """The article's blocks in reading order, or None when the page needs the careful extractor."""
    frame = find_frame(tree)
    if frame is not None and (blocks := _blocks_of(frame)) is not None:
        return blocks
    frame = find_frame(tree, is_loose=True)
    return _blocks_of(frame, is_loose=True) if frame is not None else None


def _blocks_of(frame: Frame, is_loose: bool = False) -> Optional[list[Block]]:
    """What the frame holds; None when the walk left out much of its prose, or when text that stands in no
    block may be the story's and ``is_loose`` does not say that it is."""
    walker = _Walker(frame.spared, _headings_of(frame.element), picture_boxes(frame.element))
    try:
        pieces = walker.walk(frame.element, 0)
    except TooDeep:
        return None
    kept = sum(
        weight_of(one.block.text)
        for one in pieces
        if (is_loose or not one.loose) and one.block.kind not in APART
    )
    least = _MIN_KEPT if walker.cards < _MANY_CARDS else _MIN_KEPT_OF_MANY
    if kept < least * frame.prose or kept + walker.dropped < _MIN_ACCOUNTED * frame.prose:
        return None
    if is_loose:
        return [
            one.block
            for one in pieces
            if not one.loose or one.linked <= _MAX_LINK_SHARE * len(one.block.text)
        ]
    loose = sum(len(one.block.text) for one in pieces if one.loose)
    if loose > (kept / 2 if kept >= _FEW_PROSE else kept / 10):
        return None
    return [piece.block for piece in pieces if not piece.loose]


def whole_blocks(element: Tree) -> Optional[list[Block]]:
    """The blocks of an element that is known to hold nothing but the article, text that stands loose in it
    included; None when it nests too deep for a walk."""
    try:
        return [piece.block for piece in _Walker(frozenset(), _headings_of(element)).walk(element, 0)]
    except TooDeep:
        return None


class _Walker:
    """Emits the pieces of an element in reading order, without what stands beside the article."""

    def __init__(
        self,
        spared: frozenset[Tree],
        headings: dict[Tree, Tree],
        pictures: frozenset[Tree] = frozenset(),
    ) -> None:
        self._spared = spared
        self._headings = headings
        self._pictures = pictures
        self.dropped = 0  # characters of teasers, linked boxes and forms that were left out
        self.cards = 0  # how many of them hold more than a line

    def walk(self, element: Tree, depth: int) -> list[Piece]:
        if depth > MAX_DEPTH:
            raise TooDeep
        spared = self._spared
        pieces: list[Piece] = []
        run = Run(pieces)
        run.add(element.text)
        for child in element:
            tag = child.tag
            if (tag in SKIPPED or is_beside(child)) and child not in spared:
                if tag == 'form':
                    self._leave_out(child)
            elif tag == 'br':
                run.end()
            elif tag in BLOCKS:
                run.end()
                pieces += self._block(child, tag, depth)
            elif holds_blocks(child):
                run.end()
                if tag == 'a':  # a link around blocks is a teaser of another article
                    self._leave_out(child)
                else:
                    pieces += self.walk(child, depth + 1)
            else:
                run.add_element(child)
            run.add(child.tail)
        run.end()
        return pieces

    def _block(self, element: Tree, tag: str, depth: int) -> list[Piece]:
        if tag in ('p', 'dt', 'dd', 'pre'):
            return self._paragraph(element, depth)
        if tag in HEADINGS:
            text, linked = inline_text(element)
            is_own = text and linked < len(text)
            return [Piece(Block(BlockKind.SUBHEAD, text), linked, False)] if is_own else []
        if tag in ('ul', 'ol'):
            items = [
                piece
                for item in element
                if item.tag == 'li' and not self._is_beside(item)
                for piece in self._item(item, depth)
            ]
            length = sum(len(piece.block.text) for piece in items)
            return [] if is_link_list(items, length) else items
        if tag == 'blockquote':
            return _as(BlockKind.QUOTE, self.walk(element, depth + 1))
        if tag == 'table':
            return _rows(element)
        if element in self._pictures:
            return as_caption(self.walk(element, depth + 1))
        if element in self._spared or (tag not in _OUTSIDE and not self._is_card(element)):
            return self.walk(element, depth + 1)
        self._leave_out(element)
        return []

    def _paragraph(self, element: Tree, depth: int) -> list[Piece]:
        if holds_blocks(element):
            return [Piece(piece.block, piece.linked, False) for piece in self.walk(element, depth + 1)]
        lines = lines_of(element)
        if (
            len(lines) == 1
            and len(lines[0][0]) <= _MAX_BESIDE_PICTURE
            and next(element.iter('img'), None) is not None
        ):
            return [Piece(Block(BlockKind.CAPTION, lines[0][0]), 0, False)]
        pieces = []
        for line, linked in lines:
            kind = BlockKind.POINTER if is_pointer(element, line, linked) else BlockKind.PARAGRAPH
            pieces.append(Piece(Block(kind, line), linked, False))
        return pieces

    def _item(self, element: Tree, depth: int) -> list[Piece]:
        if holds_blocks(element):
            return _as(BlockKind.ITEM, self.walk(element, depth + 1))
        text, linked = inline_text(element)
        if 2 * linked > len(text) and points_elsewhere(element):
            linked = len(text)
        return [Piece(Block(BlockKind.ITEM, text), linked, False)] if text else []

    def _leave_out(self, element: Tree) -> None:
        length = len(text_of(element))
        if length < _MAX_CARD:  # anything longer may be the story: then another judge decides
            self.dropped += length
            self.cards += length >= _MIN_CARD

    def _is_card(self, element: Tree) -> bool:
        """Whether a small container is headed by a link: a teaser of another article."""
        heading = self._headings.get(element)
        if heading is None:
            return False
        text, linked = inline_text(heading)
        linked_whole = bool(text) and (
            linked >= len(text) or any(a.tag == 'a' for a in heading.iterancestors('a'))
        )
        return linked_whole and len(text_of(element)) < _MAX_CARD

    def _is_beside(self, element: Tree) -> bool:
        return is_beside(element) and element not in self._spared


def _headings_of(frame: Tree) -> dict[Tree, Tree]:
    """The first heading in each element of the frame that has one."""
    found: dict[Tree, Tree] = {}
    for heading in frame.iter(*HEADINGS):
        for ancestor in heading.iterancestors():
            if ancestor is frame or ancestor in found:
                break
            found[ancestor] = heading
    return found


def _as(kind: BlockKind, pieces: list[Piece]) -> list[Piece]:
    return [Piece(Block(kind, piece.block.text), piece.linked, False) for piece in pieces]


def _rows(table: Tree) -> list[Piece]:
    rows = []
    for row in table.iter('tr'):
        cells = [inline_text(cell) for cell in row if cell.tag in ('td', 'th')]
        text = ' | '.join(text for text, _ in cells if text)
        if text:
            rows.append(Piece(Block(BlockKind.ROW, text), sum(linked for _, linked in cells), False))
    return [] if is_link_list(rows, sum(len(row.block.text) for row in rows)) else rows
