"""Which of the items that wait are taken into a round."""

import weakref

from tests.made_rows import sighting
from transforms.functions.page_choice import take_in_turn


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
    assert max(most_alive) <= 2 * 20 + 2
