"""Snapshots in the lake: learned from the articles of the last days, kept, read back."""

import dataclasses
import itertools
import json
from collections.abc import Iterator
from typing import Any, Optional

from schemas.boilerplate import LearnedLine, Snapshot
from schemas.ids import hash_id
from transforms.functions.article_rows import day_of
from transforms.functions.boilerplate.learning import Story, learn_lines
from transforms.functions.extraction.blocks import SEPARATOR
from transforms.functions.lake import DamagedFile, Lake

FOLDER = '_boilerplate'
# Days of articles that are learned from: what an outlet printed below its articles last month is no longer
# its boilerplate, and what it prints now recurs within a week or two.
DAYS = 14
# The newest articles of an outlet that are looked at: enough to tell a share of a twentieth.
MAX_STORIES = 200
# How old a snapshot may be before a run learns anew: learning reads the bodies of up to 200 articles of each
# outlet.
LEARN_EVERY_US = 86_400_000_000
# The same of the first snapshot without a line: a lake that is being filled has enough to learn from soon.
# Each further one waits twice as long: learning every hour from 200 feeds that teach nothing was half of the
# CPU of `watch`, and a lake of half a day can wait for another half.
_LEARN_EMPTY_EVERY_US = 3_600_000_000
_DAY_US = 86_400_000_000
_COLUMNS = ('article_id', 'version', 'body', 'boilerplate', 'published_at')


def current_snapshot(lake: Lake, now: int) -> Optional[Snapshot]:
    """The snapshot for a run that starts at ``now`` (microseconds UTC), learned and kept if there is none of
    the last day; None for a lake without articles.

    That nothing could be learned is kept too: for an hour, then for twice as long each time, up to a day.
    What a clock that was ahead has dated later than ``now`` is passed over.
    """
    paths = _snapshots(lake, now)
    if paths:
        newest = read_snapshot(lake, paths[-1])
        if now - newest.made_at < (LEARN_EVERY_US if newest.outlets else _empty_lasts(paths)):
            return newest
    elif not lake.files('articles'):
        return None
    learned = learn(lake, now)
    _keep(lake, learned)
    return learned


def newest_snapshot(lake: Lake, until: Optional[int] = None) -> Optional[Snapshot]:
    """The snapshot that was learned last, of those dated by ``until`` (microseconds UTC) if that is given."""
    paths = _snapshots(lake, until)
    return read_snapshot(lake, paths[-1]) if paths else None


def _snapshots(lake: Lake, until: Optional[int]) -> list[str]:
    """The snapshots' files, the oldest first."""
    paths = [p for p in lake.storage.list_files(f'{lake.root}/{FOLDER}') if p.endswith('.json')]
    dated = [path for path in paths if _name(path)[0].isdecimal()]
    return sorted(path for path in dated if until is None or _moment_in(path) <= until)


def _empty_lasts(paths: list[str]) -> int:
    """For how long the last of these snapshots is good if it has no line, in microseconds."""
    waited = _moment_in(paths[-1]) - _moment_in(paths[-2]) if len(paths) > 1 else 0
    return min(max(_LEARN_EMPTY_EVERY_US, 2 * waited), LEARN_EVERY_US)


def find_snapshot(lake: Lake, snapshot_id: str) -> Optional[Snapshot]:
    """A snapshot by the id that articles carry."""
    for path in sorted(lake.storage.list_files(f'{lake.root}/{FOLDER}'), reverse=True):
        if path.endswith(f'-{snapshot_id}.json'):
            return read_snapshot(lake, path)
    return None


def learn(lake: Lake, now: int) -> Snapshot:
    """What the articles of the last days teach. Memory: the bodies of one partition at a time, and of 200
    articles of one outlet."""
    first = day_of(now - DAYS * _DAY_US)
    chosen = sorted(
        (place[1], place[0], place) for place, _ in lake.by_partition('articles') if place[0] >= first
    )
    outlets = []
    for outlet, group in itertools.groupby(chosen, key=lambda one: one[0]):
        days = sorted((place for _, _, place in group), reverse=True)
        if lines := learn_lines(list(itertools.islice(_stories(lake, days), MAX_STORIES))):
            outlets.append((outlet, lines))
    parts = [f'{outlet}\t{line.text}' for outlet, lines in outlets for line in lines]
    return Snapshot(hash_id(*parts)[:16], now, tuple(outlets))


def _stories(lake: Lake, partitions: list[tuple[str, ...]]) -> Iterator[Story]:
    """The latest version of each article, the newest first."""
    for partition in partitions:
        rows = lake.read_settled('articles', lake.files('articles', partition), _COLUMNS).to_pylist()
        latest: dict[str, dict[str, Any]] = {}
        for row in rows:
            known = latest.get(row['article_id'])
            if known is None or known['version'] < row['version']:
                latest[row['article_id']] = row
        ordered = sorted(latest.values(), key=lambda row: (str(row['published_at']), row['article_id']))
        for row in reversed(ordered):
            # What was stripped counts as there, or what works would be forgotten.
            yield Story(tuple(row['body'].split(SEPARATOR)) + tuple(row['boilerplate'] or ()))


def _keep(lake: Lake, snapshot: Snapshot) -> None:
    """Writes the snapshot, unless it is there; the name begins with the moment, so that names sort by it."""
    lake.storage.write_small(
        f'{lake.root}/{FOLDER}/{_moment(snapshot.made_at)}-{snapshot.id}.json',
        json.dumps(dataclasses.asdict(snapshot), ensure_ascii=False, indent=1).encode() + b'\n',
    )


def _moment(at: int) -> str:
    """What the names of snapshots begin with."""
    return f'{max(at, 0):020d}'


def _moment_in(path: str) -> int:
    return int(_name(path)[0])


def _name(path: str) -> list[str]:
    return path.rpartition('/')[2].split('-')


def read_snapshot(lake: Lake, path: str) -> Snapshot:
    """A snapshot's file. Raises DamagedFile that names it."""
    try:
        found = json.loads(lake.storage.read_small(path) or b'')
        outlets = tuple(
            (outlet, tuple(LearnedLine(**line) for line in lines)) for outlet, lines in found['outlets']
        )
        return Snapshot(found['id'], found['made_at'], outlets)
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedFile(
            f'{path}: is no snapshot of boilerplate ({error}); remove it, it is learned anew'
        ) from error
