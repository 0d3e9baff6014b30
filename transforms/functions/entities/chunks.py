"""Texts as rows of embedded lexemes, by way of what stands between their spaces.

spaCy's tokenizer takes each stretch between white space for itself, so what it made of a stretch once holds
for ever. News repeats itself: of the 800 stretches of an article some 40 have not been met lately. Those
alone are made into a document, in one go; a look into a table does for the others.
"""

import dataclasses
import itertools
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]  # Cython without stubs

from transforms.functions.entities.network import LexemeEmbedding

Rows = NDArray[np.intp]
Places = NDArray[np.int64]

# Stretches that are kept, with those that were met before them: some 300 bytes each.
CHUNK_LIMIT = 16_384
# Characters of a stretch that is kept. Longer ones are addresses, or no words at all.
_LONGEST = 40
_NO_WORD = re.compile(r'[^\w.\'’\s]')
# White space that is more than one space between two words: tokens of its own.
_IRREGULAR = re.compile(r'( \s+|[^\S ]\s*)')


@dataclasses.dataclass(frozen=True, slots=True)
class Tokens:
    """A text's tokens: their rows of the embedding, until the next batch is read, and where they are."""

    rows: Rows
    _starts: Places  # of each chunk, in characters
    _last: Places  # tokens up to the end of each chunk
    _chunks: Sequence[str]
    _inner: dict[str, tuple[tuple[int, int], ...]]

    def characters(self, start: int, end: int) -> tuple[int, int]:
        """Where the tokens from ``start`` up to ``end`` (exclusive) begin and end in the text."""
        return self._of(start)[0], self._of(end - 1)[1]

    def _of(self, token: int) -> tuple[int, int]:
        place = int(self._last.searchsorted(token, 'right'))
        chunk, first = self._chunks[place], int(self._starts[place])
        inner = self._inner.get(chunk)
        if inner is None:
            return first, first + len(chunk)
        before = int(self._last[place - 1]) if place else 0
        start, end = inner[token - before]
        return first + start, first + end


class ChunkTable:
    """What a tokenizer makes of the stretches between spaces. For one thread at a time."""

    def __init__(self, tokenizer: Tokenizer, embedding: LexemeEmbedding, limit: int = CHUNK_LIMIT) -> None:
        self._tokenize = tokenizer
        self._embedding = embedding
        self._limit = limit
        # The tokenizer's exceptions that are no words, such as faces. It puts one together again that it took
        # apart with what stands around it, and for that it looks beyond spaces.
        faces = [rule for rule in tokenizer.rules or () if len(rule) > 1 and _NO_WORD.search(rule)]
        self._faces = re.compile('|'.join(map(re.escape, faces)) or r'(?!)')
        self._with_faces: set[str] = set()
        # Rows of the tokens of each chunk that was met since there was last too little room, and of those
        # that were met in the time before that.
        self._young: dict[str, tuple[int, ...]] = {}
        self._old: dict[str, tuple[int, ...]] = {}
        # Where the tokens are in a chunk that has several.
        self._inner: dict[str, tuple[tuple[int, int], ...]] = {}
        self._passing: list[str] = []  # too long to be kept after the batch that they are in

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def read(self, texts: Sequence[str]) -> list[Tokens]:
        """The tokens of each text."""
        for chunk in self._passing:
            for kept in (self._young, self._old, self._inner):
                kept.pop(chunk, None)
        split = [_chunks_of(text) for text in texts]
        self._passing = []
        self._meet(split)
        if self._with_faces:  # a text with one is taken whole; of a hundred articles one has any
            split = [
                one if self._with_faces.isdisjoint(one[0]) else ([text], np.zeros(1, np.int64))
                for text, one in zip(texts, split, strict=True)
            ]
            self._meet(split)
        return [self._tokens(*one) for one in split]

    def _tokens(self, chunks: list[str], starts: Places) -> Tokens:
        each = list(map(self._young.__getitem__, chunks))
        last = np.cumsum(np.fromiter(map(len, each), np.int64, len(each)))
        rows = np.fromiter(itertools.chain.from_iterable(each), np.intp, int(last[-1]) if each else 0)
        return Tokens(rows, starts, last, chunks, self._inner)

    def _meet(self, split: Sequence[tuple[list[str], Places]]) -> None:
        """Brings all of these chunks into ``_young``."""
        wanted = dict.fromkeys(itertools.chain.from_iterable(chunks for chunks, _ in split))
        if len(self._young) > self._limit:
            self._forget_old()
        if self._embed(wanted):
            return
        self._forget_old()
        if self._embed(wanted):
            return
        # What is kept leaves no room for this batch.
        self._young.clear()
        self._forget_old()
        if not self._embed(wanted):
            raise ValueError(f'too many distinct lexemes in a batch, room for {self._embedding.limit}')

    def _embed(self, wanted: Iterable[str]) -> bool:
        """Whether there was room for those that are new."""
        new = []
        for chunk in itertools.filterfalse(self._young.__contains__, wanted):
            if (known := self._old.pop(chunk, None)) is None:
                new.append(chunk)
            else:
                self._young[chunk] = known
        if not new:
            return True
        # Words with a space between them are tokenized as each of them is. White space is not, nor are faces,
        # nor whole texts.
        alone = [chunk for chunk in new if len(chunk.split()) != 1 or self._faces.search(chunk)]
        apart = set(alone)
        words = [chunk for chunk in new if chunk not in apart]
        docs = [self._tokenize(' '.join(words)), *map(self._tokenize, alone)]
        found = self._embedding.rows(docs)
        if found is None:
            return False
        for chunks, doc, rows in zip([words, *([one] for one in alone)], docs, found, strict=True):
            self._learn(chunks, doc, rows.tolist())
        self._with_faces.update(chunk for chunk in alone if chunk in self._inner)
        self._passing += [chunk for chunk in new if len(chunk) > _LONGEST]
        return True

    def _learn(self, chunks: list[str], doc: Any, rows: list[int]) -> None:
        """Takes the chunks' tokens from a document of the chunks with a space between them."""
        token, start = 0, 0
        places = [(one.idx, one.idx + len(one)) for one in doc]
        for chunk in chunks:
            end = start + len(chunk)
            first = token
            while token < len(places) and places[token][0] < end:
                token += 1
            self._young[chunk] = tuple(rows[first:token])
            if token - first > 1:
                self._inner[chunk] = tuple((a - start, b - start) for a, b in places[first:token])
            start = end + 1

    def _forget_old(self) -> None:
        """What was not met since the last time goes, and what was met since then is old."""
        self._old = {}
        kept = sorted({row for rows in self._young.values() for row in rows})
        new_row = dict(zip(kept, self._embedding.keep(kept), strict=True))
        self._old = {chunk: tuple(new_row[row] for row in rows) for chunk, rows in self._young.items()}
        self._young = {}
        self._inner = {chunk: places for chunk, places in self._inner.items() if chunk in self._old}
        self._with_faces &= self._old.keys()


def _chunks_of(text: str) -> tuple[list[str], Places]:
    """The stretches that the tokenizer takes for themselves, white space among them, and their starts.

    As spaCy has it: a space that follows a word belongs to it, and is no token; any other white space is one,
    without that space, and so is all that the text begins with.
    """
    body = text.lstrip()
    lead = len(text) - len(body)
    chunks = [text[:lead]] if lead else []
    gaps = {0: 0}  # characters before a chunk, where that is not one
    if body.endswith(' ') and not body[-2].isspace():
        body = body[:-1]
    for number, part in enumerate(_IRREGULAR.split(body)):
        if number % 2:
            gap = 1 if part[0] == ' ' else 0
            gaps[len(chunks)] = gap
            chunks.append(part[gap:])
        elif part:
            gaps[len(chunks)] = 0
            chunks += part.split(' ')
    lengths = np.fromiter(map(len, chunks), np.int64, len(chunks))
    ends = lengths + 1
    for place, gap in gaps.items():
        if place < len(chunks):
            ends[place] += gap - 1
    return chunks, np.cumsum(ends) - lengths
