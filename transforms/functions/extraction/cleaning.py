"""Cleans an article's blocks: what is recognised as not the text is taken out, and named."""

import dataclasses
from collections.abc import Iterable
from typing import Optional

from transforms.functions.extraction.blocks import Block, BlockKind, Removal
from transforms.functions.extraction.characters import beginning, fold
from transforms.functions.extraction.date_lines import is_date_line
from transforms.functions.extraction.people import Byline, byline_in
from transforms.functions.extraction.repeats import drop_repeats
from transforms.functions.extraction.rules import published_line, rule_for
from transforms.functions.extraction.story_head import HEAD_BLOCKS, clean_head
from transforms.functions.extraction.story_tail import clean_tail


@dataclasses.dataclass(frozen=True)
class Cleaned:
    """Blocks after cleaning, the standfirst if the body's start held it, and what was taken out."""

    blocks: list[Block]
    standfirst: Optional[str]
    removed: list[Removal]
    byline: Optional[Byline] = None  # of a line at the start that holds nothing else
    printed_time: Optional[str] = None  # as a line at the start says when the article was published


_MAX_SUBHEAD = 300
# Fewer questions among the headings are rhetoric.
_MIN_QUESTIONS = 3
_QUESTION_MARKS = ('?', '？', '؟')
# The items of a list behind such a line are what is offered.
_OFFERS = frozenset({'gate', 'newsletter'})
_MAX_OFFER = 120
# A whole sentence that a caption repeats is the story's.
_MIN_SAID = 80
_FULL_STOPS = frozenset('.。')
# A heading that ends in a full stop after so many words is a sentence in a heading's markup.
_SENTENCE_SPACES = 9


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
    kept, standfirst = clean_head(blocks, title, list(standfirsts), list(authors), removed)
    shown = {fold(text): 'picture_text' for text in pictures}
    shown |= {fold(caption): 'figure_caption' for caption in captions}
    shown.pop('', None)
    kept = _apply_rules(kept, shown, removed)
    kept = drop_repeats(kept, removed)
    kept = clean_tail(kept, removed)
    kept = _drop_trailing_subheads(kept, removed)
    byline = next(
        (
            found
            for rule, line in removed
            if rule == 'byline' and (found := byline_in(line) or byline_in(line, is_sure=True))
        ),
        None,
    )
    return Cleaned(kept, standfirst, removed, byline, _printed_time(blocks[:HEAD_BLOCKS]))


def _printed_time(head: list[Block]) -> Optional[str]:
    """What follows 'Posted', 'Published' and the like in a line of its own at the start, else a lone date."""
    said = next((found[1].strip() for block in head if (found := published_line(block.text))), None)
    return said or next((block.text for block in head if is_date_line(block.text)), None)


def _apply_rules(blocks: list[Block], shown: dict[str, str], removed: list[Removal]) -> list[Block]:
    beginnings = {beginning(key) for key in shown}
    kept: list[Block] = []
    gated: Optional[str] = None
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
        if caption is not None and (
            block.kind is BlockKind.PARAGRAPH
            if caption == 'picture_text'
            else len(block.text) < _MIN_SAID or block.text[-1] not in _FULL_STOPS
        ):
            removed.append(Removal(caption, block.text))
            kept.append(Block(BlockKind.CAPTION, block.text))
            continue
        if block.kind is BlockKind.ITEM and gated and len(block.text) <= _MAX_OFFER:
            removed.append(Removal(gated, block.text))
            continue
        rule = rule_for(block.text)
        gated = rule.name if rule is not None and rule.name in _OFFERS else None
        if block.kind is BlockKind.POINTER:
            removed.append(Removal(rule.name if rule else 'related_link', block.text))
            continue
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
