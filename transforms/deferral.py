"""Pages that wait for a later round or run: each of their sightings gets a ledger row that says why."""

from collections.abc import Iterator
from typing import Optional

from schemas.ledger import LedgerRow
from schemas.pages import PageRequest
from schemas.settings import RunSettings
from schemas.vocabulary import Disposition, Reason
from transforms import clock, metrics
from transforms.functions.ledger_rows import item_row


def deferred(
    request: PageRequest, run: RunSettings, reason: Optional[Reason], detail: str
) -> Iterator[LedgerRow]:
    """The rows of a page's sightings; counts the page, unless it is the run's end that defers it."""
    if reason is not Reason.RUN_ENDED:
        metrics.count(metrics.PAGES_DEFERRED)
    for sighting in request.sightings:
        yield item_row(
            sighting,
            Disposition.DEFERRED,
            run_id=run.run_id,
            decided_at=clock.now(run),
            reason=reason.value if reason else None,
            detail=detail,
        )
