"""The seal of a Parquet file: it covers every byte, and no reader minds it."""

import io
import random

import duckdb
import pandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from transforms.functions import file_seal
from transforms.functions.file_seal import SealingFile, is_broken

ROWS = pa.table({'word': [f'word {n % 7}' for n in range(500)], 'number': list(range(500))})


def sealed(rows=ROWS, **options):
    target = io.BytesIO()
    file = SealingFile(target)
    pq.write_table(rows, file, row_group_size=100, write_page_index=True, **options)
    file.seal()
    return target.getvalue()


def plain():
    target = io.BytesIO()
    pq.write_table(ROWS, target)
    return target.getvalue()


def test_readers_see_the_same_rows(tmp_path):
    path = str(tmp_path / 'sealed.parquet')
    with open(path, 'wb') as file:
        file.write(sealed())
    assert pq.read_table(path).equals(ROWS)
    assert pandas.read_parquet(path, filters=[('number', '>', 490)])['number'].tolist() == list(
        range(491, 500)
    )
    assert duckdb.sql(f"select count(*) from '{path}' where number > 490").fetchall() == [(9,)]


def test_each_flipped_bit_breaks_the_seal():
    data = sealed()
    assert not is_broken(io.BytesIO(data))
    rng = random.Random(4)
    end = len(data) - 8  # what names the end: without it nothing is read at all
    for at in {*range(end - 40, end), *(rng.randrange(end) for _ in range(500))}:
        bad = bytearray(data)
        bad[at] ^= 1 << rng.randrange(8)
        assert is_broken(io.BytesIO(bad)), at


def test_a_file_without_a_seal_is_not_broken():
    assert not is_broken(io.BytesIO(plain()))
    assert not is_broken(io.BytesIO(b''))
    assert not is_broken(io.BytesIO(b'PAR1 and more'))


def test_a_large_file_goes_on_while_it_is_written(monkeypatch):
    whole = sealed()
    monkeypatch.setattr(file_seal, '_HELD', 3_000)
    assert sealed() == whole


def test_what_is_no_parquet_is_refused():
    file = SealingFile(io.BytesIO())
    file.write(b'words')
    with pytest.raises(ValueError, match='does not end with a footer'):
        file.seal()
