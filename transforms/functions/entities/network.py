"""The NER network's token vectors: an embedding kept per lexeme, and window layers in small blocks.

Both take their weights from a loaded thinc model and give what its own layers give, up to the rounding of
32-bit sums in another order.
"""

from collections.abc import Sequence
from typing import Any, Optional

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]

# Distinct lexemes whose embedding is kept: 96 floats each, so 7.9 MB. More of them make nothing faster: what
# is frequent is there again after some articles. A batch (engine.BATCH_TOKENS) and a longest text
# (tagging.PIECE_CHARACTERS) that has no word twice still fit.
LEXEME_LIMIT = 20_480
# Tokens a block of the window layers: 288 + 288 floats each, 1.2 MB, fits the second-level cache.
BLOCK_TOKENS = 384
_EPSILON = 1e-8  # thinc's LayerNorm


class LexemeEmbedding:
    """Rows of a table of embedded lexemes; row 0 is the zero vector that stands between documents."""

    def __init__(self, embed: Any, limit: int = LEXEME_LIMIT):
        self._columns = ['ORTH', 'NORM', 'IS_SPACE', *embed.layers[0].attrs['columns']]
        self._hash, self._mix = embed.layers[2], embed.layers[3]
        self._limit = limit
        self._row_of: dict[tuple[int, int], int] = {}
        self.vectors: Floats = np.zeros((limit + 1, embed.get_dim('nO')), np.float32)
        self.is_space: NDArray[np.bool_] = np.zeros(limit + 1, np.bool_)

    def __len__(self) -> int:
        return len(self._row_of)

    def rows(self, docs: Sequence[Doc]) -> list[Rows]:
        """Each document's rows of ``vectors`` and ``is_space``, valid until the next call."""
        features = np.concatenate([doc.to_array(self._columns) for doc in docs])
        # A token's norm can differ from its lexeme's (tokenizer exceptions): the key is both.
        keys = list(zip(features[:, 0].tolist(), features[:, 1].tolist(), strict=True))
        if new := {key: at for at, key in enumerate(keys) if key not in self._row_of}:
            if len(new) + len(self._row_of) > self._limit:
                # Starting over costs one batch of embeddings; an order of use would cost every token.
                self._row_of.clear()
                new = {key: at for at, key in enumerate(keys)}
                if len(new) > self._limit:
                    raise ValueError(f'a batch of {len(new)} distinct lexemes, room for {self._limit}')
            self._add(new, features[list(new.values())])
        found = np.fromiter(map(self._row_of.__getitem__, keys), np.intp, len(keys))
        return np.split(found, np.cumsum([len(doc) for doc in docs])[:-1])

    def _add(self, new: dict[tuple[int, int], int], features: NDArray[np.uint64]) -> None:
        first = len(self._row_of) + 1
        rows = slice(first, first + len(new))
        hashed = self._hash.predict(np.ascontiguousarray(features[:, 3:]))
        self.vectors[rows] = self._mix.predict(hashed)
        self.is_space[rows] = features[:, 2] != 0
        self._row_of.update(zip(new, range(first, first + len(new)), strict=True))


class WindowEncoder:
    """A stack of residual layers, each a maxout over a token and its neighbours, normalised."""

    def __init__(self, encode: Any):
        if (reason := self.unfit(encode)) is not None:
            raise ValueError(reason)
        self._pad: int = encode.attrs['pad']
        self._layers = [_WindowLayer(residual.layers[0]) for residual in _stack(encode)]
        # A block's outermost tokens lack neighbours; every layer spreads that one window further.
        self._halo = sum(layer.window for layer in self._layers)
        widest = max(layer.inputs for layer in self._layers), max(layer.outputs for layer in self._layers)
        block = BLOCK_TOKENS + 2 * self._halo
        self._buffers = np.empty((block, widest[0]), np.float32), np.empty((block, widest[1]), np.float32)

    @staticmethod
    def unfit(encode: Any) -> Optional[str]:
        """Why the layers are not those that this class computes; None when they are."""
        for residual in _stack(encode):
            names = [layer.name for layer in residual.layers[0].layers]
            if names != ['expand_window', 'maxout>>layernorm>>dropout']:
                return f'an unknown encoder layer {names}'
            maxout = residual.layers[0].layers[1].layers[0].layers[0]
            if maxout.maybe_get_dim('nP') != 3:
                return 'other than three maxout pieces'
        return None

    def encode(self, table: Floats, rows: Sequence[Rows]) -> Floats:
        """Vectors of all tokens, documents one after the other, shape (tokens, width)."""
        gap = np.zeros(self._pad, np.intp)
        padded = [gap]
        for row in rows:
            padded += [row, gap]
        inputs = table[np.concatenate(padded)]
        outputs = np.empty_like(inputs)
        for start in range(0, len(inputs), BLOCK_TOKENS):
            end = min(start + BLOCK_TOKENS, len(inputs))
            low, high = max(0, start - self._halo), min(len(inputs), end + self._halo)
            block = inputs[low:high].copy()
            for layer in self._layers:
                layer.add_to(block, *self._buffers)
            outputs[start:end] = block[start - low : end - low]
        ends = np.cumsum([len(row) + self._pad for row in rows])
        return np.concatenate([outputs[end - len(row) : end] for row, end in zip(rows, ends, strict=True)])


class _WindowLayer:
    def __init__(self, chain: Any):
        window, normalised = chain.layers
        maxout, norm = normalised.layers[0].layers
        self.window: int = window.attrs['window_size']
        self._width: int = maxout.get_dim('nO')
        weights, bias = maxout.get_param('W'), maxout.get_param('b')
        pieces = maxout.get_dim('nP')
        self.inputs: int = maxout.get_dim('nI')
        self.outputs: int = pieces * self._width
        # thinc orders outputs (width, pieces). The other way round a maximum runs along whole rows.
        self._weights = np.ascontiguousarray(weights.transpose(2, 1, 0).reshape(self.inputs, self.outputs))
        self._bias = np.ascontiguousarray(bias.T.reshape(self.outputs))
        self._gain, self._shift = norm.get_param('G'), norm.get_param('b')

    def add_to(self, block: Floats, columns: Floats, products: Floats) -> None:
        """Adds the layer's output to ``block`` (tokens, width) in place; the buffers are scratch space."""
        tokens, width = block.shape
        columns, products = columns[:tokens], products[:tokens]
        for place, shift in enumerate(range(-self.window, self.window + 1)):
            column = columns[:, place * width : (place + 1) * width]
            if shift < 0:
                column[:-shift] = 0
                column[-shift:] = block[:shift]
            elif shift > 0:
                column[-shift:] = 0
                column[:-shift] = block[shift:]
            else:
                column[:] = block
        np.matmul(columns, self._weights, out=products)
        products += self._bias
        best = products[:, :width]
        np.maximum(best, products[:, width : 2 * width], out=best)
        np.maximum(best, products[:, 2 * width :], out=best)
        best -= best.mean(axis=1, keepdims=True)
        variance = np.einsum('ij,ij->i', best, best) / np.float32(width) + np.float32(_EPSILON)
        best *= (1 / np.sqrt(variance))[:, np.newaxis]
        best *= self._gain
        best += self._shift
        block += best


def _stack(encode: Any) -> Sequence[Any]:
    layers: Sequence[Any] = encode.layers[0].layers
    return layers
