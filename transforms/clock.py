"""The run's clock: the machine's, or the moment that a reproducible run is given."""

import time

from schemas.settings import RunSettings
from transforms.functions.article_rows import day_of

DAY_US = 86_400_000_000


def now(run: RunSettings) -> int:
    """The moment in microseconds UTC."""
    return run.fixed_now if run.fixed_now is not None else time.time_ns() // 1000


def first_day(run: RunSettings) -> str:
    """The first day (``YYYY-MM-DD``) of the state that the run reads back."""
    return day_of(run.started_at - run.state_days * DAY_US)
