"""ParseDatelines: from where, and by which agency, an article was reported."""

import dataclasses

import apache_beam as beam
from apache_beam.pvalue import PCollection

from schemas.articles import Article
from transforms.functions.analysis import make_dateline_parser
from transforms.loading import MapLoaded
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders


@dataclasses.dataclass
class ParseDatelines(beam.PTransform[PCollection[Article], PCollection[Article]]):
    """Sets dateline and agency; the body then starts after the dateline."""

    def expand(self, articles: PCollection[Article]) -> PCollection[Article]:
        parse = MapLoaded(make_dateline_parser)
        return articles | 'Parse' >> beam.ParDo(parse).with_output_types(Article)
