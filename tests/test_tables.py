"""The documentation of the tables, the Parquet metadata and the code are one."""

import dataclasses
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from schemas.feeds import Poll
from schemas.ledger import LedgerRow, LinkRow
from schemas.tables import TABLES, VOCABULARIES, describe_tables
from schemas.vocabulary import REASON_MEANINGS, Reason
from tests.made_lakes import commit
from tests.made_rows import article
from transforms.functions.lake import Lake
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


def test_files_are_compressed_with_statistics_and_page_indexes(tmp_path):
    lake = Lake(str(tmp_path), LocalStorage())
    commit(lake, article())
    with pq.ParquetFile(lake.files('articles')[0]) as file:
        column = file.metadata.row_group(0).column(0)
        assert column.compression == 'ZSTD' and column.is_stats_set
        assert column.has_offset_index and column.has_column_index


def test_each_vocabulary_is_documented():
    text = (DOCS / 'tables.md').read_text(encoding='utf-8')
    for values in VOCABULARIES.values():
        assert all(f'`{value}`' in text for value in values)


def test_each_reason_has_a_meaning():
    assert set(REASON_MEANINGS) == set(Reason)
