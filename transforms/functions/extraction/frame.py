"""The element that holds the article, where the markup leaves no doubt; None where it does."""

from typing import NamedTuple, Optional

from transforms.functions.extraction.markup import SKIPPED, is_beside, is_body, is_notice
from transforms.functions.extraction.parsing import Tree, text_of

# A paragraph of prose; shorter ones are captions, bylines, invitations.
_MIN_PROSE = 80
# A paragraph is somebody else's headline when links hold more of it than this.
_MAX_LINK_SHARE = 0.5
# Prose that a frame must hold, and the share of the page's prose: else another judge decides.
_MIN_FRAME_PROSE = 300
_MIN_SHARE = 0.85
_SAME = 0.97
# Of an element that no name speaks for.
_MIN_UNNAMED = 0.95
_MIN_PAGE_SHARE = 0.3
# Where names put more of the page's prose aside than this leaves, they are not to be trusted.
_MIN_TRUSTED = 0.6


class Frame(NamedTuple):
    """An article's element."""

    element: Tree
    prose: int  # characters of prose in it
    spared: frozenset[Tree]  # elements that hold most of the prose, whatever their names say


def find_frame(tree: Tree) -> Optional[Frame]:
    """The element named as the article's body, else the article or main element, else what holds the prose.

    None unless it holds nearly all prose of the page: then nothing that matters stands elsewhere.
    """
    body = tree.find('body')
    if body is None:
        return None
    prose, spared = _prose_of(body)
    total = sum(prose.values())
    if total < _MIN_FRAME_PROSE:
        return None
    held_by = _masses(prose)
    spared |= {element for element, mass in held_by.items() if mass > total / 2}
    named, articles, mains = _candidates(body)
    # Where the story's text is not in paragraphs, the page's prose may be a notice: little of the page.
    unnamed = held_by if total > _MIN_PAGE_SHARE * body.xpath('string-length(normalize-space())') else {}
    for stage, share in (
        (named, _MIN_SHARE),
        (articles, _MIN_SHARE),
        (mains, _MIN_SHARE),
        (unnamed, _MIN_UNNAMED),
    ):
        best: Optional[Frame] = None
        for element in stage:
            held = held_by.get(element, 0)
            if held < _MIN_FRAME_PROSE or held < share * total:
                continue
            # An inner element that holds as much is the tighter frame.
            if best is None or held >= _SAME * best.prose:
                best = Frame(element, held, spared)
        if best is not None:
            return best
    return None


def _candidates(body: Tree) -> tuple[list[Tree], list[Tree], list[Tree]]:
    """Elements named as a body, the first article, the first main element; each in document order."""
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
    return named, articles[:1], mains[:1]


def _prose_of(body: Tree) -> tuple[dict[Tree, int], frozenset[Tree]]:
    """Characters of each paragraph of prose that does not stand beside the article, and the spared elements.

    Names mislead: a page's outermost box may be called 'has-sidebar'. What holds most of the page's prose
    does not stand beside it. No paragraphs at all when names would put aside too much.
    """
    lengths: dict[Tree, int] = {}
    flagged: dict[
        Tree, tuple[Tree, ...]
    ] = {}  # paragraph: its ancestors that are named like something beside
    memo: dict[Tree, Optional[tuple[Tree, ...]]] = {body: ()}
    for paragraph in body.iter('p'):
        length = len(text_of(paragraph))
        if length < _MIN_PROSE or is_beside(paragraph):
            continue
        linked = sum(len(text_of(link)) for link in paragraph.iter('a'))
        if linked > _MAX_LINK_SHARE * length:
            continue
        names = _flagged_ancestors(paragraph, memo)
        if names is not None:
            lengths[paragraph] = length
            flagged[paragraph] = names
    masses: dict[Tree, int] = {}
    for paragraph, names in flagged.items():
        for element in names:
            masses[element] = masses.get(element, 0) + lengths[paragraph]
    half = sum(lengths.values()) / 2
    spared = frozenset(element for element, mass in masses.items() if mass > half)
    kept = {one: length for one, length in lengths.items() if spared.issuperset(flagged[one])}
    if sum(kept.values()) < _MIN_TRUSTED * 2 * half:
        return {}, spared
    return kept, spared


def _flagged_ancestors(
    paragraph: Tree, memo: dict[Tree, Optional[tuple[Tree, ...]]]
) -> Optional[tuple[Tree, ...]]:
    """The ancestors named like something beside an article; None within elements that never hold one."""
    path: list[Tree] = []
    found: Optional[tuple[Tree, ...]] = ()
    for ancestor in paragraph.iterancestors():
        if ancestor in memo:
            found = memo[ancestor]
            break
        path.append(ancestor)
    for ancestor in reversed(path):
        # A form may wrap the whole page (ASP.NET).
        if (ancestor.tag in SKIPPED and ancestor.tag != 'form') or is_notice(ancestor):
            found = None
        elif found is not None and is_beside(ancestor):
            found = (*found, ancestor)
        memo[ancestor] = found
    return found


def _masses(prose: dict[Tree, int]) -> dict[Tree, int]:
    """Characters of prose in every element that holds some, outermost first."""
    masses: dict[Tree, int] = {}
    for paragraph, length in prose.items():
        for ancestor in reversed(list(paragraph.iterancestors())):
            masses[ancestor] = masses.get(ancestor, 0) + length
    return masses
