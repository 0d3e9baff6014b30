"""The lake's tables, once: names, types, meanings. Parquet metadata and docs/tables.md are made of this.

``python -m schemas.tables`` prints docs/tables.md.
"""

import dataclasses
import enum
import functools

import pyarrow as pa

from schemas.articles_table import ARTICLES
from schemas.columns import Column
from schemas.small_tables import LEDGER, LINKS, MENTIONS, POLLS
from schemas.vocabulary import (
    REASON_MEANINGS,
    ContentFrom,
    DateFrom,
    Disposition,
    LinkKind,
    MentionField,
    PollStatus,
    Reason,
    Subject,
    disposition_of,
)

# Raised when a column is added; written into every file, so that old files can be told from new ones.
SCHEMA_VERSION = '3'


@dataclasses.dataclass(frozen=True)
class Table:
    """A table of the lake: its columns, what identifies a row, and how it is partitioned."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    row_id: tuple[str, ...]  # the columns that together identify a row
    partitions: tuple[str, ...]  # path keys, outermost first

    @functools.cached_property
    def schema(self) -> pa.Schema:
        """The Parquet schema, with each column's meaning in its field's metadata."""
        fields = [
            pa.field(c.name, c.type, nullable=c.nullable, metadata={b'description': c.meaning.encode()})
            for c in self.columns
        ]
        return pa.schema(
            fields,
            metadata={b'dateline.table': self.name.encode(), b'dateline.schema': SCHEMA_VERSION.encode()},
        )


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table('articles', 'One row per article version.', ARTICLES, ('row_id',), ('date', 'outlet')),
        Table(
            'mentions',
            'One row per entity mention, in the same partition as its article.',
            MENTIONS,
            ('row_id', 'field', 'start'),
            ('date', 'outlet'),
        ),
        Table(
            'links',
            'What articles have to do with each other. Append-only; `date` is the day of decision.',
            LINKS,
            ('row_id', 'kind', 'target'),
            ('date',),
        ),
        Table(
            'ledger',
            'What became of every new or changed feed item, failed feed and unreadable source line. '
            '`date` is the day of `seen_at`.',
            LEDGER,
            ('sighting_id', 'attempt'),
            ('date',),
        ),
        Table(
            'polls',
            'One row per poll of a feed. `date` is the day of `polled_at`.',
            POLLS,
            ('poll_id',),
            ('date',),
        ),
    )
}

# What depends on when and by which run a thing was observed; all else is the same for the same pages.
OBSERVATION_COLUMNS: frozenset[str] = frozenset(
    (
        'run_id', 'poll_id', 'sighting_id', 'first_seen_at', 'fetched_at', 'ingested_at', 'seen_at',
        'decided_at', 'scheduled_at', 'polled_at', 'next_due_at', 'detail', 'bytes',
    )
)  # fmt: skip

VOCABULARIES: dict[str, type[enum.StrEnum]] = {
    'disposition': Disposition,
    'reason': Reason,
    'subject': Subject,
    'status': PollStatus,
    'content_from': ContentFrom,
    'date_from': DateFrom,
    'kind of a link': LinkKind,
    'field of a mention': MentionField,
}


def describe_tables() -> str:
    """The text of docs/tables.md."""
    lines = [
        '# The tables of a lake',
        '',
        'Made from `schemas/tables.py` by `make docs`; a test fails when they differ. Times are UTC with',
        'microseconds, texts UTF-8; offsets count characters and ends are exclusive. `?` marks columns that',
        'may be null. `date` (`YYYY-MM-DD`) and `outlet` (a slug with a letter in it) are in the path only:',
        '`articles/date=2025-03-03/outlet=kurdistan24/*.parquet`. Names that begin with `_` are not data.',
        '',
        f"Schema version {SCHEMA_VERSION}, in each file's metadata as `dateline.schema`.",
    ]
    for table in TABLES.values():
        path = '/'.join([table.name, *(f'{key}=…' for key in table.partitions)])
        lines += [
            '',
            f'## {table.name}',
            '',
            f'{table.meaning} A row is identified by {_names(table.row_id)}.',
        ]
        lines += [f'Files: `{path}/*.parquet`.', '', '| column | type | meaning |', '|---|---|---|']
        lines += [
            f'| `{c.name}` | {_type_name(c.type)}{"?" if c.nullable else ""} | {c.meaning} |'
            for c in table.columns
        ]
    lines += [
        '',
        '## The same pages, the same rows',
        '',
        'With a given clock and run id the files are the same to the byte. Else, and across runners, these',
        'columns say when and by which run something was observed, and may differ; no other does:',
        f'{_names(tuple(sorted(OBSERVATION_COLUMNS)))}.',
        '',
        '## Vocabularies',
        '',
        'Closed lists: no other value occurs.',
        '',
        '| name | values |',
        '|---|---|',
    ]
    lines += [f'| {name} | {_names(tuple(values))} |' for name, values in VOCABULARIES.items()]
    lines += [
        '',
        '## Reasons',
        '',
        'Each failure has one of these. `failed` ones are tried again by the next run (given up after ten',
        'attempts over a week), `deferred` ones are taken up by the next round or run; the others are',
        'decided.',
        '',
        '| reason | item becomes | meaning |',
        '|---|---|---|',
    ]
    lines += [
        f'| `{reason}` | {_outcome(reason)} | {meaning} |' for reason, meaning in REASON_MEANINGS.items()
    ]
    return '\n'.join(lines) + '\n'


def _outcome(reason: Reason) -> str:
    return Disposition.UNCHANGED if reason is Reason.NOT_MODIFIED else disposition_of(reason)


def _names(names: tuple[str, ...]) -> str:
    return ', '.join(f'`{name}`' for name in names)


def _type_name(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f'list&lt;{_type_name(kind.value_type)}&gt;'
    if pa.types.is_struct(kind):
        return 'struct&lt;' + ', '.join(f'{f.name} {_type_name(f.type)}' for f in kind) + '&gt;'
    return str(kind)


if __name__ == '__main__':
    print(describe_tables(), end='')
