"""Copies of texts as other outlets print them, edited by a known share of their words, and texts that only
look like copies. All from a seed.
"""

import random
from collections.abc import Callable, Sequence

from benchmarks import words
from benchmarks.voice import WEEKDAYS, company_name, full_name

Lines = list[list[str]]  # paragraphs, each a list of words
Edit = Callable[[random.Random, Lines, float, Sequence[str]], Lines]


def paragraphs_of(text: str) -> Lines:
    """A text as paragraphs of words."""
    return [line.split() for line in text.split('\n') if line.split()]


def text_of(lines: Lines) -> str:
    """The paragraphs as a text again."""
    return '\n'.join(' '.join(line) for line in lines)


def substitute(rng: random.Random, lines: Lines, rate: float, spare: Sequence[str]) -> Lines:
    """Scattered words are replaced by others."""
    return _scattered(rng, lines, rate, spare, 's')


def delete(rng: random.Random, lines: Lines, rate: float, spare: Sequence[str]) -> Lines:
    """Scattered words are left out."""
    return _scattered(rng, lines, rate, spare, 'd')


def insert(rng: random.Random, lines: Lines, rate: float, spare: Sequence[str]) -> Lines:
    """Words are added here and there."""
    return _scattered(rng, lines, rate, spare, 'i')


def mix(rng: random.Random, lines: Lines, rate: float, spare: Sequence[str]) -> Lines:
    """Words are replaced, left out and added."""
    return _scattered(rng, lines, rate, spare, 'sdi')


def invent(rng: random.Random, lines: Lines, rate: float, _: Sequence[str]) -> Lines:
    """Scattered words are replaced by words that no text has."""
    return _scattered(rng, lines, rate, [f'x{rng.getrandbits(40):x}' for _ in range(500)], 's')


def replace_block(rng: random.Random, lines: Lines, rate: float, spare: Sequence[str]) -> Lines:
    """One stretch is replaced by another text."""
    flat, count = _flat(lines), _count(lines, rate)
    start = rng.randrange(len(flat) - count + 1)
    other = rng.randrange(max(len(spare) - count, 1))
    return [flat[:start], list(spare[other : other + count]), flat[start + count :]]


def cut_tail(_: random.Random, lines: Lines, rate: float, __: Sequence[str]) -> Lines:
    """The end is cut off."""
    flat = _flat(lines)
    return [flat[: len(flat) - _count(lines, rate)]]


def add_tail(rng: random.Random, lines: Lines, rate: float, spare: Sequence[str]) -> Lines:
    """A paragraph is added at the end."""
    return [*lines, replace_block(rng, lines, rate, spare)[1]]


def move_paragraph(rng: random.Random, lines: Lines, rate: float, spare: Sequence[str]) -> Lines:
    """A paragraph stands elsewhere, and words are replaced."""
    moved = list(lines)
    paragraph = moved.pop(rng.randrange(len(moved)))
    moved.insert(rng.randrange(len(moved) + 1), paragraph)
    return substitute(rng, moved, rate, spare)


def retitle(rng: random.Random, lines: Lines, rate: float, spare: Sequence[str]) -> Lines:
    """Another headline and another credit; of the rest fewer words are replaced, to the same rate."""
    other = random.Random(rng.random()).sample(list(spare), min(7, _count(lines, rate)))
    credit = [rng.choice(words.CITIES).upper(), f'({rng.choice(words.AGENCIES)})', '-']
    left = max(rate - len(other) / max(sum(map(len, lines)), 1), 0)
    rest = substitute(rng, lines[1:] or lines, left, spare) if left else lines[1:] or lines
    return [other, [*credit, *rest[0]], *rest[1:]]


COPIES: dict[str, Edit] = {
    'substituted': substitute,
    'deleted': delete,
    'inserted': insert,
    'mixed': mix,
    'new words': invent,
    'block replaced': replace_block,
    'tail cut': cut_tail,
    'tail added': add_tail,
    'paragraph moved': move_paragraph,
}


def _scattered(rng: random.Random, lines: Lines, rate: float, spare: Sequence[str], ways: str) -> Lines:
    total = sum(map(len, lines))
    chosen = set(rng.sample(range(total), min(_count(lines, rate), total)))
    edited: Lines = []
    at = 0
    for line in lines:
        out: list[str] = []
        for word in line:
            way = rng.choice(ways) if at in chosen else ''
            if way != 's' and way != 'd':
                out.append(word)
            if way in ('s', 'i'):
                out.append(rng.choice(spare))
            at += 1
        edited.append(out)
    return edited


def _flat(lines: Lines) -> list[str]:
    return [word for line in lines for word in line]


def _count(lines: Lines, rate: float) -> int:
    return max(round(sum(map(len, lines)) * rate), 1)


def weather(rng: random.Random) -> str:
    """A forecast from a template."""
    low = rng.randint(-5, 18)
    return (
        f'Weather for {rng.choice(words.CITIES)} on {rng.choice(WEEKDAYS)}\n'
        f'Expect {rng.choice(["sunny spells", "light rain", "heavy showers", "morning fog", "snow"])} with '
        f'temperatures between {low} and {low + rng.randint(4, 12)} degrees. The wind will blow from the '
        f'{rng.choice(["north", "south", "east", "west"])} at {rng.randint(5, 60)} km/h. The chance of rain '
        f'is {rng.randint(0, 100)} percent and humidity {rng.randint(30, 95)} percent. Sunrise is at '
        f'{rng.randint(5, 8)}:{rng.randint(10, 59)} and sunset at {rng.randint(16, 21)}:{rng.randint(10, 59)}'
    )


def match(rng: random.Random) -> str:
    """A match report from a template."""
    home, away = rng.sample(words.CITIES, 2)
    goals = [f'{full_name(rng)} scored in minute {rng.randint(1, 90)}.' for _ in range(rng.randint(1, 5))]
    return (
        f'{home} {rng.randint(0, 5)}, {away} {rng.randint(0, 5)}\n{home} met {away} in front of '
        f'{rng.randint(900, 60_000)} on {rng.choice(WEEKDAYS)}. {" ".join(goals)} {full_name(rng)} was '
        f'booked after {rng.randint(10, 90)} minutes. {home} next play {rng.choice(words.CITIES)}, '
        f'while {away} go to {rng.choice(words.CITIES)}. The referee was {full_name(rng)}.'
    )


def shares(rng: random.Random) -> str:
    """A report on a share's price from a template."""
    name = company_name(rng)
    return (
        f'{name} shares {rng.choice(["rise", "fall", "edge up", "slip"])} {rng.uniform(0.1, 9):.2f} percent\n'
        f'Shares of {name} closed at {rng.uniform(2, 900):.2f} on {rng.choice(WEEKDAYS)}, after '
        f'{rng.uniform(2, 900):.2f} the day before. The volume was {rng.randint(10_000, 9_000_000)} shares, '
        f'against an average of {rng.randint(10_000, 9_000_000)}. The company is worth '
        f'{rng.uniform(0.1, 300):.1f} billion, {rng.uniform(5, 60):.1f} times its earnings. Its year low is '
        f'{rng.uniform(1, 90):.2f} and its year high {rng.uniform(90, 990):.2f}. {full_name(rng)} of '
        f'{company_name(rng)} rates it {rng.choice(["buy", "hold", "sell"])}.'
    )


TEMPLATES = {'weather': weather, 'match': match, 'shares': shares}
