"""Errors that are worded where they arise, below the commands, which print them as they are.

The layers below know no table of errors; a test compares each sentence there with this list.
"""

import dataclasses

# Classes whose messages reach people, by the module that raises them (below transforms/functions).
CLASSES = {
    'sources': ('SourceError',),
    'discovery': ('BadSite',),
    'reading.article_finding': ('ArticleNotFound',),
    'reading.partition_reading': ('FileNotFoundError', 'PartitionBusy', 'DamagedFile'),
    'boilerplate.snapshots': ('DamagedFile',),
    'forgotten': ('DamagedFile',),
    'lake': ('DamagedFile',),
    'storage': ('NotReadable', 'NotWritable'),
    'lease': ('LeaseLost', 'LeaseTimeout'),
    'exchange': ('ExchangeUnsupported',),
    'compiled_files': ('OSError', 'ValueError'),
    'outlets': ('ValueError',),
    'entities.model': ('ValueError', 'OSError'),
    'entities.table_files': ('ValueError',),
    'entities.tables': ('ValueError',),
    'upkeep.forgetting': ('UnknownArticle',),
    'upkeep.maintenance': ('ExchangeUnsupported',),
    'upkeep.removals': ('DamagedFile', 'LeaseTimeout'),
    'upkeep.compaction': ('CannotMerge',),
    'upkeep.compaction_plan': ('CannotMerge',),
    'pool_children': ('NotStarted',),
    'pool_programs': ('NotStarted',),
}


@dataclasses.dataclass(frozen=True)
class PassedError:
    """A sentence from below. Names in braces stand for what is filled in."""

    group: str
    message: str
    todo: str


_SOURCE, _MODEL, _OUTLETS = 'Sources', 'Entity models', 'Registries of outlets'
_ENTITIES = 'Tables of entities'
_ARTICLE, _FILE, _LEASE = 'Articles', 'Files of a lake', 'Writing to a lake'

PASSED = (
    PassedError(_SOURCE, '{path} is a directory: name a file in it, {kinds}.', 'Name the file.'),
    PassedError(
        _SOURCE,
        '{path} does not exist: name {kinds}, or a site as https://example.org/.',
        'Check the path, or write the whole address.',
    ),
    PassedError(_SOURCE, '{path} cannot be read ({why}): name {kinds}.', 'Check permissions.'),
    PassedError(_SOURCE, '{spec} is empty: name {kinds}.', 'Write a URL a line into it.'),
    PassedError(
        _SOURCE, '{spec} is a web page: name the address of its feed instead.', 'Try `dateline feeds SITE`.'
    ),
    PassedError(_SOURCE, '{spec} {broken}: export it again from your reader.', 'Export the OPML again.'),
    PassedError(_SOURCE, '{spec} is XML, but neither a feed nor OPML: name {kinds}.', 'Name another file.'),
    PassedError(_SOURCE, '{spec} is not text: name {kinds}.', 'Name another file.'),
    PassedError(_SOURCE, '{spec} names no feeds: write one URL a line.', 'Write a URL a line.'),
    PassedError(
        _SOURCE,
        '{spec} names no feed that can be polled: line {line}, {text}, {why}.',
        'Mend that line, and the ones after it.',
    ),
    PassedError(
        _SOURCE,
        '{site} is no site: give a home page (https://example.org/) or a domain.',
        'Give one of them.',
    ),
    PassedError(
        _MODEL,
        'entity model {model} has no component "ner", only {components}',
        'Name a model that tags names.',
    ),
    PassedError(
        _MODEL,
        'entity model {model} cannot be loaded: {error}. Give the name of an installed package or the path '
        'of a spaCy model, or leave it out for {default}.',
        'Install the model, check its path, or leave the flag out.',
    ),
    PassedError(
        _MODEL,
        'no package of that name is installed and there is no {path}',
        'Part of the sentence before. Install the package.',
    ),
    PassedError(
        _MODEL,
        'entity model {model} says it is {found}, not {wanted}: install {package}=={version}',
        'Install that version.',
    ),
    PassedError(
        _MODEL,
        'entity model {model} is not the release that was checked (its files hash to {actual}): reinstall '
        '{package}=={version} from a source you trust',
        'Reinstall it. Someone may have published another package under that name.',
    ),
    PassedError(
        _MODEL,
        'a child process for {factory} could not be started: {error}',
        'Make room in memory, or give fewer `--analysis_processes`.',
    ),
    PassedError(
        _MODEL,
        'a child process for {factory} did not start: {error}',
        'Run `dateline doctor`; give it more memory, or fewer `--analysis_processes`.',
    ),
    PassedError(
        _MODEL,
        '{name} cannot be written: set XDG_CACHE_HOME to a writable folder',
        'Set it; the tables of places are compiled there once.',
    ),
    PassedError(
        _MODEL, '{file}: not a {kind} file of this version; delete it', 'Delete it; it is made anew.'
    ),
    PassedError(
        _ENTITIES,
        'the label {label} must be one of {labels}',
        'Take one of them.',
    ),
    PassedError(
        _ENTITIES,
        'the geonameid {number} must be the number of a place in GeoNames',
        'Write digits, or leave it empty; only GPE, LOC and FAC have one.',
    ),
    PassedError(
        _ENTITIES,
        'the mononym {mononym} must be the surname of a person',
        'Leave it empty; only PERSON has one.',
    ),
    PassedError(
        _ENTITIES,
        'the name {name} has no word in it',
        'Write a name, or take the `|` away that makes an empty one.',
    ),
    PassedError(
        _ENTITIES,
        '{line}: a name of {canonical} ({name}) is also one of {other}',
        'A name belongs to one row: take it from one of them.',
    ),
    PassedError(_OUTLETS, '{file}:1: the columns {missing} are missing', 'Add them to the first line.'),
    PassedError(_OUTLETS, '{file}:{line}: {error}', 'One of the following. Mend that line.'),
    PassedError(_OUTLETS, 'expected {count} columns', 'Commas in a value need quotes around it.'),
    PassedError(_OUTLETS, 'the id {id} must be a-z, 0-9 and -, with a letter', 'Choose another id.'),
    PassedError(_OUTLETS, 'name and domain must be filled', 'Fill them in.'),
    PassedError(
        _OUTLETS,
        'the country {country} is not an ISO 3166-1 alpha-2 code',
        'Write it as GB, or leave it empty.',
    ),
    PassedError(
        _OUTLETS, 'the language {language} is not an ISO 639-1 code', 'Write it as en, or leave it empty.'
    ),
    PassedError(_OUTLETS, 'the kind {kind} is none of {kinds}', 'Take one of them, or leave it empty.'),
    PassedError(
        _OUTLETS,
        'the time zone {timezone} is not an IANA name',
        'Write it as Europe/London, or leave it empty.',
    ),
    PassedError(
        _ARTICLE, '{given}: is neither an article_id (hexadecimal digits) nor a URL', 'Give one of them.'
    ),
    PassedError(
        _ARTICLE, '{given}: is neither an article_id (32 hexadecimal digits) nor a URL', 'Give one of them.'
    ),
    PassedError(_ARTICLE, '{given}: {count} articles could be meant: {shown}', 'Give one of these ids.'),
    PassedError(
        _ARTICLE,
        '{given}: {why}',
        'The lake has no such article, or no article came of that page; the ledger has the reason.',
    ),
    PassedError(
        _ARTICLE,
        '{given}: the lake knows no such article; with --anyway it is kept from coming all the same',
        'Check the URL, or give `--anyway`.',
    ),
    PassedError(
        _FILE,
        '{lake}: holds no table of a lake; name what `dateline ingest --output` was given',
        'Name the folder that has `articles`, `ledger` and `polls` in it.',
    ),
    PassedError(_FILE, '{path}: cannot be read ({error})', '`dateline check LAKE --repair`.'),
    PassedError(_FILE, '{path}: changed {count} times while it was read; read it again', 'Read it again.'),
    PassedError(
        _FILE,
        '{path}: is no snapshot of boilerplate ({error}); remove it, it is learned anew',
        'Remove the file.',
    ),
    PassedError(
        _FILE,
        '{path}: is no tombstone of `dateline forget` ({error})',
        'Remove the file, and run `dateline forget` again for the article: the name is its `article_id`.',
    ),
    PassedError(
        _FILE,
        '{path}: {kept} rows should be left of it, but {written} were written',
        'Nothing was exchanged. Check the disk, and run the command again.',
    ),
    PassedError(
        _FILE,
        '{path}: is no file of {table}; its partition was left alone',
        'Move what is not of the lake somewhere else.',
    ),
    PassedError(
        _FILE,
        '{home}: {written} rows were written of {read} read; left alone',
        'Check the disk, and run the command again.',
    ),
    PassedError(
        _FILE,
        '{path}: has two columns of one name; its partition was left alone',
        '`dateline check LAKE --repair`.',
    ),
    PassedError(
        _FILE,
        '{path}: has columns that {table} has not ({columns}); left alone',
        'A newer Dateline wrote it: compact with that one.',
    ),
    PassedError(
        _FILE,
        '{path}: lacks {columns}, which cannot be null; left alone',
        '`dateline check LAKE --repair`.',
    ),
    PassedError(_LEASE, '{path}: cannot be written ({why})', 'Check permissions, and make room on the disk.'),
    PassedError(_LEASE, '{lake}: the lease was taken over', 'Run the command again.'),
    PassedError(
        _LEASE, '{lake}: is being written to; {holder}', 'Look at the process that is named; run it again.'
    ),
    PassedError(_LEASE, '{folder}: was changed each time', 'Run the command again when less is written.'),
    PassedError(
        _LEASE,
        '{folder}: {platform} cannot exchange two folders in one step',
        'See [operations.md](operations.md#object-stores).',
    ),
    PassedError(
        _LEASE,
        '{folder}: its file system cannot exchange two folders in one step',
        'See [operations.md](operations.md#object-stores).',
    ),
    PassedError(
        _LEASE,
        '{lake}: its storage cannot exchange two folders in one step',
        'See [operations.md](operations.md#object-stores).',
    ),
)
