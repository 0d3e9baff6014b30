"""The queries behind the report's numbers, on its views. Their arguments are ``$1``, ``$2``."""

import dataclasses
import re
from collections.abc import Sequence

from pipelines.reporting.parts import Number

_ARTICLE = 'date, outlet, title, url'
_NEWEST = 'coalesce(published_at, first_seen_at) DESC, row_id'
_ARGUMENT = re.compile(r'\$(\d)')


@dataclasses.dataclass(frozen=True)
class Query:
    """SQL that returns the rows behind a number.

    ``counts`` says how the number follows from them: ``rows`` for how many there are, or a column: its sum,
    or for a share and the like its value in the only row.
    """

    sql: str
    counts: str = 'rows'


def _latest(condition: str, source: str = 'latest') -> Query:
    return Query(f'SELECT {_ARTICLE} FROM {source}{condition and " WHERE "}{condition} ORDER BY {_NEWEST}')


def _feeds(condition: str) -> Query:
    return Query(
        'SELECT feed_url, feed_title, status, reason, polls, failures, scrolls, undated, '
        'last_good, last_poll\n'
        f'FROM feed_health{condition and " WHERE "}{condition} ORDER BY feed_url'
    )


def _hosts(column: str) -> Query:
    return Query(
        f'SELECT host, run_id, {column} FROM hosts WHERE host = $1 AND {column} > 0 ORDER BY run_id', column
    )


_PLACE = (
    'dateline_geonameid IS NOT DISTINCT FROM $1 AND dateline_place = $2 '
    'AND dateline_country IS NOT DISTINCT FROM $3'
)
_MENTIONS = """SELECT date, latest.outlet, title, url, canonical, "count" AS mentions
FROM named JOIN latest USING (row_id) WHERE entity_id = $1{}
ORDER BY mentions DESC, row_id"""
_OUTLETS_OF = 'SELECT outlet, count(DISTINCT article_id) AS articles FROM {} GROUP BY outlet ORDER BY outlet'
_MEMBERS = 'SELECT first_seen_at, outlet, version, title, url FROM {} ORDER BY first_seen_at, row_id'
# What an alarm compares: see transforms/functions/outlet_alarms.py. Days are from $2 to $3; $4 and $5 are how
# many, and after how many.
_FIRST_VERSIONS = (
    '  FROM lake_articles WHERE outlet = $1 AND date BETWEEN $2 AND $3 AND version = 1\n'
    '  ORDER BY ingested_at DESC, row_id DESC LIMIT $4 OFFSET $5'
)
_DECISIONS = """
  FROM lake_ledger WHERE subject = 'item' AND date BETWEEN $2 AND $3 AND feed_url IN (
    SELECT feed_url FROM lake_articles WHERE date BETWEEN $2 AND $3
    GROUP BY feed_url HAVING mode(outlet) = $1)
  AND (reason IN ('no_text', 'not_an_article') OR disposition IN ('written', 'updated'))
  ORDER BY decided_at DESC, is_empty DESC LIMIT $4 OFFSET $5"""
# A signature is 6 bytes of head and 288 slots of two bytes; two texts are alike that agree in 0.7 of them.
_PAIRS = f"""WITH signed AS (
  SELECT row_id, hex(signature) AS slots
{_FIRST_VERSIONS}
)
SELECT one.row_id, other.row_id,
  list_avg([(one.slots[13 + 4 * n : 16 + 4 * n] = other.slots[13 + 4 * n : 16 + 4 * n])::INT
    FOR n IN range(288)]) AS agreement
FROM signed AS one JOIN signed AS other ON one.row_id < other.row_id
WHERE one.slots IS NOT NULL AND other.slots IS NOT NULL"""

QUERIES = {
    # articles
    'articles': _latest(''),
    'stories': _latest('', 'stories'),
    'outlets': Query(_OUTLETS_OF.format('latest')),
    'days': Query('SELECT date, count(*) AS articles FROM latest GROUP BY date ORDER BY date'),
    'articles_of_day': _latest('date = $1'),
    'stories_of_day': _latest('date = $1', 'stories'),
    'articles_of_outlet': _latest('outlet = $1'),
    'stories_of_outlet': _latest('outlet = $1', 'stories'),
    'articles_of_outlet_day': _latest('outlet = $1 AND date = $2'),
    'articles_before': _latest('date < $1'),
    'stories_before': _latest('date < $1', 'stories'),
    # datelines
    'articles_with_dateline': _latest('dateline_place IS NOT NULL'),
    'articles_without_dateline': _latest('dateline_place IS NULL'),
    'places': Query(
        'SELECT dateline_geonameid, dateline_place, dateline_country, count(*) AS articles FROM latest\n'
        'WHERE dateline_place IS NOT NULL GROUP BY ALL ORDER BY articles DESC'
    ),
    'articles_from_place': _latest(_PLACE),
    # what is named
    'articles_naming': _latest('', 'latest SEMI JOIN (FROM named WHERE entity_id = $1) USING (row_id)'),
    'articles_of_outlet_naming': _latest(
        'outlet = $2', 'latest SEMI JOIN (FROM named WHERE entity_id = $1) USING (row_id)'
    ),
    'mentions': Query(_MENTIONS.format(''), 'mentions'),
    'mentions_in_outlet': Query(_MENTIONS.format(' AND latest.outlet = $2'), 'mentions'),
    'named': Query(
        'SELECT entity_id, mode(canonical) AS canonical, count(DISTINCT row_id) AS articles FROM named\n'
        'WHERE list_contains($1, label) GROUP BY entity_id ORDER BY articles DESC'
    ),
    # one event, several outlets
    'shared_texts': Query(
        'SELECT first, list_sort(list(DISTINCT outlet)) AS outlets, arg_min(title, first_seen_at) AS title\n'
        'FROM shared GROUP BY first HAVING count(DISTINCT outlet) > 1 ORDER BY first'
    ),
    'copies': Query(f'SELECT {_ARTICLE}, copy_of FROM latest JOIN copies USING (row_id) ORDER BY {_NEWEST}'),
    'copies_of_outlet': Query(
        f'SELECT {_ARTICLE}, copy_of FROM latest JOIN copies USING (row_id)\n'
        f'WHERE outlet = $1 ORDER BY {_NEWEST}'
    ),
    'outlets_of_text': Query(_OUTLETS_OF.format('shared WHERE first = $1')),
    'versions_of_text': Query(_MEMBERS.format('shared WHERE first = $1')),
    'agency_stories': Query(
        'SELECT story, any_value(story_agency) AS agency, list_sort(list(DISTINCT outlet)) AS outlets\n'
        'FROM carried GROUP BY story HAVING count(DISTINCT outlet) > 1 ORDER BY story'
    ),
    'outlets_of_story': Query(_OUTLETS_OF.format('carried WHERE story = $1')),
    'versions_of_story': Query(_MEMBERS.format('carried WHERE story = $1')),
    # versions
    'edited': _latest('version > 1'),
    'edited_of_outlet': _latest('outlet = $1 AND version > 1'),
    'later_versions': Query(
        f'SELECT {_ARTICLE}, version, changed, changed_share FROM articles WHERE version > 1\n'
        'ORDER BY first_seen_at DESC, row_id'
    ),
    'versions_changing': Query(
        f'SELECT {_ARTICLE}, version, changed_share FROM articles\n'
        'WHERE version > 1 AND list_contains(changed, $1) ORDER BY first_seen_at DESC, row_id'
    ),
    'versions': Query(
        'SELECT version, first_seen_at, title, changed, changed_share, row_id FROM articles\n'
        'WHERE article_id = $1 ORDER BY version'
    ),
    'changed_share': Query(
        'SELECT version, changed, changed_share FROM articles WHERE row_id = $1', 'changed_share'
    ),
    # the books
    'polls': Query('SELECT polled_at, feed_url, status, reason FROM polls ORDER BY polled_at'),
    'items_shown': Query(
        'SELECT polled_at, feed_url, items_shown FROM polls WHERE items_shown > 0 ORDER BY polled_at',
        'items_shown',
    ),
    'items_unchanged': Query(
        'SELECT polled_at, feed_url, items_unchanged FROM polls WHERE items_unchanged > 0 ORDER BY polled_at',
        'items_unchanged',
    ),
    'items': Query(
        'SELECT date, url, feed_url, detail FROM items SEMI JOIN polls USING (poll_id)\n'
        'WHERE disposition = $1 AND reason IS NOT DISTINCT FROM $2 ORDER BY decided_at, sighting_id'
    ),
    'items_of_no_poll': Query(
        'SELECT date, url, disposition, reason FROM items ANTI JOIN polls USING (poll_id)\n'
        'ORDER BY decided_at, sighting_id'
    ),
    'unbalanced': Query(
        'SELECT (SELECT coalesce(sum(items_shown - items_unchanged), 0) FROM polls)\n'
        '  - (SELECT count(*) FROM items SEMI JOIN polls USING (poll_id)) AS difference',
        'difference',
    ),
    # feeds
    'feeds': _feeds(''),
    'feeds_late': _feeds('is_late'),
    'feeds_dead': _feeds('is_dead'),
    'feeds_refused': _feeds('is_refused'),
    'feeds_scrolled_off': _feeds('is_scrolled_off'),
    'feeds_undated': _feeds('is_undated'),
    'polls_of_feed': Query(
        'SELECT polled_at, status, reason, items_shown, items_unchanged, scrolled_off FROM feed_polls\n'
        'WHERE feed_url = $1 ORDER BY polled_at DESC'
    ),
    'failures_of_feed': Query(
        'SELECT polled_at, status, reason FROM feed_polls WHERE feed_url = $1 AND NOT good\n'
        'ORDER BY polled_at DESC'
    ),
    'scrolls_of_feed': Query(
        'SELECT polled_at, items_shown FROM feed_polls WHERE feed_url = $1 AND scrolled_off AND good\n'
        'ORDER BY polled_at DESC'
    ),
    'undated_of_feed': Query(
        f"SELECT {_ARTICLE} FROM articles WHERE feed_url = $1 AND date_from = 'first_seen'\n"
        'AND date >= $2 ORDER BY date DESC, row_id'
    ),
    'polls_of_day': Query(
        'SELECT polled_at, feed_url, status, reason FROM polls WHERE date = $1 AND status = $2\n'
        'ORDER BY polled_at'
    ),
    # hosts
    'hosts': Query('SELECT host, sum(requests) AS requests FROM hosts GROUP BY host ORDER BY requests DESC'),
    'requests': Query('SELECT host, run_id, requests FROM hosts ORDER BY requests DESC', 'requests'),
    'refusals': Query(
        'SELECT host, sum(robots_denials + answers_429 + answers_503) AS refusals FROM hosts\n'
        'GROUP BY host HAVING refusals > 0 ORDER BY refusals DESC',
        'refusals',
    ),
    'requests_to': _hosts('requests'),
    'denials_of': _hosts('robots_denials'),
    'too_many_of': _hosts('answers_429'),
    'unavailable_of': _hosts('answers_503'),
    'shortest_gap_of': Query('SELECT min(shortest_gap_s) AS value FROM hosts WHERE host = $1', 'value'),
    # alarms
    'outlets_named': Query(
        'SELECT outlet, count(*) AS versions FROM lake_articles WHERE list_contains($1, outlet) '
        'GROUP BY outlet'
    ),
    'alarm_shorter': Query(
        f'SELECT median(word_count) AS value FROM (\n  SELECT url, word_count\n{_FIRST_VERSIONS})', 'value'
    ),
    'alarm_alike': Query(f'SELECT avg((agreement >= 0.7)::INT) AS value FROM (\n{_PAIRS})', 'value'),
    'alarm_empty': Query(
        'SELECT avg(is_empty::INT) AS value FROM (\n  SELECT url, '
        f"coalesce(reason IN ('no_text', 'not_an_article'), false) AS is_empty{_DECISIONS})",
        'value',
    ),
}


def filled(sql: str, literals: Sequence[str]) -> str:
    """The SQL with its arguments, as the page's script fills them in.

    >>> filled('SELECT $2, $1', ["'a $2'", '3'])
    "SELECT 3, 'a $2'"
    """
    return _ARGUMENT.sub(lambda found: literals[int(found[1]) - 1], sql)


def sql_of(number: Number) -> str:
    """The query that returns the rows behind a number."""
    return filled(QUERIES[number.query].sql, number.literals)
