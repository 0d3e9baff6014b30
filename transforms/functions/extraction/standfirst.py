"""The text that introduces an article."""

from collections.abc import Iterable
from typing import Optional

from transforms.functions.extraction.characters import fold, tidy
from transforms.functions.extraction.rules import rule_for

_OPENING = 1_500  # characters of the body in which a description may be found again
_MIN_LENGTH = 20  # folded characters; what is shorter says nothing


def choose_standfirst(
    values: Iterable[str], title: Optional[str], body: str, subheads: Iterable[str] = ()
) -> Optional[str]:
    """The first of the texts that introduces the article, tidied, or None.

    A description that the body begins with is the body's own beginning, cut out for search engines; one
    that ends in dots was cut short. Pages class inner headings ('subtitle') and invitations
    as such texts too.

    >>> choose_standfirst(['Rain', 'It rained in…', 'Farmers speak of relief.'], 'Rain', 'It rained.')
    'Farmers speak of relief.'
    """
    opening: Optional[str] = None
    headings = frozenset(subheads)
    for value in values:
        text = tidy(value)
        key = fold(text)
        if len(key) < _MIN_LENGTH or key == fold(title or '') or text.endswith(('…', '...')):
            continue
        if text in headings or rule_for(text) or (title and key.endswith(fold(title))):
            continue
        if opening is None:
            opening = fold(body[:_OPENING])
        if key in opening:
            continue
        return text
    return None
