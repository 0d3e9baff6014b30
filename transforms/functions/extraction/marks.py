"""The elements whose names or attributes say what they are, found in one pass over the page."""

import functools
import re
from collections.abc import Collection
from typing import NamedTuple, Optional

from lxml import etree

from transforms.functions.extraction.alternations import any_of
from transforms.functions.extraction.parsing import Tree

_STANDFIRST_NAMES = (
    r'stand-?first|sub-?head(?:line|ing)?|sub-?title|dek|deck|chapo|vorspann|teaser-?text|bajada|entradilla|ingress|sottotitolo|sommario'
    r'|(?:article|story|post|entry|content|news|single)[_-]*(?:__)?(?:summary|excerpt|description|intro(?:duction)?|lead|lede|abstract|subtitle|kicker-text)(?:-text)?'
)
_STANDFIRST = re.compile(rf'[\s_-]{any_of(_STANDFIRST_NAMES)}(?:$|[\s_])')
_STANDFIRST_ITEMPROP = frozenset({'description', 'alternativeheadline', 'abstract'})
_STANDFIRST_TAGS = frozenset({'p', 'h2', 'h3', 'div', 'span', 'section', 'header'})
_CAPTION_NAMES = (
    r'wp-caption-text|(?:image|img|photo|media|picture|figure|article)[_-]*(?:_{2})?caption|caption(?:-text|__text|_text)?|figcaption'
    r'|(?:image|picture)-?description|bild-?unterschrift'
)
_CAPTION = re.compile(rf'[\s_-]{any_of(_CAPTION_NAMES)}(?:$|[\s_])')
_CAPTION_TAGS = frozenset({'p', 'div', 'span', 'dd', 'small'})
_BYLINE = re.compile(
    r'[\s_-](?:by-?line|author(?:s|-?name|_name|__name)?|writer|journalist|zuozhe|autor(?:e|en)?|auteur|posted-?by|submitted-?by|reporter)(?:$|[\s_-])',
)
# One of which stands in all that it finds.
_BYLINE_PARTS = ('by', 'aut', 'writer', 'journalist', 'reporter', 'zuozhe')
# What is about the author, not the name: 'author-bio', 'author__title'. A byline may stand in the block of
# the headline, though: 'article-title__author'.
_NOT_BYLINE = re.compile(
    r'bio|avatar|image|photo|social|more|related|comment'
    r'|(?:by-?line|aut\w+|writer)\S*(?:date|time|role|job|title|description)'
)
# Attributes that say what an element is where class names are made by machines.
_TEST_NAMES = frozenset({'data-testid', 'data-test-id', 'data-test', 'data-qa', 'data-component'})
_NAMING = _TEST_NAMES | {'class', 'id'}
_BYLINE_TAGS = frozenset(
    {'a', 'span', 'p', 'div', 'address', 'strong', 'li', 'h3', 'h4', 'cite', 'author', 'dd', 'em', 'i', 'b'}
)
_ARTICLES = frozenset({'article', 'main'})
_FIGURES = frozenset({'figure', 'figcaption'})
_ELSEWHERE_TAGS = frozenset({'nav', 'footer', 'aside', 'form', 'figure', 'figcaption', 'picture'})
# Boxes that name other articles' authors, or readers. Searched in lower case, after a blank.
_ELSEWHERE = re.compile(
    r'[\s_-](?:comments?|disqus|related\w*|sidebar|bread-?crumbs?\w*|most-?(?:read|popular)|recirc\w*|recommend\w*|teasers?|promo|'
    r'trending|latest|newsletter|carousel|more-(?:on|from|stories))(?:$|[\s_-])'
)
# Boxes of an article's own topics.
_TAGS_NAMES = (
    r'(?:article|post|entry|story|node|news|content|single|artikel)[_-]{0,2}(?:tags?|topics|keywords|schlagworte)'
    r'|(?:field[_-]{1,2}(?:name[_-])?(?:field[_-])?)tags?|tags?[_-]?(?:list|links|cloud|box|container|wrapper)|tags|topics[_-]?list|articlepage-tags'
)
_TAGS = re.compile(rf'[\s_-]{any_of(_TAGS_NAMES)}(?:$|[\s_-])')
_TAGS_TAGS = frozenset({'div', 'ul', 'section', 'p', 'span'})
# What none of the three finds, at a third of the time: most names say nothing.
_TELLING = re.compile(rf'[\s_-]{any_of(_STANDFIRST_NAMES, _CAPTION_NAMES, _TAGS_NAMES)}(?:$|[\s_-])')
_NEVER_MATCHES = re.compile(r'(?!)')
# Class names and ids differ by site; a site's recur on every page.
_CACHED_NAMES = 20_000
_NAMED_TAGS = ('figcaption', *_STANDFIRST_TAGS, *(_CAPTION_TAGS - _STANDFIRST_TAGS), 'ul')
_with_itemprop = etree.XPath('//*[@itemprop]')
_IS_STANDFIRST, _IS_CAPTION, _IS_TAGS = 1, 2, 4


class Marks(NamedTuple):
    """Elements that may be the page's standfirst, its captions, and boxes of its tags, in document order."""

    standfirsts: list[Tree]
    captions: list[Tree]
    tags: list[Tree]


def find_marks(tree: Tree) -> Marks:
    """The standfirsts, captions and boxes of tags of a tree without scripts, in one pass.

    The pass asks for an element's itemprop too: to learn from the page's bytes whether it has microdata
    takes longer, for they no longer stand in the processor's cache.
    """
    marks = Marks([], [], [])
    figcaptions = frozenset(tree.iter('figcaption'))
    by_property: list[Tree] = []
    for element in tree.iter(*_NAMED_TAGS):
        name = element.get('class')
        said = _said_by(name) if name else 0
        if said:
            if said & _IS_STANDFIRST and element.tag in _STANDFIRST_TAGS:
                marks.standfirsts.append(element)
            if said & _IS_CAPTION and element.tag in _CAPTION_TAGS and element not in figcaptions:
                marks.captions.append(element)
            if said & _IS_TAGS and element.tag in _TAGS_TAGS:
                marks.tags.append(element)
        if figcaptions and element in figcaptions:
            marks.captions.append(element)
        prop = element.get('itemprop')
        if prop and prop.casefold() in _STANDFIRST_ITEMPROP and element.tag in _STANDFIRST_TAGS:
            by_property.append(element)
    known = frozenset(marks.standfirsts) if by_property else frozenset()
    marks.standfirsts.extend(element for element in by_property if element not in known)
    return marks


def author_marks(tree: Tree) -> tuple[list[Tree], list[Tree]]:
    """The elements that rel and itemprop say to be authors, and those that class or id names so."""
    marked: list[Tree] = []
    named: list[Tree] = []
    for element in tree.iter(*_BYLINE_TAGS):
        is_marked = is_named = False
        for key, value in element.items():
            if key in _NAMING:
                is_named = is_named or _names_byline(value)
            elif key == 'rel':
                is_marked = is_marked or 'author' in value
            elif key == 'itemprop':
                is_marked = True
        if (is_marked or element.tag == 'author') and _is_author(
            element, element.tag, element.get('itemprop')
        ):
            marked.append(element)
        if is_named:
            named.append(element)
    return marked, named


def time_marks(tree: Tree) -> tuple[list[Tree], list[Tree]]:
    """The elements that itemprop says to hold the publication time, and time elements with a datetime."""
    published = [one for one in _with_itemprop(tree) if one.get('itemprop').casefold() == 'datepublished']
    known = frozenset(published)
    return published, [one for one in tree.iter('time') if one.get('datetime') and one not in known]


@functools.lru_cache(maxsize=_CACHED_NAMES)
def _said_by(name: str) -> int:
    """What a class says of its element, its byline apart."""
    # A blank before it, in lower case: a regular expression that begins with a set of characters is tried
    # only there, and one that folds cases tries every branch.
    name = f' {name.lower()}'
    if _TELLING.search(name) is None:
        return 0
    said = _IS_STANDFIRST if _STANDFIRST.search(name) else 0
    if _CAPTION.search(name):
        said |= _IS_CAPTION
    if _TAGS.search(name):
        said |= _IS_TAGS
    return said


@functools.lru_cache(maxsize=_CACHED_NAMES)
def _names_byline(name: str) -> bool:
    """Apart from what else a name says: most pages' bylines are never looked for."""
    name = f' {name.lower()}'
    for part in _BYLINE_PARTS:
        if part in name:
            return _BYLINE.search(name) is not None and _NOT_BYLINE.search(name) is None
    return False


def _is_author(element: Tree, tag: str, prop: Optional[str]) -> bool:
    prop = prop and prop.casefold()
    if tag == 'author' or 'author' in (element.get('rel') or '').split():
        return True
    if prop == 'name':
        return any('author' in (ancestor.get('itemprop') or '') for ancestor in element.iterancestors())
    return prop in ('author', 'creator', 'author name')


def is_elsewhere(
    element: Tree, around: Collection[Tree] = frozenset(), names: re.Pattern[str] = _NEVER_MATCHES
) -> bool:
    """Whether the element stands in navigation, in comments, or in a list of other articles.

    ``around`` are elements whose names do not count: those that hold the page's heading too. ``names`` are
    more names of boxes, in lower case after a blank.
    """
    in_footer = False
    # A picture beside a byline is its author's; where the picture's own author is named, rel is not.
    is_marked = element.get('rel') == 'author'
    if _is_named_elsewhere(element, names):
        return True
    for ancestor in element.iterancestors():
        tag = ancestor.tag
        if tag == 'body' or ancestor in around:
            return in_footer and tag not in _ARTICLES
        if tag == 'article':
            in_footer = False
        if tag == 'footer':
            in_footer = True  # an article's own footer may say who wrote it
        elif tag in _ELSEWHERE_TAGS and not (is_marked and tag in _FIGURES):
            return True
        if _is_named_elsewhere(ancestor, names):
            return True
    return False


def _is_named_elsewhere(element: Tree, others: re.Pattern[str]) -> bool:
    name = element.get('class')
    if name and _names_elsewhere(name, others):
        return True
    name = element.get('id')
    return bool(name) and _names_elsewhere(name, others)


@functools.lru_cache(maxsize=_CACHED_NAMES)
def _names_elsewhere(name: str, others: re.Pattern[str]) -> bool:
    name = f' {name.lower()}'
    return _ELSEWHERE.search(name) is not None or others.search(name) is not None
