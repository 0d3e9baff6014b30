"""Reading a lake from Python: Arrow tables and pandas frames, without Beam.

``from pipelines.reading import articles`` and so on; docs/reading.md has recipes, and the same in SQL.

Every function takes a lake: a local folder, a URL that pyarrow.fs understands (``s3://``, ``gs://``,
``file://``), or a path within ``filesystem``, a pyarrow file system. Rows come in the schema of this
Dateline: columns that an older file lacks are null, columns that a newer Dateline added are left out. A lake
may be written to and compacted meanwhile: no row is missing or there twice, and each partition is as it was
at one moment. A damaged file raises DamagedFile, which names it.
"""

import dataclasses
import datetime
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Optional, Union

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pafs

from schemas.columns import STRING, TIMESTAMP
from schemas.tables import TABLES
from transforms.functions.lake import DamagedFile
from transforms.functions.reading.copies import (
    LINK_COLUMNS,
    SAME_TEXT,
    VERSION_COLUMNS,
    find_copies,
    find_stories,
)
from transforms.functions.reading.lake_reading import Day, Lake, names_of, read_rows
from transforms.functions.reading.partition_reading import PartitionBusy

if TYPE_CHECKING:
    import pandas

__all__ = [
    'DamagedFile',
    'PartitionBusy',
    'articles',
    'copies',
    'read',
    'syndication',
    'without_duplicates',
]

Moment = Union[str, datetime.date, datetime.datetime]

# What choosing versions needs, whichever columns are asked for.
_CHOOSING = ('row_id', 'article_id', 'version', 'first_seen_at', 'ingested_at')
_ORDER = ('first_seen_at', 'article_id', 'version')


def read(
    lake: Lake,
    table: str = 'articles',
    *,
    since: Optional[Day] = None,
    until: Optional[Day] = None,
    outlets: Union[str, Iterable[str], None] = None,
    columns: Optional[Sequence[str]] = None,
    filesystem: Optional[pafs.FileSystem] = None,
) -> pa.Table:
    """The rows of a table as they are in its files: for ``articles``, every version of every article.

    ``date`` and ``outlet``, which are in the path only, come as strings after the other columns; only the
    partitions asked for are opened. Rows are in the order of the partitions.

    Args:
        table: articles, mentions, links, ledger or polls.
        since, until: first and last ``date`` of the partitions, both included (``'2025-03-03'``).
        outlets: slugs; for articles and mentions.
        columns: names, in the order wanted; all when not given.

    Raises FileNotFoundError when there is no lake, ValueError for a table, column or day that cannot be,
    DamagedFile for a file that cannot be read, and PartitionBusy when a partition changed all the time.
    """
    return read_rows(lake, table, columns, since=since, until=until, outlets=outlets, filesystem=filesystem)


def articles(
    lake: Lake,
    *,
    since: Optional[Day] = None,
    until: Optional[Day] = None,
    outlets: Union[str, Iterable[str], None] = None,
    columns: Optional[Sequence[str]] = None,
    as_of: Optional[Moment] = None,
    all_versions: bool = False,
    duplicates: bool = True,
    filesystem: Optional[pafs.FileSystem] = None,
) -> 'pandas.DataFrame':
    """The latest version of each article, as a pandas frame ordered by date, outlet and first_seen_at.

    Args:
        since, until, outlets, columns: as for ``read``.
        as_of: what the lake knew at that moment (UTC unless it says otherwise; a day means its midnight):
            versions whose ``ingested_at`` is later do not exist, nor do links decided later.
        all_versions: every version instead of the latest.
        duplicates: False leaves out copies of earlier articles, see ``copies``.

    Raises what ``read`` raises.
    """
    moment = _moment(as_of)
    wanted = list(columns) if columns is not None else names_of(TABLES['articles'])
    asked = [*wanted, *(name for name in _CHOOSING if name not in wanted)]

    def select(rows: pa.Table) -> pa.Table:
        rows = _known_at(rows, 'ingested_at', moment)
        rows = rows if all_versions else _latest(rows)
        return rows.take(pc.sort_indices(rows.select(_CHOOSING), [(n, 'ascending') for n in _ORDER]))

    table = read_rows(
        lake,
        'articles',
        asked,
        since=since,
        until=until,
        outlets=outlets,
        filesystem=filesystem,
        select=select,
    )
    if not duplicates:
        known = _copies(lake, moment, filesystem)
        table = table.filter(pc.invert(pc.is_in(table['row_id'], pa.array(known, STRING))))
    return _to_pandas(table.select(wanted))


def without_duplicates(
    frame: 'pandas.DataFrame',
    lake: Lake,
    *,
    as_of: Optional[Moment] = None,
    filesystem: Optional[pafs.FileSystem] = None,
) -> 'pandas.DataFrame':
    """The rows of a frame with a column ``row_id`` (articles or mentions) that are no ``copies``."""
    known = _copies(lake, _moment(as_of), filesystem)
    return frame[~frame['row_id'].isin(list(known))]


def copies(
    lake: Lake, *, as_of: Optional[Moment] = None, filesystem: Optional[pafs.FileSystem] = None
) -> 'pandas.DataFrame':
    """One row per article version that has its text from an earlier article: ``row_id`` and ``copy_of``.

    Texts that links of the kinds duplicate_text and near_duplicate connect, directly or through others, are
    one; ``copy_of`` is the row_id of the version that was seen first. The whole lake decides, not a choice of
    its days: an article whose original appeared last week is a copy this week too, so weeks add up.
    """
    found = _copies(lake, _moment(as_of), filesystem)
    pairs = sorted(found.items())
    columns = {'row_id': [one for one, _ in pairs], 'copy_of': [first for _, first in pairs]}
    return _to_pandas(pa.table(columns, schema=pa.schema([(name, STRING) for name in columns])))


def syndication(
    lake: Lake, *, as_of: Optional[Moment] = None, filesystem: Optional[pafs.FileSystem] = None
) -> 'pandas.DataFrame':
    """One row per agency story that several outlets carry, ordered by ``group``.

    Columns: ``group`` (its id), ``agency``, ``original`` (row_id of its likely original, as decided last) and
    ``members`` (the row_ids of all its copies and of the original, sorted).
    """
    names = ['row_id', 'kind', 'target', 'agency', 'original', 'decided_at']
    links = read_rows(lake, 'links', names, filesystem=filesystem)
    stories = find_stories(_known_at(links, 'decided_at', _moment(as_of)))
    kinds = [('group', STRING), ('agency', STRING), ('original', STRING), ('members', pa.list_(STRING))]
    rows = [dataclasses.asdict(story) for story in stories]
    return _to_pandas(pa.Table.from_pylist(rows, schema=pa.schema(kinds)))


def _moment(moment: Optional[Moment]) -> Optional[datetime.datetime]:
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


def _known_at(rows: pa.Table, column: str, moment: Optional[datetime.datetime]) -> pa.Table:
    if moment is None:
        return rows
    return rows.filter(pc.less_equal(rows[column], pa.scalar(moment, TIMESTAMP)))


def _latest(rows: pa.Table) -> pa.Table:
    """Of one partition, which holds all versions of its articles: the last version of each."""
    last: dict[str, tuple[int, int]] = {}
    pairs = zip(rows['article_id'].to_pylist(), rows['version'].to_pylist(), strict=True)
    for number, (article_id, version) in enumerate(pairs):
        last[article_id] = max(last.get(article_id, (0, 0)), (version, number))
    return rows.take(pa.array(sorted(number for _, number in last.values()), pa.int64()))


def _copies(
    lake: Lake, moment: Optional[datetime.datetime], filesystem: Optional[pafs.FileSystem]
) -> dict[str, str]:
    links = read_rows(lake, 'links', [*LINK_COLUMNS, 'decided_at'], filesystem=filesystem)
    links = _known_at(links, 'decided_at', moment)
    links = links.filter(pc.is_in(links['kind'], pa.array(SAME_TEXT)))
    if not links.num_rows:
        return {}
    linked = pa.concat_arrays([*links['row_id'].chunks, *links['target'].chunks])

    def select(rows: pa.Table) -> pa.Table:
        rows = _known_at(rows, 'ingested_at', moment)
        return rows.filter(pc.or_(pc.is_in(rows['row_id'], linked), pc.is_in(rows['article_id'], linked)))

    # After the links: articles are committed before the links to them.
    names = [*VERSION_COLUMNS, 'ingested_at']
    versions = read_rows(lake, 'articles', names, filesystem=filesystem, select=select)
    return find_copies(links, versions)


def _to_pandas(table: pa.Table) -> 'pandas.DataFrame':
    """As pandas reads Parquet, but whole numbers and booleans that may be null stay what they are."""
    import pandas

    kinds = {pa.int64(): pandas.Int64Dtype(), pa.bool_(): pandas.BooleanDtype()}
    return table.to_pandas(types_mapper=kinds.get)
