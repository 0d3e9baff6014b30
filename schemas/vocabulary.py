"""The closed vocabularies of the lake. Each list exists here once."""

from enum import StrEnum


class Disposition(StrEnum):
    """What became of a sighting."""

    WRITTEN = 'written'
    UPDATED = 'updated'
    UNCHANGED = 'unchanged'
    DUPLICATE_URL = 'duplicate_url'
    REJECTED = 'rejected'
    FAILED = 'failed'
    DEFERRED = 'deferred'


class Reason(StrEnum):
    """Why a sighting, a feed or a source line was not written."""

    NOT_MODIFIED = 'not_modified'
    BAD_URL = 'bad_url'
    ROBOTS = 'robots'
    BLOCKED_ADDRESS = 'blocked_address'
    DNS = 'dns'
    CONNECT = 'connect'
    TLS = 'tls'
    TIMEOUT = 'timeout'
    TRUNCATED = 'truncated'
    TOO_LARGE = 'too_large'
    HTTP_4XX = 'http_4xx'
    HTTP_410 = 'http_410'
    HTTP_429 = 'http_429'
    HTTP_5XX = 'http_5xx'
    REDIRECT_LOOP = 'redirect_loop'
    REDIRECT_ELSEWHERE = 'redirect_elsewhere'
    NOT_HTML = 'not_html'
    BAD_ENCODING = 'bad_encoding'
    NO_TEXT = 'no_text'
    NOT_AN_ARTICLE = 'not_an_article'
    EXTRACTION_TIMEOUT = 'extraction_timeout'
    WORKER_DIED = 'worker_died'
    FEED_UNREADABLE = 'feed_unreadable'
    SOURCE_UNREADABLE = 'source_unreadable'
    TOO_MANY_ITEMS = 'too_many_items'
    HOST_BUDGET = 'host_budget'
    RUN_ENDED = 'run_ended'


# What may succeed next time: such a sighting is `failed` and taken up again by the next run.
# Everything else is decided for good and `rejected`.
TRANSIENT_REASONS = frozenset(
    {
        Reason.DNS,
        Reason.CONNECT,
        Reason.TLS,
        Reason.TIMEOUT,
        Reason.TRUNCATED,
        Reason.HTTP_429,
        Reason.HTTP_5XX,
        Reason.WORKER_DIED,
    }
)
# A sighting that did not fit this run or round: `deferred`.
DEFERRING_REASONS = frozenset({Reason.HOST_BUDGET, Reason.RUN_ENDED})


def disposition_of(reason: Reason) -> Disposition:
    """The disposition that a reason alone decides.

    >>> disposition_of(Reason.TIMEOUT), disposition_of(Reason.HTTP_4XX), disposition_of(Reason.HOST_BUDGET)
    (<Disposition.FAILED: 'failed'>, <Disposition.REJECTED: 'rejected'>, <Disposition.DEFERRED: 'deferred'>)
    """
    if reason in DEFERRING_REASONS:
        return Disposition.DEFERRED
    return Disposition.FAILED if reason in TRANSIENT_REASONS else Disposition.REJECTED


class Subject(StrEnum):
    """What a ledger row is about."""

    ITEM = 'item'
    FEED = 'feed'
    SOURCE_LINE = 'source_line'


class PollStatus(StrEnum):
    """How a poll ended."""

    OK = 'ok'
    NOT_MODIFIED = 'not_modified'
    FAILED = 'failed'
    GONE = 'gone'
    MOVED = 'moved'


class ContentFrom(StrEnum):
    """Where an article's body came from."""

    PAGE = 'page'
    FEED = 'feed'


class DateFrom(StrEnum):
    """Which moment gave an article its date partition."""

    PUBLISHED = 'published'
    FIRST_SEEN = 'first_seen'


class LinkKind(StrEnum):
    """What two articles have to do with each other."""

    DUPLICATE_URL = 'duplicate_url'
    DUPLICATE_TEXT = 'duplicate_text'
    NEAR_DUPLICATE = 'near_duplicate'
    SYNDICATION = 'syndication'


class MentionField(StrEnum):
    """Which text of an article a mention is in."""

    TITLE = 'title'
    STANDFIRST = 'standfirst'
    BODY = 'body'


class EvidenceSource(StrEnum):
    """Where a value was found."""

    JSON_LD = 'json-ld'
    OPEN_GRAPH = 'open graph'
    META = 'meta'
    PAGE = 'page'
    FEED = 'feed'
    URL = 'url'
    MODEL = 'model'
    REGISTRY = 'registry'
    DATELINE = 'dateline'
