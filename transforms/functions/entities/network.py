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

# Distinct lexemes whose embedding is kept: 96 floats each, so 7.9 MB. A batch (engine.BATCH_CHARACTERS) and a
# longest text (tagging.PIECE_CHARACTERS) that has no word twice still fit.
LEXEME_LIMIT = 20_480
# Tokens a block of the window layers: with 288 + 288 floats each it stays in the processor's caches.
BLOCK_TOKENS = 384
_EPSILON = np.float32(1e-8)  # thinc's LayerNorm
_ODD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio, made odd: Knuth's multiplicative hashing


class LexemeEmbedding:
    """Rows of a table of embedded lexemes; row 0 is the zero vector that stands between documents."""

    def __init__(self, embed: Any, limit: int = LEXEME_LIMIT):
        self._columns = ['ORTH', 'NORM', 'IS_SPACE', *embed.layers[0].attrs['columns']]
        self._hash, self._mix = embed.layers[2], embed.layers[3]
        self.limit = limit
        self._row_of: dict[int, int] = {}
        self.vectors: Floats = np.zeros((limit + 1, embed.get_dim('nO')), np.float32)
        self.is_space: NDArray[np.bool_] = np.zeros(limit + 1, np.bool_)

    def __len__(self) -> int:
        return len(self._row_of)

    def rows(self, docs: Sequence[Doc]) -> Optional[list[Rows]]:
        """Each document's rows of ``vectors`` and ``is_space``; None when there is no room for new ones.

        They are valid until the next call of ``keep``.
        """
        features = np.concatenate([doc.to_array(self._columns) for doc in docs])
        # A token's norm can differ from its lexeme's (tokenizer exceptions): the key is both. They are hashes
        # of 64 bits, and so is the key.
        keys = (features[:, 0] * _ODD + features[:, 1]).tolist()
        first: dict[int, int] = {}
        for place, key in enumerate(keys):
            if key not in self._row_of:
                first.setdefault(key, place)
        if first:
            if len(first) + len(self._row_of) > self.limit:
                return None
            self._add(list(first), features[list(first.values())])
        found = np.fromiter(map(self._row_of.__getitem__, keys), np.intp, len(keys))
        return np.split(found, np.cumsum([len(doc) for doc in docs])[:-1])

    def keep(self, rows: Sequence[int]) -> list[int]:
        """Forgets all lexemes but those of these rows, which are sorted; gives their new rows."""
        new = {row: place for place, row in enumerate(rows, 1)}
        for table in (self.vectors, self.is_space):
            table[1 : len(rows) + 1] = table[list(rows)]
        self._row_of = {key: new[row] for key, row in self._row_of.items() if row in new}
        return list(new.values())

    def _add(self, new: Sequence[int], features: NDArray[np.uint64]) -> None:
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
        inputs, outputs = self._layers[0].shape
        self._scratch = (
            np.ones((BLOCK_TOKENS, inputs), np.float32),
            np.empty((BLOCK_TOKENS, outputs), np.float32),
            np.empty((BLOCK_TOKENS, encode.get_dim('nO')), np.float32),
        )

    @staticmethod
    def unfit(encode: Any) -> Optional[str]:
        """Why the layers are not those that this class computes; None when they are."""
        sizes = set()
        for residual in _stack(encode):
            names = [layer.name for layer in residual.layers[0].layers]
            if names != ['expand_window', 'maxout>>layernorm>>dropout']:
                return f'an unknown encoder layer {names}'
            maxout = residual.layers[0].layers[1].layers[0].layers[0]
            if maxout.maybe_get_dim('nP') != 3:
                return 'other than three maxout pieces'
            sizes.add((maxout.maybe_get_dim('nI'), maxout.maybe_get_dim('nO')))
        return None if len(sizes) == 1 else 'encoder layers of different sizes'

    def encode(self, table: Floats, texts: Sequence[Rows]) -> Floats:
        """Vectors of all tokens, documents one after the other, shape (tokens, width)."""
        gap = np.zeros(self._pad, np.intp)
        padded = [gap]
        for row in texts:
            padded += [row, gap]
        places = np.concatenate(padded)
        # Rows of zeros at both ends, for the neighbours of the first and the last.
        edge = self._layers[0].window
        end = edge + len(places)
        before, after = np.zeros((2, end + edge, table.shape[1]), np.float32)
        np.take(table, places, axis=0, out=before[edge:end])
        for layer in self._layers:
            for start in range(edge, end, BLOCK_TOKENS):
                rows = slice(start, min(start + BLOCK_TOKENS, end))
                layer.apply(before, after, rows, self._scratch)
            before, after = after, before
        ends = edge + np.cumsum([len(row) + self._pad for row in texts])
        return np.concatenate([before[end - len(row) : end] for row, end in zip(texts, ends, strict=True)])


class _WindowLayer:
    def __init__(self, chain: Any):
        window, normalised = chain.layers
        maxout, norm = normalised.layers[0].layers
        self.window: int = window.attrs['window_size']
        self._width: int = maxout.get_dim('nO')
        weights, bias = maxout.get_param('W'), maxout.get_param('b')
        inputs, outputs = maxout.get_dim('nI'), maxout.get_dim('nP') * self._width
        # thinc orders outputs (width, pieces). The other way round a maximum runs along whole rows. The bias
        # is a last row of the weights, for a last column of ones.
        self._weights = np.empty((inputs + 1, outputs), np.float32)
        self._weights[:inputs] = weights.transpose(2, 1, 0).reshape(inputs, outputs)
        self._weights[inputs] = bias.T.reshape(outputs)
        self._gain, self._shift = norm.get_param('G'), norm.get_param('b')
        self._mean = np.full(self._width, 1 / self._width, np.float32)

    @property
    def shape(self) -> tuple[int, int]:
        """Of the weights: inputs with the column of ones, and outputs."""
        inputs, outputs = self._weights.shape
        return inputs, outputs

    def apply(
        self, before: Floats, after: Floats, rows: slice, scratch: tuple[Floats, Floats, Floats]
    ) -> None:
        """Sets ``after[rows]`` to these of ``before`` (tokens, width) plus the layer's output.

        ``scratch`` is space for windows, whose last column is ones, for their products, and for the layer's
        output.
        """
        tokens, width = rows.stop - rows.start, self._width
        columns, products, best = (space[:tokens] for space in scratch)
        # A token's neighbours lie beside it: its window is one piece of memory.
        around = before[rows.start - self.window :]
        shape = (tokens, columns.shape[1] - 1)
        columns[:, :-1] = np.lib.stride_tricks.as_strided(around, shape, before.strides, writeable=False)
        np.matmul(columns, self._weights, out=products)
        # Into memory of its own: what follows runs twice as fast over whole rows as over thirds of them.
        np.maximum(products[:, :width], products[:, width : 2 * width], out=best)
        np.maximum(best, products[:, 2 * width :], out=best)
        best -= (best @ self._mean)[:, np.newaxis]
        variance = np.einsum('ij,ij->i', best, best) / np.float32(width) + _EPSILON
        best *= (1 / np.sqrt(variance))[:, np.newaxis]
        best *= self._gain
        best += self._shift
        np.add(before[rows], best, out=after[rows])


def _stack(encode: Any) -> Sequence[Any]:
    layers: Sequence[Any] = encode.layers[0].layers
    return layers
