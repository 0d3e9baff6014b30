"""The documentation of the tables, the Parquet metadata and the code are one."""

import dataclasses
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.articles import Caption
from schemas.feeds import Poll
from schemas.ledger import LedgerRow, LinkRow
from schemas.tables import TABLES, VOCABULARIES, describe_tables
from schemas.vocabulary import REASON_MEANINGS, Reason
from tests.made_lakes import commit
from tests.made_rows import article
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import row_ids, write_parquet
from transforms.functions.storage import LocalStorage

DOCS = Path(__file__).parent.parent / 'docs'


def test_the_documentation_is_what_the_code_says():
    assert (DOCS / 'tables.md').read_text(encoding='utf-8') == describe_tables(), 'run: make docs'


@pytest.mark.parametrize('table', TABLES.values(), ids=lambda table: table.name)
def test_every_column_has_one_sentence_of_meaning(table):
    for column in table.columns:
        assert column.meaning.endswith('.') and len(column.meaning) > 10, column.name
    assert len({column.name for column in table.columns}) == len(table.columns)
    assert set(table.row_id) <= {column.name for column in table.columns}


@pytest.mark.parametrize('row, table', [(LedgerRow, 'ledger'), (LinkRow, 'links'), (Poll, 'polls')])
def test_row_types_and_tables_have_the_same_columns(row, table):
    assert {field.name for field in dataclasses.fields(row)} == {c.name for c in TABLES[table].columns}


def test_files_carry_the_meaning_of_their_columns_and_the_schema_version(tmp_path):
    lake = Lake(str(tmp_path), LocalStorage())
    commit(lake, article())
    (path,) = lake.files('articles')
    schema = pq.read_schema(path)
    assert schema.names == [column.name for column in TABLES['articles'].columns]
    for column in TABLES['articles'].columns:
        field = schema.field(column.name)
        assert field.metadata[b'description'].decode() == column.meaning
        assert field.type == column.type and field.nullable == column.nullable
    assert schema.metadata[b'dateline.schema']
    assert {'date', 'outlet'}.isdisjoint(schema.names)


def leaves(path):
    """The columns of a file's first row group, by their paths."""
    with pq.ParquetFile(path) as file:
        group = file.metadata.row_group(0)
        columns = [group.column(n) for n in range(group.num_columns)]
    return {column.path_in_schema: column for column in columns}


def test_files_have_statistics_and_page_indexes_and_columns_of_a_kilobyte_are_compressed(tmp_path):
    lake = Lake(str(tmp_path), LocalStorage())
    captions = tuple(Caption(f'The dam in year {year}', 0) for year in range(100))
    commit(lake, article('The dam held. ' * 100, captions=captions))
    found = leaves(lake.files('articles')[0])
    compressed = {path for path, column in found.items() if column.compression == 'ZSTD'}
    assert compressed == {'body', 'captions.list.element.text', 'captions.list.element.offset'}
    for column in found.values():
        assert column.compression in ('ZSTD', 'UNCOMPRESSED') and column.is_stats_set
        assert column.has_offset_index and column.has_column_index


@pytest.mark.parametrize('table', TABLES.values(), ids=lambda table: table.name)
def test_all_leaves_of_a_large_column_are_compressed(table, tmp_path):
    def value(kind, number):
        if pa.types.is_struct(kind):
            return {field.name: value(field.type, number) for field in kind}
        if pa.types.is_list(kind):
            return [value(kind.value_type, number + n) for n in range(3)]
        if pa.types.is_boolean(kind):
            return number % 3 == 0
        if pa.types.is_binary(kind):
            return f'value {number}'.encode()
        return f'value {number}' if pa.types.is_string(kind) else number % 100

    arrays = [pa.array([value(kind, n) for n in range(10_000)], kind) for kind in table.schema.types]
    with open(tmp_path / 'rows.parquet', 'wb') as file:
        write_parquet(file, pa.Table.from_arrays(arrays, schema=table.schema))
    assert {column.compression for column in leaves(tmp_path / 'rows.parquet').values()} == {'ZSTD'}


def test_what_identifies_a_row_is_a_string_whatever_a_foreign_file_has():
    ledger = pa.table({'sighting_id': ['a', None], 'attempt': pa.array([1, 12], pa.int16())})
    assert row_ids(TABLES['ledger'], ledger) == ['a\t1', 'None\t12']
    assert row_ids(TABLES['polls'], pa.table({'poll_id': pa.array(['p', None])})) == ['p', 'None']


def test_each_vocabulary_is_documented():
    text = (DOCS / 'tables.md').read_text(encoding='utf-8')
    for values in VOCABULARIES.values():
        assert all(f'`{value}`' in text for value in values)


def test_each_reason_has_a_meaning():
    assert set(REASON_MEANINGS) == set(Reason)
