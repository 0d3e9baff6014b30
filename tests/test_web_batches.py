"""Every ask has exactly one answer, whatever happens to the run."""

import gc
import threading
import time

import pytest

from schemas.settings import FetchSettings
from schemas.vocabulary import Reason
from tests.hasty_client import SETTINGS, host_key
from tests.hostile_server import HostileServer
from transforms.functions.web import transfer
from transforms.functions.web.asking import Answer, Ask
from transforms.functions.web.client import WebClient, stop_all
from transforms.functions.web.exchange import Exchange
from transforms.functions.web.scheduling import BatchBooks


def test_answers_come_without_waiting_as_they_arrive() -> None:
    with HostileServer() as server, WebClient(SETTINGS, host_key) as client:
        batch = client.open()
        assert list(batch.ready()) == []
        batch.submit(Ask('a', server.url('/a')))
        batch.submit(Ask('slow', server.url('/slow/0.3')))
        assert [answer.token for answer in batch.drain()] == ['a', 'slow']
        assert list(batch.ready()) == list(batch.drain()) == []
        assert batch.pending == 0


def test_several_batches_in_several_threads_share_the_limits_of_a_host() -> None:
    with HostileServer(latency_s=0.02) as server, WebClient(SETTINGS, host_key) as client:
        got: list[int] = []

        def work(part: int) -> None:
            batch = client.open()
            for number in range(10):
                batch.submit(Ask(part * 10 + number, server.url(f'/{part}/{number}')))
            got.extend(answer.token for answer in batch.drain() if answer.body is not None)

        threads = [threading.Thread(target=work, args=(part,)) for part in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(got) == list(range(40))
        assert server.books['127.0.0.1'].most_in_flight == 2


def test_a_request_that_ended_is_not_kept_by_those_that_follow_it_on_its_lane() -> None:
    with HostileServer() as server, WebClient(SETTINGS, host_key) as client:
        batch = client.open()
        for number in range(300):
            batch.submit(Ask(number, server.url(f'/{number}')))
        assert sum(1 for answer in batch.drain() if answer.body is not None) == 300
        gc.collect()
        # The loop forgets timers that were cancelled once a hundred lie there, two of each request.
        assert sum(type(one) is Exchange for one in gc.get_objects()) < 150


def test_the_same_url_twice_is_two_answers() -> None:
    with HostileServer() as server, WebClient(SETTINGS, host_key) as client:
        batch = client.open()
        batch.submit(Ask(1, server.url('/a')))
        batch.submit(Ask(2, server.url('/a')))
        assert sorted(answer.token for answer in batch.drain()) == [1, 2]


def test_stop_answers_at_once_what_was_not_begun_and_lets_the_rest_end() -> None:
    with HostileServer() as server, WebClient(SETTINGS, host_key) as client:
        batch = client.open()
        for number in range(10):
            batch.submit(Ask(number, server.url(f'/slow/0.5?{number}')))
        while len(server.books['127.0.0.1'].visits) < 2:
            time.sleep(0.001)
        began = time.monotonic()
        stop_all()
        reasons = [(answer.token, answer.reason) for answer in batch.drain()]
        assert time.monotonic() - began < 1.5
        assert reasons[:8] == [(number, Reason.RUN_ENDED) for number in range(2, 10)]
        assert sorted(reasons[8:]) == [(0, None), (1, None)]
        batch.submit(Ask('late', server.url('/late')))
        assert [answer.reason for answer in batch.drain()] == [Reason.RUN_ENDED]


@pytest.mark.parametrize('path', ['/busy/503/seconds/30', '/reset'])
def test_stop_ends_the_waits_for_a_second_try(path: str) -> None:
    with HostileServer() as server, WebClient(SETTINGS, host_key) as client:
        batch = client.open()
        batch.submit(Ask(1, server.url(path)))
        while not server.books['127.0.0.1'].visits:
            time.sleep(0.001)
        began = time.monotonic()
        client.stop()
        (answer,) = batch.drain()
        assert answer.reason in (Reason.RUN_ENDED, Reason.CONNECT, Reason.HTTP_5XX)
        assert time.monotonic() - began < 2.0


def test_close_cuts_what_is_in_flight_and_ends_the_thread() -> None:
    before = threading.active_count()
    with HostileServer() as server:
        client = WebClient(SETTINGS, host_key)
        batch = client.open()
        for number in range(5):
            batch.submit(Ask(number, server.url('/silent')))
        while not server.books['127.0.0.1'].visits:
            time.sleep(0.001)
        client.close()
        client.close()
        answers = list(batch.drain())
        assert sorted(answer.token for answer in answers) == [0, 1, 2, 3, 4]
        assert {answer.reason for answer in answers} == {Reason.RUN_ENDED}
        with pytest.raises(RuntimeError, match='closed'):
            batch.submit(Ask('late', server.url('/')))
        client.stop()
    assert threading.active_count() == before


def test_what_nobody_foresaw_is_raised_and_not_lost() -> None:
    def broken(url: str) -> str:
        if 'broken' in url:
            raise KeyError('a bug')
        return host_key(url)

    with HostileServer() as server, WebClient(SETTINGS, broken) as client:
        server.redirects['/redirect'] = '/broken'
        for path in ('/broken', '/redirect'):
            batch = client.open()
            batch.submit(Ask(1, server.url(path)))
            with pytest.raises(KeyError, match='a bug'):
                list(batch.drain())
            with pytest.raises(KeyError, match='a bug'):
                batch.submit(Ask(2, server.url('/good')))
        # Other batches go on.
        batch = client.open()
        batch.submit(Ask(3, server.url('/good')))
        assert [answer.reason for answer in batch.drain()] == [None]


def test_a_resolver_with_a_bug_fails_the_batch_loudly() -> None:
    def resolver(host: str) -> list[str]:
        raise ZeroDivisionError('a bug')

    with WebClient(SETTINGS, host_key, resolver) as client:
        batch = client.open()
        batch.submit(Ask(1, 'http://some.test/'))
        with pytest.raises(ZeroDivisionError):
            list(batch.drain())


def test_dropped_batches_leave_nothing_behind() -> None:
    with HostileServer() as server, WebClient(SETTINGS, host_key) as client:
        for _ in range(3):
            batch = client.open()
            for number in range(40):
                batch.submit(Ask(number, server.url(f'/{number}')))
            del batch
        gc.collect()
        batch = client.open()
        batch.submit(Ask('last', server.url('/last')))
        assert [answer.token for answer in batch.drain()] == ['last']


def test_an_ask_that_comes_in_the_step_in_which_its_hosts_last_lane_ends_is_answered() -> None:
    with HostileServer() as server, WebClient(SETTINGS, host_key) as client:
        schedule, books, gone = client._schedule, BatchBooks(), BatchBooks()
        assert schedule is not None
        gone.over = True  # its asks are forgotten, so the lanes that they start end at once

        def submit() -> None:
            for number in range(SETTINGS.in_flight_per_host):
                schedule.submit(gone, Ask(number, server.url('/gone')))
            client._loop.call_soon(schedule.submit, books, Ask('late', server.url('/late')))

        client._loop.call_soon_threadsafe(submit)
        answer = books.arrived.get(timeout=30)
        assert isinstance(answer, Answer) and answer.token == 'late'


def test_settings_that_cannot_be_meant_are_refused() -> None:
    for settings in (FetchSettings(max_waiting=0), FetchSettings(in_flight_per_host=0)):
        with pytest.raises(ValueError, match='at least 1'):
            WebClient(settings, host_key)
    with pytest.raises(ValueError, match='socks'):
        WebClient(SETTINGS, host_key, proxies={'http': 'socks5://127.0.0.1:1080'})


def test_connections_are_not_hoarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many hosts at once would else use up the files that a process may open."""
    monkeypatch.setattr(transfer, 'MAX_CONNECTIONS', 4)
    hosts = tuple(f'127.0.0.{number}' for number in range(1, 15))
    with HostileServer(hosts) as server, WebClient(SETTINGS, host_key) as client:
        batch = client.open()
        for number in range(56):
            batch.submit(Ask(number, server.url(f'/{number}', hosts[number % 14])))
        assert {answer.reason for answer in batch.drain()} == {None}
        deadline = time.monotonic() + 5
        while (kept := sum(books.open_connections for books in server.books.values())) > 4 + 2:
            assert time.monotonic() < deadline, kept
            time.sleep(0.01)
