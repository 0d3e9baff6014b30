"""``dateline extract``: articles out of HTML pages, one JSON line a page, in order."""

import argparse
import collections
import dataclasses
import gzip
import os
import sys
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Optional

from pipelines.command_help import command_parser
from pipelines.errors.commands import CHILDREN_FAIL, PAGES_OR_MANIFEST
from pipelines.errors.files import MANIFEST_UNREADABLE
from pipelines.errors.lakes import DAMAGED
from pipelines.flag_settings import fetch_settings
from pipelines.flag_types import above_zero, positive
from pipelines.json_lines import mend, print_line, read_line
from pipelines.json_rows import article_json
from pipelines.lake_opening import open_folder
from pipelines.options import FetchOptions
from pipelines.page_fetcher import PageFetcher
from pipelines.progress_line import counting_lines
from pipelines.table_flags import add_outlets_flag
from pipelines.usage import saying_what_is_kept
from schemas.analysis import Analysis
from schemas.boilerplate import Snapshot
from schemas.pages import Page, Rejection
from schemas.settings import AnalysisSettings
from schemas.vocabulary import Reason
from transforms.functions.boilerplate.snapshots import newest_snapshot
from transforms.functions.lake import DamagedFile
from transforms.functions.pool import Pool
from transforms.functions.pool_errors import DeadlineExceeded, PoolError, WorkerDied
from transforms.functions.pool_programs import WORKER

_EXAMPLE = 'dateline extract page.html http://example.org/news/1 > articles.jsonl'
_NOTES = """
A manifest has one JSON object a line: {"id": "7", "url": "https://example.org/a", "path": "a.html.gz"};
without "path" the URL is fetched. A page without an article gets {"id": ..., "url": ..., "reason": ...}.
"""
_KEPT = 'the lines printed so far are whole'
_JOBS_PER_CHILD = 4


@dataclasses.dataclass(frozen=True)
class _Wanted:
    """A page to extract, or why it is none."""

    id: Any  # what the manifest has, of any JSON type
    url: str
    path: Optional[str]
    fault: Optional[Rejection] = None


def parser() -> argparse.ArgumentParser:
    """The parser of ``dateline extract``."""
    description = 'Prints the article of each page as a JSON line; a page without one gets a reason.'
    made = command_parser('extract', description, _EXAMPLE, _NOTES)
    made.add_argument('pages', nargs='*', metavar='PAGE', help='HTML file (.gz too) or URL')
    made.add_argument('--manifest', metavar='JSONL', help='file that lists the pages')
    made.add_argument('--strict', action='store_true', help='exit with 1 when some page gives no article')
    add_outlets_flag(made, 'outlet registry to add')
    made.add_argument(
        '--processes',
        type=positive,
        default=os.cpu_count() or 1,
        metavar='N',
        help='child processes (default: cores)',
    )
    made.add_argument(
        '--page_deadline', type=above_zero, default=30.0, metavar='SECONDS', help='per page (default 30)'
    )
    made.add_argument(
        '--explain',
        action='store_true',
        help='add to each line which rule took which line out of the text: "removed": [{"rule", "line"}]',
    )
    made.add_argument(
        '--lake',
        metavar='LAKE',
        help='lake whose learned boilerplate is stripped too (default: none is)',
    )
    FetchOptions.add_flags(made.add_argument_group(FetchOptions.TITLE))
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code. Raises UsageError for bad input."""
    flags = parser().parse_args(argv)
    if bool(flags.pages) == bool(flags.manifest):
        raise PAGES_OR_MANIFEST.error()
    settings = AnalysisSettings(
        outlets_files=tuple(flags.outlets_file),
        entities_model='',
        explain=flags.explain,
        boilerplate=_learned(flags.lake) if flags.lake else None,
    )
    wanted = _from_manifest(flags.manifest) if flags.manifest else map(_from_argument, flags.pages)
    fetcher = PageFetcher(fetch_settings(flags))
    pool = Pool(WORKER, settings, flags.processes, flags.page_deadline)
    complete, total = True, len(flags.pages) or None
    try:
        with saying_what_is_kept(_KEPT), counting_lines('pages') as progress:
            for number, line in enumerate(_extract_all(wanted, pool, fetcher), 1):
                complete &= 'reason' not in line
                print_line(line if flags.explain else {k: v for k, v in line.items() if k != 'removed'})
                sys.stdout.flush()
                if progress:
                    progress('pages', number, total)
    except PoolError as error:
        raise CHILDREN_FAIL.error(error=error) from error
    finally:
        pool.close()
        fetcher.close()
    return 1 if flags.strict and not complete else 0


def _learned(lake: str) -> Optional[Snapshot]:
    opened = open_folder(lake, '--lake')
    try:
        return newest_snapshot(opened)
    except DamagedFile as error:
        raise DAMAGED.error(error=f'--lake: {error}') from error


def _from_argument(text: str) -> _Wanted:
    if text.startswith(('http://', 'https://')):
        return _Wanted(text, text, None)
    return _Wanted(text, Path(text).absolute().as_uri(), text)


def _from_manifest(path: str) -> Iterator[_Wanted]:
    folder = os.path.dirname(path)
    try:
        file = open(path, encoding='utf-8', errors='replace')  # noqa: SIM115  # closed below
    except OSError as error:
        raise MANIFEST_UNREADABLE.error(path=path, why=error.strerror) from error
    with file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _from_line(line, number, folder)


def _from_line(line: str, number: int, folder: str) -> _Wanted:
    try:
        entry = read_line(line)
    except ValueError as error:
        return _Wanted(str(number), '', None, Rejection('bad_input', f'line {number}: {error}'))
    page_id = entry.get('id', str(number))
    url, page = ('' if entry.get(name) is None else entry[name] for name in ('url', 'path'))
    for name, value in (('url', url), ('path', page)):
        fault = _text_fault(value)
        if fault is not None:
            shown = url if name == 'path' else ''
            return _Wanted(page_id, shown, None, Rejection('bad_input', f'line {number}: {name} {fault}'))
    if not url and not page:
        return _Wanted(page_id, '', None, Rejection('bad_input', f'line {number}: neither url nor path'))
    if not page:
        return _Wanted(page_id, url, None)
    page = os.path.join(folder, page)
    return _Wanted(page_id, url or Path(page).absolute().as_uri(), page)


def _text_fault(value: Any) -> Optional[str]:
    if not isinstance(value, str):
        return 'is not a string'
    if mend(value) != value or '\0' in value:
        return 'holds a character that no address has'
    return None


def _extract_all(wanted: Iterator[_Wanted], pool: Pool, fetcher: PageFetcher) -> Iterator[dict[str, Any]]:
    """The lines in order; at most a few pages per child are in memory."""
    jobs: collections.deque[tuple[_Wanted, Future[Analysis] | Rejection]] = collections.deque()
    for one in wanted:
        page = _load(one, fetcher)
        jobs.append((one, page if isinstance(page, Rejection) else pool.submit(page)))
        if len(jobs) >= _JOBS_PER_CHILD * pool.processes:
            yield _line(*jobs.popleft())
    while jobs:
        yield _line(*jobs.popleft())


def _load(wanted: _Wanted, fetcher: PageFetcher) -> 'Page | Rejection':
    if wanted.fault is not None:
        return wanted.fault
    if wanted.path is None:
        return fetcher.fetch(wanted.url)
    try:
        data = Path(wanted.path).read_bytes()
    except OSError as error:
        return Rejection('bad_input', f'{wanted.path}: {error.strerror or error}')
    if data[:2] == b'\x1f\x8b':
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            return Rejection('bad_input', f'{wanted.path}: a damaged gzip file ({error})')
    elif wanted.path.endswith('.gz'):
        return Rejection('bad_input', f'{wanted.path}: not a gzip file, though its name ends with .gz')
    return Page(url=wanted.url, final_url=wanted.url, body=data)


def _line(wanted: _Wanted, job: 'Future[Analysis] | Rejection') -> dict[str, Any]:
    try:
        analysis = job if isinstance(job, Rejection) else job.result()
    except DeadlineExceeded as error:
        analysis = Rejection(Reason.EXTRACTION_TIMEOUT.value, str(error))
    except WorkerDied as error:
        analysis = Rejection(Reason.WORKER_DIED.value, str(error))
    removed = analysis.removed if isinstance(analysis, Analysis) else ()
    explained = {'removed': [{'rule': rule, 'line': text} for rule, text in removed]}
    if isinstance(analysis, Analysis) and analysis.article is not None:
        return article_json(wanted.id, wanted.url, analysis.article) | explained
    rejection = analysis if isinstance(analysis, Rejection) else analysis.rejection
    assert rejection is not None
    line = {'id': wanted.id, 'url': wanted.url, 'reason': rejection.reason}
    return line | ({'detail': rejection.detail} if rejection.detail else {}) | explained


if __name__ == '__main__':
    from pipelines.cli import run_command

    sys.exit(run_command(main, sys.argv[1:]))
