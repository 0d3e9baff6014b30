"""The counters of a run. Names come from this fixed vocabulary, never from data."""

import functools
from typing import Any

from apache_beam.metrics import Metrics

NAMESPACE = 'dateline'

FEEDS_POLLED = 'feeds_polled'
FEEDS_RETIRED = 'feeds_retired'  # not asked, since they were answered 410
FEEDS_NOT_DUE = 'feeds_not_due'  # not asked, since only those that are due were
PAGES_FETCHED = 'pages_fetched'
# Pages that did not fit the round: the run goes on with another one while there are any.
PAGES_DEFERRED = 'pages_deferred'
ROWS_COMMITTED = 'rows_committed'
ARTICLE_FILES = 'article_files'
# CPU time of each stage of the analysis, in microseconds over all pages.
STAGE_US = {
    'extract_articles': 'extract_articles_us',
    'resolve_outlets': 'resolve_outlets_us',
    'parse_datelines': 'parse_datelines_us',
    'tag_entities': 'tag_entities_us',
    'link_entities': 'link_entities_us',
    'sign_articles': 'sign_articles_us',
    'strip_boilerplate': 'strip_boilerplate_us',
}


def count(name: str, by: int = 1) -> None:
    """Adds to one of this module's counters, from within a DoFn."""
    _counter(name).inc(by)


@functools.cache
def _counter(name: str) -> Any:
    return Metrics.counter(NAMESPACE, name)  # making one takes longer than counting
