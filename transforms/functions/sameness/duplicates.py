"""Links between articles that have the same text, or most of it, to the one that was seen first."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Optional

import numpy as np
import pyarrow as pa

from schemas.ids import hash_id
from schemas.ledger import LinkRow
from schemas.staging import CommittedText
from schemas.vocabulary import LinkKind
from transforms.functions.article_rows import day_of
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import plain_rows
from transforms.functions.outlets import OutletRegistry
from transforms.functions.sameness.similar_texts import Found, SimilarTexts
from transforms.functions.sameness.syndication import Group, find_groups
from transforms.functions.sameness.text_set import Rows, TextSet, gather_texts
from transforms.functions.state.lake_batches import column_batches

# What was found for so many texts is kept for the next question, in 17 bytes each. Thousands of pages that
# are all alike each find two thousand others.
_KEPT_FOUND = 500_000
_LINK_COLUMNS = ('row_id', 'kind', 'target', 'agency', 'decided_at')


class KnownTexts:
    """Where the texts are that new ones are compared with; they are read when they are asked for.

    ``partitions`` are those (date, outlet) of ``articles`` that hold texts first seen since ``seen_since``
    (microseconds UTC); they may hold others too.
    """

    def __init__(self, lake: Lake, partitions: Iterable[tuple[str, str]], seen_since: int) -> None:
        self.lake = lake
        self.partitions = tuple(sorted(set(partitions)))
        self.seen_since = seen_since

    def with_texts(self, texts: Iterable[CommittedText]) -> TextSet:
        """The known texts and the given ones, each once. Raises DamagedFile."""
        return gather_texts(self.lake, self.partitions, self.seen_since, texts)

    def links(self) -> 'KnownLinks':
        """The links of these texts: all were decided since the texts were seen. Raises DamagedFile."""
        first = day_of(self.seen_since)
        return KnownLinks(
            row
            for partition, _ in self.lake.by_partition('links')
            if partition[0] >= first
            for table in self.lake.gathered('links', 'links', partition, self._read_links, _one_table)
            for row in plain_rows(table)
        )

    def _read_links(self, path: str) -> list[pa.Table]:
        return [
            pa.Table.from_batches([batch])
            for batch in column_batches(self.lake, 'links', path, _LINK_COLUMNS)
        ]


def _one_table(parts: list[list[pa.Table]]) -> list[pa.Table]:
    """The tables of all parts as one; nothing where there is none."""
    tables = [table for part in parts for table in part]
    return [pa.concat_tables(tables).combine_chunks()] if tables else []


class KnownLinks:
    """Links that the lake holds."""

    def __init__(self, rows: Iterable[Mapping[str, Any]] = ()) -> None:
        self._ids: set[tuple[str, str, str]] = set()
        self._groups: dict[tuple[str, str], list[str]] = {}
        self._decided: dict[str, int] = {}
        for row in rows:
            row_id, kind, target = row['row_id'], row['kind'], row['target']
            self._ids.add((row_id, kind, target))
            if kind == LinkKind.SYNDICATION:
                self._groups.setdefault((row_id, row['agency']), []).append(target)
                decided = row['decided_at']
                self._decided[target] = min(decided, self._decided.get(target, decided))

    def __contains__(self, link: LinkRow) -> bool:
        return (link.row_id, link.kind, link.target) in self._ids

    def group(self, row_ids: Iterable[str], agency: str) -> Optional[str]:
        """The agency's group that one of these rows has joined; of several the one decided first."""
        found = {target for row_id in row_ids for target in self._groups.get((row_id, agency), ())}
        return min(found, key=lambda target: (self._decided[target], target), default=None)


def find_links(
    texts: Iterable[CommittedText], known: KnownTexts, registry: OutletRegistry, run_id: str, now: int
) -> list[LinkRow]:
    """The links of new texts, and those of known texts to new ones, that the lake does not hold yet.

    A text is linked to the earliest seen text of another article that is the same (``duplicate_text``) or
    shares most of its words (``near_duplicate``, unless that one is linked as the same); not when an earlier
    version of its own article comes first. Copies of an agency's story are linked to their group
    (``syndication``). Which links there are depends on the texts, not on the order in which they come.

    Args:
        registry: knows the agencies' own outlets.
        now: microseconds UTC.
    """
    fresh = {text.row_id: text for text in texts}
    if not fresh:
        return []
    everything = known.with_texts(fresh.values())
    links = _Linker(everything, known.links(), registry, run_id, now).links(everything.rows_of(fresh))
    return sorted(links, key=lambda link: (link.row_id, link.kind, link.target))


class _Linker:
    def __init__(
        self, texts: TextSet, known: KnownLinks, registry: OutletRegistry, run_id: str, now: int
    ) -> None:
        self._texts = texts
        self._known = known
        self._registry = registry
        self._run_id = run_id
        self._now = now
        self._search = SimilarTexts(texts.signatures)
        self._found: dict[int, Found] = {}
        self._kept = 0
        self._agencies: dict[int, Optional[str]] = {}

    def links(self, fresh: list[int]) -> Iterator[LinkRow]:
        changed = set(fresh)
        for row in fresh:
            found = self._like(row)
            changed.update(found.rows[found.near].tolist(), self._texts.same_text(row).tolist())
        for row in sorted(changed):
            yield from self._new(self._duplicates(row))
        groups = find_groups(fresh, self._neighbours, self._agency, self._texts.articles)
        for group in groups:
            yield from self._new(self._syndication(group))

    def _new(self, links: Iterable[LinkRow]) -> Iterator[LinkRow]:
        return (link for link in links if link not in self._known)

    def _duplicates(self, row: int) -> Iterator[LinkRow]:
        articles, found = self._texts.articles, self._like(row)
        first_same = int(self._texts.same_text(row)[0])
        near = np.flatnonzero(found.near)
        first = min(first_same, int(found.rows[near[0]]) if len(near) else first_same)
        if articles[first] == articles[row]:
            return
        if articles[first_same] != articles[row]:
            yield self._link(row, LinkKind.DUPLICATE_TEXT, self._texts.row_id(first_same), 1.0)
        if first != first_same:
            share = float(found.shares[near[0]])
            yield self._link(row, LinkKind.NEAR_DUPLICATE, self._texts.row_id(first), share)

    def _syndication(self, group: Group) -> Iterator[LinkRow]:
        members = [self._texts.row_id(row) for row in group.rows]
        original = self._original(group)
        target = self._known.group(members, group.agency)
        target = target or hash_id(LinkKind.SYNDICATION.value, group.agency, members[0])
        shares = self._search.shares(original, np.array(group.rows))
        for row, share in zip(group.rows, shares, strict=True):
            yield dataclasses.replace(
                self._link(row, LinkKind.SYNDICATION, target, share),
                agency=group.agency,
                original=self._texts.row_id(original),
            )

    def _original(self, group: Group) -> int:
        """The first of the agency's own outlet; else the first with its credit."""
        own = [row for row in group.rows if self._own_agency(row) == group.agency]
        return (own or [row for row in group.rows if self._agency(row) == group.agency])[0]

    def _neighbours(self, row: int) -> Rows:
        return np.concatenate((self._like(row).rows, self._texts.same_text(row)))

    def _agency(self, row: int) -> Optional[str]:
        """The agency that a text names; a text of an agency's own outlet that names none is its own."""
        if row not in self._agencies:
            self._agencies[row] = self._find_agency(row)
        return self._agencies[row]

    def _find_agency(self, row: int) -> Optional[str]:
        named = self._texts.agency(row)
        profile = self._registry.get(self._texts.outlet(row))
        # A broadcaster that others quote as an agency prints agencies' stories itself.
        own = profile.outlet.agency if profile is not None and profile.kind == 'agency' else None
        return named or own

    def _own_agency(self, row: int) -> Optional[str]:
        profile = self._registry.get(self._texts.outlet(row))
        return profile.outlet.agency if profile is not None else None

    def _like(self, row: int) -> Found:
        found = self._found.get(row)
        if found is None:
            found = self._search.like(row)
            if self._kept < _KEPT_FOUND:
                self._found[row] = found
                self._kept += len(found.rows)
        return found

    def _link(self, row: int, kind: LinkKind, target: str, similarity: Optional[float]) -> LinkRow:
        return LinkRow(
            row_id=self._texts.row_id(row),
            article_id=self._texts.article_id(row),
            kind=kind.value,
            target=target,
            similarity=similarity,
            decided_at=self._now,
            run_id=self._run_id,
        )
