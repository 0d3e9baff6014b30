"""Whether an article is kept for those who pay."""

from typing import Optional

from transforms.functions.extraction import jsonld

# Values of article:content_tier.
_LOCKED_TIERS = frozenset({'locked', 'metered', 'paid', 'premium', 'subscriber', 'subscription'})


def is_paywalled(article: Optional[jsonld.Node], metas: dict[str, list[str]]) -> Optional[bool]:
    """False only where the page says so; None where it says nothing."""
    said: Optional[bool] = None
    if article:
        said_free = jsonld.is_true(article.get('isAccessibleForFree'))
        parts = article.get('hasPart')
        for part in parts if isinstance(parts, list) else [parts]:
            if isinstance(part, dict) and jsonld.is_true(part.get('isAccessibleForFree')) is False:
                return True
        said = None if said_free is None else not said_free
    if said is None:
        tier = next(iter(metas.get('article:content_tier', ())), None)
        said = None if tier is None else tier.strip().casefold() in _LOCKED_TIERS
    return said
