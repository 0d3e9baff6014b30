"""What the children of a pool do: they read feeds and analyse pages, each under the pool's deadline."""

from collections.abc import Callable
from typing import Union

from schemas.analysis import Analysis
from schemas.feeds import FeedDocument, ParsedFeed, UnreadFeed
from schemas.pages import Page
from schemas.settings import AnalysisSettings
from transforms.functions import analysis
from transforms.functions.feed_parsing import read_feed

Job = Union[Page, FeedDocument]
Answer = Union[Analysis, ParsedFeed, UnreadFeed]


def prepare() -> None:
    """Loads what needs no settings."""
    analysis.prepare()


def make_worker(settings: AnalysisSettings) -> Callable[[Job], Answer]:
    """The function for a child's jobs: a page gives its analysis, a feed what is in it.

    Raises ValueError as ``make_analyser`` does.
    """
    analyse = analysis.make_analyser(settings)

    def work(job: Job) -> Answer:
        return read_feed(job) if isinstance(job, FeedDocument) else analyse(job)

    return work
