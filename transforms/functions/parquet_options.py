"""How all files of the lake are written as Parquet, whether whole or row group by row group."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

# Dictionaries are pyarrow's default: it drops them by itself for columns whose values hardly repeat.
_OPTIONS: dict[str, Any] = {
    'compression': 'zstd',
    'write_statistics': True,
    'write_page_index': True,
    'write_page_checksum': True,  # a flipped bit is noticed by check
}
# Bytes of a column. A compressor takes as long to be set up as to work on several KB, and each leaf of a
# column has one of its own: of ten articles, compressing what is smaller takes a third of the time that
# writing takes and spares a hundredth of the file.
_WORTH_COMPRESSING = 1_000


def options_for(rows: pa.Table) -> dict[str, Any]:
    """For a file that begins with these rows: columns of few bytes are not compressed."""
    worth = [
        leaf
        for field, column in zip(rows.schema, rows.columns, strict=True)
        if column.nbytes > _WORTH_COMPRESSING
        for leaf in _leaves(field.name, field.type)
    ]
    return _OPTIONS | {'compression': dict.fromkeys(worth, _OPTIONS['compression'])}


def _leaves(path: str, kind: pa.DataType) -> Iterator[str]:
    """The paths of a column's leaves in a Parquet file."""
    if pa.types.is_struct(kind):
        for field in kind:
            yield from _leaves(f'{path}.{field.name}', field.type)
    elif pa.types.is_list(kind):
        yield from _leaves(f'{path}.list.element', kind.value_type)
    else:
        yield path
