"""robots.txt is read once, obeyed, and waited for."""

import dataclasses

import pytest

from schemas.settings import FetchSettings
from schemas.vocabulary import Reason
from tests.hasty_client import host_key
from tests.hostile_server import HostileServer
from transforms.functions.web.asking import Answer, Ask
from transforms.functions.web.client import WebClient

SETTINGS = FetchSettings(
    user_agent='dateline/0.1 (tests)',
    connect_timeout_s=2.0,
    first_byte_timeout_s=2.0,
    total_timeout_s=3.0,
    min_delay_s=0.0,
    allow_private=('127.0.0.0/28',),
)
HOST = '127.0.0.1'


def ask(server: HostileServer, *paths: str, settings: FetchSettings = SETTINGS) -> dict[str, Answer]:
    with WebClient(settings, host_key) as client:
        batch = client.open()
        for path in paths:
            batch.submit(Ask(path, server.url(path)))
        return {answer.token: answer for answer in batch.drain()}


def test_disallowed_pages_are_not_asked_for() -> None:
    with HostileServer() as server:
        server.robots[HOST] = 200, b'User-agent: *\nDisallow: /private/\nAllow: /private/open\n'
        got = ask(server, '/private/a', '/private/open', '/public')
        assert sorted(server.books[HOST].paths()) == ['/private/open', '/public', '/robots.txt']
    assert got['/private/a'].reason is Reason.ROBOTS
    assert got['/private/open'].reason is got['/public'].reason is None


def test_the_group_that_names_us_counts() -> None:
    with HostileServer() as server:
        server.robots[HOST] = (
            200,
            b'\xef\xbb\xbfUser-agent: dateline\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n',
        )
        got = ask(server, '/a', '/b')
    assert (got['/a'].reason, got['/b'].reason) == (Reason.ROBOTS, None)


def test_a_redirect_to_a_disallowed_page_is_not_followed() -> None:
    with HostileServer() as server:
        server.robots[HOST] = 200, b'User-agent: *\nDisallow: /private/\n'
        server.redirects['/door'] = '/private/a'
        got = ask(server, '/door')
        assert '/private/a' not in server.books[HOST].paths()
    assert got['/door'].reason is Reason.ROBOTS


@pytest.mark.parametrize('status', [401, 403, 404, 410])
def test_a_robots_txt_that_is_not_there_allows_everything(status: int) -> None:
    with HostileServer() as server:
        server.robots[HOST] = status, b'User-agent: *\nDisallow: /\n'
        assert ask(server, '/a')['/a'].reason is None


@pytest.mark.parametrize(('status', 'reason'), [(500, Reason.HTTP_5XX), (429, Reason.HTTP_429)])
def test_a_robots_txt_that_fails_for_the_moment_lets_nothing_be_asked(status: int, reason: Reason) -> None:
    with HostileServer() as server:
        server.robots[HOST] = status, b''
        got = ask(server, '/a', '/b', '/c')
        # Once for all of them.
        assert server.books[HOST].paths() == ['/robots.txt']
    assert {answer.reason for answer in got.values()} == {reason}
    assert all((answer.detail or '').startswith('robots.txt: ') for answer in got.values())


@pytest.mark.parametrize(
    ('path', 'reason'),
    [('/silent', Reason.TIMEOUT), ('/reset', Reason.CONNECT), ('/truncated', Reason.TRUNCATED)],
)
def test_a_robots_txt_that_cannot_be_had_gives_its_own_reason(path: str, reason: Reason) -> None:
    with HostileServer() as server:
        server.redirects['/robots.txt'] = path
        got = ask(server, '/a')
        assert '/a' not in server.books[HOST].paths()
    assert got['/a'].reason is reason


@pytest.mark.parametrize('location', ['/loop/a', 'http://elsewhere.test/robots.txt', 'ftp://x/'])
def test_a_robots_txt_that_leads_away_allows_everything(location: str) -> None:
    with HostileServer() as server:
        server.redirects['/robots.txt'] = location
        assert ask(server, '/a')['/a'].reason is None


def test_a_robots_txt_behind_a_redirect_on_its_host_is_obeyed() -> None:
    with HostileServer() as server:
        server.robots[HOST] = 200, b'User-agent: *\nDisallow: /a\n'
        server.redirects['/robots.txt'] = '/robots.txt?en'
        assert ask(server, '/a')['/a'].reason is Reason.ROBOTS


def test_what_stands_after_the_first_half_megabyte_is_ignored() -> None:
    start = b'User-agent: *\nDisallow: /a\n'
    with HostileServer() as server:
        server.robots[HOST] = 200, start + b'# nothing\n' * 60_000 + b'Disallow: /b\n'
        got = ask(server, '/a', '/b')
    assert (got['/a'].reason, got['/b'].reason) == (Reason.ROBOTS, None)


def test_an_endless_robots_txt_is_read_to_its_cap() -> None:
    with HostileServer() as server:
        server.redirects['/robots.txt'] = '/endless'
        assert ask(server, '/a')['/a'].reason is None


def test_crawl_delay_raises_the_delay_of_the_host() -> None:
    with HostileServer() as server:
        server.robots[HOST] = 200, b'User-agent: *\nCrawl-delay: 0.3\n'
        ask(server, '/a', '/b')
        assert server.books[HOST].shortest_gap() >= 0.3


def test_an_absurd_crawl_delay_is_capped_and_the_rest_deferred() -> None:
    with HostileServer() as server:
        server.robots[HOST] = 200, b'User-agent: *\nCrawl-delay: 86400\n'
        with WebClient(dataclasses.replace(SETTINGS, host_budget_s=0.2), host_key) as client:
            batch = client.open()
            batch.submit(Ask(1, server.url('/a')))
            client.stop()
            assert [answer.reason for answer in batch.drain()] == [Reason.RUN_ENDED]


def test_each_origin_is_asked_for_its_rules_once() -> None:
    with HostileServer(('127.0.0.1', '127.0.0.2')) as server, WebClient(SETTINGS, host_key) as client:
        for _ in range(2):
            batch = client.open()
            for number in range(10):
                batch.submit(Ask(number, server.url(f'/{number}', f'127.0.0.{1 + number % 2}')))
            assert all(answer.reason is None for answer in batch.drain())
        for books in server.books.values():
            assert books.paths().count('/robots.txt') == 1


def test_robots_can_be_switched_off() -> None:
    with HostileServer() as server:
        server.robots[HOST] = 200, b'User-agent: *\nDisallow: /\n'
        settings = dataclasses.replace(SETTINGS, respect_robots=False)
        assert ask(server, '/a', settings=settings)['/a'].reason is None
        assert server.books[HOST].paths() == ['/a']


def test_denials_are_reported_by_host() -> None:
    with HostileServer() as server, WebClient(SETTINGS, host_key) as client:
        server.robots[HOST] = 200, b'User-agent: *\nDisallow: /a\n'
        batch = client.open()
        batch.submit(Ask(1, server.url('/a')))
        batch.submit(Ask(2, server.url('/b')))
        list(batch.drain())
        (report,) = client.reports()
        assert (report.requests, report.robots_denials) == (2, 1)
