"""An article from its page or from its feed entry's content, whichever is had and holds the article."""

import dataclasses
from typing import Union

from schemas.articles import CONTENT_FIELD, MUCH_LONGER, Article, Evidence
from schemas.pages import Page, Rejection
from schemas.vocabulary import ContentFrom, EvidenceSource, Reason
from transforms.functions.extraction.article import explain_article
from transforms.functions.extraction.blocks import Removal
from transforms.functions.extraction.entry_article import explain_entry
from transforms.functions.extraction.feed_values import feed_values

# The words that a notice in place of an article has ('subscribe to read on'); an entry's content of fewer
# words is not worth taking.
_MIN_WORDS = 40
# A page that is no article (a video, a gallery) may have a long description in the feed.
_MIN_WORDS_OF_NO_ARTICLE = 100
# What a page that was had can end as though the entry's content is an article.
_NOT_EXTRACTED = frozenset({Reason.NO_TEXT, Reason.NOT_HTML, Reason.BAD_ENCODING, Reason.NOT_AN_ARTICLE})


def article_of(page: Page) -> Union[Article, Rejection]:
    """The article of a page, as ``extract_article`` gives it, unless an entry's content is better.

    It is better when the page could not be had (``page.refusal``), holds no article, or holds much less of
    its text. What a page says of the article (title, authors, dates, ...) is kept where the page was had.
    ``content_from`` and the evidence for ``content`` say which it was and why. Never raises.
    """
    return explain_article_of(page)[0]


def explain_article_of(page: Page) -> tuple[Union[Article, Rejection], list[Removal]]:
    """As ``article_of``, with the lines that cleaning took out of the text and the rule of each."""
    packed = feed_values(page.sightings).content
    if page.refusal is not None:
        entry = explain_entry(page) if packed else None
        if entry is None:
            return Rejection(page.refusal, page.refusal_detail), []
        why = f'{page.refusal} ({page.refusal_detail or "no more is known"})'
        return _told(entry[0], why), entry[1]
    result, removed = explain_article(page)
    if packed is None or (isinstance(result, Rejection) and Reason(result.reason) not in _NOT_EXTRACTED):
        return result, removed
    entry = explain_entry(page)
    if entry is None or entry[0].word_count < _least_words(result):
        return result, removed
    if isinstance(result, Rejection):
        return _told(entry[0], f'{result.reason} ({result.detail})'), entry[1]
    return _told(_with_text_of(result, entry[0]), f'{result.word_count} words'), entry[1]


def _least_words(result: Union[Article, Rejection]) -> float:
    """The words that an entry's content needs to be taken instead of what the page gave."""
    if isinstance(result, Article):
        return max(_MIN_WORDS, MUCH_LONGER * result.word_count)
    return _MIN_WORDS_OF_NO_ARTICLE if result.reason == Reason.NOT_AN_ARTICLE else _MIN_WORDS


def _with_text_of(article: Article, entry: Article) -> Article:
    return dataclasses.replace(
        article,
        content_from=ContentFrom.FEED.value,
        page_etag=None,  # the text is not the page's: that the page is as before would say nothing of it
        page_last_modified=None,
        body=entry.body,
        subheads=entry.subheads,
        captions=entry.captions or article.captions,
        word_count=entry.word_count,
        language=entry.language,
        evidence=tuple(row for row in article.evidence if row.field != 'language')
        + tuple(row for row in entry.evidence if row.field == 'language'),
    )


def _told(article: Article, page: str) -> Article:
    """The article with the evidence for its content: what became of the page, and of the entry."""
    rows = (
        Evidence(CONTENT_FIELD, f'{article.word_count} words', EvidenceSource.FEED.value, True),
        Evidence(CONTENT_FIELD, page[:300], EvidenceSource.PAGE.value, False),
    )
    return dataclasses.replace(article, evidence=article.evidence + rows)
