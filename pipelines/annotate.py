"""``dateline annotate``: datelines and entities of texts, one JSON line in, one out, in order."""

import argparse
import dataclasses
import datetime
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Optional, TextIO

from pipelines.command_help import command_parser
from pipelines.errors.files import BAD_MODEL, CACHE_UNWRITABLE, TEXTS_UNREADABLE
from pipelines.flag_types import entities_model
from pipelines.json_lines import mend, print_line, read_line
from pipelines.json_rows import dateline_json, mention_json
from pipelines.progress_line import counting_lines
from pipelines.table_flags import add_entities_flag, add_outlets_flag
from pipelines.usage import saying_what_is_kept
from schemas.articles import Mention, Outlet
from transforms.functions.agencies import load_agencies
from transforms.functions.datelines import parse_dateline
from transforms.functions.entities.languages import Taggers, load_taggers
from transforms.functions.entities.linking import link_mentions
from transforms.functions.entities.model import Tagger
from transforms.functions.entities.model_names import DEFAULT_MODEL, NONE
from transforms.functions.entities.sentences import sentence_at, sentence_starts
from transforms.functions.entities.tables import Tables, load_tables
from transforms.functions.entities.tagging import tag_texts
from transforms.functions.gazetteer import load_gazetteer
from transforms.functions.outlets import OutletRegistry, load_outlets, unknown_outlet
from transforms.functions.redirectors import origin

_EXAMPLE = """echo '{"id": "1", "text": "ERBIL (Kurdistan24) – The dam held."}' | dateline annotate -"""
_NOTES = """
Optional fields of a line: title, outlet, url, language, published_at, entities (linked as they are).
A line that cannot be used gets {"id": ..., "reason": "bad_input", "detail": ...} and the rest goes on.
"""
_KEPT = 'the lines printed so far are whole'
# Fields of a line that are text, if they are there at all.
_TEXTS = ('title', 'outlet', 'url', 'language', 'published_at')
# Texts tagged in one call: batches of 16 to 64 are best (entity experiment).
_BATCH = 64


def parser() -> argparse.ArgumentParser:
    """The parser of ``dateline annotate``."""
    made = command_parser('annotate', 'Adds the dateline and the entities to each text.', _EXAMPLE, _NOTES)
    made.add_argument('file', metavar='FILE', help='JSON lines with "text"; - reads standard input')
    made.add_argument('--strict', action='store_true', help='exit with 1 when some line is bad')
    add_outlets_flag(made, 'outlet registry to add')
    add_entities_flag(
        made, 'table of people, organisations and places to add; none leaves the embedded ones out'
    )
    made.add_argument(
        '--entities_model',
        type=entities_model,
        default=DEFAULT_MODEL,
        metavar='MODEL',
        help='spaCy model: an installed package or a folder; or one for each language, as de=MODEL,fr=MODEL '
        'beside the default for English; none tags nothing, and links the entities given '
        f'(default {DEFAULT_MODEL})',
    )
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code. Raises UsageError for bad input."""
    flags = parser().parse_args(argv)
    try:
        taggers = None if flags.entities_model == NONE else load_taggers(flags.entities_model)
    except ValueError as error:
        raise BAD_MODEL.error(error=error) from error
    try:
        annotator = _Annotator(load_outlets(flags.outlets_file), taggers, load_tables(flags.entities_file))
    except (OSError, ValueError) as error:
        raise CACHE_UNWRITABLE.error(error=error) from error
    complete, done = True, 0
    with _open(flags.file) as lines, saying_what_is_kept(_KEPT), counting_lines('texts') as progress:
        numbered = enumerate(lines, 1)
        while batch := list(islice(numbered, _BATCH)):
            for line in annotator.annotate(batch):
                complete &= 'reason' not in line
                print_line(line)
            sys.stdout.flush()
            done += len(batch)
            if progress:
                progress('texts', done, None)
    return 1 if flags.strict and not complete else 0


def _open(path: str) -> TextIO:
    if path == '-':
        sys.stdin.reconfigure(encoding='utf-8', errors='replace')  # type: ignore[union-attr]
        return sys.stdin
    try:
        return open(path, encoding='utf-8', errors='replace')
    except OSError as error:
        raise TEXTS_UNREADABLE.error(path=path, why=error.strerror) from error


class _Annotator:
    """The functions that the pipeline runs, on texts."""

    def __init__(self, registry: OutletRegistry, taggers: Optional[Taggers], tables: Tables) -> None:
        self._registry = registry
        self._taggers = taggers
        self._tables = tables
        self._gazetteer = load_gazetteer()
        self._agencies = load_agencies()

    def annotate(self, numbered: Iterable[tuple[int, str]]) -> Iterator[dict[str, Any]]:
        """The answers to some lines, in order; blank lines have none."""
        entries = [_read(number, line) for number, line in numbered if line.strip()]
        texts: dict[Tagger, dict[int, str]] = {}
        for place, entry in enumerate(entries):
            if not isinstance(entry, _Bad) and (tagger := self._tagger(entry)) is not None:
                texts.setdefault(tagger, {})[place] = entry['text']
        tagged: dict[int, list[Mention]] = {}
        for tagger, own in texts.items():
            tagged |= zip(own, tag_texts(list(own.values()), tagger, tables=self._tables), strict=True)
        for place, entry in enumerate(entries):
            if isinstance(entry, _Bad):
                yield {'id': entry.id, 'reason': 'bad_input', 'detail': entry.detail}
            else:
                yield self._answer(entry, tagged[place] if place in tagged else _given(entry))

    def _tagger(self, entry: dict[str, Any]) -> Optional[Tagger]:
        if self._taggers is None or entry.get('entities') is not None:
            return None
        return self._taggers.for_language(entry.get('language'))

    def _answer(self, entry: dict[str, Any], mentions: Sequence[Mention]) -> dict[str, Any]:
        text = entry['text']
        outlet = self._outlet(entry)
        dateline = parse_dateline(
            text,
            self._gazetteer,
            self._agencies,
            outlet=outlet,
            home=self._registry.home(outlet.id) if outlet else None,
            language=entry.get('language'),
            published_at=_moment(entry.get('published_at')),
        )
        linked = link_mentions(
            mentions,
            {'body': text},
            entry.get('language'),
            gazetteer=self._gazetteer,
            dateline=dateline,
            scope=entry.get('url'),
            tables=self._tables,
        )
        return entry | {'dateline': dateline_json(dateline), 'entities': [mention_json(m) for m in linked]}

    def _outlet(self, entry: dict[str, Any]) -> Optional[Outlet]:
        profile = self._registry.get(entry['outlet']) if entry.get('outlet') else None
        if profile is not None:
            return profile.outlet
        url = entry.get('url')
        if not url:
            return None
        return self._registry.find(origin(url)) or unknown_outlet(origin(url), '', self._registry)


@dataclasses.dataclass(frozen=True)
class _Bad:
    """A line that cannot be used, and why."""

    id: Any
    detail: str


def _read(number: int, line: str) -> 'dict[str, Any] | _Bad':
    try:
        entry = read_line(line)
    except ValueError as error:
        return _Bad(str(number), str(error))
    entry.setdefault('id', str(number))
    fault = _mend(entry)
    return entry if fault is None else _Bad(entry['id'], fault)


def _mend(entry: dict[str, Any]) -> Optional[str]:
    """Mends the texts of a line in place; says what else is wrong with it."""
    if not isinstance(entry.get('text'), str):
        return 'text is not a string' if 'text' in entry else 'there is no text'
    if not entry['text'].strip():
        return 'text is empty'
    for name in _TEXTS:
        if not isinstance(entry.get(name), str | None):
            return f'{name} is not a string'
    for name in ('text', *_TEXTS):
        if entry.get(name):
            entry[name] = mend(entry[name])
    entities = entry.get('entities')
    if not isinstance(entities, list | None):
        return 'entities is not a list'
    for number, entity in enumerate(entities or ()):
        if not _is_span(entity, len(entry['text'])):
            return f'entities[{number}] is no span of the text: it needs start, end and label'
    return None


def _is_span(entity: Any, length: int) -> bool:
    if not isinstance(entity, dict) or not isinstance(entity.get('label'), str):
        return False
    start, end = entity.get('start'), entity.get('end')
    # True and false are whole numbers to Python.
    return type(start) is int and type(end) is int and 0 <= start < end <= length


def _given(entry: dict[str, Any]) -> list[Mention]:
    text = entry['text']
    starts = sentence_starts(text)
    return [
        Mention(
            'body',
            e['start'],
            e['end'],
            text[e['start'] : e['end']],
            mend(e['label']),
            sentence_at(starts, e['start']),
        )
        for e in entry.get('entities') or ()
    ]


def _moment(value: Optional[str]) -> Optional[int]:
    """Microseconds UTC of an ISO 8601 moment; None for anything else, as for a text without a date."""
    try:
        moment = datetime.datetime.fromisoformat(value or '')
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return int(moment.timestamp()) * 1_000_000
