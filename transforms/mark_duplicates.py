"""MarkDuplicates: links from articles to the earliest one with the same or nearly the same text."""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import PCollection

from schemas.ledger import LinkRow
from schemas.settings import RunSettings
from schemas.staging import CommittedText
from transforms import clock, processes
from transforms.cycles import run_of
from transforms.functions.memory import trim
from transforms.functions.outlets import load_outlets
from transforms.functions.sameness.duplicates import find_links
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders


@dataclasses.dataclass
class MarkDuplicates(beam.PTransform[PCollection[CommittedText], PCollection[LinkRow]]):
    """Links bounded committed texts, and the lake's texts of the last days, to the earliest like them.

    Nothing is deleted: the rows go to the table ``links``. Only signatures and ids are shuffled. One worker
    compares all: what is connected to what cannot be said of a part. It takes about 1 KB of memory and
    a millisecond per text. Idempotent: links that the lake holds are not given again.
    """

    run: RunSettings
    outlets_files: tuple[str, ...] = ()  # registries that say which outlets are an agency's own

    def expand(self, texts: PCollection[CommittedText]) -> PCollection[LinkRow]:
        return (
            texts
            | 'Together' >> beam.Map(_together).with_output_types(tuple[str, CommittedText])
            # About 800 bytes per article. It also waits for the round's commits.
            | 'GroupTexts' >> beam.GroupByKey()
            | 'Link' >> beam.FlatMap(_link, self.run, self.outlets_files).with_output_types(LinkRow)
        )


def _together(text: CommittedText) -> tuple[str, CommittedText]:
    return '', text


def _link(
    element: tuple[str, Iterable[CommittedText]],
    run: RunSettings,
    outlets_files: tuple[str, ...],
    window: Any = beam.DoFn.WindowParam,
) -> Iterator[LinkRow]:
    run = run_of(run, window)
    known = processes.known_texts(run)
    yield from find_links(element[1], known, load_outlets(outlets_files), run.run_id, clock.now(run))
    trim()  # the index takes more than what comes next, the rows of the ledger
