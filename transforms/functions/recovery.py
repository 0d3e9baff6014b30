"""Rolling an interrupted run forward: what it staged is committed, and gets its ledger rows.

Everything a run has worked out is in its staging folder before it is committed, so nothing is fetched again
for it. All of this may happen twice, or be interrupted itself: commits drop what the lake holds.
"""

import functools
import json
from collections import defaultdict

import pyarrow as pa
import pyarrow.compute as pc

from schemas.settings import RunSettings
from schemas.staging import CommittedText, StagedArticle
from schemas.tables import TABLES
from schemas.vocabulary import Subject
from transforms.functions.article_commit import commit_articles
from transforms.functions.article_rows import day_of, moment_text
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import plain_rows
from transforms.functions.outlets import load_outlets
from transforms.functions.sameness.duplicates import KnownTexts, find_links
from transforms.functions.staged_articles import staged_file, staged_rows
from transforms.functions.table_commit import DAY_COLUMN, add_row_objects, add_rows, commit_rows, read_staged

_STAGING = '_staging'
_RECORDS = '_runs'
_RECOVERED = '_recovered'
# Remembered while a run is rolled forward, about 2 MB each: a file holds rows of many partitions.
_STAGED_FILES = 64
# Texts are compared with those of as many days before as a run of `dateline ingest` does by default.
_LOOK_BACK_US = RunSettings.state_days * 86_400_000_000


def interrupted_runs(lake: Lake) -> list[str]:
    """The ids of runs that left a staging folder, in order."""
    root = f'{lake.root}/{_STAGING}/'
    return sorted({path[len(root) :].split('/')[0] for path in lake.storage.list_files(root.rstrip('/'))})


def completed_runs(lake: Lake) -> set[str]:
    """The ids of runs whose record is there: it is written last of all."""
    return _named(lake, _RECORDS)


def recovered_runs(lake: Lake) -> set[str]:
    """The ids of runs that were ended from outside and rolled forward."""
    return _named(lake, _RECOVERED)


def record_path(lake: Lake, run_id: str) -> str:
    """Where a run's record is, once it has ended by itself."""
    return f'{lake.root}/{_RECORDS}/{run_id}.json'


def recovered_path(lake: Lake, run_id: str) -> str:
    """Where it says that a run was rolled forward, once it was."""
    return f'{lake.root}/{_RECOVERED}/{run_id}.json'


def _named(lake: Lake, folder: str) -> set[str]:
    names = (path.rpartition('/')[2] for path in lake.storage.list_files(f'{lake.root}/{folder}'))
    return {name.removesuffix('.json') for name in names if name.endswith('.json')}


def roll_forward(lake: Lake, run_id: str, now: int, keep: bool = False) -> int:
    """Commits what a dead run staged and removes its staging folder, unless it is to be kept.

    Returns how many articles were written by what it had staged.

    The order is that of every commit: articles and mentions, links, ledger, polls. A poll some of whose items
    were not decided yet is left out: then its feed is read in full again, and nothing of it is lost.
    """
    read = functools.lru_cache(_STAGED_FILES)(functools.partial(staged_file, lake))
    commits = [
        commit_articles(lake, partition, articles, run_id, now, read)
        for partition, articles in sorted(_staged_articles(lake, run_id).items())
    ]
    _commit_staged(lake, 'links', run_id)
    _link(lake, [text for commit in commits for text in commit.written], run_id, now)
    for commit in commits:
        add_row_objects(lake, 'ledger', commit.ledger, run_id)
    _commit_staged(lake, 'ledger', run_id)
    _commit_complete_polls(lake, run_id)
    if not keep:
        # It has no record of its own to say that all of it is in the lake.
        with lake.storage.create(recovered_path(lake, run_id)) as file:
            file.write(json.dumps({'recovered_at': moment_text(now)}).encode() + b'\n')
        lake.storage.delete_folder(lake.staging(run_id))
    return sum(len(commit.written) for commit in commits)


def link_articles_of(lake: Lake, day: str, run_id: str, now: int) -> int:
    """Finds the links of the articles that were committed on a day anew; returns how many were missing."""
    columns = ('row_id', 'article_id', 'text_hash', 'first_seen_at', 'agency', 'signature', 'ingested_at')
    texts: list[CommittedText] = []
    for (date, outlet), paths in lake.by_partition('articles'):
        rows = lake.read_settled('articles', paths, columns)
        for row in plain_rows(rows):
            if day_of(row.pop('ingested_at')) == day:
                texts.append(CommittedText(**row, date=date, outlet=outlet))
    return _link(lake, texts, run_id, now)


def _link(lake: Lake, texts: list[CommittedText], run_id: str, now: int) -> int:
    """Writes the links of texts that the lake does not hold yet, and returns how many there are."""
    if not texts:
        return 0
    since = min(text.first_seen_at for text in texts) - _LOOK_BACK_US
    places = lake.read_settled(
        'ledger', lake.files_since('ledger', day_of(since)), ('article_date', 'article_outlet')
    )
    partitions = {(row['article_date'], row['article_outlet']) for row in places.to_pylist()}
    partitions |= {(text.date, text.outlet) for text in texts}
    there = tuple(sorted((date, outlet) for date, outlet in partitions if date and outlet))
    # The registry of the run's own --outlets_file is not known here.
    links = find_links(texts, KnownTexts(lake, there, since), load_outlets(()), run_id, now)
    add_row_objects(lake, 'links', links, run_id)
    return len(links)


def _commit_staged(lake: Lake, table: str, run_id: str) -> None:
    folder = f'{lake.staging(run_id)}/{table}'
    by_partition: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path in lake.storage.list_files(folder):
        if path.endswith('.parquet'):
            by_partition[_partition_of_staged(lake, table, path)].append(path)
    for key, files in sorted(by_partition.items()):
        commit_rows(lake, table, key, files, run_id)


def _commit_complete_polls(lake: Lake, run_id: str) -> None:
    """Commits the staged polls of which the ledger has every item."""
    folder = f'{lake.staging(run_id)}/polls'
    schema = TABLES['polls'].schema
    staged = [
        read_staged(lake, path, schema)
        for path in lake.storage.list_files(folder)
        if path.endswith('.parquet')
    ]
    if not staged:
        return
    polls = pa.concat_tables(staged)
    seen = lake.files_since('ledger', day_of(pc.min(polls['scheduled_at'].cast(pa.int64())).as_py()))
    items = lake.read_settled('ledger', seen, ('poll_id', 'sighting_id', 'subject'))
    items = items.filter(pc.equal(items['subject'], Subject.ITEM.value))
    counted = items.group_by('poll_id').aggregate([('sighting_id', 'count_distinct')]).to_pydict()
    found = dict(zip(counted['poll_id'], counted['sighting_id_count_distinct'], strict=True))
    by_day: dict[str, list[int]] = defaultdict(list)
    facts = ('poll_id', 'items_shown', 'items_unchanged', DAY_COLUMN['polls'])
    for number, poll in enumerate(plain_rows(polls.select(facts))):
        if poll['items_shown'] - poll['items_unchanged'] == found.get(poll['poll_id'], 0):
            by_day[day_of(poll[DAY_COLUMN['polls']])].append(number)
    for day, rows in sorted(by_day.items()):
        add_rows(lake, 'polls', (day,), polls.take(pa.array(rows)), run_id)


def _staged_articles(lake: Lake, run_id: str) -> dict[tuple[str, str], list[StagedArticle]]:
    """The staged rows by the partition that each article's first version went or goes to."""
    articles: dict[str, list[StagedArticle]] = defaultdict(list)
    columns = ['article_id', 'staged_date', 'staged_outlet', 'first_seen_at']
    for path in lake.storage.list_files(f'{lake.staging(run_id)}/articles'):
        if path.endswith('.parquet'):
            rows = staged_rows(lake, path).select(columns)
            for index, row in enumerate(plain_rows(rows)):
                place = (row['staged_date'], row['staged_outlet'])
                one = StagedArticle(row['article_id'], path, index, *place, row['first_seen_at'], False)
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
    for (date, outlet), paths in lake.by_partition('articles'):
        for article_id in lake.read_settled('articles', paths, ('article_id',))['article_id'].to_pylist():
            if article_id in article_ids:
                known[article_id] = (date, outlet)
    return known


def _partition_of_staged(lake: Lake, table: str, path: str) -> tuple[str, ...]:
    rows = read_staged(lake, path, TABLES[table].schema)
    first = rows[DAY_COLUMN[table]].cast(pa.int64())[0].as_py()
    return (day_of(first),)
