"""WriteArticles: articles and their mentions into the lake, each once, and what became of each sighting."""

import collections
import dataclasses
import functools
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Literal, Optional, Union

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput

from schemas.articles import Article
from schemas.ledger import LedgerRow
from schemas.settings import RunSettings
from schemas.staging import CommittedText, StagedArticle
from transforms import clock, metrics, processes
from transforms.beam_storage import open_lake
from transforms.bundles import at_end, tagged
from transforms.functions.article_commit import ArticleCommit, commit_articles
from transforms.functions.article_rows import STAGED_SCHEMA, staged_row
from transforms.functions.lake import rows_to_table
from transforms.functions.table_commit import stage_table
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders

# Rows held before they are staged. A staged file holds rows of all partitions, so small ones cost little,
# and what is staged outlives a kill: the next run commits it without fetching again.
_ROWS_HELD = 100
# Partitions committed at a time; with 4, two cores and a disk are busy.
_COMMITS_AT_ONCE = 4


_Output = Union[
    TaggedOutput[Literal['ledger'], LedgerRow],
    TaggedOutput[Literal['texts'], CommittedText],
]


@dataclasses.dataclass
class WriteArticles(beam.PTransform[Any, Any]):
    """Stages articles, shuffles their names and ids only, and commits each partition by one writer.

    Takes a PCollection of Article, or a tuple of several: they are staged where they are made.
    Gives ``ledger`` (LedgerRow of every sighting that led to an article) and ``texts`` (CommittedText of
    every version written). Idempotent: rows whose ids are in the lake are not written again, so a bundle, a
    job or a run that happens twice leaves one result.
    """

    run: RunSettings

    def expand(self, articles: Any) -> Any:
        commit = beam.ParDo(_CommitFn(self.run))
        # Each collection is staged where it is made. Flattened first, all articles of a round would be held
        # in memory before the first is staged (100 KB each), and a kill would lose them.
        sources = articles if isinstance(articles, tuple) else (articles,)
        stage = beam.ParDo(_StageFn(self.run)).with_output_types(tuple[str, StagedArticle])
        staged = [source | f'Stage{n or ""}' >> stage for n, source in enumerate(sources)]
        return (
            staged
            | 'Staged' >> beam.Flatten()
            # About 200 bytes per article: an article is one article in whatever partition it was staged for.
            | 'GroupByArticle' >> beam.GroupByKey()
            | 'ChoosePartition'
            >> beam.FlatMap(_choose_partition).with_output_types(tuple[str, StagedArticle])
            # The same again: one writer per partition.
            | 'GroupByPartition' >> beam.GroupByKey()
            | 'Commit' >> commit.with_outputs('ledger', 'texts')
        )


class _StageFn(beam.DoFn):
    def __init__(self, run: RunSettings) -> None:
        self._run = run
        self._rows: list[dict[str, Any]] = []

    def start_bundle(self) -> None:
        self._rows = []

    def process(self, article: Article) -> Iterator[tuple[str, StagedArticle]]:
        self._rows.append(staged_row(article, self._run.run_id))
        if len(self._rows) >= _ROWS_HELD:
            yield from self._flush()

    def finish_bundle(self) -> Iterator[Any]:
        for element in self._flush():
            yield at_end(element)

    def _flush(self) -> Iterator[tuple[str, StagedArticle]]:
        rows, self._rows = self._rows, []
        if not rows:
            return
        rows.sort(key=lambda row: (row['sighting_id'], row['text_hash']))  # as the file's name: order-free
        state = processes.lake_state(self._run)
        identity = [f'{row["sighting_id"]} {row["text_hash"]}' for row in rows]
        table = rows_to_table(rows, STAGED_SCHEMA)
        path = stage_table(open_lake(self._run.lake), 'articles', self._run.run_id, table, identity)
        for index, row in enumerate(rows):
            key = row['article_id']
            pinned = state.article_partition(key)
            date, outlet = pinned or (row['staged_date'], row['staged_outlet'])
            yield key, StagedArticle(key, path, index, date, outlet, row['first_seen_at'], bool(pinned))


def _choose_partition(element: tuple[str, Iterable[StagedArticle]]) -> Iterator[tuple[str, StagedArticle]]:
    """An article's partition is that of its first version: in the lake, else of its earliest sighting."""
    staged = sorted(element[1], key=lambda s: (not s.pinned, s.seen_at, s.path, s.index))
    first = staged[0]
    for one in staged:
        yield f'{first.date}/{first.outlet}', one


class _CommitFn(beam.DoFn):
    """Commits some partitions at a time: most of a commit is waiting for the disk."""

    def __init__(self, run: RunSettings) -> None:
        self._run = run
        self._threads: Optional[ThreadPoolExecutor] = None
        self._commits: collections.deque[Future[ArticleCommit]] = collections.deque()

    def start_bundle(self) -> None:
        self._threads = ThreadPoolExecutor(_COMMITS_AT_ONCE, 'commit')
        self._commits.clear()

    def process(self, element: tuple[str, Iterable[StagedArticle]]) -> Iterator[_Output]:
        assert self._threads is not None
        self._commits.append(self._threads.submit(self._commit, element[0], list(element[1])))
        while self._commits[0].done() or len(self._commits) > 4 * _COMMITS_AT_ONCE:
            yield from self._outputs(self._commits.popleft().result())
            if not self._commits:
                break

    def finish_bundle(self) -> Iterator[Any]:
        assert self._threads is not None
        with self._threads:
            for commit in self._commits:
                for output in self._outputs(commit.result()):
                    yield at_end(output)

    def _commit(self, key: str, staged: list[StagedArticle]) -> ArticleCommit:
        date, _, outlet = key.partition('/')
        lake, moment = open_lake(self._run.lake), clock.now(self._run)
        read = functools.partial(processes.staged_rows, self._run)
        keep = self._run.revisit_after_s is not None
        return commit_articles(lake, (date, outlet), staged, self._run.run_id, moment, read, keep)

    def _outputs(self, commit: ArticleCommit) -> Iterator[_Output]:
        if commit.written:
            metrics.count(metrics.ARTICLE_FILES)
            metrics.count(metrics.ROWS_COMMITTED, len(commit.written))
        for row in commit.ledger:
            yield tagged('ledger', row)
        for text in commit.written:
            yield tagged('texts', text)
