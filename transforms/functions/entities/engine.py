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
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import NumpyOps

from transforms.functions.entities.decoding import Decoder
from transforms.functions.entities.network import LexemeEmbedding, WindowEncoder

# Strings beyond those that the model brings: from here on those of new texts are freed after each batch.
# spaCy's vocabulary only ever grows otherwise, by 15 strings an article for ever, about 450 bytes each. The
# first thousand articles bring what is frequent; with that kept, tagging takes as long as with all.
VOCABULARY_GROWTH = 16_384
# Tokens that go through the network together. Bounds the memory of a batch (2 KB a token).
BATCH_TOKENS = 8_192
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
        self._vocabulary = _BoundedVocabulary(nlp)

    def spans(self, texts: Sequence[str]) -> list[list[Span]]:
        with self._vocabulary.use():
            # 32: batches of 16-64 documents are fastest, 1000 are slower.
            return [
                [Span(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]
                for doc in self._nlp.pipe(texts, batch_size=32)
            ]


class FastEngine:
    """The same entities as ``nlp.pipe`` at several times its speed.

    What makes the difference: the embedding depends on the lexeme alone and is kept per lexeme; the window
    layers run over blocks that stay in the processor's cache, on numpy's BLAS; decoding has no loop over
    tokens (see ``decoding``).
    """

    kind = 'fast'

    def __init__(self, nlp: Language):
        if (reason := unfit(nlp)) is not None:
            raise ValueError(f'the fast engine cannot run this model: {reason}')
        ner: Any = nlp.get_pipe('ner')
        tok2vec = ner.model.get_ref('tok2vec')
        embed, encode = tok2vec.layers[0].layers
        self._nlp = nlp
        self._vocabulary = _BoundedVocabulary(nlp)
        self._embedding = LexemeEmbedding(embed)
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
            for docs in _batches(map(self._nlp.tokenizer, texts)):
                found.extend(self._batch(docs))
        return found

    def _batch(self, docs: Sequence[Doc]) -> list[list[Span]]:
        filled = [doc for doc in docs if len(doc)]
        if not filled:
            return [[] for _ in docs]
        rows = self._embedding.rows(filled)
        vectors = self._encoder.encode(self._embedding.vectors, rows)
        spaces = self._embedding.is_space[np.concatenate(rows)]
        starts = iter(self._decoder.decode(vectors, spaces, [len(row) for row in rows]))
        return [[_span(doc, *entity) for entity in next(starts)] if len(doc) else [] for doc in docs]


def unfit(nlp: Language) -> Optional[str]:
    """Why ``FastEngine`` cannot run the model's NER; None when it can."""
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


def _batches(docs: Iterator[Doc]) -> Iterator[list[Doc]]:
    batch: list[Doc] = []
    tokens = 0
    for doc in docs:
        batch.append(doc)
        tokens += len(doc)
        if tokens >= BATCH_TOKENS:
            yield batch
            batch, tokens = [], 0
    if batch:
        yield batch


def _span(doc: Doc, start: int, end: int, label: str) -> Span:
    last = doc[end - 1]
    return Span(doc[start].idx, last.idx + len(last), label)


class _BoundedVocabulary:
    """A model's vocabulary, for one thread at a time: after a use what its texts added may be freed."""

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp
        self._limit = len(nlp.vocab.strings) + VOCABULARY_GROWTH
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
