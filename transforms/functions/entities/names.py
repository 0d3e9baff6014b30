"""Names made comparable: a person's or another thing's name as a key that survives the ways of writing it."""

import csv
import functools
import re
import unicodedata
from pathlib import Path

from transforms.functions.entities.words import word_list

_DATA = Path(__file__).resolve().parents[2] / 'data'

# Letters that Unicode does not decompose.
_LETTERS = str.maketrans(
    {'ł': 'l', 'ø': 'o', 'đ': 'd', 'ð': 'd', 'þ': 'th', 'æ': 'ae', 'œ': 'oe', 'ı': 'i', 'ə': 'e', 'ħ': 'h'}
)
# Cyrillic, Ukrainian and Russian together, as newspapers in English write it (BGN/PCGN without marks). It
# also mends the look-alikes that slip into Latin names.
_CYRILLIC = str.maketrans({
    'а': 'a', 'б': 'b', 'в': 'v', 'г': 'g', 'ґ': 'g', 'д': 'd', 'е': 'e', 'ё': 'yo', 'є': 'ye', 'ж': 'zh',
    'з': 'z', 'и': 'i', 'і': 'i', 'ї': 'yi', 'й': 'y', 'к': 'k', 'л': 'l', 'м': 'm', 'н': 'n', 'о': 'o',
    'п': 'p', 'р': 'r', 'с': 's', 'т': 't', 'у': 'u', 'ў': 'u', 'ф': 'f', 'х': 'kh', 'ц': 'ts', 'ч': 'ch',
    'ш': 'sh', 'щ': 'shch', 'ъ': None, 'ы': 'y', 'ь': None, 'э': 'e', 'ю': 'yu', 'я': 'ya',
})  # fmt: skip
_LOOK_ALIKES = str.maketrans('аеорсухіјѕ', 'aeopcyxijs')

# Results kept, 300 bytes each: names recur within a document, and across the documents of a day. With four
# times as many, 22 000 of 349 000 calls over 1 200 articles were at new names, with these 24 000.
_KEPT = 4_096

_MARKS = re.compile("['’‘ʼ`´ʿʾ.]")
_NOT_WORD = re.compile(r'[^\w&+]+')
_POSSESSIVE = re.compile(r"(?<=\w)(?:['’]s|(?<=s)['’])$", re.IGNORECASE)

# Words before a name that are no part of it. Roles and ranks as newspapers in English print them.
_TITLES = word_list('titles') | word_list('nationalities')
# Titles that are the name where a single word is left: King Charles, Pope Francis.
_CROWNS = word_list('crowns')
_SUFFIXES = word_list('name_suffixes')


@functools.lru_cache(maxsize=_KEPT)
def fold(text: str) -> str:
    """Without case, diacritics, look-alikes, possessives or punctuation; words apart by one space.

    >>> fold('Erdoğan’s'), fold('Médecins Sans Frontières'), fold('U.S.'), fold('Shevchenkо')
    ('erdogan', 'medecins sans frontieres', 'us', 'shevchenko')
    """
    text = _POSSESSIVE.sub('', text.strip())
    text = unicodedata.normalize('NFKC', text).casefold()
    words = (_latin(word) for word in text.split())
    text = ''.join(c for c in unicodedata.normalize('NFKD', ' '.join(words)) if not unicodedata.combining(c))
    text = _MARKS.sub('', text.translate(_LETTERS))
    return _NOT_WORD.sub(' ', text).strip()


def _latin(word: str) -> str:
    if word.isascii():
        return word
    if any('a' <= c <= 'z' for c in word):
        return word.translate(_LOOK_ALIKES)
    return word.translate(_CYRILLIC)


@functools.lru_cache(maxsize=_KEPT)
def thing_key(name: str) -> str:
    """The key of anything but a person: folded, without its article or a company's legal form.

    >>> thing_key('The Kremlin'), thing_key('Exxon Mobil Corp.'), thing_key('Johnson & Johnson')
    ('kremlin', 'exxon mobil', 'johnson and johnson')
    """
    words = fold(name).replace('&', ' and ').split()
    if len(words) > 1 and words[0] == 'the':
        words = words[1:]
    while len(words) > 1 and words[-1] in _LEGAL_FORMS:
        words = words[:-1]
    return ' '.join(words)


_LEGAL_FORMS = word_list('legal_forms')


def person_words(name: str) -> list[str]:
    """A person's name as folded words, given name first, without titles or articles.

    >>> person_words('Ukrainian President Volodymyr Zelensky'), person_words('Abdel-Fattah El-Sisi')
    (['volodymyr', 'zelensky'], ['abd', 'fattah', 'sisi'])
    >>> person_words('Dr. Ann B. Ito'), person_words('King Charles'), person_words('Tusk, Donald')
    (['ann', 'b', 'ito'], ['king', 'charles'], ['donald', 'tusk'])
    """
    if name.count(',') == 1:
        last, _, first = name.partition(',')
        if first.strip() and fold(first) not in _SUFFIXES:
            name = f'{first.strip()} {last.strip()}'
    words = _particles(fold(_HYPHENED_ARTICLE.sub('', name))).split()
    while len(words) > 1 and words[0] in _TITLES:
        words = words[1:]
    while len(words) > 2 and words[0] in _CROWNS:
        words = words[1:]
    return words


def without_initials(words: list[str]) -> list[str]:
    """The words without the initials in the middle.

    >>> without_initials(['donald', 'j', 'trump'])
    ['donald', 'trump']
    """
    return [*words[:1], *(word for word in words[1:-1] if len(word) > 1), *words[1:][-1:]]


_HYPHENED_ARTICLE = re.compile(r'\b(?:al|el|ar|as|ash|ad|an|at|az)[-‐‑](?=\w{3})', re.IGNORECASE)
_ABD = re.compile(r'\babd(?:[aeu]l|oul)?[ ]?(?:al|el|ul)?[ ]?(?=[a-z]{3})')
_ARTICLE = re.compile(r'\b(?:al|el|ar|as|ash|ad|an|at|az) (?=[a-z]{3})')


def _particles(folded: str) -> str:
    # "Al Gore", "El Salvador": an article opens no name of two words.
    head, _, tail = folded.partition(' ')
    if ' ' not in tail and head in ('al', 'el', 'ad', 'an', 'as') and len(tail) < 5:
        return folded
    folded = _ABD.sub('abd ', folded)
    folded = re.sub(r'(?<=\w) (?:ibn|ben) (?=\w)', ' bin ', folded)
    return _ARTICLE.sub('', folded)


_SLAVIC_SURNAME = re.compile(
    r'(?:[sc]k(?:iy|ii|ij|i|y|yy|yi|yj|aya|aia|aja|a)|enko|[oe]v|[oe]va|yev|yeva|iev|ieva|chuk|yuk|iuk|tsev|'
    r'(?:ov|ev|yv|ov)y?i?ch|[aei]nko|shyn|khin|kov|kin)$'
)
_PATRONYMIC = re.compile(r'(?:ovich|evich|ovych|evych|yovych|ovna|evna|ivna|yivna|ichna)$')


def person_key(name: str) -> str:
    """The key of a person's name: the same for its transliterations, never for another given name.

    >>> person_key('Volodymyr Zelenskyy') == person_key('Vladimir Zelenskiy') != person_key('Olena Zelenska')
    True
    >>> person_key('Anton Gerashchenko') == person_key('Anton Heraschenko')
    True
    >>> person_key('Thomas Meier') == person_key('Thomas Meyer')
    False
    """
    return key_of(person_words(name))


def key_of(words: list[str]) -> str:
    """``person_key`` of words that ``person_words`` gave."""
    words = without_initials(words)
    if len(words) == 3 and words[0] in _EAST_ASIAN_SURNAMES:  # Xi Jin-ping, Kim Jong Un
        words = [words[0], words[1] + words[2]]
    names = given_names()
    heads = [names.get(word) for word in words]
    slavic = any(_SLAVIC_SURNAME.search(word) for word in words[-1:] if len(word) > 4)
    slavic = slavic or any(head in _SLAVIC_GIVEN for head in heads[:-1])
    if slavic and len(words) > 2:
        words = [words[0], *(w for w in words[1:-1] if not _PATRONYMIC.search(w)), words[-1]]
    arabic = not slavic and any(
        (head or word) in _ARABIC_GIVEN for head, word in zip(heads[:-1], words, strict=False)
    )
    last = len(words) - 1
    return ' '.join(
        names[word]
        if word in names and (at < last or last == 0)
        else (slavic_skeleton(word) if slavic else arabic_skeleton(word) if arabic else word)
        for at, word in enumerate(words)
    )


# Romanisations of Ukrainian, Russian and Belarusian differ in these; applied in order.
_SKELETON = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        ('shch|sch|szcz', 's'), ('zh|sh', 's'), ('tch|ch|cz', 'c'), ('ts|tz', 'c'), ('kh', 'h'), ('g', 'h'),
        ('x', 'ks'), ('w', 'v'), ('(?<=.)[yij][aeou]', lambda m: 'e' if m[0][1] in 'eo' else m[0][1]),
        ('^[yij](?=[aeou])', ''), ('[yij]+', 'i'), (r'(.)\1', r'\1'),
    )
)  # fmt: skip


@functools.lru_cache(maxsize=_KEPT)
def slavic_skeleton(word: str) -> str:
    """A word of a Slavic name without what its romanisations differ in.

    >>> {slavic_skeleton(w) for w in ('zelensky', 'zelenskyy', 'zelenskiy', 'zelenskyi', 'zelenskii')}
    {'zelenski'}
    >>> slavic_skeleton('semenov') == slavic_skeleton('semyonov')
    True
    """
    for pattern, to in _SKELETON:
        word = pattern.sub(to, word)
    return word


# What romanisations of Arabic and Persian differ in and no two names do. The short vowels are not among it:
# Hassan is not Hussein, Salem not Salim.
_ARABIC = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        ('ou|oo', 'u'), ('ee', 'i'), ('ei|ai|ay|ey', 'ai'), ('(?<=i)y(?=[aeu])', ''), (r'([^aiu])\1', r'\1'),
        ('(?<=i)[ae]h?$', 'a'), ('ah$', 'a'),
    )
)  # fmt: skip


@functools.lru_cache(maxsize=_KEPT // 4)
def arabic_skeleton(word: str) -> str:
    """A word of an Arabic or Persian name without what its romanisations differ in.

    >>> {arabic_skeleton(w) for w in ('haniyeh', 'haniya', 'haniyah')}, arabic_skeleton('rouhani')
    ({'hania'}, 'ruhani')
    >>> arabic_skeleton('hassan') == arabic_skeleton('hussein'), arabic_skeleton('saleh')
    (False, 'saleh')
    """
    for pattern, to in _ARABIC:
        word = pattern.sub(to, word)
    return word


@functools.cache
def given_names() -> dict[str, str]:
    """Spellings of given names, each with the one that stands for them all."""
    with open(_DATA / 'entities_given_names.csv', encoding='utf-8', newline='') as file:
        return {
            fold(spelling): row['name']
            for row in csv.DictReader(file)
            for spelling in (row['name'], *row['variants'].split('|'))
        }


def spellings_of(name: str) -> tuple[str, ...]:
    """The spellings of a given name by the one that stands for them all; () if no table has it."""
    return _spellings().get(name, ())


@functools.cache
def _spellings() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for spelling, name in given_names().items():
        found[name] = (*found.get(name, ()), spelling)
    return found


_SLAVIC_GIVEN = word_list('slavic_given_names')
_ARABIC_GIVEN = word_list('arabic_given_names')
_EAST_ASIAN_SURNAMES = word_list('east_asian_surnames')
