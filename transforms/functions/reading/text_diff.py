"""What changed between two texts: word by word within paragraphs, paragraphs aligned first."""

import collections
import dataclasses
import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Optional, Union

# Scripts that put no spaces between words: there each character is compared.
_UNSPACED = '\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff'
# A word with its inner apostrophes, points and hyphens, or any other character; then the space after it.
_TOKEN = re.compile(rf"([{_UNSPACED}]|[^\W{_UNSPACED}]+(?:['’.,\-][^\W{_UNSPACED}]+)*|[^\w\s]|\w)(\s*)|^\s+")
# Paragraphs that have fewer than this share of their words in common are not versions of one.
_ALIKE = 0.4
# Beyond this many pairs the exact search takes seconds; difflib's shortcut for frequent words does then.
_PAIRS_OF_WORDS = 4_000_000
_PAIRS_OF_PARAGRAPHS = 40_000


@dataclasses.dataclass(frozen=True)
class Piece:
    """A stretch of text: ``=`` in both, ``-`` only before, ``+`` only after."""

    kind: str
    text: str


@dataclasses.dataclass(frozen=True)
class Unchanged:
    """Paragraphs that both texts have."""

    count: int


Paragraph = tuple[Piece, ...]


def diff_texts(before: str, after: str) -> Iterator[Union[Unchanged, Paragraph]]:
    """The paragraphs of two texts, which blank lines part: runs of unchanged ones, and each other in pieces.

    >>> list(diff_texts('Wind.\\n\\nIt was 90 km/h.', 'Wind.\\n\\nIt was 104 km/h.'))
    ... # doctest: +NORMALIZE_WHITESPACE
    [Unchanged(count=1), (Piece(kind='=', text='It was '), Piece(kind='-', text='90'),
     Piece(kind='+', text='104'), Piece(kind='=', text=' km/h.'))]
    """
    old, new = _paragraphs(before), _paragraphs(after)
    for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == 'equal':
            yield Unchanged(j - i)
        else:
            yield from _changed_paragraphs(old[i:j], new[k:m])


def diff_words(before: str, after: str) -> Paragraph:
    """One paragraph's words. What is between two changes and has no word in it counts as changed too.

    >>> ''.join(piece.text for piece in diff_words('He sat, then', 'He sat down, then') if piece.kind != '-')
    'He sat down, then'
    """
    old, new = _tokens(before), _tokens(after)
    words = [word for word, _ in old], [word for word, _ in new]
    matcher = difflib.SequenceMatcher(None, *words, autojunk=len(old) * len(new) > _PAIRS_OF_WORDS)
    runs: list[tuple[list[tuple[str, str]], list[tuple[str, str]], bool]] = []
    for kind, i, j, k, m in matcher.get_opcodes():
        same = kind == 'equal'
        if same and i > 0 and j < len(old) and not any(_is_word(word) for word in words[0][i:j]):
            same = False
        if runs and not same and not runs[-1][2]:
            runs[-1][0].extend(old[i:j])
            runs[-1][1].extend(new[k:m])
        else:
            runs.append((old[i:j], new[k:m], same))
    return _joined(_pieces(runs))


def _pieces(runs: Sequence[tuple[list[tuple[str, str]], list[tuple[str, str]], bool]]) -> Iterator[Piece]:
    for old, new, same in runs:
        if same:
            # The longer space: before a change at the end, only one of the texts has any.
            yield Piece(
                '=', ''.join(word + max(a, b, key=len) for (word, a), (_, b) in zip(old, new, strict=True))
            )
            continue
        removed, added = (''.join(word + space for word, space in side) for side in (old, new))
        space = max((text[len(text.rstrip()) :] for text in (removed, added)), key=len)
        yield Piece('-', removed.rstrip())
        yield Piece('+', added.rstrip())
        yield Piece('=', space)


def _joined(pieces: Iterator[Piece]) -> Paragraph:
    found: list[Piece] = []
    for piece in pieces:
        if found and found[-1].kind == piece.kind:
            found[-1] = Piece(piece.kind, found[-1].text + piece.text)
        elif piece.text:
            found.append(piece)
    if found and found[-1].kind == '=':
        found[-1] = Piece('=', found[-1].text.rstrip())
    return tuple(piece for piece in found if piece.text)


def _tokens(text: str) -> list[tuple[str, str]]:
    return [(match[1] or '', match[2] or '') for match in _TOKEN.finditer(text.strip())]


def _is_word(token: str) -> bool:
    return any(character.isalnum() for character in token)


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in re.split(r'\n\s*\n', text) if part.strip()]


def _changed_paragraphs(old: Sequence[str], new: Sequence[str]) -> Iterator[Paragraph]:
    at = 0
    for paragraph, partner in zip(old, _partners(old, new), strict=True):
        if partner is None:
            yield (Piece('-', paragraph),)
            continue
        yield from ((Piece('+', added),) for added in new[at:partner])
        yield diff_words(paragraph, new[partner])
        at = partner + 1
    yield from ((Piece('+', added),) for added in new[at:])


def _partners(old: Sequence[str], new: Sequence[str]) -> list[Optional[int]]:
    """For each old paragraph the new one that it became, in order, so that most words stay together."""
    partners: list[Optional[int]] = [None] * len(old)
    if not old or not new or len(old) * len(new) > _PAIRS_OF_PARAGRAPHS:
        return partners
    counts = [
        [collections.Counter(word for word, _ in _tokens(text)) for text in side] for side in (old, new)
    ]
    common = [[_common(one, other) for other in counts[1]] for one in counts[0]]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for k in range(len(new) - 1, -1, -1):
            best[i][k] = max(best[i + 1][k], best[i][k + 1], best[i + 1][k + 1] + common[i][k])
    i = k = 0
    while i < len(old) and k < len(new):
        if common[i][k] and best[i][k] == best[i + 1][k + 1] + common[i][k]:
            partners[i] = k
            i, k = i + 1, k + 1
        elif best[i][k] == best[i + 1][k]:
            i += 1
        else:
            k += 1
    return partners


def _common(one: collections.Counter[str], other: collections.Counter[str]) -> float:
    """The number of words in common, or 0 when the paragraphs are not alike."""
    both = (one & other).total()
    return both if 2 * both >= _ALIKE * (one.total() + other.total()) else 0.0
