"""What a page says about its article outside the text: one pass over the tree, candidates by field."""

import dataclasses
import re
from typing import NamedTuple, Optional
from urllib.parse import urljoin

from schemas.vocabulary import EvidenceSource
from transforms.functions.extraction import jsonld, meta_names
from transforms.functions.extraction.jsonld_article import article_node
from transforms.functions.extraction.parsing import Tree, text_of
from transforms.functions.extraction.paywalls import is_paywalled

_JSON_LD = EvidenceSource.JSON_LD.value
_OPEN_GRAPH = EvidenceSource.OPEN_GRAPH.value
_META = EvidenceSource.META.value
_PAGE = EvidenceSource.PAGE.value
# Names of metas in which authors stand as in a bibliography: 'Ito, Ann'.
_BIBLIOGRAPHIC = frozenset({'citation_author', 'dc.creator', 'dcterms.creator'})
_FAMILY_FIRST = re.compile(r'^([^\s,]+), ([^,]+)$')
# Absolute, and without what joining changes: blanks, brackets, empty queries.
_PLAIN_URL = re.compile(r'https?://[\w.-]+(?:/[\w./%~+,-]*(?:\?[\w./%~+,=&-]+)?)?\Z', re.ASCII)
_OUTLET_TYPES = frozenset({'WebSite', 'NewsMediaOrganization', 'Organization'})


class Candidate(NamedTuple):
    """A value and where it was found (a value of EvidenceSource)."""

    value: str
    source: str


@dataclasses.dataclass
class Facts:
    """A page's statements, as found: nothing is decided here. Lists are best first."""

    metas: dict[str, list[str]]  # by lower-case name or property, in document order
    nodes: list[jsonld.Node]
    article: Optional[jsonld.Node]
    titles: list[Candidate]
    titles_in_head: list[str]
    h1s: list[str]
    descriptions: list[Candidate]
    authors: list[tuple[list[str], str]]  # (names as printed, source)
    published: list[Candidate]
    modified: list[Candidate]
    section: Optional[str]
    tags: list[str]
    image_url: Optional[str]
    canonical_url: Optional[str]
    site_names: list[str]
    language_claims: list[Candidate]
    paywalled: Optional[bool]
    sources: list[str]  # names in structured data of whom the article comes from, people among them
    og_type: str


def read_facts(tree: Tree, base_url: str) -> Facts:
    """Reads metas, links, JSON-LD and the headings; URLs become absolute against ``base_url``."""
    metas: dict[str, list[str]] = {}
    scripts: list[str] = []
    links: dict[str, str] = {}
    titles_in_head: list[str] = []
    h1s: list[Tree] = []
    for element in tree.iter('meta', 'link', 'script', 'title', 'h1'):
        tag = element.tag
        if tag == 'meta':
            attributes = dict(element.items())
            if content := attributes.get('content', '').strip():
                for attribute in ('property', 'name', 'itemprop', 'http-equiv'):
                    if name := attributes.get(attribute):
                        metas.setdefault(name.strip().lower(), []).append(content)
        elif tag == 'link':
            rel = element.get('rel', '')
            if rel and (rel := rel.strip().lower()) in ('canonical', 'amphtml') and element.get('href'):
                links.setdefault(rel, element.get('href').strip())
        elif tag == 'script':
            if 'ld+json' in element.get('type', '').lower() and element.text:
                scripts.append(element.text)
        elif tag == 'h1':
            h1s.append(element)
        elif (
            (parent := element.getparent()) is not None and parent.tag != 'svg' and (text := text_of(element))
        ):
            titles_in_head.append(text)
    headings = [text for h1 in h1s if (text := text_of(h1))]
    nodes = jsonld.parse_scripts(scripts)
    canonical = _absolute(links.get('canonical') or _first(metas.get('og:url', [])), base_url)
    article = article_node(nodes, (canonical or base_url).rstrip('/'))
    return Facts(
        metas=metas,
        nodes=nodes,
        article=article,
        titles=_titles(article, metas, titles_in_head, headings),
        titles_in_head=titles_in_head,
        h1s=headings,
        descriptions=_descriptions(article, metas),
        authors=_authors(article, nodes, metas),
        published=_times(article, 'datePublished', metas, meta_names.PUBLISHED),
        modified=_times(article, 'dateModified', metas, meta_names.MODIFIED),
        section=_first(_of(article, 'articleSection') + _metas(metas, meta_names.SECTION)),
        tags=_tags(article, metas),
        image_url=_absolute(_image(article, metas), base_url),
        canonical_url=canonical,
        site_names=_site_names(article, nodes, metas),
        language_claims=_language_claims(tree, article, metas),
        paywalled=is_paywalled(article, metas),
        sources=_sources(article, nodes),
        og_type=(_first(metas.get('og:type', [])) or '').casefold(),
    )


def _source(name: str) -> str:
    return _OPEN_GRAPH if name.startswith(('og:', 'article:')) else _META


def _first(values: list[str]) -> Optional[str]:
    return values[0] if values else None


def _metas(metas: dict[str, list[str]], names: tuple[str, ...]) -> list[str]:
    return [value for name in names for value in metas.get(name, ())]


def _of(article: Optional[jsonld.Node], key: str) -> list[str]:
    return jsonld.texts(article.get(key)) if article else []


def _titles(
    article: Optional[jsonld.Node], metas: dict[str, list[str]], in_head: list[str], h1s: list[str]
) -> list[Candidate]:
    found = [Candidate(value, _JSON_LD) for value in _of(article, 'headline')[:1]]
    found += [Candidate(metas[name][0], _source(name)) for name in meta_names.TITLE if name in metas]
    found += [Candidate(text, _PAGE) for text in h1s]
    found += [Candidate(value, _META) for value in in_head[:1]]
    if article:
        found += [Candidate(value, _JSON_LD) for value in _of(article, 'name')[:1]]
    return found


def _descriptions(article: Optional[jsonld.Node], metas: dict[str, list[str]]) -> list[Candidate]:
    found = [
        Candidate(value, _JSON_LD)
        for key in ('alternativeHeadline', 'description')
        for value in _of(article, key)[:1]
    ]
    return found + [
        Candidate(metas[name][0], _source(name)) for name in meta_names.DESCRIPTION if name in metas
    ]


def _authors(
    article: Optional[jsonld.Node], nodes: list[jsonld.Node], metas: dict[str, list[str]]
) -> list[tuple[list[str], str]]:
    found: list[tuple[list[str], str]] = []
    for key in ('author', 'creator'):
        people = jsonld.people(article.get(key), nodes) if article else []
        if names := [name for name, is_person in people if is_person]:
            found.append((names, _JSON_LD))
    for name in meta_names.AUTHOR:
        if name in metas:
            names = metas[name]
            if name in _BIBLIOGRAPHIC:
                names = [_FAMILY_FIRST.sub(r'\2 \1', value) for value in names]
            found.append((names, _source(name)))
    return found


def _sources(article: Optional[jsonld.Node], nodes: list[jsonld.Node]) -> list[str]:
    """Organisations that structured data names as where the article comes from: often an agency."""
    if not article:
        return []
    found = [name for key in ('author', 'creator') for name, _ in jsonld.people(article.get(key), nodes)]
    for key in ('sourceOrganization', 'provider', 'creditText', 'copyrightHolder', 'isBasedOn'):
        found += jsonld.texts(article.get(key))
    return found


def _times(
    article: Optional[jsonld.Node], key: str, metas: dict[str, list[str]], names: tuple[str, ...]
) -> list[Candidate]:
    found = [Candidate(value, _JSON_LD) for value in _of(article, key)[:1]]
    if key == 'datePublished' and not found:
        found = [Candidate(value, _JSON_LD) for value in _of(article, 'dateCreated')[:1]]
    return found + [Candidate(metas[name][0], _source(name)) for name in names if name in metas]


def _tags(article: Optional[jsonld.Node], metas: dict[str, list[str]]) -> list[str]:
    """Keywords of the best source that has any, split where one string holds several, each once."""
    sources = [_of(article, 'keywords'), *(metas.get(name, []) for name in meta_names.TAG)]
    values = next((source for source in sources if source), [])
    if len(values) == 1:
        values = values[0].split(';' if ';' in values[0] and ',' not in values[0] else ',')
    seen: dict[str, str] = {}
    for value in values:
        tag = ' '.join(value.split())
        if tag and len(tag) <= 100:
            seen.setdefault(tag.casefold(), tag)
    return list(seen.values())[:50]


def _image(article: Optional[jsonld.Node], metas: dict[str, list[str]]) -> Optional[str]:
    return _first(_metas(metas, meta_names.IMAGE)) or (jsonld.url(article.get('image')) if article else None)


def _absolute(url: Optional[str], base_url: str) -> Optional[str]:
    """The URL joined to the base, when the outcome is an http(s) URL."""
    if not url:
        return None
    if _PLAIN_URL.match(url):
        return url
    try:
        joined = urljoin(base_url, url)
    except ValueError:  # e.g. an unclosed bracket of an IPv6 address
        return None
    return joined if joined.startswith(('http://', 'https://')) else None


def _site_names(
    article: Optional[jsonld.Node], nodes: list[jsonld.Node], metas: dict[str, list[str]]
) -> list[str]:
    names = metas.get('og:site_name', [])[:1] + _of(article, 'publisher')[:1]
    authors = {name for name, _ in jsonld.people(article.get('author'), nodes)} if article else set()
    for node in nodes:
        # Agencies and companies that wrote the article are organizations too.
        if _OUTLET_TYPES & set(jsonld.types_of(node)) and jsonld.text(node.get('name')) not in authors:
            names += jsonld.texts(node.get('name'))[:1] + jsonld.texts(node.get('alternateName'))[:2]
    names += [value.lstrip('@') for value in _metas(metas, meta_names.SITE[1:])]
    return list(dict.fromkeys(' '.join(name.split()) for name in names if 1 < len(name) <= 80))


def _language_claims(
    tree: Tree, article: Optional[jsonld.Node], metas: dict[str, list[str]]
) -> list[Candidate]:
    lang = tree.get('lang') or tree.get('{http://www.w3.org/XML/1998/namespace}lang') or tree.get('xml:lang')
    found = [Candidate(value, _JSON_LD) for value in _of(article, 'inLanguage')[:1]]
    if lang:
        found.append(Candidate(lang, _PAGE))
    found += [Candidate(value, _OPEN_GRAPH) for value in metas.get('og:locale', [])[:1]]
    return found + [
        Candidate(value, _META)
        for value in _metas(metas, ('content-language', 'dc.language', 'language'))[:1]
    ]
