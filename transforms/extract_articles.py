"""ExtractArticles: pages to clean articles, for one's own pipelines; Ingest runs the function in its pool."""

import dataclasses
from collections.abc import Iterator
from typing import Any, Literal, Union

import apache_beam as beam
from apache_beam.pvalue import PCollection, TaggedOutput

from schemas.articles import Article
from schemas.pages import Page, Rejection
from transforms.bundles import tagged
from transforms.functions.extraction.page_or_feed import article_of
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders

_Output = Union[
    TaggedOutput[Literal['articles'], Article],
    TaggedOutput[Literal['rejections'], tuple[str, Rejection]],
]


@dataclasses.dataclass
class ExtractArticles(beam.PTransform[PCollection[Page], Any]):
    """Gives ``articles`` (Article) and ``rejections`` (tuple of the page's URL and a Rejection)."""

    def expand(self, pages: PCollection[Page]) -> Any:
        return pages | 'Extract' >> beam.FlatMap(_extract).with_outputs('articles', 'rejections')


def _extract(page: Page) -> Iterator[_Output]:
    result = article_of(page)
    if isinstance(result, Article):
        yield tagged('articles', result)
    else:
        yield tagged('rejections', (page.url, result))
