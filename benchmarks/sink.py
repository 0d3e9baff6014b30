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
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Optional

import pandas
import pyarrow as pa

from benchmarks.prose import write_story
from benchmarks.sink_writers import DAY, START, WRITES, whole, with_functions
from schemas.articles import Article, Entity, Evidence, Outlet
from schemas.feeds import Sighting
from schemas.ids import hash_id
from transforms.functions.article_rows import staged_row
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import plain_rows
from transforms.functions.storage import LocalStorage

WRITERS = ('pandas', 'pyarrow', 'unflushed', 'functions', 'again', 'beam')


def make_articles(count: int, outlets: int, days: int) -> Iterator[Article]:
    """Articles of so many outlets and days in turn; the same arguments give the same ones."""
    for number in range(count):
        rng = random.Random(number)
        when = START + number // outlets % days * DAY
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
    with_functions(staged, lake.root, 2_000)
    rows = []
    for path in lake.files('articles'):
        date, outlet = lake.partition_of('articles', path)
        table = lake.read('articles', [path])
        rows += [row | {'date': date, 'outlet': outlet} for row in plain_rows(table)]
    random.Random(1).shuffle(rows)  # a pipeline's rows come in no order of partitions
    for name, things in (('articles', articles), ('staged', staged), ('rows', rows)):
        (folder / name).write_bytes(pickle.dumps(things))


def write(writer: str, folder: Path, root: str, round_urls: int) -> dict[str, float]:
    """Writes in this process, and says what it cost."""
    name, work = WRITES[writer]
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
    first = datetime.datetime.fromtimestamp(START / 1e6, datetime.UTC).date()
    last = first + datetime.timedelta(days=min(7, days))
    wanted = [('outlet', '=', 'daily-3'), ('date', '>=', str(first)), ('date', '<', str(last))]
    spent = []
    for _ in range(9):
        start = time.perf_counter()
        found = pandas.read_parquet(f'{root}/articles', filters=wanted)
        spent.append(1000 * (time.perf_counter() - start))
    return {'week ms': statistics.median(spent), 'week rows': len(found)}


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
        megabytes = pa.Table.from_pylist(rows, schema=whole()).nbytes / 1e6
        print(f'{args.articles} rows, {megabytes:.0f} MB, {args.outlets * args.days} partitions')
        for number in range(args.rounds):
            for writer in WRITERS:
                root = f'{made}/{number}-{"functions" if writer == "again" else writer}'
                cost = _in_process(writer, made, root, str(args.round_urls))
                figures[writer].append(cost | _files(root) | _in_process('read', root, str(args.days)))
    _report(figures, args.articles, megabytes)


if __name__ == '__main__':
    main()
