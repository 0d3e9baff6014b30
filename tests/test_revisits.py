"""Which pages are fetched again though their entries are as before."""

import dataclasses

import pytest

from schemas.vocabulary import Disposition, Reason
from tests.made_lakes import write
from tests.made_rows import DAY, NOON, sighting
from transforms.functions.article_rows import sightings_to_json
from transforms.functions.lake import Lake
from transforms.functions.ledger_rows import item_row, refused_row
from transforms.functions.state.lake_state import LakeState
from transforms.functions.storage import LocalStorage

HOUR = 3_600_000_000
AFTER_S = 3_600


@pytest.fixture
def lake(tmp_path):
    return Lake(str(tmp_path / 'lake'), LocalStorage())


def looked(seen, age, disposition=Disposition.WRITTEN, row_id='row-1', entry=False):
    """The row of a look at a page ``age`` after it was first seen."""
    row = item_row(
        seen,
        disposition,
        run_id='run-1',
        decided_at=NOON + age,
        row_id=row_id,
        article_id='article-1',
        article_date='2025-03-03',
        article_outlet='news',
    )
    return dataclasses.replace(row, entry=sightings_to_json((seen,)) if entry else None)


def again(n, **fields):
    """The sighting of a later look: another poll's, or an earlier revisit's."""
    return sighting('a', poll_id=f'later-{n}', seen_at=NOON + n * HOUR, **fields)


def due(lake, now, **more):
    return list(LakeState(lake, '2025-02-01', now + 1).revisits(now, AFTER_S, **more))


def test_a_page_is_due_once_its_first_interval_has_passed(lake):
    write(lake, 'ledger', looked(sighting('a'), 60))
    assert due(lake, NOON + HOUR) == []
    (found,) = due(lake, NOON + HOUR + 60)
    assert (found.url, found.feed_url, found.item_id) == (
        'http://news.example/a',
        'http://news.example/rss',
        'a',
    )
    assert (found.poll_id, found.seen_at, found.attempt, found.fingerprint) == ('', NOON + HOUR + 60, 0, 7)


def test_the_looks_at_a_page_thin_out_as_it_ages(lake):
    write(lake, 'ledger', looked(sighting('a'), 0))
    times = []
    for hour in range(1, 36):
        if due(lake, NOON + hour * HOUR):
            times.append(hour)
            write(lake, 'ledger', looked(again(hour), hour * HOUR, Disposition.UNCHANGED))
    assert times == [1, 2, 4, 8, 16, 32]


def test_the_same_moment_gives_the_same_sightings_and_another_one_others(lake):
    write(lake, 'ledger', looked(sighting('a'), 0), looked(sighting('b'), 0))
    first = due(lake, NOON + DAY)
    assert len({found.sighting_id for found in first}) == 2
    assert due(lake, NOON + DAY) == first
    assert not {found.sighting_id for found in first} & {s.sighting_id for s in due(lake, NOON + 2 * DAY)}


def test_the_entry_of_the_newest_row_that_has_one_is_used_with_what_the_feed_said_last(lake):
    write(
        lake,
        'ledger',
        looked(sighting('a', title='First'), 0, entry=True),
        looked(again(1, title='Second'), HOUR, Disposition.UPDATED, entry=True),
        looked(again(2, fingerprint=8), 2 * HOUR, Disposition.UNCHANGED),
    )
    (found,) = due(lake, NOON + DAY)
    assert (found.title, found.fingerprint, found.feed_labels) == ('Second', 8, ('world',))


@pytest.mark.parametrize('disposition', [Disposition.REJECTED, Disposition.FAILED, Disposition.DEFERRED])
def test_a_page_whose_last_decision_is_no_look_is_left_alone(lake, disposition):
    write(lake, 'ledger', looked(sighting('a'), 0), looked(again(1), HOUR, disposition, row_id=None))
    assert due(lake, NOON + DAY) == []


def test_a_page_that_is_gone_is_left_alone(lake):
    gone = refused_row(again(1), Reason.HTTP_410, '410', run_id='run-2', decided_at=NOON + HOUR)
    write(lake, 'ledger', looked(sighting('a'), 0), gone)
    assert due(lake, NOON + DAY) == []


def test_a_second_feed_that_shows_a_page_is_no_look_at_it(lake):
    other = again(5, feed_url='http://news.example/2', title='Elsewhere')
    write(
        lake,
        'ledger',
        looked(sighting('a', title='Here'), 0, entry=True),
        looked(other, 5 * HOUR, Disposition.DUPLICATE_URL, entry=True),
    )
    (found,) = due(lake, NOON + 6 * HOUR)
    assert (found.title, found.feed_url) == ('Here', 'http://news.example/rss')


def test_a_look_by_a_clock_that_was_wrong_does_not_put_the_next_one_off(lake):
    write(lake, 'ledger', looked(sighting('a'), 400 * DAY))
    assert len(due(lake, NOON + HOUR)) == 1
    write(lake, 'ledger', looked(again(1), HOUR, Disposition.UNCHANGED))
    assert due(lake, NOON + HOUR + 1) == []
    assert len(due(lake, NOON + 2 * HOUR)) == 1


def test_of_more_pages_than_wanted_those_that_have_been_due_longest_come(lake):
    write(lake, 'ledger', *(looked(sighting(f'p{n}'), n * HOUR) for n in range(5)))
    assert sorted(found.item_id for found in due(lake, NOON + DAY, most=2)) == ['p0', 'p1']
    assert len(due(lake, NOON + DAY)) == 5


def test_an_interval_that_is_none_is_refused(lake):
    with pytest.raises(ValueError, match='every 0 seconds'):
        list(LakeState(lake, '2025-02-01').revisits(NOON, 0))
