"""What is off in the books: of polls, sightings, runs, partitions, versions and mentions, a sentence each."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from schemas.vocabulary import Disposition

_WRITTEN = pa.array([Disposition.WRITTEN.value, Disposition.UPDATED.value])
# After these a sighting is not taken up again.
_FINAL = pa.array([one.value for one in Disposition if one not in (Disposition.FAILED, Disposition.DEFERRED)])
# What the ids of repairs begin with: their ledger rows may follow the attempt that decided a sighting.
REPAIR_PREFIX = 'repair-'
# Faults of one kind that get a sentence each: the first ones tell what happened.
_SENTENCES = 20


def faults_of_polls(items: pa.Table, polls: pa.Table, unfinished: set[str]) -> Iterator[str]:
    """Per poll: items shown = items unchanged + distinct sightings of items."""
    counted = items.group_by('poll_id').aggregate([('sighting_id', 'count_distinct')])
    both = _without_runs(polls, unfinished).join(counted, 'poll_id')
    found = both['sighting_id_count_distinct'].fill_null(0)
    off = both.set_column(both.num_columns - 1, 'found', found).filter(
        pc.not_equal(both['items_shown'].cast(pa.int64()), pc.add(both['items_unchanged'], found))
    )
    for poll in off.slice(0, _SENTENCES).to_pylist():
        yield (
            f'poll {poll["poll_id"]} of {poll["feed_url"]} showed {poll["items_shown"]} items, '
            f'but {poll["items_unchanged"]} unchanged and {poll["found"]} in the ledger do not add up to that'
        )
    if len(off) > _SENTENCES:
        yield f'{len(off) - _SENTENCES} more polls do not add up either'


def faults_of_lost_polls(items: pa.Table, polls: pa.Table, completed: set[str]) -> Iterator[str]:
    """A run that ended by itself has committed its polls; the first attempt is made by the run that polled.

    Later attempts may be at items of a run that was killed before it had committed the poll.
    """
    first = items.filter(pc.and_(pc.equal(items['attempt'], 0), pc.is_valid(items['poll_id'])))
    known = first.filter(pc.is_in(first['run_id'], pa.array(completed, pa.string())))
    lost = known.join(polls.select(['poll_id']), 'poll_id', join_type='left anti')
    if len(lost):
        example = _first(lost, 'poll_id')
        yield f'{len(lost)} items in the ledger are of polls that are not there, such as {example}'


def faults_of_sightings(items: pa.Table) -> Iterator[str]:
    """Per sighting: nothing after the attempt that decided it, unless a repair took the decision back.

    Two runs at once may take up the same waiting item: what both of them wrote has its row.
    """
    by_attempt = items.sort_by([('sighting_id', 'ascending'), ('attempt', 'ascending')])
    before, after = by_attempt.slice(0, max(len(items) - 1, 0)), by_attempt.slice(1)
    again = pc.and_(
        pc.equal(before['sighting_id'], after['sighting_id']), pc.is_in(before['disposition'], _FINAL)
    )
    again = pc.and_(again, pc.invert(pc.starts_with(after['run_id'], REPAIR_PREFIX)))
    at_once = pc.and_(
        pc.is_in(after['disposition'], _WRITTEN), pc.not_equal(after['run_id'], before['run_id'])
    )
    again = pc.and_not(again, at_once)
    wrong = after.filter(again)
    if len(wrong):
        example = _first(wrong, 'sighting_id')
        count = len(pc.unique(wrong['sighting_id']))
        yield f'{count} sightings were tried again after they were decided, such as {example}'


def last_attempts(items: pa.Table) -> pa.Table:
    """Of each sighting, its last attempt: it replaces earlier ones."""
    last = items.group_by('sighting_id').aggregate([('attempt', 'max')])
    keys = ['sighting_id', 'attempt']
    return items.join(last.rename_columns(keys), keys, join_type='inner')


def faults_of_runs(ledger: pa.Table, articles: pa.Table, unfinished: set[str]) -> Iterator[str]:
    """Per run: the rows of articles are those that its ledger rows written or updated name, each once."""
    keys = ['run_id', 'row_id']
    written = ledger.filter(pc.is_in(ledger['disposition'], _WRITTEN)).select(keys)
    # A repair takes back what is lost: then the next attempt writes the article again.
    last = last_attempts(ledger)
    standing = last.filter(pc.is_in(last['disposition'], _WRITTEN)).select(keys)
    silent = _without_runs(articles.select(keys), unfinished).join(written, keys, join_type='left anti')
    for run_id, count, example in _by_run(silent):
        yield (
            f'run {run_id}: {count} rows of articles have no ledger row that says written or updated, '
            f'such as {example}'
        )
    # Not even a killed run has these: the ledger is committed after the articles.
    for run_id, count, example in _by_run(standing.join(articles.select(keys), keys, join_type='left anti')):
        yield (
            f'run {run_id}: {count} ledger rows say written or updated, but articles lacks their row '
            f'of that run, such as {example}'
        )
    named = standing.group_by(keys).aggregate([([], 'count_all')])
    for run_id, count, example in _by_run(named.filter(pc.greater(named['count_all'], 1))):
        yield f'run {run_id}: {count} rows of articles have more than one ledger row, such as {example}'


def _by_run(rows: pa.Table) -> list[tuple[str, int, str]]:
    grouped = rows.group_by('run_id').aggregate([([], 'count_all'), ('row_id', 'min')]).sort_by('run_id')
    return [(row['run_id'], row['count_all'], row['row_id_min']) for row in grouped.to_pylist()]


def faults_of_places(ledger: pa.Table, articles: pa.Table) -> Iterator[str]:
    """The ledger says where an article is; readers and the next run look for it there."""
    said = pc.binary_join_element_wise(
        ledger['article_date'], ledger['article_outlet'], '/', null_handling='replace', null_replacement='?'
    )
    there = ledger.select(['row_id']).append_column('said', said)
    both = there.join(articles.select(['row_id', 'place']), 'row_id', join_type='inner')
    off = both.filter(pc.not_equal(both['said'], both['place']))
    if len(off):
        row = off.slice(0, 1).to_pylist()[0]
        yield (
            f'{len(off)} ledger rows name another partition than that of their article, such as '
            f'{row["row_id"]}: {row["said"]}, but it is in {row["place"]}'
        )


def faults_of_versions(articles: pa.Table) -> Iterator[str]:
    """Per article: one partition, and the versions 1 to n."""
    grouped = articles.group_by('article_id').aggregate(
        [
            ('place', 'count_distinct'),
            *(('version', how) for how in ('min', 'max', 'count', 'count_distinct')),
        ]
    )
    scattered = grouped.filter(pc.greater(grouped['place_count_distinct'], 1))
    if len(scattered):
        example = _first(scattered, 'article_id')
        yield f'{len(scattered)} articles are in more than one partition, such as {example}'
    counts = [grouped[f'version_{name}'].cast(pa.int64()) for name in ('max', 'count_distinct', 'count')]
    whole = pc.and_(pc.equal(counts[0], counts[1]), pc.equal(counts[1], counts[2]))
    gaps = grouped.filter(pc.invert(pc.and_(whole, pc.equal(grouped['version_min'], 1)).fill_null(False)))
    if len(gaps):
        example = _first(gaps, 'article_id')
        own = articles.filter(pc.equal(articles['article_id'], example))['version'].to_pylist()
        yield (
            f'{len(gaps)} articles do not have the versions 1 to n, each once, such as {example}: '
            + ', '.join(map(str, sorted(own, key=str)))
        )


def faults_of_mentions(mentions: pa.Table, articles: pa.Table, unfinished: set[str]) -> Iterator[str]:
    """Mentions are those that their article's entities count, and beside their article."""
    strays = mentions.join(articles.select(['row_id']), 'row_id', join_type='left anti')
    if len(strays):
        count = len(pc.unique(strays['row_id']))
        yield f'mentions has rows of {count} articles that are not there, such as {_first(strays, "row_id")}'
    there = articles.select(['row_id', 'place']).rename_columns(['row_id', 'article_place'])
    both = mentions.join(there, 'row_id', join_type='inner')
    moved = both.filter(pc.not_equal(both['place'], both['article_place']))
    if len(moved):
        example = _first(moved, 'row_id')
        yield f'mentions of {len(moved)} articles are in another partition than they, such as {example}'
    counted = mentions.group_by('row_id').aggregate([('mentions', 'sum')])
    # Without entities nothing is claimed: mentions may be tagged and not linked.
    claiming = articles.filter(pc.greater(articles['claimed'], 0))
    both = _without_runs(claiming, unfinished).join(counted, 'row_id')
    off = both.filter(pc.not_equal(both['claimed'], both['mentions_sum'].fill_null(0)))
    if len(off):
        row = off.sort_by('row_id').slice(0, 1).to_pylist()[0]
        yield (
            f'{len(off)} articles have another number of mentions than their entities count, such as '
            f'{row["row_id"]}: {row["mentions_sum"] or 0}, not {row["claimed"]}'
        )


def _without_runs(rows: pa.Table, run_ids: set[str]) -> pa.Table:
    return rows.filter(pc.invert(pc.is_in(rows['run_id'], pa.array(sorted(run_ids), pa.string()))))


def _first(rows: pa.Table, column: str) -> str:
    return str(pc.min(rows[column]).as_py())
