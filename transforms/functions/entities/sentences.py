"""A rule-based sentence splitter: good enough to number sentences and to cut long texts between them."""

import bisect
import re

from transforms.functions.entities.words import word_list

# A closing mark, what may close after it, then white space before something that may open a sentence; or a
# line break, since paragraphs are joined by blank lines. It begins with the set of all its first characters,
# so that a search passes quickly over the others; the look-behinds then tell which of them it was.
_CLOSED = r'["\'”’»)\]]{0,3}\s+(?=["\'“‘«(\[—–-]*\s?[\w"\'“‘«(\[])'
_BOUNDARY = re.compile(
    r'[.!?…。！？\n](?:'
    rf'(?P<stop>(?<=[!?…。！？])|(?<=\.)(?<!\.\.)|(?<=\.)\.\.){_CLOSED}|(?<=\n)\s*(?=\S)|(?<=[。！？])(?=\S))'
)
# Abbreviations after which a sentence more often goes on than ends.
_ABBREVIATIONS = word_list('abbreviations')
_LAST_WORD = re.compile(r"[^\s\"'“‘(\[]*$")


def sentence_starts(text: str) -> list[int]:
    """Where each sentence begins (characters); the first is 0, for an empty text too.

    >>> sentence_starts('Mr. Ito left. “Why?” asked J. R. Li.')
    [0, 14]
    """
    starts = [0]
    for match in _BOUNDARY.finditer(text):
        if match['stop'] is not None and _goes_on(text, match):
            continue
        if match.end() < len(text) and match.end() > starts[-1]:
            starts.append(match.end())
    return starts


def sentence_at(starts: list[int], offset: int) -> int:
    """The index, from 0, of the sentence that the character at ``offset`` is in."""
    return bisect.bisect_right(starts, offset) - 1


def _goes_on(text: str, match: re.Match[str]) -> bool:
    following = text[match.end() : match.end() + 1]
    if following.islower():
        return True
    stop = match.start()
    if text[stop] != '.' or match['stop']:  # another mark, or three of these
        return False
    # 40: no abbreviation is longer; keeps the look-behind from growing with the text.
    word = _LAST_WORD.search(text[max(0, stop - 40) : stop])
    last = word[0] if word else ''
    if len(last) == 1 and last.isupper():
        return True  # an initial
    return last.lower() in _ABBREVIATIONS


def pieces(text: str, size: int) -> list[tuple[int, str]]:
    """Cuts ``text`` into pieces of at most ``size`` characters, each with its offset: at a sentence's start
    where there is one, else at white space, else anywhere. Together they are the text.

    >>> pieces('One two. Three four.', 12)
    [(0, 'One two. '), (9, 'Three four.')]
    """
    if len(text) <= size:
        return [(0, text)]
    starts = sentence_starts(text)
    cut: list[tuple[int, str]] = []
    at = 0
    while len(text) - at > size:
        end = starts[bisect.bisect_right(starts, at + size) - 1]
        if end <= at:
            end = text.rfind(' ', at, at + size) + 1
        if end <= at:
            end = at + size
        cut.append((at, text[at:end]))
        at = end
    return [*cut, (at, text[at:])]
