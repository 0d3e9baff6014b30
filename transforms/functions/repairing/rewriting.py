"""Replacing the rows of a partition in one step, and a lake whose own files nobody takes for a dead run's."""

from collections.abc import Callable
from typing import Optional

import pyarrow as pa

from schemas.ids import hash_id
from schemas.tables import TABLES
from transforms.functions import lease
from transforms.functions.exchange import ExchangeUnsupported
from transforms.functions.lake import Lake, Partition
from transforms.functions.lake_rows import fitted, row_ids, write_parquet


class WorkLake(Lake):
    """A lake whose commits are prepared in ``_work/``: staging folders are rolled forward, these are not."""

    def staging(self, run_id: str) -> str:
        """The folder of a command's files that no reader sees."""
        return f'{self.root}/_work/{run_id}'


def rewrite(
    lake: Lake,
    table: str,
    partition: Partition,
    change: Callable[[pa.Table], Optional[pa.Table]],
    run_id: str,
) -> bool:
    """Replaces a partition's rows by what ``change`` makes of them; None leaves them. Says whether it did.

    Within the lease and in one step, so that no reader sees a row twice or misses one; where folders cannot
    be exchanged (object stores) the new file comes first, and a reader may see rows twice for a moment.
    Killed at any time, it leaves the rows of before or those of after.
    """

    def work() -> bool:
        paths = lake.files(table, partition)
        rows = change(lake.read(table, paths))
        if rows is None:
            return False
        final = _name(lake, table, partition, rows)
        if not rows.num_rows:
            _delete(lake, paths)
            return True
        folder = f'{lake.staging(run_id)}/exchange-{hash_id(table, *partition)}'
        lake.storage.delete_folder(folder)
        with lake.storage.create(f'{folder}/{final.rpartition("/")[2]}') as file:
            write_parquet(file, fitted(rows, TABLES[table].schema))
        beside = set(lake.storage.list_files(lake.folder(table, partition))) - set(paths)
        try:
            if beside:  # somebody's own files stay where they are
                raise ExchangeUnsupported
            lake.exchange(table, partition, folder)
        except ExchangeUnsupported:
            with lease.fence(lake.root, lake.storage):
                lake.storage.publish(f'{folder}/{final.rpartition("/")[2]}', final)
            _delete(lake, [path for path in paths if path != final])
        lake.storage.delete_folder(folder)
        return True

    return lake.commit(work, alone=True)


def _name(lake: Lake, table: str, partition: Partition, rows: pa.Table) -> str:
    """Where ``Lake.publish`` would put these rows."""
    name = hash_id(*sorted(row_ids(TABLES[table], rows)))[:20]
    return f'{lake.folder(table, partition)}/{name}.parquet'


def _delete(lake: Lake, paths: list[str]) -> None:
    with lease.fence(lake.root, lake.storage):
        for path in paths:
            lake.storage.delete_file(path)
