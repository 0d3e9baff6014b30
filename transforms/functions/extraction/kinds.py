"""What kind of page it is, and whether it holds an article at all."""

import re
from typing import Optional
from urllib.parse import urlsplit

from transforms.functions.extraction import jsonld
from transforms.functions.extraction.metadata import Facts
from transforms.functions.extraction.parsing import Tree, text_of
from transforms.functions.extraction.words import weight_of

ARTICLE = 'article'
LIVE_BLOG = 'live_blog'
OPINION = 'opinion'
REVIEW = 'review'
VIDEO = 'video'
GALLERY = 'gallery'
INDEX = 'index'

_BY_TYPE = {
    'LiveBlogPosting': LIVE_BLOG,
    'OpinionNewsArticle': OPINION,
    'ReviewNewsArticle': REVIEW,
    'Review': REVIEW,
    'VideoObject': VIDEO,
    'ImageGallery': GALLERY,
    'MediaGallery': GALLERY,
    'CollectionPage': INDEX,
    'SearchResultsPage': INDEX,
}
_ARTICLE_TYPE = re.compile(r'(?:Article|Posting|Report)$')
_OPINION_SECTION = re.compile(
    r'^(?:opinions?|op-?eds?|editorials?|columns?|columnists?|commentary|comment|kommentare?|meinung|opinión|tribunes?|débats?|opinioni)$',
    re.IGNORECASE,
)
_LIST_PATH = re.compile(
    r'^/?(?:(?:tags?|topics?|category|categories|author|authors|section|search|themen?|schlagworte?)/[^/]+/?(?:page/\d+/?)?)?$'
)
# Body below which a page that says it is something else is believed; a news brief has 60 words.
_DECENT_BODY_WORDS = 100
# An index page's links hold most of its text, and its paragraphs hardly any.
_LINK_SHARE = 0.6
_MIN_PARAGRAPH = 120


def kind_of(facts: Facts) -> str:
    """The kind by what the page says of itself; article where it says nothing else."""
    types = jsonld.types_of(facts.article) if facts.article else ()
    for name in types:
        if name in _BY_TYPE and not (name == 'Review' and 'Article' in types):
            return _BY_TYPE[name]
    if facts.article is None or not any(_ARTICLE_TYPE.search(name) for name in types):
        if facts.og_type.startswith('video'):
            return VIDEO
        if not facts.og_type.startswith('article'):
            for node in facts.nodes:
                for name in jsonld.types_of(node):
                    if _BY_TYPE.get(name) in (GALLERY, INDEX):
                        return _BY_TYPE[name]
    if facts.section and _OPINION_SECTION.match(facts.section.strip()):
        return OPINION
    return ARTICLE


def why_no_article(
    facts: Facts, kind: str, word_count: int, long_paragraphs: int, link_share: float, url: str
) -> Optional[str]:
    """Why the page is no article, as a short sentence; None when it may be one.

    Conservative: a page with a decent body of paragraphs is never refused.
    """
    decent = word_count >= _DECENT_BODY_WORDS and long_paragraphs >= 2
    if decent and (kind != INDEX or link_share < _LINK_SHARE):
        return None
    if kind in (VIDEO, GALLERY, INDEX) and word_count < _DECENT_BODY_WORDS:
        return f'the page says that its kind is {kind}, and holds {word_count} words of text'
    says_article = _says_article(facts)
    if not says_article and link_share >= _LINK_SHARE and long_paragraphs < 2:
        return f'{link_share:.0%} of the text is in links, with hardly any paragraphs'
    if not says_article and long_paragraphs < 2 and _LIST_PATH.match(urlsplit(url).path):
        return 'the address is that of a list of articles'
    return None


def may_be_index(facts: Facts, kind: str) -> bool:
    """Whether the share of links matters: the page does not say that it is an article."""
    return kind == INDEX or not _says_article(facts)


def _says_article(facts: Facts) -> bool:
    return facts.og_type.startswith('article') or facts.article is not None


def link_share_of(tree: Tree) -> float:
    """The share of the page's characters that stand in links, 0 to 1."""
    body = tree.find('body')
    if body is None:
        return 0.0
    total = len(text_of(body))
    return sum(len(text_of(link)) for link in body.iter('a')) / total if total else 0.0


def count_long(paragraphs: list[str]) -> int:
    """How many paragraphs are long enough to be prose."""
    return sum(
        len(paragraph) >= _MIN_PARAGRAPH or weight_of(paragraph) >= _MIN_PARAGRAPH for paragraph in paragraphs
    )
