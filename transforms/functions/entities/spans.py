"""What a tagger found in a text, and how two findings of the same words are settled."""

import bisect
import dataclasses
from collections.abc import Iterable, Sequence

# A capitalised word, as the source of a regular expression. Bounded: a text without a space must not cost its
# length squared.
REST_OF_CAPITALISED = r'(?=[\w’\'-]{0,40}[a-z])[\w’\'-]{1,40}'
CAPITALISED = rf'[A-Z]{REST_OF_CAPITALISED}'


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """An entity found in a text: character offsets, end exclusive, and a label of the closed set."""

    start: int
    end: int
    label: str


def without_overlaps(found: Iterable[Found]) -> list[Found]:
    """In order of place; of two that overlap the first, of two that begin together the longer."""
    kept: list[Found] = []
    found = list(found)
    if _settled(found):  # as most rules leave it
        return found
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if one.start < one.end and (not kept or one.start >= kept[-1].end):
            kept.append(one)
    return kept


def _settled(found: Sequence[Found]) -> bool:
    free = 0
    for one in found:
        if one.start < free or one.end <= one.start:
            return False
        free = one.end
    return True


def overlapping(found: Sequence[Found], start: int, end: int) -> Sequence[Found]:
    """Those of ``found``, in order and without overlaps, that share a character with start to end."""
    first = bisect.bisect_right(found, start, key=lambda one: one.end)
    return found[first : bisect.bisect_left(found, end, lo=first, key=lambda one: one.start)]


def replacing(found: Iterable[Found], new: Iterable[Found]) -> list[Found]:
    """``new`` and what of ``found`` does not overlap it."""
    settled = without_overlaps(new)
    if not settled:
        return without_overlaps(found)
    return without_overlaps(
        [*settled, *(one for one in found if not overlapping(settled, one.start, one.end))]
    )
