"""Alarms about outlets whose extraction has suddenly changed, as a redesign of their pages makes it."""

import collections
import dataclasses
import statistics
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Optional

import numpy as np

from schemas.vocabulary import Disposition, Reason, Subject
from transforms.functions.lake import Lake
from transforms.functions.sameness.signatures import Signatures

# The newest articles (or decisions) of an outlet that are compared with those before: fewer say little, more
# would raise the alarm days late.
NEWEST = 20
# How many there must be before them, and how many of them are looked at.
MIN_BEFORE, MAX_BEFORE = 30, 200
# Of its former median length; outlets' medians of twenty differ by a third from week to week.
_MUCH_SHORTER = 0.4
# A median that was lower says nothing: an outlet of briefs.
_MIN_WORDS_BEFORE = 80
# Signatures of two stories of one outlet agree in a tenth of their slots, copies in most.
_ALIKE_SLOTS = 0.7
_ALIKE_PAIRS = 0.5
# The share of pages without text: that of the newest, and the most that it may have been before.
_EMPTY_NOW, _EMPTY_BEFORE = 0.5, 0.2
_LOOK = 'its pages may have changed; look at one with dateline extract --explain'
_ARTICLE = ('row_id', 'word_count', 'ingested_at', 'feed_url', 'version')
_LEDGER = ('subject', 'feed_url', 'disposition', 'reason', 'decided_at')
_EMPTY = (Reason.NO_TEXT, Reason.NOT_AN_ARTICLE)
_DECIDED = (Disposition.WRITTEN, Disposition.UPDATED)
# A row and the partition that it is in.
Row = tuple[tuple[str, ...], dict[str, Any]]


@dataclasses.dataclass(frozen=True)
class Alarm:
    """What has changed at an outlet: of its newest twenty articles or pages, and of those before."""

    kind: str  # shorter: median words; alike: share of pairs; empty: share of pages without an article
    outlet: str
    now: float
    then: float
    says: str  # a sentence


@dataclasses.dataclass(frozen=True)
class _Seen:
    """One article, as far as alarms need it."""

    ingested_at: Any
    row_id: str
    words: int
    partition: tuple[str, ...]


def outlet_alarms(lake: Lake, since: str) -> tuple[str, ...]:
    """A sentence for each alarm of ``find_alarms``."""
    return tuple(alarm.says for alarm in find_alarms(lake, since))


def find_alarms(lake: Lake, since: str, until: Optional[str] = None) -> tuple[Alarm, ...]:
    """Outlets whose newest articles are much shorter than before or all alike, or whose pages have suddenly
    no text. Looked at are partitions from the day ``since`` (``YYYY-MM-DD``) on, up to ``until`` if it is
    given.

    Memory: about 200 bytes an article of these days.
    """
    last = until or '9999-12-31'
    return alarms_of(
        lake, _rows(lake, 'articles', _ARTICLE, since, last), _rows(lake, 'ledger', _LEDGER, since, last)
    )


def alarms_of(lake: Lake, articles: Iterable[Row], ledger: Iterable[Row]) -> tuple[Alarm, ...]:
    """The same of rows that are at hand, each with its partition.

    ``articles`` have row_id, word_count, ingested_at, feed_url and version; ``ledger`` has subject, feed_url,
    disposition, reason and decided_at. Signatures are read from the lake.
    """
    seen: dict[str, list[_Seen]] = collections.defaultdict(list)
    outlet_of: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for partition, row in articles:
        outlet_of[row['feed_url']][partition[1]] += 1
        if row['version'] == 1:
            one = _Seen(row['ingested_at'], row['row_id'], row['word_count'], partition)
            seen[partition[1]].append(one)
    alarms = [alarm for outlet in sorted(seen) for alarm in _of_outlet(lake, outlet, seen[outlet])]
    names = {feed: outlets.most_common(1)[0][0] for feed, outlets in outlet_of.items()}
    return (*alarms, *_of_empty_pages(ledger, names))


def _rows(lake: Lake, table: str, columns: tuple[str, ...], since: str, last: str) -> Iterator[Row]:
    for partition, paths in lake.by_partition(table):
        if since <= partition[0] <= last:
            for row in lake.read_settled(table, paths, columns).to_pylist():
                yield partition, row


def _of_outlet(lake: Lake, outlet: str, seen: list[_Seen]) -> Iterator[Alarm]:
    ordered = sorted(seen, key=lambda one: (one.ingested_at, one.row_id))
    newest, before = ordered[-NEWEST:], ordered[-NEWEST - MAX_BEFORE : -NEWEST]
    if len(before) < MIN_BEFORE:
        return
    now, then = (statistics.median(one.words for one in some) for some in (newest, before))
    if then >= _MIN_WORDS_BEFORE and now < _MUCH_SHORTER * then:
        yield Alarm(
            'shorter',
            outlet,
            now,
            then,
            f'outlet {outlet}: its newest {NEWEST} articles have {now:g} words, the {len(before)} before '
            f'had {then:g} (medians): {_LOOK}',
        )
    if (share := _alike(lake, newest)) < _ALIKE_PAIRS:
        return
    if (earlier := _alike(lake, before[-NEWEST:])) < _ALIKE_PAIRS:
        yield Alarm(
            'alike',
            outlet,
            share,
            earlier,
            f'outlet {outlet}: {share:.0%} of the pairs of its newest {NEWEST} articles have nearly the same '
            f'text, which they had not before: its pages may show a notice in place of the article',
        )


def _alike(lake: Lake, some: Sequence[_Seen]) -> float:
    """The share of pairs whose signatures agree."""
    wanted = {one.row_id for one in some}
    found: dict[str, Optional[bytes]] = {}
    for partition in sorted({one.partition for one in some}):
        rows = lake.read_settled('articles', lake.files('articles', partition), ('row_id', 'signature'))
        for row in rows.to_pylist():
            if row['row_id'] in wanted:
                found[row['row_id']] = row['signature']
    signed = Signatures.read(found.values())
    slots = signed.slots[signed.sizes > 0]
    pairs = [
        float(np.mean(slots[one] == slots[other])) >= _ALIKE_SLOTS
        for one in range(len(slots))
        for other in range(one)
    ]
    return sum(pairs) / len(pairs) if pairs else 0.0


def _of_empty_pages(ledger: Iterable[Row], names: dict[str, str]) -> Iterator[Alarm]:
    decisions: dict[str, list[tuple[Any, bool]]] = collections.defaultdict(list)
    for _, row in ledger:
        empty = row['reason'] in _EMPTY
        outlet = names.get(row['feed_url'])
        if outlet and row['subject'] == Subject.ITEM and (empty or row['disposition'] in _DECIDED):
            decisions[outlet].append((row['decided_at'], empty))
    for outlet, made in sorted(decisions.items()):
        ordered = sorted(made)
        newest, before = ordered[-NEWEST:], ordered[-NEWEST - MAX_BEFORE : -NEWEST]
        if len(before) < MIN_BEFORE:
            continue
        now, then = (sum(empty for _, empty in some) / len(some) for some in (newest, before))
        if now >= _EMPTY_NOW and then <= _EMPTY_BEFORE:
            yield Alarm(
                'empty',
                outlet,
                now,
                then,
                f'outlet {outlet}: of its newest {NEWEST} pages {now:.0%} gave no article, before '
                f'{then:.0%}: {_LOOK}',
            )
