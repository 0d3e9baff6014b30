"""What a body says twice: repeated runs, teasers of paragraphs, texts that were doubled."""

import collections
from typing import Optional

from transforms.functions.extraction.blocks import PROSE, Block, BlockKind, Removal
from transforms.functions.extraction.characters import beginning, fold

# A repeated line shorter than this may be speech ("Yes," he said.): dropped only within a repeated run.
_MIN_REPEAT = 60
_LOOKBACK = 120  # characters of a truncated paragraph that must agree


def drop_repeats(blocks: list[Block], removed: list[Removal]) -> list[Block]:
    """Each long paragraph once; shorter ones go with the repeated run that they stand in."""
    first_seen: dict[str, int] = {}
    keys = _keys(blocks)
    kept: list[Block] = []
    previous_origin: Optional[int] = None
    for index, (block, key) in enumerate(zip(blocks, keys, strict=True)):
        origin = first_seen.setdefault(key, index) if key else index
        # Lists repeat their items for a reason (recipes, timetables); prose does not.
        repeats = origin != index and block.kind in PROSE
        repeated = repeats and (len(block.text) >= _MIN_REPEAT or previous_origin == origin - 1)
        if repeated or (origin != index and block.kind is BlockKind.CAPTION):
            removed.append(Removal('repeated', block.text))
            previous_origin = origin
            continue
        previous_origin = None
        if _is_cut_short(block.text) and _is_continued(block.text, blocks[index + 1 :]):
            removed.append(Removal('teaser_of_paragraph', block.text))
            continue
        half = _half_if_doubled(block.text)
        if half is not None:
            removed.append(Removal('repeated', half))
            block = Block(block.kind, half)
        kept.append(block)
    return kept


def _keys(blocks: list[Block]) -> list[str]:
    """A key for each block, equal where blocks fold to the same text; only look-alikes are folded in full."""
    beginnings = [beginning(block.text) for block in blocks]
    counts = collections.Counter(beginnings)
    return [
        # A key of blank and beginning is no folded text's.
        fold(block.text) if counts[start] > 1 or not start else f' {start}'
        for block, start in zip(blocks, beginnings, strict=True)
    ]


def _is_cut_short(text: str) -> bool:
    return len(text) >= _MIN_REPEAT and text.endswith(('…', '...', '[…]'))


def _is_continued(text: str, later: list[Block]) -> bool:
    """Whether a later paragraph is the same in full."""
    stem = fold(text)[:_LOOKBACK]
    return any(fold(block.text).startswith(stem) for block in later)


def _half_if_doubled(text: str) -> Optional[str]:
    """The first half of a text that says the same thing twice."""
    if len(text) < 2 * _MIN_REPEAT:
        return None
    middle = len(text) // 2
    for cut in (middle, middle + 1, middle - 1):
        half = text[:cut].strip()
        if half == text[cut:].strip():
            return half
    return None
