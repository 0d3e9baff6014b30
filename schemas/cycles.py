"""The cycles of a job that never ends."""

import dataclasses

from schemas.feeds import Feed
from schemas.ledger import LedgerRow
from schemas.rows import Row


@dataclasses.dataclass(frozen=True)
class Cycle(Row):
    """What a cycle begins with. It may have no feeds: then what waits is taken up."""

    second: int  # since 1970; no two cycles of a job begin in one
    feeds: tuple[Feed, ...] = ()  # those that are due
    faults: tuple[LedgerRow, ...] = ()  # of lines of the sources that name no feed
