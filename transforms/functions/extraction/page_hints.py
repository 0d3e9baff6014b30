"""What the visible page's markup says of its article where metadata is silent: standfirst, time."""

import re
from collections.abc import Iterator
from typing import Optional

from schemas.vocabulary import EvidenceSource
from transforms.functions.extraction.characters import tidy
from transforms.functions.extraction.marks import Marks, time_marks
from transforms.functions.extraction.metadata import Candidate
from transforms.functions.extraction.parsing import Tree, text_of

_PAGE = EvidenceSource.PAGE.value
_ELSEWHERE = frozenset({'nav', 'footer', 'aside', 'form'})
_MIN_STANDFIRST = 30
_MAX_STANDFIRST = 700
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


def _is_elsewhere(element: Tree) -> bool:
    """Whether the element stands in navigation, in comments, or in a list of other articles."""
    for ancestor in element.iterancestors():
        if ancestor.tag in _ELSEWHERE:
            return True
        name = f'{ancestor.get("class") or ""} {ancestor.get("id") or ""}'.casefold()
        if 'comment' in name or 'related' in name or 'sidebar' in name or 'most-read' in name:
            return True
    return False


def times(tree: Tree) -> Iterator[Candidate]:
    """Publication times in the page's markup: itemprop, then time elements with a datetime."""
    published, plain = time_marks(tree)
    for element in published:
        if value := _time_value(element):
            yield Candidate(value, _PAGE)
    for element in plain:
        names = ' '.join(
            filter(None, (element.get('class'), element.get('itemprop'), element.getparent().get('class')))
        )
        if not _UPDATE.search(names) and not _is_elsewhere(element):
            yield Candidate(element.get('datetime').strip(), _PAGE)


def _time_value(element: Tree) -> Optional[str]:
    return (element.get('datetime') or element.get('content') or text_of(element)).strip() or None
