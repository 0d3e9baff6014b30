"""WriteTable: rows of one of the small tables into the lake, each row id once."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Union

import apache_beam as beam
from apache_beam.pvalue import PCollection

from schemas.feeds import Poll
from schemas.ledger import LedgerRow, LinkRow
from schemas.settings import RunSettings
from schemas.staging import StagedRows
from transforms.beam_storage import open_lake
from transforms.bundles import at_end
from transforms.functions.table_commit import commit_rows, partition_of_row, stage_rows
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders

TableRow = Union[LedgerRow, LinkRow, Poll]

# Rows held before they are staged; a ledger row is about 1 KB.
_ROWS_HELD = 5000


@dataclasses.dataclass
class WriteTable(beam.PTransform[PCollection[TableRow], PCollection[int]]):
    """Stages rows of ``ledger``, ``links`` or ``polls`` and commits each partition by one writer.

    The elements are the table's row type. Gives the number of new rows per partition. Idempotent, like
    WriteArticles.
    """

    run: RunSettings
    table: str

    def expand(self, rows: PCollection[TableRow]) -> PCollection[int]:
        return (
            rows
            | 'Stage' >> beam.ParDo(_StageFn(self.run, self.table)).with_output_types(tuple[str, StagedRows])
            # File names only: one writer per partition.
            | 'GroupByPartition' >> beam.GroupByKey()
            | 'Commit' >> beam.Map(_commit, self.run, self.table).with_output_types(int)
        )


class _StageFn(beam.DoFn):
    def __init__(self, run: RunSettings, table: str) -> None:
        self._run = run
        self._table = table
        self._rows: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        self._held = 0

    def start_bundle(self) -> None:
        self._rows.clear()
        self._held = 0

    def process(self, row: TableRow) -> Iterator[tuple[str, StagedRows]]:
        columns = vars(row)
        self._rows[partition_of_row(self._table, columns)].append(columns)
        self._held += 1
        if self._held >= _ROWS_HELD:
            yield from self._flush()

    def finish_bundle(self) -> Iterator[Any]:
        for element in self._flush():
            yield at_end(element)

    def _flush(self) -> Iterator[tuple[str, StagedRows]]:
        lake = open_lake(self._run.lake)
        for partition, rows in sorted(self._rows.items()):
            path = stage_rows(lake, self._table, self._run.run_id, rows)
            yield '/'.join(partition), StagedRows(partition, path, len(rows))
        self._rows.clear()
        self._held = 0


def _commit(element: tuple[str, Iterable[StagedRows]], run: RunSettings, table: str) -> int:
    key, staged = element
    paths = [one.path for one in staged]
    return commit_rows(open_lake(run.lake), table, tuple(key.split('/')), paths, run.run_id)
