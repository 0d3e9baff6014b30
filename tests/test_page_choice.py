"""Which of the items that wait are taken into a round."""

import weakref

from schemas.pages import PageRequest
from tests.made_rows import sighting
from transforms.functions.page_choice import RoundPages, take_in_turn


def waiting(*hosts):
    return [sighting(f'i{n}', url=f'http://{host}.example/{n}') for n, host in enumerate(hosts)]


def test_hosts_take_turns_and_the_rest_is_counted():
    chosen, count = take_in_turn(waiting('b', 'b', 'b', 'b', 'a', 'c', 'a'), 5)
    assert [one.url for one in chosen] == [
        'http://a.example/4', 'http://b.example/0', 'http://c.example/5',
        'http://a.example/6', 'http://b.example/1',
    ]  # fmt: skip
    assert count == 7


def test_a_large_backlog_is_not_held_in_memory():
    alive, most_alive = weakref.WeakSet(), []

    def backlog():
        for number in range(1_000):
            one = sighting(f'i{number}', url=f'http://h{number % 7}.example/{number}')
            alive.add(one)
            most_alive.append(len(alive))
            yield one

    chosen, count = take_in_turn(backlog(), 20)
    assert (len(chosen), count) == (20, 1_000)
    assert max(most_alive) <= 1.5 * 20 + 2


def request(host, number):
    one = sighting(f'{host}{number}', url=f'http://{host}.example/{number}')
    return PageRequest(one.url, one.url, (one,))


def divided(requests, most):
    """The pages that fit a round of ``most``, and those that were given back."""
    pages = RoundPages(most)
    given_back = [late for one in requests for late in pages.add(one)]
    chosen, last = pages.close()
    return [one.url for one in chosen], [one.url for one in given_back + last]


def test_a_host_that_comes_late_still_gets_its_share_of_the_round():
    long_feed = [request('a', number) for number in range(500)]
    chosen, late = divided([*long_feed, request('b', 1), request('b', 2), request('c', 1)], 6)
    assert chosen == [
        'http://a.example/0', 'http://b.example/1', 'http://c.example/1',
        'http://a.example/1', 'http://b.example/2', 'http://a.example/2',
    ]  # fmt: skip
    assert sorted(late) == sorted(f'http://a.example/{number}' for number in range(3, 500))


def test_a_round_with_room_for_all_gives_nothing_back():
    assert divided([request('a', 1), request('b', 1), request('a', 2)], 3)[1] == []


def test_requests_that_lead_to_the_same_page_take_one_place_together():
    pages = RoundPages(1)
    twice = [request('a', 1), request('a', 1)]
    assert [pages.add(one) for one in twice] == [[], []]
    assert pages.close() == (twice, [])


def test_what_does_not_fit_is_given_back_before_the_end():
    alive, most_alive = weakref.WeakSet(), []
    pages, given_back = RoundPages(20), 0
    for number in range(1_000):
        one = request(f'h{number % 7}', number)
        alive.add(one)
        most_alive.append(len(alive))
        given_back += len(pages.add(one))
        del one
    chosen, last = pages.close()
    assert (len(chosen), len(chosen) + len(last) + given_back) == (20, 1_000)
    assert max(most_alive) <= 20 * 1.5 + 2
