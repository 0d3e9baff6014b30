"""An article from its page or from its feed entry's content, whichever is had and holds the article."""

import dataclasses
from typing import Union

from schemas.articles import CONTENT_FIELD, MUCH_LONGER, Article, Evidence
from schemas.pages import Page, Rejection
from schemas.vocabulary import ContentFrom, EvidenceSource, Reason
from transforms.functions.extraction.article import extract_article
from transforms.functions.extraction.entry_article import article_from_entry
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
    packed = feed_values(page.sightings).content
    if page.refusal is not None:
        from_entry = article_from_entry(page) if packed else None
        if from_entry is None:
            return Rejection(page.refusal, page.refusal_detail)
        return _told(from_entry, f'{page.refusal} ({page.refusal_detail or "no more is known"})', '')
    result = extract_article(page)
    if packed is None:
        return result
    if isinstance(result, Rejection):
        if Reason(result.reason) not in _NOT_EXTRACTED:
            return result
        from_entry = article_from_entry(page)
        no_article = result.reason == Reason.NOT_AN_ARTICLE
        least = _MIN_WORDS_OF_NO_ARTICLE if no_article else _MIN_WORDS
        if from_entry is None or from_entry.word_count < least:
            return result
        return _told(from_entry, f'{result.reason} ({result.detail})', '')
    from_entry = article_from_entry(page)
    if from_entry is None or from_entry.word_count < max(_MIN_WORDS, MUCH_LONGER * result.word_count):
        return result
    with_its_text = dataclasses.replace(
        result,
        content_from=ContentFrom.FEED.value,
        page_etag=None,  # the text is not the page's: that the page is as before would say nothing of it
        page_last_modified=None,
        body=from_entry.body,
        subheads=from_entry.subheads,
        captions=from_entry.captions or result.captions,
        word_count=from_entry.word_count,
        language=from_entry.language,
        evidence=tuple(row for row in result.evidence if row.field != 'language')
        + tuple(row for row in from_entry.evidence if row.field == 'language'),
    )
    return _told(with_its_text, f'{result.word_count} words', f'{from_entry.word_count} words')


def _told(article: Article, page: str, feed: str) -> Article:
    """The article with the evidence for its content: what became of the page, and of the entry."""
    feed = feed or f'{article.word_count} words'
    rows = (
        Evidence(CONTENT_FIELD, feed, EvidenceSource.FEED.value, True),
        Evidence(CONTENT_FIELD, page[:300], EvidenceSource.PAGE.value, False),
    )
    return dataclasses.replace(article, evidence=article.evidence + rows)
