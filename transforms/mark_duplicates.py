"""MarkDuplicates: links from articles to the earliest one with the same text."""

import dataclasses
from collections.abc import Iterable, Iterator

import apache_beam as beam
from apache_beam.pvalue import PCollection

from schemas.ledger import LinkRow
from schemas.settings import RunSettings
from schemas.staging import CommittedText
from transforms import clock, processes
from transforms.functions.duplicates import link_texts
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders


@dataclasses.dataclass
class MarkDuplicates(beam.PTransform[PCollection[CommittedText], PCollection[LinkRow]]):
    """Links exact text duplicates among bounded committed texts and those of the lake's last days.

    Nothing is deleted: the rows go to the table ``links``. Only hashes and ids are shuffled.
    """

    run: RunSettings

    def expand(self, texts: PCollection[CommittedText]) -> PCollection[LinkRow]:
        return (
            texts
            | 'KeyByText' >> beam.Map(_key_by_text).with_output_types(tuple[str, CommittedText])
            # About 200 bytes per article.
            | 'GroupByText' >> beam.GroupByKey()
            | 'Link' >> beam.FlatMap(_link, self.run).with_output_types(LinkRow)
        )


def _key_by_text(text: CommittedText) -> tuple[str, CommittedText]:
    return text.text_hash, text


def _link(element: tuple[str, Iterable[CommittedText]], run: RunSettings) -> Iterator[LinkRow]:
    known = processes.known_texts(run).find(element[0])
    yield from link_texts(element[1], known, run.run_id, clock.now(run))
