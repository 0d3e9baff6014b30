"""Datelines of hundreds of openings in thirty languages; the files' first lines say what is in them."""

from pathlib import Path
from typing import Optional

from schemas.articles import Dateline
from transforms.functions.agencies import load_agencies
from transforms.functions.datelines import parse_dateline
from transforms.functions.gazetteer import load_gazetteer

OPENINGS = Path(__file__).parent / 'openings'
# From no town: on the map they are nowhere.
AT_NO_PLACE = ('ABOARD', 'ON BOARD', 'ON THE', 'NEAR THE', 'ALONG THE', 'AT SEA')


def read(name: str) -> list[str]:
    lines = (OPENINGS / name).read_text('utf-8').splitlines()
    return [line.replace(r'\n', '\n') for line in lines if not line.startswith('# ')]


def parse(text: str) -> Optional[Dateline]:
    return parse_dateline(text, load_gazetteer(), load_agencies(), published_at=1_741_000_000_000_000)


def test_every_opening_gives_the_place_the_agency_and_the_date_as_printed() -> None:
    wrong, unplaced = [], []
    for line in read('with_dateline.txt'):
        opening, *expected = line.rsplit('|', 3)
        before, _, story = opening.partition('‖')
        found = parse(before + story)
        got = found and [found.place_text or '', found.agency_text or '', found.date_text or '']
        if found is None or got != expected or found.body_offset != len(before):
            wrong.append((opening, expected, got))
        elif expected[0] and found.country is None and not expected[0].startswith(AT_NO_PLACE):
            unplaced.append(opening)
    assert not wrong
    assert not unplaced


def test_no_opening_without_a_dateline_gives_one() -> None:
    found = [(text, parse(text)) for text in read('without.txt')]
    assert len(found) > 300
    assert [(text, dateline.text) for text, dateline in found if dateline is not None] == []
