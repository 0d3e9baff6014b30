"""Learned boilerplate: the lines that recur across an outlet's articles, as a run strips them."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class LearnedLine:
    """A line that recurs."""

    text: str
    articles: int  # stories that had it
    of: int  # stories of the outlet that were looked at


@dataclasses.dataclass(frozen=True, eq=False)
class Snapshot:
    """What was learned at one moment. ``id`` is a hash of the lines, so that equal ones have one id."""

    id: str
    made_at: int  # microseconds UTC
    outlets: tuple[tuple[str, tuple[LearnedLine, ...]], ...]  # by outlet id, sorted

    # It is part of settings, which are looked up for every page. What was learned again strips the same
    # lines: children that were made for the earlier one serve.
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Snapshot) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    def lines(self, outlet: str) -> tuple[LearnedLine, ...]:
        """The lines of an outlet."""
        return next((lines for name, lines in self.outlets if name == outlet), ())
