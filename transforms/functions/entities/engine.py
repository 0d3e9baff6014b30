"""Tagging engines: from texts to entity spans. One interface, two implementations.

``PipeEngine`` is spaCy's own ``nlp.pipe``. ``FastEngine`` computes the same numbers for the architecture of
spaCy's small models (hash embedding, maxout window encoder, transition-based NER with one upper layer) in a
different order of work; ``fits`` says whether a model is of that kind.
"""

import contextlib
import dataclasses
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Optional, Protocol

import numpy as np
from spacy.attrs import (  # type: ignore[import-not-found]  # Cython without stubs
    IS_SPACE,
    LANG,
    LOWER,
    NORM,
    PREFIX,
    SHAPE,
    SUFFIX,
)
from spacy.language import Language
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]
from thinc.api import NumpyOps

from transforms.functions.entities.chunks import ChunkTable
from transforms.functions.entities.decoding import Decoder
from transforms.functions.entities.network import LexemeEmbedding, WindowEncoder

# Strings beyond those that the model brings: from here on those of new texts are freed after each batch.
# spaCy's vocabulary only ever grows otherwise, by 15 strings an article for ever, about 450 bytes each. The
# first thousand articles bring what is frequent; with that kept, tagging takes as long as with all.
VOCABULARY_GROWTH = 16_384
# Characters that go through the network together. Bounds the memory of a batch (2 KB a token).
BATCH_CHARACTERS = 40_000
_LEXEME_ATTRIBUTES = frozenset({LANG, IS_SPACE, NORM, LOWER, PREFIX, SUFFIX, SHAPE})
_LEXEME_COLUMNS = frozenset({'NORM', 'ORTH', 'LOWER', 'PREFIX', 'SUFFIX', 'SHAPE'})


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """An entity as the model gives it: character offsets (end exclusive) and the model's own label."""

    start: int
    end: int
    label: str


class Engine(Protocol):
    """Finds entities in texts."""

    kind: str

    def spans(self, texts: Sequence[str]) -> list[list[Span]]:
        """The entities of each text, in the texts' order and from left to right."""


class PipeEngine:
    """spaCy's ``nlp.pipe``: for every model, and the reference for ``FastEngine``."""

    kind = 'pipe'

    def __init__(self, nlp: Language):
        self._nlp = nlp
        self._vocabulary = _BoundedVocabulary(nlp, VOCABULARY_GROWTH)

    def spans(self, texts: Sequence[str]) -> list[list[Span]]:
        with self._vocabulary.use():
            # 32: batches of 16-64 documents are fastest, 1000 are slower.
            return [
                [Span(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]
                for doc in self._nlp.pipe(texts, batch_size=32)
            ]


class FastEngine:
    """The same entities as ``nlp.pipe`` at several times its speed.

    What makes the difference: the embedding depends on the lexeme alone, and lexemes on what stands between
    two spaces, so both are kept (see ``chunks``); the window layers run over blocks that stay in the
    processor's cache, on numpy's BLAS; decoding has no loop over tokens (see ``decoding``).
    """

    kind = 'fast'

    def __init__(self, nlp: Language):
        if (reason := unfit(nlp)) is not None:
            raise ValueError(f'the fast engine cannot run this model: {reason}')
        ner: Any = nlp.get_pipe('ner')
        tok2vec = ner.model.get_ref('tok2vec')
        embed, encode = tok2vec.layers[0].layers
        self._nlp = nlp
        # What a new lexeme is asked: the network sees no more of it. Most of the 25 questions are functions
        # in Python, and an article has 17 words that are new.
        vocabulary: Any = nlp.vocab
        asked = vocabulary.lex_attr_getters
        vocabulary.lex_attr_getters = {attr: asked[attr] for attr in _LEXEME_ATTRIBUTES & asked.keys()}
        self._vocabulary = _BoundedVocabulary(nlp, 0)  # what is frequent is kept by the chunks
        self._embedding = LexemeEmbedding(embed)
        self._chunks = ChunkTable(nlp.tokenizer, self._embedding)
        self._encoder = WindowEncoder(encode)
        self._decoder = Decoder(
            [ner.moves.get_class_name(i) for i in range(ner.moves.n_moves)],
            linear=tok2vec.layers[2],
            lower=ner.model.get_ref('lower'),
            upper=ner.model.get_ref('upper'),
        )

    def spans(self, texts: Sequence[str]) -> list[list[Span]]:
        found: list[list[Span]] = []
        with self._vocabulary.use():
            for batch in _batches(texts):
                found.extend(self._batch(batch))
        return found

    def _batch(self, texts: Sequence[str]) -> list[list[Span]]:
        read = self._chunks.read(texts)
        rows = [tokens.rows for tokens in read if len(tokens.rows)]
        if not rows:
            return [[] for _ in texts]
        vectors = self._encoder.encode(self._embedding.vectors, rows)
        spaces = self._embedding.is_space[np.concatenate(rows)]
        entities = iter(self._decoder.decode(vectors, spaces, [len(row) for row in rows]))
        return [
            [Span(*tokens.characters(start, end), label) for start, end, label in next(entities)]
            if len(tokens.rows)
            else []
            for tokens in read
        ]


def unfit(nlp: Language) -> Optional[str]:
    """Why ``FastEngine`` cannot run the model's NER; None when it can."""
    if type(nlp.tokenizer) is not Tokenizer:
        return 'a tokenizer of another kind'
    exceptions: Any = nlp.tokenizer.rules  # type: ignore[union-attr]
    if any(len(rule.split()) > 1 for rule in exceptions or ()):
        return 'a tokenizer that looks beyond the next space'
    if nlp.pipe_names != ['ner']:
        return f'components besides ner: {nlp.pipe_names}'
    ner: Any = nlp.get_pipe('ner')
    if getattr(ner, 'cfg', {}).get('beam_width') != 1:
        return 'it is not a greedy transition system'
    model = ner.model
    if not model.attrs.get('has_upper') or model.attrs.get('unseen_classes'):
        return 'no upper layer, or classes without training'
    lower = model.get_ref('lower')
    if (lower.maybe_get_dim('nF'), lower.maybe_get_dim('nP')) != (3, 2):
        return 'other state features than first, entity start, last'
    tok2vec = model.get_ref('tok2vec')
    if [layer.name for layer in tok2vec.layers[1:]] != ['list2array', 'linear']:
        return 'an unknown tok2vec'
    if len(tok2vec.layers[0].layers) != 2:
        return 'an embedding and an encoder were expected'
    embed, encode = tok2vec.layers[0].layers
    if [layer.name.split('(')[0] for layer in embed.layers] != [
        'extract_features', 'list2ragged', 'with_array', 'with_array', 'ragged2list',
    ]:  # fmt: skip
        return 'an unknown embedding'
    if not set(embed.layers[0].attrs['columns']) <= _LEXEME_COLUMNS:
        return 'features that depend on more than the lexeme'
    return WindowEncoder.unfit(encode)


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class _BoundedVocabulary:
    """A model's vocabulary, for one thread at a time: after a use what its texts added may be freed."""

    def __init__(self, nlp: Language, growth: int) -> None:
        self._nlp = nlp
        self._limit = len(nlp.vocab.strings) + growth
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def use(self) -> Iterator[None]:
        """For making and reading documents. None of them may be used afterwards."""
        full = len(self._nlp.vocab.strings) >= self._limit
        with self._lock, self._nlp.memory_zone() if full else contextlib.nullcontext():
            yield


def use_numpy_blas(nlp: Language) -> None:
    """Moves all matrix products to numpy's BLAS: thrice as fast here as the BLIS that thinc uses."""
    ops = NumpyOps(use_blis=False)
    for name in nlp.pipe_names:
        model: Any = getattr(nlp.get_pipe(name), 'model', None)
        if hasattr(model, 'walk'):
            for node in model.walk():
                node.ops = ops
