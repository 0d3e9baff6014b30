"""Lists of words that the rules go by, from transforms/data/entities_words.csv."""

import csv
import functools
import re
from pathlib import Path

_FILE = Path(__file__).resolve().parents[2] / 'data' / 'entities_words.csv'


@functools.cache
def word_list(name: str) -> frozenset[str]:
    """The list of that name.

    >>> 'prince' in word_list('crowns')
    True
    """
    return frozenset(_lists()[name])


def alternatives(name: str) -> str:
    """The list as a group of a regular expression, the longest first, ending at a word's end."""
    words = sorted(word_list(name), key=lambda word: (-len(word), word))
    return f'(?:{"|".join(map(re.escape, words))})(?!\\w)'


@functools.cache
def _lists() -> dict[str, list[str]]:
    with open(_FILE, encoding='utf-8', newline='') as file:
        return {row['list']: row['words'].split() for row in csv.DictReader(file)}
