"""Every way a server can misbehave ends in its own reason, in time, and harms nobody else."""

import time
from collections.abc import Iterator

import pytest

from schemas.settings import FetchSettings
from schemas.vocabulary import Reason
from tests.hasty_client import host_key
from tests.hostile_faults import ENCODINGS, FAULTS, VICTIM, redirects
from tests.hostile_server import ENCODERS, HostileServer, bomb, page
from transforms.functions.web.asking import Accept, Answer, Ask
from transforms.functions.web.client import WebClient

SETTINGS = FetchSettings(
    user_agent='dateline-tests/1.0 (tests)',
    connect_timeout_s=2.0,
    first_byte_timeout_s=2.0,
    total_timeout_s=3.0,
    max_wire_bytes=300_000,
    max_body_bytes=1_000_000,
    min_delay_s=0.0,
    allow_private=('127.0.0.0/28',),
)
WELCOME: list[tuple[str, Accept]] = [
    *((f'/encoded/{name}', 'page') for name in ENCODERS),
    ('/charset', 'page'),
    ('/reset-once', 'page'),
    ('/some-hints', 'page'),
    ('/moved/page', 'page'),
    ('/wants-cookie', 'page'),
    ('/feed/application/rss+xml?', 'feed'),
    ('/feed/application/octet-stream', 'feed'),
    ('/an-html-page-for-a-feed', 'feed'),
    ('/feed/', 'feed'),
]
HOSTILE = ('127.0.0.2', '127.0.0.3', '127.0.0.4')
GOOD = tuple(f'127.0.0.{number}' for number in range(5, 15))


@pytest.fixture(scope='module')
def run() -> Iterator[tuple[HostileServer, dict[tuple[str, str], Answer], float]]:
    """One batch with every fault and 200 pages of well-behaved hosts."""
    with HostileServer((*HOSTILE, *GOOD, VICTIM)) as server, WebClient(SETTINGS, host_key) as client:
        server.redirects = redirects(server)
        for name in ENCODINGS:
            bomb(name)  # made once, before any deadline runs
        batch = client.open()
        began = time.monotonic()
        for number, (path, accept, _, _) in enumerate(FAULTS):
            url = server.url(path, HOSTILE[number % len(HOSTILE)])
            batch.submit(Ask((path, accept), url, accept))
        for number, (path, accept) in enumerate(WELCOME):
            batch.submit(Ask((path, accept), server.url(path, HOSTILE[number % len(HOSTILE)]), accept))
        for number in range(200):
            path = f'/good/{number}'
            batch.submit(Ask((path, 'page'), server.url(path, GOOD[number % len(GOOD)])))
        submitted = batch.pending
        taken = list(batch.drain())
        answers = {answer.token: answer for answer in taken}
        assert len(taken) == len(answers) == submitted
        yield server, answers, time.monotonic() - began


Run = tuple[HostileServer, dict[tuple[str, str], Answer], float]


@pytest.mark.parametrize(('path', 'accept', 'reason', 'detail'), FAULTS)
def test_each_fault_has_its_reason(run: Run, path: str, accept: str, reason: Reason, detail: str) -> None:
    answer = run[1][path, accept]
    assert answer.reason is reason
    assert detail in (answer.detail or '')
    assert answer.body is None


@pytest.mark.parametrize(('path', 'accept'), WELCOME)
def test_what_is_odd_but_usable_arrives(run: Run, path: str, accept: str) -> None:
    answer = run[1][path, accept]
    assert answer.reason is None
    assert answer.status == 200
    assert answer.body


def test_the_pages_of_good_hosts_all_arrive(run: Run) -> None:
    _, answers, _ = run
    for number in range(200):
        path = f'/good/{number}'
        assert answers[path, 'page'].body == page(path)


def test_nothing_takes_longer_than_its_deadlines(run: Run) -> None:
    # The slowest host has one deadline of three seconds, and a few short retries; the rest is a slow machine.
    assert run[2] < 15.0


def test_no_redirect_reaches_a_private_address(run: Run) -> None:
    assert run[0].books[VICTIM].connections == 0


def test_bodies_that_nobody_wants_are_not_transferred(run: Run) -> None:
    for path in ('/typed/application/pdf', '/typed/image/png', '/gigabyte'):
        assert run[1][path, 'page'].wire_bytes == 0
    assert 300_000 < run[1]['/endless', 'page'].wire_bytes < 600_000
    assert run[1]['/disguised', 'page'].wire_bytes < 300_000


def test_what_never_becomes_a_body_is_counted_too(run: Run) -> None:
    """Informational responses, extensions, one-byte chunks: few bytes of a body, many of the wire."""
    for path in ('/endless-hints/100', '/endless-extension'):
        assert run[1][path, 'page'].wire_bytes == 0
    for path in ('/endless-trailers', '/late-trailers'):
        assert run[1][path, 'page'].wire_bytes <= len('<html>')  # it may come before its trailers
    assert run[1]['/tiny-chunks', 'page'].wire_bytes < 50_000


def test_every_encoding_gives_the_page_as_written(run: Run) -> None:
    for name in ENCODERS:
        assert run[1][f'/encoded/{name}', 'page'].body == page(name)


def test_the_charset_is_the_headers_claim(run: Run) -> None:
    answer = run[1]['/charset', 'page']
    assert answer.charset == 'shift_jis'
    assert answer.content_type == 'text/html'
    assert answer.body is not None and 'Müller'.encode('latin-1') in answer.body


def test_a_permanent_redirect_says_where_the_page_lives(run: Run) -> None:
    answer = run[1]['/moved/page', 'page']
    assert answer.moved_to == answer.final_url == answer.url.replace('/moved', '')


def test_a_kept_connection_that_is_reset_is_tried_again_once() -> None:
    with HostileServer() as server, WebClient(SETTINGS, host_key) as client:
        batch = client.open()
        for number in range(3):
            batch.submit(Ask(number, server.url(f'/reset-kept?{number}')))
        assert [answer.reason for answer in batch.drain()] == [None] * 3
        # One further request for each connection that had been kept; aiohttp's own retries would show.
        assert len(server.books['127.0.0.1'].visits) <= 1 + 3 * 3


def test_excess_behind_a_body_never_becomes_the_next_answer() -> None:
    with HostileServer() as server, WebClient(SETTINGS, host_key) as client:
        batch = client.open()
        for number in range(6):
            batch.submit(Ask(f'/short-length?{number}', server.url(f'/short-length?{number}')))
            batch.submit(Ask(f'/good/{number}', server.url(f'/good/{number}')))
        answers = {answer.token: answer for answer in batch.drain()}
        for number in range(6):
            assert answers[f'/good/{number}'].body == page(f'/good/{number}')
            assert answers[f'/short-length?{number}'].body != b'lies'


def test_a_refused_connection_is_connect_and_a_plain_port_is_tls() -> None:
    with HostileServer(('127.0.0.1', '127.0.0.2')) as server, WebClient(SETTINGS, host_key) as client:
        plain = server.url('/', '127.0.0.2').replace('http:', 'https:')
        # The port of another address: nobody listens there.
        closed = server.url('/', '127.0.0.1').replace('127.0.0.1', '127.0.0.3')
        batch = client.open()
        batch.submit(Ask('closed', closed))
        batch.submit(Ask('plain', plain))
        reasons = {answer.token: answer.reason for answer in batch.drain()}
    assert reasons == {'closed': Reason.CONNECT, 'plain': Reason.TLS}


@pytest.mark.parametrize(
    'url',
    [
        '',
        'example.org/no-scheme',
        'ftp://127.0.0.1/',
        'file:///etc/passwd',
        'javascript:alert(1)',
        'http://',
        'http:///path',
        'http://user@127.0.0.1/',
        'http://user:secret@127.0.0.1/',
        'http://127.0.0.1:port/',
        'http://127.0.0.1:99999/',
        'http://127.0.0.1:0/',
        'http://exa mple.org/',
        'http://example.org\x00.evil.org/',
        'http://[::1/',
        'http://-/',
        'http://' + 'a' * 300 + '.org/',
        'http://127.0.0.1/' + 'a' * 9000,
    ],
)
def test_what_is_no_url_is_answered_without_asking(url: str) -> None:
    with WebClient(SETTINGS, host_key) as client:
        batch = client.open()
        batch.submit(Ask('bad', url))
        (answer,) = batch.drain()
    assert answer.reason is Reason.BAD_URL
    assert answer.url == url


def test_conditional_asks_cost_no_body() -> None:
    with HostileServer() as server, WebClient(SETTINGS, host_key) as client:
        batch = client.open()
        batch.submit(Ask(1, server.url('/conditional'), 'feed'))
        (first,) = batch.drain()
        assert first.etag is not None
        batch.submit(Ask(2, server.url('/conditional'), 'feed', (('If-None-Match', first.etag),)))
        (second,) = batch.drain()
    assert (first.status, first.reason, first.etag) == (200, None, '"v1"')
    assert first.last_modified == 'Sun, 02 Mar 2025 10:00:00 GMT'
    assert (second.status, second.reason, second.body, second.wire_bytes) == (
        304,
        Reason.NOT_MODIFIED,
        None,
        0,
    )


def test_cookies_end_with_their_chain_of_redirects() -> None:
    with HostileServer() as server, WebClient(SETTINGS, host_key) as client:
        batch = client.open()
        for number in range(2):
            batch.submit(Ask(number, server.url('/wants-cookie')))
            assert [answer.reason for answer in batch.drain()] == [None]
        visits = server.books['127.0.0.1'].visits
    assert [visit.headers.get('cookie') for visit in visits] == [None, None, 'seen=yes', None, 'seen=yes']


def test_every_request_says_who_asks() -> None:
    with HostileServer() as server, WebClient(SETTINGS, host_key) as client:
        batch = client.open()
        batch.submit(Ask(1, server.url('/moved/page')))
        list(batch.drain())
        visits = server.books['127.0.0.1'].visits
    assert [visit.path for visit in visits] == ['/robots.txt', '/moved/page', '/page']
    assert {visit.headers['user-agent'] for visit in visits} == {SETTINGS.user_agent}
    assert {visit.headers['accept-encoding'] for visit in visits} == {'gzip, deflate, br, zstd'}
