"""Headers that ask for a document only if it has changed (RFC 9110, 13.1)."""

from collections.abc import Iterable
from typing import Optional

from schemas.feeds import Sighting

Headers = tuple[tuple[str, str], ...]


def validating_headers(etag: Optional[str], last_modified: Optional[str]) -> Headers:
    """The headers for the validators that a document came with last.

    >>> validating_headers('W/"7"', None)
    (('If-None-Match', 'W/"7"'),)
    """
    validators = (('If-None-Match', etag), ('If-Modified-Since', last_modified))
    # A validator that is no header value (broken servers send such) is not worth a refused request.
    return tuple(
        (name, value) for name, value in validators if value and value.isascii() and value.isprintable()
    )


def page_headers(sightings: Iterable[Sighting]) -> Headers:
    """The headers for a page that these sightings lead to: none where one of them says that it was edited."""
    found = tuple(sightings)
    if not found or any(sighting.poll_id for sighting in found):
        return ()
    return validating_headers(found[0].page_etag, found[0].page_last_modified)
