"""The authors that the visible page names, for pages whose metadata names nobody."""

import re
from collections.abc import Callable, Iterator
from typing import Optional

from transforms.functions.extraction.characters import fold, tidy
from transforms.functions.extraction.marks import author_marks, is_elsewhere
from transforms.functions.extraction.parsing import Tree
from transforms.functions.extraction.people import is_capitalised, is_person, split_names

# Addresses of pages about an author, in the languages of many sites.
_PROFILE = re.compile(
    r'/(?:authors?|autor(?:e|es|en|i)?|auteurs?|profiles?|people|staff|reporters?|journalists?|contributors?|by|bio'
    r'|redaktion|forfatter|skribent|byline|writers?|columnistas?|periodistas?|journalisten?|yazar\w*)[/-]'
)
_SAID = re.compile(
    r'^\s*(?:by|von|par|por|di|de|door|av|af|od|text|autor\w*|auteur|author)\b\s*:?', re.IGNORECASE
)
# How Chinese pages sign: a role, a colon, and names, mostly in parentheses after the text.
_SIGNED = re.compile(r'(?:责编|责任编辑|编辑|作者|记者|撰文)\s*[:：]\s*([^\s()（）:：]{2,30})')
# A credit of a picture: the agency stands before the photographer ("EFE/ J.J. Guillén").
_CREDIT = re.compile(r'^\w{2,10}\s*/|©|\bfoto\b|\bphoto\b', re.IGNORECASE)
# Where a photographer is named.
_PICTURES = re.compile(r'[\s_-](?:photo|image|caption|credit)(?:$|[\s_-])')
_MAX_BYLINE = 200
_MAX_SIGNATURE = 60
_MAX_NAMES = 6
# All authors of an article stand within so many levels around the first: further away are other articles'.
_LEVELS = 3
_INLINE = ('p', 'div', 'span', 'li', 'h2', 'h3', 'h4', 'address', 'b', 'strong', 'em', 'i', 'small', 'font')


def bylines(tree: Tree) -> list[str]:
    """Texts that name the page's authors, from the surest kind of mark that gives any; empty without one.

    The kinds are rel=author and itemprop, classes and ids, links to an author's page, lines that begin
    with 'By' in some language, and signatures at the right or after a role.
    """
    marked, named = author_marks(tree)
    heading = next(tree.iter('h1'), None)
    around = frozenset(heading.iterancestors()) if heading is not None else frozenset()
    stages: tuple[Callable[[], Iterator[Tree]], ...] = (
        lambda: iter(marked),
        lambda: iter(named),
        lambda: _links(tree),
        lambda: _begun_like_bylines(tree),
        lambda: _signatures(tree),
    )
    for stage in stages:
        if names := _names_of(stage(), around):
            return names
    return []


def _names_of(elements: Iterator[Tree], around: frozenset[Tree]) -> list[str]:
    names: list[str] = []
    box: Optional[Tree] = None
    for element in elements:
        if (box is not None and not _is_within(element, box)) or is_elsewhere(element, around, _PICTURES):
            continue
        found = _names_in(element)
        if found and box is None:
            box = _box_of(element)
        names += [name for name in found if not any(fold(name) in fold(other) for other in names)]
        if len(names) >= _MAX_NAMES:
            break
    return [name for name in names if ' ' in name][:_MAX_NAMES] or names[:_MAX_NAMES]


def _names_in(element: Tree) -> list[str]:
    """What an element names: the people its links name, else its text without what glues to it."""
    # What stands in elements of its own is a word of its own: the name, the role, the time.
    text = tidy(' '.join(element.itertext()))
    if signed := _SIGNED.search(text):
        return [signed[1]]
    if not text or len(text) > _MAX_BYLINE or _CREDIT.search(text):
        return []
    linked = [name for link in element.iter('a') for name in _people(tidy(' '.join(link.itertext())))]
    if linked:
        return linked
    parts = [tidy(part) for part in element.itertext()]
    return _people(text) or next((names for part in parts if ' ' in part and (names := _people(part))), [])


def _people(text: str) -> list[str]:
    """The names in a text; beside names of two words or more, one word is a place, a role or a button."""
    names = [name for name in split_names(text) if is_person(name)]
    return [name for name in names if ' ' in name] or names


def _links(tree: Tree) -> Iterator[Tree]:
    """Links to an author's page that show a name of two words or more."""
    for link in tree.iter('a'):
        address = link.get('href')
        if address and _PROFILE.search(address.lower()):
            names = split_names(tidy(' '.join(link.itertext()))[:_MAX_BYLINE])
            if names and _looks_like_name(names[0]):
                yield link


def _looks_like_name(text: str) -> bool:
    """Whether it is words that begin with capitals, the last one too: 'Log in' is a button."""
    return ' ' in text and is_capitalised(text) and not text.split()[-1][0].islower()


def _begun_like_bylines(tree: Tree) -> Iterator[Tree]:
    """Elements whose own text begins with 'By', or holds a role and a colon."""
    for element in tree.iter(*_INLINE):
        text = element.text
        # Most elements begin with a blank, or with a long text.
        if not text or len(text) > _MAX_BYLINE or text.isspace():
            continue
        if _begins_like_byline(element, text) or (not text.isascii() and _SIGNED.search(text)):
            yield element


def _signatures(tree: Tree) -> Iterator[Tree]:
    """Lines at the right that are a name and nothing else."""
    for element in tree.iter('p', 'div'):
        if element.get('align') != 'right' and 'right' not in element.get('style', ''):
            continue
        words = tidy(' '.join(element.itertext())[: 2 * _MAX_SIGNATURE]).split()
        if 2 <= len(words) <= 5 and all(word[0].isupper() and word[-1].isalpha() for word in words):
            yield element


def _begins_like_byline(element: Tree, text: str) -> bool:
    said = _SAID.match(text)
    if said is None:
        return False
    rest = tidy(' '.join(element.itertext()))[: _MAX_SIGNATURE + 1][said.end() :].strip(' :')
    names = split_names(rest)
    return (
        bool(names)
        and 2 <= len(names[0].split()) <= 4
        and is_capitalised(names[0])
        and len(rest) < _MAX_SIGNATURE
    )


def _box_of(element: Tree) -> Tree:
    """The container around all of a byline, which is never the page."""
    box = element
    for ancestor in list(element.iterancestors())[:_LEVELS]:
        if ancestor.tag in ('body', 'html', 'article', 'main'):
            break
        box = ancestor
    return box


def _is_within(element: Tree, box: Tree) -> bool:
    return element is box or any(ancestor is box for ancestor in element.iterancestors())
