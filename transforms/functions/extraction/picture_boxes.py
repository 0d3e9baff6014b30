"""Boxes of a picture and what it shows, where neither an element nor a name says that they are figures."""

import itertools

from transforms.functions.extraction.blocks import Block, BlockKind
from transforms.functions.extraction.inline import HEADINGS, Piece
from transforms.functions.extraction.parsing import Tree, text_of

# The text of a box that holds a picture and what it shows, and how far around the picture the box is.
_MIN_BOX_TEXT, _MAX_BOX_TEXT, _BOX_LEVELS = 3, 260, 6
_MAX_PARTS = 10  # children of such a box
_NO_BOXES = frozenset(('a', 'p', 'li', 'figure', 'article'))
_NO_CAPTION = ('ul', 'ol', 'table', 'blockquote', 'input', *HEADINGS)


def picture_boxes(frame: Tree) -> frozenset[Tree]:
    """The containers of a picture and a line or two beside it, each as large as it can be: the lines are the
    picture's caption, where no element or name says so."""
    boxes: set[Tree] = set()
    larger: set[Tree] = set()  # than a caption's
    for picture in frame.iter('img'):
        box = None
        for ancestor in itertools.islice(picture.iterancestors(), _BOX_LEVELS):
            if ancestor is frame or ancestor in larger or ancestor.tag in _NO_BOXES:
                break
            if len(ancestor) > _MAX_PARTS:
                larger.add(ancestor)
                break
            length = len(text_of(ancestor))
            if length > _MAX_BOX_TEXT or next(ancestor.iter(*_NO_CAPTION), None) is not None:
                larger.add(ancestor)
                break
            if length >= _MIN_BOX_TEXT and ancestor.tag in ('div', 'section', 'span'):
                box = ancestor
        if box is not None:
            boxes.add(box)
    return frozenset(boxes)


def as_caption(pieces: list[Piece]) -> list[Piece]:
    """The lines of a picture's box as its caption, unless they are links: a teaser of another article."""
    text = ' '.join(piece.block.text for piece in pieces)
    if not text or 2 * sum(piece.linked for piece in pieces) > len(text):
        return pieces
    return [Piece(Block(BlockKind.CAPTION, text), 0, False)]
