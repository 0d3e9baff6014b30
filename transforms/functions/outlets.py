"""Outlets: who published a page, from a registry of domains that users can extend and override.

The embedded table, transforms/data/outlets.csv, was compiled by hand; many of its domains, countries
and languages are facts published by flairNLP/fundus (MIT) and palewire/news-homepages.
"""

import csv
import dataclasses
import functools
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional
from urllib.parse import urlsplit

from schemas.articles import Article, Evidence, Outlet
from schemas.vocabulary import EvidenceSource
from transforms.functions.country_domains import country_of_domain
from transforms.functions.hosts import host_key, host_of, slug
from transforms.functions.place_names import fold
from transforms.functions.redirectors import origin

TABLE = Path(__file__).resolve().parent.parent / 'data' / 'outlets.csv'
COLUMNS = ('id', 'name', 'domain', 'country', 'language', 'timezone', 'kind', 'agency')
KINDS = frozenset({'newspaper', 'broadcaster', 'agency', 'magazine', 'website', 'aggregator'})
_ID = re.compile(r'(?=[a-z0-9-]*[a-z])[a-z0-9][a-z0-9-]{0,119}')


@dataclass(frozen=True)
class Profile:
    """A row of the registry."""

    outlet: Outlet
    # Hosts that it and its subdomains publish under, some with a port or the beginning of a path.
    domains: tuple[str, ...]
    timezone: Optional[str]  # IANA
    kind: str  # one of KINDS
    home: Optional[str]  # home city: "Athens, GA, US" or "Erbil, IQ"
    former_names: tuple[str, ...] = ()


class OutletRegistry:
    """Looks outlets up by URL and id. Later profiles override earlier ones of the same id or domain."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self._by_id: dict[str, Profile] = {}
        self._by_domain: dict[str, Profile] = {}
        self._paths: dict[str, set[str]] = {}  # host -> the paths that rules name
        for profile in profiles:
            replaced = self._by_id.get(profile.outlet.id)
            for domain in replaced.domains if replaced is not None else ():
                if self._by_domain.get(domain) is not replaced:
                    continue  # another row has taken it since
                del self._by_domain[domain]
                host, slash, path = domain.partition('/')
                self._paths.get(host, set()).discard(f'/{path}')
            self._by_id[profile.outlet.id] = profile
            for domain in profile.domains:
                self._by_domain[domain] = profile
                host, slash, path = domain.partition('/')
                if slash:
                    self._paths.setdefault(host, set()).add(f'/{path}')

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def ids(self) -> Collection[str]:
        """The ids that are taken."""
        return self._by_id.keys()

    @property
    def profiles(self) -> Collection[Profile]:
        """All rows, in the order of the tables."""
        return self._by_id.values()

    def get(self, id: str) -> Optional[Profile]:
        """The row of that id."""
        return self._by_id.get(id)

    def home(self, id: str) -> Optional[str]:
        """The home city of the outlet, as ``parse_dateline`` takes it; None if it is not known."""
        profile = self._by_id.get(id)
        return profile.home if profile is not None else None

    def named(self, name: str) -> Optional[Profile]:
        """The one outlet of that name or former name, whatever its case; None if there are several."""
        return self._by_name.get(_name_key(name))

    def of_agency(self, agency: str) -> Optional[Profile]:
        """The outlet that the agency of that id is."""
        return self._by_agency.get(agency)

    @functools.cached_property
    def _by_name(self) -> dict[str, Profile]:
        names: dict[str, dict[str, Profile]] = {}
        for profile in self._by_id.values():
            for name in (profile.outlet.name, *profile.former_names):
                names.setdefault(_name_key(name), {})[profile.outlet.id] = profile
        return {name: next(iter(of.values())) for name, of in names.items() if name and len(of) == 1}

    @functools.cached_property
    def _by_agency(self) -> dict[str, Profile]:
        agencies: dict[str, Profile] = {}
        for profile in self._by_id.values():
            if profile.outlet.agency:
                agencies.setdefault(profile.outlet.agency, profile)
        return agencies

    def find(self, url: str) -> Optional[Outlet]:
        """The outlet that publishes under the URL's host: the one of the longest matching domain.

        A domain that names a port matches that port only; one with a path only what begins with that path.
        """
        host = host_of(url)
        if not host:
            return None
        key = host_key(url)
        profile = self._by_domain.get(key) if ':' in key else None
        while profile is None and host:
            profile = self._by_path(host, url) or self._by_domain.get(host)
            host = host.partition('.')[2]
        return profile.outlet if profile is not None else None

    def _by_path(self, host: str, url: str) -> Optional[Profile]:
        """The row whose path rule is the longest that the URL's path begins with."""
        rules = self._paths.get(host)
        if not rules:
            return None
        path = urlsplit(url).path.rstrip('/').lower() + '/'
        found = [rule for rule in rules if path.startswith(f'{rule}/')]
        return self._by_domain[host + max(found, key=len)] if found else None


@functools.lru_cache(maxsize=8)
def _load(files: tuple[str, ...]) -> OutletRegistry:
    return OutletRegistry(
        profile for file in (TABLE, *(Path(name) for name in files)) for profile in _read(file)
    )


def load_outlets(files: Sequence[str] = ()) -> OutletRegistry:
    """The embedded outlets, extended and overridden by the CSV files in turn.

    A file has the columns of ``COLUMNS`` and may have ``home`` and ``former_names`` (split by ``|``); id,
    name and domain must be filled. A domain may have the beginning of a path: ``example.org/english``.
    ValueError names the file and line of a bad row; OSError if a file cannot be read.
    """
    return _load(tuple(files))


def resolve_outlet(article: Article, registry: OutletRegistry) -> Article:
    """The article with its outlet, and the evidence for it.

    The canonical, the final and the asked URL are looked up in this order, each as what it is a copy of:
    caches, archives, translations and redirects are not outlets. An outlet that none of them finds gets a
    slug of its registrable domain, and the name that its pages state.
    """
    urls = [url for url in (article.canonical_url, article.final_url, article.url) if url]
    for url in urls:
        known = registry.find(origin(url))
        if known is not None:
            won = Evidence('outlet', known.id, EvidenceSource.REGISTRY, True)
            return dataclasses.replace(article, outlet=known, evidence=(*article.evidence, won))
    # The page's own address, not what it claims: a canonical URL elsewhere does not make it another's.
    own = next((url for url in (article.final_url, article.url, *urls) if host_key(url)), '')
    stated = (article.site_name or '').strip()
    outlet = unknown_outlet(origin(own), stated, registry)
    evidence = [*article.evidence, Evidence('outlet', outlet.id, EvidenceSource.URL, True)]
    if stated:
        evidence.append(Evidence('outlet_name', stated, EvidenceSource.OPEN_GRAPH, True))
    return dataclasses.replace(article, outlet=outlet, evidence=tuple(evidence))


def unknown_outlet(url: str, stated: str, registry: OutletRegistry) -> Outlet:
    """The outlet of a URL that the registry does not know, by its registrable domain.

    ``stated`` is the name that the pages state, or ''. The id is none of the registry's.
    """
    key = host_key(url)
    return Outlet(
        id=slug(key or 'unknown', registry.ids),
        name=stated or key or 'unknown',
        domain=key,
        country=country_of_domain(key),
    )


def _name_key(name: str) -> str:
    return fold(name).replace(' ', '').removeprefix('the')


def _read(file: Path) -> list[Profile]:
    with file.open(encoding='utf-8-sig', newline='') as lines:
        reader = csv.DictReader(lines)
        if missing := [column for column in COLUMNS if column not in (reader.fieldnames or ())]:
            raise ValueError(f'{file}:1: the columns {", ".join(missing)} are missing')
        profiles = []
        for row in reader:
            try:
                profiles.append(_profile(row))
            except ValueError as error:
                raise ValueError(f'{file}:{reader.line_num}: {error}') from None
    return profiles


def _profile(row: dict[str, str]) -> Profile:
    values = {name: (value or '').strip() for name, value in row.items() if isinstance(name, str)}
    if None in row or any(row[column] is None for column in COLUMNS):
        raise ValueError(f'expected {len(row)} columns')
    domains = tuple(domain.rstrip('/') for domain in values['domain'].lower().split())
    if not _ID.fullmatch(values['id']):
        raise ValueError(f'the id {values["id"]!r} must be a-z, 0-9 and -, with a letter')
    if not values['name'] or not domains:
        raise ValueError('name and domain must be filled')
    if values['country'] and not re.fullmatch('[A-Z]{2}', values['country']):
        raise ValueError(f'the country {values["country"]!r} is not an ISO 3166-1 alpha-2 code')
    if values['language'] and not re.fullmatch('[a-z]{2}', values['language']):
        raise ValueError(f'the language {values["language"]!r} is not an ISO 639-1 code')
    if values['kind'] and values['kind'] not in KINDS:
        raise ValueError(f'the kind {values["kind"]!r} is none of {", ".join(sorted(KINDS))}')
    if values['timezone'] and not _is_zone(values['timezone']):
        raise ValueError(f'the time zone {values["timezone"]!r} is not an IANA name')
    outlet = Outlet(
        values['id'],
        values['name'],
        domains[0],
        values['country'] or None,
        values['language'] or None,
        values['agency'] or None,
    )
    home = values.get('home') or None
    former = tuple(name.strip() for name in values.get('former_names', '').split('|') if name.strip())
    return Profile(outlet, domains, values['timezone'] or None, values['kind'] or 'website', home, former)


@functools.cache
def _is_zone(name: str) -> bool:
    # The name's form only, so that a machine without a time zone database loads the same registry.
    return name == 'UTC' or re.fullmatch(r'[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_+0-9-]+){1,2}', name) is not None
