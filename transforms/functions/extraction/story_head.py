"""What stands before a story in its own blocks: title, standfirst, byline."""

import re
from typing import Optional

from transforms.functions.extraction.blocks import PROSE, Block, BlockKind, Removal
from transforms.functions.extraction.characters import beginning, fold
from transforms.functions.extraction.date_lines import is_date_line
from transforms.functions.extraction.people import byline_in, is_like_byline
from transforms.functions.extraction.rules import rule_for

# How many blocks at the start can be the title, the standfirst or the byline.
HEAD_BLOCKS = 6
# "ERBIL (Kurdistan24) –", "(LONDON) —", "WASHINGTON, March 3 (Reuters) -": how a story's text begins.
_DATELINE = re.compile(
    r'^\(?[A-ZÀ-ÞА-Я][A-ZÀ-ÞА-Я .,’\'/-]{2,50}\)?(?:,?\s[^–—-]{0,50})?'
    r'\s?(?:\([^()]{2,50}\)\s?)?[–—-]{1,2}\s+\S'
)
_SENTENCE_END = re.compile(r'[.!?…。！？؟]["”’»)\]]*$')
_MAX_STANDFIRST = 700
_MIN_ENDING = 12  # folded characters of a title's end
# Characters of a title, and of the kicker that stands before it in its line.
_MIN_KICKED, _MAX_KICKER = 20, 50
_MAX_NAMES_LINE = 150
_MAX_ROLE = 30
_MIN_INTRODUCTION, _MAX_INTRODUCTION = 30, 450
_LONG_TITLE = 200  # folded characters; a longer one may be all there is of text


def clean_head(
    blocks: list[Block],
    title: Optional[str],
    standfirsts: list[str],
    authors: list[str],
    removed: list[Removal],
) -> tuple[list[Block], Optional[str]]:
    """The blocks without the title, standfirst and byline that they begin with, and the standfirst."""
    title_key = fold(title or '')
    standfirst_keys = {fold(text): text for text in standfirsts if len(fold(text)) > 10}
    byline_keys = {fold(name) for name in authors} | {
        fold(' '.join(authors)),
        fold(' and '.join(authors)),
    } - {''}
    beginnings = {beginning(text) for text in (title or '', *standfirsts, *authors, *byline_keys)}
    beginnings |= {beginning(f'by{key}') for key in byline_keys}
    found: Optional[str] = None
    kept: list[Block] = []
    for index, block in enumerate(blocks):
        if index >= HEAD_BLOCKS:
            kept += blocks[index:]
            break
        is_heading = block.kind is BlockKind.SUBHEAD
        key = fold(block.text) if is_heading or beginning(block.text) in beginnings else ''
        if (
            title_key
            and key == title_key
            and (len(title_key) < _LONG_TITLE or _has_text_after(blocks, index))
        ) or (not kept and block.kind is BlockKind.SUBHEAD and _ends_title(key, title_key)):
            if kept and all(_is_kicker(one) for one in kept):
                removed += [Removal('kicker', one.text) for one in kept]
                kept = []
            removed.append(Removal('title', block.text))
        elif key in standfirst_keys and not _has_prose(kept) and _has_text_after(blocks, index):
            found = found or block.text
            removed.append(Removal('standfirst', block.text))
        elif is_heading and found is None and not kept and _is_subtitle(block, removed, blocks, index):
            found = block.text
            removed.append(Removal('standfirst', block.text))
        elif is_date_line(block.text):
            kept, found = _before_byline(kept, found, removed, blocks, index)
            removed.append(Removal('date', block.text))
        elif not _has_prose(kept) and _is_title_after_kicker(block.text, title):
            removed.append(Removal('title', block.text))
        elif (
            byline_in(block.text) is not None
            or (is_like_byline(block.text) and _precedes_time(blocks, index))
            or (byline_keys and (key in byline_keys or (key.startswith('by') and key[2:] in byline_keys)))
            or _is_names(block, authors)
        ):
            kept, found = _before_byline(kept, found, removed, blocks, index)
            removed.append(Removal('byline', block.text))
        elif (
            found is None
            and not kept
            and block.kind is BlockKind.PARAGRAPH
            and _opens_before_story(blocks, index)
        ):
            found = block.text
            removed.append(Removal('standfirst', block.text))
        else:
            glued = _without_glued_title(block, title)
            if glued is not block:
                removed.append(Removal('title', block.text[: len(block.text) - len(glued.text)].strip()))
            kept.append(glued)
    return kept, found


def _before_byline(
    kept: list[Block], found: Optional[str], removed: list[Removal], blocks: list[Block], index: int
) -> tuple[list[Block], Optional[str]]:
    """A single paragraph between the title and the byline or the date is the standfirst."""
    if (
        found is None
        and len(kept) == 1
        and kept[0].kind in (BlockKind.PARAGRAPH, BlockKind.SUBHEAD)
        and _MIN_INTRODUCTION <= len(kept[0].text) <= _MAX_INTRODUCTION
        and [removal.rule for removal in removed[-1:]] == ['title']
        and not _DATELINE.match(kept[0].text)
        and _has_text_after(blocks, index)
    ):
        removed.append(Removal('standfirst', kept[0].text))
        return [], kept[0].text
    return kept, found


def _is_subtitle(block: Block, removed: list[Removal], blocks: list[Block], index: int) -> bool:
    """Whether a heading right behind the title is a sentence: the standfirst in a heading's markup."""
    return (
        _MIN_INTRODUCTION <= len(block.text) <= _MAX_INTRODUCTION
        and block.text[-1] in '.。'
        and [removal.rule for removal in removed[-1:]] == ['title']
        and index + 1 < len(blocks)
        and blocks[index + 1].kind is not BlockKind.SUBHEAD
        and _has_text_after(blocks, index)
    )


def _is_kicker(block: Block) -> bool:
    """Whether a line before the title is the topic's or the section's name."""
    return (
        block.kind in PROSE
        and len(block.text) <= _MAX_KICKER
        and not _SENTENCE_END.search(block.text)
        and not _DATELINE.match(block.text)
    )


def _is_title_after_kicker(text: str, title: Optional[str]) -> bool:
    """Whether a line is the whole title after a kicker in one line with it."""
    if not title or len(title) < _MIN_KICKED or not text.endswith(title):
        return False
    kicker = text[: len(text) - len(title)]
    # 'LONDON, March 3 (Reuters) - ' is no kicker, and the story's dateline stays with it.
    return 0 < len(kicker) <= _MAX_KICKER and not any(mark.isdigit() or mark in '(（' for mark in kicker)


def _ends_title(key: str, title_key: str) -> bool:
    """Whether a heading is the title without the kicker that the title begins with elsewhere."""
    return len(key) >= _MIN_ENDING and title_key.endswith(key)


def _is_names(block: Block, authors: list[str]) -> bool:
    """Whether a line is the authors' names and what a role or a place needs: 'Ann ItoBo GreyReporters'."""
    if not authors or len(block.text) > _MAX_NAMES_LINE or not block.text.startswith(authors[0]):
        return False
    rest = block.text
    for name in authors:
        rest = rest.replace(name, ' ', 1)
    return len(rest.strip()) <= _MAX_ROLE and not _SENTENCE_END.search(rest.strip())


def _precedes_time(blocks: list[Block], index: int) -> bool:
    """Whether the next line says when the article was published, as after a byline."""
    rule = rule_for(blocks[index + 1].text) if index + 1 < len(blocks) else None
    return rule is not None and rule.name == 'timestamp'


def _has_prose(blocks: list[Block]) -> bool:
    """Whether the story has begun: content systems class inner headings 'subtitle' too."""
    return any(block.kind in PROSE for block in blocks)


def _has_text_after(blocks: list[Block], index: int) -> bool:
    """A standfirst stands before an article: what is the whole text is none."""
    return sum(len(block.text) for block in blocks[index + 1 :] if block.kind is not BlockKind.SUBHEAD) > 200


def _opens_before_story(blocks: list[Block], index: int) -> bool:
    """Whether what follows this first paragraph opens a story: a dateline, or a lone dash and a caption."""
    text = blocks[index].text
    if len(text) > _MAX_STANDFIRST or index + 1 >= len(blocks) or _DATELINE.match(text):
        return False
    rule = rule_for(text)
    if rule is not None:
        return False
    following = blocks[index + 1].text
    if _DATELINE.match(following) and len(following) > len(text) * 0.3:
        return True
    if rule_for(following) is None or following.strip(' -–—'):
        return False
    after = rule_for(blocks[index + 2].text) if index + 2 < len(blocks) else None
    return after is not None and after.captions


def _without_glued_title(block: Block, title: Optional[str]) -> Block:
    """The block without a title that stands before its first sentence without any break."""
    if not title or len(title) < 20 or not block.text.startswith(title):
        return block
    rest = block.text[len(title) :].lstrip(' :–—-|')
    if len(rest) > 60 and rest[:1].isupper() and not _SENTENCE_END.search(title):
        return Block(block.kind, rest)
    return block
