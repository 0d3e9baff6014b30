"""Articles that arrive as plain text: lines, no markup."""

import dataclasses
import re
from typing import Optional

from schemas.articles import Caption, Subhead
from transforms.functions.extraction.blocks import Block, BlockKind, Removal, assemble
from transforms.functions.extraction.characters import tidy
from transforms.functions.extraction.cleaning import clean_body
from transforms.functions.extraction.rules import rule_for

_SENTENCE_END = re.compile(r'[.!?…:;,。！？؟]["”’»\'\])]*$')
_MAX_TITLE = 160
_MAX_SUBHEAD = 90
# A heading stands between paragraphs of at least this many characters.
_MIN_PROSE = 100


@dataclasses.dataclass(frozen=True)
class PlainArticle:
    """A plain text taken apart."""

    title: Optional[str]
    standfirst: Optional[str]
    body: str
    subheads: tuple[Subhead, ...]
    captions: tuple[Caption, ...]
    removed: tuple[Removal, ...]


def clean_text(text: str, title: Optional[str] = None, standfirst: Optional[str] = None) -> PlainArticle:
    """The article in a plain text of one paragraph a line, blank lines or none between them.

    A first line that ends like a headline (short, no full stop, prose after it) is the title unless
    one is given; short lines of that look between long paragraphs are subheads.

    >>> clean_text('Rain ends the drought\\nIt rained for three days in the whole of the north.').title
    'Rain ends the drought'
    """
    lines = [tidied for line in text.splitlines() if (tidied := tidy(line))]
    found_title: Optional[str] = title
    if (
        title is None
        and len(lines) > 1
        and _looks_like_heading(lines[0], _MAX_TITLE)
        and len(lines[1]) > len(lines[0])
    ):
        found_title = lines[0]
    blocks = [Block(_kind(lines, index), line) for index, line in enumerate(lines)]
    cleaned = clean_body(blocks, found_title, [standfirst] if standfirst else [])
    body, subheads, captions = assemble(cleaned.blocks)
    return PlainArticle(
        found_title, standfirst or cleaned.standfirst, body, subheads, captions, tuple(cleaned.removed)
    )


def _looks_like_heading(line: str, limit: int) -> bool:
    return (
        len(line) <= limit
        and len(line.split()) >= 2
        and not _SENTENCE_END.search(line)
        and rule_for(line) is None
    )


def _kind(lines: list[str], index: int) -> BlockKind:
    line = lines[index]
    if not 0 < index < len(lines) - 1 or line[0] in '"“«-–—•' or not _looks_like_heading(line, _MAX_SUBHEAD):
        return BlockKind.PARAGRAPH
    before, after = lines[index - 1], lines[index + 1]
    between_prose = len(before) >= _MIN_PROSE and len(after) >= _MIN_PROSE and _SENTENCE_END.search(before)
    return BlockKind.SUBHEAD if between_prose else BlockKind.PARAGRAPH
