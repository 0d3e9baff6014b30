"""Each repair on the fault that it is there for, and on what it must leave alone."""

import pytest

from transforms.functions.entities.repairs import REPAIRS, repair
from transforms.functions.entities.spans import Found


def mended(rule: str, text: str, *entities: str) -> list[str]:
    """Runs one rule over entities written as 'surface/LABEL', in the order of the text."""
    found = []
    at = 0
    for entity in entities:
        surface, label = entity.rsplit('/', 1)
        at = text.index(surface, at)
        found.append(Found(at, at + len(surface), label))
        at += len(surface)
    (one,) = [each for each in REPAIRS if each.name == rule]
    return [f'{text[f.start : f.end]}/{f.label}' for f in repair([text], [found], [one])[0]]


CASES = [
    (
        'cut places at commas',
        'At The Oval, London and in Washington, D.C.',
        ['The Oval, London/FAC', 'Washington, D.C/GPE'],
        ['The Oval/FAC', 'London/GPE', 'Washington, D.C/GPE'],
    ),
    (
        'nicknames stand within names',
        'Roberto “Old Hands” Tranda met the “Blue Ox” Choir',
        ['Roberto/PERSON', 'Hands/ORG', 'Tranda/GPE'],
        ['Roberto “Old Hands” Tranda/PERSON'],
    ),
    (
        'acronyms follow their names',
        'The Nordic Herring Council (NHC) and Lund Fish Co (OK) met',
        ['Nordic Herring Council/ORG', 'Lund Fish Co/ORG'],
        ['Nordic Herring Council/ORG', 'NHC/ORG', 'Lund Fish Co/ORG'],
    ),
    (
        'what is based somewhere is an organisation',
        'Tranda, based in Lund, sold fish to Lea Ek, based in Oslo',
        ['Tranda/GPE', 'Lund/GPE', 'Lea Ek/PERSON'],
        ['Tranda/ORG', 'Lund/GPE', 'Lea Ek/PERSON'],
    ),
    ('cut at line breaks', 'Alamy Photos\n\nOSLO', ['Alamy Photos\n\n/ORG'], ['Alamy Photos/ORG']),
    ('cut at dashes', 'PERU - Copper rose', ['PERU - Copper/ORG'], ['PERU/ORG']),
    (
        'cut at dashes',
        'the Austro-Hungarian Bank',
        ['Austro-Hungarian Bank/ORG'],
        ['Austro-Hungarian Bank/ORG'],
    ),
    ('trim punctuation and possessives', 'Ann Ito’s plan', ['Ann Ito’s/PERSON'], ['Ann Ito/PERSON']),
    ('trim punctuation and possessives', 'in Oslo – now', ['Oslo –/GPE'], ['Oslo/GPE']),
    ('trim punctuation and possessives', 'the U.S. said', ['U.S./GPE'], ['U.S./GPE']),
    ('trim punctuation and possessives', 'Acme Inc. said', ['Acme Inc./ORG'], ['Acme Inc./ORG']),
    ('trim punctuation and possessives', 'Ohio-based', ['Ohio-based/GPE'], ['Ohio/GPE']),
    ('trim numbers and scores', 'Surrey 301 and', ['Surrey 301/PERSON'], ['Surrey/PERSON']),
    ('trim titles before people', 'President Ann Ito', ['President Ann Ito/PERSON'], ['Ann Ito/PERSON']),
    (
        'trim titles before people',
        'Danish Lea Holm',
        ['Danish Lea Holm/PERSON'],
        ['Danish/NORP', 'Lea Holm/PERSON'],
    ),
    ('split at possessives', 'Holm’s Oslo plan', ['Holm’s Oslo/PERSON'], ['Holm/PERSON', 'Oslo/PERSON']),
    ('names with initials are people', 'bowled by A. Lindqvist', [], ['A. Lindqvist/PERSON']),
    ('names with initials are people', 'the U.S. Treasury', ['U.S. Treasury/ORG'], ['U.S. Treasury/ORG']),
    ('known names keep their kind', 'shells on Kyiv', ['Kyiv/PERSON'], ['Kyiv/GPE']),
    ('known names keep their kind', 'with Jordan there', ['Jordan/PERSON'], ['Jordan/PERSON']),
    ('last words tell the kind', 'Holm Shipping Co', ['Holm Shipping Co/PERSON'], ['Holm Shipping Co/ORG']),
    ('last words tell the kind', 'the West Bank', ['West Bank/GPE'], ['West Bank/GPE']),
    ('given names are people', 'by Martha Holm', ['Martha Holm/GPE'], ['Martha Holm/PERSON']),
    ('given names are people', 'by Martha Holdings', ['Martha Holdings/ORG'], ['Martha Holdings/ORG']),
    ('what follows tells people', 'Lindqvist, 45, won', ['Lindqvist/GPE'], ['Lindqvist/PERSON']),
    ('who speaks is a person', '“No,” Lindqvist said', [], ['Lindqvist/PERSON']),
    ('who speaks is a person', '“No,” he said, those, who', [], []),
    ('what precedes tells places', 'in the town of Brekstad', [], ['Brekstad/GPE']),
    ('known places are mentions', 'far from Uruguay now', [], ['Uruguay/GPE']),
    ('clubs are organisations', 'the Brekstad striker', ['Brekstad/GPE'], ['Brekstad/ORG']),
    ('counties play cricket', 'Kent lost six wickets', [], ['Kent/ORG']),
    ('counties play cricket', 'Kent has new schools', ['Kent/GPE'], ['Kent/GPE']),
    ('what is no name', 'the interior ministry', ['interior ministry/ORG'], []),
    ('what is no name', 'the Finance Minister', ['Finance/ORG'], []),
    (
        'surnames of the document are people',
        'Lea Lindqvist left. Then Lindqvist sang. They saw Lindqvist',
        ['Lea Lindqvist/PERSON', 'Lindqvist/ORG'],
        ['Lea Lindqvist/PERSON', 'Lindqvist/PERSON', 'Lindqvist/PERSON'],
    ),
    (
        'surnames of the document are people',
        'Lea Lindqvist lives on Lindqvist Avenue',
        ['Lea Lindqvist/PERSON'],
        ['Lea Lindqvist/PERSON'],
    ),
    (
        'one string, one label',
        'Tranda, Tranda and Tranda',
        ['Tranda/GPE', 'Tranda/ORG', 'Tranda/GPE'],
        ['Tranda/GPE', 'Tranda/GPE', 'Tranda/GPE'],
    ),
    (
        'one string, one label',
        'Tranda and Tranda',
        ['Tranda/GPE', 'Tranda/ORG'],
        ['Tranda/GPE', 'Tranda/ORG'],
    ),
]


@pytest.mark.parametrize(('rule', 'text', 'before', 'after'), CASES)
def test_a_repair_mends_its_fault_and_nothing_else(
    rule: str, text: str, before: list[str], after: list[str]
) -> None:
    assert mended(rule, text, *before) == after


def test_every_repair_has_a_case() -> None:
    assert {rule for rule, *_ in CASES} == {one.name for one in REPAIRS}


def test_no_repair_changes_an_empty_document() -> None:
    assert repair(['', 'x'], [[], []]) == [[], []]
