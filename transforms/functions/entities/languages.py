"""Which model tags a text: one per language, as ``--entities_model`` names them."""

import functools
from collections.abc import Mapping
from typing import Optional

from transforms.functions.entities.model import Tagger, load_tagger
from transforms.functions.entities.model_names import NONE, read_models

# spaCy's name for models of many languages.
_MANY = 'xx'


class Taggers:
    """Loaded models, by the language that each is for."""

    def __init__(self, by_language: Mapping[str, Tagger], unknown: Optional[Tagger]) -> None:
        self._by_language = dict(by_language)
        self._unknown = unknown

    def for_language(self, language: Optional[str]) -> Optional[Tagger]:
        """The model for texts in that language (``de``, ``de-AT``), or one of many; None if there is none.

        For a text whose language nobody knows (None) it is the one named without a language, or English's.
        """
        if not language:
            return self._unknown
        own = self._by_language.get(language.split('-')[0].lower())
        return own or self._by_language.get(_MANY)


def load_taggers(models: str) -> Taggers:
    """Loads the models that ``--entities_model`` names, each once.

    Raises ValueError when one cannot be used, or was made for another language than the one it is named for.
    """
    named = read_models(models)
    load = functools.cache(load_tagger)
    unknown = load(named.plain) if named.plain else None
    by_language = {unknown.language: unknown} if unknown else {}
    for language, model in named.by_language:
        by_language.pop(language, None)
        if model == NONE:
            continue
        tagger = load(model)
        if tagger.language not in (language, _MANY):
            raise ValueError(f'entity model {model!r} is for {tagger.language}, not for {language}')
        by_language[language] = tagger
    return Taggers(by_language, unknown or by_language.get('en'))
