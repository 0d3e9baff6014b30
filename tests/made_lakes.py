"""Lakes for tests, written by the functions that the pipeline writes with."""

from typing import Any

from schemas.articles import Article
from schemas.feeds import Poll, Sighting
from schemas.ledger import LedgerRow
from schemas.staging import StagedArticle
from schemas.vocabulary import Disposition
from tests.made_rows import NOON
from transforms.functions.article_commit import ArticleCommit, commit_articles
from transforms.functions.article_rows import STAGED_SCHEMA, staged_row
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import rows_to_table
from transforms.functions.ledger_rows import item_row
from transforms.functions.table_commit import commit_rows, partition_of_row, stage_rows, stage_table

PLACE = ('2025-03-03', 'news')


def stage_articles(lake: Lake, *articles: Article, run_id: str = 'run-1') -> list[StagedArticle]:
    """Stages articles as the pipeline does."""
    rows = [staged_row(one, run_id) for one in articles]
    identity = [f'{row["sighting_id"]}{row["text_hash"]}' for row in rows]
    path = stage_table(lake, 'articles', run_id, rows_to_table(rows, STAGED_SCHEMA), identity)
    return [
        StagedArticle(row['article_id'], path, n, *PLACE, row['first_seen_at'], False)
        for n, row in enumerate(rows)
    ]


def commit(lake: Lake, *articles: Article, run_id: str = 'run-1') -> ArticleCommit:
    """Stages and commits articles to one partition."""
    return commit_articles(lake, PLACE, stage_articles(lake, *articles, run_id=run_id), run_id, NOON + 5)


def finish(lake: Lake, run_id: str = 'run-1', recorded: bool = True) -> None:
    """What a run does last: its staging folder goes, its record comes."""
    lake.storage.delete_folder(lake.staging(run_id))
    if recorded:
        with lake.storage.create(f'{lake.root}/_runs/{run_id}.json') as file:
            file.write(b'{}')


def write(lake: Lake, table: str, *rows: Any, run_id: str = 'run-1') -> None:
    """Stages and commits rows of a small table, each to its partition."""
    for row in rows:
        columns = vars(row)
        path = stage_rows(lake, table, run_id, [columns])
        commit_rows(lake, table, partition_of_row(table, columns), [path], run_id)


def decided(seen: Sighting, disposition: Disposition, run_id: str = 'run-1', **more: Any) -> LedgerRow:
    """A ledger row of a sighting."""
    return item_row(seen, disposition, run_id=run_id, decided_at=NOON + 9, **more)


def poll(shown: int, unchanged: int = 0, poll_id: str = 'poll-1', **fields: Any) -> Poll:
    """A poll of the feed that made_rows.sighting names."""
    columns: dict[str, Any] = {
        'poll_id': poll_id,
        'feed_url': 'http://news.example/rss',
        'feed_title': 'News',
        'feed_labels': (),
        'scheduled_at': NOON,
        'polled_at': NOON,
        'status': 'ok',
        'reason': None,
        'http_status': 200,
        'moved_to': None,
        'format': 'rss20',
        'fault': None,
        'items_shown': shown,
        'items_unchanged': unchanged,
        'item_keys': (1, 2),
        'item_fingerprints': (3, 4),
        'etag': '"a"',
        'last_modified': None,
        'interval_s': 900,
        'next_due_at': NOON,
        'scrolled_off': False,
        'bytes': 10,
        'run_id': 'run-1',
    }
    return Poll(**(columns | fields))
