"""A lake's rows in DuckDB, read by the reading helpers, under the names that the report's views have."""

import datetime
import json
from collections.abc import Iterable, Iterator
from typing import Any, Optional

import duckdb
import pyarrow as pa

from pipelines.reading import read
from pipelines.reporting.derived_views import derived_views
from pipelines.reporting.views import COLUMNS, HOST_COLUMNS, PARTITIONS, Choice
from schemas.columns import STRING
from transforms.functions.auditing.findings import DAYS
from transforms.functions.lake import Lake
from transforms.functions.reading.copies import VERSION_COLUMNS, find_copies, find_stories

# Views that many queries need are made once, as tables.
_KEPT = frozenset(('latest', 'named', 'shared', 'carried', 'items', 'polls', 'feed_polls', 'feed_health'))
_HOSTS = pa.schema([('run_id', STRING), ('date', STRING), ('host', STRING), *(
    (name, pa.float64() if kind == 'DOUBLE' else pa.int64())
    for name, kind in HOST_COLUMNS.items() if name != 'host'
)])  # fmt: skip


def load(lake: Lake, choice: Choice, now: datetime.datetime) -> 'duckdb.DuckDBPyConnection':
    """A connection with all tables and views of the report, filled with the rows chosen.

    Memory: the narrow columns of the articles, ledger rows and polls of the days chosen, about 7 KB an
    article with twelve entities while it is read, and 200 bytes a ledger row. Raises what
    ``pipelines.reading`` raises.
    """
    # What DuckDB lacks is an error then, and not asked for over the network.
    config: dict[str, Any] = {'autoinstall_known_extensions': 'false', 'autoload_known_extensions': 'false'}
    connection = duckdb.connect(config=config)
    connection.execute("SET TimeZone = 'UTC'")
    links = _read(lake, 'links')
    _add(connection, 'articles', _read(lake, 'articles', choice.since, choice.until, choice.outlets))
    _add(connection, 'lake_ledger', _read(lake, 'ledger', choice.since, choice.until))
    _add(connection, 'lake_polls', _read(lake, 'polls', _first_day_of_polls(lake, choice), choice.until))
    _add(connection, 'lake_hosts', pa.Table.from_pylist(list(_hosts(lake)), schema=_HOSTS))
    _add(connection, 'copies', _texts(('row_id', 'copy_of'), _copies(connection, lake, links, choice)))
    stories = find_stories(links)
    members = [(story.group, story.agency, member) for story in stories for member in story.members]
    _add(connection, 'members', _texts(('story', 'agency', 'row_id'), members))
    connection.execute(
        'CREATE VIEW syndication AS SELECT story, any_value(agency) AS agency, list(row_id) AS members '
        'FROM members GROUP BY story'
    )
    for name, query in derived_views(choice, now).items():
        connection.execute(f'CREATE {"TABLE" if name in _KEPT else "VIEW"} {name} AS {query}')
    return connection


def there(lake: Lake) -> dict[str, bool]:
    """Which of the tables that the report reads, and ``_runs``, have any file."""
    found = {table: bool(lake.files(table)) for table in COLUMNS}
    return found | {'_runs': bool(_records(lake))}


def _read(
    lake: Lake,
    table: str,
    since: Optional[datetime.date] = None,
    until: Optional[datetime.date] = None,
    outlets: tuple[str, ...] = (),
) -> pa.Table:
    names = [*COLUMNS[table], *PARTITIONS[table]]
    return read(lake.root, table, since=since, until=until, outlets=outlets or None, columns=names)


def _add(connection: 'duckdb.DuckDBPyConnection', name: str, rows: pa.Table) -> None:
    rows = rows.combine_chunks()  # each of thousands of small ones would cost as much as a large one
    connection.register('given', rows)
    cast = 'REPLACE (date::DATE AS date)' if 'date' in rows.schema.names else ''
    connection.execute(f'CREATE TABLE {name} AS SELECT * {cast} FROM given')
    connection.unregister('given')


def _copies(
    connection: 'duckdb.DuckDBPyConnection', lake: Lake, links: pa.Table, choice: Choice
) -> Iterable[tuple[str, str]]:
    """As ``pipelines.reading.copies`` has them: the whole lake decides, whatever is chosen of it."""
    if not links.num_rows:
        return ()
    source = 'articles'
    if choice.articles:
        connection.register('versions', read(lake.root, 'articles', columns=VERSION_COLUMNS))
        source = 'versions'
    connection.register('given', links)
    linked = connection.sql(
        f'SELECT {", ".join(VERSION_COLUMNS)} FROM {source} WHERE row_id IN (SELECT row_id FROM given) '
        'OR row_id IN (SELECT target FROM given) OR article_id IN (SELECT target FROM given)'
    ).to_arrow_table()
    connection.unregister('given')
    return find_copies(links, linked).items()


def _texts(names: tuple[str, ...], rows: Iterable[Iterable[Optional[str]]]) -> pa.Table:
    columns = zip(*rows, strict=True)
    found = dict(zip(names, columns, strict=False)) or {name: () for name in names}
    return pa.table({name: pa.array(found[name], STRING) for name in names})


def _first_day_of_polls(lake: Lake, choice: Choice) -> Optional[datetime.date]:
    """The health of feeds is told by days before the newest one, which may be before those chosen."""
    if choice.since is None:
        return None
    days = [lake.partition_of('polls', path)[0] for path in lake.files('polls')]
    newest = max((day for day in days if choice.until is None or day <= str(choice.until)), default=None)
    if newest is None:
        return choice.since
    return min(choice.since, datetime.date.fromisoformat(newest) - datetime.timedelta(days=DAYS))


def _records(lake: Lake) -> list[str]:
    folder = f'{lake.root}/_runs'
    return [
        path
        for path in lake.storage.list_files(folder)
        if path.endswith('.json') and '/' not in path[len(folder) + 1 :]
    ]


def _hosts(lake: Lake) -> Iterator[dict[str, Any]]:
    """A row for each run and host, from the runs' records; those of old runs have none."""
    for path in _records(lake):
        data = lake.storage.read_small(path)
        record = json.loads(data) if data else {}
        for host in record.get('hosts') or ():
            known = {name: host.get(name) for name in HOST_COLUMNS}
            yield known | {'run_id': record.get('run_id'), 'date': str(record.get('started_at'))[:10]}
