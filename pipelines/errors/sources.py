"""Errors of sources, sites and outlets: what is polled, and where it was looked for."""

from pipelines.command_help import Exit
from pipelines.errors.user_error import Group, UserError

NO_FEED = UserError(
    Group.SOURCES,
    '{sources}: no usable feed in it; give a feed URL, an OPML file or a list of feeds',
    'None of the sources named a feed; the sentences before it say what was wrong with each line.',
    'Mend the list, or name a feed.',
)
BAD_SOURCE = UserError(
    Group.SOURCES,
    '{error}',
    'A source is no feed, OPML file or list.',
    'Do what the sentence says.',
)
SITE_GONE = UserError(
    Group.SOURCES,
    '{site}: cannot be had: {why}; check the address',
    "A site's page did not answer, or robots.txt forbids it.",
    'Open it in a browser; name the feed itself where you know it.',
)
LIST_GONE = UserError(
    Group.SOURCES,
    '{url}: cannot be had ({why}); check the URL',
    'A list of feeds on the web did not answer.',
    'Check the URL, or keep the list in a file.',
)
POLLED_ON = UserError(
    Group.SOURCES,
    '{error}; the feeds known before are polled on',
    'A source of `dateline watch` cannot be read any more.',
    'Mend the source; nothing has to be restarted.',
    Exit.GOOD,
)
SKIPPED_LINE = UserError(
    Group.SOURCES,
    'skipped: {fault}',
    'A line of a source names no feed. The others are polled, and the ledger has the line.',
    'Mend the line.',
    Exit.GOOD,
)
BAD_SITE = UserError(
    Group.SOURCES,
    '{error}',
    'What was given to `dateline feeds` can be no site.',
    'Give a home page (`https://example.org/`) or a domain.',
)
NO_FEED_FOUND = UserError(
    Group.SOURCES,
    '{why}',
    'A site has no feed that was found, or cannot be had; the sentence lists what was tried.',
    "Give the feed's address where you know it.",
    Exit.WRONG,
)
NOT_ALL_ASKED = UserError(
    Group.SOURCES,
    '{site}: {count} more addresses that may be feeds were not asked',
    'A site names more than thirty addresses that look like feeds.',
    'Name the section of the site that you want.',
    Exit.GOOD,
)
UNKNOWN_OUTLET = UserError(
    Group.SOURCES,
    'no outlet is known by {query!r}; add it to a file for --outlets_file',
    'The registry has no outlet of that name or address.',
    'Add a line to a file of your own.',
    Exit.WRONG,
)
