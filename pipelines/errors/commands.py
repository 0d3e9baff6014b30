"""Errors of the command line, and what can end any command."""

from pipelines.command_help import Exit
from pipelines.errors.user_error import Group, UserError

# The command line

UNKNOWN_COMMAND = UserError(
    Group.LINE,
    'unknown command {name}{hint} See: dateline --help',
    'There is no such command; the nearest name is given where one is near.',
    'Take a name from `dateline --help`.',
)
UNKNOWN_FLAG = UserError(
    Group.LINE,
    'unknown flag {name}{hint} See: {prog} --help',
    'Neither the command nor Beam has such a flag.',
    'Take the flag that is named, or look it up in [configuration.md](configuration.md).',
)
USAGE = UserError(
    Group.LINE,
    '{message}. See: {prog} --help',
    'An argument is missing, or a flag lacks its value or has one that cannot be meant.',
    'Give what the sentence asks for; `--help` has an example.',
)
UNKNOWN_RUNNER = UserError(
    Group.LINE,
    '--runner={runner}: Beam knows no such runner; leave it out to run on this machine',
    'The name is none of a Beam runner.',
    'Leave the flag out to run on this machine, or name FlinkRunner, SparkRunner, DataflowRunner ...',
)
NO_OUTPUT = UserError(
    Group.LINE,
    '--output is missing: name the folder of the lake, as in --output lake',
    'A run needs to know where to write.',
    'Add `--output lake`.',
)
NOT_FOR_WATCH = UserError(
    Group.LINE,
    '--dry_run and --limit are for dateline ingest: a job that never ends has neither',
    '`dateline watch` was given one of them.',
    'Leave it out, or use `dateline ingest`.',
)
PAGES_OR_MANIFEST = UserError(
    Group.LINE,
    'name either pages or a --manifest. See: dateline extract --help',
    '`dateline extract` was given both or neither.',
    'Name pages, or one `--manifest`.',
)
QUERY_OR_LAKE = UserError(
    Group.LINE,
    'give a QUERY or --unknown LAKE. See: dateline outlets --help',
    '`dateline outlets` was given both or neither.',
    'Give one of them.',
)
SITE_OR_LAKE = UserError(
    Group.LINE,
    'name a site, as in: dateline feeds example.org, or a lake: dateline feeds --audit lake',
    '`dateline feeds` was given nothing to look at.',
    'Name a site, or `--audit LAKE`.',
)
AUDIT_ALONE = UserError(
    Group.LINE,
    '--audit takes a lake only: no SITE, and no --opml. See: dateline feeds --help',
    'An audit reads a lake and asks no site.',
    'Leave the site or `--opml` out.',
)
VERSION_UNKNOWN = UserError(
    Group.LINE,
    '--versions: there is no version {version}; there are: {there}',
    'The article has no version of that number.',
    'Take numbers from the list.',
)
VERSION_TWICE = UserError(
    Group.LINE,
    '--versions: {a} and {b} are one version; name two',
    'A version was to be compared with itself.',
    'Name two numbers.',
)
NOT_POSITIVE = UserError(
    Group.LINE,
    '{text!r} is not a whole number above 0',
    'The flag counts something.',
    'Give 1, 2, 3 ...',
)
NOT_FROM_ZERO = UserError(
    Group.LINE,
    '{text!r} is not a number from 0',
    'The flag is a length of time that may be 0.',
    'Give a number such as 0 or 0.5.',
)
NOT_ABOVE_ZERO = UserError(
    Group.LINE,
    '{text!r} is not a number above 0',
    'The flag is a length of time that cannot be 0.',
    'Give a number such as 0.5 or 30.',
)
NOT_A_TIME = UserError(
    Group.LINE,
    '{text!r} is not a time as 90, 30m, 6h or 2d',
    'The flag is a length of time: seconds, or with a unit.',
    'Write it as one of these.',
)
NOT_A_DAY = UserError(
    Group.LINE,
    '{text!r} is not a day as 2025-03-01',
    'The flag is a day.',
    'Write year, month and day.',
)
DAYS_REVERSED = UserError(
    Group.LINE,
    '--from {since} is after --to {until}; give the earlier day first',
    'No day is from the one to the other.',
    'Exchange the two.',
)
NOT_MODELS = UserError(
    Group.LINE,
    '{error}',
    'The flag is a model, or one for each language.',
    'Write `MODEL`, or `de=MODEL,fr=MODEL` beside the default for English.',
)
NOT_NETWORKS = UserError(
    Group.LINE,
    '{error}; write networks as 127.0.0.0/8,10.0.0.0/8',
    'An address range cannot be read, or has bits behind its prefix.',
    'Mend the range that the sentence quotes.',
)
BAD_PROXY = UserError(
    Group.LINE,
    'a proxy of the environment cannot be used ({error}); mend or unset http_proxy, https_proxy, all_proxy',
    'A variable names a proxy that is none of HTTP.',
    'Mend or unset it.',
)

# Runs

CHILDREN_FAIL = UserError(
    Group.RUNS,
    '{error}',
    'The child processes that analyse pages did not start; the sentence is theirs.',
    'Do what it says; `dateline doctor` checks model, places and packages.',
)
INTERRUPTED = UserError(
    Group.RUNS,
    'interrupted{kept}',
    'Ctrl-C. What was kept is said.',
    'Run the same command again to go on.',
    Exit.INTERRUPTED,
)
BROKEN_PART = UserError(
    Group.RUNS,
    'a part of the installation cannot be loaded ({error}); run: dateline doctor',
    'A package is missing or broken.',
    'Do what `dateline doctor` says.',
    Exit.WRONG,
)
UNFORESEEN = UserError(
    Group.RUNS,
    'this was not foreseen ({error}); what was committed to a lake stays. Please report it, with the lines '
    'above',
    'A fault of Dateline itself, of the runner or of this machine. Lines for its makers are above it.',
    'Run the command again; report it if it comes again.',
    Exit.WRONG,
)
