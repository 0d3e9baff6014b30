"""An article's entities: its mentions grouped by id, with a count and a salience."""

import collections
from collections.abc import Sequence

from schemas.articles import Entity, Mention

# A mention's weight by its field: a title has room for what matters only.
_WEIGHTS = {'title': 3.0, 'standfirst': 2.0, 'body': 1.0}
# The share that the first mention's place and the number of mentions have in the salience.
_POSITION, _COUNT = 0.4, 0.6


def entities_of(mentions: Sequence[Mention], length: int) -> tuple[Entity, ...]:
    """One entity per id, the most salient first.

    salience = 0.4 * position + 0.6 * count, from 0 to 1. position is 1 for an entity in the title or the
    standfirst, else 1 less the share of the body before its first mention; count is the weight of its
    mentions (title 3, standfirst 2, body 1 each) over that of the article's heaviest entity.

    Args:
        mentions: of one article, linked.
        length: characters of all the article's texts together.
    """
    groups: dict[str, list[Mention]] = {}
    for mention in mentions:
        groups.setdefault(mention.entity_id, []).append(mention)
    weights = {one: sum(_WEIGHTS[m.field] for m in group) for one, group in groups.items()}
    heaviest = max(weights.values(), default=1.0)
    entities = [
        Entity(
            canonical=_most_common([m.canonical for m in group]),
            label=_most_common([m.label for m in group]),
            entity_id=one,
            geonameid=group[0].geonameid,
            count=len(group),
            salience=round(_POSITION * _position(group, length) + _COUNT * weights[one] / heaviest, 4),
        )
        for one, group in groups.items()
    ]
    return tuple(sorted(entities, key=lambda entity: (-entity.salience, -entity.count, entity.entity_id)))


def _position(group: Sequence[Mention], length: int) -> float:
    if any(mention.field != 'body' for mention in group):
        return 1.0
    return 1.0 - min(mention.start for mention in group) / max(1, length)


def _most_common(values: Sequence[str]) -> str:
    first = values[0]
    if values.count(first) == len(values):  # as a rule
        return first
    return collections.Counter(values).most_common(1)[0][0]
