"""The writers that ``benchmarks.sink`` compares: each writes rows that it is given into a folder."""

import dataclasses
import os
from collections import defaultdict
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import pandas
import pyarrow as pa
import pyarrow.dataset as ds

from schemas.articles import Article
from schemas.settings import RunSettings
from schemas.staging import StagedArticle
from schemas.tables import TABLES
from transforms.functions.article_commit import commit_articles
from transforms.functions.article_rows import STAGED_SCHEMA
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import rows_to_table
from transforms.functions.staged_articles import staged_file
from transforms.functions.storage import LocalStorage
from transforms.functions.table_commit import stage_table

START = 1_741_003_200_000_000  # 2025-03-03T12:00:00Z
DAY = 86_400_000_000
_ROWS_STAGED = 100  # in one file, as the pipeline holds them
_FILES_REMEMBERED = 24  # staged ones, as the pipeline remembers them


def _commit(lake: Lake, staged: list[dict[str, Any]]) -> None:
    """Stages rows and commits their partitions, as transforms/write_articles.py does."""
    by_partition: dict[tuple[str, str], list[StagedArticle]] = defaultdict(list)
    for start in range(0, len(staged), _ROWS_STAGED):
        rows = staged[start : start + _ROWS_STAGED]
        identity = [f'{row["sighting_id"]} {row["text_hash"]}' for row in rows]
        path = stage_table(lake, 'articles', 'bench', rows_to_table(rows, STAGED_SCHEMA), identity)
        for index, row in enumerate(rows):
            place = (row['staged_date'], row['staged_outlet'])
            ref = StagedArticle(row['article_id'], path, index, *place, row['first_seen_at'], False)
            by_partition[place].append(ref)
    read = lru_cache(_FILES_REMEMBERED)(partial(staged_file, lake))
    for partition, refs in sorted(by_partition.items()):
        commit_articles(lake, partition, refs, 'bench', START + DAY, read)


def _with_pandas(rows: list[dict[str, Any]], root: str, _: int) -> None:
    table = pandas.DataFrame(rows)
    # pandas guesses no types of nested columns: it is given ours.
    table.to_parquet(
        f'{root}/articles',
        partition_cols=['date', 'outlet'],
        compression='zstd',
        index=False,
        schema=whole(),
    )


def _with_pyarrow(rows: list[dict[str, Any]], root: str, _: int) -> None:
    schema = pa.schema([('date', pa.string()), ('outlet', pa.string())])
    ds.write_dataset(
        pa.Table.from_pylist(rows, schema=whole()),
        f'{root}/articles',
        format='parquet',
        partitioning=ds.partitioning(schema, flavor='hive'),
        file_options=ds.ParquetFileFormat().make_write_options(compression='zstd'),
    )


def with_functions(staged: list[dict[str, Any]], root: str, round_urls: int) -> None:
    """Staged rows into the lake at ``root``, a commit a round, by the functions behind the transform."""
    for start in range(0, len(staged), round_urls):
        _commit(Lake(root, LocalStorage()), staged[start : start + round_urls])


def _unflushed(staged: list[dict[str, Any]], root: str, round_urls: int) -> None:
    os.fsync = lambda _: None  # type: ignore[assignment]  # this process does nothing else
    with_functions(staged, root, round_urls)


def _with_beam(articles: list[Article], root: str, round_urls: int) -> None:
    import apache_beam as beam

    from transforms.write_articles import WriteArticles

    run = RunSettings(lake=root, run_id='bench', started_at=START + DAY)
    for start in range(0, len(articles), round_urls):
        _in_this_process[:] = articles[start : start + round_urls]
        now = dataclasses.replace(run, round=start // round_urls)
        with beam.Pipeline('FnApiRunner') as pipeline:
            given = pipeline | beam.Create([None]) | beam.FlatMap(_hand_out).with_output_types(Article)
            given | WriteArticles(now)


# The runner works in this process too: so the articles are not made a part of the graph, which is pickled.
_in_this_process: list[Article] = []


def _hand_out(_: None) -> list[Article]:
    return _in_this_process


WRITES: dict[str, tuple[str, Callable[[Any, str, int], None]]] = {
    'pandas': ('rows', _with_pandas),
    'pyarrow': ('rows', _with_pyarrow),
    'functions': ('staged', with_functions),
    'again': ('staged', with_functions),
    'unflushed': ('staged', _unflushed),
    'beam': ('articles', _with_beam),
}


def whole() -> pa.Schema:
    """The columns of an article, with those of its partition."""
    schema = TABLES['articles'].schema
    return schema.append(pa.field('date', pa.string())).append(pa.field('outlet', pa.string()))
