"""What the visible page's markup says of its article where metadata is silent: standfirst, time."""

import itertools
import re
from collections.abc import Iterator
from typing import Optional

from schemas.vocabulary import EvidenceSource
from transforms.functions.extraction.characters import tidy
from transforms.functions.extraction.marks import Marks, is_elsewhere, time_marks
from transforms.functions.extraction.metadata import Candidate
from transforms.functions.extraction.parsing import Tree, text_of

_PAGE = EvidenceSource.PAGE.value
_ELSEWHERE = frozenset({'nav', 'footer', 'aside', 'form'})
_MIN_STANDFIRST = 30
_MAX_STANDFIRST = 700
_LEVELS = 5  # from the heading up to the container of its article's head
_MAX_PRINTED = 300
_MAX_PRINTED_LINES = 40
# A time element of these names is the update's, not the publication's.
_UPDATE = re.compile(r'modif|updat|aktualis|edit', re.IGNORECASE)


def standfirsts(marks: Marks) -> list[str]:
    """Texts that the markup names as the article's standfirst, in document order."""
    found: list[str] = []
    for element in marks.standfirsts:
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


def times(tree: Tree) -> Iterator[Candidate]:
    """Publication times in the page's markup: itemprop, then time elements with a datetime.

    Where the page has a heading, only those that stand near it: others are other articles'.
    """
    published, plain = time_marks(tree)
    for element in published:
        if value := _time_value(element):
            yield Candidate(value, _PAGE)
    heading = next(tree.iter('h1'), None)
    around = frozenset(heading.iterancestors()) if heading is not None else frozenset()
    near = frozenset(itertools.islice(heading.iterancestors(), _LEVELS)) if heading is not None else around
    near -= frozenset(tree.iter('body', 'html'))
    for element in plain:
        if heading is not None and near.isdisjoint(element.iterancestors()):
            continue
        names = ' '.join(
            filter(None, (element.get('class'), element.get('itemprop'), element.getparent().get('class')))
        )
        if not _UPDATE.search(names) and not is_elsewhere(element, around):
            yield Candidate(element.get('datetime').strip(), _PAGE)


def _time_value(element: Tree) -> Optional[str]:
    return (element.get('datetime') or element.get('content') or text_of(element)).strip() or None
