"""WriteTable: rows of one of the small tables into the lake, each row id once."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Optional, Union

import apache_beam as beam
from apache_beam.pvalue import AsIter, PCollection

from schemas.feeds import Poll
from schemas.ledger import LedgerRow, LinkRow
from schemas.settings import RunSettings
from schemas.staging import StagedRows
from transforms.beam_storage import open_lake
from transforms.bundles import at_end
from transforms.functions.table_commit import commit_rows, partition_of_row, stage_rows
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders

TableRow = Union[LedgerRow, LinkRow, Poll]

# Rows held before they are staged: as dicts of Python they are about 4 KB each.
_ROWS_HELD = 1000


@dataclasses.dataclass
class WriteTable(beam.PTransform[Any, PCollection[int]]):
    """Stages rows of ``ledger``, ``links`` or ``polls`` and commits each partition by one writer.

    Takes a PCollection of the table's row type, or a tuple of several: rows are staged where they are made,
    so a round never holds them. Nothing is committed before all of ``after`` is there. Gives the number of
    new rows per partition. Idempotent, like WriteArticles.
    """

    run: RunSettings
    table: str
    after: Optional[PCollection[Any]] = None

    def expand(self, rows: Any) -> PCollection[int]:
        sources = rows if isinstance(rows, tuple) else (rows,)
        stage = beam.ParDo(_StageFn(self.run, self.table)).with_output_types(tuple[str, StagedRows])
        staged = [source | f'Stage{n or ""}' >> stage for n, source in enumerate(sources)]
        names = staged | 'Staged' >> beam.Flatten()
        if self.after is not None:  # a side input is complete before it is read
            hand_on = beam.Map(_first, AsIter(self.after)).with_output_types(tuple[str, StagedRows])
            names = names | 'Wait' >> hand_on
        return (
            names
            # File names only: one writer per partition.
            | 'GroupByPartition' >> beam.GroupByKey()
            | 'Commit' >> beam.Map(_commit, self.run, self.table).with_output_types(int)
        )


def _first(name: tuple[str, StagedRows], _: Any) -> tuple[str, StagedRows]:
    return name


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
