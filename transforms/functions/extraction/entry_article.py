"""An article out of a feed's entry alone: its content and what the entry says of it."""

from typing import Optional
from urllib.parse import urljoin

from schemas.articles import Article, Evidence
from schemas.pages import Page, Rejection
from schemas.vocabulary import ContentFrom, EvidenceSource
from transforms.functions.extraction import kinds
from transforms.functions.extraction.article import EXTRACTOR_VERSION
from transforms.functions.extraction.blocks import Block, BlockKind, Removal, assemble
from transforms.functions.extraction.captions import figure_captions, with_unplaced
from transforms.functions.extraction.characters import tidy
from transforms.functions.extraction.cleaning import clean_body
from transforms.functions.extraction.dates import from_entry
from transforms.functions.extraction.fast_body import whole_blocks
from transforms.functions.extraction.feed_values import FeedValues, feed_values
from transforms.functions.extraction.language import choose_language
from transforms.functions.extraction.marks import find_marks
from transforms.functions.extraction.metadata import Candidate
from transforms.functions.extraction.parsing import Tree, drop_silent, parse_html
from transforms.functions.extraction.people import people_of
from transforms.functions.extraction.standfirst import choose_standfirst
from transforms.functions.extraction.titles import choose_title, shorten
from transforms.functions.extraction.words import count_words
from transforms.functions.packed_text import unpack

_FEED = EvidenceSource.FEED.value
# Fewer words than this are a notice, as with pages.
_MIN_WORDS = 20


def explain_entry(page: Page) -> Optional[tuple[Article, list[Removal]]]:
    """The article that the first of the page's sightings with content gives, and the lines that cleaning
    took out of it; None when it holds no text.

    ``page`` says where and when the page was asked for; its body is not looked at.
    """
    feed = feed_values(page.sightings)
    tree = parse_html(f'<html><body>{unpack(feed.content)}</body></html>'.encode())
    if isinstance(tree, Rejection):
        return None
    drop_silent(tree)
    image = _image(tree, page.final_url)
    captions = figure_captions(find_marks(tree))
    title = _title(feed, page.final_url)
    authors = people_of(feed.authors, [], page.final_url)
    blocks = whole_blocks(tree)
    if blocks is None:  # nested deeper than any article: its lines are all there is to say of it
        blocks = [Block(BlockKind.PARAGRAPH, line) for text in tree.itertext() if (line := tidy(text))]
    cleaned = clean_body(blocks, title, (), captions, authors)
    body, subheads, placed = assemble(cleaned.blocks)
    words = count_words(body)
    if words < _MIN_WORDS:
        return None
    claims = [Candidate(feed.language, _FEED)] if feed.language else []
    language, language_evidence = choose_language(body, claims)
    dates = from_entry(feed.published_at, feed.updated_at, feed.date_text)
    evidence = [Evidence('title', title, _FEED, True)] if title else []
    evidence += [Evidence('authors', '; '.join(authors), _FEED, True)] if authors else []
    article = Article(
        url=page.url,
        final_url=page.final_url or page.url,
        canonical_url=None,
        content_from=ContentFrom.FEED.value,
        fetched_at=page.fetched_at,
        sightings=page.sightings,
        title=title,
        standfirst=cleaned.standfirst or choose_standfirst([feed.summary or ''], title, body),
        body=body,
        subheads=subheads,
        captions=with_unplaced(placed, captions),
        word_count=words,
        language=language,
        kind=kinds.ARTICLE,
        authors=tuple(authors),
        section=None,
        tags=feed.tags,
        image_url=image,
        paywalled=None,
        published_at=dates.published_at,
        modified_at=dates.modified_at,
        site_name=None,
        evidence=tuple(evidence + dates.evidence + language_evidence),
        extractor_version=EXTRACTOR_VERSION,
    )
    return article, cleaned.removed


def _title(feed: FeedValues, url: str) -> Optional[str]:
    if not feed.title:
        return None
    chosen = choose_title([Candidate(feed.title, _FEED)], [], [], url, feed.outlets)
    return shorten(chosen.value) if chosen else None


def _image(tree: Tree, url: str) -> Optional[str]:
    """The content's first image that is no pixel for counting readers."""
    for image in tree.iter('img'):
        source = (image.get('src') or '').strip()
        if image.get('width') in ('0', '1') or image.get('height') in ('0', '1'):
            continue
        try:
            absolute = urljoin(url, source) if source else ''
        except ValueError:  # an address that nobody could ask
            continue
        if absolute.startswith(('http://', 'https://')):
            return absolute
    return None
