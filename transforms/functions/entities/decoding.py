"""Greedy BILUO decoding without a loop over tokens, with the results of spaCy's transition system.

Outside an entity the system's state is the next token alone, so one matrix product scores the action of every
token as if it stood outside. Only where that says "begin" does a chain start; all chains advance together, a
token a round, until each one's "last". One pass from left to right then picks the entities that a run from
the first token would have met.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Places = NDArray[np.intp]


class Decoder:
    """The upper part of a transition-based NER model: from token vectors to entities."""

    def __init__(self, actions: Sequence[str], *, linear: Any, lower: Any, upper: Any):
        """Takes the actions' names in the model's order ('B-ORG', 'O', ...) and its three layers."""
        self._linear = np.ascontiguousarray(linear.get_param('W').T), linear.get_param('b')
        weights = lower.get_param('W')  # (features, hidden, pieces, inputs)
        self._features = [
            np.ascontiguousarray(feature.transpose(2, 1, 0).reshape(weights.shape[3], -1))
            for feature in weights
        ]
        self._absent = [np.ascontiguousarray(pad.T.reshape(-1)) for pad in lower.get_param('pad')[0]]
        self._bias = np.ascontiguousarray(lower.get_param('b').T.reshape(-1))
        self._hidden: int = weights.shape[1]
        scores, offsets = upper.get_param('W'), upper.get_param('b')
        # An action that ties with another loses to the one before it: keep the model's order.
        outside = [i for i, name in enumerate(actions) if name == 'O' or (name[0] in 'BU' and name[2:])]
        self._outside = np.ascontiguousarray(scores[outside].T), offsets[outside]
        self._is_begin = np.array([actions[i][0] == 'B' for i in outside])
        self._is_out = np.array([actions[i] == 'O' for i in outside])
        self._labels = [actions[i][2:] for i in outside]
        within = {action: i for i, action in enumerate(actions)}
        order = [within.get(f'I-{label}', within['O']) for label in self._labels]
        close = [within.get(f'L-{label}', within['O']) for label in self._labels]
        self._within = np.ascontiguousarray(scores.T), offsets
        self._in, self._last = np.array(order), np.array(close)
        self._first_of_pair = self._in < self._last

    def decode(
        self, vectors: Floats, spaces: NDArray[np.bool_], lengths: Sequence[int]
    ) -> Iterator[list[tuple[int, int, str]]]:
        """For each document its entities as (first token, token after the last, label).

        Args:
            vectors: of all tokens, documents one after the other.
            spaces: which tokens are white space.
            lengths: tokens of each document, none of them 0.
        """
        tokens = vectors @ self._linear[0]
        tokens += self._linear[1]
        ends = np.cumsum(lengths)
        final = np.zeros(len(tokens), np.bool_)
        final[ends - 1] = True
        first = tokens @ self._features[0]
        action = self._outside_actions(first, spaces, final)
        begins = np.flatnonzero(self._is_begin[action])
        chain_ends = self._follow(begins, self._in_context(tokens, first, begins, action), final, action)
        found = np.flatnonzero(~self._is_out[action])
        stops = found + 1
        stops[np.searchsorted(found, begins)] = chain_ends
        return self._pick(found, stops, action[found], ends)

    def _outside_actions(self, first: Floats, spaces: NDArray[np.bool_], final: NDArray[np.bool_]) -> Places:
        state = first + self._absent[1]
        state += self._absent[2]
        scores = self._maxout(state) @ self._outside[0]
        scores += self._outside[1]
        out = int(np.flatnonzero(self._is_out)[0])
        outs = scores[:, out].copy()
        scores[final[:, np.newaxis] & self._is_begin] = -np.inf
        scores[spaces] = -np.inf
        scores[:, out] = outs
        return scores.argmax(axis=1)

    def _in_context(self, tokens: Floats, first: Floats, begins: Places, action: Places) -> Any:
        opened = tokens[begins] @ self._features[1]

        def closes(chains: Places, at: Places) -> NDArray[np.bool_]:
            """Whether each chain's action at its token is "last" rather than "in"."""
            state = first[at] + opened[chains]
            state += tokens[at - 1] @ self._features[2]
            scores = self._maxout(state) @ self._within[0]
            scores += self._within[1]
            kind = action[begins[chains]]
            each = np.arange(len(chains))
            inside, last = scores[each, self._in[kind]], scores[each, self._last[kind]]
            return np.where(self._first_of_pair[kind], last > inside, last >= inside)

        return closes

    def _follow(self, begins: Places, closes: Any, final: NDArray[np.bool_], action: Places) -> Places:
        ends = np.zeros(len(begins), np.intp)
        chains = np.arange(len(begins))
        at = begins + 1
        while len(chains):
            closed = final[at] | closes(chains, at)
            ends[chains[closed]] = at[closed] + 1
            chains, at = chains[~closed], at[~closed] + 1
        return ends

    def _maxout(self, state: Floats) -> Floats:
        state += self._bias
        best = state[:, : self._hidden]
        return np.maximum(best, state[:, self._hidden :])

    def _pick(
        self, starts: Places, stops: Places, actions: Places, ends: Places
    ) -> Iterator[list[tuple[int, int, str]]]:
        spans = zip(starts.tolist(), stops.tolist(), actions.tolist(), strict=True)
        span = next(spans, None)
        offset = free = 0
        for end in ends.tolist():
            picked: list[tuple[int, int, str]] = []
            while span is not None and span[0] < end:
                start, stop, action = span
                if start >= free:
                    picked.append((start - offset, stop - offset, self._labels[action]))
                    free = stop
                span = next(spans, None)
            yield picked
            offset = end
