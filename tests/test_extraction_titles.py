"""Titles that several places of a page state differently."""

import pytest

from schemas.vocabulary import EvidenceSource
from transforms.functions.extraction.metadata import Candidate
from transforms.functions.extraction.titles import choose_title

LD, OG = EvidenceSource.JSON_LD.value, EvidenceSource.OPEN_GRAPH.value
PAGE, META = EvidenceSource.PAGE.value, EvidenceSource.META.value
URL = 'https://www.example.org/a'


def chosen(*candidates: tuple[str, str]) -> str:
    best = choose_title([Candidate(value, source) for source, value in candidates], [], ['Daily Plum'], URL)
    assert best is not None
    return best.value


def test_a_headline_that_two_places_put_under_different_kickers_is_the_title() -> None:
    found = chosen((OG, 'Drought in the north: "It never rained"'), (PAGE, 'Farming - "It never rained"'))
    assert found == '"It never rained"'


@pytest.mark.parametrize('other', ['Coach Ann Ito', 'Interim coach Ann Ito'])
def test_what_two_places_put_before_a_quote_in_like_words_is_part_of_the_title(other: str) -> None:
    found = chosen((OG, 'Coach Ann Ito: "Not much to lose"'), (PAGE, f'{other}: "Not much to lose"'))
    assert found.startswith('Coach Ann Ito: ')


def test_a_heading_loses_the_kicker_that_stands_in_the_same_element() -> None:
    found = chosen((PAGE, 'Premier League Setback in the race'), (META, 'Setback in the race | Daily Plum'))
    assert found == 'Setback in the race'


def test_a_dialogs_heading_is_no_title() -> None:
    found = chosen(
        (PAGE, 'Log In'), (PAGE, 'Rain ends the drought'), (META, 'Rain ends the drought | Daily Plum')
    )
    assert found == 'Rain ends the drought'


def test_what_is_shown_when_a_page_is_shared_outvotes_json_ld_and_heading() -> None:
    shared = 'Rain ends the drought'
    longer = 'Rain ends the drought that lasted three years'
    assert chosen((LD, longer), (OG, shared), (META, shared), (PAGE, longer)) == shared
    assert chosen((LD, longer), (OG, shared), (PAGE, longer)) == longer
