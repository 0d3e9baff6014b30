"""What a tagger found in a text, and how two findings of the same words are settled."""

import dataclasses
from collections.abc import Iterable

# A capitalised word, as the source of a regular expression.
CAPITALISED = r'[A-Z][\w’\'-]*[a-z][\w’\'-]*'


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """An entity found in a text: character offsets, end exclusive, and a label of the closed set."""

    start: int
    end: int
    label: str


def without_overlaps(found: Iterable[Found]) -> list[Found]:
    """In order of place; of two that overlap the first, of two that begin together the longer."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if one.start < one.end and (not kept or one.start >= kept[-1].end):
            kept.append(one)
    return kept


def overlaps(one: Found, others: Iterable[Found]) -> bool:
    """Whether ``one`` shares a character with any of the others."""
    return any(one.start < other.end and other.start < one.end for other in others)
