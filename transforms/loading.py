"""A DoFn whose function is made once per process, before the first element."""

from collections.abc import Callable, Iterator
from typing import Optional

import apache_beam as beam

from schemas.articles import Article
from transforms.functions.analysis import Stage


class MapLoaded(beam.DoFn):
    """Maps articles with the function that ``make`` gives: models and tables are loaded in ``setup``."""

    def __init__(self, make: Callable[[], Stage]) -> None:
        self._make = make
        self._stage: Optional[Stage] = None

    def setup(self) -> None:
        self._stage = self._make()

    def process(self, article: Article) -> Iterator[Article]:
        assert self._stage is not None
        yield self._stage(article)
