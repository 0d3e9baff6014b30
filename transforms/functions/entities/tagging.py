"""Entity mentions of an article's title, standfirst and body."""

import dataclasses
from collections.abc import Sequence
from typing import Optional

from schemas.articles import Article, Mention
from transforms.functions.entities.labels import label_of
from transforms.functions.entities.languages import Taggers
from transforms.functions.entities.model import Tagger
from transforms.functions.entities.repairs import Repair, repair, repairs_for
from transforms.functions.entities.sentences import pieces, sentence_at, sentence_starts
from transforms.functions.entities.spans import Found
from transforms.functions.entities.tables import Tables

# Longer texts are cut between sentences: a document's memory grows by 2 KB a token, and a model looks no
# further than four tokens to either side.
PIECE_CHARACTERS = 50_000
FIELDS = ('title', 'standfirst', 'body')


def tag_entities(
    article: Article,
    taggers: Taggers,
    *,
    repairs: Optional[Sequence[Repair]] = None,
    tables: Optional[Tables] = None,
) -> Article:
    """The article with ``mentions`` and ``entities_model`` filled in, by the model for its language.

    An article in a language without a model is not tagged by another's: ``entities_model`` stays None.
    The repairs go by ``tables``, by default the embedded ones.
    """
    tagger = taggers.for_language(article.language)
    if tagger is None:
        return article
    texts = [(field, text) for field in FIELDS if (text := getattr(article, field))]
    spans = found_in([text for _, text in texts], tagger, repairs=repairs, tables=tables)
    mentions = [
        mention
        for (field, text), found in zip(texts, spans, strict=True)
        for mention in _mentions(field, text, found)
    ]
    return dataclasses.replace(article, mentions=tuple(mentions), entities_model=tagger.name)


def tag_texts(
    texts: Sequence[str],
    tagger: Tagger,
    *,
    repairs: Optional[Sequence[Repair]] = None,
    tables: Optional[Tables] = None,
) -> list[list[Mention]]:
    """The mentions in each of the texts, which have nothing to do with each other; their field is body.

    Many short texts in one call are faster than a call each. Without ``repairs`` given, those for the
    model's language run; an empty sequence leaves the model's entities as they are.
    """
    rules = repairs_for(tagger.language) if repairs is None else repairs
    # Each text alone is a document to the repairs that compare mentions.
    raw = _model_spans(texts, tagger)
    return [
        _mentions('body', text, repair([text], [spans], rules, tables)[0])
        for text, spans in zip(texts, raw, strict=True)
    ]


def found_in(
    texts: Sequence[str],
    tagger: Tagger,
    *,
    repairs: Optional[Sequence[Repair]] = None,
    tables: Optional[Tables] = None,
) -> list[list[Found]]:
    """Entities in the texts of one document, with labels of the closed set, repaired."""
    rules = repairs_for(tagger.language) if repairs is None else repairs
    return repair(texts, _model_spans(texts, tagger), rules, tables)


def _model_spans(texts: Sequence[str], tagger: Tagger) -> list[list[Found]]:
    cut = [
        (place, offset, piece)
        for place, text in enumerate(texts)
        for offset, piece in pieces(text, PIECE_CHARACTERS)
    ]
    found: list[list[Found]] = [[] for _ in texts]
    for (place, offset, _), spans in zip(cut, tagger.engine.spans([piece for *_, piece in cut]), strict=True):
        for span in spans:
            if (label := label_of(span.label)) is not None:
                found[place].append(Found(span.start + offset, span.end + offset, label))
    return found


def _mentions(field: str, text: str, found: Sequence[Found]) -> list[Mention]:
    starts = sentence_starts(text) if found else []
    return [
        Mention(
            field, one.start, one.end, text[one.start : one.end], one.label, sentence_at(starts, one.start)
        )
        for one in found
    ]
