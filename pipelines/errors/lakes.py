"""Errors of a lake, and of the articles looked up in it."""

from pipelines.command_help import Exit
from pipelines.errors.user_error import Group, UserError

# The lake

NO_FOLDER = UserError(
    Group.LAKE,
    '{lake}: there is no such folder; name the lake that `dateline ingest --output` wrote',
    'The lake is not where it was looked for.',
    'Check the path. `--lake`, `--unknown` and `dateline status` read lakes on this machine only.',
)
NO_TABLE = UserError(
    Group.LAKE,
    '{lake}: holds no table of a lake; name what `dateline ingest --output` was given',
    'The folder is there and is no lake, or nothing was committed to it yet.',
    'Name the folder that has `articles`, `ledger` and `polls` in it.',
)
NOT_REACHED = UserError(
    Group.LAKE,
    '{lake}: Beam cannot reach it ({error}); check the URL, and that its file system is installed',
    "The lake's URL has an unknown scheme, or the store does not answer.",
    'Install the part of Beam for that store (`pip install apache-beam[gcp]`, `[aws]`), check credentials.',
)
NOT_WRITABLE = UserError(
    Group.LAKE,
    '--output {lake}: cannot be written ({why}); name a folder that can be',
    'The folder of the lake cannot be made or written.',
    'Check permissions and the disk; `dateline doctor LAKE` does.',
)
ANOTHER_RUN = UserError(
    Group.LAKE,
    '{lake}: another run ({other}) is writing to it; wait until it ends, or name another lake',
    'One run at a time writes to a lake on this machine.',
    'Wait. The lock ends with its process, however that ends; nothing has to be removed.',
)
NEEDS_EXCHANGE = UserError(
    Group.LAKE,
    '{lake}: `dateline {command}` needs a file system that exchanges two folders in one step, and object '
    'stores do not; see docs/operations.md',
    'compact and forget were given a lake at a URL.',
    'See [operations.md](operations.md#object-stores).',
)
NO_EXCHANGE = UserError(
    Group.LAKE,
    '{error}; see docs/operations.md',
    'The file system of the lake cannot exchange two folders.',
    'See [operations.md](operations.md#object-stores).',
)
BUSY_LAKE = UserError(
    Group.LAKE,
    '{error}; run the same command again later',
    'Another process has held the lease of the lake for ten minutes; it is named.',
    'Look at that process. A lease whose process is gone is taken over by itself.',
)
READ_AGAIN = UserError(
    Group.LAKE,
    '{lake}: its files are exchanged faster than they can be read; run it again ({error})',
    'compact or a run exchanged a partition at each attempt to read it.',
    'Run the command again.',
)
DAMAGED = UserError(
    Group.LAKE,
    '{error}',
    'A file of the lake cannot be read; it is named.',
    'Let the repair move it aside and make good what it held.',
)
DAMAGED_PARTITION = UserError(
    Group.LAKE,
    '{error}; see: dateline check {lake}',
    "A file of an article's partition cannot be read; it is named.",
    'Let `dateline check LAKE --repair` move it aside and make good what it held.',
)
DAMAGED_STOPS = UserError(
    Group.LAKE,
    '{error}',
    'A file of the lake cannot be read, and what was begun cannot go on without it.',
    'Let the repair move it aside and make good what it held; then start again.',
    Exit.WRONG,
)
PASSED_ON = UserError(
    Group.LAKE,
    '{error}',
    'Something stood in the way that says itself what it is.',
    'Do what the sentence says.',
)
FILE_SYSTEM = UserError(
    Group.LAKE,
    '{where}: {why}',
    'The operating system refused to read or write there.',
    'Check permissions and the disk. The lake is as it was before that step.',
)
LEASE_STOPS = UserError(
    Group.LAKE,
    '{error}; what was committed stays, and the same command takes up the rest later',
    'A run could not have the lease of the lake.',
    'Look at the process that is named, and start again.',
    Exit.WRONG,
)
WRITING_STOPS = UserError(
    Group.LAKE,
    '{error}; what was committed stays, and once the lake can be written the same command takes up the rest',
    'The disk is full, or the folder cannot be written any more.',
    'Make room, and start again.',
    Exit.WRONG,
)
REPAIR_STOPS = UserError(
    Group.LAKE,
    'the repair ended early ({error}); start it again once that is set right',
    'Something stood in the way of a repair; what the lines above it say is done.',
    'Set right what is named, and start it again.',
    Exit.WRONG,
)
NEVER_BEGUN = UserError(
    Group.LAKE,
    '{lake}: interrupted before anything was committed; run the same command again',
    'A run was ended before its first commit. (Printed by `check`; no fault.)',
    'Run it again.',
    Exit.GOOD,
)

# Articles

NO_ARTICLE = UserError(
    Group.ARTICLES,
    '{error}',
    'The lake has no such article, or several could be meant.',
    'Give its URL as the lake has it, or its whole `article_id`.',
)
