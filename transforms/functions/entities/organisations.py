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
        # By their initials and first words: a long text may name thousands.
        by_initials: dict[str, list[str]] = {}
        by_first: dict[str, list[str]] = {}
        for key, full in longs.items():
            for initials in dict.fromkeys(_initials(full)):
                by_initials.setdefault(initials, []).append(full)
            by_first.setdefault(key.split()[0], []).append(full)
        for name, mention in names.items():
            key = thing_key(name)
            if mention.label != ORG or key in self._full or ' ' in key or tables.thing(name) is not None:
                continue
            if name.isupper() and len(key) >= 2:
                fits = by_initials.get(key, [])
            else:
                fits = by_first.get(key, []) if len(key) >= 4 and key not in _GENERIC else []
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


def initials_match(acronym: str, name: str) -> bool:
    """Whether the acronym is made of the first letters of the name's words, small words at will.

    >>> initials_match('MSF', 'Médecins Sans Frontières'), initials_match('KRG', 'Kurdish Red Crescent')
    (True, False)
    >>> initials_match('IAEA', 'the International Atomic Energy Agency')
    True
    """
    letters = thing_key(acronym).replace(' ', '')
    return len(letters) >= 2 and ' ' in thing_key(name) and letters in _initials(name)


def _initials(name: str) -> tuple[str, str]:
    """The first letters of a name's words: of all of them, and without the small ones."""
    words = thing_key(name).split()
    return ''.join(word[0] for word in words), ''.join(word[0] for word in words if word not in _SMALL)
