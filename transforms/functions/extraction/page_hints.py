"""What the visible page's markup says of its article where metadata is silent: standfirst, byline, time."""

import functools
import re
from collections.abc import Iterator
from typing import Optional

from schemas.vocabulary import EvidenceSource
from transforms.functions.extraction.characters import tidy
from transforms.functions.extraction.metadata import Candidate
from transforms.functions.extraction.parsing import Tree, text_of
from transforms.functions.extraction.people import is_person, split_names

_PAGE = EvidenceSource.PAGE.value
_STANDFIRST = re.compile(
    r'(?:^|[\s_-])(?:stand-?first|sub-?head(?:line|ing)?|sub-?title|dek|deck|chapo|vorspann|teaser-?text|bajada|entradilla|ingress|sottotitolo|sommario'
    r'|(?:article|story|post|entry|content|news|single)[_-]*(?:__)?(?:summary|excerpt|description|intro(?:duction)?|lead|lede|abstract|subtitle|kicker-text))(?:$|[\s_])',
    re.IGNORECASE,
)
_STANDFIRST_ITEMPROP = frozenset({'description', 'alternativeheadline', 'abstract'})
_BYLINE = re.compile(
    r'(?:^|[\s_-])(?:by-?line|author(?:s|-?name|_name|__name)?|writer|journalist|zuozhe|autor(?:e|en)?|auteur|posted-?by|submitted-?by|reporter)(?:$|[\s_-])',
    re.IGNORECASE,
)
# Parts of a byline block that are about the author, not the name.
_NOT_BYLINE = re.compile(
    r'bio|avatar|image|photo|social|more|related|comment|date|time|role|job|title|description', re.IGNORECASE
)
_ELSEWHERE = frozenset({'nav', 'footer', 'aside', 'form'})
_MIN_STANDFIRST = 30
_MAX_STANDFIRST = 700
_MAX_BYLINE = 200
_MAX_PRINTED = 300
_MAX_PRINTED_LINES = 40
# A time element of these names is the update's, not the publication's.
_UPDATE = re.compile(r'modif|updat|aktualis|edit', re.IGNORECASE)


@functools.lru_cache(maxsize=20_000)
def _names_standfirst(name: str) -> bool:
    return _STANDFIRST.search(name) is not None


def standfirsts(tree: Tree) -> list[str]:
    """Texts that the markup names as the article's standfirst, those nearest after the heading first."""
    found: list[str] = []
    for element in tree.iter('p', 'h2', 'h3', 'div', 'span', 'section', 'header'):
        name = element.get('class') or ''
        if (element.get('itemprop') or '').casefold() not in _STANDFIRST_ITEMPROP and not _names_standfirst(
            name
        ):
            continue
        if len(element) > 6 or any(
            ancestor.tag in _ELSEWHERE or ancestor.tag == 'li' for ancestor in element.iterancestors()
        ):
            continue
        text = tidy(text_of(element))
        if _MIN_STANDFIRST <= len(text) <= _MAX_STANDFIRST and text not in found:
            found.append(text)
            if len(found) >= 5:
                break
    return found


def printed_lines(tree: Tree) -> list[str]:
    """What a page without headings sets apart as lines of their own, its name and its headline among them."""
    found: dict[str, None] = {}
    for element in tree.iter('h2', 'h3', 'b', 'strong', 'font', 'big'):
        text = tidy(text_of(element)) if element.tag != 'font' or len(element) <= 3 else ''
        if 2 < len(text) <= _MAX_PRINTED and not any(
            one.tag == 'a' for one in element.iterancestors('a', 'p')
        ):
            found.setdefault(text)
            if len(found) >= _MAX_PRINTED_LINES:
                break
    return list(found)


def bylines(tree: Tree) -> list[str]:
    """The page's bylines: by rel=author and itemprop, else by class; the first stage that names people."""
    for stage in (_is_marked_author, _is_classed_author):
        names: list[str] = []
        for element in tree.iter(
            'a', 'span', 'p', 'div', 'address', 'strong', 'li', 'h3', 'h4', 'cite', 'author'
        ):
            if stage(element) and not _is_elsewhere(element):
                text = tidy(text_of(element))
                if text and len(text) <= _MAX_BYLINE and any(is_person(part) for part in split_names(text)):
                    names.append(text)
                    if len(names) >= 6:
                        break
        if names:
            return _outermost(names)
    return []


def _is_marked_author(element: Tree) -> bool:
    if element.tag == 'author' or 'author' in (element.get('rel') or '').split():
        return True
    prop = (element.get('itemprop') or '').casefold()
    if prop == 'name':
        return any('author' in (ancestor.get('itemprop') or '') for ancestor in element.iterancestors())
    return prop in ('author', 'creator', 'author name')


def _is_classed_author(element: Tree) -> bool:
    for name in (element.get('class'), element.get('id')):
        if name and _BYLINE.search(name) and not _NOT_BYLINE.search(name):
            return True
    return False


def _is_elsewhere(element: Tree) -> bool:
    """Whether the element stands in navigation, in comments, or in a list of other articles."""
    for ancestor in element.iterancestors():
        if ancestor.tag in _ELSEWHERE:
            return True
        name = f'{ancestor.get("class") or ""} {ancestor.get("id") or ""}'.casefold()
        if 'comment' in name or 'related' in name or 'sidebar' in name or 'most-read' in name:
            return True
    return False


def _outermost(names: list[str]) -> list[str]:
    """Names that are not a part of an earlier one: a byline's link repeats the name of its block."""
    kept: list[str] = []
    for name in names:
        if not any(name in other for other in kept):
            kept.append(name)
    return kept


def times(tree: Tree) -> Iterator[Candidate]:
    """Publication times in the page's markup: itemprop, then time elements with a datetime."""
    plain: list[Candidate] = []
    for element in tree.iter('time', 'meta', 'span', 'abbr', 'p', 'div'):
        prop = (element.get('itemprop') or '').casefold()
        if prop == 'datepublished':
            if value := _time_value(element):
                yield Candidate(value, _PAGE)
        elif element.tag == 'time' and element.get('datetime'):
            names = ' '.join(filter(None, (element.get('class'), prop, element.getparent().get('class'))))
            if not _UPDATE.search(names) and not _is_elsewhere(element):
                plain.append(Candidate(element.get('datetime').strip(), _PAGE))
    yield from plain


def _time_value(element: Tree) -> Optional[str]:
    return (element.get('datetime') or element.get('content') or text_of(element)).strip() or None
