"""The element that holds the article, where the markup leaves no doubt; None where it does."""

from collections.abc import Iterator
from typing import NamedTuple, Optional

from lxml import etree

from transforms.functions.extraction.markup import SKIPPED, is_beside, is_body, is_notice
from transforms.functions.extraction.parsing import Tree
from transforms.functions.extraction.prose_units import loose_units, paragraphs

# Prose that a frame must hold, and the share of the page's prose: else another judge decides.
_MIN_FRAME_PROSE = 300
_MIN_SHARE = 0.85
_SAME = 0.97
# Of an element that no name speaks for.
_MIN_UNNAMED = 0.95
_MIN_PAGE_SHARE = 0.3
_MIN_LOOSE_SHARE = 0.12
# Where names put more of the page's prose aside than this leaves, they are not to be trusted.
_MIN_TRUSTED = 0.4
# The share of the page's prose that says that an aside is none.
_MIN_ASIDE = 0.8


# A link around paragraphs is a teaser of another article.
# A form may wrap the whole page (ASP.NET), and an aside the story.
_NEVER = (SKIPPED | {'a'}) - {'form', 'aside'}
_FRAMES = frozenset(('div', 'section', 'article', 'main', 'td'))


_text_length = etree.XPath('string-length(normalize-space())')


class Frame(NamedTuple):
    """An article's element."""

    element: Tree
    prose: int  # characters of prose in it
    spared: frozenset[Tree]  # elements that hold most of the prose, whatever their names say


def find_frame(tree: Tree, is_loose: bool = False) -> Optional[Frame]:
    """The element named as the article's body, else the article or main element, else what holds the prose.

    None unless it holds nearly all prose of the page: then nothing that matters stands elsewhere.
    Prose is what stands in paragraphs; with ``is_loose``, also what stands in containers and cells.
    """
    body = next(tree.iterchildren('body'), None)  # to find a path takes twenty times as long
    if body is None:
        return None
    prose, spared = _prose_of(body, loose_units(body) if is_loose else paragraphs(body))
    total = sum(prose.values())
    if total < _MIN_FRAME_PROSE:
        return None
    held_by = _masses(prose)
    spared |= {element for element, mass in held_by.items() if mass > total / 2}
    # What holds so much of the prose is one chain of containers, outermost first.
    chain = [one for one, held in held_by.items() if held >= max(_MIN_FRAME_PROSE, _MIN_SHARE * total)]
    for is_candidate in (is_body, _is_article, _is_main):
        if best := _tightest([one for one in chain if is_candidate(one)], held_by, spared):
            return best
    # Where the story's text is not in paragraphs, the page's prose may be a notice: little of the page.
    least = _MIN_LOOSE_SHARE if is_loose else _MIN_PAGE_SHARE
    if total <= least * _text_length(body):
        return None
    return _tightest([one for one in chain if held_by[one] >= _MIN_UNNAMED * total], held_by, spared)


def _tightest(chain: list[Tree], held_by: dict[Tree, int], spared: frozenset[Tree]) -> Optional[Frame]:
    """The innermost element that holds as much as the ones around it."""
    best: Optional[Frame] = None
    for element in chain:
        if best is None or held_by[element] >= _SAME * best.prose:
            best = Frame(element, held_by[element], spared)
    return best


def _is_article(element: Tree) -> bool:
    return bool(element.tag == 'article')


def _is_main(element: Tree) -> bool:
    return element.tag == 'main' or element.get('role') == 'main'


def _prose_of(body: Tree, units: Iterator[tuple[Tree, int]]) -> tuple[dict[Tree, int], frozenset[Tree]]:
    """The weight of each unit of prose that does not stand beside the article, and the spared elements.

    Names mislead: a page's outermost box may be called 'has-sidebar'. What holds most of the page's prose
    does not stand beside it. No paragraphs at all when names would put aside too much.
    """
    lengths: dict[Tree, int] = {}
    flagged: dict[Tree, tuple[Tree, ...]] = {}  # unit: its ancestors that are named like something beside
    memo: dict[Tree, Optional[tuple[Tree, ...]]] = {body: ()}
    for unit, length in units:
        if is_beside(unit):
            continue
        boxes = _flagged_ancestors(unit, memo)
        if boxes is not None:
            lengths[unit] = length
            flagged[unit] = boxes
    # Each paragraph may have a box of its own, of one name: the name misleads, in every box.
    masses: dict[str, int] = {}
    for unit, boxes in flagged.items():
        for name in {_name_of(box) for box in boxes}:
            masses[name] = masses.get(name, 0) + lengths[unit]
    half = sum(lengths.values()) / 2
    misleading = {
        name
        for name, mass in masses.items()
        if mass > (_MIN_ASIDE * 2 * half if name.startswith('aside') else half)
    }
    spared = frozenset(
        box for boxes in flagged.values() for box in boxes if misleading and _name_of(box) in misleading
    )
    spared |= _around_bodies(lengths, flagged)
    kept = {one: length for one, length in lengths.items() if spared.issuperset(flagged[one])}
    if sum(kept.values()) < _MIN_TRUSTED * 2 * half and not _is_one_body(kept):
        return {}, spared
    return kept, spared


def _is_one_body(kept: dict[Tree, int]) -> bool:
    """Whether what names leave is a story by its name too: a short one beside a full sidebar."""
    return max(_bodies(kept).values(), default=0) >= max(_MIN_FRAME_PROSE, _MIN_SHARE * sum(kept.values()))


def _around_bodies(lengths: dict[Tree, int], flagged: dict[Tree, tuple[Tree, ...]]) -> frozenset[Tree]:
    """The boxes around elements that are named as the one that holds most of the story: a story may be cut in
    two for those who pay, its first part a 'teaser', its second 'for subscribers'."""
    free = {unit: length for unit, length in lengths.items() if not flagged[unit]}
    names: dict[tuple[str, Optional[str]], int] = {}
    for body, length in (_bodies(free) if len(free) < len(lengths) else {}).items():
        key = body.tag, body.get('class')
        names[key] = names.get(key, 0) + length
    tag, name = max(names, key=lambda key: names[key], default=('', None))
    if name is None or 2 * names[tag, name] <= sum(free.values()):
        return frozenset()
    spared: set[Tree] = set()
    for unit, boxes in flagged.items():
        part = next(
            (one for one in unit.iterancestors() if one.tag == tag and one.get('class') == name), None
        )
        if boxes and part is not None:
            spared |= frozenset(boxes) & frozenset(part.iterancestors())
    return frozenset(spared)


def _bodies(prose: dict[Tree, int]) -> dict[Tree, int]:
    """The prose in each element that is named as a story's body."""
    held: dict[Tree, int] = {}
    for unit, length in prose.items():
        parent = unit.getparent()
        held[parent] = held.get(parent, 0) + length
    bodies: dict[Tree, int] = {}
    for parent, length in held.items():
        body = next((one for one in (parent, *parent.iterancestors()) if is_body(one)), None)
        if body is not None:
            bodies[body] = bodies.get(body, 0) + length
    return bodies


def _name_of(element: Tree) -> str:
    return f'{element.tag} {element.get("class")} {element.get("id") if element.get("class") is None else ""}'


def _flagged_ancestors(
    paragraph: Tree, memo: dict[Tree, Optional[tuple[Tree, ...]]]
) -> Optional[tuple[Tree, ...]]:
    """The ancestors named like something beside an article; None within elements that never hold one."""
    parent = paragraph.getparent()
    if parent in memo:  # as for most paragraphs: the one before stood there too
        return memo[parent]
    path: list[Tree] = []
    found: Optional[tuple[Tree, ...]] = ()
    for ancestor in paragraph.iterancestors():
        if ancestor in memo:
            found = memo[ancestor]
            break
        path.append(ancestor)
    for ancestor in reversed(path):
        if ancestor.tag in _NEVER or is_notice(ancestor):
            found = None
        elif found is not None and (ancestor.tag == 'aside' or is_beside(ancestor)):
            found = (*found, ancestor)
        memo[ancestor] = found
    return found


def _masses(prose: dict[Tree, int]) -> dict[Tree, int]:
    """The weight of prose in every element that holds some, outermost first."""
    masses: dict[Tree, int] = {}
    held: dict[Tree, int] = {}
    for unit, length in prose.items():
        holder = unit if unit.tag in _FRAMES else unit.getparent()
        held[holder] = held.get(holder, 0) + length
    for holder, length in held.items():
        for ancestor in reversed([holder, *holder.iterancestors()]):
            masses[ancestor] = masses.get(ancestor, 0) + length
    return masses
