"""Takes learned boilerplate out of an article, and keeps it beside the body."""

import dataclasses
from collections.abc import Callable

from schemas.articles import Article, Caption, Subhead
from schemas.boilerplate import Snapshot
from transforms.functions.boilerplate.learning import line_key
from transforms.functions.extraction.blocks import SEPARATOR
from transforms.functions.extraction.words import count_words

# The name of this rule beside those of cleaning.
LEARNED = 'learned_boilerplate'
# An article of which less than this would be left is printed as it is: then the lines are the article.
_MIN_WORDS = 20


def make_stripper(snapshot: Snapshot) -> Callable[[Article], Article]:
    """A function that strips a snapshot's lines from the articles of their outlets.

    The lines go to ``boilerplate``, whole paragraphs only; offsets of subheads and captions follow the body.
    To be applied once the article's hash and signature are taken, and before entities are tagged.
    """
    keys = {outlet: frozenset(line_key(line.text) for line in lines) for outlet, lines in snapshot.outlets}

    def strip(article: Article) -> Article:
        known = keys.get(article.outlet.id) if article.outlet else None
        return article if known is None else _strip(article, known, snapshot.id)

    return strip


def _strip(article: Article, keys: frozenset[str], snapshot_id: str) -> Article:
    kept: list[str] = []
    stripped: list[str] = []
    # Where each paragraph that goes begins in the old body, and how many characters go with it.
    gone: list[tuple[int, int]] = []
    start = 0
    for paragraph in article.body.split(SEPARATOR):
        length = len(paragraph) + len(SEPARATOR)
        if line_key(paragraph) in keys:
            stripped.append(paragraph)
            gone.append((start, length))
        else:
            kept.append(paragraph)
        start += length
    body = SEPARATOR.join(kept)
    marked = dataclasses.replace(article, boilerplate_snapshot=snapshot_id)
    if not stripped or count_words(body) < _MIN_WORDS:
        return marked

    def moved(offset: int) -> int:
        before = sum(length for at, length in gone if at < offset)
        return max(0, min(offset - before, len(body)))

    return dataclasses.replace(
        marked,
        body=body,
        word_count=count_words(body),
        boilerplate=tuple(stripped),
        subheads=tuple(Subhead(one.text, moved(one.offset)) for one in article.subheads),
        captions=tuple(
            Caption(one.text, None if one.offset is None else moved(one.offset)) for one in article.captions
        ),
    )
