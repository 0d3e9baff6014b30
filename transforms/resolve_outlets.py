"""ResolveOutlets: who published an article."""

import dataclasses
import functools

import apache_beam as beam
from apache_beam.pvalue import PCollection

from schemas.articles import Article
from transforms.functions.analysis import make_outlet_resolver
from transforms.loading import MapLoaded
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders


@dataclasses.dataclass
class ResolveOutlets(beam.PTransform[PCollection[Article], PCollection[Article]]):
    """Sets each article's outlet from the registry, which ``outlets_files`` extend."""

    outlets_files: tuple[str, ...] = ()

    def expand(self, articles: PCollection[Article]) -> PCollection[Article]:
        resolve = MapLoaded(functools.partial(make_outlet_resolver, self.outlets_files))
        return articles | 'Resolve' >> beam.ParDo(resolve).with_output_types(Article)
