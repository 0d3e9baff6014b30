"""Factored alternations recognise what plain ones do."""

import itertools
import random
import re

import pytest

from transforms.functions.extraction import marks, markup, phrases
from transforms.functions.extraction.alternations import any_of

_PHRASES = (
    'share',
    'sharing',
    'ads?',
    r'ad-\w+',
    'tags?',
    'tag-list',
    '(?:tag|topic)s?[_-]{0,2}box',
    'x|y(?:a|b)',
)
_MORE = (
    '(?:in)?box',
    r'more-(?:on|from)',
    r'[|)]x',
    r'\|',
    r'\(c\)',
    'e{2}',
    '(?:a|ad)verts',
    'AP',
    'AP Photo',
)


def test_finds_what_a_plain_alternation_finds_at_the_same_place() -> None:
    given = (*_PHRASES, *_MORE)
    plain = re.compile(rf'[ _-](?:{"|".join(given)})(?:$|[ _-])')
    factored = re.compile(rf'[ _-]{any_of(*given)}(?:$|[ _-])')
    words = (
        'share',
        'sharing',
        'ad',
        'ads',
        'ad-top',
        'tag',
        'tags',
        'tag-list',
        'topics__box',
        'tagbox',
        'x',
    )
    words += (
        'ya',
        'y',
        'box',
        'inbox',
        'more-on',
        'more',
        ')x',
        '|',
        '(c)',
        'ee',
        'adverts',
        'AP',
        'AP Photo',
        'e',
    )
    rng = random.Random(5)
    names = [
        ''.join(rng.choice('-_ ') + rng.choice(words) for _ in range(rng.randint(1, 4))) for _ in range(4_000)
    ]
    spans = [_span(plain, name) for name in names]
    assert [_span(factored, name) for name in names] == spans
    assert None in spans and len(set(spans)) > 20


@pytest.mark.parametrize('pattern', ['a|b', '(?:a|b)c', '(?:a|b)?c', r'a\|b', '[a|b]', '(?:a|[)|])b|c'])
def test_every_alternative_stays(pattern: str) -> None:
    lines = [
        ''.join(letters) for length in (1, 2, 3) for letters in itertools.product('abc|)', repeat=length)
    ]
    whole = re.compile(any_of(pattern))
    assert [line for line in lines if whole.fullmatch(line)] == [
        line for line in lines if re.fullmatch(pattern, line)
    ]


def test_what_tells_a_name_misses_none_of_the_three() -> None:
    rng = random.Random(7)
    words = [
        'article',
        'story',
        'image',
        'photo',
        'caption',
        'tags',
        'list',
        'intro',
        'sub',
        'title',
        'deck',
        'wp',
    ]
    found = 0
    for _ in range(20_000):
        name = ''.join(
            rng.choice(('-', '_', '__', ' ', '')) + rng.choice(words) for _ in range(rng.randint(1, 4))
        )
        said = any(one.search(f' {name}') for one in (marks._STANDFIRST, marks._CAPTION, marks._TAGS))
        found += said
        assert not said or marks._TELLING.search(f' {name}'), name
    assert found > 100


def test_what_names_a_notice_holds_one_of_its_parts() -> None:
    for name in (
        'onetrust-banner',
        'cookie',
        'my-consent',
        'gdpr',
        'privacy-box',
        'comments',
        'comment-list x',
    ):
        assert markup._NOTICE.search(name) and any(part in name for part in markup._NOTICE_PARTS), name


def test_desks_are_recognised_whole() -> None:
    desk = re.compile(rf'{phrases.DESKS}$')
    assert all(map(desk.match, ('AP', 'AFP Photo', 'Getty', 'Getty Images', 'EPA-EFE', 'PA Wire', 'Imago')))
    assert not any(map(desk.match, ('A', 'APX', 'Getty Image', 'Agence')))


def _span(pattern: re.Pattern[str], text: str) -> tuple[int, int] | None:
    found = pattern.search(text)
    return found.span() if found else None
