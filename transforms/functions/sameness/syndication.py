"""Groups of copies of one agency's story: texts that are connected by having most of their words in common.

For each agency the texts that name it and those that name none are taken; a group is what is connected among
them and has at least one text of that agency. So no group mixes two agencies, and a group only grows: which
texts share one does not depend on the order in which they came. A text that names no agency and is like the
stories of two is in a group of each.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Group:
    """Copies of a story of one agency."""

    agency: str
    rows: tuple[int, ...]  # in order


def find_groups(
    fresh: Iterable[int],
    neighbours: Callable[[int], Sequence[int]],
    agency_of: Callable[[int], Optional[str]],
    articles: Sequence[int],
) -> Iterator[Group]:
    """The groups that new texts are in, each once: of at least two articles.

    Args:
        fresh: the rows of the new texts.
        neighbours: the rows of the texts that are like a row's.
        agency_of: the agency that a row's text names.
        articles: for each row a number that its article's versions share.
    """
    done: set[tuple[int, str]] = set()
    for start in fresh:
        for agency in sorted(_agencies_near(start, neighbours, agency_of)):
            if (start, agency) in done:
                continue
            rows = _connected(start, {agency, None}, neighbours, agency_of)
            done.update((row, agency) for row in rows)
            if len({articles[row] for row in rows}) > 1:
                yield Group(agency, tuple(sorted(rows)))


def _agencies_near(
    start: int, neighbours: Callable[[int], Sequence[int]], agency_of: Callable[[int], Optional[str]]
) -> set[str]:
    """The agency of a text; of a text that names none, all that it is connected to by others such as it."""
    own = agency_of(start)
    if own is not None:
        return {own}
    unnamed = _connected(start, {None}, neighbours, agency_of)
    near = {agency_of(other) for row in unnamed for other in neighbours(row)}
    return {agency for agency in near if agency is not None}


def _connected(
    start: int,
    agencies: set[Optional[str]],
    neighbours: Callable[[int], Sequence[int]],
    agency_of: Callable[[int], Optional[str]],
) -> set[int]:
    """The rows that can be reached from one by way of texts of these agencies."""
    seen, waiting = {start}, [start]
    while waiting:
        for row in neighbours(waiting.pop()):
            if row not in seen and agency_of(row) in agencies:
                seen.add(row)
                waiting.append(row)
    return seen
