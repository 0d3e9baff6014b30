"""Repairs of what a model passes over: mentions that a rule finds, tagged or not."""

import re

from transforms.functions.entities.labels import GPE, LOC, NORP, ORG, PERSON, PRODUCT
from transforms.functions.entities.names import given_names
from transforms.functions.entities.repairs_labels import DEMONYMS, ambiguous
from transforms.functions.entities.sentences import sentence_at, sentence_starts
from transforms.functions.entities.spans import (
    CAPITALISED,
    REST_OF_CAPITALISED,
    Found,
    overlapping,
    replacing,
    without_overlaps,
)
from transforms.functions.entities.tables import Tables
from transforms.functions.entities.words import word_list

# What is looked for in whole texts begins with a set of characters, and looks behind after it: the search
# then passes over all others in one loop instead of trying the expression at each.

# "A. Lindqvist", "J.K. Rowling"
_INITIALS = re.compile(
    r'[A-Z](?<![\w.].)\.[ \xa0]?(?:[A-Z]\.[ \xa0]?){0,2}'
    rf'(?:(?:van|von|de|der|al|bin) )?{CAPITALISED}(?:-[A-Z]\w+)?'
)


_NOT_AFTER_INITIAL = word_list('not_after_initials')


def initials(text: str, found: list[Found]) -> list[Found]:
    """Initials and a capitalised word are a person, tagged or not."""
    people = []
    for match in _INITIALS.finditer(text):
        last = re.split(r'[.\s\xa0]', match[0])[-1]
        if last.lower() in _NOT_AFTER_INITIAL or len(last) < 3:
            continue
        over = overlapping(found, match.start(), match.end())
        if any(one.start < match.start() or one.end > match.end() for one in over):
            continue
        if re.match(r'(?:[A-Z]\.){2,}[ \xa0]', match[0]) and not any(one.label == PERSON for one in over):
            continue  # "U.S. Treasury", "D.C. Circuit"
        people.append(Found(match.start(), match.end(), PERSON))
    return replacing(found, people)


_COUNTY = re.compile(
    r'[DEGHKLMNSWY](?<![\w-].)(?:(?<=E)ssex|(?<=K)ent|(?<=S)(?:urrey|ussex|omerset)|(?<=D)urham|(?<=M)iddlesex|'
    r'(?<=G)lamorgan|(?:(?<=D)erby|(?<=G)loucester|(?<=H)amp|(?<=L)(?:anca|eicester)|'
    r'(?<=N)(?:orthampton|ottingham)|(?<=W)(?:arwick|orcester)|(?<=Y)ork)shire)(?![\w-])'
)


_CRICKET = re.compile(
    r'\b(?:innings|wickets?|overs|bowl(?:ed|ing|er)|batsm[ae]n|batting|runs|county championship|title rivals|'
    r'not out|(?:\d{1,3}-\d{1,3}\b.{0,200}){2})\b|\(\s?(?:[A-Z]\.\s?)+[A-Z][a-z]+ \d{1,3}\b'
)


def counties(text: str, found: list[Found]) -> list[Found]:
    """In a sentence of cricket an English county is its team, tagged or not."""
    if not _COUNTY.search(text):
        return found
    starts = sentence_starts(text)
    teams = []
    for match in _COUNTY.finditer(text):
        at = sentence_at(starts, match.start())
        sentence = text[starts[at] : starts[at + 1] if at + 1 < len(starts) else len(text)]
        if _CRICKET.search(sentence) and not re.search(
            r'[A-Z]\w+ ?, $', text[max(0, match.start() - 12) : match.start()]
        ):
            teams.append(Found(match.start(), match.end(), ORG))
    return replacing(found, teams)


_NOT_NAMES = word_list('not_speakers')


_QUOTE_THEN_NAME = re.compile(
    rf'["”A-Zhs](?:(?<=["”])\s?(?:(?P<a>{CAPITALISED}) (?:said|says|told|added|explained|wrote)\b|'
    rf'(?:said|says|added|explained) (?P<b>{CAPITALISED})(?!\w| ?[A-Z]))|'
    rf'(?<=[A-Z])(?<![\w.’\'-].)(?P<c>{REST_OF_CAPITALISED})(?:\s?, (?:who|whom)\b|'
    rf' (?:said|told \w+)(?: on \w+)?(?: that)? (?:he|she|his|her)\b|'
    rf'\s?, \d\d\s?, (?=[a-z]))|'
    rf'(?<!\w.)(?:(?<=h)|(?<=s)h)e and (?P<d>{CAPITALISED}) (?=[a-z]))'
)


def speakers(text: str, found: list[Found], tables: Tables) -> list[Found]:
    """One unknown word that speaks beside a quotation or of "he", before ", who" or an age, is a person."""
    people = []
    for match in _QUOTE_THEN_NAME.finditer(text):
        group = match.lastgroup or 'a'
        start, end = match.start() if group == 'c' else match.start(group), match.end(group)
        name = text[start:end]
        if name.lower() in _NOT_NAMES or name.lower() in DEMONYMS or tables.thing(name) is not None:
            continue
        person = Found(start, end, PERSON)
        inside_a_name = any(
            (one.start, one.end) != (person.start, person.end)
            for one in overlapping(found, person.start, person.end)
        ) or re.search(r'[A-Z]\w*\.? $', text[max(0, person.start - 15) : person.start])
        if not inside_a_name:
            people.append(person)
    return replacing(found, people)


# From the quotation mark on: there are far fewer of them than of capitalised words.
_NICKNAMED = re.compile(rf'["“] ?[A-Z][\w’\' -]{{1,30}}? ?["”] {CAPITALISED}')
_GIVEN_BEFORE = re.compile(rf'(?<![\w.])(?P<given>{CAPITALISED}) $')


def nicknames(text: str, found: list[Found]) -> list[Found]:
    """A given name, a nickname in quotation marks and a capitalised word are one person."""
    people = []
    for match in _NICKNAMED.finditer(text):
        start = max(0, match.start() - 50)
        before = _GIVEN_BEFORE.search(text[start : match.start()])
        if before is not None and before['given'].lower() in given_names():
            people.append(Found(start + before.start(), match.end(), PERSON))
    return replacing(found, people)


_IN_BRACKETS = re.compile(r'\s?\(\s?(?P<acronym>[A-Z][A-Z.&]{1,8})\s?\)')


def acronyms(text: str, found: list[Found]) -> list[Found]:
    """The acronym in brackets after an organisation is that organisation, if it ends with its initials."""
    new = []
    for one in found:
        match = _IN_BRACKETS.match(text, one.end) if one.label == ORG else None
        if match is None or ' ' not in text[one.start : one.end]:
            continue
        # Models begin names late: "[Russian] National Airline (RNA)".
        words = re.findall(r'[A-Za-z]+', text[max(0, one.start - 40) : one.end])
        initials = ''.join(word[0] for word in words if word[0].isupper())
        if initials.endswith(match['acronym'].replace('.', '')):
            new.append(Found(match.start('acronym'), match.end('acronym'), ORG))
    return replacing(found, new)


_BASED = re.compile(rf'[A-Z](?<![\w.’\'-].){REST_OF_CAPITALISED}(?= ?, based in\b)')


def based(text: str, found: list[Found]) -> list[Found]:
    """One word that is ", based in" somewhere is an organisation, tagged or not."""
    if ', based in' not in text:
        return found
    new = []
    for match in _BASED.finditer(text):
        one = Found(match.start(), match.end(), ORG)
        over = overlapping(found, one.start, one.end)
        if all(one.start <= other.start and other.end <= one.end for other in over):
            new.append(one)
    return replacing(found, new)


_PLACE_BEFORE = re.compile(r'\b(?:town|city|village|capital|province|district|port|suburb)(?: of)? $')


_PLACE_OF = re.compile(
    rf'\b(?:town|city|village|capital|province) of (?P<place>{CAPITALISED}(?: {CAPITALISED})?)'
)


def places_by_context(text: str, found: list[Found], tables: Tables) -> list[Found]:
    """What follows "the town of" or "the capital" is a place, tagged or not."""
    mended = [
        Found(one.start, one.end, GPE)
        if one.label in (ORG, PERSON, NORP, PRODUCT)
        and _PLACE_BEFORE.search(text[max(0, one.start - 14) : one.start])
        and ' ' not in text[one.start : one.end]
        and tables.thing(text[one.start : one.end]) is None
        else one
        for one in found
    ]
    new = [Found(match.start('place'), match.end('place'), GPE) for match in _PLACE_OF.finditer(text)]
    return replacing(new, mended)


_RUN = re.compile(r'[A-Z](?<![\w.’\'-].)[\w.]*(?: [A-Z][\w.]*)*(?![\w-])')


def known_places(text: str, found: list[Found], tables: Tables) -> list[Found]:
    """Places of the tables that stand alone are mentions though the model passed them over."""
    new = []
    for match in _RUN.finditer(text):
        name = match[0]
        known = tables.thing(name)
        if (
            known is not None
            and known.label in (GPE, LOC)
            and len(name) > 3
            and not overlapping(found, match.start(), match.end())
            and not ambiguous(name.title())
        ):
            new.append(Found(match.start(), match.end(), known.label))
    return without_overlaps([*found, *new])
