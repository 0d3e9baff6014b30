"""Outlets that a story names as its own in dateline or byline: "ERBIL (Kurdistan24)", "Ann Ito, Rudaw"."""

import dataclasses
from collections.abc import Iterator

from schemas.articles import Article, Evidence
from schemas.vocabulary import EvidenceSource
from transforms.functions.outlets import OutletRegistry, Profile

_AGGREGATOR, _AGENCY = 'aggregator', 'agency'
_FIELD = 'outlet'
# So much of a byline's end is looked at: a page may claim an author of any length.
_MAX_BYLINE = 100


def hear_witnesses(article: Article, registry: OutletRegistry) -> Article:
    """The article with the outlets that its dateline and bylines name among its evidence.

    The address that a story was published under says more than a name that anybody may print: only where the
    registry calls the outlet an aggregator, which publishes nothing of its own, does the named one win.
    An agency named is no publisher, since its stories are printed everywhere.
    """
    named = {one.outlet.id: (one, source) for one, source in reversed([*_named(article, registry)])}
    if not named or article.outlet is None:
        return article
    there = registry.get(article.outlet.id)
    winner = None
    if there is not None and there.kind == _AGGREGATOR:
        winner = next((p for p, _ in reversed(named.values()) if p.kind not in (_AGENCY, _AGGREGATOR)), None)
    evidence = [
        dataclasses.replace(one, chosen=False) if winner is not None and one.field == _FIELD else one
        for one in article.evidence
    ]
    for profile, source in reversed(named.values()):
        evidence.append(Evidence(_FIELD, profile.outlet.id, source.value, profile is winner))
    outlet = winner.outlet if winner is not None else article.outlet
    return dataclasses.replace(article, outlet=outlet, evidence=tuple(evidence))


def _named(article: Article, registry: OutletRegistry) -> Iterator[tuple[Profile, EvidenceSource]]:
    """The outlets named, the dateline's first."""
    dateline = article.dateline
    if dateline is not None and dateline.agency_text:
        own = registry.named(dateline.agency_text) or registry.of_agency(dateline.agency or '')
        if own is not None:
            yield own, EvidenceSource.DATELINE
    for author in article.authors:
        end = author.strip()[-_MAX_BYLINE:]
        whole, last = end.strip(' .'), end.rpartition(',')[2].strip(' .')
        inner = end[end.rfind('(') + 1 : -1] if end.endswith(')') and '(' in end else ''
        for words in dict.fromkeys((inner, last, whole)):
            if words and (profile := registry.named(words)):
                yield profile, EvidenceSource.PAGE
                break
