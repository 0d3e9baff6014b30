"""Outlets looked up by people: in the registry by name or address, and in a lake."""

import collections
import dataclasses
from collections.abc import Collection, Iterator
from typing import Any, Optional

from transforms.functions.country_domains import country_of_domain
from transforms.functions.extraction.characters import fold
from transforms.functions.hosts import host_of
from transforms.functions.lake import Lake
from transforms.functions.outlets import OutletRegistry, Profile
from transforms.functions.redirectors import origin

_COLUMNS = ('outlet_name', 'outlet_domain', 'outlet_country', 'language')


@dataclasses.dataclass(frozen=True)
class UnknownOutlet:
    """An outlet that a lake has articles of and the registry does not know."""

    id: str
    name: str
    domain: str
    country: Optional[str]
    language: Optional[str]
    articles: int  # rows, versions included


def find_outlets(registry: OutletRegistry, query: str) -> list[Profile]:
    """The outlets that a query means: the one that publishes an address or a domain; else those whose id,
    name or former names hold its words, those that begin with them first.

    >>> from transforms.functions.outlets import load_outlets
    >>> [one.outlet.id for one in find_outlets(load_outlets(), 'https://www.bbc.co.uk/news/1')]
    ['bbc']
    >>> [one.outlet.id for one in find_outlets(load_outlets(), 'Russia Today')]
    ['rt']
    """
    query = query.strip()
    address = query if '://' in query else f'https://{query}'
    if '.' in query and ' ' not in query and host_of(address):
        outlet = registry.find(origin(address))
        profile = registry.get(outlet.id) if outlet else None
        if profile is not None:
            return [profile]
    wanted = fold(query)
    if not wanted:
        return []
    found = []
    for profile in registry.profiles:
        names = (profile.outlet.id, profile.outlet.name, *profile.former_names, *profile.domains)
        keys = [fold(name) for name in names]
        if any(wanted in key for key in keys):
            rank = 0 if wanted in keys else 1 if any(key.startswith(wanted) for key in keys) else 2
            found.append((rank, profile.outlet.id, profile))
    return [profile for _, _, profile in sorted(found, key=lambda one: one[:2])]


def unknown_outlets(lake: Lake, known: Collection[str]) -> Iterator[UnknownOutlet]:
    """The outlets of a lake's articles that are not among the known ids, those with most articles first.

    Name, domain, country and language are those that most of their articles have.
    """
    counts: dict[str, int] = collections.Counter()
    values: dict[str, dict[str, collections.Counter[Any]]] = {}
    for partition, paths in lake.by_partition('articles'):
        outlet = partition[1]
        if outlet in known:
            continue
        rows = lake.read_settled('articles', paths, _COLUMNS)
        counts[outlet] += rows.num_rows
        of_outlet = values.setdefault(outlet, {name: collections.Counter() for name in _COLUMNS})
        for name in _COLUMNS:
            of_outlet[name].update(value for value in rows[name].to_pylist() if value)
    for outlet, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        called, stated, country, language = (_most(values[outlet][column]) for column in _COLUMNS)
        domain = stated or ''
        country = country or country_of_domain(domain)
        yield UnknownOutlet(outlet, called or outlet, domain, country, language, count)


def _most(values: 'collections.Counter[str]') -> Optional[str]:
    return min(values, key=lambda value: (-values[value], value)) if values else None
