"""Each host is left in peace, as the server counts it, and no host waits for another."""

import dataclasses
import itertools
import time

import pytest

from schemas.settings import FetchSettings
from schemas.vocabulary import Reason
from tests.hasty_client import host_key
from tests.hostile_server import HostileServer
from transforms.functions.web.asking import Answer, Ask
from transforms.functions.web.client import WebClient

SETTINGS = FetchSettings(
    connect_timeout_s=1.0,
    first_byte_timeout_s=2.0,
    total_timeout_s=3.0,
    min_delay_s=0.0,
    allow_private=('127.0.0.0/28',),
)
NO_ROBOTS = dataclasses.replace(SETTINGS, respect_robots=False)
HOSTS = tuple(f'127.0.0.{number}' for number in range(1, 7))


def answers(client: WebClient, *urls: str) -> dict[str, Answer]:
    """The answers to one batch, by URL."""
    batch = client.open()
    for url in urls:
        batch.submit(Ask(url, url))
    return {answer.token: answer for answer in batch.drain()}


@pytest.mark.parametrize('in_flight', [1, 2, 3])
def test_no_host_has_more_requests_in_flight_than_allowed(in_flight: int) -> None:
    settings = dataclasses.replace(SETTINGS, in_flight_per_host=in_flight)
    with HostileServer(HOSTS, latency_s=0.05) as server, WebClient(settings, host_key) as client:
        answers(client, *(server.url(f'/{n}', address) for n in range(12) for address in HOSTS))
        assert max(books.most_in_flight for books in server.books.values()) == in_flight
        assert {report.most_in_flight for report in client.reports()} == {in_flight}
        assert {report.requests for report in client.reports()} == {13}


def test_no_host_sees_two_requests_closer_than_the_delay() -> None:
    """Not after the end of a response, nor (as answers that take long overlap) after a start."""
    settings = dataclasses.replace(SETTINGS, min_delay_s=0.05)
    with HostileServer(HOSTS) as server, WebClient(settings, host_key) as client:
        # Connections that must be set up anew and such that are kept reach the server at different speeds.
        paths = ['/status/404', '/a', '/moved/b', '/status/500', '/c', '/encoded/br', '/reset-once']
        got = answers(client, *(server.url(path, address) for path in paths for address in HOSTS))
        assert len(got) == len(paths) * len(HOSTS)
        for books in server.books.values():
            visits = sorted(books.visits, key=lambda visit: visit.began)
            assert len(visits) == 1 + len(paths) + 2  # robots.txt, a redirect's target, a retry
            for before, after in itertools.pairwise(visits):
                assert before.ended is not None
                # The server stamps an end only after its last byte may have been read.
                assert after.began - before.ended > 0.05 - 0.005
                assert after.began - before.began > 0.05


def test_a_host_that_thinks_for_long_is_asked_for_two_pages_at_once_but_spaced() -> None:
    settings = dataclasses.replace(NO_ROBOTS, min_delay_s=0.1)
    with HostileServer() as server, WebClient(settings, host_key) as client:
        answers(client, *(server.url(f'/slow/1.5?{number}') for number in range(2)))
        books = server.books['127.0.0.1']
    assert books.most_in_flight == 2
    assert books.shortest_gap() > 1.0


def test_asks_of_one_host_are_begun_in_order() -> None:
    # One at a time: of two the server may note the second first.
    settings = dataclasses.replace(NO_ROBOTS, in_flight_per_host=1)
    with HostileServer() as server, WebClient(settings, host_key) as client:
        paths = [f'/{number}' for number in range(30)]
        answers(client, *(server.url(path) for path in paths))
        assert server.books['127.0.0.1'].paths() == paths


def test_a_slow_host_delays_no_other() -> None:
    with HostileServer(HOSTS) as server, WebClient(SETTINGS, host_key) as client:
        batch = client.open()
        began = time.monotonic()
        for number in range(4):
            batch.submit(Ask('slow', server.url(f'/silent?{number}', HOSTS[0])))
        for number in range(50):
            batch.submit(Ask('quick', server.url(f'/{number}', HOSTS[1 + number % 5])))
        taken = batch.drain()
        assert [next(taken).token for _ in range(50)] == ['quick'] * 50
        assert time.monotonic() - began < SETTINGS.first_byte_timeout_s
        batch.abandon()


def test_silent_hosts_hold_no_places_that_others_need() -> None:
    settings = dataclasses.replace(NO_ROBOTS, max_waiting=4, first_byte_timeout_s=30, total_timeout_s=30)
    with HostileServer(HOSTS) as server, WebClient(settings, host_key) as client:
        batch = client.open()
        for address in HOSTS[:4]:
            batch.submit(Ask('silent', server.url('/silent', address)))
        batch.submit(Ask('quick', server.url('/quick', HOSTS[4])))
        began = time.monotonic()
        assert next(batch.drain()).token == 'quick'
        assert time.monotonic() - began < 10
        batch.abandon()


def test_nothing_is_begun_while_too_many_answers_wait() -> None:
    settings = dataclasses.replace(NO_ROBOTS, max_waiting=5)
    with HostileServer(HOSTS) as server, WebClient(settings, host_key) as client:
        batch = client.open()
        for number in range(60):
            batch.submit(Ask(number, server.url(f'/{number}', HOSTS[number % 6])))

        def begun() -> int:
            return sum(len(books.visits) for books in server.books.values())

        for taken, _ in enumerate(batch.drain(), 1):
            # Whatever is under way or waits now was let in by what was taken.
            assert begun() <= taken + 5
        assert begun() == 60


def test_another_batch_goes_on_when_one_is_dropped() -> None:
    settings = dataclasses.replace(NO_ROBOTS, max_waiting=2)
    with HostileServer() as server, WebClient(settings, host_key) as client:
        dropped = client.open()
        for number in range(10):
            dropped.submit(Ask(number, server.url(f'/dropped/{number}')))
        while dropped._books.untaken < 2:  # until its answers fill all places
            time.sleep(0.001)
        del dropped
        got = answers(client, *(server.url(f'/{number}') for number in range(10)))
        assert {answer.reason for answer in got.values()} == {None}
        assert len(server.books['127.0.0.1'].visits) < 20


@pytest.mark.parametrize('status', [429, 503])
@pytest.mark.parametrize('form', ['seconds', 'date'])
def test_a_short_retry_after_is_waited_for(status: int, form: str) -> None:
    with HostileServer() as server, WebClient(NO_ROBOTS, host_key) as client:
        url = server.url(f'/busy/{status}/{form}/1')
        got = answers(client, url, server.url('/other'))
        visits = {visit.path: visit for visit in server.books['127.0.0.1'].visits}
        first = server.books['127.0.0.1'].visits[0]
    assert got[url].reason is None
    assert got[url].status == 200
    assert visits[first.path].began - first.began > 0.95


@pytest.mark.parametrize(('status', 'reason'), [(429, Reason.HTTP_429), (503, Reason.HTTP_5XX)])
def test_a_long_retry_after_ends_the_asking_of_that_host(status: int, reason: Reason) -> None:
    settings = dataclasses.replace(NO_ROBOTS, in_flight_per_host=1)
    with HostileServer() as server, WebClient(settings, host_key) as client:
        busy, other = server.url(f'/busy/{status}/seconds/3600'), server.url('/other')
        got = answers(client, busy, other)
        assert server.books['127.0.0.1'].paths() == [f'/busy/{status}/seconds/3600']
    assert (got[busy].status, got[busy].reason, got[busy].retry_after_s) == (status, reason, 3600)
    assert (got[other].status, got[other].reason) == (None, Reason.RUN_ENDED)
    assert got[other].detail == 'not asked: its host wants 3600 s of peace'
    assert got[other].retry_after_s is not None and 3_500 < got[other].retry_after_s <= 3_600


def test_no_host_is_left_alone_for_years_that_says_so_by_mistake() -> None:
    settings = dataclasses.replace(NO_ROBOTS, in_flight_per_host=1)
    with HostileServer() as server, WebClient(settings, host_key) as client:
        got = answers(client, server.url('/busy/503/seconds/999999999'), other := server.url('/other'))
    assert got[other].retry_after_s == 86_400


def test_no_ask_that_waits_slips_into_a_peace_that_was_asked_for() -> None:
    settings = dataclasses.replace(NO_ROBOTS, min_delay_s=0.1)
    with HostileServer() as server, WebClient(settings, host_key) as client:
        busy = server.url('/busy/503/seconds/3600')
        got = answers(client, busy, *(server.url(f'/{number}') for number in range(5)))
        assert server.books['127.0.0.1'].paths() == ['/busy/503/seconds/3600']
    assert {answer.reason for answer in got.values()} == {Reason.HTTP_5XX, Reason.RUN_ENDED}


def test_a_retry_after_that_does_not_fit_the_budget_is_not_waited_for() -> None:
    settings = dataclasses.replace(NO_ROBOTS, host_budget_s=2.0)
    with HostileServer() as server, WebClient(settings, host_key) as client:
        url = server.url('/busy/503/seconds/5')
        assert answers(client, url)[url].reason is Reason.HTTP_5XX
        assert len(server.books['127.0.0.1'].visits) == 1


def test_what_does_not_fit_the_budget_of_a_host_is_deferred() -> None:
    settings = dataclasses.replace(NO_ROBOTS, host_budget_s=0.5, min_delay_s=0.2)
    with HostileServer(HOSTS[:2]) as server, WebClient(settings, host_key) as client:
        urls = [server.url(f'/{number}', HOSTS[0]) for number in range(20)]
        other = server.url('/other', HOSTS[1])
        got = answers(client, *urls, other)
        asked = len(server.books[HOSTS[0]].visits)
        assert got[other].reason is None
        assert [got[url].reason for url in urls] == [None] * asked + [Reason.HOST_BUDGET] * (20 - asked)
        assert asked == 3  # at 0, 0.2 and 0.4 s
        # The budget is a batch's own.
        assert answers(client, urls[-1])[urls[-1]].reason is None


def test_waiting_for_answers_to_be_taken_spends_no_budget() -> None:
    settings = dataclasses.replace(NO_ROBOTS, host_budget_s=0.6, max_waiting=1)
    with HostileServer(latency_s=0.01) as server, WebClient(settings, host_key) as client:
        batch = client.open()
        for number in range(12):
            batch.submit(Ask(number, server.url(f'/{number}')))
        for answer in batch.drain():
            assert answer.reason is None
            time.sleep(0.1)  # a slow reader, for longer in all than the budget


def test_another_host_is_not_asked_but_named() -> None:
    with HostileServer(HOSTS[:2]) as server, WebClient(SETTINGS, host_key) as client:
        server.redirects['/away'] = server.url('/there', HOSTS[1])
        url = server.url('/away', HOSTS[0])
        answer = answers(client, url)[url]
        assert server.books[HOSTS[1]].visits == []
    assert answer.reason is Reason.REDIRECT_ELSEWHERE
    assert answer.elsewhere == server.url('/there', HOSTS[1])
    assert (answer.status, answer.final_url, answer.moved_to) == (302, url, None)
