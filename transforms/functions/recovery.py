"""Rolling an interrupted run forward: what it staged is committed, and gets its ledger rows.

Everything a run has worked out is in its staging folder before it is committed, so nothing is fetched again
for it. All of this may happen twice, or be interrupted itself: commits drop what the lake holds.
"""

from collections import defaultdict
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.staging import StagedArticle
from schemas.tables import TABLES
from transforms.functions.article_commit import commit_articles, read_staged_file
from transforms.functions.article_rows import day_of
from transforms.functions.duplicates import KnownTexts, link_texts
from transforms.functions.lake import Lake, rows_to_table
from transforms.functions.table_commit import DAY_COLUMN, commit_rows, drop_known, partition_of_row

_STAGING = '_staging'


def interrupted_runs(lake: Lake) -> list[str]:
    """The ids of runs that left a staging folder, in order."""
    root = f'{lake.root}/{_STAGING}/'
    return sorted({path[len(root) :].split('/')[0] for path in lake.storage.list_files(root.rstrip('/'))})


def roll_forward(lake: Lake, run_id: str, now: int) -> int:
    """Commits what a dead run staged and removes its staging folder. Returns how many articles came in.

    The order is that of every commit: articles and mentions, links, ledger, polls.
    """
    commits = [
        commit_articles(lake, partition, articles, run_id, now)
        for partition, articles in sorted(_staged_articles(lake, run_id).items())
    ]
    _commit_staged(lake, 'links', run_id)
    # A text that has its link keeps it: another day would give it a second one.
    linked = set(lake.read('links', lake.files('links'), ('row_id',))['row_id'].to_pylist())
    fresh = [text for commit in commits for text in commit.written if text.row_id not in linked]
    if fresh:
        texts = KnownTexts(lake, '')
        found = [link_texts([text], texts.find(text.text_hash), run_id, now) for text in fresh]
        _write_rows(lake, 'links', [vars(link) for links in found for link in links], run_id)
    for commit in commits:
        _write_rows(lake, 'ledger', [vars(row) for row in commit.ledger], run_id)
    for table in ('ledger', 'polls'):
        _commit_staged(lake, table, run_id)
    lake.storage.delete_folder(lake.staging(run_id))
    return sum(len(commit.written) for commit in commits)


def _commit_staged(lake: Lake, table: str, run_id: str) -> None:
    folder = f'{lake.staging(run_id)}/{table}'
    by_partition: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path in lake.storage.list_files(folder):
        if path.endswith('.parquet'):
            by_partition[_partition_of_staged(lake, table, path)].append(path)
    for key, files in sorted(by_partition.items()):
        commit_rows(lake, table, key, files, run_id)


def _staged_articles(lake: Lake, run_id: str) -> dict[tuple[str, str], list[StagedArticle]]:
    """The staged rows by the partition that each article's first version went or goes to."""
    articles: dict[str, list[StagedArticle]] = defaultdict(list)
    columns = ['article_id', 'staged_date', 'staged_outlet', 'first_seen_at']
    for path in lake.storage.list_files(f'{lake.staging(run_id)}/articles'):
        if path.endswith('.parquet'):
            rows = read_staged_file(lake, path).select(columns)
            seen = rows['first_seen_at'].cast(pa.int64()).to_pylist()
            for index, row in enumerate(rows.drop_columns(['first_seen_at']).to_pylist()):
                place = (row['staged_date'], row['staged_outlet'])
                one = StagedArticle(row['article_id'], path, index, *place, seen[index], False)
                articles[one.article_id].append(one)
    if not articles:
        return {}
    known = _known_partitions(lake, set(articles))
    placed: dict[tuple[str, str], list[StagedArticle]] = defaultdict(list)
    for article_id, staged in articles.items():
        first = min(staged, key=lambda one: (one.seen_at, one.path, one.index))
        placed[known.get(article_id, (first.date, first.outlet))] += staged
    return placed


def _known_partitions(lake: Lake, article_ids: set[str]) -> dict[str, tuple[str, str]]:
    """Where articles are, from the articles themselves: a dead run may have left them without ledger rows."""
    known: dict[str, tuple[str, str]] = {}
    for path in lake.files('articles'):
        date, outlet = lake.partition_of('articles', path)
        for article_id in lake.read('articles', [path], ('article_id',))['article_id'].to_pylist():
            if article_id in article_ids:
                known[article_id] = (date, outlet)
    return known


def _write_rows(lake: Lake, table: str, rows: list[dict[str, Any]], run_id: str) -> None:
    by_partition: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_partition[partition_of_row(table, row)].append(row)
    for partition, some in sorted(by_partition.items()):
        fresh = drop_known(lake, table, partition, rows_to_table(some, TABLES[table].schema))
        if fresh.num_rows:
            lake.publish(table, partition, fresh, run_id)


def _partition_of_staged(lake: Lake, table: str, path: str) -> tuple[str, ...]:
    column = DAY_COLUMN[table]
    with lake.storage.open(path) as source, pq.ParquetFile(source) as file:
        first = file.read(columns=[column])[column].cast(pa.int64())[0].as_py()
    return (day_of(first),)
