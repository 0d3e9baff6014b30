"""Repairs that compare the mentions of one document."""

import collections
import re
from collections.abc import Iterator, Sequence

from transforms.functions.entities.labels import GPE, LOC, NORP, ORG, PERSON, PRODUCT, WORK_OF_ART
from transforms.functions.entities.names import person_words
from transforms.functions.entities.spans import Found, overlapping, without_overlaps
from transforms.functions.entities.tables import Tables

_UNSURE = (ORG, GPE, LOC, NORP, PRODUCT, WORK_OF_ART, 'FAC', 'LAW', 'EVENT', 'LANGUAGE')


def surnames(texts: Sequence[str], spans: list[list[Found]], tables: Tables) -> list[list[Found]]:
    """The surname of a person of the document is that person wherever it stands alone, tagged or not.

    So are the few surnames that readers take for one person ("Zelenskyy") where the model sees a place.
    """
    people: set[str] = set()
    for text, found in zip(texts, spans, strict=True):
        for one in found:
            words = text[one.start : one.end].split()
            if one.label == PERSON and len(words) > 1 and len(words[-1]) > 3 and words[-1][:1].isupper():
                people.add(words[-1])
    mended = []
    for text, found in zip(texts, spans, strict=True):
        fixed = []
        for one in found:
            name = text[one.start : one.end]
            if one.label in _UNSURE and ' ' not in name and tables.thing(name) is None:
                words = person_words(name)
                if name in people or (len(name) > 4 and words and tables.mononym(words) is not None):
                    one = Found(one.start, one.end, PERSON)
            fixed.append(one)
        mended.append(without_overlaps([*fixed, *_untagged(text, fixed, people, tables)]))
    return mended


def _untagged(text: str, found: list[Found], people: set[str], tables: Tables) -> list[Found]:
    names = [name for name in people if name.lower() not in text and tables.thing(name) is None]
    if not names:
        return []
    return [
        Found(start, end, PERSON)
        for start, end in _standing_alone(text, names)
        if not overlapping(found, start, end) and not _in_a_name(text, start, end)
    ]


def _standing_alone(text: str, names: list[str]) -> Iterator[tuple[int, int]]:
    """Where the names are words of the text, from left to right; of two that overlap the first."""
    places = []
    for name in names:
        at = text.find(name)
        while at >= 0:
            end = at + len(name)
            if not _goes_on(text[at - 1 : at]) and not _goes_on(text[end : end + 1]):
                places.append((at, name, end))
            at = text.find(name, at + 1)
    free = 0
    for start, _, end in sorted(places):
        if start >= free:
            yield start, end
            free = end


def _goes_on(character: str) -> bool:
    """Whether a word or name that stands beside it is longer than that."""
    return character.isalnum() or character in ('_', '-')


def _in_a_name(text: str, start: int, end: int) -> bool:
    # "Lindqvist Avenue": a capitalised word beside it makes another name of it.
    if re.match(r' [A-Z]', text[end : end + 2]):
        return True
    before = text[max(0, start - 20) : start]
    return re.search(r'(?<![.!?:”"\n] )(?<!^)(?<!\n)\b[A-Z]\w+ $', before) is not None


def one_label(texts: Sequence[str], spans: list[list[Found]]) -> list[list[Found]]:
    """The same string has the same label throughout a document: its most frequent one, if that is clear."""
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for text, found in zip(texts, spans, strict=True):
        for one in found:
            counts[text[one.start : one.end]][one.label] += 1
    label: dict[str, str] = {}
    for name, labels in counts.items():
        (best, most), *others = labels.most_common()
        if others and most >= 2 * others[0][1]:
            label[name] = best
    return [
        [Found(one.start, one.end, label.get(text[one.start : one.end], one.label)) for one in found]
        for text, found in zip(texts, spans, strict=True)
    ]
