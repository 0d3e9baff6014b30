"""What class names and ids say of an element: the article's frame, or something beside the article."""

import functools
import re

from transforms.functions.extraction.alternations import any_of
from transforms.functions.extraction.parsing import Tree

# Elements that never hold a story's text (a page's forms, menus, players, pictures).
SKIPPED = frozenset(
    (
        'script', 'style', 'noscript', 'template', 'svg', 'nav', 'aside', 'footer', 'form', 'figure',
        'picture', 'button', 'iframe', 'object', 'embed', 'video', 'audio', 'canvas', 'select', 'option',
        'input', 'textarea', 'label', 'fieldset', 'legend', 'dialog', 'menu', 'map', 'link', 'meta',
        'head', 'math', 'progress', 'figcaption',
    )
)  # fmt: skip
# Class names and ids differ by site; a site's recur on every page.
_CACHED_NAMES = 20_000

_BODY = re.compile(
    r'(?:^|[\s_-])(?:article|story|post|entry|news|single|detail|blog|page)[-_]{0,2}(?:page|main|inner|full)?[-_]{0,2}'
    r'(?:body|content|contents|text|copy|bodycopy)(?:$|[\s_-]|[A-Z])'
    r'|articleBody|articleText|articleContent|ArticleBody|storyBody|story-?body|post_text|body-text|RichTextArticleBody'
    r'|(?:^|\s)(?:fulltext|full-text|text-content|body-copy|wysiwyg|richtext|rich-text|field-body|content__body)(?:$|\s)'
)
# One of which stands in all that it matches: a search for it takes 40 times as long.
_BODY_PARTS = ('ody', 'ontent', 'ext', 'opy', 'wysiwyg')
# Searched in lower case after a blank: a regular expression that begins with a set of characters is tried
# only there, and one that folds cases tries every branch.
_BESIDE = re.compile(
    r'[\s_-]'
    + any_of(
        r'share|sharing|social|newsletter|cookie|consent|sidebar|banner|bread-?crumbs?|by-?line|author\w*|bio|person-\w+'
        r'|tags?|tag-list|taglist|keywords|topics|nav|navigation|navbar|menu|footer|related\w*|recirc\w*|recommend\w*|promo\w*|teasers?'
        r'|advert\w*|ads?|adslot|ad-\w+|dfp|outbrain|taboola|sponsor\w*|widget|embed\w*|comments?|comment-list|disqus|respond'
        r'|meta|metadata|timestamp|dateline-time|rating|overlay|modal|popup|tooltip|subscri(?!ber-?(?:only|preview|content|premium|text|hide))\w*|most-?(?:read|popular)|more-(?:on|from|stories)'
        r'|next-\w+|read-?(?:more|next|also)|caption|credit|gallery|slideshow|carousel|toolbar|hidden|hide|print-only|noprint|screen-reader-text'
        r'|twitter-(?:tweet|video)|instagram-media|tiktok-embed|fb-post|bluesky-embed|reddit-(?:card|embed\w*)|sr-only|visually-hidden|skip-link|(?:info|fact|expandable|side|link)-?box|similar\w*|trending|latest-\w+|poll|quiz|player|video|audio|transcript-link|donate|donation|sign-?up|login|copyright'
        r'|(?:writer|reporter|journalist|columnist|contributor|autoren)[-_]?(?:profile|bio|info|box|card|details)\w{0,2}'
        r'|(?:image|img|photo|media|picture|figure|bild|foto)[-_]?(?:caption|description|info|legend|credits?|copyright|source)|bild-?unterschrift'
        r'|app-?(?:hint|banner|promo|teaser|download|badges?)'
    )
    + r'(?:$|[\s_-])'
)
# Never the article, however much text it holds.
_NOTICE = re.compile(
    r'onetrust|cookie|consent|gdpr|privacy-|(?:^|[\s_-])(?:comments?|comment-list|disqus\w*)(?:$|[\s_-])',
)
_NOTICE_PARTS = ('onetrust', 'cookie', 'consent', 'gdpr', 'privacy-', 'comment', 'disqus')
# The last two: for readers of screens alone ('opens in a new tab').
_HIDDEN_STYLE = re.compile(
    r'display\s*:\s*none|visibility\s*:\s*hidden|clip\s*:\s*rect\(\s*[01]\D|clip-path\s*:\s*inset\(\s*(?:50|100)%',
    re.IGNORECASE,
)

# A story's part that shows only to those who pay.
_GATED = re.compile(r'(?:subscriber|premium|member|paywall)-?(?:only|content|body)')


@functools.lru_cache(maxsize=_CACHED_NAMES)
def _names_body(name: str) -> bool:
    for part in _BODY_PARTS:
        if part in name:
            return _BODY.search(name) is not None
    return False


@functools.lru_cache(maxsize=_CACHED_NAMES)
def _names_beside(name: str) -> bool:
    return _BESIDE.search(f' {name.lower()}') is not None


@functools.lru_cache(maxsize=_CACHED_NAMES)
def _names_notice(name: str) -> bool:
    name = name.lower()
    for part in _NOTICE_PARTS:
        if part in name:
            return _NOTICE.search(name) is not None
    return False


def is_notice(element: Tree) -> bool:
    """Whether the element is named as a notice on privacy or as readers' comments."""
    if element.tag in ('body', 'html'):
        return False
    name = element.get('class')
    if name and _names_notice(name):
        return True
    name = element.get('id')
    return bool(name) and _names_notice(name)


def is_body(element: Tree) -> bool:
    """Whether the element is named as the one that holds the article's text."""
    # This and its neighbours are asked of every container: no generators here.
    name = element.get('class')
    if name and _names_body(name):
        return True
    name = element.get('id')
    if name and _names_body(name):
        return True
    name = element.get('itemprop')
    return name is not None and 'articleBody' in name


def is_beside(element: Tree) -> bool:
    """Whether the element is hidden, or named as something that stands beside a story or interrupts it."""
    for key, value in element.items():
        if key in ('class', 'id'):
            if value and _names_beside(value):
                return True
        elif key == 'style':
            if _HIDDEN_STYLE.search(value) and not _GATED.search(element.get('class') or ''):
                return True
        elif key == 'hidden' or (key == 'aria-hidden' and value == 'true'):
            return True
    return False


def is_hidden(element: Tree) -> bool:
    """Whether the element's own attributes hide it."""
    return (
        element.get('hidden') is not None
        or element.get('aria-hidden') == 'true'
        or _HIDDEN_STYLE.search(element.get('style', '')) is not None
    )
