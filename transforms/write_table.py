"""WriteTable: rows of one of the small tables into the lake, each row id once."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Optional, Union

import apache_beam as beam
from apache_beam.pvalue import AsIter, PCollection
from apache_beam.transforms.window import BoundedWindow

from schemas.feeds import Poll
from schemas.ledger import LedgerRow, LinkRow
from schemas.settings import RunSettings
from schemas.staging import StagedRows
from transforms import processes
from transforms.beam_storage import open_lake
from transforms.bundles import at_end
from transforms.cycles import run_of
from transforms.functions.table_commit import commit_rows, partition_of_row, stage_rows
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders

TableRow = Union[LedgerRow, LinkRow, Poll]

# Rows held before they are staged: as dicts of Python they are about 4 KB each.
_ROWS_HELD = 1000


@dataclasses.dataclass
class WriteTable(beam.PTransform[Any, PCollection[int]]):
    """Stages rows of ``ledger``, ``links`` or ``polls`` and commits each partition by one writer.

    Takes a PCollection of the table's row type, or a tuple of several: rows are staged where they are made,
    so a round never holds them. Gives the number of new rows per partition. Idempotent, like WriteArticles.

    Bounded or unbounded, in any windows. Each firing of the rows' own trigger commits what it has, as a file
    per partition; a row id that an earlier firing wrote, in whatever window, is not written again. Bounded
    rows in the global window come in one firing. Nothing of a window is committed before ``after`` is ready
    for it: all of it when it is bounded, its first firing for that window otherwise, so late rows do not
    wait for late rows.
    """

    run: RunSettings
    table: str
    after: Optional[PCollection[Any]] = None

    def expand(self, rows: Any) -> PCollection[int]:
        sources = rows if isinstance(rows, tuple) else (rows,)
        stage = beam.ParDo(_StageFn(self.run, self.table)).with_output_types(tuple[str, StagedRows])
        staged = [source | f'Stage{n or ""}' >> stage for n, source in enumerate(sources)]
        names = staged | 'Staged' >> beam.Flatten()
        if self.after is not None and (self.run.job or names.windowing.is_default()):
            # A grouping waits for all of what is flattened into it, though nothing of it comes through.
            signal = self.after | 'Signal' >> beam.FlatMap(_nothing).with_output_types(tuple[str, StagedRows])
            names = (names, signal) | 'Wait' >> beam.Flatten()
        elif self.after is not None:  # a side input is complete before it is read
            hand_on = beam.Map(_first, AsIter(self.after)).with_output_types(tuple[str, StagedRows])
            names = names | 'Wait' >> hand_on
        return (
            names
            # File names only: one writer per partition and firing, and those of several firings one after the
            # other under the lake's lease. A window's names are held until its trigger fires.
            | 'GroupByPartition' >> beam.GroupByKey()
            | 'Commit' >> beam.Map(_commit, self.run, self.table).with_output_types(int)
        )


def _nothing(_: Any) -> tuple[tuple[str, StagedRows], ...]:
    return ()


def _first(name: tuple[str, StagedRows], _: Any) -> tuple[str, StagedRows]:
    return name


class _StageFn(beam.DoFn):
    def __init__(self, run: RunSettings, table: str) -> None:
        self._run = run
        self._table = table
        self._rows: dict[tuple[BoundedWindow, tuple[str, ...]], list[dict[str, Any]]] = defaultdict(list)
        self._held = 0

    def start_bundle(self) -> None:
        self._rows.clear()
        self._held = 0

    def process(self, row: TableRow, window: Any = beam.DoFn.WindowParam) -> Iterator[Any]:
        columns = vars(row)
        self._rows[window, partition_of_row(self._table, columns)].append(columns)
        self._held += 1
        if self._held >= _ROWS_HELD:
            yield from self._flush()

    def finish_bundle(self) -> Iterator[Any]:
        yield from self._flush()

    def _flush(self) -> Iterator[Any]:
        lake = open_lake(self._run.lake)
        for (window, partition), rows in self._rows.items():
            path = stage_rows(lake, self._table, run_of(self._run, window).run_id, rows)
            yield at_end(('/'.join(partition), StagedRows(partition, path, len(rows))), window)
        self._rows.clear()
        self._held = 0


def _commit(
    element: tuple[str, Iterable[StagedRows]],
    run: RunSettings,
    table: str,
    window: Any = beam.DoFn.WindowParam,
) -> int:
    key, staged = element
    run = run_of(run, window)
    if processes.is_over(run):
        return 0
    paths = [one.path for one in staged]
    return commit_rows(processes.lake_of(run), table, tuple(key.split('/')), paths, run.run_id)
