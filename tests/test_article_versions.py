"""What is said of an article's edits: how much of the text differs, in bounded time."""

import difflib
import random

import pytest

from transforms.functions.article_versions import changed_share

WORDS = ('the', 'dam', 'of', 'the', 'river', 'held', 'and', 'a', 'mill', 'stood', 'by', 'it')


def prose(words, seed=1):
    made = random.Random(seed)
    return [made.choice(WORDS) if made.random() < 0.4 else f'word{made.randrange(900)}' for _ in range(words)]


@pytest.fixture
def work(monkeypatch):
    """Counts the pairs of words that difflib looks at, and ends what would take for ever."""
    done = [0]

    class Counting(difflib.SequenceMatcher):
        def find_longest_match(self, alo=0, ahi=None, blo=0, bhi=None):
            done[0] += sum(1 + len(self.b2j.get(word, ())) for word in self.a[alo:ahi])
            assert done[0] < 100_000_000
            return super().find_longest_match(alo, ahi, blo, bhi)

    monkeypatch.setattr(difflib, 'SequenceMatcher', Counting)
    return done


@pytest.mark.parametrize('words', [200, 2_000, 200_000])
def test_a_text_that_repeats_itself_is_compared_in_bounded_time(work, words):
    share = changed_share('a b ' * (words // 2), 'b a a ' * (words // 3))
    assert 0 < share < 0.6
    assert work[0] <= 40_000_000


def test_texts_whose_every_other_word_differs_are_compared_in_bounded_time(work):
    old, new = (' '.join(f'w{n} {side}{n}' for n in range(50_000)) for side in 'xy')
    assert changed_share(old, new) == 0.5
    assert work[0] <= 40_000_000


@pytest.mark.parametrize('words', [0, 1, 5, 300, 900])
def test_an_ordinary_edit_has_the_share_that_difflib_gives(words):
    old = prose(words)
    new = [*old[: words // 3], 'new', *old[words // 2 :], *prose(words // 10, seed=2)]
    ratio = difflib.SequenceMatcher(None, old, new, autojunk=False).ratio()
    assert changed_share(' '.join(old), ' '.join(new)) == pytest.approx(1 - ratio)


def test_a_long_text_that_was_added_to_in_two_places_has_the_share_of_what_was_added():
    old = prose(20_000)
    new = [*old[:100], *prose(200, seed=2), *old[100:-50], *prose(300, seed=3), *old[-50:]]
    assert changed_share(' '.join(old), ' '.join(new)) == pytest.approx(1 - 40_000 / 40_500)


@pytest.mark.parametrize(('old', 'new'), [('a ' * 9_000, 'a ' * 9_000), ('a ' * 9_000, 'a ' * 8_999)])
def test_what_is_alike_or_only_cut_short_is_no_more_than_that(old, new):
    words = len(old.split()) + len(new.split())
    assert changed_share(old, new) == pytest.approx((len(old.split()) - len(new.split())) / words)
