"""Alarms: an outlet whose extraction suddenly changes is named, and nobody else."""

import dataclasses

import pytest

from pipelines.cli import run_command
from schemas.vocabulary import Disposition
from tests.made_lakes import PLACE, decided, finish, stage_articles, write
from tests.made_rows import DAY, NOON, article, sighting
from tests.test_boilerplate import prose
from transforms.functions.article_commit import commit_articles
from transforms.functions.lake import Lake
from transforms.functions.outlet_alarms import MIN_BEFORE, NEWEST, outlet_alarms
from transforms.functions.sameness.signatures import sign_article
from transforms.functions.storage import LocalStorage

SINCE = '2025-01-01'


@pytest.fixture
def lake(tmp_path):
    return Lake(str(tmp_path / 'lake'), LocalStorage())


def fill(lake, bodies, run_id):
    """Articles with these bodies, ingested in their order by one run."""
    made = [
        sign_article(article(body, sighting(f'{run_id}-{n}'), title=f'Story {n} of {run_id}', mentions=()))
        for n, body in enumerate(bodies)
    ]
    now = NOON + DAY * int(run_id[-1])
    for row in commit_articles(lake, PLACE, stage_articles(lake, *made, run_id=run_id), run_id, now).ledger:
        write(lake, 'ledger', row, run_id=run_id)


def bodies(first, count, sentences=9):
    return ['\n\n'.join(prose(n, sentences)) for n in range(first, first + count)]


def test_articles_as_before_raise_no_alarm(lake):
    fill(lake, bodies(0, MIN_BEFORE), 'run-1')
    fill(lake, bodies(100, NEWEST), 'run-2')
    assert outlet_alarms(lake, SINCE) == ()


def test_articles_that_are_suddenly_much_shorter_raise_one_that_names_the_outlet(lake):
    fill(lake, bodies(0, MIN_BEFORE), 'run-1')
    fill(lake, bodies(100, NEWEST, sentences=2), 'run-2')
    (alarm,) = outlet_alarms(lake, SINCE)
    assert alarm.startswith('outlet news: its newest 20 articles have')


def test_a_few_earlier_articles_are_no_measure(lake):
    fill(lake, bodies(0, MIN_BEFORE - 1), 'run-1')
    fill(lake, bodies(100, NEWEST, sentences=2), 'run-2')
    assert outlet_alarms(lake, SINCE) == ()


def test_articles_that_are_suddenly_all_alike_raise_one(lake):
    fill(lake, bodies(0, MIN_BEFORE), 'run-1')
    notice = '\n\n'.join(prose(5, 9))
    fill(lake, [f'{notice} Number {n}.' for n in range(NEWEST)], 'run-2')
    (alarm,) = outlet_alarms(lake, SINCE)
    assert 'nearly the same text' in alarm and 'outlet news' in alarm


def test_pages_that_suddenly_have_no_text_raise_one(lake):
    fill(lake, bodies(0, MIN_BEFORE), 'run-1')
    for n in range(NEWEST):
        late = sighting(f'late-{n}', poll_id='poll-9')
        row = dataclasses.replace(
            decided(late, Disposition.REJECTED, run_id='run-2', reason='no_text'), decided_at=NOON + 9 * DAY
        )
        write(lake, 'ledger', row, run_id='run-2')
    (alarm,) = outlet_alarms(lake, SINCE)
    assert 'gave no article' in alarm and 'outlet news' in alarm


def test_an_old_change_is_no_news(lake):
    fill(lake, bodies(0, MIN_BEFORE), 'run-1')
    fill(lake, bodies(100, NEWEST, sentences=2), 'run-2')
    assert outlet_alarms(lake, '2026-01-01') == ()


def test_check_raises_the_alarm_and_ends_with_1(lake, capsys, monkeypatch):
    monkeypatch.setattr('pipelines.check._ALARM_DAYS', 10_000)
    fill(lake, bodies(0, MIN_BEFORE), 'run-1')
    fill(lake, bodies(100, NEWEST, sentences=2), 'run-2')
    for run in ('run-1', 'run-2'):
        finish(lake, run)
    assert run_command('pipelines.check', [lake.root]) == 1
    assert 'alarm: outlet news' in capsys.readouterr().out
