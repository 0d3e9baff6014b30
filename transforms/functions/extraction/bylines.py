"""The authors that the visible page names, for pages whose metadata names nobody."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Optional

from transforms.functions.extraction.characters import fold, tidy
from transforms.functions.extraction.marks import author_marks, is_elsewhere
from transforms.functions.extraction.parsing import Tree, text_of
from transforms.functions.extraction.people import is_capitalised, is_person, split_names

# Addresses of pages about an author, in the languages of many sites.
_PROFILE = re.compile(
    r'/(?:authors?|autor(?:e|es|en|i)?|auteurs?|profiles?|people|staff|reporters?|journalists?|contributors?|by|bio'
    r'|redaktion|forfatter|skribent|byline|writers?|columnistas?|periodistas?|journalisten?|yazar\w*)[/-]'
)
_SAID = re.compile(
    r'^\s*(?:by|von|par|por|di|de|door|av|af|od|text|autor\w*|auteur|author)\b\s*:?', re.IGNORECASE
)
_AND = re.compile(r'\s(?:and|und|et|y|e|og|och|en|ja|ve|oraz|i|и|&)\s')
# How Chinese pages sign: a role, a colon, and names, mostly in parentheses after the text.
_SIGNED = re.compile(
    r'(?:责编|责任编辑|编辑|作者|记者|撰文)\s*[:：]\s*([^\s()（）:：]{2,30})'
    r'|(?:^|\s)([가-힣]{2,4})\s?(?:선임|수습|인턴)?\s?(?:기자|특파원)(?=$|[\s(=])'
)
# Whom a Chinese agency names after its dateline: '(记者 李小山)'.
_REPORTED = re.compile(
    r'[(（](?:[^()（）\s]{0,6})记者\s*([\u4e00-\u9fff]{2,4}(?:\s+[\u4e00-\u9fff]{2,4}){0,3})[)）]'
)
# A credit of a picture: the agency stands before the photographer ("EFE/ J.J. Guillén").
_CREDIT = re.compile(r'^\w{2,10}\s*/|©|\bfoto\b|\bphoto\b', re.IGNORECASE)
# How pages title a link to all that an author wrote: 'Posts by Ann Ito', 'Alle Artikel von Uta Grün'.
_ALL_BY = re.compile(
    r'^(?:(?:view|read|see|find|more|all|alle|todos|todas|tous|toutes|tutti|tutte|mehr|más|mais|plus|les|los|as|os|lire|ver|bekijk|se|visa)\s+){0,3}'
    r'(?:posts?|articles?|stories|content|inhalte|artikel|beiträge|art[íi]culos?|notas|artigos|matérias|publications|articoli|berichten|saker)\s+'
    r'(?:written\s+)?(?:by|from|von|de|di|da|van|af|av|par)\s+(.{4,60})$',
    re.IGNORECASE,
)
# Where a photographer is named.
_PICTURES = re.compile(r'[\s_-](?:photo|image|caption|credit)(?:$|[\s_-])')
_MAX_BYLINE = 200
_MAX_SIGNATURE = 60
_MAX_NAMES = 6
_MAX_HEADINGS = 10
_MIN_HEADING = 12  # folded characters: fewer are the outlet's name, in its titles too
# All authors of an article stand within so many levels around the first: further away are other articles'.
_LEVELS = 3
_INLINE = ('p', 'div', 'span', 'li', 'h2', 'h3', 'h4', 'address', 'b', 'strong', 'em', 'i', 'small', 'font')


def bylines(tree: Tree, titles: Iterable[str] = ()) -> list[str]:
    """Texts that name the page's authors, from the surest kind of mark that gives any; empty without one.

    The kinds are rel=author and itemprop, names of elements, links to an author's page, lines that begin
    with 'By' in some language, and signatures at the right or after a role. Of one kind, the mark that stands
    nearest to the heading: others are other articles'. ``titles`` tell the heading from the page's others.
    """
    marked, named = author_marks(tree)
    levels = _levels_of(_heading_of(tree, titles))
    stages: tuple[Callable[[], Iterable[Tree]], ...] = (
        lambda: marked,
        lambda: named,
        lambda: _links(tree),
        lambda: _reported(tree),
        lambda: _begun_like_bylines(tree),
        lambda: _signatures(tree),
    )
    for stage in stages:
        if names := _names_of(stage(), levels):
            return names
    return []


def _heading_of(tree: Tree, titles: Iterable[str]) -> Optional[Tree]:
    """The heading that the page's titles hold too, else the first one: a page's logo may be a heading."""
    keys = [fold(title) for title in titles]
    headings = [
        heading
        for tag in ('h1', 'h2')
        for heading in itertools.islice(tree.iter(tag), _MAX_HEADINGS)
        if next(heading.iterancestors('nav'), None) is None
    ]
    best, length = None, _MIN_HEADING - 1
    for heading in headings:
        key = fold(text_of(heading))
        if len(key) > length and any(key in other for other in keys):
            best, length = heading, len(key)
    return best if best is not None else next((one for one in headings if one.tag == 'h1'), None)


def _levels_of(heading: Optional[Tree]) -> dict[Tree, int]:
    """How far each container of the heading is from it."""
    ancestors = heading.iterancestors() if heading is not None else ()
    return {ancestor: level for level, ancestor in enumerate(ancestors)}


def _level_of(element: Tree, levels: dict[Tree, int]) -> int:
    return next((levels[one] for one in element.iterancestors() if one in levels), len(levels))


def _names_of(elements: Iterable[Tree], levels: dict[Tree, int]) -> list[str]:
    around = levels.keys()
    nearest = sorted(elements, key=lambda element: _level_of(element, levels)) if levels else elements
    names: list[str] = []
    box: Optional[Tree] = None
    for element in nearest:
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
    if '记者' in text and (reported := _REPORTED.search(text)):
        return reported[1].split()
    if signed := _SIGNED.search(text):
        return [signed[1] or signed[2]]
    if not text or len(text) > _MAX_BYLINE or _CREDIT.search(text):
        return []
    linked = [name for link in element.iter('a') for name in _people(tidy(' '.join(link.itertext())))]
    if linked:
        # Of several authors, some may have no page to link to.
        named = _people(text) if _AND.search(text) else []
        return named if len(named) > len(linked) and set(linked) <= set(named) else linked
    parts = [tidy(part) for part in element.itertext()]
    return _people(text) or next((names for part in parts if ' ' in part and (names := _people(part))), [])


def _people(text: str) -> list[str]:
    """The names in a text; beside names of two words or more, one word is a place, a role or a button."""
    # 'A comment by' ends with a small word, no name does.
    names = [
        name
        for name in split_names(text)
        if is_person(name) and is_capitalised(name) and not (' ' in name and name.split()[-1].islower())
    ]
    return [name for name in names if ' ' in name] or names


def _links(tree: Tree) -> Iterator[Tree]:
    """Links to an author's page that show a name of two words or more."""
    for link in tree.iter('a'):
        address = link.get('href')
        if not address:
            continue
        title = link.get('title')
        if _PROFILE.search(address.lower()) or (title and _ALL_BY.match(title)):
            names = split_names(tidy(' '.join(link.itertext()))[:_MAX_BYLINE])
            if names and _looks_like_name(names[0]):
                yield link


def _looks_like_name(text: str) -> bool:
    """Whether it is words that begin with capitals, the last one too: 'Log in' is a button."""
    return ' ' in text and is_capitalised(text) and not text.split()[-1][0].islower()


def _reported(tree: Tree) -> Iterator[Tree]:
    """Paragraphs that begin with a dateline and a reporter's name, as Chinese agencies write."""
    for element in tree.iter('p'):
        if element.text and '记者' in element.text[:_MAX_SIGNATURE] and _REPORTED.search(element.text):
            yield element


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
