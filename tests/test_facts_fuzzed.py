"""Datelines, places, outlets and entity rules over any text: no exception, and time that grows with the text.

Time is measured as the number of lines of Python that run, which no other work on the machine changes; what
runs inside a regular expression or a library is held by the comparison of CPU times at the end.
"""

import functools
import itertools
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.articles import Mention, Outlet
from transforms.functions.agencies import load_agencies
from transforms.functions.datelines import parse_dateline
from transforms.functions.entities.labels import GPE, LABELS, ORG, PERSON
from transforms.functions.entities.linking import link_mentions
from transforms.functions.entities.names import person_key, thing_key
from transforms.functions.entities.repairs import REPAIRS, repair
from transforms.functions.entities.spans import Found, without_overlaps
from transforms.functions.entities.tables import load_tables
from transforms.functions.gazetteer import load_gazetteer
from transforms.functions.outlet_home_hints import home_hints
from transforms.functions.outlets import load_outlets
from transforms.functions.place_context import Context, likeliest
from transforms.functions.place_names import fold

_WORDS = (
    'LONDON|Springfield|London|New York|Georgia|Ky.|D.C.|(AP)|Reuters|(|)|/| - |—|--|,|, |:|. |.|March 3|'
    '3 мар|3 مارس آذار|\n|\n\n| |By |（東京|【|】|電|3日|=|القاهرة|-سانا|Butler County|St. |Al-|’s|"|“|”|'
    ' said |, who |Ann Ito|Mr. |Inc of |(NHC)|, based in |2-1|A. B. |€|\u200b|\ud800|\x00|ß|İ|ﬁ|9|Ünsal|'
    'Зеленский|TASS|the '
)
_BITS = st.sampled_from(_WORDS.split('|'))
TEXTS = st.one_of(st.text(max_size=300), st.lists(_BITS, max_size=60).map(''.join))


@settings(max_examples=400, deadline=None)
@given(TEXTS, TEXTS, st.sampled_from(['springfieldnews.com', 'a-b-c.co.uk', 'masslive.com', '', 'x' * 200]))
def test_no_text_and_no_outlet_breaks_a_dateline(text: str, name: str, domain: str) -> None:
    outlet = Outlet('x', name, domain, None)
    found = parse_dateline(text, load_gazetteer(), load_agencies(), outlet=outlet, home=name[:30])
    if found is not None:
        assert 0 < found.body_offset <= len(text)
        assert found.text in text
        assert (found.latitude is None) == (found.country is None)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_every_name_of_a_place_is_looked_up_or_none(name: str) -> None:
    gazetteer = load_gazetteer()
    assert fold(fold(name)) == fold(name)
    for found in (gazetteer.candidates(name), gazetteer.candidates(name + ' Springfield')):
        context = Context(name, None, home_hints(name, name, gazetteer))
        ranked = likeliest(found, context, gazetteer)
        assert len(ranked) == min(len(found), 40) or len(found) < 2
        assert set(ranked) <= set(found)
    load_outlets().named(name)


SPANS = st.lists(
    st.tuples(st.integers(0, 280), st.integers(1, 40), st.sampled_from(sorted(LABELS))), max_size=12
)


@settings(max_examples=400, deadline=None)
@given(TEXTS, SPANS)
def test_repairs_of_any_entities_are_spans_of_the_text_in_order(
    text: str, spans: list[tuple[int, int, str]]
) -> None:
    found = without_overlaps(
        Found(start, min(start + size, len(text)), label) for start, size, label in spans if start < len(text)
    )
    for rule in REPAIRS:
        rule.apply([text, ''], [found, []], load_tables())
    mended, nothing = repair([text, ''], [found, []])
    assert nothing == []
    end = 0
    for one in mended:
        assert end <= one.start < one.end <= len(text)
        assert one.label in LABELS
        end = one.end


@settings(max_examples=300, deadline=None)
@given(TEXTS, SPANS)
def test_linking_gives_every_mention_a_name_and_the_same_id_again(
    text: str, spans: list[tuple[int, int, str]]
) -> None:
    mentions = [
        Mention('body', start, end, text[start:end], label, 0)
        for start, size, label in spans
        if (end := min(start + size, len(text))) > start
    ]
    linked = link_mentions(mentions, {'body': text}, 'en', gazetteer=load_gazetteer())
    assert all(one.entity_id for one in linked)
    assert linked == link_mentions(mentions, {'body': text}, 'en', gazetteer=load_gazetteer())


def lines_run(work: Callable[[], Any]) -> int:
    """How many lines of Python the work runs."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += event == 'line'
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


_PATTERNS = (
    'A', 'A ', 'a', '- ', '(', '(AP) ', 'LONDON, ', 'LONDON. ', '3 March, ', '— ', '\n', ' ', '（', '東京',
    '1 ', '/a', '*', 'مارس ', 'Butler County ', 'Springfield ', 'Ann "', 'Ann Ito, ', 'A. ', 'S-', "O'", '.',
    ',', '“', 'Ünsal ',
)  # fmt: skip


@pytest.mark.parametrize('bit', _PATTERNS)
def test_a_dateline_is_looked_for_in_a_window_and_no_further(bit: str) -> None:
    def parse(text: str) -> None:
        parse_dateline(text, load_gazetteer(), load_agencies())

    for opening in ('', 'LONDON (AP) — ', 'SPRINGFIELD — '):
        parse(opening + bit * 2_000)  # what is looked up is kept from here on
        short, long = (lines_run(functools.partial(parse, opening + bit * n)) for n in (2_000, 40_000))
        assert long <= short * 1.2 + 100
    text = bit * 400_000
    began = time.process_time()
    parse(text)
    assert time.process_time() - began < 0.25  # a search that goes with the square would take minutes


@pytest.mark.parametrize('bit', _PATTERNS)
def test_keys_of_names_take_time_in_line_with_their_length(bit: str) -> None:
    for key in (person_key, thing_key, fold):
        began = time.process_time()
        key(bit * 20_000)
        assert time.process_time() - began < 1.0, key


@pytest.mark.parametrize('bit', _PATTERNS)
def test_repairs_take_time_in_line_with_the_text(bit: str) -> None:
    def seconds(count: int) -> float:
        text = bit * count
        step = max(1, len(bit))
        found = [
            Found(n * step, n * step + step, (PERSON, ORG, GPE)[n % 3])
            for n in range(0, min(count, 4_000), 4)
        ]
        began = time.process_time()
        repair([text], [found])
        return time.process_time() - began

    seconds(100)
    short, long = min(seconds(4_000) for _ in range(3)), min(seconds(32_000) for _ in range(2))
    assert long < 8 * 4 * max(short, 0.02)  # eight times the text; with its square it would be 64 times


def test_linking_takes_time_in_line_with_the_number_of_names() -> None:
    def link(count: int) -> None:
        letters = 'bcdfghjklmnprstvz'
        words = [f'{a}o{b}a{c}en'.title() for a in letters for b in letters for c in letters][: 3 * count]
        surfaces = [(f'{one} {two} Council', ORG) for one, two in itertools.pairwise(words)][::3]
        surfaces += [(f'{one} {two}', PERSON) for one, two in itertools.pairwise(words)][::3]
        surfaces += [(word, (PERSON, ORG)[n % 2]) for n, word in enumerate(words[::3])]
        text = '. '.join(surface for surface, _ in surfaces)
        mentions, at = [], 0
        for surface, label in surfaces:
            mentions.append(Mention('body', at, at + len(surface), surface, label, 0))
            at += len(surface) + 2
        link_mentions(mentions, {'body': text}, 'en')

    link(1_600)  # what is kept by name is kept
    short, long = (lines_run(functools.partial(link, count)) for count in (400, 1_600))
    assert long < 4 * 1.5 * short  # four times the names; with their square it would be 16 times
