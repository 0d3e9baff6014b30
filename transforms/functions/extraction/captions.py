"""Captions of the page's figures, read from the tree before extraction throws figures away."""

import functools
import re
from typing import Optional

from schemas.articles import Caption
from transforms.functions.extraction.characters import fold, tidy
from transforms.functions.extraction.marks import Marks
from transforms.functions.extraction.parsing import Tree, text_of

_MAX_CAPTION = 1_000
_MAX_CAPTIONS = 60
# A shorter text may be a word of the article, a longer one a paragraph of it.
_MIN_PICTURE_TEXT, _MAX_PICTURE_TEXT = 15, 200
# Where captions of other articles stand.
_ELSEWHERE = frozenset({'nav', 'footer', 'aside'})
# Class names differ by site; a site's recur on every page.
_CACHED_NAMES = 20_000
_INVITES = re.compile(r'subscription|subscribe|newsletter|signup|sign-up', re.IGNORECASE)


def figure_captions(marks: Marks) -> list[str]:
    """Texts of figcaptions and of elements that content systems class as captions, each once, in order."""
    found: dict[str, str] = {}
    for element in marks.captions:
        if element.tag != 'figcaption' and len(element.findall('.//p')) > 3:
            continue
        if _is_elsewhere(element):
            continue
        text = tidy(text_of(element))
        if 2 < len(text) <= _MAX_CAPTION:
            found.setdefault(fold(text), text)
            if len(found) >= _MAX_CAPTIONS:
                break
    found.pop('', None)
    return list(found.values())


def picture_texts(tree: Tree) -> list[str]:
    """What the page's pictures are said to show (alt), for lines that repeat it below them."""
    texts = {text.strip(): None for image in tree.iter('img') if (text := image.get('alt'))}
    return [text for text in texts if _MIN_PICTURE_TEXT <= len(text) <= _MAX_PICTURE_TEXT]


def with_unplaced(placed: tuple[Caption, ...], captions: list[str]) -> tuple[Caption, ...]:
    """Captions with an offset, then the page's others, whose place extraction does not tell."""
    known = {fold(caption.text) for caption in placed}
    return placed + tuple(Caption(text, None) for text in captions if fold(text) not in known)


def _is_elsewhere(element: Tree) -> bool:
    """Whether the figure is a link to another article, or stands in a menu, or in a form for a newsletter."""
    in_header = False
    for ancestor in element.iterancestors():
        tag = ancestor.tag
        if tag == 'article' or tag == 'body':
            return in_header and tag == 'body'
        if tag == 'a' or tag in _ELSEWHERE or _invites(ancestor.get('class')):
            return True
        in_header = in_header or tag == 'header'
    return in_header


@functools.lru_cache(maxsize=_CACHED_NAMES)
def _invites(name: Optional[str]) -> bool:
    return name is not None and _INVITES.search(name) is not None
