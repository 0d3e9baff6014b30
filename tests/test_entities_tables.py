"""Tables of entities: the embedded ones, and a user's that extend, override and replace them."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Optional

import pytest

from schemas.articles import Mention
from tests.test_entities_tagging import ARTICLE
from transforms.functions.entities.linking import link_mentions
from transforms.functions.entities.model_names import DEFAULT_MODEL
from transforms.functions.entities.names import person_words
from transforms.functions.entities.repairs import repair
from transforms.functions.entities.spans import Found
from transforms.functions.entities.tables import Tables, load_tables, place_id
from transforms.functions.repairing.repair import make_retagger

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A function that writes a table of rows and gives its path."""

    def write(*rows: str, columns: str = 'canonical,label,aliases,mononym,geonameid') -> str:
        path = tmp_path / f'table{len(list(tmp_path.iterdir()))}.csv'
        path.write_text('\n'.join((columns, *rows, '')), encoding='utf-8')
        return str(path)

    return write


def linked(text: str, label: str, tables: Tables) -> tuple[str, Optional[str]]:
    mention = Mention('body', 0, len(text), text, label, 0)
    found = link_mentions([mention], {'body': text}, 'en', tables=tables)[0]
    return found.canonical or '', found.entity_id


def test_the_embedded_tables_name_nothing_twice_and_are_read_once() -> None:
    assert load_tables() is load_tables(())
    ukraine = load_tables().thing('Ukraine')
    assert ukraine is not None and ukraine.geonameid == 690791


def test_a_row_of_ones_own_gives_all_its_names_one_id(write: Write) -> None:
    own = load_tables([write('Soran Research Centre,ORG,SRC|Soran Centre,,', 'Lea Ito,PERSON,Lia Itoh,Ito,')])
    assert linked('SRC', 'ORG', own) == linked('Soran Centre', 'ORG', own)
    assert linked('SRC', 'ORG', own)[0] == 'Soran Research Centre'
    assert linked('SRC', 'ORG', own) != linked('SRC', 'ORG', load_tables())
    assert (
        linked('Ito', 'PERSON', own) == linked('Lia Itoh', 'PERSON', own) == linked('Lea Ito', 'PERSON', own)
    )
    # What the file does not speak of is as before.
    for text, label in (('NATO', 'ORG'), ('Zelensky', 'PERSON'), ('Kiev', 'GPE')):
        assert linked(text, label, own) == linked(text, label, load_tables())


def test_a_row_takes_the_place_of_the_embedded_one_of_its_id(write: Write) -> None:
    own = load_tables([write('Kiev,GPE,Kiew,,703448', 'Volodymyr Zelenskyy,PERSON,,,')])
    assert linked('Kiew', 'GPE', own) == ('Kiev', 'geonames:703448') == linked('Kiev', 'GPE', own)
    assert own.thing('Kyiv') is None  # a name of the row that is gone
    assert own.person(person_words('Volodymyr Zelensky')) is not None
    assert own.mononym(person_words('Zelensky')) is None


def test_a_name_goes_to_the_later_file(write: Write) -> None:
    mine = write('Union of Nurses,ORG,UN|U.N.,,')
    yours = write('Upper Nile,LOC,UN,,')
    assert linked('U.N.', 'ORG', load_tables([mine]))[0] == 'Union of Nurses'
    assert linked('UN', 'ORG', load_tables([mine, yours]))[0] == 'Upper Nile'
    assert linked('UN', 'ORG', load_tables([yours, mine]))[0] == 'Union of Nurses'
    assert linked('United Nations', 'ORG', load_tables([mine])) == linked('UN', 'ORG', load_tables())


def test_none_leaves_the_embedded_tables_out(write: Write) -> None:
    own = load_tables(['none', write('Kyiv,GPE,,,703448')])
    assert own.thing('NATO') is None and own.thing('Kyiv') is not None
    assert load_tables(['none']).thing('Kyiv') is None


def test_a_place_that_is_found_by_its_number_has_the_name_of_the_table(write: Write) -> None:
    class Gazetteer:
        def find(self, name: str, *, country: Optional[str] = None) -> Optional['Hewler']:
            return Hewler() if name == 'Arbil' else None

    class Hewler:
        geonameid, name, country = 95446, 'Erbil', 'IQ'

    own = load_tables([write('Hewlêr,GPE,,,95446')])
    mention = Mention('body', 0, 5, 'Arbil', 'GPE', 0)
    found = link_mentions([mention], {'body': 'Arbil'}, 'en', gazetteer=Gazetteer(), tables=own)[0]
    assert (found.canonical, found.entity_id) == ('Hewlêr', place_id(95446))


def test_mentions_that_a_repair_of_a_lake_finds_anew_go_by_the_table(write: Write) -> None:
    path = write('Nairobi City,GPE,Nairobi,,184745')
    retag = make_retagger(f'{DEFAULT_MODEL}-3.8.0', (path,))
    article = retag(
        dataclasses.replace(
            ARTICLE, body='Ministers met in Nairobi on Friday, then left Kenya.', language='en'
        )
    )
    found = [one.canonical for one in article.mentions if one.field == 'body']
    assert found == ['Nairobi City', 'Kenya']


def test_repairs_know_the_names_of_the_table(write: Write) -> None:
    text = 'The levy in Morvane rose.'
    own = load_tables([write('Morvane,GPE,,,')])
    assert repair([text], [[]], tables=own) == [[Found(12, 19, 'GPE')]]
    assert repair([text], [[Found(12, 19, 'PERSON')]], tables=own) == [[Found(12, 19, 'GPE')]]
    assert repair([text], [[]]) == [[]]


@pytest.mark.parametrize(
    'rows, said',
    [
        (
            ['Lea Holm,PERSON,,Holm,', 'Per Holm,PERSON,,Holm,'],
            "3: a name of 'Per Holm' (holm) is also one of 'Lea Holm'",
        ),
        (['Morvane,TOWN,,,'], "2: the label 'TOWN' must be one of EVENT, FAC, GPE,"),
        (['Morvane,GPE,,,x1'], "2: the geonameid 'x1' must be the number of a place in GeoNames"),
        (['Morvane,GPE,,,0'], "2: the geonameid '0' must be the number of a place in GeoNames"),
        (['Morvane,GPE,,,99999999999'], "2: the geonameid '99999999999' must be the number of a place in"),
        (['Soran Centre,ORG,,,95446'], "2: the geonameid '95446' must be the number of a place in GeoNames"),
        (['Soran Centre,ORG,,Centre,'], "2: the mononym 'Centre' must be the surname of a person"),
        (['Morvane,GPE,,,', ',GPE,Mor,,'], "3: the name '' has no word in it"),
        (['Morvane,GPE,Mor'], '2: expected 5 columns'),
        (['Morvane,GPE,Mor,,,,'], '2: expected 5 columns'),
    ],
)
def test_a_row_that_cannot_be_meant_is_named_with_its_line(write: Write, rows: list[str], said: str) -> None:
    path = write(*rows)
    with pytest.raises(ValueError) as raised:
        load_tables([path])
    assert str(raised.value).startswith(f'{path}:{said}')


def test_columns_that_are_missing_are_named(write: Write) -> None:
    path = write('Morvane,', columns='canonical,aliases')
    with pytest.raises(ValueError, match=r':1: the columns label are missing'):
        load_tables([path])
