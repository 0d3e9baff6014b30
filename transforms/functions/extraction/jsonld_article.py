"""Which of a page's JSON-LD objects is its article, and which are others'."""

from typing import Optional

from transforms.functions.extraction import jsonld

_ARTICLE_TYPES = frozenset(
    {
        'NewsArticle', 'ReportageNewsArticle', 'AnalysisNewsArticle', 'OpinionNewsArticle',
        'BackgroundNewsArticle', 'ReviewNewsArticle', 'AskPublicNewsArticle', 'AdvertiserContentArticle',
        'LiveBlogPosting',
    }
)  # fmt: skip
_POSTING_TYPES = frozenset(
    {
        'Article',
        'BlogPosting',
        'SocialMediaPosting',
        'TechArticle',
        'ScholarlyArticle',
        'Report',
        'MedicalScholarlyArticle',
    }
)
_PAGE_TYPES = frozenset({'WebPage', 'ItemPage', 'VideoObject', 'Review', 'Recipe', 'CreativeWork'})


def article_node(nodes: list[jsonld.Node], address: Optional[str] = None) -> Optional[jsonld.Node]:
    """The node that describes the page's article, completed by later nodes of the same headline.

    A page that goes on with other articles describes them too: of several of one kind, it is the one of the
    page's ``address``, else the first.
    """
    best: Optional[jsonld.Node] = None
    best_rank = 99
    for node in nodes:
        rank = _rank(node)
        if rank < best_rank:
            best, best_rank = node, rank
    if best is not None and address and _is_at(best, address) is False:
        same_kind = (one for one in nodes if _rank(one) == best_rank and _is_at(one, address))
        mine = next(same_kind, best)
        # One article may be described twice, for readers and for search engines.
        if not _are_alike(jsonld.text(best.get('headline')), jsonld.text(mine.get('headline'))):
            best = mine
    if best is None:
        return None
    merged = dict(best)
    headline = jsonld.text(best.get('headline'))
    for node in nodes:
        if (
            node is not best
            and _rank(node) < 99
            and headline
            and jsonld.text(node.get('headline')) == headline
        ):
            for key, value in node.items():
                if not merged.get(key):
                    merged[key] = value
    return merged


def other_headlines(nodes: list[jsonld.Node], own: Optional[jsonld.Node]) -> list[str]:
    """Headlines of the articles that the page describes beside its own."""
    mine = jsonld.text(own.get('headline')) if own else None
    found = [
        jsonld.text(node.get('headline')) for node in nodes if set(jsonld.types_of(node)) & _ARTICLE_TYPES
    ]
    return [headline for headline in found if headline and mine and headline != mine]


def _are_alike(one: Optional[str], other: Optional[str]) -> bool:
    """Whether two headlines have half of their words in common."""
    words, others = (set((headline or '').casefold().split()) for headline in (one, other))
    return 2 * len(words & others) >= min(len(words), len(others))


def _is_at(node: jsonld.Node, address: str) -> Optional[bool]:
    """Whether the node is that of the page with this address; None where it does not say."""
    places = [
        place
        for key in ('url', 'mainEntityOfPage', '@id')
        if (place := jsonld.url(node.get(key))) and '//' in place
    ]
    return any(place.split('#')[0].rstrip('/') == address for place in places) if places else None


def _rank(node: jsonld.Node) -> int:
    """Lower is better; 99 is no article at all."""
    types = set(jsonld.types_of(node))
    if types & _ARTICLE_TYPES:
        rank = 0
    elif types & _POSTING_TYPES:
        rank = 1
    elif types & _PAGE_TYPES and (node.get('headline') or node.get('datePublished')):
        rank = 2
    else:
        return 99
    return (
        rank
        + (0 if node.get('headline') or node.get('name') else 3)
        + (0 if node.get('datePublished') else 3)
    )
