"""Groups of copies of one agency's story: texts that are connected by having most of their words in common.

For each agency the texts that name it and those that name none are taken; a group is what is connected among
them and has at least one text of that agency. So no group mixes two agencies, and a group only grows: which
texts share one does not depend on the order in which they came. A text that names no agency and is like the
stories of two is in a group of each.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Optional

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Group:
    """Copies of a story of one agency."""

    agency: str
    rows: tuple[int, ...]  # in order


def find_groups(
    fresh: Iterable[int],
    neighbours: Callable[[int], Rows],
    agency_of: Callable[[int], Optional[str]],
    articles: Rows,
) -> Iterator[Group]:
    """The groups that new texts are in, each once: of at least two articles.

    Thousands of pages may have the same text, a notice that asks for a browser's settings, say. So a set of
    connected texts is walked through once for each agency near it, and each text's neighbours as arrays.

    Args:
        fresh: the rows of the new texts.
        neighbours: the rows of the texts that are like a row's, in any order; some may come twice.
        agency_of: the agency that a row's text names.
        articles: for each row a number that its article's versions share.
    """
    walk = _Walk(neighbours, agency_of, len(articles))
    done: set[tuple[int, str]] = set()
    near: dict[int, set[str]] = {}  # for texts that name none the agencies near them
    for start in fresh:
        own = agency_of(start)
        if own is None and start not in near:
            unnamed, others = walk.connected(start, {None})
            # All that are near name one: else they would be connected.
            agencies = {agency for row in others.tolist() if (agency := agency_of(row)) is not None}
            near |= dict.fromkeys(unnamed.tolist(), agencies)
        for agency in sorted(near[start] if own is None else {own}):
            if (start, agency) in done:
                continue
            rows, _ = walk.connected(start, {agency, None})
            done.update((row, agency) for row in rows.tolist())
            if len(np.unique(articles[rows])) > 1:
                yield Group(agency, tuple(rows.tolist()))


class _Walk:
    """Goes from text to text that are alike."""

    def __init__(
        self, neighbours: Callable[[int], Rows], agency_of: Callable[[int], Optional[str]], count: int
    ) -> None:
        self._neighbours = neighbours
        self._agency_of = agency_of
        self._count = count

    def connected(self, start: int, agencies: set[Optional[str]]) -> tuple[Rows, Rows]:
        """The rows that can be reached from one by way of texts of these agencies, and the others beside."""
        seen, inside = np.zeros(self._count, bool), np.zeros(self._count, bool)
        seen[start] = inside[start] = True
        waiting = [start]
        while waiting:
            rows = self._neighbours(waiting.pop())
            rows = np.unique(rows[~seen[rows]])
            seen[rows] = True
            mine = [row for row in rows.tolist() if self._agency_of(row) in agencies]
            inside[mine] = True
            waiting += mine
        return np.flatnonzero(inside), np.flatnonzero(seen & ~inside)
