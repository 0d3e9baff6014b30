"""An article's section and tags as the page shows them, where its metadata has none."""

import itertools
from collections.abc import Iterable
from typing import Optional

from transforms.functions.extraction import jsonld
from transforms.functions.extraction.characters import fold, tidy
from transforms.functions.extraction.parsing import Tree, text_of

_MAX_TAG, _MAX_TAGS = 60, 30
_MAX_LINKS = 40  # of a box; more are the site's topics
_HOME = frozenset(
    (
        'home',
        'homepage',
        'start',
        'startseite',
        'accueil',
        'inicio',
        'início',
        'hem',
        'hjem',
        'главная',
        '首页',
        'ホーム',
    )
)


def tags_on(tree: Tree, boxes: Iterable[Tree]) -> list[str]:
    """The texts of links with rel=tag, else of the links in the first of the ``boxes`` that has some.

    ``boxes`` are elements that are named as an article's tags.
    """
    links = [link for link in tree.iter('a') if 'tag' in (link.get('rel') or '').split()]
    if not links:
        inside = (list(itertools.islice(box.iter('a'), _MAX_LINKS + 1)) for box in boxes)
        links = next((found for found in inside if 0 < len(found) <= _MAX_LINKS), [])
    tags: dict[str, str] = {}
    for link in links:
        text = tidy(text_of(link)).lstrip('#')
        if 1 < len(text) <= _MAX_TAG:
            tags.setdefault(fold(text), text)
    tags.pop('', None)
    return list(tags.values())[:_MAX_TAGS]


def section_in(nodes: list[jsonld.Node], title: Optional[str]) -> Optional[str]:
    """The last step before the article in the page's breadcrumbs, as its JSON-LD lists them.

    >>> steps = (2, 'Sport'), (1, 'Home'), (3, 'Rain')
    >>> items = [{'position': position, 'name': name} for position, name in steps]
    >>> section_in([{'@type': 'BreadcrumbList', 'itemListElement': items}], 'Rain')
    'Sport'
    """
    for node in nodes:
        if 'BreadcrumbList' not in jsonld.types_of(node):
            continue
        steps = node.get('itemListElement')
        if not isinstance(steps, list):
            continue
        placed = [
            (_position(step), jsonld.text(step) or jsonld.text(step.get('item')))
            for step in steps
            if isinstance(step, dict)
        ]
        names = [tidy(name) for _, name in sorted(placed, key=lambda one: one[0]) if name]
        key = fold(title or '')
        names = [
            name
            for name in names
            if name.casefold() not in _HOME and fold(name) not in ('', key) and len(name) <= _MAX_TAG
        ]
        # The site's own name stands first, and alone where the breadcrumbs have no section.
        if len(names) > 1 or (names and len(steps) > 2):
            return names[-1]
    return None


def _position(step: jsonld.Node) -> float:
    value = step.get('position')
    try:
        return float(value) if isinstance(value, (int, float, str)) else 0.0
    except ValueError:
        return 0.0
