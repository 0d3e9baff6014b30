"""The unit that extraction and cleaning work on, and how blocks become a body with offsets."""

import enum
from typing import NamedTuple

from schemas.articles import Caption, Subhead


class BlockKind(enum.Enum):
    """What a block is in the article's flow."""

    PARAGRAPH = 'paragraph'
    ITEM = 'item'
    QUOTE = 'quote'
    ROW = 'row'
    SUBHEAD = 'subhead'
    CAPTION = 'caption'
    POINTER = 'pointer'  # a line that is a link to another article, for cleaning to take out by name


class Block(NamedTuple):
    """A piece of text on one line, tidied."""

    kind: BlockKind
    text: str


class Removal(NamedTuple):
    """A line that a rule took out of the body."""

    rule: str
    line: str


PROSE = frozenset({BlockKind.PARAGRAPH, BlockKind.QUOTE})
# What is no part of the body's text.
APART = frozenset({BlockKind.SUBHEAD, BlockKind.CAPTION, BlockKind.POINTER})
SEPARATOR = '\n\n'


def assemble(blocks: list[Block]) -> tuple[str, tuple[Subhead, ...], tuple[Caption, ...]]:
    """The body, and the subheads and captions that stood within it.

    An offset is the index in the body of the character that the subhead or caption stands before;
    that of what comes after the last paragraph is the body's length.

    >>> p, h = BlockKind.PARAGRAPH, BlockKind.SUBHEAD
    >>> assemble([Block(p, 'One.'), Block(h, 'Why'), Block(p, 'Two.')])[:2]
    ('One.\\n\\nTwo.', (Subhead(text='Why', offset=6),))
    """
    paragraphs: list[str] = []
    waiting: list[Block] = []
    subheads: list[Subhead] = []
    captions: list[Caption] = []
    length = 0

    def place(offset: int) -> None:
        for block in waiting:
            if block.kind is BlockKind.SUBHEAD:
                subheads.append(Subhead(block.text, offset))
            else:
                captions.append(Caption(block.text, offset))
        waiting.clear()

    for block in blocks:
        if block.kind in (BlockKind.SUBHEAD, BlockKind.CAPTION):
            waiting.append(block)
            continue
        start = length + len(SEPARATOR) if paragraphs else 0
        place(start)
        paragraphs.append(block.text)
        length = start + len(block.text)
    place(length)
    return SEPARATOR.join(paragraphs), tuple(subheads), tuple(captions)
