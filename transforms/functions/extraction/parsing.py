"""HTML bytes to one lxml tree that every later step shares."""

import itertools
import threading
from typing import Any, NamedTuple, Optional

from lxml import etree

from schemas.pages import Rejection
from schemas.vocabulary import Reason

Tree = Any  # an lxml element; lxml has no types of its own

_FURNITURE = ('nav', 'footer', 'noscript', 'button', 'select', 'textarea', 'dialog')
_MANY_PARAGRAPHS = 20  # more than any footer's
# Scripts, styles and drawings: a fifth to three fifths of a page's bytes, never text of the article; and how
# a Japanese word is read, printed over it.
_SILENT = ('script', 'style', 'svg', 'template', 'link', 'iframe', 'object', 'embed', 'canvas', 'rt', 'rp')


class Boxes(NamedTuple):
    """What a page is laid out by."""

    furniture: list[Tree]  # menus and footers
    has_tables: bool


class _Parser(threading.local):
    """A parser for each thread: threads that share one wait for each other."""

    def __init__(self) -> None:
        self.parser = etree.HTMLParser(
            encoding='utf-8', remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=True
        )


_parser = _Parser()


def parse_html(data: bytes) -> Tree | Rejection:
    """The tree of UTF-8 ``data``, without comments and processing instructions.

    Elements are lxml's plain ones: lxml.html's parser asks a Python function for the class of every element,
    8 % of an extraction. libxml2 gives up at a depth of 2 048 and drops what follows.
    """
    try:
        tree = etree.fromstring(data, _parser.parser)
    except etree.LxmlError as error:
        return Rejection(Reason.NOT_HTML.value, f'the page cannot be parsed as HTML ({type(error).__name__})')
    if tree is None or len(tree) == 0:
        return Rejection(Reason.NOT_HTML.value, 'the page has no elements')
    return tree


def drop_silent(tree: Tree) -> None:
    """Removes scripts and the like in place; metadata must have been read before."""
    etree.strip_elements(tree, *_SILENT, with_tail=False)


def find_boxes(tree: Tree) -> Boxes:
    """The menus, footers and tables of a page, in one walk: a walk over a tree takes some 50 us."""
    found = list(tree.iter('nav', 'footer', 'table', 'td'))
    furniture = [box for box in found if box.tag in ('nav', 'footer')]
    return Boxes(furniture, len(furniture) < len(found))


def drop_furniture(tree: Tree, boxes: Optional[Boxes] = None) -> None:
    """Removes menus, footers and controls in place: a third of a page's elements that no later step needs.

    ``boxes`` are those of the tree, where they are known.

    A menu that holds a heading of the first order was never closed: the page stands in it, and it stays.
    """
    for box in (boxes or find_boxes(tree)).furniture:
        if (
            next(box.iter('h1'), None) is not None
            or sum(1 for _ in itertools.islice(box.iter('p'), _MANY_PARAGRAPHS + 1)) > _MANY_PARAGRAPHS
        ):
            box.tag = 'div'
    etree.strip_elements(tree, *_FURNITURE, with_tail=False)


def unwrap_layout_tables(tree: Tree) -> None:
    """Makes containers of the tables that lay out a page, in place: else a cell's paragraphs are joined.

    A table lays out when another table stands in it or one of its cells holds two paragraphs.
    """
    for table in list(tree.iter('table')):
        if table.find('.//table') is None and not any(
            len(cell.findall('p')) > 1 for cell in table.iter('td')
        ):
            continue
        own = [
            part
            for part in table.iter('tbody', 'tr', 'td', 'th')
            if next(part.iterancestors('table')) is table
        ]
        for part in (table, *own):
            part.tag = 'div'


def text_of(element: Tree) -> str:
    """The element's whole text, whitespace collapsed."""
    if len(element) == 0:
        text = element.text or ''
    else:
        # Written in C; joining itertext() takes half as long again.
        text = etree.tostring(element, method='text', encoding='unicode', with_tail=False)
    # The space is the one whitespace that is printable; to look for others takes a third of a split.
    return text.strip() if text.isprintable() and '  ' not in text else ' '.join(text.split())
