"""Agencies credited in bylines, structured data and lines at the text's end; photo credits are none."""

import time

import pytest

from schemas.articles import Caption, Credit
from schemas.pages import Page
from tests.made_rows import article
from transforms.functions.agencies import load_agencies
from transforms.functions.agency_credits import credit_agency, credit_in
from transforms.functions.extraction.article import extract_article

AGENCIES = load_agencies()
STORY = 'The mill reopened on Friday.\n\nIts owner said that she was glad.'


@pytest.mark.parametrize(
    ('ending', 'agency'),
    [
        ('\n\nWith inputs from agencies', 'agencies'),
        ('\n\n(With agency inputs)', 'agencies'),
        ('\n\n(Inputs from PTI)', 'pti'),
        ('\n\nWith files from The Canadian Press', 'cp'),
        ('\n\nSource: Reuters', 'reuters'),
        ('\n\nQuelle: dpa', 'dpa'),
        ('\n\nMit Material von dpa und AFP', 'dpa'),
        ('\n\nAvec AFP', 'afp'),
        ('\n\nCon información de EFE', 'efe'),
        ('\n\nCom informações da Reuters', 'reuters'),
        ('\n\nFonte: ANSA', 'ansa'),
        ('\n\nAFP', 'afp'),
        ('\n\n— Xinhua', 'xinhua'),
        ('\n\nAgencies', 'agencies'),
        (' (Reuters)', 'reuters'),
        (' — AFP', 'afp'),
        ('/AFP', 'afp'),
        ('\n\nAdditional reporting by Reuters in London', None),
        ('\n\nReuters could not reach the owner.', None),
        (' She had worked for AP (and for others).', None),
        ('\n\nWith the river at its lowest, the mill may stop again.', None),
        ('\n\nSource: the ministry of mills', None),
        ('', None),
    ],
)
def test_a_credit_at_the_end_names_the_agency_and_prose_does_not(ending, agency):
    found = credit_in(STORY + ending, AGENCIES)
    assert (found[0].id if found else None) == agency


def test_structured_data_comes_before_a_byline_and_a_line_and_the_evidence_has_them_all():
    made = article(
        f'{STORY}\n\nWith inputs from PTI',
        credits=(Credit('Associated Press', 'json-ld'),),
        authors=('Ann Ito', 'By Reuters'),
        agency=None,
        agency_name=None,
    )
    done = credit_agency(made, AGENCIES)
    assert (done.agency, done.agency_name) == ('ap', 'Associated Press')
    rows = [(row.value, row.source, row.chosen) for row in done.evidence if row.field == 'agency']
    assert rows == [('ap', 'json-ld', True), ('reuters', 'page', False), ('pti', 'page', False)]


def test_the_datelines_agency_stands_and_others_are_evidence():
    made = article(f'{STORY} (AFP)', agency='reuters', agency_name='Reuters')
    done = credit_agency(made, AGENCIES)
    rows = [(row.value, row.chosen) for row in done.evidence if row.field == 'agency']
    assert (done.agency, rows) == ('reuters', [('afp', False)])


@pytest.mark.parametrize('author', ['Ann Ito (AP)', 'Ann Ito, Associated Press', 'By AP', 'Associated Press'])
def test_a_byline_names_an_agency_beside_a_person(author):
    assert credit_agency(article(STORY, authors=(author,), agency=None), AGENCIES).agency == 'ap'


def test_a_photo_credit_is_no_agency_of_the_story():
    made = article(STORY, captions=(Caption('The mill (AP)'), Caption('Reuters')), agency=None)
    assert credit_agency(made, AGENCIES).agency is None


def test_a_long_text_of_one_line_costs_nothing():
    assert credit_in('a (b' * 500_000, AGENCIES) is None
    assert credit_in('\n' * 500_000, AGENCIES) is None


@pytest.mark.parametrize('author', ['(' + ' ' * 4_000, '( x' * 4_000, 'Ann' + ' ' * 4_000 + ','])
def test_a_byline_of_nothing_but_spaces_costs_nothing(author):
    began = time.process_time()
    assert credit_agency(article(STORY, authors=(f'{author}x',), agency=None), AGENCIES).agency is None
    assert time.process_time() - began < 0.5


def test_a_long_byline_credits_the_agency_at_its_end():
    author = ', '.join(f'Ann Ito {n}' for n in range(40)) + ' (AP)'
    assert credit_agency(article(STORY, authors=(author,), agency=None), AGENCIES).agency == 'ap'


def test_a_page_that_names_an_agency_as_its_author_credits_it():
    lines = ''.join(
        f'<p>The mill of part {n} reopened on Friday, and its owner said so twice.</p>' for n in range(6)
    )
    data = (
        '<html><head><title>Mill</title><script type="application/ld+json">{"@type": "NewsArticle", '
        '"headline": "Mill reopens", "author": [{"@type": "Organization", "name": "AFP"}, '
        '{"@type": "Person", "name": "Ann Ito"}]}</script></head>'
        f'<body><article><h1>Mill reopens</h1>{lines}</article></body></html>'
    )
    extracted = extract_article(Page('http://news.example/1', 'http://news.example/1', data.encode()))
    assert extracted.authors == ('Ann Ito',)
    done = credit_agency(extracted, AGENCIES)
    assert done.agency == 'afp'
    assert [row.source for row in done.evidence if row.field == 'agency'] == ['json-ld']
