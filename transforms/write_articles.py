"""WriteArticles: articles and their mentions into the lake, each once, and what became of each sighting."""

import collections
import dataclasses
import functools
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Literal, Optional, Union

import apache_beam as beam
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.transforms.window import BoundedWindow

from schemas.articles import Article
from schemas.ledger import LedgerRow
from schemas.settings import RunSettings
from schemas.staging import CommittedText, StagedArticle
from transforms import clock, metrics, processes, staged_memory
from transforms.beam_storage import open_lake
from transforms.bundles import at_end, comes_in_firings, tagged
from transforms.cycles import run_of
from transforms.functions.article_commit import ArticleCommit, commit_articles
from transforms.functions.article_rows import STAGED_SCHEMA, staged_row
from transforms.functions.lake_rows import rows_to_table
from transforms.functions.memory import trim
from transforms.functions.table_commit import stage_table
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders

# Rows held before they are staged. A staged file holds rows of all partitions, so small ones cost little,
# and what is staged outlives a kill: the next run commits it without fetching again.
_ROWS_HELD = 100
# Partitions committed at a time. Two on this machine's files: of each half is Python's own work, so that four
# took a third more CPU, and longer. An object store answers slowly and has work for more.
_COMMITS_AT_ONCE, _COMMITS_AT_ONCE_REMOTE = 2, 8
# Firings of this process: two of them may have the same article.
_one_firing = threading.Lock()


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

    Bounded articles in the global window are committed at their end. Unbounded ones, or such in other
    windows, are committed as their own trigger fires: a firing is a file per partition that it has something
    for, and a late article is a firing of its own. What an earlier firing wrote, in whatever window, is the
    version before or a repeat, as it is with what an earlier run wrote. Articles that are later than the
    allowed lateness are dropped by Beam's grouping; they stay staged, and the next run rolls them forward.
    Where the storage has no locks (object stores), an article that two firings date differently may be in
    two partitions.
    """

    run: RunSettings
    # Of articles that this run has staged already (``FetchPages`` knows them), what staging them gives.
    staged: tuple[PCollection[tuple[str, StagedArticle]], ...] = ()

    def expand(self, articles: Any) -> Any:
        # Each collection is staged where it is made. Flattened first, all articles of a round would be held
        # in memory before the first is staged (100 KB each), and a kill would lose them.
        sources = articles if isinstance(articles, tuple) else (articles,)
        # A cycle of a job is committed in one go, when all of it is there.
        firings = self.run.job is None and any(map(comes_in_firings, sources))
        stage = beam.ParDo(_StageFn(self.run)).with_output_types(tuple[str, StagedArticle])
        staged = [source | f'Stage{n or ""}' >> stage for n, source in enumerate(sources)]
        return (
            [*staged, *self.staged]
            | 'Staged' >> beam.Flatten()
            | 'Group' >> (_GroupByOutlet() if firings else _GroupByPartition())
            | 'Commit' >> beam.ParDo(_CommitFn(self.run, firings)).with_outputs('ledger', 'texts')
        )


class _GroupByPartition(beam.PTransform[Any, Any]):
    """The staged articles of each partition, for one writer."""

    def expand(self, staged: Any) -> Any:
        return (
            staged
            # About 200 bytes per article: an article is one article in whatever partition it was staged for.
            | 'GroupByArticle' >> beam.GroupByKey()
            | 'ChoosePartition'
            >> beam.FlatMap(_choose_partition).with_output_types(tuple[str, StagedArticle])
            # The same again: one writer per partition.
            | 'GroupByPartition' >> beam.GroupByKey()
        )


class _GroupByOutlet(beam.PTransform[Any, Any]):
    """The staged articles of each outlet, for one writer: firings date an article differently at most."""

    def expand(self, staged: Any) -> Any:
        return (
            staged
            | 'KeyByOutlet' >> beam.Map(_key_by_outlet).with_output_types(tuple[str, StagedArticle])
            # About 200 bytes per article, until the trigger fires. One grouping, so that one trigger decides
            # when: Beam would let a second one fire at once for each element of the first.
            | 'GroupByOutlet' >> beam.GroupByKey()
        )


def _key_by_outlet(element: tuple[str, StagedArticle]) -> tuple[str, StagedArticle]:
    return element[1].outlet, element[1]


class _StageFn(beam.DoFn):
    def __init__(self, run: RunSettings) -> None:
        self._run = run
        self._rows: list[tuple[dict[str, Any], BoundedWindow]] = []

    def start_bundle(self) -> None:
        self._rows = []

    def process(self, article: Article, window: Any = beam.DoFn.WindowParam) -> Iterator[Any]:
        self._rows.append((staged_row(article, run_of(self._run, window).run_id), window))
        if len(self._rows) >= _ROWS_HELD:
            yield from self._flush()

    def finish_bundle(self) -> Iterator[Any]:
        yield from self._flush()

    def _flush(self) -> Iterator[Any]:
        held, self._rows = self._rows, []
        by_run: dict[RunSettings, list[tuple[dict[str, Any], BoundedWindow]]] = collections.defaultdict(list)
        for row, window in held:
            by_run[run_of(self._run, window)].append((row, window))
        for run, some in by_run.items():
            yield from self._stage(run, some)

    def _stage(self, run: RunSettings, held: list[tuple[dict[str, Any], BoundedWindow]]) -> Iterator[Any]:
        held.sort(key=_order)  # as the file's name: whatever the order of arrival
        rows = [row for row, _ in held]
        state = processes.lake_state(run)
        identity = [f'{row["sighting_id"]} {row["text_hash"]}' for row in rows]
        table = rows_to_table(rows, STAGED_SCHEMA)
        path = stage_table(open_lake(run.lake), 'articles', run.run_id, table, identity)
        for index, (row, window) in enumerate(held):
            key = row['article_id']
            pinned = state.article_partition(key)
            date, outlet = pinned or (row['staged_date'], row['staged_outlet'])
            one = StagedArticle(key, path, index, date, outlet, row['first_seen_at'], bool(pinned))
            yield at_end((key, one), window)


def _order(held: tuple[dict[str, Any], BoundedWindow]) -> tuple[str, str]:
    return held[0]['sighting_id'], held[0]['text_hash']


def _choose_partition(element: tuple[str, Iterable[StagedArticle]]) -> Iterator[tuple[str, StagedArticle]]:
    """An article's partition is that of its first version: in the lake, else of its earliest sighting."""
    staged = sorted(element[1], key=lambda s: (not s.pinned, s.seen_at, s.path, s.index))
    first = staged[0]
    for one in staged:
        yield f'{first.date}/{first.outlet}', one


class _CommitFn(beam.DoFn):
    """Commits some partitions at a time: most of a commit is waiting for the disk. Firings one at a time."""

    def __init__(self, run: RunSettings, firings: bool) -> None:
        self._run = run
        self._firings = firings
        self._threads: Optional[ThreadPoolExecutor] = None
        self._at_once = 1
        self._commits: collections.deque[tuple[BoundedWindow, Future[list[ArticleCommit]]]] = (
            collections.deque()
        )

    def start_bundle(self) -> None:
        if not self._firings:
            trim()  # what fetching held; commits take as much, in other sizes
            is_local = open_lake(self._run.lake).storage.has_locks
            self._at_once = _COMMITS_AT_ONCE if is_local else _COMMITS_AT_ONCE_REMOTE
        self._threads = ThreadPoolExecutor(self._at_once, 'commit')
        self._commits.clear()

    def process(
        self, element: tuple[str, Iterable[StagedArticle]], window: Any = beam.DoFn.WindowParam
    ) -> Iterator[_Output]:
        assert self._threads is not None
        run = run_of(self._run, window)
        if processes.is_over(run):
            return
        work = self._commit_firing if self._firings else self._commit
        self._commits.append((window, self._threads.submit(work, run, element[0], list(element[1]))))
        while self._commits and (self._commits[0][1].done() or len(self._commits) > 4 * self._at_once):
            yield from self._outputs(*self._commits.popleft())

    def finish_bundle(self) -> Iterator[Any]:
        assert self._threads is not None
        with self._threads:
            while self._commits:
                yield from self._outputs(*self._commits.popleft())
        # Now, not at the round's end: the search for duplicates comes next and takes as much.
        staged_memory.let_go()

    def _commit(self, run: RunSettings, key: str, staged: list[StagedArticle]) -> list[ArticleCommit]:
        return [self._commit_partition(run, key, staged)]

    def _commit_firing(
        self, run: RunSettings, outlet: str, staged: list[StagedArticle]
    ) -> list[ArticleCommit]:
        by_article: dict[str, list[StagedArticle]] = collections.defaultdict(list)
        for one in staged:
            by_article[one.article_id].append(one)
        placed: dict[str, list[StagedArticle]] = collections.defaultdict(list)
        for article in by_article.items():
            for key, one in _choose_partition(article):
                placed[key].append(one)
        # A bundle of another window may have the same outlet.
        with _one_firing:
            return [
                self._commit_partition(run, key, some, run.started_at) for key, some in sorted(placed.items())
            ]

    def _commit_partition(
        self, run: RunSettings, key: str, staged: list[StagedArticle], since: Optional[int] = None
    ) -> ArticleCommit:
        date, _, outlet = key.partition('/')
        lake, moment = processes.lake_of(run), clock.now(run)
        read = functools.partial(staged_memory.staged_rows, run)
        keep = run.revisit_after_s is not None
        return commit_articles(lake, (date, outlet), staged, run.run_id, moment, read, keep, since)

    def _outputs(self, window: BoundedWindow, done: 'Future[list[ArticleCommit]]') -> Iterator[Any]:
        for commit in done.result():
            if commit.written:
                metrics.count(metrics.ARTICLE_FILES)
                metrics.count(metrics.ROWS_COMMITTED, len(commit.written))
            for row in commit.ledger:
                yield at_end(tagged('ledger', row), window)
            for text in commit.written:
                yield at_end(tagged('texts', text), window)
