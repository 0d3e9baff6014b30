"""How all files of the lake are written as Parquet, whether whole or row group by row group."""

from typing import Any

# Dictionaries are pyarrow's default: it drops them by itself for columns whose values hardly repeat.
WRITER_OPTIONS: dict[str, Any] = {
    'compression': 'zstd',
    'write_statistics': True,
    'write_page_index': True,
    'write_page_checksum': True,  # a flipped bit is noticed by check
}
