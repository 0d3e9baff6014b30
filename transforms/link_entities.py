"""LinkEntities: which entity each mention is."""

import dataclasses
import functools

import apache_beam as beam
from apache_beam.pvalue import PCollection

from schemas.articles import Article
from transforms.functions.analysis import make_entity_linker
from transforms.loading import MapLoaded
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders


@dataclasses.dataclass
class LinkEntities(beam.PTransform[PCollection[Article], PCollection[Article]]):
    """Gives each mention its canonical name and id, and sets the article's entities.

    ``entities_files`` are tables that extend and override the embedded ones: see ``load_tables``.
    """

    entities_files: tuple[str, ...] = ()

    def expand(self, articles: PCollection[Article]) -> PCollection[Article]:
        link = MapLoaded(functools.partial(make_entity_linker, self.entities_files))
        return articles | 'Link' >> beam.ParDo(link).with_output_types(Article)
