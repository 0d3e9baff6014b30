"""A reader that never stops: it reads a lake while runs write to it and die, and says what it should not see.

    python -m tests.crash_reader LAKE [--compacting]

Reads all tables in turn until its standard input ends, then prints one line of JSON: ``readings`` of a table,
``restarts`` and ``faults``. Only with ``--compacting`` may a file be gone between being listed and opened.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any, Optional

import pandas
import pyarrow as pa
import pyarrow.dataset as ds

from schemas.tables import TABLES

# The reverse of the order of commits: what is read first refers only to what is read after it.
ORDER = ('polls', 'ledger', 'links', 'mentions', 'articles')
_FAULTS = 50


class Reader:
    """Reads the tables again and again, and remembers the row ids that it has seen."""

    def __init__(self, lake: str, compacting: bool = False) -> None:
        self._lake = lake
        self._compacting = compacting
        self._seen: dict[str, set[tuple[Any, ...]]] = {name: set() for name in ORDER}
        self._turn = 0
        self.readings = 0
        self.restarts = 0
        self.faults: list[str] = []

    def look(self) -> None:
        """Reads each table once."""
        self._turn += 1
        tables: dict[str, pandas.DataFrame] = {}
        for name in ORDER:
            try:
                tables[name] = self._read(name)
            except FileNotFoundError as error:
                if not self._compacting:
                    self._fault(f'{name}: a file that was listed is not there: {error}')
                self.restarts += 1
                return
            except (OSError, ValueError, pa.ArrowException) as error:
                self._fault(f'{name}: cannot be read: {error}')
                return
            self._judge(name, tables[name])
        self._judge_together(tables)

    def _read(self, name: str) -> pandas.DataFrame:
        """The table, whole: by pandas one time, by pyarrow the next. Without rows when there is none yet."""
        folder = f'{self._lake}/{name}'
        schema = TABLES[name].schema
        if not os.path.isdir(folder):
            return schema.empty_table().to_pandas()
        self.readings += 1
        if self._turn % 2:
            table = pandas.read_parquet(folder)
        else:
            table = ds.dataset(folder, format='parquet', partitioning='hive').to_table().to_pandas()
        # A folder may be there before its first file.
        return table if len(table.columns) else schema.empty_table().to_pandas()

    def _judge(self, name: str, table: pandas.DataFrame) -> None:
        ids = list(zip(*(table[column] for column in TABLES[name].row_id), strict=True))
        distinct = set(ids)
        if len(distinct) < len(ids):
            self._fault(f'{name}: {len(ids) - len(distinct)} row ids are there twice')
        if gone := self._seen[name] - distinct:
            self._fault(f'{name}: {len(gone)} rows that were there are gone, such as {sorted(gone)[0]}')
        self._seen[name] = distinct
        if lacking := set(TABLES[name].schema.names) - set(table.columns):
            self._fault(f'{name}: lacks the columns {sorted(lacking)}')

    def _judge_together(self, tables: dict[str, pandas.DataFrame]) -> None:
        """What the order of commits promises a reader: nothing refers to rows that are not there."""
        ledger, polls = tables['ledger'], tables['polls']
        written = ledger[ledger['disposition'].isin(['written', 'updated'])]
        there = set(tables['articles']['row_id'])
        for name, rows in (('ledger', written), ('links', tables['links']), ('mentions', tables['mentions'])):
            if lost := set(rows['row_id']) - there:
                self._fault(f'{name}: names {len(lost)} articles that are not there')
        sighted = ledger[ledger['subject'] == 'item'].groupby('poll_id')['sighting_id'].nunique().to_dict()
        counts = zip(polls['poll_id'], polls['items_shown'], polls['items_unchanged'], strict=True)
        if off := [poll for poll, shown, unchanged in counts if shown != unchanged + sighted.get(poll, 0)]:
            self._fault(f'polls: {len(off)} are there before all their ledger rows, such as {off[0]}')

    def _fault(self, sentence: str) -> None:
        if sentence not in self.faults and len(self.faults) < _FAULTS:
            self.faults.append(sentence)


def _wait_for_end(over: threading.Event) -> None:
    sys.stdin.read()
    over.set()


def main(argv: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(description='Read a lake over and over until standard input ends.')
    parser.add_argument('lake')
    parser.add_argument('--compacting', action='store_true', help='a file may be gone once it is opened')
    args = parser.parse_args(argv)
    over = threading.Event()
    threading.Thread(target=_wait_for_end, args=(over,), daemon=True).start()
    reader = Reader(args.lake, args.compacting)
    pause_s = 0.0
    while not over.wait(pause_s):
        began = time.perf_counter()
        reader.look()
        pause_s = time.perf_counter() - began  # half of one core is for the runs
    reader.look()
    print(json.dumps({'readings': reader.readings, 'restarts': reader.restarts, 'faults': reader.faults}))
    return 1 if reader.faults else 0


if __name__ == '__main__':
    sys.exit(main())
