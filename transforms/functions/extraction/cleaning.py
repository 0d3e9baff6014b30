"""Cleans an article's blocks: what is recognised as not the text is taken out, and named."""

import dataclasses
import re
from collections.abc import Iterable
from typing import Optional

from transforms.functions.extraction.blocks import PROSE, Block, BlockKind, Removal
from transforms.functions.extraction.characters import beginning, fold
from transforms.functions.extraction.people import Byline, byline_in
from transforms.functions.extraction.repeats import drop_repeats
from transforms.functions.extraction.rules import published_line, rule_for


@dataclasses.dataclass(frozen=True)
class Cleaned:
    """Blocks after cleaning, the standfirst if the body's start held it, and what was taken out."""

    blocks: list[Block]
    standfirst: Optional[str]
    removed: list[Removal]
    byline: Optional[Byline] = None  # of a line at the start that holds nothing else
    printed_time: Optional[str] = None  # as a line at the start says when the article was published


# How many blocks at the start can be the title, the standfirst or the byline.
_HEAD_BLOCKS = 6
# "ERBIL (Kurdistan24) –", "(LONDON) —", "WASHINGTON, March 3 (Reuters) -": how a story's text begins.
_DATELINE = re.compile(
    r'^\(?[A-ZÀ-ÞА-Я][A-ZÀ-ÞА-Я .,’\'/-]{2,50}\)?(?:,?\s[^–—-]{0,50})?'
    r'\s?(?:\([^()]{2,50}\)\s?)?[–—-]{1,2}\s+\S'
)
_SENTENCE_END = re.compile(r'[.!?…。！？؟]["”’»)\]]*$')
_MAX_STANDFIRST = 700
_MAX_SUBHEAD = 300
# Fewer questions among the headings are rhetoric.
_MIN_QUESTIONS = 3
_QUESTION_MARKS = ('?', '？', '؟')
# A heading that ends in a full stop after so many words is a sentence in a heading's markup.
_SENTENCE_SPACES = 9
_LONG_TITLE = 200  # folded characters; a longer one may be all there is of text


def clean_body(
    blocks: list[Block],
    title: Optional[str] = None,
    standfirsts: Iterable[str] = (),
    captions: Iterable[str] = (),
    authors: Iterable[str] = (),
    pictures: Iterable[str] = (),
) -> Cleaned:
    """The blocks without title, standfirst, captions, credits, lone marks, invitations and repeats.

    Args:
        blocks: the body's blocks, tidied, in reading order.
        title: the article's title; a leading block equal to it goes.
        standfirsts: texts that the page marks as its standfirst; a leading paragraph equal to one goes.
        captions: texts of the page's figures' captions; blocks equal to one become captions.
        pictures: what the page's pictures show; lines equal to one are captions.
        authors: names; a leading line that holds nothing else goes.

    Nothing is removed without a rule's name; what no rule recognises stays.

    >>> p = BlockKind.PARAGRAPH
    >>> cleaned = clean_body([Block(p, 'Rain'), Block(p, '-'), Block(p, 'It rained.')], title='Rain')
    >>> [block.text for block in cleaned.blocks], [removal.rule for removal in cleaned.removed]
    (['It rained.'], ['title', 'lone_mark'])
    """
    removed: list[Removal] = []
    kept, standfirst = _clean_head(blocks, title, list(standfirsts), list(authors), removed)
    shown = {fold(text): 'picture_text' for text in pictures}
    shown |= {fold(caption): 'figure_caption' for caption in captions}
    shown.pop('', None)
    kept = _apply_rules(kept, shown, removed)
    kept = drop_repeats(kept, removed)
    kept = _drop_trailing_subheads(kept, removed)
    byline = next(
        (
            found
            for rule, line in removed
            if rule == 'byline' and (found := byline_in(line) or byline_in(line, is_sure=True))
        ),
        None,
    )
    return Cleaned(kept, standfirst, removed, byline, _printed_time(blocks[:_HEAD_BLOCKS]))


def _clean_head(
    blocks: list[Block],
    title: Optional[str],
    standfirsts: list[str],
    authors: list[str],
    removed: list[Removal],
) -> tuple[list[Block], Optional[str]]:
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
        if index >= _HEAD_BLOCKS:
            kept += blocks[index:]
            break
        key = fold(block.text) if beginning(block.text) in beginnings else ''
        if (
            title_key
            and key == title_key
            and (len(title_key) < _LONG_TITLE or _has_text_after(blocks, index))
        ):
            removed.append(Removal('title', block.text))
        elif key in standfirst_keys and not _has_prose(kept) and _has_text_after(blocks, index):
            found = found or block.text
            removed.append(Removal('standfirst', block.text))
        elif byline_in(block.text, _precedes_time(blocks, index)) is not None or (
            byline_keys and (key in byline_keys or (key.startswith('by') and key[2:] in byline_keys))
        ):
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


def _printed_time(head: list[Block]) -> Optional[str]:
    """What follows 'Posted', 'Published' and the like in a line of its own at the start."""
    return next((found[1].strip() for block in head if (found := published_line(block.text))), None)


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


def _apply_rules(blocks: list[Block], shown: dict[str, str], removed: list[Removal]) -> list[Block]:
    beginnings = {beginning(key) for key in shown}
    kept: list[Block] = []
    asks = _are_questions([block.text for block in blocks if block.kind is BlockKind.SUBHEAD])
    for block in blocks:
        if block.kind is BlockKind.SUBHEAD and (
            (asks and block.text.endswith(_QUESTION_MARKS)) or _is_sentence(block.text)
        ):
            block = Block(BlockKind.PARAGRAPH, block.text)
        if block.kind is BlockKind.SUBHEAD and len(block.text) >= _MAX_SUBHEAD:
            block = Block(BlockKind.PARAGRAPH, block.text)  # a paragraph in a heading's markup
        if block.kind is BlockKind.CAPTION:
            kept.append(block)
            continue
        caption = shown.get(fold(block.text)) if beginning(block.text) in beginnings else None
        if caption is not None and (caption == 'figure_caption' or block.kind is BlockKind.PARAGRAPH):
            removed.append(Removal(caption, block.text))
            kept.append(Block(BlockKind.CAPTION, block.text))
            continue
        rule = rule_for(block.text)
        if rule is None:
            kept.append(block)
            continue
        removed.append(Removal(rule.name, block.text))
        if rule.captions:
            kept.append(Block(BlockKind.CAPTION, block.text))
    return kept


def _are_questions(subheads: list[str]) -> bool:
    """Whether most headings are an interviewer's questions: they are its text."""
    asking = sum(text.endswith(_QUESTION_MARKS) for text in subheads)
    return asking >= _MIN_QUESTIONS and 2 * asking > len(subheads)


def _is_sentence(text: str) -> bool:
    return text.endswith('.') and text.count(' ') >= _SENTENCE_SPACES


def _drop_trailing_subheads(blocks: list[Block], removed: list[Removal]) -> list[Block]:
    """A heading after the last paragraph belongs to what follows the article."""
    end = len(blocks)
    while end and blocks[end - 1].kind in (BlockKind.SUBHEAD, BlockKind.CAPTION):
        end -= 1
    tail = blocks[end:]
    for block in tail:
        if block.kind is BlockKind.SUBHEAD:
            removed.append(Removal('trailing_heading', block.text))
    return blocks[:end] + [block for block in tail if block.kind is BlockKind.CAPTION]
