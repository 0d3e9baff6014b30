"""What a body says twice: repeated runs, teasers of paragraphs, texts that were doubled."""

import collections
from typing import Optional

from transforms.functions.extraction.blocks import PROSE, Block, BlockKind, Removal
from transforms.functions.extraction.characters import beginning, fold

# A repeated line shorter than this may be speech ("Yes," he said.): dropped only within a repeated run.
_MIN_REPEAT = 60
# Lines that recur more than twice, and the share of a text's lines, that make repetition its manner.
_MANY = 3
_MAX_RECURRING = 0.7
# A quote that is set apart from its paragraph, and how much of it must be found there.
_MIN_QUOTE, _MAX_QUOTE = 50, 400
_QUOTED = 40
_OPENING_MARKS = frozenset('"“„«»‚‘\'「『')
_MAX_ATTRIBUTION = 120
_LOOKBACK = 120  # characters of a truncated paragraph that must agree


def drop_repeats(blocks: list[Block], removed: list[Removal]) -> list[Block]:
    """Each long paragraph once; shorter ones go with the repeated run that they stand in."""
    first_seen: dict[str, int] = {}
    keys = _keys(blocks)
    kept: list[Block] = []
    recurs = _recurs(blocks, keys)
    previous_origin: Optional[int] = None
    quoted = False  # the block before was a quote that was taken out
    for index, (block, key) in enumerate(zip(blocks, keys, strict=True)):
        origin = first_seen.setdefault(key, index) if key else index
        # Lists repeat their items for a reason (recipes, timetables); prose does not.
        repeats = origin != index and block.kind in PROSE and not recurs
        repeated = repeats and (len(block.text) >= _MIN_REPEAT or previous_origin == origin - 1)
        if repeated or (origin != index and block.kind is BlockKind.CAPTION):
            removed.append(Removal('repeated', block.text))
            previous_origin = origin
            continue
        previous_origin = None
        if _is_cut_short(block.text) and _is_continued(block.text, blocks[index + 1 :]):
            removed.append(Removal('teaser_of_paragraph', block.text))
            continue
        if _is_quote(block) and _is_quoted_from(block.text, index, blocks):
            removed.append(Removal('pull_quote', block.text))
            quoted = block.kind is BlockKind.QUOTE
            continue
        if quoted and block.kind is BlockKind.QUOTE and _is_attribution(block.text):
            removed.append(Removal('pull_quote', block.text))
            quoted = False
            continue
        quoted = False
        half = _half_if_doubled(block.text)
        if half is not None:
            removed.append(Removal('repeated', half))
            block = Block(block.kind, half)
        kept.append(block)
    return kept


def _recurs(blocks: list[Block], keys: list[str]) -> bool:
    """Whether some lines recur again and again among others that do not: a plan, a menu, a programme.

    In a body that is repeated as a whole, nearly all do.
    """
    counts = collections.Counter(
        key
        for block, key in zip(blocks, keys, strict=True)
        if block.kind in PROSE and len(block.text) >= _MIN_REPEAT
    )
    often = sum(count > 2 for count in counts.values())
    return often >= _MANY and often < _MAX_RECURRING * len(counts)


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


def _is_quote(block: Block) -> bool:
    if not _MIN_QUOTE <= len(block.text) <= _MAX_QUOTE:
        return False
    return block.kind is BlockKind.QUOTE or (
        block.kind is BlockKind.PARAGRAPH and block.text[0] in _OPENING_MARKS
    )


def _is_attribution(text: str) -> bool:
    """Whether a line of a quote is the name of who said it."""
    return (
        len(text) <= _MAX_ATTRIBUTION
        and not text.endswith(('.', '!', '?', '…'))
        and text[0] not in _OPENING_MARKS
    )


def _is_quoted_from(text: str, index: int, blocks: list[Block]) -> bool:
    """Whether a paragraph says the same within it: the quote is set apart to be seen."""
    said = text.strip('"“”„«»‚‘’\'「」『』 ')[:_QUOTED]
    return any(
        said in other.text
        for at, other in enumerate(blocks)
        if at != index and other.kind is BlockKind.PARAGRAPH and len(other.text) > len(text)
    )


def _half_if_doubled(text: str) -> Optional[str]:
    """The first half of a tidied text that says the same thing twice."""
    if len(text) < 2 * _MIN_REPEAT:
        return None
    middle = len(text) // 2
    if text[0] not in text[middle - 1 : middle + 3]:  # a space may stand between the halves
        return None
    for cut in (middle, middle + 1, middle - 1):
        half = text[:cut].strip()
        if half == text[cut:].strip():
            return half
    return None
