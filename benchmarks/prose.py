"""News-like English from a grammar: stories with a cast that recurs, quotes, figures and datelines.

Nothing of it is news. The sentences are shaped like the news so that extraction, tokenizing and tagging
do the work they do on real pages: 1 000 tokens hold about 105 entities, and about 100 in the bodies of
scrapinghub/article-extraction-benchmark (both as en_core_web_sm tags them).
"""

import dataclasses
import datetime
import random

from benchmarks import words
from benchmarks.templates import HEADLINES, LEADS, QUOTES, REMARKS, SENTENCES
from benchmarks.voice import MONTHS, Voice, capital, full_name

# A third to a half of agency and broadcasters' copy opens with a dateline.
DATELINE_SHARE = 0.4

AGENCY_SHARE = 0.6


@dataclasses.dataclass(frozen=True)
class Story:
    """What a page is made of: plain text, not yet markup."""

    subject: str  # a key of words.SUBJECTS
    headline: str
    standfirst: str
    paragraphs: tuple[str, ...]
    subheads: tuple[tuple[int, str], ...]  # the paragraph each stands before, and its text
    caption: str
    credit: str
    byline: str
    tags: tuple[str, ...]
    comments: tuple[tuple[str, str], ...]  # name and text

    @property
    def word_count(self) -> int:
        """Words of all paragraphs."""
        return sum(len(paragraph.split()) for paragraph in self.paragraphs)


def write_story(rng: random.Random, when: datetime.datetime, outlet: str) -> Story:
    """A story of about 600 to 900 words.

    Args:
        when: its publication, which the dateline's day agrees with.
        outlet: the name that a dateline of the outlet's own prints, as in 'ERBIL (Daily Star) –'.
    """
    voice = Voice(rng)
    wanted = rng.randint(600, 870)
    opening = voice.fill(rng.choice(LEADS))
    paragraphs = [_dateline(rng, when, outlet, voice) + opening]
    count = len(opening.split())
    while count < wanted:
        paragraph = _quotation(rng, voice) if rng.random() < 0.3 else _paragraph(rng, voice)
        paragraphs.append(paragraph)
        count += len(paragraph.split())
    places = sorted(rng.sample(range(2, len(paragraphs) - 1), rng.choice([0, 0, 1, 2])))
    return Story(
        subject=voice.subject,
        headline=capital(voice.fill(rng.choice(HEADLINES))),
        standfirst=voice.fill(rng.choice(SENTENCES)),
        paragraphs=tuple(paragraphs),
        subheads=tuple((place, capital(voice.fill('{adj} {nouns}'))) for place in places),
        caption=voice.fill(rng.choice(SENTENCES)),
        credit=f'{full_name(rng)}/{rng.choice(words.AGENCIES)}',
        byline=full_name(rng),
        tags=(words.SUBJECTS[voice.subject][0], voice['country'], voice['org'], voice['noun']),
        comments=tuple(
            (full_name(rng), voice.fill('. '.join(rng.sample(REMARKS, rng.randint(1, 3)))) + '.')
            for _ in range(rng.randint(6, 18))
        ),
    )


def headline(rng: random.Random) -> str:
    """A headline on its own, for lists of links."""
    return capital(Voice(rng).fill(rng.choice(HEADLINES)))


def _paragraph(rng: random.Random, voice: Voice) -> str:
    return ' '.join(voice.fill(one) for one in rng.sample(SENTENCES, rng.choice([1, 1, 2, 2, 3])))


def _quotation(rng: random.Random, voice: Voice) -> str:
    quote = capital(voice.fill(rng.choice(QUOTES)))
    more = f' “{capital(voice.fill(rng.choice(QUOTES)))}.”' if rng.random() < 0.5 else ''
    return f'“{quote},” {voice["who"]} said.{more}'


def _dateline(rng: random.Random, when: datetime.datetime, outlet: str, voice: Voice) -> str:
    if rng.random() >= DATELINE_SHARE:
        return ''
    place = voice['place']
    source = rng.choice(words.AGENCIES) if rng.random() < AGENCY_SHARE else outlet
    day = f'{MONTHS[when.month - 1]} {when.day}'
    return rng.choice(
        [
            f'{place.upper()} ({source}) – ',
            f'{place.upper()}, {day} ({source}) - ',
            f'{place.upper()} ({source}) — ',
            f'{place}, {voice["country"]} — ',
        ]
    )
