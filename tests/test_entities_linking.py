"""One id for one person, place or organisation, however it is written; two for two."""

import dataclasses
from typing import Optional

import pytest

from schemas.articles import Dateline, Mention
from tests.test_entities_tagging import ARTICLE
from transforms.functions.entities.linking import link_entities, link_mentions


def linked(text: str, *entities: str, **settings: object) -> list[Mention]:
    """Links entities written as 'surface/LABEL', in the order of the text."""
    mentions = []
    at = 0
    for entity in entities:
        surface, label = entity.rsplit('/', 1)
        at = text.index(surface, at)
        mentions.append(Mention('body', at, at + len(surface), surface, label, 0))
        at += len(surface)
    return list(link_mentions(mentions, {'body': text}, 'en', **settings))  # type: ignore[arg-type]


def id_of(name: str, label: str = 'PERSON', context: str = '{} spoke.') -> str:
    return linked(context.format(name), f'{name}/{label}')[0].entity_id


@pytest.mark.parametrize(
    'spellings',
    [
        ['Volodymyr Zelenskyy', 'Volodymyr Zelensky', 'Vladimir Zelenskiy', 'President Zelensky', 'ZELENSKYY',
         'Zelensky, Volodymyr', 'Volodymyr Zelenskyy’s', 'Володимир Зеленський', 'Volodymir Zelensky'],
        ['Abdel Fattah al-Sisi', 'Abdel-Fattah El-Sisi', 'Abdulfattah al Sisi', 'al-Sisi', 'El-Sisi'],
        ['Recep Tayyip Erdoğan', 'Recep Tayyip Erdogan', 'Tayyip Erdogan', 'Erdogan', 'Erdoğan’s'],
        ['Viktor Orbán', 'Orban Viktor', 'Hungarian Prime Minister Viktor Orban'],
        ['Yevhen Marchuk', 'Evgeny Marchuk', 'Yevgeniy Marchiuk'],
        ['Oleksii Horbatenko', 'Aleksey Gorbatenko'],
        ['Mohammed Al-Rashid', 'Muhammad el-Rashid', 'Mohamad Rashid'],
        ['Ismail Qandahiyeh', 'Ismael Qandahiya', 'Esmail al-Qandahiyah'],
        ['Hafez Suroui', 'Hafiz al-Surui', 'Hafez Surooi'],
        ['Yehya Baroudi', 'Yahya al-Barudi', 'Sayyed Yahia Baroudi'],
        ['Li Ping-an', 'Li Pingan', 'LI PING-AN'],
        ['Park Seo-bin', 'Park Seo Bin', 'Park Seobin'],
        ['Muammar Gaddafi', 'Moammar Khadafy', 'Muammar al-Qadhafi'],
        ['Lea Lindqvist', 'LEA LINDQVIST', 'Dr. Lea Lindqvist', 'Lea M. Lindqvist', 'Léa Lindqvist'],
    ],
)  # fmt: skip
def test_spellings_of_a_person_have_one_id(spellings: list[str]) -> None:
    assert len({id_of(name) for name in spellings}) == 1, {name: id_of(name) for name in spellings}


@pytest.mark.parametrize(
    'names',
    [
        ['Volodymyr Zelenskyy', 'Olena Zelenska'],
        ['Donald Trump', 'Eric Trump', 'Donald Trump Jr.', 'Melania Trump'],
        ['George W. Bush', 'George H. W. Bush', 'George Bush'],
        ['Thomas Meier', 'Thomas Meyer', 'Tom Meier', 'Meier Thomas'],
        ['Mike Johnson', 'Mike Johnston', 'Boris Johnson', 'Boris Johnston'],
        ['Yulia Tymoshenko', 'Kyrylo Tymoshenko'],
        ['Al Gore', 'Gore Vidal'],
        ['Kim Jong Un', 'Kim Jong Il'],
        ['Ahmed Hassan', 'Ahmed Hussein', 'Ahmed Hosseini', 'Mohammed Hassan', 'Ali Hassan'],
        ['Ali Saleh', 'Ali Salah', 'Ali Salem', 'Ali Salim'],
        ['Omar Nasser', 'Omar Nassar', 'Omar Nassir'],
        ['Park Seo-bin', 'Park Seo-jin', 'Park Bin-seo'],
        ['Hafez al-Assad', 'Bashar al-Assad', 'Rifaat al-Assad'],
    ],
)
def test_different_people_have_different_ids(names: list[str]) -> None:
    assert len({id_of(name) for name in names}) == len(names)


def test_a_surname_is_the_person_whom_the_document_names_in_full() -> None:
    full, short = linked(
        'Lea Lindqvist sang. Ms Lindqvist bowed.', 'Lea Lindqvist/PERSON', 'Ms Lindqvist/PERSON'
    )
    assert full.entity_id == short.entity_id
    assert short.canonical == 'Lea Lindqvist'


def test_a_surname_of_two_people_of_the_document_is_neither() -> None:
    lea, per, short = linked(
        'Lea Lindqvist and Per Lindqvist. Lindqvist bowed.',
        *('Lea Lindqvist/PERSON', 'Per Lindqvist/PERSON', 'Lindqvist/PERSON'),
    )
    assert len({lea.entity_id, per.entity_id, short.entity_id}) == 3


def test_a_surname_that_nothing_explains_joins_no_documents() -> None:
    assert id_of('Smith', context='{} sang.') != id_of('Smith', context='{} danced.')
    one, two = linked('Smith sang. Smith bowed.', 'Smith/PERSON', 'Smith/PERSON')
    assert one.entity_id == two.entity_id == linked('Smith sang. Smith bowed.', 'Smith/PERSON')[0].entity_id


def test_a_namesake_in_the_document_is_not_the_famous_one() -> None:
    text = 'Hana Putin, a baker in Brno, opened early. Putin sells bread.'
    full, short = linked(text, 'Hana Putin/PERSON', 'Putin/PERSON')
    assert full.entity_id == short.entity_id != id_of('Vladimir Putin')


@pytest.mark.parametrize(
    ('names', 'label', 'canonical', 'geonameid'),
    [
        (['Kyiv', 'Kiev', 'KYIV', 'Kiev’s'], 'GPE', 'Kyiv', 703448),
        (['US', 'U.S.', 'United States', 'the United States', 'USA'], 'GPE', 'United States', 6252001),
        (
            ['MSF', 'Médecins Sans Frontières', 'Medecins sans frontieres'],
            'ORG',
            'Médecins Sans Frontières',
            None,
        ),
        (['the Kremlin', 'Kremlin'], 'GPE', 'Kremlin', None),
        (['WHO', 'World Health Organisation'], 'ORG', 'World Health Organization', None),
    ],
)
def test_names_of_a_known_thing_have_one_id(
    names: list[str], label: str, canonical: str, geonameid: Optional[int]
) -> None:
    found = {
        (m.canonical, m.entity_id, m.geonameid) for name in names for m in linked(name, f'{name}/{label}')
    }
    assert len(found) == 1
    ((name, entity_id, number),) = found
    assert (name, number) == (canonical, geonameid)
    assert entity_id.startswith('geonames:') == (geonameid is not None)


def test_an_acronym_is_what_the_document_says_it_is() -> None:
    text = 'The Nordic Herring Council (NHC) met. NHC members left. The Nordic Herring Council slept.'
    found = linked(text, 'Nordic Herring Council/ORG', 'NHC/ORG', 'NHC/ORG', 'Nordic Herring Council/ORG')
    assert {(m.canonical, m.entity_id) for m in found} == {('Nordic Herring Council', found[0].entity_id)}


def test_an_acronym_without_its_name_is_itself() -> None:
    found = linked('The Nordic Herring Council met the BBQ club.', 'Nordic Herring Council/ORG', 'BBQ/ORG')
    assert found[0].entity_id != found[1].entity_id


@dataclasses.dataclass(frozen=True)
class Place:
    geonameid: int
    name: str
    country: Optional[str]


class Gazetteer:
    def find(self, name: str, *, country: Optional[str] = None) -> Optional[Place]:
        return Place(3159049, 'Brekstad', 'NO') if name == 'Brekstad' else None


def test_the_gazetteer_names_places_that_the_tables_do_not_know() -> None:
    found = linked('Brekstad and Nowhereby.', 'Brekstad/GPE', 'Nowhereby/GPE', gazetteer=Gazetteer())
    assert [(m.canonical, m.geonameid) for m in found] == [('Brekstad', 3159049), ('Nowhereby', None)]
    assert found[0].entity_id == 'geonames:3159049'


def test_the_place_of_the_dateline_is_the_place_of_the_text() -> None:
    dateline = Dateline(
        'PARIS, Texas –', 'place', 'PARIS, Texas', 'Paris', 4717560, 'US', 33.66, -95.55, None, None, None,
        None, None, 15,
    )  # fmt: skip
    assert linked('Paris woke.', 'Paris/GPE', dateline=dateline)[0].geonameid == 4717560
    assert linked('Paris woke.', 'Paris/GPE')[0].geonameid == 2988507


NAMES = (('Chile', 'GPE'), ('Jonas Ek', 'PERSON'), ('Ek ate', 'PERSON'), ('Bergen', 'GPE'))


def test_entities_are_counted_and_ordered_by_salience() -> None:
    body = 'Chile sold fish. Jonas Ek saw it. Ek ate. Norway too. Ek slept in Bergen.'
    mentions = [
        Mention('title', 0, 6, 'Norway', 'GPE', 0),
        *(Mention('body', body.index(text), body.index(text) + len(text), text, label, 0)
          for text, label in NAMES),
    ]  # fmt: skip
    mentions[3] = dataclasses.replace(mentions[3], end=mentions[3].end - 4, text='Ek')
    article = link_entities(dataclasses.replace(ARTICLE, body=body, mentions=tuple(mentions)))
    assert [(e.canonical, e.label, e.count) for e in article.entities] == [
        ('Norway', 'GPE', 1), ('Jonas Ek', 'PERSON', 2), ('Chile', 'GPE', 1), ('Bergen', 'GPE', 1),
    ]  # fmt: skip
    assert [m.text for m in article.mentions] == [m.text for m in mentions]
    assert article.entities[0].salience == 1.0
    assert all(0 <= e.salience <= 1 for e in article.entities)


def test_linking_twice_gives_the_same_rows() -> None:
    text = 'Lea Lindqvist flew to Kiev with NATO.'
    once = linked(text, 'Lea Lindqvist/PERSON', 'Kiev/GPE', 'NATO/ORG')
    assert list(link_mentions(once, {'body': text}, 'en')) == once
