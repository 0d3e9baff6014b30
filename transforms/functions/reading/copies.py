"""Copies and agencies' stories, put together from links that were found one by one.

Links join two texts each, or a text and a group, and are only ever added: what belongs together is what they
connect, directly or through others.
"""

import dataclasses
from collections import defaultdict
from typing import Any, Optional

import pyarrow as pa
import pyarrow.compute as pc

from schemas.vocabulary import LinkKind

# Links of these kinds say that two texts are one.
SAME_TEXT = (LinkKind.DUPLICATE_TEXT.value, LinkKind.NEAR_DUPLICATE.value)
LINK_COLUMNS = ('row_id', 'kind', 'target')
VERSION_COLUMNS = ('row_id', 'article_id', 'text_hash', 'first_seen_at')


def find_copies(links: pa.Table, versions: pa.Table) -> dict[str, str]:
    """By row_id of each copy, the row_id of the version seen first among those that it is linked with.

    The article of that version is kept, and the versions of all other articles with it are copies. A later
    version whose text is another is with them only when a link says so.

    ``links`` has the columns ``LINK_COLUMNS``. ``versions`` has ``VERSION_COLUMNS`` of the article versions
    that exist, at least of those that are linked; links to others connect and no more.
    """
    links = links.filter(pc.is_in(links['kind'], pa.array(SAME_TEXT)))
    rows = {row['row_id']: row for row in versions.select(VERSION_COLUMNS).to_pylist()}
    by_text: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows.values():
        by_text[row['article_id'], row['text_hash']].append(row['row_id'])
    groups = _Groups()
    for row_id, target in zip(links['row_id'].to_pylist(), links['target'].to_pylist(), strict=True):
        # In lakes of schema 1 the target is an article: of its versions, the one with this text is meant.
        text = rows[row_id]['text_hash'] if row_id in rows else ''
        for one in by_text.get((target, text), [target]):
            groups.join(row_id, one)
    copies = {}
    for group in groups.all():
        there = [rows[row_id] for row_id in group if row_id in rows]
        if there:
            first = min(there, key=lambda row: (row['first_seen_at'], row['article_id'], row['row_id']))
            for row in there:
                if row['article_id'] != first['article_id']:
                    copies[row['row_id']] = first['row_id']
    return copies


@dataclasses.dataclass(frozen=True)
class Story:
    """An agency's story: the id of its group, and row_ids."""

    group: str
    agency: Optional[str]
    original: Optional[str]  # as decided last
    members: list[str]  # sorted


def find_stories(links: pa.Table) -> list[Story]:
    """The agencies' stories, by the ids of their groups.

    Two groups that came to share a text of one agency are one story; its id is that of the group that was
    decided first. A text that names no agency may be in stories of several.
    """
    links = links.filter(pc.equal(links['kind'], LinkKind.SYNDICATION.value))
    order = [(name, 'ascending') for name in ('decided_at', 'target', 'row_id')]
    rows = links.sort_by(order).to_pylist()
    groups = _Groups()
    first: dict[tuple[str, Optional[str]], str] = {}
    for row in rows:
        groups.join(row['target'], first.setdefault((row['row_id'], row['agency']), row['target']))
    ids: dict[str, str] = {}  # the target decided first of each set of groups that are one
    stories: dict[str, dict[str, Any]] = {}
    for row in rows:
        group = ids.setdefault(groups.root(row['target']), row['target'])
        story = stories.setdefault(group, {'agency': None, 'original': None, 'members': set()})
        story['members'].add(row['row_id'])
        story |= {name: row[name] for name in ('agency', 'original') if row[name] is not None}
    return [
        Story(group, story['agency'], story['original'], sorted(story['members']))
        for group, story in sorted(stories.items())
    ]


class _Groups:
    """Disjoint sets of ids."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def join(self, one: str, other: str) -> None:
        self._parent[self.root(one)] = self.root(other)

    def all(self) -> list[list[str]]:
        found = defaultdict(list)
        for member in self._parent:
            found[self.root(member)].append(member)
        return list(found.values())

    def root(self, member: str) -> str:
        """What all ids of the member's set have in common, until sets are joined."""
        self._parent.setdefault(member, member)
        while self._parent[member] != member:
            above = self._parent[member]
            self._parent[member] = self._parent[above]  # halves the way for the next who asks
            member = above
        return member
