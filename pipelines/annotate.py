"""``dateline annotate``: datelines and entities of texts, one JSON line in, one out, in order."""

import argparse
import datetime
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Optional, TextIO

from pipelines.json_rows import dateline_json, mention_json
from pipelines.usage import Parser, UsageError
from schemas.articles import Mention, Outlet
from transforms.functions.agencies import load_agencies
from transforms.functions.datelines import parse_dateline
from transforms.functions.entities.linking import link_mentions
from transforms.functions.entities.model import DEFAULT_MODEL, Tagger, load_tagger
from transforms.functions.entities.sentences import sentence_at, sentence_starts
from transforms.functions.entities.tagging import tag_texts
from transforms.functions.gazetteer import load_gazetteer
from transforms.functions.outlets import OutletRegistry, load_outlets

EXAMPLE = """example:
  echo '{"id": "1", "text": "ERBIL (Kurdistan24) – The dam held."}' | dateline annotate -

Optional fields of a line: title, outlet, url, language, published_at, entities (linked as they are).
exit codes: 0 all lines are there, 2 bad usage
"""
# Texts tagged in one call: batches of 16 to 64 are best (entity experiment).
_BATCH = 64


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parser = Parser(
        prog='dateline annotate',
        description='Adds the dateline and the entities to each text.',
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument('file', metavar='FILE', help='JSON lines with "text"; - reads standard input')
    parser.add_argument(
        '--outlets_file', action='append', default=[], metavar='CSV', help='outlet registry to add'
    )
    parser.add_argument('--entities_model', default=DEFAULT_MODEL, metavar='MODEL', help='spaCy model')
    flags = parser.parse_args(argv)
    try:
        annotator = _Annotator(load_outlets(flags.outlets_file), load_tagger(flags.entities_model))
    except (ValueError, OSError) as error:
        raise UsageError(str(error)) from error
    with _open(flags.file) as lines:
        numbered = enumerate(lines, 1)
        while batch := list(islice(numbered, _BATCH)):
            for line in annotator.annotate(batch):
                print(json.dumps(line, ensure_ascii=False))
            sys.stdout.flush()
    return 0


def _open(path: str) -> TextIO:
    if path == '-':
        sys.stdin.reconfigure(encoding='utf-8', errors='replace')  # type: ignore[union-attr]
        return sys.stdin
    try:
        return open(path, encoding='utf-8', errors='replace')
    except OSError as error:
        raise UsageError(
            f'{path}: cannot be read ({error.strerror}); name a file of JSON lines, or -'
        ) from error


class _Annotator:
    """The functions that the pipeline runs, on texts."""

    def __init__(self, registry: OutletRegistry, tagger: Tagger) -> None:
        self._registry = registry
        self._tagger = tagger
        self._gazetteer = load_gazetteer()
        self._agencies = load_agencies()

    def annotate(self, numbered: Iterable[tuple[int, str]]) -> Iterator[dict[str, Any]]:
        """The answers to some lines, in order; blank lines have none."""
        entries = [_read(number, line) for number, line in numbered if line.strip()]
        to_tag = [entry for entry in entries if _wants_tags(entry, self._tagger)]
        tagged = iter(tag_texts([entry['text'] for entry in to_tag], self._tagger))
        for entry in entries:
            if 'reason' in entry:
                yield entry
                continue
            mentions = next(tagged) if _wants_tags(entry, self._tagger) else _given(entry)
            yield self._answer(entry, mentions)

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
        )
        return entry | {'dateline': dateline_json(dateline), 'entities': [mention_json(m) for m in linked]}

    def _outlet(self, entry: dict[str, Any]) -> Optional[Outlet]:
        profile = self._registry.get(str(entry['outlet'])) if entry.get('outlet') else None
        if profile is not None:
            return profile.outlet
        return self._registry.find(str(entry['url'])) if entry.get('url') else None


def _read(number: int, line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {'id': str(number), 'reason': 'bad_input'}
    if not isinstance(entry, dict):
        return {'id': str(number), 'reason': 'bad_input'}
    entry.setdefault('id', str(number))
    given = entry.get('entities')
    spans = given is None or (isinstance(given, list) and all(_is_span(e, entry.get('text')) for e in given))
    if not isinstance(entry.get('text'), str) or not entry['text'].strip() or not spans:
        return {'id': entry['id'], 'reason': 'bad_input'}
    return entry


def _is_span(entity: Any, text: Any) -> bool:
    if not isinstance(entity, dict) or not isinstance(text, str):
        return False
    start, end = entity.get('start'), entity.get('end')
    return (
        isinstance(start, int)
        and isinstance(end, int)
        and 0 <= start < end <= len(text)
        and 'label' in entity
    )


def _wants_tags(entry: dict[str, Any], tagger: Tagger) -> bool:
    if 'reason' in entry or entry.get('entities') is not None:
        return False
    language = entry.get('language')
    return not language or str(language).split('-')[0].lower() == tagger.language


def _given(entry: dict[str, Any]) -> list[Mention]:
    text = entry['text']
    starts = sentence_starts(text)
    return [
        Mention(
            'body',
            e['start'],
            e['end'],
            text[e['start'] : e['end']],
            str(e['label']),
            sentence_at(starts, e['start']),
        )
        for e in entry.get('entities') or ()
    ]


def _moment(value: Any) -> Optional[int]:
    """Microseconds UTC of an ISO 8601 moment; None for anything else, as for a text without a date."""
    try:
        moment = datetime.datetime.fromisoformat(str(value))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return int(moment.timestamp()) * 1_000_000
