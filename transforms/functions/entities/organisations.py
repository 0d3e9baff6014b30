"""Acronyms and short forms of organisations, explained by the document itself."""

import re
from collections.abc import Iterator, Mapping, Sequence

from schemas.articles import Mention
from transforms.functions.entities.labels import ORG, PERSON
from transforms.functions.entities.names import thing_key
from transforms.functions.entities.tables import Tables
from transforms.functions.entities.words import word_list

# "(MSF)", "(K.R.G.)" right after a name, or a name in brackets right after its acronym.
_ACRONYM = re.compile(r'\s{0,2}[(\[]\s?(?:the\s)?["“]?([A-Z][A-Za-z.&]{1,9})["”]?\s?[,)\];]')
_SMALL = word_list('small_words')
# Short forms that name no single organisation.
_GENERIC = word_list('generic_organisation_words')


class Expansions:
    """What the short names of a document stand for."""

    def __init__(self, tables: Tables, mentions: Sequence[Mention], texts: Mapping[str, str]):
        self._full: dict[str, str] = {}
        names = {m.text: m for m in mentions if m.label != PERSON}
        for short, name in self._in_brackets(mentions, texts):
            self._full.setdefault(short, name)
        longs: dict[str, str] = {}
        for name, mention in names.items():
            if mention.label == ORG and len(thing_key(name).split()) > 1:
                longs.setdefault(thing_key(name), name)
        for name, mention in names.items():
            key = thing_key(name)
            if mention.label != ORG or key in self._full or ' ' in key or tables.thing(name) is not None:
                continue
            fits = [full for full_key, full in longs.items() if _is_short_for(name, key, full_key, full)]
            if len(fits) == 1:
                self._full[key] = fits[0]

    def full_name(self, name: str) -> str:
        """The full name that the document gives for this one, or the name itself."""
        return self._full.get(thing_key(name), name)

    def _in_brackets(
        self, mentions: Sequence[Mention], texts: Mapping[str, str]
    ) -> Iterator[tuple[str, str]]:
        for mention in mentions:
            if mention.label == PERSON:
                continue
            text = texts.get(mention.field, '')
            match = _ACRONYM.match(text, mention.end)
            if match and initials_match(match[1], mention.text):
                yield thing_key(match[1]), mention.text


def _is_short_for(name: str, key: str, full_key: str, full: str) -> bool:
    if name.isupper() and len(key) >= 2:
        return initials_match(name, full)
    first = full_key.split()[0]
    return len(key) >= 4 and key == first and key not in _GENERIC


def initials_match(acronym: str, name: str) -> bool:
    """Whether the acronym is made of the first letters of the name's words, small words at will.

    >>> initials_match('MSF', 'Médecins Sans Frontières'), initials_match('KRG', 'Kurdish Red Crescent')
    (True, False)
    >>> initials_match('IAEA', 'the International Atomic Energy Agency')
    True
    """
    letters = thing_key(acronym).replace(' ', '')
    words = thing_key(name).split()
    if len(letters) < 2 or len(words) < 2:
        return False
    every = ''.join(word[0] for word in words)
    main = ''.join(word[0] for word in words if word not in _SMALL)
    return letters in (every, main)
