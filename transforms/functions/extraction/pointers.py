"""Lines that point to other articles: a link alone, a label and a link, lists of links."""

from transforms.functions.extraction.inline import Piece
from transforms.functions.extraction.parsing import Tree, text_of

# The share of a line, or of a list, in links, above which it is one.
_MAX_LINK_SHARE = 0.8
_MAX_LABEL = 60
_LABEL_ENDS = (':', '|', '：', '｜', '»', '>', '→')
# Words before a link that begins in mid-sentence, and spaces in it.
_MIN_BEFORE, _MIN_SAID = 2, 3
# The share of a list's items that are links and nothing else, above which it is a list of links.
_MAX_LINKED_ITEMS = 0.6


def is_pointer(element: Tree, line: str, linked: int) -> bool:
    """Whether a paragraph's line points elsewhere; ``linked`` of its characters stand in links."""
    return 2 * linked > len(line) and (
        points_elsewhere(element) or (linked > _MAX_LINK_SHARE * len(line) and not _is_said(element, line))
    )


def points_elsewhere(element: Tree) -> bool:
    """Whether a line is a label, a mark and a link: 'More on this: Ferry late again', 'Read more | ...'."""
    link = next(element.iter('a'), None)
    if link is None:
        return False
    whole, said = text_of(element), text_of(link)
    if not said or not whole.endswith(said):
        return False
    before = whole[: len(whole) - len(said)].rstrip()
    return before.endswith(_LABEL_ENDS) and len(before) <= _MAX_LABEL


def _is_said(element: Tree, line: str) -> bool:
    """Whether a line that is mostly a link is a sentence all the same: 'It also [runs a ferry north].'"""
    link = next(element.iter('a'), None)
    if link is None or not line.endswith('.') or not (link.tail or '').strip().endswith('.'):
        return False
    before = (element.text or '').split()
    said = text_of(link)
    return len(before) >= _MIN_BEFORE and said[:1].islower() and said.count(' ') >= _MIN_SAID


def is_link_list(items: list[Piece], length: int) -> bool:
    whole = sum(item.linked >= len(item.block.text) for item in items)
    if whole > _MAX_LINKED_ITEMS * len(items):
        return True
    linked = sum(item.linked for item in items)
    return linked > _MAX_LINK_SHARE * length
