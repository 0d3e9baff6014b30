"""Rolling forward what a dead run staged: other days, other partitions, several crashes."""

import pytest

from schemas.vocabulary import Disposition
from tests.made_lakes import decided, poll, stage_articles
from tests.made_rows import DAY, NOON, article, sighting
from transforms.functions.lake import DamagedFile, Lake
from transforms.functions.recovery import roll_forward
from transforms.functions.storage import LocalStorage
from transforms.functions.table_commit import stage_rows


class Killed(BaseException):
    """The process ends here."""


class FailingStorage(LocalStorage):
    """Ends the process at its n-th step that changes what is seen."""

    def __init__(self, steps):
        self.steps = steps

    def _step(self):
        self.steps -= 1
        if self.steps < 0:
            raise Killed

    def publish(self, staged, final):
        self._step()
        super().publish(staged, final)
        self._step()

    def delete_folder(self, folder):
        self._step()
        super().delete_folder(folder)


def contents(lake):
    """All rows but the moment at which they were decided, and where they are."""
    found = []
    for table, moments in (
        ('articles', ['ingested_at']),
        ('mentions', []),
        ('links', ['decided_at']),
        ('ledger', ['decided_at']),
    ):
        rows = lake.read(table, lake.files(table)).drop_columns(moments).to_pylist()
        found += sorted(map(str, rows))
    return found


def stage(lake):
    """Three articles, two of them with one text but of different days."""
    same = [article('Same.', sighting(f's{n}'), published_at=NOON - n * 5 * DAY) for n in (0, 1)]
    stage_articles(lake, *same, article('Another.', sighting('other')))


@pytest.fixture
def expected(tmp_path):
    lake = Lake(str(tmp_path / 'expected'), LocalStorage())
    stage(lake)
    roll_forward(lake, 'run-1', NOON)
    return contents(lake)


def test_copies_of_different_days_are_linked(expected):
    assert sum('duplicate_text' in row for row in expected) == 1


@pytest.mark.parametrize('steps', range(14))
def test_recovery_that_is_killed_and_repeated_the_next_day_leaves_the_same_lake(tmp_path, expected, steps):
    root = str(tmp_path / 'lake')
    stage(Lake(root, LocalStorage()))
    try:
        roll_forward(Lake(root, FailingStorage(steps)), 'run-1', NOON)
    except Killed:
        roll_forward(Lake(root, LocalStorage()), 'run-1', NOON + DAY)
    assert contents(Lake(root, LocalStorage())) == expected


@pytest.mark.parametrize('place', [60, -20], ids=['a page', 'the footer'])
def test_a_staged_file_that_is_damaged_is_named_and_nothing_of_it_is_committed(tmp_path, place):
    lake = Lake(str(tmp_path), LocalStorage())
    path = stage_articles(lake, article('The dam held.', sighting()))[0].path
    with open(path, 'rb+') as file:
        data = bytearray(file.read())
        data[place] ^= 0xFF
        file.seek(0)
        file.write(data)
    with pytest.raises(DamagedFile, match=f'{path}: cannot be read .*; see: dateline check {lake.root}$'):
        roll_forward(lake, 'run-1', NOON)
    assert lake.files('articles') == []


def test_a_poll_some_of_whose_items_were_not_decided_is_left_out(tmp_path):
    lake = Lake(str(tmp_path), LocalStorage())
    for name, decisions in (('whole', 2), ('cut', 1)):
        stage_rows(lake, 'polls', 'run-1', [vars(poll(3, 1, poll_id=name))])
        seen = (sighting(f'item-{number}', poll_id=name) for number in range(decisions))
        stage_rows(lake, 'ledger', 'run-1', [vars(decided(one, Disposition.REJECTED)) for one in seen])
    roll_forward(lake, 'run-1', NOON)
    assert lake.read('polls', lake.files('polls'), ('poll_id',))['poll_id'].to_pylist() == ['whole']
    assert lake.read('ledger', lake.files('ledger'), ('poll_id',)).num_rows == 3
