"""The whole article, where a feed gives it: which of an entry's texts it is, and what an edit of it is."""

import re
from collections.abc import Iterable
from html import escape, unescape
from typing import NamedTuple, Optional

from transforms.functions.feed_text import MAX_MARKUP, has_markup, plain_text
from transforms.functions.packed_text import MAX_PACKED

# Fewer words are a teaser or the caption of a picture, whichever element they stand in.
MIN_WORDS = 40
# A description is a teaser unless it is this long: in 47 captured news feeds the longest teaser has 123
# words, and four feeds put whole articles there, of which all but the shortest are longer.
MIN_DESCRIPTION_WORDS = 200

# Two characters of a script without blanks are about a word.
_UNSPACED = re.compile('[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]')
_CUT_SHORT = re.compile(
    r'(?:\.\.\.|…|\[…]|\[\.\.\.]|>>|»|→|read more\W{0,3}|continue reading\W{0,3})$', re.IGNORECASE
)
_BLANK_LINE = re.compile(r'\n[ \t]*\n')
# Pictures written into the text as data; nothing can be read from them, and they are larger than any article.
_INLINE_DATA = re.compile(r'data:[\w.+/-]{0,60};base64,[A-Za-z0-9+/=%\s]{200,}')
_WORD = re.compile(r'\w+')
# Numbers that are another at each poll though nobody edited anything.
_COUNTED = (
    r'(?:views?|hits|comments?|likes?|vues|commentaires?|aufrufe|kommentare?|visualizaciones|visualizações|'
    r'comentarios?|comentários?|просмотр\w{0,3}|комментари\w{0,3}|مشاهدات|مشاهدة|تعليقات|تعليق)'
)
# From the digit on, which most of a text has few of.
_NUMBER = re.compile(
    rf'\d[\d.,]{{0,12}}(?P<counted>[km]? {_COUNTED}\b| (?:second|minute|min|hour|day|week)s? ago\b)?',
    re.IGNORECASE,
)
_COUNTER_BEFORE = re.compile(rf'\b{_COUNTED} ?[:(]? ?$', re.IGNORECASE)
_LONGEST_BEFORE = 20  # characters
_MAX_NUMBERS = 2_000  # of one text that are looked at; longer tables are not checked for counters


class Text(NamedTuple):
    """A text of an entry as the feed gives it."""

    value: str
    markup: bool  # whether it is declared to be HTML


class WholeContent(NamedTuple):
    """The whole article as an entry gives it."""

    html: str
    text: str  # plain, on one line


def whole_content(contents: Iterable[Text], description: Optional[Text] = None) -> Optional[WholeContent]:
    """The entry's longest content of at least ``MIN_WORDS`` words; the description when it is as long as an
    article and not cut short; otherwise None.

    >>> whole_content([Text('word ' * 40, False)]).html[:12]
    '<p>word word'
    >>> whole_content([Text('word ' * 39, False)]) is None
    True
    """
    found = [content for text in contents if (content := _read(text, MIN_WORDS))]
    if found:
        return max(found, key=lambda content: len(content.text))
    if description is None:
        return None
    content = _read(description, MIN_DESCRIPTION_WORDS)
    return None if content is None or _CUT_SHORT.search(content.text[-30:]) else content


def words_for_fingerprint(content: WholeContent) -> str:
    """What of the content an edit is an edit of: its words and numbers without markup, punctuation (which
    publishers' software decorates) and counters of readers and comments.

    >>> words_for_fingerprint(WholeContent('', 'Flood: 12 dead. 1,204 views, 3 hours ago'))
    'Flood 12 dead'
    """
    return ' '.join(_WORD.findall(_NUMBER.sub(_number_or_nothing, content.text, count=_MAX_NUMBERS)))


def count_words(text: str) -> int:
    """How many words the text has, two characters counting as one in scripts that are written without blanks.

    >>> count_words('Flood in Basra'), count_words('镕基新闻')
    (3, 2)
    """
    words = len(text.split())
    return words if text.isascii() else max(words, len(_UNSPACED.findall(text)) // 2)


def _number_or_nothing(number: re.Match[str]) -> str:
    if number['counted']:
        return ' '
    start = number.start()
    before = number.string[max(0, start - _LONGEST_BEFORE) : start]
    return ' ' if _COUNTER_BEFORE.search(before) else number[0]


def _read(text: Text, min_words: int) -> Optional[WholeContent]:
    # What has fewer characters than words are asked for need not be looked at closer.
    if len(text.value) < min_words:
        return None
    value = text.value
    if len(value) > MAX_MARKUP:
        value = _INLINE_DATA.sub('data:,', value)
        if len(value) > MAX_PACKED:
            return None
    # Asked as the summary is, so that a text that is both is read once.
    limit = MAX_PACKED if len(value) > MAX_MARKUP else MAX_MARKUP
    plain = plain_text(value, text.markup, limit)
    if plain is None or count_words(plain) < min_words:
        return None
    html = _html(value, text.markup)
    return WholeContent(html, plain) if len(html) <= MAX_PACKED else None


def _html(value: str, markup: bool) -> str:
    """The value as HTML: as it is, or unescaped where it was escaped twice, or made so of plain text."""
    if (markup and '<' in value) or has_markup(value):
        return value
    if '&' in value and (markup or has_markup(unescape(value))):
        value = unescape(value)
        if has_markup(value):
            return value
    return _paragraphs(value)


def _paragraphs(value: str) -> str:
    """Plain text as HTML: blank lines part paragraphs, or single line ends where none is blank."""
    lines = value.replace('\r\n', '\n').strip()
    parts = _BLANK_LINE.split(lines)
    if len(parts) == 1:
        parts = lines.split('\n')
    return ''.join(f'<p>{escape(part.strip(), quote=False)}</p>' for part in parts if part.strip())
