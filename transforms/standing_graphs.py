"""Graphs that are built once and run round after round in one process: what their present round is.

Building the graph of a round and writing it down for the runner took half the CPU of a cycle of few articles.
The settings within such a graph name it (``RunSettings.graph``); those of the round, and the feeds that it
polls, are here while it runs.
"""

import contextlib
import dataclasses
from collections.abc import Iterator

from schemas.feeds import Feed
from schemas.settings import RunSettings

_present: dict[str, tuple[RunSettings, tuple[Feed, ...]]] = {}


def settings_within(run: RunSettings, graph: str) -> RunSettings:
    """What the stages of a graph are made with: a run with no id of its own, so that none is taken for it."""
    return dataclasses.replace(run, run_id='', started_at=0, round=0, limit=None, fixed_now=None, graph=graph)


@contextlib.contextmanager
def round_of(graph: str, run: RunSettings, feeds: tuple[Feed, ...]) -> Iterator[None]:
    """Within it the graph's round is that of the run, and polls these feeds."""
    _present[graph] = run, feeds
    try:
        yield
    finally:
        del _present[graph]


def present_run(graph: str) -> RunSettings:
    """The run whose round the graph is at. Raises KeyError for one that is at none, or in another process."""
    return _present[graph][0]


def present_feeds(graph: str) -> tuple[Feed, ...]:
    """The feeds that the graph's round polls; raises as ``present_run``."""
    return _present[graph][1]
