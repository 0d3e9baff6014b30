"""Signatures of texts: near duplicates are told from them alone, without the texts.

A signature is a pair of MinHash sketches: one of the words, one of the pairs of neighbouring words. Every
occurrence counts (the second "the" is a feature of its own), so that the Jaccard similarity of two texts
says which share of their words they have in common. A stored signature must stay comparable for years: its
first byte says how it was made, and signatures made differently are never compared.
"""

import dataclasses
import functools
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Optional, TypeGuard

import numpy as np
import numpy.typing as npt
import rensa  # type: ignore[import-untyped]

from schemas.articles import Article
from transforms.functions.text_hashes import text_hash

# Version of all that decides a signature's bytes: tokens, features, hashing, layout. Raise it with any.
VERSION = 1
_HASHING = 2  # rensa's own version of its hashing, which VERSION implies
_SEED = 1
WORD_SLOTS = 160
PAIR_SLOTS = 128
SLOTS = WORD_SLOTS + PAIR_SLOTS
_HEADER = 6  # version, kind of tokens, number of words as they are weighed in 4 bytes
SIZE = _HEADER + 2 * SLOTS
# Below this many tokens two different alerts of one template ("Magnitude 4.5 earthquake strikes near ...")
# share most of their words. Such texts are only ever exact duplicates.
MIN_TOKENS = 12
# Numbers count as so many words: two forecasts or price reports of one template differ in little else.
NUMBER_WEIGHT = 3
# A text is cut here: the rest of a 200-page document would change nothing and cost seconds.
_MAX_CHARACTERS = 400_000

# Scripts that put no space between words, by how many characters say about as much as a word does.
_BY_TWO = '\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff'
_BY_THREE = '\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff'
# Vowel signs and accents that stand as characters of their own; to `re` they end a word.
_MARKS = '\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670'
_MARKS += '\u0900-\u0963\u0966-\u0dff\u200c\u200d'
_WORD = re.compile(r'[^\W_]+')
_ANY_WORD = re.compile(rf'[{_BY_TWO}]+|[{_BY_THREE}]+|(?:(?![{_BY_TWO}{_BY_THREE}])[^\W_]|[{_MARKS}])+')
# Most texts have none of these, and need not be looked at word by word.
_OTHER = re.compile(f'[{_BY_TWO}{_BY_THREE}{_MARKS}]')
_TWO, _THREE = re.compile(f'[{_BY_TWO}]'), re.compile(f'[{_BY_THREE}]')


@dataclass(frozen=True)
class Tokens:
    """The words of a text, or the short strings of characters that stand for them."""

    found: tuple[str, ...]
    of_characters: bool  # whether most of them are strings of characters


def tokens_of(text: str) -> Tokens:
    """The tokens of a text, whatever its case, spaces and punctuation.

    >>> tokens_of('The "dam" , it held.').found
    ('the', 'dam', 'it', 'held')
    >>> tokens_of('大坝守住了')
    Tokens(found=('大坝', '坝守', '守住', '住了'), of_characters=True)
    """
    text = text[:_MAX_CHARACTERS]
    if text.isascii():
        return Tokens(tuple(_WORD.findall(text.lower())), False)
    text = unicodedata.normalize('NFKC', text).casefold()
    if not _OTHER.search(text):
        return Tokens(tuple(_WORD.findall(text)), False)
    found: list[str] = []
    of_characters = 0
    for run in _ANY_WORD.findall(text):
        length = 2 if _TWO.match(run) else 3 if _THREE.match(run) else 0
        if length:
            grams = [run[n : n + length] for n in range(max(len(run) - length + 1, 1))]
            of_characters += len(grams)
            found += grams
        else:
            found.append(run)
    return Tokens(tuple(found), 2 * of_characters > len(found))


def sign_text(title: Optional[str], body: str) -> Optional[bytes]:
    """The signature of title and body, ``SIZE`` bytes; None below ``MIN_TOKENS`` tokens."""
    tokens = tokens_of(f'{title or ""}\n{body}')
    words = tokens.found
    if len(words) < MIN_TOKENS:
        return None
    weighed = [*words, *[word for word in words if word[0].isdecimal()] * (NUMBER_WEIGHT - 1)]
    header = bytes((VERSION, tokens.of_characters)) + len(weighed).to_bytes(4, 'little')
    pairs = [f'{first} {second}' for first, second in itertools.pairwise(words)]
    return header + _sketch(_numbered(weighed), WORD_SLOTS) + _sketch(_numbered(pairs), PAIR_SLOTS)


def sign_article(article: Article) -> Article:
    """The article with the signature and the hash of its title and body, of which the dateline is no part."""
    signature = sign_text(article.title, article.body)
    return dataclasses.replace(article, signature=signature, text_hash=text_hash(article))


def _numbered(features: Iterable[str]) -> list[str]:
    """Every occurrence as a feature of its own."""
    counts = Counter(features)
    again = [item for item in counts.items() if item[1] > 1]
    return [*counts, *(f'{feature}\t{number}' for feature, count in again for number in range(1, count))]


def _sketch(features: list[str], slots: int) -> bytes:
    _check_hashing()
    sketch = rensa.RMinHash(num_perm=slots, seed=_SEED)
    sketch.update(features)
    values = np.array(sketch.digest(), dtype=np.uint32)
    # 16 of 32 bits, mixed from all: two different minima agree once in 65 536.
    return ((values * np.uint32(0x9E3779B1)) >> np.uint32(16)).astype('<u2').tobytes()


@functools.cache
def _check_hashing() -> None:
    if rensa.RMinHash.ALGORITHM_VERSION != _HASHING:
        raise RuntimeError(
            f'rensa hashes by version {rensa.RMinHash.ALGORITHM_VERSION}; signatures need {_HASHING}: '
            'install the rensa that setup.py names'
        )


@dataclass(frozen=True)
class Signatures:
    """Signatures as arrays, a row each. A text without one, or with one of another version, has size 0."""

    slots: npt.NDArray[np.uint16]  # rows of SLOTS
    sizes: npt.NDArray[np.int64]  # numbers of words as they are weighed
    of_characters: npt.NDArray[np.bool_]

    @classmethod
    def read(cls, signatures: Iterable[Optional[bytes]]) -> 'Signatures':
        """The signatures in their order."""
        whole = b''.join(one if _is_readable(one) else bytes(SIZE) for one in signatures)
        rows = np.frombuffer(whole, np.uint8).reshape(-1, SIZE)
        return cls(
            np.ascontiguousarray(rows[:, _HEADER:]).view('<u2'),
            np.ascontiguousarray(rows[:, 2:_HEADER]).view('<u4')[:, 0].astype(np.int64),
            rows[:, 1] == 1,
        )

    def chosen(self, which: npt.NDArray[np.bool_]) -> 'Signatures':
        """Some of the rows; these themselves when all are chosen."""
        if which.all():
            return self
        return Signatures(self.slots[which], self.sizes[which], self.of_characters[which])

    @classmethod
    def joined(cls, parts: Iterable['Signatures']) -> 'Signatures':
        """The rows of all parts, in order."""
        all_of = [cls.read(()), *parts]
        return cls(
            np.concatenate([part.slots for part in all_of]),
            np.concatenate([part.sizes for part in all_of]),
            np.concatenate([part.of_characters for part in all_of]),
        )

    def __len__(self) -> int:
        return len(self.slots)


def _is_readable(signature: Optional[bytes]) -> TypeGuard[bytes]:
    return signature is not None and len(signature) == SIZE and signature[0] == VERSION
