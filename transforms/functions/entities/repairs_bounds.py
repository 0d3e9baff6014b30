"""Repairs of where an entity begins and ends."""

import dataclasses
import re

from transforms.functions.entities.labels import (
    EVENT,
    FAC,
    GPE,
    LAW,
    LOC,
    NORP,
    PERSON,
    PRODUCT,
    WORK_OF_ART,
)
from transforms.functions.entities.spans import Found, without_overlaps
from transforms.functions.entities.words import alternatives

# Neither quotes, dashes nor brackets in it, and no mark at either end: nothing to trim. Most names are so.
_PLAIN = re.compile(r"\w(?:[^'’()\[\]‐‑-]*\w)?")
_OPENING = ' \t\n\xa0-–—‒―"“”„«»\'‘’(),.;:!?*•|/&'
_CLOSING = ' \t\n\xa0-–—‒―"“”„«»‘\'(,;:!?*•|/&'
_POSSESSIVE = re.compile(r"\s?['’]s$|(?<=s)\s?['’]$")
_SHORT_FORM = re.compile(r'(?:\b\w|\b(?:Inc|Corp|Ltd|Co|Jr|Sr|Bros|St|No))\.$')
# "Ontario-based", "ex-Ajax": the name is the part that is a name.
_COMPOUND = re.compile(
    r'[-‐‑](?:based|born|bound|led|backed|run|held|owned|listed|controlled|occupied|sponsored|registered)$'
)
_COMMA = re.compile(r'\s?,\s(?!D\.?C)')
_BREAK = re.compile(r'\s*\n\s*')
# "Surrey 301", "Kent 77-2", "2 - Ann Ito": results and lists.
_NUMBERS_AFTER = re.compile(r'(?:[ \xa0]+\d[\d,./:-]*)+$')
_NUMBERS_BEFORE = re.compile(r'^(?:\d[\d.]*[ \xa0]*[-–—.)]+[ \xa0]*)+')
_MONTH = re.compile(
    r'^(?:January|February|March|April|May|June|July|August|September|October|November|December)'
    r'[ \xa0]+(?=\S)'
)
# Roles, ranks and nationalities that models take into a person's name.
_TITLES = re.compile(rf'^(?:(?:{alternatives("titles_before_people")})\.?[ \xa0]+)+(?=\S)', re.IGNORECASE)
_NATIONALITY = re.compile(rf'(?i:{alternatives("nationalities")})[ \xa0]+(?=[A-Z])')


def cut_at_line_breaks(text: str, found: list[Found]) -> list[Found]:
    """An entity ends where its line ends: "Getty Images\\n\\nKYIV" is no name."""
    mended: list[Found] = []
    for one in found:
        parts = _BREAK.split(text[one.start : one.end])
        if len(parts) == 1:
            mended.append(one)
            continue
        at = one.start
        for part in parts:
            at = text.index(part, at) if part else at
            mended.append(Found(at, at + len(part), one.label))
            at += len(part)
    return without_overlaps(mended)


def trim(text: str, found: list[Found]) -> list[Found]:
    """Without dashes, quotes and brackets at either end, or the possessive."""
    return without_overlaps(_trimmed(text, one) for one in found)


def _trimmed(text: str, one: Found) -> Found:
    if _PLAIN.fullmatch(text, one.start, one.end):
        return one
    start, end, before = one.start, one.end, None
    while (start, end) != before and start < end:
        before = start, end
        piece = text[start:end]
        start += len(piece) - len(piece.lstrip(_OPENING))
        piece = text[start:end]
        if match := _POSSESSIVE.search(piece):
            end = start + match.start()
            continue
        if match := _COMPOUND.search(piece):
            end = start + match.start()
            continue
        if piece.startswith('ex-'):
            start += 3
            continue
        end -= len(piece) - len(piece.rstrip(_CLOSING))
        piece = text[start:end]
        if piece.endswith('.') and not _SHORT_FORM.search(piece):
            end -= 1
        if piece.endswith((')', ']')) and piece.count('(') + piece.count('[') < piece.count(
            ')'
        ) + piece.count(']'):
            end -= 1
        elif '(' in piece and ')' not in piece:
            end = start + piece.index('(')
    return Found(start, max(start, end), one.label)


def trim_numbers(text: str, found: list[Found]) -> list[Found]:
    """Without a result, a list's number or a month: "Surrey 301", "2 - Ann Ito", "August Index"."""
    mended = []
    for one in found:
        piece = text[one.start : one.end]
        if one.label in (EVENT, LAW, PRODUCT, WORK_OF_ART) and not re.search(r'\d-\d', piece):
            mended.append(one)
            continue
        end = one.start + len(_NUMBERS_AFTER.sub('', piece)) if piece[:1].isalpha() else one.end
        start = one.start + (match.end() if (match := _NUMBERS_BEFORE.match(piece)) else 0)
        start += match.end() if (match := _MONTH.match(text[start:end])) else 0
        mended.append(Found(start, end, one.label))
    return without_overlaps(_trimmed(text, one) for one in mended)


def cut_at_dashes(text: str, found: list[Found]) -> list[Found]:
    """An entity ends where a dash between spaces begins: "PERU - Copper", but not "2 - Ann Ito"."""
    mended = []
    for one in found:
        match = re.search(r'(?<!\d)\s[-–—]{1,2}\s', text[one.start : one.end])
        mended.append(Found(one.start, one.start + match.start(), one.label) if match else one)
    return mended


def cut_places_at_commas(text: str, found: list[Found]) -> list[Found]:
    """ "The Oval, London" is two places; "Washington, D.C." is one."""
    mended = []
    for one in found:
        match = _COMMA.search(text, one.start, one.end) if one.label in (FAC, GPE, LOC) else None
        if match is None:
            mended.append(one)
            continue
        mended += [Found(one.start, match.start(), one.label), Found(match.end(), one.end, GPE)]
    return without_overlaps(mended)


def trim_titles(text: str, found: list[Found]) -> list[Found]:
    """People without roles, ranks and nationalities before the name."""
    mended = []
    for one in found:
        if one.label == PERSON:
            piece = text[one.start : one.end]
            cut = 0
            while match := _NATIONALITY.match(piece[cut:]) or _TITLES.match(piece[cut:]):
                if _NATIONALITY.match(piece[cut:]):
                    mended.append(Found(one.start + cut, one.start + cut + len(match[0].rstrip()), NORP))
                cut += match.end()
            one = dataclasses.replace(one, start=one.start + cut)
        mended.append(one)
    return without_overlaps(mended)


_INNER_POSSESSIVE = re.compile(r"(?<=\w)\s?['’]s\s+")


def split_at_possessives(text: str, found: list[Found]) -> list[Found]:
    """ "Trump’s Ukraine" as a person is two names; the second is left to the other rules."""
    mended: list[Found] = []
    for one in found:
        match = _INNER_POSSESSIVE.search(text, one.start, one.end) if one.label == PERSON else None
        if match is None:
            mended.append(one)
            continue
        mended += [Found(one.start, match.start(), PERSON), Found(match.end(), one.end, PERSON)]
    return mended
