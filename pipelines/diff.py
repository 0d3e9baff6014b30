"""``dateline diff``: what changed between the versions of an article."""

import argparse
import datetime
import itertools
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Optional

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.colours import GREEN, PLAIN, RED, is_coloured
from pipelines.command_help import command_parser
from pipelines.errors.commands import VERSION_TWICE, VERSION_UNKNOWN
from pipelines.errors.lakes import DAMAGED_PARTITION, NO_ARTICLE, PASSED_ON
from pipelines.json_lines import print_line
from transforms.functions.article_versions import COMPARED, changed_share
from transforms.functions.lake import DamagedFile
from transforms.functions.reading.article_finding import ArticleNotFound, find_article
from transforms.functions.reading.lake_reading import read_rows
from transforms.functions.reading.partition_reading import PartitionBusy
from transforms.functions.reading.text_diff import Piece, Unchanged, diff_texts

_MOMENT = '%Y-%m-%dT%H:%M:%SZ'
# Fields that are shown as they were and as they are; the body is shown in full.
_FIELDS = (
    'title', 'standfirst', 'authors', 'section', 'dateline', 'published_at', 'modified_at', 'tags', 'kind',
    'language', 'paywalled', 'canonical_url', 'image_url', 'content_from', 'extractor_version',
)  # fmt: skip
_OTHERS = ('article_id', 'version', 'url', 'body', 'changed', 'changed_share', 'ingested_at')
Marks = dict[str, tuple[str, str]]
_MARKS: Marks = {'=': ('', ''), '-': ('[-', '-]'), '+': ('{+', '+}')}
_COLOURS: Marks = {'=': ('', ''), '-': (RED, PLAIN), '+': (GREEN, PLAIN)}
# Pages can say anything, also to a terminal.
_CONTROLS = {code: '\ufffd' for code in (*range(32), *range(127, 160)) if chr(code) not in '\n\t'}


def parser() -> argparse.ArgumentParser:
    """The parser of ``dateline diff``."""
    made = command_parser(
        'diff',
        "Prints what changed between an article's versions: each to the next, or two of them.\n"
        'Words removed are [-so-] and words added {+so+}; on a terminal they are red and green.',
        'dateline diff lake http://127.0.0.1:8702/severn-flood-warnings-20250304.html',
    )
    made.add_argument('lake', metavar='LAKE', help='folder of the lake')
    made.add_argument('article', metavar='ARTICLE_ID', help='article_id, a unique beginning of it, or a URL')
    made.add_argument('--versions', metavar=('A', 'B'), nargs=2, type=int, help='two versions to compare')
    made.add_argument('--json', action='store_true', help='one JSON object a pair of versions')
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code. Raises UsageError for bad input."""
    flags = parser().parse_args(argv)
    try:
        place = find_article(flags.lake, flags.article)
        versions = _versions(flags.lake, place.article_id, place.date, place.outlet)
    except (ArticleNotFound, PartitionBusy) as error:
        raise NO_ARTICLE.error(error=error) from error
    except DamagedFile as error:
        raise DAMAGED_PARTITION.error(error=error, lake=flags.lake) from error
    except (OSError, pa.ArrowInvalid) as error:  # of a URL, in several lines at times
        said = str(error).partition('\n')[0]
        raise PASSED_ON.error(error=said if flags.lake in said else f'{flags.lake}: {said}') from error
    last = versions[max(versions)]
    pairs = _pairs(versions, flags.versions)
    if flags.json:
        for a, b in pairs:
            print_line(_as_json(place.article_id, versions[a], versions[b]))
        return 0
    count = f'{len(versions)} versions' if len(versions) > 1 else 'one version only: nothing to compare'
    print(f'{place.article_id} {_text(last["url"])}')
    print(f'articles/date={place.date}/outlet={place.outlet}: {count}')
    marks = _COLOURS if is_coloured(sys.stdout) else _MARKS
    for a, b in pairs:
        print()
        for line in _compared(versions[a], versions[b], marks):
            print(line)
    return 0


def _versions(lake: str, article_id: str, date: str, outlet: str) -> dict[int, dict[str, Any]]:
    """The article's rows by version, from its partition."""
    rows = read_rows(
        lake,
        'articles',
        [*_FIELDS, *_OTHERS],
        since=date,
        until=date,
        outlets=outlet,
        select=lambda rows: rows.filter(pc.equal(rows['article_id'], article_id)),
    )
    if not rows.num_rows:
        raise ArticleNotFound(f'{article_id}: the ledger names it, but articles has no row of it')
    return {row['version']: row for row in sorted(rows.to_pylist(), key=lambda row: row['version'])}


def _pairs(versions: dict[int, Any], asked: Optional[Sequence[int]]) -> list[tuple[int, int]]:
    if asked is None:
        return list(itertools.pairwise(versions))
    for version in asked:
        if version not in versions:
            there = ', '.join(map(str, versions))
            raise VERSION_UNKNOWN.error(version=version, there=there)
    if asked[0] == asked[1]:
        raise VERSION_TWICE.error(a=asked[0], b=asked[1])
    return [(asked[0], asked[1])]


def _changes(old: dict[str, Any], new: dict[str, Any]) -> tuple[list[str], Optional[float]]:
    """What counts as changed between two versions, and the share of the body's words."""
    if new['version'] == old['version'] + 1:
        return new['changed'] or [], new['changed_share']
    changed = [name for name in COMPARED if old[name] != new[name]]
    changed += ['extractor'] if old['extractor_version'] != new['extractor_version'] else []
    return changed, changed_share(old['body'], new['body'])


def _as_json(article_id: str, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Two versions as an object: fields that differ, and the body's paragraphs as pieces (=, - or +)."""
    changed, share = _changes(old, new)
    paragraphs = diff_texts(old['body'], new['body']) if old['body'] != new['body'] else ()
    body = [
        {'unchanged': part.count} if isinstance(part, Unchanged) else [[p.kind, p.text] for p in part]
        for part in paragraphs
    ]
    return {
        'article_id': article_id,
        'url': new['url'],
        'versions': [old['version'], new['version']],
        'ingested_at': [_plain(old['ingested_at']), _plain(new['ingested_at'])],
        'changed': changed,
        'changed_share': share,
        'fields': {n: [_plain(old[n]), _plain(new[n])] for n in _FIELDS if old[n] != new[n]},
        'body': body,
    }


def _plain(value: Any) -> Any:
    """The value as JSON has it: moments as text, and everything else that is no list or number too."""
    if isinstance(value, datetime.datetime):
        return value.strftime(_MOMENT)
    return value if value is None or isinstance(value, bool | int | float | str | list) else str(value)


def _compared(old: dict[str, Any], new: dict[str, Any], marks: Marks) -> Iterator[str]:
    changed, share = _changes(old, new)
    said = ', '.join(changed) or 'nothing that counts'
    part = f'; {_percent(share)} of the body' if share else ''
    yield (
        f'version {old["version"]} ({_shown(old["ingested_at"])}) -> '
        f'{new["version"]} ({_shown(new["ingested_at"])}): changed {said}{part}'
    )
    for name in _FIELDS:
        if old[name] != new[name]:
            yield f'{name}: {_shown(old[name])} -> {_shown(new[name])}'
    if old['body'] != new['body']:
        yield 'body:'
        yield from _body(old['body'], new['body'], marks)


def _body(old: str, new: str, marks: Marks) -> Iterator[str]:
    for paragraph in diff_texts(old, new):
        if isinstance(paragraph, Unchanged):
            yield f'  ({paragraph.count} paragraph{"s" if paragraph.count > 1 else ""} unchanged)'
        else:
            text = ''.join(_marked(piece, marks) for piece in paragraph)
            yield '\n'.join(f'  {line}' for line in text.split('\n'))


def _marked(piece: Piece, marks: Marks) -> str:
    before, after = marks[piece.kind]
    return f'{before}{_text(piece.text)}{after}'


def _percent(share: float) -> str:
    return '<1 %' if share < 0.005 else f'{share:.0%}'.replace('%', ' %')


def _shown(value: Any) -> str:
    if value is None or value == []:
        return '(none)'
    if isinstance(value, list):
        return ', '.join(_text(part) for part in value)
    if isinstance(value, datetime.datetime):
        return value.strftime(_MOMENT)
    return _text(str(value))


def _text(text: str) -> str:
    return text.translate(_CONTROLS)
