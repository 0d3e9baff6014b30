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


# What each reason means; docs/tables.md prints it.
REASON_MEANINGS = {
    Reason.NOT_MODIFIED: 'The page was looked at again, and the server says that it is as before (304).',
    Reason.BAD_URL: 'The entry has no link, or one that is no http(s) address; or a redirect leads to none.',
    Reason.ROBOTS: 'robots.txt forbids it, or with --fetch_respect_noindex the page itself does.',
    Reason.BLOCKED_ADDRESS: 'The address is private, loopback or reserved, and was not allowed.',
    Reason.DNS: 'The name of the host has no address.',
    Reason.CONNECT: 'No connection, or one that ended before an answer; or the answer is not HTTP.',
    Reason.TLS: 'No secure connection: the certificate or the handshake failed.',
    Reason.TIMEOUT: 'A deadline passed: to connect, to the first byte, or for the whole transfer.',
    Reason.TRUNCATED: 'The transfer ended before its end.',
    Reason.TOO_LARGE: 'More bytes than --fetch_max_bytes, transferred or decompressed; or headers too long.',
    Reason.HTTP_4XX: 'A status from 400 to 499 that has no reason of its own, or one that means nothing.',
    Reason.HTTP_410: 'Gone for good (410).',
    Reason.HTTP_429: 'Too many requests (429): the host asks to be left in peace.',
    Reason.HTTP_5XX: 'A fault of the server (500 to 599).',
    Reason.REDIRECT_LOOP: 'Redirects that lead back, or more than five of them.',
    Reason.REDIRECT_ELSEWHERE: 'A redirect to another host, from a page that another host had led to.',
    Reason.NOT_HTML: 'The answer is no HTML: a PDF, a picture, a feed.',
    Reason.BAD_ENCODING: 'The bytes are not what their Content-Encoding or their charset says.',
    Reason.NO_TEXT: 'No text of an article was found in the page.',
    Reason.NOT_AN_ARTICLE: 'The page is something else: a video, a gallery, an index.',
    Reason.EXTRACTION_TIMEOUT: 'The analysis of the page took longer than --analysis_page_deadline.',
    Reason.WORKER_DIED: 'The process that had the page or feed ended (memory, a fault of a library).',
    Reason.FEED_UNREADABLE: 'The document is no feed that anything can be read from, or not in time.',
    Reason.SOURCE_UNREADABLE: 'A line of a source names no feed, or a local source cannot be read.',
    Reason.TOO_MANY_ITEMS: 'The feed shows more items than are kept; the first are.',
    Reason.HOST_BUDGET: 'The time for one host in one round was spent; it is taken up by the next.',
    Reason.RUN_ENDED: 'The run ended first, by its limit, by --since or by an interrupt.',
}

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
