"""Which lines of an outlet's articles are boilerplate: those that recur across stories."""

import collections
import dataclasses
from collections.abc import Sequence

import numpy as np

from schemas.boilerplate import LearnedLine
from transforms.functions.extraction.characters import fold
from transforms.functions.extraction.words import count_words

# Fewer stories than this say nothing of an outlet.
MIN_STORIES = 12
# A line is boilerplate when so many stories have it, and such a share of all: the share is small for lines
# that always stand at the text's start or end (a desk's sign-off, an invitation), and large for others, since
# a sentence of background ("The war began in ...") recurs too and is the article's.
_MIN_HITS = 5
_EDGE_SHARE = 0.08
_ANY_SHARE = 0.2
# Paragraphs from the start and from the end that are an edge.
_FIRST, _LAST = 1, 3
# Of the shorter of two texts: an article that is mostly boilerplate teaches nothing, which costs little.
_COPY_SHARE = 0.5
# Letters and digits: a shorter line says too little to be told from a reporter's words, a longer one than an
# invitation has is text.
_MIN_FOLDED, _MAX_FOLDED = 8, 400
_MIN_WORDS = 2


@dataclasses.dataclass(frozen=True)
class Story:
    """The lines of one article as they were before anything learned was stripped, in order."""

    lines: tuple[str, ...]


def learn_lines(stories: Sequence[Story]) -> tuple[LearnedLine, ...]:
    """The lines that recur across the stories of one outlet, the most frequent first.

    Copies and updates of one story, which share half of their text or more, count as one.

    >>> same = [Story((f'Story number {n} begins.', f'It ends {n}.', 'Sign up here.')) for n in range(20)]
    >>> [(line.text, line.articles, line.of) for line in learn_lines(same)]
    [('Sign up here.', 20, 20)]
    """
    if len(stories) < MIN_STORIES:
        return ()
    seen: dict[str, list[tuple[int, bool]]] = collections.defaultdict(list)
    texts: dict[str, str] = {}
    for number, story in enumerate(stories):
        last = len(story.lines) - _LAST
        for place, line in enumerate(story.lines):
            key = line_key(line)
            if key and (not seen[key] or seen[key][-1][0] != number):
                seen[key].append((number, place < _FIRST or place >= last))
                texts.setdefault(key, line)
    recurring = sorted(key for key, hits in seen.items() if len(hits) >= _MIN_HITS)
    stories_of = _without_copies(
        stories,
        [[number for number, _ in seen[key]] for key in recurring],
        [len(texts[key]) for key in recurring],
    )
    of = len(set(stories_of))
    learned = []
    for key in recurring:
        hits = seen[key]
        count = len({stories_of[number] for number, _ in hits})
        share = _EDGE_SHARE if all(edge for _, edge in hits) else _ANY_SHARE
        if count >= max(_MIN_HITS, share * of) and of >= MIN_STORIES:
            learned.append(LearnedLine(texts[key], count, of))
    return tuple(sorted(learned, key=lambda line: (-line.articles, line.text)))


def line_key(line: str) -> str:
    """What two prints of a line have in common; '' for a line that cannot be boilerplate.

    >>> line_key('“Sign  up here!”') == line_key('Sign up here'), line_key('Why?')
    (True, '')
    """
    key = fold(line)
    if not _MIN_FOLDED <= len(key) <= _MAX_FOLDED or key.isdigit():
        return ''
    return key if count_words(line) >= _MIN_WORDS else ''


def _without_copies(stories: Sequence[Story], hits: list[list[int]], lengths: list[int]) -> list[int]:
    """For each story the first one that it is a copy of, or itself.

    ``hits`` are the stories of each recurring line, ``lengths`` the lines' characters: two stories can only
    share what recurs.
    """
    has = np.zeros((len(stories), len(hits)), np.float32)
    for line, numbers in enumerate(hits):
        has[numbers, line] = 1
    shared = (has * np.array(lengths, np.float32)) @ has.T
    whole = np.array([sum(map(len, story.lines)) for story in stories], np.float32)
    copies = shared >= _COPY_SHARE * np.minimum.outer(whole, whole)
    first: list[int] = []
    for number in range(len(stories)):
        earlier = np.flatnonzero(copies[number, :number])
        first.append(first[int(earlier[0])] if len(earlier) else number)
    return first
