"""An article and its parts. Offsets count characters (code points), ends are exclusive."""

import dataclasses
from typing import Optional

from schemas.feeds import Sighting
from schemas.rows import Row

# The field under which evidence says whether the text is the page's or the feed's, and why.
CONTENT_FIELD = 'content'
# How much longer than the page's text the feed's has to be to be taken instead: a page behind a paywall or
# built by a script shows a teaser of a fifth to a half of the story, while extraction of a whole one differs
# from the feed's content by captions and boxes, some tenths.
MUCH_LONGER = 1.5


@dataclasses.dataclass(frozen=True)
class Subhead(Row):
    """A heading within the body's flow; it is not part of the body."""

    text: str
    offset: int  # of the body's character that it stands before


@dataclasses.dataclass(frozen=True)
class Caption(Row):
    """A photo caption or credit; it is not part of the body."""

    text: str
    offset: Optional[int] = None


@dataclasses.dataclass(frozen=True)
class Evidence(Row):
    """A candidate for a value: where it was found, and whether it won."""

    field: str
    value: str
    source: str  # a value of schemas.vocabulary.EvidenceSource
    chosen: bool


@dataclasses.dataclass(frozen=True)
class Credit(Row):
    """What structured data or a byline names as a source besides people: an agency, a desk, the outlet."""

    text: str
    source: str  # a value of schemas.vocabulary.EvidenceSource


@dataclasses.dataclass(frozen=True)
class Outlet(Row):
    """Who published an article."""

    id: str  # slug with at least one letter: the partition's name
    name: str
    domain: str
    country: Optional[str] = None  # ISO 3166-1 alpha-2
    language: Optional[str] = None  # ISO 639-1
    agency: Optional[str] = None  # id of the agency that this outlet is, if it is one


@dataclasses.dataclass(frozen=True)
class Dateline(Row):
    """A dateline: the surface strings as printed, and what they mean."""

    text: str  # as printed, with its closing dash
    style: str  # e.g. 'place (agency)'
    place_text: Optional[str]
    place: Optional[str]  # canonical English name
    geonameid: Optional[int]
    country: Optional[str]  # ISO 3166-1 alpha-2
    latitude: Optional[float]  # degrees WGS 84
    longitude: Optional[float]
    agency_text: Optional[str]
    agency: Optional[str]  # agency id
    agency_name: Optional[str]
    date_text: Optional[str]
    date: Optional[str]  # ISO 8601 day, resolved
    body_offset: int  # of the first character of the body proper in the text that was parsed


@dataclasses.dataclass(frozen=True)
class Mention(Row):
    """One mention of an entity in one of an article's texts."""

    field: str  # title, standfirst or body
    start: int
    end: int
    text: str
    label: str
    sentence: int  # from 0, within the field
    canonical: str = ''  # set by LinkEntities
    entity_id: str = ''  # set by LinkEntities
    geonameid: Optional[int] = None


@dataclasses.dataclass(frozen=True)
class Entity(Row):
    """An entity of an article: its mentions taken together."""

    canonical: str
    label: str
    entity_id: str
    geonameid: Optional[int]
    count: int
    salience: float  # 0 to 1


@dataclasses.dataclass(frozen=True)
class Article(Row):
    """An article on its way to the lake: extracted, then filled in stage by stage."""

    # Where it came from
    url: str
    final_url: str
    canonical_url: Optional[str]
    content_from: str  # page or feed
    fetched_at: int  # microseconds UTC
    sightings: tuple[Sighting, ...]  # the first is its own
    # ExtractArticles
    title: Optional[str]
    standfirst: Optional[str]
    body: str  # paragraphs joined by a blank line
    subheads: tuple[Subhead, ...]
    captions: tuple[Caption, ...]
    word_count: int
    language: Optional[str]  # ISO 639-1
    kind: str
    authors: tuple[str, ...]
    section: Optional[str]
    tags: tuple[str, ...]
    image_url: Optional[str]
    paywalled: Optional[bool]
    published_at: Optional[int]  # microseconds UTC
    modified_at: Optional[int]  # microseconds UTC
    site_name: Optional[str]  # the outlet's name as the page states it
    evidence: tuple[Evidence, ...]
    extractor_version: str
    credits: tuple[Credit, ...] = ()
    page_etag: Optional[str] = None  # validators that the page came with
    page_last_modified: Optional[str] = None
    # ResolveOutlets
    outlet: Optional[Outlet] = None
    # ParseDatelines
    dateline: Optional[Dateline] = None
    agency: Optional[str] = None
    agency_name: Optional[str] = None
    # TagEntities, LinkEntities
    mentions: tuple[Mention, ...] = ()
    entities: tuple[Entity, ...] = ()
    entities_model: Optional[str] = None
    # SignArticles: of title and body, before learned boilerplate is stripped
    signature: Optional[bytes] = None
    text_hash: Optional[str] = None
    # StripBoilerplate
    boilerplate: tuple[str, ...] = ()  # lines that were stripped from the body, in order
    boilerplate_snapshot: Optional[str] = None
