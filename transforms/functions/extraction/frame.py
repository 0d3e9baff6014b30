"""The element that holds the article, where the markup leaves no doubt; None where it does."""

from typing import NamedTuple, Optional

from transforms.functions.extraction.markup import SKIPPED, is_beside, is_body
from transforms.functions.extraction.parsing import Tree, text_of

# A paragraph of prose; shorter ones are captions, bylines, invitations.
_MIN_PROSE = 80
# A paragraph is somebody else's headline when links hold more of it than this.
_MAX_LINK_SHARE = 0.5
# Prose that a frame must hold, and the share of the page's prose: else another judge decides.
_MIN_FRAME_PROSE = 600
_MIN_SHARE = 0.85


class Frame(NamedTuple):
    """An article's element and the characters of prose in it."""

    element: Tree
    prose: int


def find_frame(tree: Tree) -> Optional[Frame]:
    """The first element named as the article's body, else the page's article or main element.

    None unless it holds nearly all prose of the page: then nothing that matters stands elsewhere.
    """
    body = tree.find('body')
    if body is None:
        return None
    prose = _prose_paragraphs(body)
    total = sum(prose.values())
    if total < _MIN_FRAME_PROSE:
        return None
    for element in _candidates(body):
        held = sum(prose.get(paragraph, 0) for paragraph in element.iter('p'))
        if held >= _MIN_FRAME_PROSE and held >= _MIN_SHARE * total:
            return Frame(element, held)
    return None


def _candidates(body: Tree) -> list[Tree]:
    named: list[Tree] = []
    articles: list[Tree] = []
    mains: list[Tree] = []
    for element in body.iter('article', 'main', 'div', 'section'):
        if is_body(element):
            named.append(element)
        if element.tag == 'article':
            articles.append(element)
        elif element.tag == 'main' or element.get('role') == 'main':
            mains.append(element)
    return named + articles[:1] + mains[:1]


def _prose_paragraphs(body: Tree) -> dict[Tree, int]:
    """Characters of each paragraph of prose outside what stands beside an article."""
    found: dict[Tree, int] = {}
    verdicts: dict[Tree, bool] = {}
    for paragraph in body.iter('p'):
        length = len(text_of(paragraph))
        if length < _MIN_PROSE:
            continue
        linked = sum(len(text_of(link)) for link in paragraph.iter('a'))
        if linked <= _MAX_LINK_SHARE * length and not _stands_beside(paragraph, verdicts):
            found[paragraph] = length
    return found


def _stands_beside(paragraph: Tree, verdicts: dict[Tree, bool]) -> bool:
    path: list[Tree] = []
    verdict = False
    for ancestor in paragraph.iterancestors():
        if ancestor in verdicts:
            verdict = verdicts[ancestor]
            break
        path.append(ancestor)
        # A form may wrap the whole page (ASP.NET); body and html carry the site's class names.
        if ancestor.tag in ('body', 'html'):
            break
        if (ancestor.tag in SKIPPED and ancestor.tag != 'form') or is_beside(ancestor):
            verdict = True
            break
    for ancestor in path:
        verdicts[ancestor] = verdict
    return verdict
