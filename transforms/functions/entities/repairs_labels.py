"""Repairs of what an entity is, from its words and the words around it."""

import functools
import re

from transforms.functions.entities.labels import EVENT, FAC, GPE, LANGUAGE, LOC, NORP, ORG, PERSON, PRODUCT
from transforms.functions.entities.names import given_names
from transforms.functions.entities.spans import CAPITALISED, Found
from transforms.functions.entities.tables import Tables
from transforms.functions.entities.words import word_list

# Last words of an entity that say what it is, whatever the model says.
_KIND_OF_LAST_WORD = {
    word: label for label in (ORG, FAC, LOC, GPE) for word in word_list(f'last_word_{label}')
}

_ALSO_STATES = word_list('ends_of_states')

_PERSON_AFTER = re.compile(
    r'\s?,\s\d{1,2}\s?,|\s?,?\s(?:who|whom|whose)\b|\s\(\d{1,2}\)|\s?,\s(?:aged|age)\s\d{1,2}\b|'
    r'\s(?:has|had|was|is)\s(?:born|married|divorced)\b'
)
_PERSON_BEFORE = re.compile(
    r'\b(?:Mr|Mrs|Ms|Dr|Sir|Dame|Lt|Col|Gen|Capt|Sgt|Sen|Rep|Gov|President|Minister|Chancellor|Senator|Governor|'
    r'Judge|Justice|Professor|General|Colonel|Captain|Sergeant|Lieutenant|Prince|Princess|spokesman|spokeswoman|'
    r'spokesperson|coach|skipper|striker|midfielder|goalkeeper|defender|batsman|bowler|champion|actor|actress|'
    r'singer|author|lawyer|his wife|her husband|his brother|his son|his father)\.?\s$'
)
_CLUB_AFTER = re.compile(
    r"(?:\s['’]s)?\s(?:captain|skipper|striker|midfielder|defender|goalkeeper|winger|batsman|bowler|side|"
    r'team[ -]?mates?|players?|fans|supporters|franchise|have a game|season)\b|'
    r'\s\d{1,3}-\d{1,2}\b|\s\d{1,3}(?:\s(?:for|and|\())'
)
_CLUB_BEFORE = re.compile(
    r'\b(?:beat|beating|defeated|thrashed|thumped|club|side|team|division|against|joined|signed for|'
    r'played for|plays for|draw with|drew with|transferred to|lost to|loan to|defeat by|win over|'
    r'victory over)\s(?:the\s)?$'
)
DEMONYMS = word_list('demonyms')


def known_names(text: str, found: list[Found], tables: Tables) -> list[Found]:
    """Places, organisations and nationalities of the tables are what the tables say: Kyiv is no person."""
    mended = []
    for one in found:
        piece = text[one.start : one.end]
        label = _known_label(piece, tables)
        if (
            label is None
            or label == one.label
            or _as_good(label, one.label)
            or (one.label == PERSON and ambiguous(piece))
        ):
            mended.append(one)
        else:
            mended.append(Found(one.start, one.end, label))
    return mended


@functools.lru_cache(maxsize=4096)
def _known_label(name: str, tables: Tables) -> str | None:
    if name.lower() in DEMONYMS and name[:1].isupper():
        return NORP
    known = tables.thing(name)
    if known is not None:
        return known.label
    return None


def _as_good(known: str, label: str) -> bool:
    places = (GPE, LOC, FAC)
    return (known in places and label in places) or (known == NORP and label == LANGUAGE) or label == EVENT


def ambiguous(name: str) -> bool:
    """Whether people are called so too."""
    # Sydney, Chad, Victoria: people are called so too.
    return name.casefold() in given_names() or name in _ALSO_SURNAMES


_ALSO_SURNAMES = word_list('places_that_are_surnames')


def last_words(text: str, found: list[Found], tables: Tables) -> list[Found]:
    """ "Manchester United" and "Ito Mining Co" are no people, "Kharkiv airport" no organisation."""
    mended = []
    for one in found:
        words = text[one.start : one.end].replace('.', '').split()
        label = _KIND_OF_LAST_WORD.get(words[-1].lower()) if len(words) > 1 else None
        if label is None or tables.thing(text[one.start : one.end]) is not None:
            mended.append(one)
            continue
        if label == ORG and one.label == GPE and words[-1].lower() in _ALSO_STATES:
            pass  # "Russian Federation", "West Bank"
        elif label == ORG and one.label in (PERSON, GPE, LOC, FAC, NORP, PRODUCT):
            one = Found(one.start, one.end, ORG)
        elif (
            label in (FAC, LOC, GPE) and one.label in (PERSON, ORG, NORP, PRODUCT) and words[-1][0].isupper()
        ):
            one = Found(one.start, one.end, label)
        mended.append(one)
    return mended


def given_names_first(text: str, found: list[Found], tables: Tables) -> list[Found]:
    """Two or three capitalised words of which the first is a given name are a person."""
    mended = []
    for one in found:
        words = text[one.start : one.end].split()
        if (
            one.label not in (PERSON, EVENT, NORP)
            and 2 <= len(words) <= 3
            and words[0][1:].islower()
            and words[0].lower() in given_names()
            and all(re.fullmatch(CAPITALISED, word) for word in words)
            and words[-1].lower() not in _KIND_OF_LAST_WORD
            and tables.thing(' '.join(words)) is None
        ):
            one = Found(one.start, one.end, PERSON)
        mended.append(one)
    return mended


def people_by_context(text: str, found: list[Found], tables: Tables) -> list[Found]:
    """One or two unknown words before an age or "who", or after a role, are a person."""
    mended = []
    for one in found:
        piece = text[one.start : one.end]
        if (
            one.label not in (PERSON, NORP)
            and re.fullmatch(rf'{CAPITALISED}(?: {CAPITALISED})?', piece)
            and piece.split()[-1].lower() not in _KIND_OF_LAST_WORD
            and (tables.thing(piece) is None or ambiguous(piece))
            and (
                _PERSON_AFTER.match(text, one.end)
                or _PERSON_BEFORE.search(text[max(0, one.start - 24) : one.start])
            )
        ):
            one = Found(one.start, one.end, PERSON)
        mended.append(one)
    return mended


def no_names(text: str, found: list[Found]) -> list[Found]:
    """Without what has no capital letter, and the office in "Education Minister"."""
    return [
        one
        for one in found
        if not (
            (piece := text[one.start : one.end]).islower()
            or (
                one.label == ORG
                and _OFFICE.fullmatch(piece)
                and re.match(r' (?:Minister|Secretary|Ministry)\b', text[one.end : one.end + 12])
            )
        )
    ]


_OFFICE = re.compile(
    r'(?:the )?(?:Education|Defen[cs]e|State|Agriculture|Finance|Interior|Foreign(?: Affairs)?|Health|'
    r'Justice|Energy|Trade|Treasury|Transport|Labou?r|Commerce|Environment|Culture|Sports?|Home|Prime)'
)


def clubs(text: str, found: list[Found], tables: Tables) -> list[Found]:
    """A town that bowls, scores or has a striker is its club; countries stay countries."""
    mended = []
    for one in found:
        piece = text[one.start : one.end]
        known = tables.thing(piece)
        if (
            one.label in (GPE, FAC, LOC, PRODUCT)
            and not piece.lower().startswith('the ')
            and known is None
            and (
                _CLUB_AFTER.match(text, one.end)
                or _CLUB_BEFORE.search(text[max(0, one.start - 24) : one.start])
            )
        ):
            one = Found(one.start, one.end, ORG)
        mended.append(one)
    return mended
