"""ParseDatelines: from where, and by which agency, an article was reported."""

import dataclasses
import functools

import apache_beam as beam
from apache_beam.pvalue import PCollection

from schemas.articles import Article
from transforms.functions.analysis import make_dateline_parser
from transforms.loading import MapLoaded
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders


@dataclasses.dataclass
class ParseDatelines(beam.PTransform[PCollection[Article], PCollection[Article]]):
    """Sets dateline and agency; the body then starts after the dateline."""

    outlets_files: tuple[str, ...] = ()

    def expand(self, articles: PCollection[Article]) -> PCollection[Article]:
        parse = MapLoaded(functools.partial(make_dateline_parser, self.outlets_files))
        return articles | 'Parse' >> beam.ParDo(parse).with_output_types(Article)
