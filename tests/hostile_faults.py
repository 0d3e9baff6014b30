"""What the hostile server does, path by path, and the reason that each has to end in."""

from schemas.vocabulary import Reason
from tests.hostile_server import HostileServer
from transforms.functions.web.asking import Accept

VICTIM = '127.1.0.1'  # a server that nobody may be led to
ENCODINGS = ('gzip', 'deflate', 'raw-deflate', 'br', 'zstd')  # of bombs
FAULTS: list[tuple[str, Accept, Reason, str]] = [
    # path, accept, reason, a part of the detail
    ('/silent', 'page', Reason.TIMEOUT, 'waiting for a response, after 2.'),
    ('/slow-headers', 'page', Reason.TIMEOUT, 'waiting for a response, after 2.'),
    ('/slow-body', 'page', Reason.TIMEOUT, 'reading the body, after 3.'),
    ('/truncated', 'page', Reason.TRUNCATED, ''),
    ('/cut-chunks', 'page', Reason.TRUNCATED, ''),
    ('/cut-gzip', 'page', Reason.TRUNCATED, 'compressed body ends early'),
    ('/reset-body', 'page', Reason.TRUNCATED, ''),
    ('/reset', 'page', Reason.CONNECT, 'reset'),
    ('/garbage', 'page', Reason.CONNECT, 'not HTTP'),
    ('/short-length', 'page', Reason.CONNECT, 'not HTTP'),
    ('/big-header', 'page', Reason.TOO_LARGE, 'headers'),
    ('/many-headers', 'page', Reason.TOO_LARGE, 'headers'),
    ('/endless-headers', 'page', Reason.TOO_LARGE, 'headers'),
    ('/dripping-headers', 'page', Reason.TIMEOUT, 'waiting for a response, after 2.'),
    ('/endless-status-line', 'page', Reason.TOO_LARGE, 'headers'),
    ('/endless-hints/100', 'page', Reason.TOO_LARGE, 'headers: no end of them'),
    ('/endless-hints/103', 'page', Reason.TOO_LARGE, 'headers: no end of them'),
    ('/dripping-hints', 'page', Reason.TIMEOUT, 'waiting for a response, after 2.'),
    ('/endless-trailers', 'page', Reason.TOO_LARGE, 'headers'),
    ('/late-trailers', 'page', Reason.TOO_LARGE, 'trailers'),
    ('/endless-extension', 'page', Reason.TOO_LARGE, 'transferred'),
    ('/tiny-chunks', 'page', Reason.TOO_LARGE, 'transferred'),
    ('/dripping-chunks', 'page', Reason.TIMEOUT, 'reading the body, after 3.'),
    ('/endless-until-closed', 'page', Reason.TOO_LARGE, 'transferred'),
    ('/long-length', 'page', Reason.TIMEOUT, 'reading the body, after 3.'),
    ('/two-lengths', 'page', Reason.CONNECT, 'not HTTP'),
    ('/negative-length', 'page', Reason.CONNECT, 'not HTTP'),
    ('/far-away', 'page', Reason.TOO_LARGE, 'headers'),
    ('/switching', 'page', Reason.HTTP_4XX, 'unexpected status 101'),
    ('/endless', 'page', Reason.TOO_LARGE, 'transferred'),
    ('/gigabyte', 'page', Reason.TOO_LARGE, 'Content-Length 1000000000'),
    ('/bomb/gzip', 'page', Reason.TOO_LARGE, 'decompressed'),
    ('/bomb/deflate', 'page', Reason.TOO_LARGE, 'decompressed'),
    ('/bomb/raw-deflate', 'page', Reason.TOO_LARGE, 'decompressed'),
    ('/bomb/br', 'page', Reason.TOO_LARGE, 'decompressed'),
    ('/bomb/zstd', 'page', Reason.TOO_LARGE, 'decompressed'),
    ('/nested', 'page', Reason.BAD_ENCODING, 'gzip, gzip'),
    ('/not-gzip', 'page', Reason.BAD_ENCODING, 'Content-Encoding'),
    ('/loop/a', 'page', Reason.REDIRECT_LOOP, 'back to'),
    ('/many/1', 'page', Reason.REDIRECT_LOOP, 'more than 5 redirects'),
    ('/nowhere', 'page', Reason.BAD_URL, 'no Location'),
    ('/to-ftp', 'page', Reason.BAD_URL, 'scheme ftp'),
    ('/to-credentials', 'page', Reason.BAD_URL, 'credentials'),
    ('/to-private', 'page', Reason.BLOCKED_ADDRESS, '127.1.0.1'),
    ('/to-decimal', 'page', Reason.BLOCKED_ADDRESS, '2130771969'),
    ('/status/404', 'page', Reason.HTTP_4XX, '404'),
    ('/status/410', 'page', Reason.HTTP_410, '410'),
    ('/status/429', 'page', Reason.HTTP_429, '429'),
    ('/status/500', 'page', Reason.HTTP_5XX, '500'),
    ('/status/503', 'page', Reason.HTTP_5XX, '503'),
    ('/typed/application/pdf', 'page', Reason.NOT_HTML, 'application/pdf'),
    ('/typed/image/png', 'page', Reason.NOT_HTML, 'image/png'),
    ('/typed/application/json', 'page', Reason.NOT_HTML, 'application/json'),
    ('/disguised', 'page', Reason.NOT_HTML, 'binary'),
    ('/feed/application/rss+xml', 'page', Reason.NOT_HTML, 'application/rss+xml'),
    ('/feed/text/xml', 'page', Reason.NOT_HTML, 'text/xml without HTML'),
    ('/typed/video/mp4', 'feed', Reason.FEED_UNREADABLE, 'video/mp4'),
]


def redirects(server: HostileServer) -> dict[str, str]:
    """Where the redirects among them lead."""
    return {
        '/to-ftp': 'ftp://127.0.0.2/file',
        '/to-credentials': 'http://user:secret@127.0.0.2/',
        '/to-private': server.url('/secret', VICTIM),
        '/to-decimal': server.url('/secret', VICTIM, host='2130771969'),
    }
