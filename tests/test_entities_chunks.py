"""Texts as tokens by way of what stands between their spaces, against spaCy's tokenizer."""

import random

import pytest
from spacy.language import Language
from spacy.tokenizer import Tokenizer

from transforms.functions.entities import model
from transforms.functions.entities.chunks import ChunkTable
from transforms.functions.entities.engine import unfit
from transforms.functions.entities.network import LexemeEmbedding

PARTS = (
    "don't", 'U.S.', '(Reuters)', '—', 'a', 'the', 'e.g.', ':)', '(', ')', 'co.', '…', '“We', '9a.m.',
    '$3.5m', '10km', 'http://x.example/y?a=b', 'x@y.example', "o'clock", "I'm", "can't", "C'mon",
    "'cause", "'s", '-',
    'New-York', '...', '!!!', '"', 'St.', '東京', 'a' * 60, '…' * 30, '(AP):', 'Nairobi,',
    'Nairobi', '“Kyiv”',
)  # fmt: skip
BETWEEN = (' ', ' ', ' ', ' ', '\n', '\n\n', '  ', ' \n ', '\t', '\xa0', '\u3000', '\x1c')


@pytest.fixture(scope='module')
def nlp() -> Language:
    return model._load(model.DEFAULT_MODEL)


def table(nlp: Language, lexemes: int = 2_000, limit: int = 300) -> ChunkTable:
    ner = nlp.get_pipe('ner')
    embed = ner.model.get_ref('tok2vec').layers[0].layers[0]  # type: ignore[attr-defined]
    return ChunkTable(nlp.tokenizer, LexemeEmbedding(embed, lexemes), limit)


def made_up(rng: random.Random) -> str:
    """A text of odd parts, among them words that are in no other."""
    parts = [
        rng.choice(PARTS) if rng.random() < 0.7 else f'w{rng.random()}' for _ in range(rng.randrange(40))
    ]
    text = ''.join(part + rng.choice(BETWEEN) for part in parts)
    return rng.choice(('', ' ', '\n', '  ')) + text + rng.choice(('', ' ', '  ', '\n'))


@pytest.mark.parametrize('seed', range(4))
def test_tokens_are_those_of_the_tokenizer_whatever_was_read_before(nlp: Language, seed: int) -> None:
    rng, chunks = random.Random(seed), table(nlp)
    for _ in range(120):
        texts = [made_up(rng) for _ in range(3)]
        for text, tokens in zip(texts, chunks.read(texts), strict=True):
            doc = nlp.tokenizer(text)
            found = [tokens.characters(n, n + 1) for n in range(len(tokens.rows))]
            assert found == [(token.idx, token.idx + len(token)) for token in doc], text
            rows: dict[tuple[int, int], int] = {}
            for token, row in zip(doc, tokens.rows.tolist(), strict=True):
                assert rows.setdefault((token.orth, token.norm), row) == row
            assert len(set(rows.values())) == len(rows)
    assert len(chunks) <= 700  # twice the limit, and a batch


def test_several_tokens_reach_from_the_first_to_the_end_of_the_last(nlp: Language) -> None:
    text = 'He met “Nairobi’s mayor,” once.'
    (tokens,) = table(nlp).read([text])
    words = [token.text for token in nlp.tokenizer(text)]
    start, end = tokens.characters(words.index('Nairobi'), words.index('mayor') + 1)
    assert text[start:end] == 'Nairobi’s mayor'


def test_a_batch_that_what_is_kept_leaves_no_room_for_is_read_all_the_same(nlp: Language) -> None:
    chunks = table(nlp, lexemes=60)
    for n in range(8):
        words = [f'w{n}x{k}' for k in range(40)]
        (tokens,) = chunks.read([' '.join(words)])
        assert len(set(tokens.rows.tolist())) == 40
    with pytest.raises(ValueError, match='room for 60'):
        chunks.read([' '.join(f'v{k}' for k in range(61))])


def test_a_tokenizer_with_an_exception_of_two_words_is_not_taken() -> None:
    nlp = model._load(model.DEFAULT_MODEL)
    assert unfit(nlp) is None
    assert type(nlp.tokenizer) is Tokenizer
    nlp.tokenizer.add_special_case('New York', [{'ORTH': 'New York'}])
    assert unfit(nlp) is not None
