"""What it costs to write articles into a lake, beside pandas and pyarrow writing the same rows.

    python -m benchmarks.sink [--articles 10000] [--outlets 20] [--days 10] [--rounds 3]
                               [--round_urls 2000]

The rows are generated articles (bodies of 600 to 900 words, entities, evidence), made once and pickled. Every
writer begins with them as Python objects in a fresh process and writes zstd Parquet partitioned by date and
outlet; the writers take turns. `pandas` is ``to_parquet(partition_cols=...)`` and `pyarrow`
``write_dataset``; `functions` stages the rows and commits each partition, as the pipeline does; `unflushed`
is that without waiting for the disk; `again` gives `functions` the same rows once more: a repeated bundle;
`beam` runs ``WriteArticles`` in the in-process runner. Ours commit after every ``--round_urls`` rows, as
``dateline ingest`` does, and so write several files a partition. MB are those of the rows as an Arrow table.
Then, of each result: size, files, and the time that ``pandas.read_parquet`` takes for one outlet and seven
days, the files being in the page cache.

pandas and pyarrow know nothing of what is there already: what they wrote they would write again. They do not
flush to the disk, readers see their files while they are written, and a crash leaves what it leaves.
"""

import argparse
import dataclasses
import datetime
import json
import os
import pickle
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Optional

import pandas
import pyarrow as pa
import pyarrow.dataset as ds

from benchmarks.prose import write_story
from schemas.articles import Article, Entity, Evidence, Outlet
from schemas.feeds import Sighting
from schemas.ids import hash_id
from schemas.settings import RunSettings
from schemas.staging import StagedArticle
from schemas.tables import TABLES
from transforms.functions.article_commit import commit_articles
from transforms.functions.article_rows import STAGED_SCHEMA, staged_row
from transforms.functions.lake import Lake, rows_to_table
from transforms.functions.staged_articles import staged_file
from transforms.functions.storage import LocalStorage
from transforms.functions.table_commit import stage_table

_START = 1_741_003_200_000_000  # 2025-03-03T12:00:00Z
_DAY = 86_400_000_000
_ROWS_STAGED = 100  # in one file, as the pipeline holds them
_FILES_REMEMBERED = 24  # staged ones, as the pipeline remembers them
WRITERS = ('pandas', 'pyarrow', 'unflushed', 'functions', 'again', 'beam')


def make_articles(count: int, outlets: int, days: int) -> Iterator[Article]:
    """Articles of so many outlets and days in turn; the same arguments give the same ones."""
    for number in range(count):
        rng = random.Random(number)
        when = _START + number // outlets % days * _DAY
        story = write_story(rng, datetime.datetime.fromtimestamp(when / 1e6, datetime.UTC), 'Daily')
        outlet = Outlet(
            f'daily-{number % outlets}', f'Daily {number % outlets}', f'd{number % outlets}.example'
        )
        url = f'https://{outlet.domain}/news/{number}'
        seen = Sighting(
            sighting_id=hash_id('poll', str(number)), poll_id=f'poll-{number % outlets}',
            feed_url=f'https://{outlet.domain}/rss', feed_title=outlet.name, feed_labels=('world',),
            item_id=url, fingerprint=number, url=url, title=story.headline, summary=story.standfirst,
            authors=(), tags=(), language='en', published_at=when, updated_at=None, seen_at=when + 60_000_000,
            attempt=0,
        )  # fmt: skip
        entities = tuple(
            Entity(f'{story.byline} {n}', 'PERSON', hash_id(story.byline, str(n)), None, 1 + n % 3, 0.1)
            for n in range(12)
        )
        evidence = tuple(Evidence(name, story.headline, 'json-ld', True) for name in ('title', 'date', 'url'))
        yield Article(
            url=url, final_url=url, canonical_url=url, content_from='page', fetched_at=when + 70_000_000,
            sightings=(seen,), title=story.headline, standfirst=story.standfirst,
            body='\n\n'.join(story.paragraphs), subheads=(), captions=(), word_count=story.word_count,
            language='en', kind='article', authors=(story.byline,), section=story.subject, tags=story.tags,
            image_url=f'{url}.jpg', paywalled=None, published_at=when, modified_at=None,
            site_name=outlet.name, evidence=evidence, extractor_version='bench-1', outlet=outlet,
            entities=entities,
        )  # fmt: skip


def prepare(folder: Path, count: int, outlets: int, days: int) -> None:
    """Pickles what the writers begin with: articles, staged rows, and rows as they are in the lake."""
    articles = list(make_articles(count, outlets, days))
    staged = [staged_row(article, 'bench') for article in articles]
    lake = Lake(str(folder / 'made'), LocalStorage())
    _with_functions(staged, lake.root, 2_000)
    rows = []
    for path in lake.files('articles'):
        date, outlet = lake.partition_of('articles', path)
        table = lake.read('articles', [path])
        for place, field in enumerate(table.schema):
            if pa.types.is_timestamp(field.type):
                table = table.set_column(place, field.name, table[field.name].cast(pa.int64()))
        rows += [row | {'date': date, 'outlet': outlet} for row in table.to_pylist()]
    random.Random(1).shuffle(rows)  # a pipeline's rows come in no order of partitions
    for name, things in (('articles', articles), ('staged', staged), ('rows', rows)):
        (folder / name).write_bytes(pickle.dumps(things))


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
        commit_articles(lake, partition, refs, 'bench', _START + _DAY, read)


def _with_pandas(rows: list[dict[str, Any]], root: str, _: int) -> None:
    table = pandas.DataFrame(rows)
    # pandas guesses no types of nested columns: it is given ours.
    table.to_parquet(
        f'{root}/articles',
        partition_cols=['date', 'outlet'],
        compression='zstd',
        index=False,
        schema=_whole(),
    )


def _with_pyarrow(rows: list[dict[str, Any]], root: str, _: int) -> None:
    schema = pa.schema([('date', pa.string()), ('outlet', pa.string())])
    ds.write_dataset(
        pa.Table.from_pylist(rows, schema=_whole()),
        f'{root}/articles',
        format='parquet',
        partitioning=ds.partitioning(schema, flavor='hive'),
        file_options=ds.ParquetFileFormat().make_write_options(compression='zstd'),
    )


def _with_functions(staged: list[dict[str, Any]], root: str, round_urls: int) -> None:
    for start in range(0, len(staged), round_urls):
        _commit(Lake(root, LocalStorage()), staged[start : start + round_urls])


def _unflushed(staged: list[dict[str, Any]], root: str, round_urls: int) -> None:
    os.fsync = lambda _: None  # type: ignore[assignment]  # this process does nothing else
    _with_functions(staged, root, round_urls)


def _with_beam(articles: list[Article], root: str, round_urls: int) -> None:
    import apache_beam as beam

    from transforms.write_articles import WriteArticles

    run = RunSettings(lake=root, run_id='bench', started_at=_START + _DAY)
    from benchmarks import sink  # as workers know it, beside __main__

    for start in range(0, len(articles), round_urls):
        sink._in_this_process[:] = articles[start : start + round_urls]
        now = dataclasses.replace(run, round=start // round_urls)
        with beam.Pipeline('FnApiRunner') as pipeline:
            given = pipeline | beam.Create([None]) | beam.FlatMap(_hand_out).with_output_types(Article)
            given | WriteArticles(now)


# The runner works in this process too: so the articles are not made a part of the graph, which is pickled.
_in_this_process: list[Article] = []


def _hand_out(_: None) -> list[Article]:
    from benchmarks import sink

    return sink._in_this_process


_WRITES: dict[str, tuple[str, Callable[[Any, str, int], None]]] = {
    'pandas': ('rows', _with_pandas),
    'pyarrow': ('rows', _with_pyarrow),
    'functions': ('staged', _with_functions),
    'again': ('staged', _with_functions),
    'unflushed': ('staged', _unflushed),
    'beam': ('articles', _with_beam),
}


def write(writer: str, folder: Path, root: str, round_urls: int) -> dict[str, float]:
    """Writes in this process, and says what it cost."""
    name, work = _WRITES[writer]
    given = pickle.loads((folder / name).read_bytes())
    if writer == 'beam':
        import transforms.write_articles  # noqa: F401  # its imports are not the sink's cost
    before = _memory('VmRSS')
    Path('/proc/self/clear_refs').write_text('5')  # VmHWM begins anew
    wall, cpu = time.perf_counter(), time.process_time()
    work(given, root, round_urls)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {'wall s': wall, 'CPU s': cpu, 'RSS MB': _memory('VmHWM') - before}


def read(root: str, days: int) -> dict[str, float]:
    """Reads one outlet's week as an analyst would: milliseconds, the median of nine."""
    first = datetime.datetime.fromtimestamp(_START / 1e6, datetime.UTC).date()
    last = first + datetime.timedelta(days=min(7, days))
    wanted = [('outlet', '=', 'daily-3'), ('date', '>=', str(first)), ('date', '<', str(last))]
    spent = []
    for _ in range(9):
        start = time.perf_counter()
        found = pandas.read_parquet(f'{root}/articles', filters=wanted)
        spent.append(1000 * (time.perf_counter() - start))
    return {'week ms': statistics.median(spent), 'week rows': len(found)}


def _whole() -> pa.Schema:
    schema = TABLES['articles'].schema
    return schema.append(pa.field('date', pa.string())).append(pa.field('outlet', pa.string()))


def _memory(name: str) -> float:
    lines = Path('/proc/self/status').read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1000


def _in_process(*arguments: str) -> dict[str, float]:
    command = [sys.executable, '-m', 'benchmarks.sink', '--in_process', *arguments]
    environment = os.environ | {'OPENBLAS_NUM_THREADS': '1'}
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment)
    return json.loads(done.stdout)


def _files(root: str) -> dict[str, float]:
    sizes = [path.stat().st_size for path in Path(root, 'articles').rglob('*.parquet')]
    return {'files': len(sizes), 'size MB': sum(sizes) / 1e6}


def _report(figures: dict[str, list[dict[str, float]]], count: int, megabytes: float) -> None:
    names = ('wall s', 'rows/s', 'MB/s', 'CPU s', 'RSS MB', 'files', 'size MB', 'week ms', 'week rows')
    print(f'{"":12}' + ''.join(f'{name:>11}' for name in names))
    for writer, runs in figures.items():
        middle = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
        middle |= {'rows/s': count / middle['wall s'], 'MB/s': megabytes / middle['wall s']}
        print(f'{writer:12}' + ''.join(f'{middle[name]:11.1f}' for name in names))
        print(f'{"":12}wall s of each round: ' + ' '.join(f'{run["wall s"]:.2f}' for run in runs))


def main(argv: Optional[Sequence[str]] = None) -> None:
    parser = argparse.ArgumentParser(description='Compare ways of writing articles as partitioned Parquet.')
    parser.add_argument('--articles', type=int, default=10_000)
    parser.add_argument('--outlets', type=int, default=20)
    parser.add_argument('--days', type=int, default=10)
    parser.add_argument('--rounds', type=int, default=3, help='how often all of this is done')
    parser.add_argument('--round_urls', type=int, default=2_000, help='rows that ours commit at a time')
    parser.add_argument('--folder', type=Path, help='where to write; the disk that is measured')
    parser.add_argument('--in_process', nargs='+', metavar='WORK', help='do one thing here and print JSON')
    args = parser.parse_args(argv)
    if args.in_process:
        work, *rest = args.in_process
        done = (
            read(rest[0], int(rest[1]))
            if work == 'read'
            else write(work, Path(rest[0]), rest[1], int(rest[2]))
        )
        print(json.dumps(done))
        return
    figures: dict[str, list[dict[str, float]]] = {writer: [] for writer in WRITERS}
    with tempfile.TemporaryDirectory(prefix='dateline-sink-', dir=args.folder) as made:
        prepare(Path(made), args.articles, args.outlets, args.days)
        rows = pickle.loads(Path(made, 'rows').read_bytes())
        megabytes = pa.Table.from_pylist(rows, schema=_whole()).nbytes / 1e6
        print(f'{args.articles} rows, {megabytes:.0f} MB, {args.outlets * args.days} partitions')
        for number in range(args.rounds):
            for writer in WRITERS:
                root = f'{made}/{number}-{"functions" if writer == "again" else writer}'
                cost = _in_process(writer, made, root, str(args.round_urls))
                figures[writer].append(cost | _files(root) | _in_process('read', root, str(args.days)))
    _report(figures, args.articles, megabytes)


if __name__ == '__main__':
    main()
