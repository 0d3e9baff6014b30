"""Errors of the files that a command is given, reads beside the lake, or writes for people."""

from pipelines.command_help import Exit
from pipelines.errors.user_error import Group, UserError

BAD_OUTLETS = UserError(
    Group.FILES,
    '{error}',
    'A registry of outlets has a line that cannot be meant; file and line are named.',
    'Mend that line; [operations.md](operations.md#outlets-of-ones-own) has the columns.',
)
OUTLETS_UNREADABLE = UserError(
    Group.FILES,
    '{path} cannot be read ({why}); name a CSV file',
    'The registry of outlets is not there, or not to be read.',
    'Check the path and its permissions.',
)
OUTLETS_NOT_CSV = UserError(
    Group.FILES,
    '{path} is not a CSV file in UTF-8; save it as one',
    'The registry of outlets is no text, or in another encoding.',
    'Save it as CSV in UTF-8.',
)
BAD_ENTITIES = UserError(
    Group.FILES,
    '{error}',
    'A table of entities has a line that cannot be meant; file and line are named.',
    'Mend that line; [facts.md](facts.md#tables-of-ones-own) has the columns.',
)
ENTITIES_UNREADABLE = UserError(
    Group.FILES,
    '{path} cannot be read ({why}); name a CSV file, or none',
    'The table of entities is not there, or not to be read.',
    'Check the path and its permissions.',
)
ENTITIES_NOT_CSV = UserError(
    Group.FILES,
    '{path} is not a CSV file in UTF-8; save it as one',
    'The table of entities is no text, or in another encoding.',
    'Save it as CSV in UTF-8.',
)
MANIFEST_UNREADABLE = UserError(
    Group.FILES,
    '--manifest {path}: cannot be read ({why}); name a file of JSON lines',
    'The list of pages is not there, or not to be read.',
    'Check the path.',
)
TEXTS_UNREADABLE = UserError(
    Group.FILES,
    '{path}: cannot be read ({why}); name a file of JSON lines, or -',
    'The texts to annotate are not there, or not to be read.',
    'Check the path; `-` reads standard input.',
)
BAD_MODEL = UserError(
    Group.FILES,
    '--entities_model: {error}',
    'The entity model is missing, is no spaCy model with entities, or is not the release that was checked.',
    'Do what the sentence says; `dateline doctor` checks it again.',
)
OUTPUT_FULL = UserError(
    Group.FILES,
    'the output cannot be written ({why})',
    'Standard output leads to a disk that is full.',
    'Make room, and run the command again.',
    Exit.WRONG,
)
IS_A_FOLDER = UserError(
    Group.FILES,
    '{path} is a folder; name a file: -o {file}',
    'The report is one file.',
    'Name a file in the folder.',
)
FILE_NOT_WRITABLE = UserError(
    Group.FILES,
    '{path}: cannot be written ({why})',
    'The file of the report cannot be made or replaced.',
    'Name another one, or make room on the disk.',
)
REPORT_NEEDS = UserError(
    Group.FILES,
    "a report needs {packages}; install it with: pip install 'dateline[report]'",
    'The packages that only `dateline report` needs are not installed.',
    'Install the extra `report`.',
)
CACHE_UNWRITABLE = UserError(
    Group.FILES,
    '{error}',
    'The tables of places cannot be compiled or read: no folder can be written, or a file is damaged.',
    'Do what the sentence says.',
)
