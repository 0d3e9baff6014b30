"""``dateline diff``: what changed between the versions of an article."""

import argparse
import datetime
import itertools
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Optional

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.usage import Parser, UsageError
from transforms.functions.article_versions import COMPARED, changed_share
from transforms.functions.lake import DamagedFile
from transforms.functions.reading.article_finding import ArticleNotFound, find_article
from transforms.functions.reading.lake_reading import read_rows
from transforms.functions.reading.partition_reading import PartitionBusy
from transforms.functions.reading.text_diff import Piece, Unchanged, diff_texts

EXAMPLE = """example:
  dateline diff lake 3f2a91
  dateline diff lake https://example.org/news/1 --versions 1 3 | less

exit codes: 0 all good, 2 bad input or usage
"""

# Fields that are shown as they were and as they are; the body is shown in full.
_FIELDS = (
    'title', 'standfirst', 'authors', 'section', 'dateline', 'published_at', 'modified_at', 'tags', 'kind',
    'language', 'paywalled', 'canonical_url', 'image_url', 'content_from', 'extractor_version',
)  # fmt: skip
_OTHERS = ('article_id', 'version', 'url', 'body', 'changed', 'changed_share', 'ingested_at')
Marks = dict[str, tuple[str, str]]
_MARKS: Marks = {'=': ('', ''), '-': ('[-', '-]'), '+': ('{+', '+}')}
_COLOURS: Marks = {'=': ('', ''), '-': ('\x1b[31m', '\x1b[0m'), '+': ('\x1b[32m', '\x1b[0m')}
# Pages can say anything, also to a terminal.
_CONTROLS = {code: '\ufffd' for code in (*range(32), *range(127, 160)) if chr(code) not in '\n\t'}


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parser = Parser(
        prog='dateline diff',
        description="Prints what changed between an article's versions: each to the next, or two of them.\n"
        'Words removed are [-so-] and words added {+so+}; on a terminal they are red and green.',
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument('lake', metavar='LAKE', help='folder of the lake')
    parser.add_argument(
        'article', metavar='ARTICLE_ID', help='article_id, a unique beginning of it, or a URL'
    )
    parser.add_argument('--versions', metavar=('A', 'B'), nargs=2, type=int, help='two versions to compare')
    flags = parser.parse_args(argv)
    try:
        place = find_article(flags.lake, flags.article)
        versions = _versions(flags.lake, place.article_id, place.date, place.outlet)
    except (ArticleNotFound, PartitionBusy) as error:
        raise UsageError(str(error)) from error
    except DamagedFile as error:
        raise UsageError(f'{error}; see: dateline check {flags.lake}') from error
    except (OSError, pa.ArrowInvalid) as error:  # of a URL, in several lines at times
        said = str(error).partition('\n')[0]
        raise UsageError(said if flags.lake in said else f'{flags.lake}: {said}') from error
    last = versions[max(versions)]
    pairs = _pairs(versions, flags.versions)
    count = f'{len(versions)} versions' if len(versions) > 1 else 'one version only: nothing to compare'
    print(f'{place.article_id} {_text(last["url"])}')
    print(f'articles/date={place.date}/outlet={place.outlet}: {count}')
    marks = _COLOURS if _is_coloured() else _MARKS
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
            raise UsageError(f'--versions: there is no version {version}; there are: {there}')
    if asked[0] == asked[1]:
        raise UsageError(f'--versions: {asked[0]} and {asked[1]} are one version; name two')
    return [(asked[0], asked[1])]


def _compared(old: dict[str, Any], new: dict[str, Any], marks: Marks) -> Iterator[str]:
    if new['version'] == old['version'] + 1:
        changed, share = new['changed'] or [], new['changed_share']
    else:
        changed = [name for name in COMPARED if old[name] != new[name]]
        changed += ['extractor'] if old['extractor_version'] != new['extractor_version'] else []
        share = changed_share(old['body'], new['body'])
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
        return value.strftime('%Y-%m-%dT%H:%M:%SZ')
    return _text(str(value))


def _text(text: str) -> str:
    return text.translate(_CONTROLS)


def _is_coloured() -> bool:
    """Whether words are red and green: on a terminal that can, unless NO_COLOR (no-color.org) is set."""
    return sys.stdout.isatty() and not os.environ.get('NO_COLOR') and os.environ.get('TERM') != 'dumb'
