"""What the feeds say of a page's article, for the values that the page lacks."""

from collections.abc import Iterable
from typing import NamedTuple, Optional

from schemas.feeds import Sighting


class FeedValues(NamedTuple):
    """Each value from the first sighting that has it: one feed prints what another leaves out."""

    title: Optional[str] = None
    summary: Optional[str] = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: Optional[str] = None
    published_at: Optional[int] = None  # microseconds UTC
    outlets: tuple[str, ...] = ()  # the feeds' own titles, which mostly name the outlet
    updated_at: Optional[int] = None  # microseconds UTC
    date_text: Optional[str] = None  # a date as printed that was not read or is not believed
    content: Optional[str] = None  # the whole article, packed HTML


def feed_values(sightings: Iterable[Sighting]) -> FeedValues:
    """The values of a page's sightings together; empty ones where no sighting has any."""
    found = tuple(sightings)
    return FeedValues(
        title=next((one.title for one in found if one.title and one.title.strip()), None),
        summary=next((one.summary for one in found if one.summary and one.summary.strip()), None),
        authors=next((one.authors for one in found if one.authors), ()),
        tags=next((one.tags for one in found if one.tags), ()),
        language=next((one.language for one in found if one.language), None),
        published_at=next((one.published_at for one in found if one.published_at is not None), None),
        outlets=tuple(dict.fromkeys(one.feed_title for one in found if one.feed_title)),
        updated_at=next((one.updated_at for one in found if one.updated_at is not None), None),
        date_text=next((one.date_text for one in found if one.date_text), None),
        content=next((one.content for one in found if one.content), None),
    )
