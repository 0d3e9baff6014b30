"""Who and what a generated story speaks of: names made from parts, and the slots of the grammar."""

import random

from benchmarks import words
from benchmarks.inflection import adverb, participle, past, plural, with_article

MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July']
MONTHS += ['August', 'September', 'October', 'November', 'December']
WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
NUMBER_WORDS = ['two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve']


def full_name(rng: random.Random) -> str:
    """A person's name."""
    surname = rng.choice(words.SURNAME_BEGINNINGS) + rng.choice(words.SURNAME_MIDDLES)
    surname += rng.choice(words.SURNAME_ENDINGS)
    initial = f' {rng.choice("ABCDEFGHJKLMNPRST")}.' if rng.random() < 0.08 else ''
    return f'{rng.choice(words.GIVEN_NAMES)}{initial} {surname}'


def company_name(rng: random.Random) -> str:
    """A company's or a public body's name."""
    if rng.random() < 0.5:
        return f'{rng.choice(words.COMPANY_WORDS)} {rng.choice(words.COMPANY_KINDS)}'
    whose = rng.choice(['', 'National ', 'Federal ', f'{rng.choice(words.NATIONALITIES)} '])
    kind = rng.choice(words.BODY_KINDS).replace('_', ' ')
    return f'{whose}{rng.choice(words.BODY_SUBJECTS)} {kind}'


def village_name(rng: random.Random) -> str:
    """A place that no gazetteer has to know."""
    return rng.choice(words.PLACE_BEGINNINGS) + rng.choice(words.PLACE_ENDINGS)


class Voice:
    """The slots of the grammar, filled for one story: ``fill`` asks for one slot after the other.

    A story has a subject and a cast; a person is introduced with a role, and later called by surname.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.subject = rng.choice(sorted(words.SUBJECTS))
        self._things = words.SUBJECTS[self.subject][1]
        self._people = [(full_name(rng), _spaced(rng.choice(words.ROLES))) for _ in range(rng.randint(4, 8))]
        self._introduced: set[str] = set()
        self._orgs = [company_name(rng) for _ in range(rng.randint(3, 6))]
        self._cities = rng.sample(words.CITIES, 3)
        self._countries = rng.sample(words.COUNTRIES, 3)
        self._nationalities = rng.sample(words.NATIONALITIES, 3)
        self._villages = [village_name(rng) for _ in range(3)]

    def fill(self, template: str) -> str:
        """The template with each of its slots filled."""
        return template.format_map(self)

    def __getitem__(self, slot: str) -> str:
        if slot[0].isupper():
            return capital(self[slot.lower()])
        value: str = getattr(self, '_slot_' + slot)()
        return value

    def _slot_who(self) -> str:
        name, role = self._rng.choice(self._people)
        if name in self._introduced:
            return name.split()[-1]
        self._introduced.add(name)
        place = self._rng.choice([self._slot_org, self._slot_nat, self._slot_place])()
        return f'{place} {role} {name}'

    def _slot_surname(self) -> str:
        return self._rng.choice(self._people)[0].split()[-1]

    def _slot_said_by(self) -> str:
        if self._rng.random() < 0.4:
            return f'according to {self._slot_org()}'
        return f'{self._slot_who()} {self._rng.choice(["said", "said", "told " + self._slot_org()])}'

    def _slot_role(self) -> str:
        return _spaced(self._rng.choice(words.ROLES))

    def _slot_org(self) -> str:
        return self._rng.choice(self._orgs)

    def _slot_place(self) -> str:
        return self._rng.choice(self._cities)

    def _slot_village(self) -> str:
        return self._rng.choice(self._villages)

    def _slot_country(self) -> str:
        return self._rng.choice(self._countries)

    def _slot_nat(self) -> str:
        return self._rng.choice(self._nationalities)

    def _slot_thing(self) -> str:
        return _spaced(self._rng.choice(self._things))

    def _slot_things(self) -> str:
        return plural(self._slot_thing())

    def _slot_noun(self) -> str:
        return self._rng.choice(words.ABSTRACT_NOUNS)

    def _slot_nouns(self) -> str:
        return plural(self._slot_noun())

    def _slot_adj(self) -> str:
        return self._rng.choice(words.ADJECTIVES)

    def _slot_adj_cons(self) -> str:
        return self._rng.choice([adjective for adjective in words.ADJECTIVES if adjective[0] not in 'aeiou'])

    def _slot_adv(self) -> str:
        return adverb(self._slot_adj())

    def _slot_verb(self) -> str:
        return self._rng.choice(words.VERBS)

    def _slot_verbs(self) -> str:
        return plural(self._slot_verb())

    def _slot_verbed(self) -> str:
        return past(self._slot_verb())

    def _slot_verbing(self) -> str:
        return participle(self._slot_verb())

    def _slot_verbs_things(self) -> str:
        return f'{self._slot_verbs()} the {self._slot_things()} of'

    def _slot_a_adj(self) -> str:
        return with_article(self._slot_adj())

    def _slot_a_noun(self) -> str:
        return with_article(self._slot_noun())

    def _slot_a_thing(self) -> str:
        return with_article(self._slot_thing())

    def _slot_a_role(self) -> str:
        return with_article(self._slot_role())

    def _slot_number(self) -> str:
        return f'{round(10 ** self._rng.uniform(1.1, 5)):,}'

    def _slot_number_word(self) -> str:
        return self._rng.choice(NUMBER_WORDS)

    def _slot_percent(self) -> str:
        return (
            f'{self._rng.uniform(0.3, 88):.{self._rng.choice([0, 1])}f}{self._rng.choice(["%", " percent"])}'
        )

    def _slot_money(self) -> str:
        amount = f'{self._rng.uniform(1.1, 950):.1f}'
        unit = self._rng.choice(['million', 'billion'])
        return self._rng.choice([f'${amount} {unit}', f'€{amount} {unit}', f'{amount} {unit} pounds'])

    def _slot_clock(self) -> str:
        return (
            f'{self._rng.randint(1, 12)}:{self._rng.randint(0, 59):02d} {self._rng.choice(["a.m.", "p.m."])}'
        )

    def _slot_weekday(self) -> str:
        return self._rng.choice(WEEKDAYS)

    def _slot_month(self) -> str:
        return self._rng.choice(MONTHS)

    def _slot_monthday(self) -> str:
        return f'{self._slot_month()} {self._rng.randint(1, 28)}'

    def _slot_year(self) -> str:
        return str(self._rng.randint(1989, 2031))


def _spaced(word: str) -> str:
    return word.replace('_', ' ')


def capital(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]
