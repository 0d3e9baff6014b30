"""The article's text as blocks: from its frame where the markup leaves no doubt, else by trafilatura."""

import logging
import re
from collections.abc import Iterator
from typing import Any, Optional

from lxml import etree

from schemas.pages import Rejection
from schemas.vocabulary import Reason
from transforms.functions.extraction.blocks import Block, BlockKind
from transforms.functions.extraction.characters import tidy
from transforms.functions.extraction.fast_body import fast_blocks
from transforms.functions.extraction.parsing import Tree

# trafilatura caches strings per process without a bound in bytes; cleared every so many pages.
_PAGES_PER_RESET = 500
_pages_since_reset = 0
# A stated body shorter than this is a summary; one that is this much longer than the text found is the text.
_MIN_STATED = 200
_MUCH_MORE = 2.0
_TAGS = re.compile(r'<[^<>]{1,200}>')

_KINDS = {
    'p': BlockKind.PARAGRAPH,
    'head': BlockKind.SUBHEAD,
    'quote': BlockKind.QUOTE,
    'code': BlockKind.PARAGRAPH,
}


def extract_blocks(tree: Tree, url: str, stated: Optional[str] = None) -> list[Block] | Rejection:
    """The blocks of the article in reading order. Works on the tree in place: it is used up afterwards.

    ``stated`` is the text that the page's JSON-LD gives as the article's body. It often has no paragraphs,
    so it is taken only where the page's markup gives less than half of it.
    """
    blocks = fast_blocks(tree)
    if blocks is None:
        blocks_or_why = _by_trafilatura(tree, url)
        if isinstance(blocks_or_why, Rejection) and not stated:
            return blocks_or_why
        blocks = [] if isinstance(blocks_or_why, Rejection) else blocks_or_why
    found = sum(len(block.text) for block in blocks)
    # Most pages state what their markup holds. Tidying shortens a text; it never doubles one.
    if stated and len(stated) >= _MIN_STATED and len(stated) > found:
        lines = list(_lines(_strip_tags(stated), BlockKind.PARAGRAPH))
        if sum(len(line.text) for line in lines) > _MUCH_MORE * found:
            return lines
    return blocks or Rejection(Reason.NO_TEXT.value, 'no text of an article was found')


def _strip_tags(text: str) -> str:
    return _TAGS.sub('\n', text)


def _by_trafilatura(tree: Tree, url: str) -> list[Block] | Rejection:
    import lxml.html
    import trafilatura.settings  # 0.5 s and 60 MB: only where pages are extracted

    _reset_caches_now_and_then()
    logging.getLogger('trafilatura').setLevel(
        logging.CRITICAL
    )  # it logs an error for every page without text
    try:
        # It wants a tree of another class: written and parsed again, on the few pages that come here.
        markup = lxml.html.fromstring(etree.tostring(tree, encoding='unicode', method='html'))
        document = trafilatura.bare_extraction(markup, url=url, include_comments=False, with_metadata=False)
    except Exception as error:  # whatever the library meets in hostile markup: the page ends as a ledger row
        return Rejection(Reason.NO_TEXT.value, f'trafilatura failed on the markup ({type(error).__name__})')
    if not isinstance(document, trafilatura.settings.Document):
        return Rejection(Reason.NO_TEXT.value, 'no text of an article was found')
    return [block for block in _flatten(document.body) if block.text]


def _reset_caches_now_and_then() -> None:
    global _pages_since_reset
    _pages_since_reset += 1
    if _pages_since_reset >= _PAGES_PER_RESET:
        from trafilatura.meta import reset_caches

        reset_caches()
        _pages_since_reset = 0


def _flatten(body: Any) -> Iterator[Block]:
    """Blocks of trafilatura's output tree: p, head, quote, code, list of items, table of rows of cells."""
    yield from _lines(_flat(body.text), BlockKind.PARAGRAPH)
    for element in body:
        tag = element.tag
        if tag == 'list':
            for item in element.iter('item'):
                yield from _lines(_own_text(item, 'list'), BlockKind.ITEM)
        elif tag == 'table':
            for row in element.iter('row'):
                cells = [tidy(' '.join(cell.itertext())) for cell in row.iter('cell')]
                yield Block(BlockKind.ROW, ' | '.join(cell for cell in cells if cell))
        elif tag in ('div', 'section', 'article', 'body', 'html'):
            yield from _flatten(element)
        else:
            yield from _lines(_own_text(element, None), _KINDS.get(tag, BlockKind.PARAGRAPH))
        yield from _lines(_flat(element.tail), BlockKind.PARAGRAPH)


def _own_text(element: Any, nested: Optional[str]) -> str:
    """The element's text with line breaks and inner paragraphs as newlines, without nested lists."""
    parts = [_flat(element.text)]
    for child in element:
        if child.tag == 'lb':
            parts.append('\n')
        elif child.tag in ('p', 'item', 'row', 'head', 'quote'):
            parts += ['\n', _own_text(child, nested), '\n']
        elif child.tag != nested:
            parts.append(_own_text(child, nested))
        parts.append(_flat(child.tail))
    return ''.join(parts)


def _flat(text: Optional[str]) -> str:
    """Newlines of the markup are spaces; only what stands for a line break is one."""
    return text.replace('\n', ' ') if text else ''


def _lines(text: str, kind: BlockKind) -> Iterator[Block]:
    for line in text.split('\n'):
        if tidied := tidy(line):
            yield Block(kind, tidied)
