"""Views on the rows chosen: latest versions, what they name, shared texts, items, the health of feeds."""

import datetime

from pipelines.reporting.untrusted import literal
from pipelines.reporting.views import Choice, where
from transforms.functions.auditing.findings import (
    DAYS,
    DEAD_DAYS,
    LISTED_DAYS,
    UNDATED_DAYS,
    UNDATED_SHARE,
)

# How long after a feed was due it is late, as a share of its interval: that of `dateline status`.
LATE_SHARE = 0.5

_ARTICLES = {
    'latest': """SELECT * EXCLUDE (entities) FROM articles
QUALIFY row_number() OVER (PARTITION BY article_id ORDER BY version DESC) = 1""",
    'stories': 'FROM latest ANTI JOIN copies USING (row_id)',
    'named': """SELECT row_id, outlet, unnest(entities, recursive := true)
FROM articles SEMI JOIN latest USING (row_id)""",
    'shared': """SELECT first, articles.* FROM (
  SELECT row_id, copy_of AS first FROM copies UNION SELECT copy_of, copy_of FROM copies
) JOIN articles USING (row_id)""",
    'carried': """SELECT story, part.agency AS story_agency, articles.*
FROM (SELECT story, agency, unnest(members) AS row_id FROM syndication) AS part
JOIN articles USING (row_id)""",
}
_ITEMS = """FROM ledger WHERE subject = 'item'
QUALIFY row_number() OVER (PARTITION BY sighting_id ORDER BY attempt DESC) = 1"""


def derived_views(choice: Choice, now: datetime.datetime) -> dict[str, str]:
    """What is derived, by name; ``now`` is the moment at which feeds are late or not."""
    return {
        **_ARTICLES,
        'hosts': f'FROM lake_hosts{where(choice.days)}',
        'ledger': f'FROM lake_ledger{where(choice.days, choice.feeds)}',
        'items': _ITEMS,
        'polls': f'FROM lake_polls{where(choice.days, choice.feeds)}',
        'feed_polls': _feed_polls(choice),
        'feed_health': _feed_health(now),
    }


def _feed_polls(choice: Choice) -> str:
    newest = f'(SELECT max(date) FROM lake_polls{where(choice.until_only)})'
    # A poll that had no time says nothing of its feed.
    known = where(
        "coalesce(reason, '') NOT IN ('host_budget', 'run_ended')",
        f'date >= {newest} - {DAYS}',
        choice.until_only,
        choice.feeds,
    )
    return (
        f"SELECT *, status IN ('ok', 'not_modified', 'moved') AS good, {newest} AS newest_day\n"
        f'FROM lake_polls{known}'
    )


def _feed_health(now: datetime.datetime) -> str:
    return f"""WITH
  feeds AS (
    SELECT feed_url, count(*) AS polls, max(polled_at) AS last_poll,
      max(polled_at) FILTER (good) AS last_good, arg_max(feed_title, moment) AS feed_title,
      arg_max(good, moment) AS good, arg_max(status, moment) AS status,
      arg_max_null(reason, moment) AS reason, arg_max(interval_s, moment) AS interval_s,
      arg_max(next_due_at, moment) AS next_due_at, any_value(newest_day) AS newest_day,
      count(*) FILTER (scrolled_off AND good) AS scrolls, count(*) FILTER (NOT good) AS failures
    FROM (SELECT *, row(polled_at, poll_id) AS moment FROM feed_polls) GROUP BY feed_url
  ),
  dates AS (
    SELECT feed_url, count(*) AS articles, count(*) FILTER (date_from = 'first_seen') AS undated
    FROM articles WHERE date >= (SELECT max(newest_day) - {UNDATED_DAYS} FROM feed_polls) GROUP BY feed_url
  )
SELECT feeds.*, coalesce(articles, 0) AS articles, coalesce(undated, 0) AS undated,
  NOT good AND reason IS DISTINCT FROM 'robots'
    AND (status = 'gone' OR coalesce(last_good < last_poll - INTERVAL {DEAD_DAYS} DAY, true)) AS is_dead,
  NOT good AND reason IS NOT DISTINCT FROM 'robots' AS is_refused,
  good AND {literal(now)} > next_due_at + to_microseconds((interval_s * {LATE_SHARE} * 1e6)::BIGINT)
    AS is_late,
  scrolls > 0 AS is_scrolled_off,
  coalesce(undated / articles >= {UNDATED_SHARE}, false) AS is_undated
FROM feeds LEFT JOIN dates USING (feed_url)
WHERE last_poll >= (SELECT max(last_poll) FROM feeds) - INTERVAL {LISTED_DAYS} DAY"""
