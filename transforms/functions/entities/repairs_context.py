"""Repairs of what an entity is, from its words and the words around it."""

import functools
import re

from transforms.functions.entities.labels import EVENT, FAC, GPE, LANGUAGE, LOC, NORP, ORG, PERSON, PRODUCT
from transforms.functions.entities.names import given_names
from transforms.functions.entities.sentences import sentence_at, sentence_starts
from transforms.functions.entities.spans import Found, without_overlaps
from transforms.functions.entities.tables import tables

_CAPITALISED = r'[A-Z][\w’\'-]*[a-z][\w’\'-]*'
# "M. McCague", "J.K. Rowling"
_INITIALS = re.compile(
    rf'(?<![\w.])(?:[A-Z]\.[ \xa0]?){{1,3}}(?:(?:van|von|de|der|al|bin) )?{_CAPITALISED}(?:-[A-Z]\w+)?'
)
_NOT_AFTER_INITIAL = frozenset('the a in on at he she it they we but and for of inc corp co ltd st'.split())

# Last words of an entity that say what it is, whatever the model says.
_LAST_WORDS = {
    ORG: 'inc corp corporation ltd plc llc gmbh co company companies holdings bank university college party '
    'ministry association federation league council committee commission agency authority institute foundation '
    'group united fc rovers rangers wanderers athletic exchange airlines airways times post tribune gazette '
    'herald news newspaper union organization organisation brigade regiment battalion division army navy '
    'parliament congress senate assembly court department bureau club pharmaceuticals industries motors '
    'partners associates records television broadcasting society orchestra alliance',
    FAC: 'airport stadium street avenue highway bridge square boulevard bridge turnpike plaza hotel arena',
    LOC: 'river mountains sea ocean islands island valley peninsula bay desert gulf lake coast archipelago',
    GPE: 'province county oblast prefecture governorate',
}  # fmt: skip
_KIND_OF_LAST_WORD = {word: label for label, words in _LAST_WORDS.items() for word in words.split()}

_ALSO_STATES = frozenset('union federation bank united group alliance'.split())

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
    r'(?:\s[\'’]s)?\s(?:captain|skipper|striker|midfielder|defender|goalkeeper|winger|batsman|bowler|team[ -]?mates?|'
    r'players?|fans|supporters|franchise|have a game|season|side\b)|\s\d{1,3}-\d{1,2}\b|\s\d{1,3}(?:\s(?:for|and|\())'
)
_CLUB_BEFORE = re.compile(
    r'\b(?:beat|beating|defeated|thrashed|thumped|club|side|team|division|against|joined|signed for|played for|'
    r'plays for|draw with|drew with|transferred to|lost to|loan to|defeat by|win over|victory over)\s(?:the\s)?$'
)
_DEMONYMS = frozenset(
    'american british english scottish welsh irish french german italian spanish portuguese dutch belgian swiss '
    'austrian danish swedish norwegian finnish icelandic polish czech slovak slovenian hungarian romanian '
    'bulgarian greek turkish russian ukrainian belarusian moldovan serbian croatian bosnian albanian macedonian '
    'montenegrin kosovar chechen georgian armenian azerbaijani kazakh uzbek tajik kyrgyz turkmen israeli '
    'palestinian syrian lebanese jordanian iraqi iranian saudi kuwaiti qatari bahraini omani yemeni emirati '
    'egyptian libyan tunisian algerian moroccan sudanese kenyan ugandan rwandan ethiopian eritrean somali nigerian '
    'ghanaian senegalese malian cameroonian congolese angolan zambian zimbabwean indian pakistani bangladeshi '
    'nepalese afghan chinese japanese korean taiwanese tibetan thai vietnamese cambodian laotian burmese '
    'indonesian malaysian singaporean filipino australian canadian mexican cuban haitian jamaican colombian '
    'brazilian argentine argentinian chilean panamanian venezuelan peruvian bolivian ecuadorian european african '
    'asian arab kurdish kurd jewish muslim christian sunni shiite catholic protestant latvian lithuanian estonian '
    'briton swede dane finn pole serb croat turk arabs kurds jews muslims christians ukrainians russians '
    'americans europeans israelis palestinians iranians iraqis syrians turks germans italians britons poles serbs '
    'croats canadians australians africans asians indians georgians armenians mexicans lebanese afghans'.split()
)


def initials(text: str, found: list[Found]) -> list[Found]:
    """Initials and a capitalised word are a person, tagged or not."""
    people = []
    for match in _INITIALS.finditer(text):
        last = re.split(r'[.\s\xa0]', match[0])[-1]
        if last.lower() in _NOT_AFTER_INITIAL or len(last) < 3:
            continue
        over = [one for one in found if one.start < match.end() and match.start() < one.end]
        if any(one.start < match.start() or one.end > match.end() for one in over):
            continue
        if re.match(r'(?:[A-Z]\.){2,}[ \xa0]', match[0]) and not any(one.label == PERSON for one in over):
            continue  # "U.S. Treasury", "D.C. Circuit"
        people.append(Found(match.start(), match.end(), PERSON))
    return without_overlaps([*people, *(one for one in found if not _hit(one, people))])


def known_names(text: str, found: list[Found]) -> list[Found]:
    """Places, organisations and nationalities of the tables are what the tables say: Kyiv is no person."""
    mended = []
    for one in found:
        piece = text[one.start : one.end]
        label = _known_label(piece)
        if label is None or label == one.label or _as_good(label, one.label):
            mended.append(one)
        elif one.label == PERSON and _ambiguous(piece):
            mended.append(one)
        else:
            mended.append(Found(one.start, one.end, label))
    return mended


@functools.lru_cache(maxsize=8192)
def _known_label(name: str) -> str | None:
    if name.lower() in _DEMONYMS and name[:1].isupper():
        return NORP
    known = tables().thing(name)
    if known is not None:
        return known.label
    return None


def _as_good(known: str, label: str) -> bool:
    places = (GPE, LOC, FAC)
    return (known in places and label in places) or (known == NORP and label == LANGUAGE) or label == EVENT


def _ambiguous(name: str) -> bool:
    # Sydney, Chad, Victoria: people are called so too.
    return name.casefold() in given_names() or name in _ALSO_SURNAMES


_ALSO_SURNAMES = frozenset(
    'Jordan Chad Georgia Israel Paris London Washington Lincoln Austin Houston Dallas Jackson Jefferson Madison '
    'Milan Sofia Florence Santiago Kingston Wellington Hamilton Victoria Sydney Melbourne Cork Ireland England '
    'France Holland Bath Reading Monroe Montgomery Orlando Virginia Carolina Chester Kent Montana Dakota'.split()
)


def last_words(text: str, found: list[Found]) -> list[Found]:
    """ "Manchester United" and "Kloof Mining Co" are no people, "Kharkiv airport" no organisation."""
    mended = []
    for one in found:
        words = text[one.start : one.end].replace('.', '').split()
        label = _KIND_OF_LAST_WORD.get(words[-1].lower()) if len(words) > 1 else None
        if label is None or tables().thing(text[one.start : one.end]) is not None:
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


def given_names_first(text: str, found: list[Found]) -> list[Found]:
    """Two or three capitalised words of which the first is a given name are a person."""
    mended = []
    for one in found:
        words = text[one.start : one.end].split()
        if (
            one.label not in (PERSON, EVENT, NORP)
            and 2 <= len(words) <= 3
            and words[0][1:].islower()
            and words[0].lower() in given_names()
            and all(re.fullmatch(_CAPITALISED, word) for word in words)
            and words[-1].lower() not in _KIND_OF_LAST_WORD
            and tables().thing(' '.join(words)) is None
        ):
            one = Found(one.start, one.end, PERSON)
        mended.append(one)
    return mended


def people_by_context(text: str, found: list[Found]) -> list[Found]:
    """One or two unknown words before an age or "who", or after a role, are a person."""
    mended = []
    for one in found:
        piece = text[one.start : one.end]
        if (
            one.label not in (PERSON, NORP)
            and re.fullmatch(rf'{_CAPITALISED}(?: {_CAPITALISED})?', piece)
            and piece.split()[-1].lower() not in _KIND_OF_LAST_WORD
            and (tables().thing(piece) is None or _ambiguous(piece))
            and (
                _PERSON_AFTER.match(text, one.end)
                or _PERSON_BEFORE.search(text[max(0, one.start - 24) : one.start])
            )
        ):
            one = Found(one.start, one.end, PERSON)
        mended.append(one)
    return mended


_COUNTY = re.compile(
    r'(?<![\w-])(?:Essex|Kent|Surrey|Sussex|Somerset|Durham|Middlesex|Glamorgan|(?:Derby|Gloucester|Hamp|Lanca|'
    r'Leicester|Northampton|Nottingham|Warwick|Worcester|York)shire)(?![\w-])'
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
    return without_overlaps([*teams, *(one for one in found if not _hit(one, teams))])


_NOT_NAMES = frozenset(
    'he she they it we you i who those these this that the and but people others many some everyone anyone nobody '
    'all most one another men women children residents officials critics analysts police witnesses'.split()
)
_QUOTE_THEN_NAME = re.compile(
    rf'(?<=["”])\s?(?P<a>{_CAPITALISED}) (?:said|says|told|added|explained|wrote)\b|'
    rf'(?<=["”])\s?(?:said|says|added|explained) (?P<b>{_CAPITALISED})(?!\w| ?[A-Z])|'
    rf'(?<![\w.’\'-])(?P<c>{_CAPITALISED})\s?, (?:who|whom)\b'
)


def speakers(text: str, found: list[Found]) -> list[Found]:
    """One unknown word that speaks beside a quotation, or that ", who" follows, is a person, tagged or not."""
    people = []
    for match in _QUOTE_THEN_NAME.finditer(text):
        group = match.lastgroup or 'a'
        name = match[group]
        if name.lower() in _NOT_NAMES or name.lower() in _DEMONYMS or tables().thing(name) is not None:
            continue
        person = Found(match.start(group), match.end(group), PERSON)
        if not any(
            _hit(one, [person]) and (one.start, one.end) != (person.start, person.end) for one in found
        ):
            if not re.search(r'[A-Z]\w*\.? $', text[max(0, person.start - 15) : person.start]):
                people.append(person)
    return without_overlaps([*people, *(one for one in found if not _hit(one, people))])


_PLACE_BEFORE = re.compile(r'\b(?:town|city|village|capital|province|district|port|suburb)(?: of)? $')
_PLACE_OF = re.compile(
    rf'\b(?:town|city|village|capital|province) of (?P<place>{_CAPITALISED}(?: {_CAPITALISED})?)'
)


def places_by_context(text: str, found: list[Found]) -> list[Found]:
    """What follows "the town of" or "the capital" is a place, tagged or not."""
    mended = [
        Found(one.start, one.end, GPE)
        if one.label in (ORG, PERSON, NORP, PRODUCT)
        and _PLACE_BEFORE.search(text[max(0, one.start - 14) : one.start])
        and ' ' not in text[one.start : one.end]
        and tables().thing(text[one.start : one.end]) is None
        else one
        for one in found
    ]
    new = [Found(match.start('place'), match.end('place'), GPE) for match in _PLACE_OF.finditer(text)]
    return without_overlaps([*mended, *(one for one in new if not _hit(one, mended))])


_CAPITALISED_RUN = re.compile(r'(?<![\w.’\'-])[A-Z][\w.]*(?: [A-Z][\w.]*)*(?![\w-])')


def known_places(text: str, found: list[Found]) -> list[Found]:
    """Places of the tables that stand alone are mentions though the model passed them over."""
    taken = {at for one in found for at in range(one.start, one.end)}
    new = []
    for match in _CAPITALISED_RUN.finditer(text):
        if match.start() in taken or match.end() - 1 in taken:
            continue
        name = match[0]
        known = tables().thing(name)
        if known is not None and known.label in (GPE, LOC) and len(name) > 3 and not _ambiguous(name.title()):
            new.append(Found(match.start(), match.end(), known.label))
    return without_overlaps([*found, *new])


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
    r'(?:the )?(?:Education|Defen[cs]e|State|Agriculture|Finance|Interior|Foreign(?: Affairs)?|Health|Justice|Energy|'
    r'Trade|Treasury|Transport|Labou?r|Commerce|Environment|Culture|Sports?|Home|Prime)'
)


def clubs(text: str, found: list[Found]) -> list[Found]:
    """A town that bowls, scores or has a striker is its club; countries stay countries."""
    mended = []
    for one in found:
        piece = text[one.start : one.end]
        known = tables().thing(piece)
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


def _hit(one: Found, others: list[Found]) -> bool:
    return any(one.start < other.end and other.start < one.end for other in others)
