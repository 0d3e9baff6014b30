"""Which rows of articles and links count at a moment, and which articles are copies. Needs pyarrow alone."""

import datetime
from typing import Optional, Union

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pafs

from schemas.columns import TIMESTAMP
from transforms.functions.reading.copies import LINK_COLUMNS, SAME_TEXT, VERSION_COLUMNS, find_copies
from transforms.functions.reading.lake_reading import Lake, read_rows

Moment = Union[str, datetime.date, datetime.datetime]

# What choosing versions needs, whichever columns are asked for.
CHOOSING = ('row_id', 'article_id', 'version', 'first_seen_at', 'ingested_at')
_ORDER = ('first_seen_at', 'article_id', 'version')


def choose(rows: pa.Table, moment: Optional[datetime.datetime], all_versions: bool) -> pa.Table:
    """Of a partition's rows those known at the moment: the latest of each article, or all; sorted."""
    rows = known_at(rows, 'ingested_at', moment)
    rows = rows if all_versions else latest(rows)
    return rows.take(pc.sort_indices(rows.select(CHOOSING), [(n, 'ascending') for n in _ORDER]))


def moment_of(moment: Optional[Moment]) -> Optional[datetime.datetime]:
    """The moment in its zone, UTC where it names none. Raises ValueError for what is no moment."""
    if moment is None:
        return None
    try:
        if isinstance(moment, str):
            moment = datetime.datetime.fromisoformat(moment)
        elif not isinstance(moment, datetime.datetime):
            moment = datetime.datetime(moment.year, moment.month, moment.day)
    except (AttributeError, ValueError) as error:
        raise ValueError(f'{moment!r} is no moment; write it like 2025-03-03T12:00Z') from error
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def known_at(rows: pa.Table, column: str, moment: Optional[datetime.datetime]) -> pa.Table:
    """The rows whose column is not later than the moment; all without one."""
    if moment is None:
        return rows
    return rows.filter(pc.less_equal(rows[column], pa.scalar(moment, TIMESTAMP)))


def latest(rows: pa.Table) -> pa.Table:
    """Of one partition, which holds all versions of its articles: the last version of each."""
    last: dict[str, tuple[int, int]] = {}
    pairs = zip(rows['article_id'].to_pylist(), rows['version'].to_pylist(), strict=True)
    for number, (article_id, version) in enumerate(pairs):
        last[article_id] = max(last.get(article_id, (0, 0)), (version, number))
    return rows.take(pa.array(sorted(number for _, number in last.values()), pa.int64()))


def find_copies_in(
    lake: Lake, moment: Optional[datetime.datetime], filesystem: Optional[pafs.FileSystem]
) -> dict[str, str]:
    """The row ids of the versions that are copies, to those of what they are copies of, as of a moment."""
    links = read_rows(lake, 'links', [*LINK_COLUMNS, 'decided_at'], filesystem=filesystem)
    links = known_at(links, 'decided_at', moment)
    links = links.filter(pc.is_in(links['kind'], pa.array(SAME_TEXT)))
    if not links.num_rows:
        return {}
    linked = pa.concat_arrays([*links['row_id'].chunks, *links['target'].chunks])

    def select(rows: pa.Table) -> pa.Table:
        rows = known_at(rows, 'ingested_at', moment)
        return rows.filter(pc.or_(pc.is_in(rows['row_id'], linked), pc.is_in(rows['article_id'], linked)))

    # After the links: articles are committed before the links to them.
    names = [*VERSION_COLUMNS, 'ingested_at']
    versions = read_rows(lake, 'articles', names, filesystem=filesystem, select=select)
    return find_copies(links, versions)
