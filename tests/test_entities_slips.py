"""One slip of the pen, told quickly, against the distance that counts all of them."""

import itertools

from transforms.functions.entities.people import _is_one_slip, distance


def test_one_slip_at_most_is_a_distance_of_one_at_most():
    words = [''.join(letters) for size in range(6) for letters in itertools.product('ab', repeat=size)]
    words += ['macron', 'macorn', 'emanuel', 'emmanuel', 'zelensky', 'zelenskyy', 'zelenksyy']
    pairs = list(itertools.product(words, words))
    assert [_is_one_slip(*pair) for pair in pairs] == [distance(*pair, 1) <= 1 for pair in pairs]
    assert 0 < sum(_is_one_slip(*pair) for pair in pairs) < len(pairs)
