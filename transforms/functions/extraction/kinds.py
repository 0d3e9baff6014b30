"""What kind of page it is, and whether it holds an article at all."""

import re
from typing import Optional
from urllib.parse import urlsplit

from transforms.functions.extraction import jsonld
from transforms.functions.extraction.characters import fold
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
# What notices on consent speak of, in some languages, and how many such words a notice has.
_CONSENT = re.compile(
    r'cookies?|consent|personal data|privacy|partners|personali[sz]ed|advertising|einwilligung|datenschutz'
    r'|personenbezogene|werbung|partnern?|consentement|vie privée|partenaires|publicit\w+'
    r'|données personnelles'
    r'|consentimiento|privacidad|socios|publicidad|datos personales|consenso|riservatezza|dati personali',
    re.IGNORECASE,
)
_MIN_CONSENT_WORDS = 4
_MAX_NOTICE_WORDS = 150
# Pictures of a gallery, and the share of the text that may be its own beside their captions.
_MIN_CAPTIONS = 2
_MAX_OWN = 0.3
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


def why_no_text(
    facts: Facts, body: str, words: int, long_paragraphs: int, captions: list[str]
) -> Optional[str]:
    """Why what was found is no story's text: a notice on consent, or the captions of a gallery; else None.

    Conservative: neither a page that says it is an article nor a long text is a notice.
    """
    if words < _MAX_NOTICE_WORDS and not _says_article(facts):
        asked = {found.casefold() for found in _CONSENT.findall(body)}
        if len(asked) >= _MIN_CONSENT_WORDS:
            return 'the text is a notice that asks for consent'
    if long_paragraphs < 2 and len(captions) >= _MIN_CAPTIONS:
        whole = rest = fold(body)
        for caption in captions:
            rest = rest.replace(fold(caption), '')
        if len(rest) < _MAX_OWN * len(whole):
            return 'the text is the captions of pictures'
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
