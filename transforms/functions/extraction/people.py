"""Author names: from bylines and metadata to a list of people."""

import re
from collections.abc import Iterable
from typing import NamedTuple, Optional
from urllib.parse import urlsplit

from transforms.functions.extraction.byline_text import is_dense_desk, names_text
from transforms.functions.extraction.characters import fold, tidy

_LEAD = re.compile(
    r'^(?:(?:written|(?:additional )?reporting|writing|'
    r'compiled|reported|posted|published|story|text|words|report|analysis|edited|article|submitted)\s+by\b'
    r'|(?:מאת|بقلم|كتبت?|تقرير|автор|текст|作者|記者|记者|文)\s*[:：]|(?:מאת|بقلم)(?=\s)|by\b(?!-)|from\b(?=\s+[A-Z])'
    r'|(?:(?:ein\s+)?(?:beitrag|artikel|bericht|kommentar|gastbeitrag|faq|interview|analyse|essay)\s+)?von\s+(?=\S+\s+\S)|(?:propos\s+recueillis\s+)?par\b|escrito\s+por|por\b'
    r'|(?:di|de|von|par|por|by|av|af|door|przez|autor(?:e|en|in|a|ka|s)?|authors?|text(?:e|o)?|redaktor|tekst|foto|автор|автори'
    r'|penulis|oleh|reporter|kirjoittaja|yazar|yazan|szerző|skribent|forfatter|journalist|'
    r'tác giả)\s*:|di\s+(?=[A-Z])|door\s+(?=[A-Z])|av\s+(?=[A-Z])|af\s+(?=[A-Z]))\s*:?\s*',
    re.IGNORECASE,
)  # fmt: skip
_SPLIT = re.compile(
    r'\s*[;|•·\n]\s*|\s+[/–—-]\s+|\s*,\s*(?:and\s+|und\s+|et\s+)?|\s+(?:and|und|et|og|och|en|ja|ve|oraz|i|и|with|mit|avec)\s+(?=\S)|\s*&\s*|\s*、\s*|\s*，\s*|/(?=[A-ZÀ-Þ])',
)
# One of which stands in what parts: a mark, or a word between blanks.
_PARTING = re.compile(r'[;|•·\n/–—,&、，-]|\s\S+\s')
# Spanish, Portuguese and Italian join two people by one letter, which also stands inside family names
# (Ortega y Gasset): split only between two names of two words or more.
_SPLIT_SHORT = re.compile(r'(?<=\w\s)(?:y|e)\s+(?=[^\W\d_a-zà-ÿ]\S*\s+\S)')
_DROP = re.compile(r'https?://|www\.|[@©#:…]|\.(?:com|org|net|de|fr|it|es|info)\b|\d', re.IGNORECASE)
_AGE = re.compile(
    r'\s+(?:\d{1,2}|an?) (?:second|minute|hour|day|week|month|year)s?(?: ago)?\W*$', re.IGNORECASE
)
# "Ann Ito For Plum.Com": whom an author writes for; a footnote's number that stands at a name.
_FOR_SITE = re.compile(r'\s+for\s+\S+\.\w{2,4}\b.*$', re.IGNORECASE)
_FOOTNOTE = re.compile(r'(?<=[^\W\d])\d{1,2}$')
_PARENTHESIS = re.compile(r'\s*[(\[（][^)\]）]{0,80}[)\]）]\s*')
_CREDENTIAL = frozenset(
    {'phd', 'md', 'jr', 'sr', 'mba', 'jd', 'rn', 'esq', 'msc', 'ba', 'ma', 'ii', 'iii', 'iv'}
)
# Words that stand in desks and roles and in no person's name; whole words, folded.
_NOT_PEOPLE = frozenset(
    (
        'aap', 'admin', 'administrator', 'adn', 'afp', 'agence', 'agencia', 'agencies', 'agency',
        'agentur', 'agenturen', 'agenzia', 'aktuell', 'ansa', 'ap', 'apa', 'belga', 'bloomberg',
        'bulletin', 'bureau', 'channel', 'columnist', 'contributor', 'contributors', 'copy',
        'correspondent', 'correspondents', 'desk', 'deutsche', 'digital', 'dpa', 'dts', 'editor',
        'editorial', 'editors', 'efe', 'epa', 'epd', 'equipe', 'equipo', 'guest', 'heute', 'interfax',
        'itar', 'journal', 'kna', 'kyodo', 'lusa', 'magazine', 'media', 'mediagroup',
        'nachrichtenagentur', 'news', 'newsdesk', 'newspaper', 'newsroom', 'newsteam', 'newswire', 'ntb',
        'office', 'online', 'onlineredaktion', 'pap', 'politik', 'press', 'presse', 'presseagentur',
        'producer', 'ptb', 'pti', 'radio', 'red', 'redacao', 'redaccion', 'redacción', 'redactie',
        'redaction', 'redakce', 'redaktion', 'redaktionen', 'redaktør', 'redazione', 'redação',
        'reporter', 'reporters', 'reuters', 'ritzau', 'rnd', 'rédacteur', 'rédaction', 'sda', 'service',
        'services', 'sid', 'sport', 'sports', 'staff', 'staffs', 'studio', 'tanjug', 'tass', 'team',
        'the', 'times', 'tribune', 'tt', 'tv', 'ukrinform', 'unian', 'user', 'web', 'webdesk',
        'advertorial', 'agencias', 'agenzie', 'anonym', 'anonymous', 'articles',
        'artículos', 'content', 'redakcja',
        'redaksi', 'sponsored', 'submission', 'toimitus', 'uredništvo', 'автора', 'агентство', 'иа',
        'лента', 'новостей',
        'новости', 'отдел', 'риа', 'служба', 'тасс', 'تحریر', 'التحرير', 'وكالات', 'מערכת', 'סוכנויות',
        'contact', 'facebook', 'follow', 'google', 'instagram', 'linkedin', 'mailto', 'posts', 'profile',
        'null', 'publications', 'quelle', 'unbekannt', 'undefined', 'unknown',
        'subscribe', 'twitter', 'view', 'infocom', 'webmaster', 'website',
        'wire', 'wires', 'writer', 'writers', 'xinhua', 'zeitung', 'équipe',
        'редакция', '匿名', '人民网', '新华社', '新华网', '编辑', '記者',
    )
)  # fmt: skip
# What begins a role after a name; none of them ends a name of three words.
_ROLES = frozenset(
    (
        'assistant', 'associate', 'autor', 'autorin', 'chief', 'columnist', 'content', 'contributor',
        'correspondent', 'deputy', 'director', 'editor', 'executive', 'freelance', 'journalist', 'political',
        'producer', 'redakteur', 'redakteurin', 'redactor', 'redactora', 'reporter', 'reporterin', 'senior',
        'special', 'staff', 'volontär', 'volontärin', 'writer',
    )
)  # fmt: skip
_MIN_WITH_ROLE = 4
# Agencies of several words that stand after a name in an element of their own, folded.
_AGENCIES = frozenset(
    (
        'agencefrancepresse', 'anadoluagency', 'associatedpress', 'bloombergnews', 'canadianpress',
        'deutschepresseagentur', 'presstrustofindia', 'theassociatedpress', 'thecanadianpress',
    )
)  # fmt: skip
_AGENCY_ID = re.compile(
    r'^(?:dpa|afp|ap|reuters|sid|kna|epd|apa|sda|efe|dts|rnd|tt|ntb|pap|ctk|mti|tass)(?:[-/ ]\w{1,12})?$',
    re.IGNORECASE,
)
# A line of the text itself: "By Ann Ito, March 3, 2025".
_BYLINE_LINE = re.compile(
    r'^(?:By|BY|by|[Vv]on|[Pp]ar|[Pp]or|[Dd]i|[Dd]oor|Autor:|Text:|Texte:)\s+([^.!?:\d]{4,80}?)(?:[\s,|·–—-]+([\w,]*\s?\d.{0,40}))?$'
)
# A line that a time follows may name a desk, or a person by one word.
_SURE_BYLINE_LINE = re.compile(r'^(?:By|BY|Von|Par|Por|Di|Door)\s+(\S[^.!?:\d]{1,60})$')
_MAX_NAME = 60
_MAX_WORDS = 6
_MAX_AUTHORS = 20


class Byline(NamedTuple):
    """A line that says who wrote the article, and what follows the names, usually a date."""

    names: list[str]
    rest: str


def people_of(values: Iterable[str], site_names: Iterable[str] = (), url: str = '') -> list[str]:
    """The people named in byline strings, each once, in order; desks, agencies and the outlet are left out.

    >>> people_of(['By Ann Ito and Bo Grey, Political Correspondent', 'AFP', 'Red.'])
    ['Ann Ito', 'Bo Grey']
    >>> people_of(['Ana Gil y Jon Paz'])
    ['Ana Gil', 'Jon Paz']
    """
    host = (urlsplit(url).hostname or '').removeprefix('www.')
    outlets = {fold(name) for name in site_names} | {fold(host)}
    labels = {label for label in host.split('.')[:-1] if len(label) > 2}
    found: dict[str, str] = {}
    for value in values:
        if value.lstrip().startswith(('http://', 'https://')):
            continue  # article:author is often the address of a profile
        names = split_names(value)
        has_full_name = ' ' in (names[0] if names else '') and is_person(names[0])
        for name in names:
            key = fold(name)
            if has_full_name and ' ' not in name and len(names) > 1 and not is_cjk(name):
                continue  # 'Ann Ito, Nairobi'
            if (
                key
                and key not in found
                and key not in outlets
                and is_person(name)
                and fold(name.split()[0]) not in labels
            ):
                found[key] = name
    return list(found.values())[:_MAX_AUTHORS]


def byline_in(line: str, is_sure: bool = False) -> Optional[Byline]:
    """The byline that a whole line of text is, or None: names of two words or more, then perhaps a date.

    ``is_sure`` says that a line stands where a byline does: then it may name a desk, or one word.

    >>> byline_in('Von Uta Grün 04.03.2025')
    Byline(names=['Uta Grün'], rest='04.03.2025')
    >>> byline_in('By Monday the rivers had risen') is None
    True
    """
    if is_sure and (sure := _SURE_BYLINE_LINE.match(line)):
        names = [name for name in split_names(sure[1]) if is_person(name) and is_capitalised(name)]
        return Byline(names, '')
    match = _BYLINE_LINE.match(line)
    if match is None:
        return None
    names = split_names(match[1])
    if not names or not all(2 <= len(name.split()) <= 4 and is_person(name) for name in names):
        return None
    if not all(is_capitalised(name) for name in names):
        return None
    return Byline(names, match[2] or '')


def is_like_byline(line: str) -> bool:
    """Whether a line begins as a byline does, whatever the name: then what stands around it decides."""
    return _SURE_BYLINE_LINE.match(line) is not None


def split_names(value: str) -> list[str]:
    """The parts of a byline, without its 'by' and the parts' roles in parentheses."""
    line = _FOR_SITE.sub('', _AGE.sub('', _PARENTHESIS.sub(' ', names_text(tidy(value[:1_000])))))
    names: list[str] = []
    for part in _SPLIT.split(line) if _PARTING.search(line) else [line]:
        part = _FOOTNOTE.sub('', _LEAD.sub('', part.strip()).strip(' .,:;-–—"“”*'))
        pieces = [part]
        if short := _SPLIT_SHORT.search(part):
            before = part[: short.start()].split()
            if len(before) >= 2:
                pieces = [part[: short.start()].strip(), part[short.end() :].strip()]
        for piece in map(_without_role, pieces):
            if fold(piece) not in _CREDENTIAL:
                names.append(_upper_to_title(piece))
    return [name for name in names if name]


def _without_role(name: str) -> str:
    """The name without a role or an agency that follows it without a mark: 'Ann Ito Deputy Editor'."""
    words = name.split()
    if len(words) < _MIN_WITH_ROLE:
        return name  # 'City Hall Correspondent' is a role of three words
    for index, word in enumerate(words[2:], 2):
        if word.casefold() in _ROLES or fold(''.join(words[index:])) in _AGENCIES:
            return ' '.join(words[:index])
    return name


def is_person(name: str) -> bool:
    """Whether a part of a byline can be somebody's name."""
    if not 2 <= len(name) <= _MAX_NAME or _DROP.search(name) or _AGENCY_ID.match(name) or is_dense_desk(name):
        return False
    words = [word for part in name.split() if (word := part.strip('.,\'"’-'))]
    if not 1 <= len(words) <= _MAX_WORDS or any(word.casefold().strip('.') in _NOT_PEOPLE for word in words):
        return False
    if len(words) == 1 and not is_cjk(name) and name.islower():
        return False
    return any(word[0].isupper() or not word.islower() for word in words)


def is_capitalised(name: str) -> bool:
    """Whether only particles (van, de la) are in lower case."""
    return not any(word.islower() and len(word) > 3 for word in name.split())


def is_cjk(text: str) -> bool:
    """Whether a text holds Chinese, Japanese or Korean signs."""
    return any('\u2e80' <= character <= '\u9fff' or '\uac00' <= character <= '\ud7af' for character in text)


def _upper_to_title(name: str) -> str:
    """ANN ITO becomes Ann Ito; initials and short words stay."""
    if name.isupper() and len(name) > 5 and ' ' in name:
        return re.sub(
            r'[^\W\d_]+', lambda match: match[0].capitalize() if len(match[0]) > 2 else match[0], name
        )
    return name
