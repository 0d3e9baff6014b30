"""Outlets that datelines and bylines name: evidence, and an aggregator's story is theirs."""

from typing import Optional

import pytest

from schemas.articles import Evidence
from tests.made_rows import article
from transforms.functions.analysis import make_dateline_parser, make_outlet_resolver
from transforms.functions.outlets import load_outlets


def found(url: str, body: str, authors: tuple[str, ...] = ()) -> tuple[Optional[str], list[Evidence]]:
    """The outlet of an article, and what there was for it."""
    row = article(url=url, final_url=url, canonical_url=None, body=body, authors=authors, evidence=())
    row = make_dateline_parser(())(make_outlet_resolver(())(row))
    return row.outlet and row.outlet.id, [one for one in row.evidence if one.field == 'outlet']


DATELINED = 'ERBIL (Kurdistan24) – The ministry opened a bridge.'


def test_the_outlet_of_a_dateline_is_evidence_beside_that_of_the_address() -> None:
    outlet, evidence = found('https://copies.example.org/1', DATELINED)
    assert outlet == 'example-org'
    assert evidence == [
        Evidence('outlet', 'example-org', 'url', True),
        Evidence('outlet', 'kurdistan24', 'dateline', False),
    ]


def test_what_an_aggregator_shows_is_published_by_the_outlet_that_it_names() -> None:
    outlet, evidence = found('https://www.msn.com/en-us/news/1', DATELINED)
    assert outlet == 'kurdistan24'
    assert evidence == [
        Evidence('outlet', 'msn', 'registry', False),
        Evidence('outlet', 'kurdistan24', 'dateline', True),
    ]


def test_an_agency_is_no_publisher_since_its_stories_are_everywhere() -> None:
    outlet, evidence = found('https://www.msn.com/en-us/news/1', 'ERBIL (Reuters) - The ministry opened it.')
    assert outlet == 'msn'
    assert evidence[1:] == [Evidence('outlet', 'reuters', 'dateline', False)]


@pytest.mark.parametrize(
    ('author', 'outlet'),
    [
        ('Ann Ito, Rudaw', 'rudaw'),
        ('Ann Ito (The Jakarta Post)', 'thejakartapost'),
        ('The Jerusalem Post', 'jpost'),
        ('The Palestine Post', 'jpost'),
        ('Ann Ito', None),
        ('The Courier', None),  # several are called so
        ('x' * 5_000 + '(', None),
    ],
)
def test_a_byline_may_name_an_outlet(author: str, outlet: Optional[str]) -> None:
    _, evidence = found('https://copies.example.org/1', 'The ministry opened a bridge.', (author,))
    assert [one.value for one in evidence[1:]] == ([outlet] if outlet else [])


def test_a_name_that_two_outlets_have_is_nobodys() -> None:
    registry = load_outlets()
    names = [profile.outlet.name.casefold() for profile in registry.profiles]
    shared = next(name for name in names if names.count(name) > 1)
    assert registry.named(shared) is None
    one = registry.named('kurdistan 24')
    assert one is not None and one.outlet.id == 'kurdistan24'
