"""Every error that the commands give, in one place: what is printed, when, and what to do.

docs/errors.md is made of this and of ``passed_errors``, and a test finds each error that is raised elsewhere.
"""

import argparse
import dataclasses
from typing import Any

from pipelines.command_help import Exit
from pipelines.usage import UsageError, say


@dataclasses.dataclass(frozen=True)
class UserError:
    """One error. ``message`` is a template of str.format; with exit code 2 it is raised, else printed."""

    group: str
    message: str
    when: str
    todo: str
    code: Exit = Exit.BAD_INPUT

    def text(self, **values: Any) -> str:
        """The sentence that is printed."""
        return self.message.format(**values)

    def error(self, **values: Any) -> UsageError:
        """The error to raise: ``dateline: `` and the sentence are printed, and the command ends with 2."""
        return UsageError(self.text(**values))

    def flag_error(self, **values: Any) -> argparse.ArgumentTypeError:
        """The error to raise in a flag's type; the parser puts the flag's name before it."""
        return argparse.ArgumentTypeError(self.text(**values))

    def say(self, **values: Any) -> None:
        """Prints the sentence to standard error, and the command goes on."""
        say(f'dateline: {self.text(**values)}')


_LINE, _LAKE, _SOURCES = 'The command line', 'The lake', 'Sources and sites'
_FILES, _RUNS, _ARTICLES = 'Files that are named', 'Runs', 'Articles'

# The command line

UNKNOWN_COMMAND = UserError(
    _LINE,
    'unknown command {name}{hint} See: dateline --help',
    'There is no such command; the nearest name is given where one is near.',
    'Take a name from `dateline --help`.',
)
UNKNOWN_FLAG = UserError(
    _LINE,
    'unknown flag {name}{hint} See: {prog} --help',
    'Neither the command nor Beam has such a flag.',
    'Take the flag that is named, or look it up in [configuration.md](configuration.md).',
)
USAGE = UserError(
    _LINE,
    '{message}. See: {prog} --help',
    'An argument is missing, or a flag lacks its value or has one that cannot be meant.',
    'Give what the sentence asks for; `--help` has an example.',
)
UNKNOWN_RUNNER = UserError(
    _LINE,
    '--runner={runner}: Beam knows no such runner; leave it out to run on this machine',
    'The name is none of a Beam runner.',
    'Leave the flag out to run on this machine, or name FlinkRunner, SparkRunner, DataflowRunner ...',
)
NO_OUTPUT = UserError(
    _LINE,
    '--output is missing: name the folder of the lake, as in --output lake',
    'A run needs to know where to write.',
    'Add `--output lake`.',
)
NOT_FOR_WATCH = UserError(
    _LINE,
    '--dry_run and --limit are for dateline ingest: a job that never ends has neither',
    '`dateline watch` was given one of them.',
    'Leave it out, or use `dateline ingest`.',
)
PAGES_OR_MANIFEST = UserError(
    _LINE,
    'name either pages or a --manifest. See: dateline extract --help',
    '`dateline extract` was given both or neither.',
    'Name pages, or one `--manifest`.',
)
QUERY_OR_LAKE = UserError(
    _LINE,
    'give a QUERY or --unknown LAKE. See: dateline outlets --help',
    '`dateline outlets` was given both or neither.',
    'Give one of them.',
)
SITE_OR_LAKE = UserError(
    _LINE,
    'name a site, as in: dateline feeds example.org, or a lake: dateline feeds --audit lake',
    '`dateline feeds` was given nothing to look at.',
    'Name a site, or `--audit LAKE`.',
)
AUDIT_ALONE = UserError(
    _LINE,
    '--audit takes a lake only: no SITE, and no --opml. See: dateline feeds --help',
    'An audit reads a lake and asks no site.',
    'Leave the site or `--opml` out.',
)
VERSION_UNKNOWN = UserError(
    _LINE,
    '--versions: there is no version {version}; there are: {there}',
    'The article has no version of that number.',
    'Take numbers from the list.',
)
VERSION_TWICE = UserError(
    _LINE,
    '--versions: {a} and {b} are one version; name two',
    'A version was to be compared with itself.',
    'Name two numbers.',
)
NOT_POSITIVE = UserError(
    _LINE,
    '{text!r} is not a whole number above 0',
    'The flag counts something.',
    'Give 1, 2, 3 ...',
)
NOT_FROM_ZERO = UserError(
    _LINE,
    '{text!r} is not a number from 0',
    'The flag is a length of time that may be 0.',
    'Give a number such as 0 or 0.5.',
)
NOT_ABOVE_ZERO = UserError(
    _LINE,
    '{text!r} is not a number above 0',
    'The flag is a length of time that cannot be 0.',
    'Give a number such as 0.5 or 30.',
)
NOT_A_TIME = UserError(
    _LINE,
    '{text!r} is not a time as 90, 30m, 6h or 2d',
    'The flag is a length of time: seconds, or with a unit.',
    'Write it as one of these.',
)
NOT_A_DAY = UserError(
    _LINE,
    '{text!r} is not a day as 2025-03-01',
    'The flag is a day.',
    'Write year, month and day.',
)
DAYS_REVERSED = UserError(
    _LINE,
    '--from {since} is after --to {until}; give the earlier day first',
    'No day is from the one to the other.',
    'Exchange the two.',
)
NOT_MODELS = UserError(
    _LINE,
    '{error}',
    'The flag is a model, or one for each language.',
    'Write `MODEL`, or `de=MODEL,fr=MODEL` beside the default for English.',
)
NOT_NETWORKS = UserError(
    _LINE,
    '{error}; write networks as 127.0.0.0/8,10.0.0.0/8',
    'An address range cannot be read, or has bits behind its prefix.',
    'Mend the range that the sentence quotes.',
)

# Files that are named

BAD_PROXY = UserError(
    _LINE,
    'a proxy of the environment cannot be used ({error}); mend or unset http_proxy, https_proxy, all_proxy',
    'A variable names a proxy that is none of HTTP.',
    'Mend or unset it.',
)
BAD_OUTLETS = UserError(
    _FILES,
    '{error}',
    'A registry of outlets has a line that cannot be meant; file and line are named.',
    'Mend that line; [operations.md](operations.md#outlets-of-ones-own) has the columns.',
)
OUTLETS_UNREADABLE = UserError(
    _FILES,
    '{path} cannot be read ({why}); name a CSV file',
    'The registry of outlets is not there, or not to be read.',
    'Check the path and its permissions.',
)
OUTLETS_NOT_CSV = UserError(
    _FILES,
    '{path} is not a CSV file in UTF-8; save it as one',
    'The registry of outlets is no text, or in another encoding.',
    'Save it as CSV in UTF-8.',
)
BAD_ENTITIES = UserError(
    _FILES,
    '{error}',
    'A table of entities has a line that cannot be meant; file and line are named.',
    'Mend that line; [facts.md](facts.md#tables-of-ones-own) has the columns.',
)
ENTITIES_UNREADABLE = UserError(
    _FILES,
    '{path} cannot be read ({why}); name a CSV file, or none',
    'The table of entities is not there, or not to be read.',
    'Check the path and its permissions.',
)
ENTITIES_NOT_CSV = UserError(
    _FILES,
    '{path} is not a CSV file in UTF-8; save it as one',
    'The table of entities is no text, or in another encoding.',
    'Save it as CSV in UTF-8.',
)
MANIFEST_UNREADABLE = UserError(
    _FILES,
    '--manifest {path}: cannot be read ({why}); name a file of JSON lines',
    'The list of pages is not there, or not to be read.',
    'Check the path.',
)
TEXTS_UNREADABLE = UserError(
    _FILES,
    '{path}: cannot be read ({why}); name a file of JSON lines, or -',
    'The texts to annotate are not there, or not to be read.',
    'Check the path; `-` reads standard input.',
)
BAD_MODEL = UserError(
    _FILES,
    '--entities_model: {error}',
    'The entity model is missing, is no spaCy model with entities, or is not the release that was checked.',
    'Do what the sentence says; `dateline doctor` checks it again.',
)
OUTPUT_FULL = UserError(
    _FILES,
    'the output cannot be written ({why})',
    'Standard output leads to a disk that is full.',
    'Make room, and run the command again.',
    Exit.WRONG,
)
IS_A_FOLDER = UserError(
    _FILES,
    '{path} is a folder; name a file: -o {file}',
    'The report is one file.',
    'Name a file in the folder.',
)
FILE_NOT_WRITABLE = UserError(
    _FILES,
    '{path}: cannot be written ({why})',
    'The file of the report cannot be made or replaced.',
    'Name another one, or make room on the disk.',
)
REPORT_NEEDS = UserError(
    _FILES,
    "a report needs {packages}; install it with: pip install 'dateline[report]'",
    'The packages that only `dateline report` needs are not installed.',
    'Install the extra `report`.',
)
CACHE_UNWRITABLE = UserError(
    _FILES,
    '{error}',
    'The tables of places cannot be compiled or read: no folder can be written, or a file is damaged.',
    'Do what the sentence says.',
)

# The lake

NO_FOLDER = UserError(
    _LAKE,
    '{lake}: there is no such folder; name the lake that `dateline ingest --output` wrote',
    'The lake is not where it was looked for.',
    'Check the path. `--lake`, `--unknown` and `dateline status` read lakes on this machine only.',
)
NO_TABLE = UserError(
    _LAKE,
    '{lake}: holds no table of a lake; name what `dateline ingest --output` was given',
    'The folder is there and is no lake, or nothing was committed to it yet.',
    'Name the folder that has `articles`, `ledger` and `polls` in it.',
)
NOT_REACHED = UserError(
    _LAKE,
    '{lake}: Beam cannot reach it ({error}); check the URL, and that its file system is installed',
    "The lake's URL has an unknown scheme, or the store does not answer.",
    'Install the part of Beam for that store (`pip install apache-beam[gcp]`, `[aws]`), check credentials.',
)
NOT_WRITABLE = UserError(
    _LAKE,
    '--output {lake}: cannot be written ({why}); name a folder that can be',
    'The folder of the lake cannot be made or written.',
    'Check permissions and the disk; `dateline doctor LAKE` does.',
)
ANOTHER_RUN = UserError(
    _LAKE,
    '{lake}: another run ({other}) is writing to it; wait until it ends, or name another lake',
    'One run at a time writes to a lake on this machine.',
    'Wait. The lock ends with its process, however that ends; nothing has to be removed.',
)
NEEDS_EXCHANGE = UserError(
    _LAKE,
    '{lake}: `dateline {command}` needs a file system that exchanges two folders in one step, and object '
    'stores do not; see docs/operations.md',
    'compact and forget were given a lake at a URL.',
    'See [operations.md](operations.md#object-stores).',
)
NO_EXCHANGE = UserError(
    _LAKE,
    '{error}; see docs/operations.md',
    'The file system of the lake cannot exchange two folders.',
    'See [operations.md](operations.md#object-stores).',
)
BUSY_LAKE = UserError(
    _LAKE,
    '{error}; run the same command again later',
    'Another process has held the lease of the lake for ten minutes; it is named.',
    'Look at that process. A lease whose process is gone is taken over by itself.',
)
READ_AGAIN = UserError(
    _LAKE,
    '{lake}: its files are exchanged faster than they can be read; run it again ({error})',
    'compact or a run exchanged a partition at each attempt to read it.',
    'Run the command again.',
)
DAMAGED = UserError(
    _LAKE,
    '{error}',
    'A file of the lake cannot be read; it is named.',
    'Let the repair move it aside and make good what it held.',
)
DAMAGED_PARTITION = UserError(
    _LAKE,
    '{error}; see: dateline check {lake}',
    "A file of an article's partition cannot be read; it is named.",
    'Let `dateline check LAKE --repair` move it aside and make good what it held.',
)
DAMAGED_STOPS = UserError(
    _LAKE,
    '{error}',
    'A file of the lake cannot be read, and what was begun cannot go on without it.',
    'Let the repair move it aside and make good what it held; then start again.',
    Exit.WRONG,
)
PASSED_ON = UserError(
    _LAKE,
    '{error}',
    'Something stood in the way that says itself what it is.',
    'Do what the sentence says.',
)
FILE_SYSTEM = UserError(
    _LAKE,
    '{where}: {why}',
    'The operating system refused to read or write there.',
    'Check permissions and the disk. The lake is as it was before that step.',
)
LEASE_STOPS = UserError(
    _LAKE,
    '{error}; what was committed stays, and the same command takes up the rest later',
    'A run could not have the lease of the lake.',
    'Look at the process that is named, and start again.',
    Exit.WRONG,
)
WRITING_STOPS = UserError(
    _LAKE,
    '{error}; what was committed stays, and once the lake can be written the same command takes up the rest',
    'The disk is full, or the folder cannot be written any more.',
    'Make room, and start again.',
    Exit.WRONG,
)
REPAIR_STOPS = UserError(
    _LAKE,
    'the repair ended early ({error}); start it again once that is set right',
    'Something stood in the way of a repair; what the lines above it say is done.',
    'Set right what is named, and start it again.',
    Exit.WRONG,
)
NEVER_BEGUN = UserError(
    _LAKE,
    '{lake}: interrupted before anything was committed; run the same command again',
    'A run was ended before its first commit. (Printed by `check`; no fault.)',
    'Run it again.',
    Exit.GOOD,
)

# Sources and sites

NO_FEED = UserError(
    _SOURCES,
    '{sources}: no usable feed in it; give a feed URL, an OPML file or a list of feeds',
    'None of the sources named a feed; the sentences before it say what was wrong with each line.',
    'Mend the list, or name a feed.',
)
BAD_SOURCE = UserError(
    _SOURCES,
    '{error}',
    'A source is no feed, OPML file or list.',
    'Do what the sentence says.',
)
SITE_GONE = UserError(
    _SOURCES,
    '{site}: cannot be had: {why}; check the address',
    "A site's page did not answer, or robots.txt forbids it.",
    'Open it in a browser; name the feed itself where you know it.',
)
LIST_GONE = UserError(
    _SOURCES,
    '{url}: cannot be had ({why}); check the URL',
    'A list of feeds on the web did not answer.',
    'Check the URL, or keep the list in a file.',
)
POLLED_ON = UserError(
    _SOURCES,
    '{error}; the feeds known before are polled on',
    'A source of `dateline watch` cannot be read any more.',
    'Mend the source; nothing has to be restarted.',
    Exit.GOOD,
)
SKIPPED_LINE = UserError(
    _SOURCES,
    'skipped: {fault}',
    'A line of a source names no feed. The others are polled, and the ledger has the line.',
    'Mend the line.',
    Exit.GOOD,
)
BAD_SITE = UserError(
    _SOURCES,
    '{error}',
    'What was given to `dateline feeds` can be no site.',
    'Give a home page (`https://example.org/`) or a domain.',
)
NO_FEED_FOUND = UserError(
    _SOURCES,
    '{why}',
    'A site has no feed that was found, or cannot be had; the sentence lists what was tried.',
    "Give the feed's address where you know it.",
    Exit.WRONG,
)
NOT_ALL_ASKED = UserError(
    _SOURCES,
    '{site}: {count} more addresses that may be feeds were not asked',
    'A site names more than thirty addresses that look like feeds.',
    'Name the section of the site that you want.',
    Exit.GOOD,
)
UNKNOWN_OUTLET = UserError(
    _SOURCES,
    'no outlet is known by {query!r}; add it to a file for --outlets_file',
    'The registry has no outlet of that name or address.',
    'Add a line to a file of your own.',
    Exit.WRONG,
)

# Articles

NO_ARTICLE = UserError(
    _ARTICLES,
    '{error}',
    'The lake has no such article, or several could be meant.',
    'Give its URL as the lake has it, or its whole `article_id`.',
)

# Runs

CHILDREN_FAIL = UserError(
    _RUNS,
    '{error}',
    'The child processes that analyse pages did not start; the sentence is theirs.',
    'Do what it says; `dateline doctor` checks model, places and packages.',
)
INTERRUPTED = UserError(
    _RUNS,
    'interrupted{kept}',
    'Ctrl-C. What was kept is said.',
    'Run the same command again to go on.',
    Exit.INTERRUPTED,
)
BROKEN_PART = UserError(
    _RUNS,
    'a part of the installation cannot be loaded ({error}); run: dateline doctor',
    'A package is missing or broken.',
    'Do what `dateline doctor` says.',
    Exit.WRONG,
)
UNFORESEEN = UserError(
    _RUNS,
    'this was not foreseen ({error}); what was committed to a lake stays. Please report it, with the lines '
    'above',
    'A fault of Dateline itself, of the runner or of this machine. Lines for its makers are above it.',
    'Run the command again; report it if it comes again.',
    Exit.WRONG,
)
