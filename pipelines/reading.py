"""Reading a lake from Python: Arrow tables and pandas frames, with pyarrow alone.

``from pipelines.reading import articles`` and so on; docs/reading.md has recipes, and the same in SQL.
``read``, ``latest``, ``as_of`` and ``without_duplicates`` work with Arrow tables and need no other package
than pyarrow; what gives frames loads pandas when it is called. Beam is never loaded.

Every function takes a lake: a local folder, a URL that pyarrow.fs understands (``s3://``, ``gs://``,
``file://``), or a path within ``filesystem``, a pyarrow file system. Rows come in the schema of this
Dateline: columns that an older file lacks are null, columns that a newer Dateline added are left out. A lake
may be written to and compacted meanwhile: no row is missing or there twice, and each partition is as it was
at one moment. A damaged file raises DamagedFile, which names it.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Optional, Union

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pafs

from pipelines.version_choice import CHOOSING, Moment, choose, find_copies_in, known_at, moment_of
from schemas.columns import STRING
from schemas.tables import TABLES
from transforms.functions.lake import DamagedFile
from transforms.functions.reading.copies import find_stories
from transforms.functions.reading.lake_reading import Day, Lake, names_of, read_rows
from transforms.functions.reading.partition_reading import PartitionBusy

if TYPE_CHECKING:
    import pandas

__all__ = [
    'DamagedFile',
    'PartitionBusy',
    'articles',
    'as_of',
    'copies',
    'latest',
    'read',
    'syndication',
    'without_duplicates',
]


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
    asked = {'since': since, 'until': until, 'outlets': outlets, 'columns': columns}
    return _to_pandas(_chosen(lake, asked, as_of, all_versions, duplicates, filesystem))


def latest(
    lake: Lake,
    *,
    since: Optional[Day] = None,
    until: Optional[Day] = None,
    outlets: Union[str, Iterable[str], None] = None,
    columns: Optional[Sequence[str]] = None,
    filesystem: Optional[pafs.FileSystem] = None,
) -> pa.Table:
    """The latest version of each article, as an Arrow table in the order of ``articles``.

    >>> latest(lake, since='2025-03-04', columns=['outlet', 'title', 'version']).to_pylist()[0]
    {'outlet': 'herald', 'title': 'Rates', 'version': 1}

    Raises what ``read`` raises.
    """
    asked = {'since': since, 'until': until, 'outlets': outlets, 'columns': columns}
    return _chosen(lake, asked, None, False, True, filesystem)


def as_of(
    lake: Lake,
    moment: Moment,
    *,
    since: Optional[Day] = None,
    until: Optional[Day] = None,
    outlets: Union[str, Iterable[str], None] = None,
    columns: Optional[Sequence[str]] = None,
    filesystem: Optional[pafs.FileSystem] = None,
) -> pa.Table:
    """``latest``, as the lake knew it at a moment (UTC unless it says otherwise; a day means its midnight).

    >>> as_of(lake, '2025-03-03T12:30Z', outlets='news', columns=['title']).to_pylist()[-1]
    {'title': 'Ferry cancelled'}
    >>> latest(lake, outlets='news', columns=['title']).to_pylist()[-1]
    {'title': 'Ferry cancelled until Friday'}

    Raises what ``read`` raises.
    """
    asked = {'since': since, 'until': until, 'outlets': outlets, 'columns': columns}
    return _chosen(lake, asked, moment, False, True, filesystem)


def without_duplicates(
    rows: Any, lake: Lake, *, as_of: Optional[Moment] = None, filesystem: Optional[pafs.FileSystem] = None
) -> Any:
    """The rows of a table or frame with a column ``row_id`` (articles or mentions) that are no ``copies``.

    >>> every = latest(lake, columns=['row_id', 'outlet', 'title'])
    >>> every.num_rows, without_duplicates(every, lake).num_rows
    (8, 6)
    """
    known = find_copies_in(lake, moment_of(as_of), filesystem)
    if isinstance(rows, pa.Table):
        return rows.filter(pc.invert(pc.is_in(rows['row_id'], pa.array(known, STRING))))
    return rows[~rows['row_id'].isin(list(known))]


def copies(
    lake: Lake, *, as_of: Optional[Moment] = None, filesystem: Optional[pafs.FileSystem] = None
) -> 'pandas.DataFrame':
    """One row per article version that has its text from an earlier article: ``row_id`` and ``copy_of``.

    Texts that links of the kinds duplicate_text and near_duplicate connect, directly or through others, are
    one; ``copy_of`` is the row_id of the version that was seen first. The whole lake decides, not a choice of
    its days: an article whose original appeared last week is a copy this week too, so weeks add up.
    """
    found = find_copies_in(lake, moment_of(as_of), filesystem)
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
    stories = find_stories(known_at(links, 'decided_at', moment_of(as_of)))
    kinds = [('group', STRING), ('agency', STRING), ('original', STRING), ('members', pa.list_(STRING))]
    rows = [dataclasses.asdict(story) for story in stories]
    return _to_pandas(pa.Table.from_pylist(rows, schema=pa.schema(kinds)))


def _chosen(
    lake: Lake,
    asked: dict[str, Any],
    as_of: Optional[Moment],
    all_versions: bool,
    duplicates: bool,
    filesystem: Optional[pafs.FileSystem],
) -> pa.Table:
    moment, columns = moment_of(as_of), asked.pop('columns')
    wanted = list(columns) if columns is not None else names_of(TABLES['articles'])
    names = [*wanted, *(name for name in CHOOSING if name not in wanted)]

    def select(rows: pa.Table) -> pa.Table:
        return choose(rows, moment, all_versions)

    table = read_rows(lake, 'articles', names, **asked, filesystem=filesystem, select=select)
    if not duplicates:
        known = find_copies_in(lake, moment, filesystem)
        table = table.filter(pc.invert(pc.is_in(table['row_id'], pa.array(known, STRING))))
    return table.select(wanted)


def _to_pandas(table: pa.Table) -> 'pandas.DataFrame':
    """As pandas reads Parquet, but whole numbers and booleans that may be null stay what they are."""
    import pandas

    kinds = {pa.int64(): pandas.Int64Dtype(), pa.bool_(): pandas.BooleanDtype()}
    return table.to_pandas(types_mapper=kinds.get)
