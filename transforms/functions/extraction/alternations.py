"""Alternations of many phrases, written so that `re` tries few of them at a place."""

from collections.abc import Iterator

_QUANTIFIERS = frozenset('?*+{')


def any_of(*phrases: str) -> str:
    """An alternation of the phrases, each a regular expression; those that begin with one letter share it.

    Of each alternative, `re` looks at the first letter before it tries more: a hundred of them are a hundred
    looks, at every place where one might begin.

    >>> any_of('share', 'sharing', 'social', 'ads?', 'x|y(?:a|b)', '(?:in)?box')
    '(?:s(?:har(?:e|ing)|ocial)|ads?|x|y(?:a|b)|(?:in)?box)'
    """
    parts = _factored([one for phrase in phrases for one in _alternatives(phrase)])
    return f'(?:{"|".join(parts)})'


def _factored(alternatives: list[str]) -> list[str]:
    by_letter: dict[str, list[str]] = {}
    for one in alternatives:
        by_letter.setdefault(one[: _shared(one)] or f'\0{one}', []).append(one)
    parts: list[str] = []
    for letter, found in by_letter.items():
        if letter.startswith('\0') or len(found) == 1:
            parts.append(found[0])
            continue
        rests = _factored([one[1:] for one in found])
        parts.append(letter + (rests[0] if len(rests) == 1 else f'(?:{"|".join(rests)})'))
    return parts


def _shared(phrase: str) -> int:
    """1 where a phrase begins with a letter, a digit, a blank or a hyphen that stands for itself, else 0."""
    first, next_ = phrase[:1], phrase[1:2]
    return int((first.isalnum() or (first != '' and first in ' -_')) and next_ not in _QUANTIFIERS)


def _alternatives(pattern: str) -> Iterator[str]:
    """What bars part outside of groups and classes; of a group at the start, each alternative of its own."""
    start = 0
    for bar in [*_ends(pattern, '|'), len(pattern)]:
        one = pattern[start:bar]
        start = bar + 1
        end = next(_ends(one[3:], ')'), -1) + 3 if one.startswith('(?:') else 2
        if end < 3 or one[end + 1 : end + 2] in _QUANTIFIERS:
            yield one
        else:
            for inner in _alternatives(one[3:end]):
                yield inner + one[end + 1 :]


def _ends(pattern: str, sought: str) -> Iterator[int]:
    """Where a bar or a closing parenthesis stands in no group and no class."""
    depth = at = 0
    in_class = False
    while at < len(pattern):
        mark = pattern[at]
        if mark == '\\':
            at += 1
        elif in_class:
            in_class = mark != ']'
        elif mark == sought and depth == 0:
            yield at
        elif mark == '[':
            in_class = True
        elif mark in '()':
            depth += 1 if mark == '(' else -1
        at += 1
