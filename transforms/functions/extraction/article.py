"""A page's bytes to an article with its metadata and the evidence for it, or to the reason why not."""

from typing import Optional

from schemas.articles import Article, Credit, Evidence
from schemas.pages import Page, Rejection
from schemas.vocabulary import ContentFrom, EvidenceSource, Reason
from transforms.functions.extraction import jsonld, kinds, page_hints, page_topics
from transforms.functions.extraction.blocks import BlockKind, Removal, assemble
from transforms.functions.extraction.body import extract_blocks
from transforms.functions.extraction.bylines import bylines
from transforms.functions.extraction.captions import figure_captions, picture_texts, with_unplaced
from transforms.functions.extraction.characters import tidy
from transforms.functions.extraction.cleaning import clean_body
from transforms.functions.extraction.data_layers import script_authors
from transforms.functions.extraction.dates import choose_dates, from_byline
from transforms.functions.extraction.decoding import to_utf8
from transforms.functions.extraction.doubtful_authors import are_doubtful
from transforms.functions.extraction.feed_values import FeedValues, feed_values
from transforms.functions.extraction.jsonld_article import other_headlines
from transforms.functions.extraction.language import choose_language
from transforms.functions.extraction.marks import find_marks
from transforms.functions.extraction.metadata import Candidate, Facts, read_facts
from transforms.functions.extraction.outlet_names import outlet_in
from transforms.functions.extraction.parsing import (
    Tree,
    drop_furniture,
    drop_silent,
    find_boxes,
    parse_html,
    unwrap_layout_tables,
)
from transforms.functions.extraction.people import people_of
from transforms.functions.extraction.robots_meta import forbids_keeping
from transforms.functions.extraction.standfirst import choose_standfirst
from transforms.functions.extraction.story_cell import lay_out_story_cell
from transforms.functions.extraction.story_tail import until_next_article
from transforms.functions.extraction.titles import choose_title, shorten
from transforms.functions.extraction.words import count_words

# The extracting library and the version of the rules in this package; changes whenever a row may.
EXTRACTOR_VERSION = 'trafilatura-2.3.1+dateline-5'

_MAX_VALUE = 300  # characters of a value in evidence
_MAX_LOSERS = 4
# A byline that names an agency is short, and nobody has a dozen.
_MAX_CREDIT, _MAX_CREDITS = 100, 12
# Fewer words than this are a notice ("subscribe to read on"), not an article; news briefs have 40 and more.
_MIN_WORDS = 20


def extract_article(page: Page) -> Article | Rejection:
    """The article in a page, filled up to ``extractor_version``; or why the page gives none.

    Never raises, whatever the bytes. The same page gives the same article on any worker. Values that
    the page lacks come from the feeds' entries, each from the first of ``page.sightings`` that has it.
    """
    return explain_article(page)[0]


def explain_article(page: Page) -> tuple[Article | Rejection, list[Removal]]:
    """As ``extract_article``, with the lines that cleaning took out of the body and the rule of each."""
    data = to_utf8(page.body, page.charset)
    if isinstance(data, Rejection):
        return data, []
    tree = parse_html(data)
    if isinstance(tree, Rejection):
        return tree, []
    return _from_tree(page, data, tree)


def _from_tree(page: Page, data: bytes, tree: Tree) -> tuple[Article | Rejection, list[Removal]]:
    # Everything that is read from the tree is read before extraction uses it up.
    feed = feed_values(page.sightings)
    facts = read_facts(tree, page.final_url or page.url)
    if page.robots_tag is not None:
        asked = [value for name in ('robots', 'dateline') for value in facts.metas.get(name, ())]
        if forbidden := forbids_keeping(page.robots_tag, asked):
            return Rejection(Reason.ROBOTS.value, forbidden), []
    drop_silent(tree)
    printed = page_hints.printed_lines(tree) if not facts.h1s else []
    boxes = find_boxes(tree)
    if boxes.has_tables:
        lay_out_story_cell(tree)
    authors, author_evidence, printed_bylines = _choose_authors(facts, tree, data, feed, page.final_url)
    drop_furniture(tree, boxes)
    marks = find_marks(tree)
    tags = facts.tags or feed.tags or page_topics.tags_on(tree, marks.tags)
    dates = choose_dates(
        facts, tree, data, page.fetched_at, feed.published_at, feed.date_text, page.final_url
    )
    marked_standfirsts = page_hints.standfirsts(marks)
    captions = figure_captions(marks)
    pictures = picture_texts(tree)
    kind = kinds.kind_of(facts)
    link_share = kinds.link_share_of(tree) if kinds.may_be_index(facts, kind) else 0.0
    # The body may open with the whole of a title that is too long for a title.
    whole_title, title_evidence = _choose_title(facts, feed, printed, page.final_url)
    title = shorten(whole_title) if whole_title else None

    if boxes.has_tables:
        unwrap_layout_tables(tree)
    stated = jsonld.text(facts.article.get('articleBody')) if facts.article else None
    blocks = extract_blocks(tree, page.final_url, stated)
    if isinstance(blocks, Rejection):
        why = kinds.why_no_article(facts, kind, 0, 0, link_share, page.final_url)
        return (Rejection(Reason.NOT_AN_ARTICLE.value, why) if why else blocks), []
    blocks = until_next_article(blocks, other_headlines(facts.nodes, facts.article))
    cleaned = clean_body(blocks, whole_title, marked_standfirsts, captions, authors, pictures)
    body, subheads, placed = assemble(cleaned.blocks)
    site_name = facts.site_names[0] if facts.site_names else outlet_in(facts.titles_in_head, title, printed)
    if cleaned.byline and not authors:
        authors = cleaned.byline.names
        if authors:
            author_evidence = [Evidence('authors', '; '.join(authors), EvidenceSource.PAGE.value, True)]
    for line in (cleaned.byline.rest if cleaned.byline else None, cleaned.printed_time):
        if line and dates.published_at is None:
            from_line = from_byline(line)
            dates = dates._replace(published_at=from_line.published_at, evidence=from_line.evidence)
    words = count_words(body)
    long_paragraphs = kinds.count_long(
        [one.text for one in cleaned.blocks if one.kind is not BlockKind.SUBHEAD]
    )
    why = kinds.why_no_article(
        facts, kind, words, long_paragraphs, link_share, page.final_url
    ) or kinds.why_no_text(facts, body, words, long_paragraphs, captions)
    if why is not None:
        return Rejection(Reason.NOT_AN_ARTICLE.value, why), cleaned.removed
    if words < _MIN_WORDS:
        return Rejection(Reason.NO_TEXT.value, f'the page holds only {words} words of text'), cleaned.removed
    claims = facts.language_claims + (
        [Candidate(feed.language, EvidenceSource.FEED.value)] if feed.language else []
    )
    language, language_evidence = choose_language(body, claims)
    introductions = [*marked_standfirsts, *(one.value for one in facts.descriptions), feed.summary or '']
    article = Article(
        url=page.url,
        final_url=page.final_url,
        canonical_url=facts.canonical_url,
        content_from=ContentFrom.PAGE.value,
        fetched_at=page.fetched_at,
        sightings=page.sightings,
        title=title,
        standfirst=cleaned.standfirst
        or choose_standfirst(introductions, whole_title, body, [subhead.text for subhead in subheads]),
        body=body,
        subheads=subheads,
        captions=with_unplaced(placed, captions),
        word_count=words,
        language=language,
        kind=kind if kind != kinds.INDEX else kinds.ARTICLE,
        authors=tuple(authors),
        section=tidy(facts.section) if facts.section else page_topics.section_in(facts.nodes, title),
        tags=tuple(tags),
        image_url=facts.image_url,
        paywalled=facts.paywalled,
        published_at=dates.published_at,
        modified_at=dates.modified_at,
        site_name=site_name,
        evidence=tuple(
            _cut(row) for row in title_evidence + author_evidence + dates.evidence + language_evidence
        ),
        extractor_version=EXTRACTOR_VERSION,
        credits=_credits(facts, feed, printed_bylines),
        page_etag=page.etag,
        page_last_modified=page.last_modified,
    )
    return article, cleaned.removed


def _choose_title(
    facts: Facts, feed: FeedValues, printed: list[str], url: str
) -> tuple[Optional[str], list[Evidence]]:
    candidates = list(facts.titles)
    if feed.title:
        candidates.append(Candidate(feed.title, EvidenceSource.FEED.value))
    chosen = choose_title(candidates, facts.h1s + printed, facts.site_names, url, feed.outlets)
    rows = [Evidence('title', shorten(chosen.value), chosen.source, True)] if chosen else []
    seen = {(chosen.value, chosen.source)} if chosen else set()
    for candidate in candidates:
        value = tidy(candidate.value)
        if value and (value, candidate.source) not in seen and len(rows) <= _MAX_LOSERS:
            seen.add((value, candidate.source))
            rows.append(Evidence('title', value, candidate.source, False))
    return (chosen.value if chosen else None), rows


def _choose_authors(
    facts: Facts, tree: Tree, data: bytes, feed: FeedValues, url: str
) -> tuple[list[str], list[Evidence], list[str]]:
    """The people, the evidence, and the lines of the page that name authors, where it took those to tell."""
    printed: list[str] = []
    # Most places name the same.
    lists = {tuple(names): people_of(names, facts.site_names, url) for names, _ in facts.authors}
    found = [(lists[tuple(names)], source) for names, source in facts.authors]
    # Whom the page itself calls otherwise gives way to whom it calls an author.
    doubtful: list[tuple[list[str], str]] = []
    while (first := next((one for one in found if one[0]), None)) and are_doubtful(*first, found, data):
        doubtful += [one for one in found if one[0] == first[0]]
        found = [one for one in found if one[0] != first[0]]
    if not any(names for names, _ in found):
        printed = bylines(tree, [one.value for one in facts.titles])
        found.append((people_of(printed, facts.site_names, url), EvidenceSource.PAGE.value))
        if not (printed or feed.authors or (facts.article and facts.article.get('author'))):
            found.append((people_of(script_authors(data), facts.site_names, url), EvidenceSource.PAGE.value))
    if feed.authors:
        found.append((people_of(feed.authors, facts.site_names, url), EvidenceSource.FEED.value))
    rows: list[Evidence] = []
    chosen: list[str] = []
    for names, source in found + doubtful:
        value = '; '.join(names)
        if names and not any(row.value == value and row.source == source for row in rows):
            rows.append(Evidence('authors', value, source, not chosen))
            chosen = chosen or names
    return chosen, rows[: _MAX_LOSERS + 1], printed


def _credits(facts: Facts, feed: FeedValues, printed: list[str]) -> tuple[Credit, ...]:
    """Names beside the authors that may be an agency's, as they are printed, the most reliable first."""
    found = [(name, EvidenceSource.JSON_LD.value) for name in facts.sources]
    found += [(name, source) for names, source in facts.authors for name in names]
    found += [(name, EvidenceSource.PAGE.value) for name in printed]
    found += [(name, EvidenceSource.FEED.value) for name in feed.authors]
    first: dict[str, str] = {}
    for name, source in found:
        if 1 < len(name) <= _MAX_CREDIT:
            first.setdefault(name, source)
    return tuple(Credit(name, source) for name, source in list(first.items())[:_MAX_CREDITS])


def _cut(row: Evidence) -> Evidence:
    if len(row.value) <= _MAX_VALUE:
        return row
    return Evidence(row.field, row.value[: _MAX_VALUE - 1] + '…', row.source, row.chosen)
