"""The views that all queries of the report are written on: as SQL for readers of the report.

``lake_views`` opens the files of a lake in DuckDB; ``derived_views`` are defined on what they give. The
report itself fills tables of the same names from ``pipelines.reading`` (see ``loading``) and takes the rest
from here, so that its numbers are those of the reading helpers; a test holds that the files give the same.
"""

import dataclasses
import datetime
from typing import Optional

from pipelines.reporting.untrusted import literal

# The columns that the report reads of each table, with their types in DuckDB.
COLUMNS = {
    'articles': {
        'row_id': 'VARCHAR', 'article_id': 'VARCHAR', 'version': 'INTEGER', 'text_hash': 'VARCHAR',
        'changed': 'VARCHAR[]', 'changed_share': 'FLOAT', 'url': 'VARCHAR', 'feed_url': 'VARCHAR',
        'title': 'VARCHAR', 'dateline_place': 'VARCHAR', 'dateline_geonameid': 'BIGINT',
        'dateline_country': 'VARCHAR',
        'dateline_latitude': 'DOUBLE', 'dateline_longitude': 'DOUBLE', 'published_at': 'TIMESTAMPTZ',
        'first_seen_at': 'TIMESTAMPTZ', 'ingested_at': 'TIMESTAMPTZ', 'word_count': 'INTEGER',
        'date_from': 'VARCHAR',
        'entities': 'STRUCT(canonical VARCHAR, label VARCHAR, entity_id VARCHAR, geonameid BIGINT, '
        '"count" INTEGER, salience FLOAT)[]',
    },
    'links': {
        'row_id': 'VARCHAR', 'kind': 'VARCHAR', 'target': 'VARCHAR', 'agency': 'VARCHAR',
        'original': 'VARCHAR', 'decided_at': 'TIMESTAMPTZ',
    },
    'ledger': {
        'sighting_id': 'VARCHAR', 'subject': 'VARCHAR', 'poll_id': 'VARCHAR', 'feed_url': 'VARCHAR',
        'url': 'VARCHAR', 'disposition': 'VARCHAR', 'reason': 'VARCHAR', 'detail': 'VARCHAR',
        'attempt': 'SMALLINT', 'decided_at': 'TIMESTAMPTZ',
    },
    'polls': {
        'poll_id': 'VARCHAR', 'feed_url': 'VARCHAR', 'feed_title': 'VARCHAR', 'polled_at': 'TIMESTAMPTZ',
        'status': 'VARCHAR', 'reason': 'VARCHAR', 'items_shown': 'INTEGER', 'items_unchanged': 'INTEGER',
        'interval_s': 'INTEGER', 'next_due_at': 'TIMESTAMPTZ', 'scrolled_off': 'BOOLEAN',
    },
}  # fmt: skip
PARTITIONS = {
    'articles': {'date': 'DATE', 'outlet': 'VARCHAR'},
    'links': {'date': 'DATE'},
    'ledger': {'date': 'DATE'},
    'polls': {'date': 'DATE'},
}
HOST_COLUMNS = {
    'host': 'VARCHAR', 'requests': 'BIGINT', 'wire_bytes': 'BIGINT', 'robots_denials': 'BIGINT',
    'answers_429': 'BIGINT', 'answers_503': 'BIGINT', 'shortest_gap_s': 'DOUBLE', 'delay_s': 'DOUBLE',
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Choice:
    """What of the lake the report is about; days are both included."""

    since: Optional[datetime.date] = None
    until: Optional[datetime.date] = None
    outlets: tuple[str, ...] = ()

    @property
    def days(self) -> str:
        """The days as a condition in SQL."""
        return ' AND '.join(
            f'date {sign} {literal(day)}'
            for sign, day in (('>=', self.since), ('<=', self.until))
            if day is not None
        )

    @property
    def until_only(self) -> str:
        """The last day as a condition in SQL."""
        return Choice(until=self.until).days

    @property
    def articles(self) -> str:
        """Days and outlets as a condition in SQL."""
        slugs = ', '.join(map(literal, self.outlets))
        return ' AND '.join(filter(None, (self.days, f'outlet IN ({slugs})' if slugs else '')))

    @property
    def feeds(self) -> str:
        """Which feeds are looked at: with outlets, those that brought an article of one of them."""
        return 'feed_url IN (SELECT feed_url FROM articles)' if self.outlets else ''


def where(*conditions: str) -> str:
    """The conditions that are not empty, as a clause."""
    given = [one for one in conditions if one]
    return f' WHERE {" AND ".join(given)}' if given else ''


def typed_nothing(columns: dict[str, str]) -> str:
    """A query without rows that has these columns."""
    return f'SELECT {", ".join(f"NULL::{kind} AS {name}" for name, kind in columns.items())} WHERE false'


def statements(views: dict[str, str]) -> str:
    """The views, by name, as SQL that makes them."""
    made = [f'CREATE OR REPLACE TEMP VIEW {name} AS\n{query};' for name, query in views.items()]
    return '\n\n'.join(["SET TimeZone = 'UTC';", *made])


def lake_views(root: str, there: dict[str, bool], choice: Choice) -> dict[str, str]:
    """Views that open a lake's files: ``lake_articles``, ``links``, ``lake_ledger``, ``lake_polls``,
    ``lake_hosts``; and the articles chosen. ``there`` says which tables, and ``_runs``, have any file."""
    folder = root.replace('[', '[[]').replace('*', '[*]').replace('?', '[?]')
    views = {}
    for table, columns in COLUMNS.items():
        keys = PARTITIONS[table]
        source = typed_nothing(columns | keys)
        if there[table]:
            glob = ''.join(f'/{key}=*' for key in keys)
            types = ', '.join(f"'{key}': {kind}" for key, kind in keys.items())
            path = literal(f'{folder}/{table}{glob}/[!_.]*.parquet')
            source += (
                f'\nUNION ALL BY NAME FROM read_parquet({path}, union_by_name = true, '
                f'hive_partitioning = true, hive_types = {{{types}}})'
            )
        views['links' if table == 'links' else f'lake_{table}'] = source
    views['lake_hosts'] = _lake_hosts(folder, there['_runs'])
    views['articles'] = f'FROM lake_articles{where(choice.articles)}'
    return views | {'copies': COPIES, 'syndication': SYNDICATION}


def _lake_hosts(folder: str, there: bool) -> str:
    if not there:
        return typed_nothing({'run_id': 'VARCHAR', 'date': 'DATE'} | HOST_COLUMNS)
    struct = ', '.join(f'{name} {kind}' for name, kind in HOST_COLUMNS.items())
    path = literal(f'{folder}/_runs/*.json')
    return (
        f'SELECT run_id, started_at[:10]::DATE AS date, unnest(hosts, recursive := true)\n'
        f"FROM read_json({path}, format = 'unstructured', maximum_object_size = 100000000,\n"
        f"  columns = {{run_id: 'VARCHAR', started_at: 'VARCHAR', hosts: 'STRUCT({struct})[]'}})"
    )


# As in docs/reading.md: the whole lake decides which articles are copies.
COPIES = """WITH RECURSIVE
  pairs AS (
    SELECT link.row_id AS one, coalesce(meant.row_id, link.target) AS other
    FROM links AS link
    LEFT JOIN lake_articles AS own ON own.row_id = link.row_id
    LEFT JOIN lake_articles AS meant ON meant.article_id = link.target AND meant.text_hash = own.text_hash
    WHERE link.kind IN ('duplicate_text', 'near_duplicate')
  ),
  edges AS (SELECT one, other FROM pairs UNION SELECT other, one FROM pairs),
  reached AS (
    SELECT one, other FROM edges
    UNION SELECT reached.one, edges.other FROM reached JOIN edges ON edges.one = reached.other
  ),
  firsts AS (
    SELECT reached.one AS row_id, min(row(first_seen_at, article_id, there.row_id)) AS first
    FROM reached JOIN lake_articles AS there ON there.row_id = reached.other GROUP BY ALL
  )
SELECT row_id, first[3] AS copy_of FROM firsts JOIN lake_articles USING (row_id)
WHERE article_id <> first[2]"""

SYNDICATION = """WITH RECURSIVE
  parts AS (SELECT * FROM links WHERE kind = 'syndication'),
  reached AS (
    SELECT target AS one, target AS other FROM parts
    UNION SELECT reached.one, more.target
    FROM reached JOIN parts AS here ON here.target = reached.other
    JOIN parts AS more ON more.row_id = here.row_id AND more.agency IS NOT DISTINCT FROM here.agency
  ),
  firsts AS (
    SELECT one AS target, arg_min(other, row(decided_at, other)) AS first
    FROM reached JOIN parts ON parts.target = reached.other GROUP BY one
  )
SELECT first AS story, arg_max(agency, row(decided_at, target, row_id)) AS agency,
  arg_max(original, row(decided_at, target, row_id)) AS original,
  list_sort(list(DISTINCT row_id)) AS members
FROM parts JOIN firsts USING (target) GROUP BY first"""
