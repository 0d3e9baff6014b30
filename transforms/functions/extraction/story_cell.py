"""Pages laid out by tables whose story stands in one cell, its paragraphs parted by line breaks."""

import itertools
from typing import Optional

from lxml import etree

from transforms.functions.extraction.markup import SKIPPED
from transforms.functions.extraction.parsing import Tree, text_of

# Loose characters that a cell must hold to be the story's: a brief of thirty words.
_MIN_LOOSE = 150
# Its share of the page's text outside links: other cells hold menus, and a footer.
_MIN_SHARE = 0.5
_MIN_BREAKS = 2
# More than any story's; trafilatura's time grows with the square of the paragraphs.
_MAX_BREAKS = 5_000
# What parts the text of a cell. Text in 'p' and 'li' is not loose: such pages need no mending.
_BLOCKS = frozenset(
    (
        'p', 'div', 'section', 'article', 'ul', 'ol', 'dl', 'blockquote', 'table', 'pre', 'hr', 'center',
        'address', 'form', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6',
    )
)  # fmt: skip
_OWN_TEXT = frozenset(('p', 'li', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'))
_MAX_CAPTION = 600
# Deeper than any real cell; deeper markup is moved as it is.
_MAX_DEPTH = 60


def lay_out_story_cell(tree: Tree) -> None:
    """Makes a story's body of the cell that holds the page's story, in place; other pages stay as they are.

    Line breaks become paragraphs, tables around a picture become figures, and the tables around the
    cell become containers, so that what reads the page later sees the markup that it knows.
    """
    cell = find_story_cell(tree)
    if cell is None:
        return
    children = _Pouring().pour(cell)
    cell.text = None
    for child in list(cell):
        cell.remove(child)
    for child in children:
        cell.append(child)
    _unwrap(set(cell.iterancestors('table')), tree)
    cell.set('itemprop', 'articleBody')


def find_story_cell(tree: Tree) -> Optional[Tree]:
    """The table cell with most of the page's text, where that text stands loose between line breaks."""
    body = tree.find('body')
    if body is None or not _has_breaks(body):
        return None
    loose: dict[Tree, int] = {}
    breaks: dict[Tree, int] = {}
    total = 0
    # By element: the cell around its text, whether that text counts, and whether it is loose.
    places: dict[Tree, tuple[Optional[Tree], bool, bool]] = {}
    for element in body.iter():
        parent = element.getparent()
        outer = places.get(parent, (None, True, True))
        tag = element.tag
        if tag == 'td':
            place: tuple[Optional[Tree], bool, bool] = (element, outer[1], True)
        else:
            counts = outer[1] and tag != 'a' and (tag not in SKIPPED or tag == 'form')
            place = (outer[0], counts, outer[2] and tag not in _OWN_TEXT)
        places[element] = place
        if tag == 'br' and place[0] is not None:
            breaks[place[0]] = breaks.get(place[0], 0) + 1
        for text, (cell, counts, is_loose) in ((element.text, place), (element.tail, outer)):
            if not text or not counts:
                continue
            length = len(text.strip())
            total += length
            if cell is not None and is_loose:
                loose[cell] = loose.get(cell, 0) + length
    if not loose:
        return None
    best = max(loose, key=lambda cell: loose[cell])
    if (
        loose[best] < _MIN_LOOSE
        or loose[best] <= _MIN_SHARE * total
        or not _MIN_BREAKS <= breaks.get(best, 0) <= _MAX_BREAKS
    ):
        return None
    return best


def _has_breaks(body: Tree) -> bool:
    """Whether line breaks stand in cells at all, which is soon told."""
    if next(body.iter('td'), None) is None:
        return False
    breaks = (one for one in body.iter('br') if next(one.iterancestors('td'), None) is not None)
    return len(list(itertools.islice(breaks, _MIN_BREAKS))) == _MIN_BREAKS


def _unwrap(tables: set[Tree], tree: Tree) -> None:
    """Makes containers of tables and their own parts."""
    own = [
        part
        for part in tree.iter('tbody', 'thead', 'tr', 'td', 'th')
        if next(part.iterancestors('table'), None) in tables
    ]
    for part in (*own, *tables):
        part.tag = 'div'


class _Pouring:
    """Pours a cell's inline markup into paragraphs."""

    def __init__(self) -> None:
        self._done: list[Tree] = []
        self._paragraph: Optional[Tree] = None

    def pour(self, cell: Tree) -> list[Tree]:
        """The cell's contents as paragraphs and other blocks, in order."""
        self._pour(cell, 0)
        self._end()
        return self._done

    def _pour(self, element: Tree, depth: int) -> None:
        self._add_text(element.text)
        for child in list(element):
            tail, child.tail = child.tail, None
            if child.tag in ('br', 'hr'):
                self._end()
            elif child.tag in _BLOCKS:
                self._end()
                self._done.append(_as_figure(child))
            elif child.tag != 'a' and depth < _MAX_DEPTH and _is_parted(child):
                self._pour(child, depth + 1)
            else:
                self._open().append(child)
            self._add_text(tail)

    def _open(self) -> Tree:
        if self._paragraph is None:
            self._paragraph = etree.Element('p')
        return self._paragraph

    def _add_text(self, text: Optional[str]) -> None:
        if not text or (self._paragraph is None and not text.strip()):
            return
        paragraph = self._open()
        if len(paragraph):
            paragraph[-1].tail = (paragraph[-1].tail or '') + text
        else:
            paragraph.text = (paragraph.text or '') + text

    def _end(self) -> None:
        if self._paragraph is not None:
            self._done.append(self._paragraph)
            self._paragraph = None


def _is_parted(element: Tree) -> bool:
    return next(element.iterdescendants('br', *_BLOCKS), None) is not None


def _as_figure(element: Tree) -> Tree:
    """A table around a picture as a figure with its caption; any other element as it is."""
    if element.tag != 'table' or next(element.iter('img'), None) is None:
        return element
    text = text_of(element)
    if len(text) > _MAX_CAPTION:
        return element
    figure = etree.Element('figure')
    caption = etree.Element('figcaption')
    caption.text = text
    figure.append(caption)
    return figure
