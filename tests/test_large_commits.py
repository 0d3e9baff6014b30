"""Commits of more rows than are held at once: in parts, that come out the same however rows were staged."""

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from schemas.ids import hash_id
from schemas.vocabulary import Disposition
from tests.made_lakes import decided
from tests.made_rows import sighting
from transforms.beam_storage import open_lake
from transforms.functions import table_commit
from transforms.functions.lake import Lake
from transforms.functions.table_commit import commit_rows, partition_of_row, stage_rows

RUN = 'run-1'


def ledger_rows(count: int, **more: Any) -> list[dict[str, Any]]:
    rows = []
    for number in range(count):
        seen = sighting(f'item-{number}', sighting_id=hash_id(str(number)))
        rows.append(vars(decided(seen, Disposition.DEFERRED, **more)))
    return rows


def staged(lake: Lake, rows: list[dict[str, Any]], files: int) -> list[str]:
    return [stage_rows(lake, 'ledger', RUN, rows[n::files]) for n in range(files)]


def files_of(lake: Lake) -> dict[str, bytes]:
    return {path.removeprefix(lake.root): Path(path).read_bytes() for path in lake.files('ledger')}


def test_a_large_commit_is_the_same_however_its_rows_were_staged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_commit, 'ROWS_AT_ONCE', 100)
    rows = ledger_rows(450)
    day = partition_of_row('ledger', rows[0])
    one, other = open_lake(str(tmp_path / 'one')), open_lake(str(tmp_path / 'other'))
    assert commit_rows(one, 'ledger', day, staged(one, rows, 7), RUN) == 450
    random.Random(1).shuffle(rows)
    assert commit_rows(other, 'ledger', day, staged(other, rows, 3), RUN) == 450
    assert len(files_of(one)) == 5
    assert files_of(one) == files_of(other)
    table = one.read('ledger', one.files('ledger'))
    assert sorted(table['sighting_id'].to_pylist()) == sorted(row['sighting_id'] for row in rows)


def test_a_large_commit_that_happens_twice_leaves_one_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = open_lake(str(tmp_path / 'lake'))
    rows = ledger_rows(250)
    day = partition_of_row('ledger', rows[0])
    paths = staged(lake, rows, 4)
    monkeypatch.setattr(table_commit, 'ROWS_AT_ONCE', 60)
    assert commit_rows(lake, 'ledger', day, paths[:2], RUN) == 126  # killed here, say
    assert commit_rows(lake, 'ledger', day, paths, RUN) == 124
    assert commit_rows(lake, 'ledger', day, paths, RUN) == 0
    assert lake.read('ledger', lake.files('ledger')).num_rows == 250


def test_attempts_of_one_sighting_are_committed_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_commit, 'ROWS_AT_ONCE', 10)
    lake = open_lake(str(tmp_path / 'lake'))
    rows = [row | {'attempt': attempt} for row in ledger_rows(8) for attempt in range(5)]
    day = partition_of_row('ledger', rows[0])
    assert commit_rows(lake, 'ledger', day, staged(lake, rows, 3), RUN) == 40
    for path in lake.files('ledger'):
        ids = lake.read('ledger', [path])['sighting_id'].to_pylist()
        assert all(ids.count(one) == 5 for one in ids)


def test_arrow_holds_no_more_for_many_rows_than_for_some(tmp_path: Path) -> None:
    peaks = []
    usual = pa.default_memory_pool()
    for count in (8_000, 32_000):
        lake = open_lake(str(tmp_path / str(count)))
        rows = ledger_rows(count, detail='x' * 400)
        day = partition_of_row('ledger', rows[0])
        paths = staged(lake, rows, count // 1_000)
        pool = pa.proxy_memory_pool(usual)
        pa.set_memory_pool(pool)
        try:
            assert commit_rows(lake, 'ledger', day, paths, RUN) == count
        finally:
            pa.set_memory_pool(usual)
        peaks.append(pool.max_memory())
    assert peaks[1] < 1.4 * peaks[0], peaks
