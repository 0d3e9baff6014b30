"""The versions of a partition's articles, and what becomes of a staged row among them."""

import dataclasses
import difflib
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, Literal, Optional

import pyarrow as pa
import pyarrow.compute as pc

from schemas.articles import MUCH_LONGER
from schemas.ids import hash_id
from schemas.vocabulary import ContentFrom, Disposition
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import plain_rows

# What an edit is made of: a difference in one of these is named in `changed`.
COMPARED = (
    'title', 'standfirst', 'body', 'authors', 'published_at', 'modified_at', 'section', 'dateline',
    'content_from',
)  # fmt: skip
CHANGES_FROM = (*COMPARED, 'extractor_version', 'boilerplate')
# What of a staged row decides what becomes of it.
DECIDED_BY = (
    'article_id', 'text_hash', 'feed_url', 'feed_item_id', 'sighting_id', 'run_id', 'content_from',
    'word_count',
)  # fmt: skip
_KNOWN = ('row_id', 'version', *DECIDED_BY)
# What a new version has that its staged row has not.
ASSIGNED = ('row_id', 'version', 'changed', 'changed_share', 'ingested_at')
# The most steps that difflib may be in for: an ordinary text of 1 200 words that was changed all over is.
# What repeats a few words takes as many with 250, and the cube of the words with more.
_MOST_STEPS = 20_000_000


@dataclasses.dataclass(frozen=True)
class Placement:
    """What becomes of a staged row."""

    index: int  # among the staged rows
    row: dict[str, Any]
    disposition: Disposition
    # The version that it became or was found to be: ``_KNOWN``, and ``ASSIGNED`` where it is a new one.
    version: dict[str, Any]
    commits: Optional[Literal['all', 'mentions']] = None  # what of the row is to be in the lake


class Histories:
    """The versions of a partition's articles: those in the lake, then those of this commit.

    ``staged`` has the rows of ``STAGED_SCHEMA`` that are to be placed among them.
    """

    def __init__(self, lake: Lake, paths: list[str], staged: pa.Table) -> None:
        self._lake = lake
        self._staged = staged
        self._rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        wanted = staged['article_id'].unique()
        for path in paths:
            rows = lake.read('articles', [path], _KNOWN)
            for row in rows.filter(pc.is_in(rows['article_id'], wanted)).to_pylist():
                self._rows[row['article_id']].append(row | {'path': path})
        for versions in self._rows.values():
            versions.sort(key=lambda row: row['version'])

    def place(self, index: int, row: dict[str, Any], now: int) -> Placement:
        """What becomes of a staged row, of which it takes the place and the columns of ``DECIDED_BY``."""
        versions = self._rows[row['article_id']]
        for known in versions:
            if all(known[key] == row[key] for key in ('sighting_id', 'text_hash', 'run_id')):
                written = Disposition.WRITTEN if known['version'] == 1 else Disposition.UPDATED
                # A copy of a row of this commit is that row; of one in the lake the mentions may be missing.
                return Placement(index, row, written, known, commits=None if 'index' in known else 'mentions')
        latest = versions[-1] if versions else None
        if latest and (latest['text_hash'] == row['text_hash'] or _says_less(row, latest)):
            same_item = all(latest[key] == row[key] for key in ('feed_url', 'feed_item_id'))
            repeat = Disposition.UNCHANGED if same_item else Disposition.DUPLICATE_URL
            return Placement(index, row, repeat, latest)
        before = latest['text_hash'] if latest else ''
        row_id = hash_id(row['article_id'], row['text_hash'], before)
        for known in versions:
            if known['row_id'] == row_id:  # an edit that was undone and made again
                return Placement(index, row, Disposition.UNCHANGED, known)
        changed, share = self._changes(latest, index) if latest else ([], None)
        new = {name: row[name] for name in DECIDED_BY} | {
            'index': index,
            'row_id': row_id,
            'version': latest['version'] + 1 if latest else 1,
            'changed': changed,
            'changed_share': share,
            'ingested_at': now,
        }
        versions.append(new)
        written = Disposition.UPDATED if latest else Disposition.WRITTEN
        return Placement(index, row, written, new, commits='all')

    def _changes(self, latest: dict[str, Any], index: int) -> tuple[list[str], float]:
        if 'index' in latest:
            before = self._full(latest['index'])
        else:
            table = self._lake.read('articles', [latest['path']], ('row_id', *CHANGES_FROM))
            before = plain_rows(table.filter(pc.equal(table['row_id'], latest['row_id'])))[0]
        return changes(before, self._full(index))

    def _full(self, index: int) -> dict[str, Any]:
        return plain_rows(self._staged.slice(index, 1).select(CHANGES_FROM))[0]


def changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[list[str], float]:
    """``changed`` and ``changed_share`` of a version, from its row and that of the version before.

    The rows have the columns of ``CHANGES_FROM``, times as numbers.
    """
    changed = [name for name in COMPARED if before.get(name) != after.get(name)]
    if 'body' in changed and _paragraphs(before) == _paragraphs(after):
        changed.remove('body')  # only what was learned to be boilerplate differs
    if before.get('extractor_version') != after.get('extractor_version'):
        changed.append('extractor')
    return changed, changed_share(before['body'], after['body'])


def _paragraphs(row: dict[str, Any]) -> list[str]:
    return sorted([*row['body'].split('\n\n'), *(row.get('boilerplate') or ())])


def _says_less(row: dict[str, Any], latest: dict[str, Any]) -> bool:
    """Whether a text of one origin would replace the other's, and should not: it is no edit.

    The feed's stands in for the page's only where it is much longer, as where a page is first seen: that a
    page cannot be had today changes nothing. The page's replaces the feed's unless it is a teaser of it.
    """
    origins = latest['content_from'], row['content_from']
    if origins == (ContentFrom.PAGE, ContentFrom.FEED):
        return bool(row['word_count'] <= MUCH_LONGER * latest['word_count'])
    if origins == (ContentFrom.FEED, ContentFrom.PAGE):
        return bool(row['word_count'] * MUCH_LONGER <= latest['word_count'])
    return False


def changed_share(before: str, after: str) -> float:
    """The share of words that differ between two texts, 0 to 1 (one less difflib's ratio over words).

    Long texts are compared without what they begin and end with alike; where the rest is long or repetitive,
    its words are counted in whatever order they come. So the time is bounded, whatever a page holds.

    >>> changed_share('one two three four', 'one two three five')
    0.25
    """
    old, new = before.split(), after.split()
    total = len(old) + len(new)
    if not total:
        return 0.0
    alike = _count_alike(old, new)
    if alike is None:
        head = _count_equal(old, new)
        tail = _count_equal(old[: head - 1 - len(old) : -1], new[: head - 1 - len(new) : -1])
        old, new = old[head : len(old) - tail], new[head : len(new) - tail]
        rest = _count_alike(old, new)
        alike = head + tail + ((Counter(old) & Counter(new)).total() if rest is None else rest)
    return 1 - 2 * alike / total


def _count_alike(old: list[str], new: list[str]) -> Optional[int]:
    """The words that difflib matches; None where it might take more than ``_MOST_STEPS`` to find them."""
    there, here = Counter(old), Counter(new)
    # Each search for the longest match looks at each pair of equal words, and finds one match at least.
    pairs = sum(number * here[word] for word, number in there.items())
    if (pairs + len(old)) * (there & here).total() > _MOST_STEPS:
        return None
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks())


def _count_equal(old: Iterable[str], new: Iterable[str]) -> int:
    """How many words two sequences begin with alike."""
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
