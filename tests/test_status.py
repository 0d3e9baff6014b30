"""dateline status: last polls, lag, failures and articles an hour, from the lake alone."""

import dataclasses
import json

import pytest

from pipelines.cli import run_command
from schemas.vocabulary import Reason
from tests.made_lakes import PLACE, poll, stage_articles, write
from tests.made_rows import DAY, NOON, article, sighting
from transforms.functions.article_commit import commit_articles
from transforms.functions.lake import Lake
from transforms.functions.lake_status import read_status
from transforms.functions.ledger_rows import refused_row
from transforms.functions.storage import LocalStorage

HOUR = 3_600_000_000


@pytest.fixture
def lake(tmp_path):
    lake = Lake(str(tmp_path / 'lake'), LocalStorage())
    feeds = {
        'http://a.example/': ('ok', None, NOON + HOUR),
        'http://b.example/': ('failed', 'timeout', NOON + HOUR),
        'http://c.example/': ('gone', 'http_410', NOON + DAY),
        'http://d.example/': ('ok', None, NOON - 4 * HOUR),
    }
    for number, (url, (status, reason, due)) in enumerate(feeds.items()):
        row = poll(2, poll_id=f'p{number}', feed_url=url, status=status, reason=reason, next_due_at=due)
        write(
            lake,
            'polls',
            row,
            dataclasses.replace(row, poll_id=f'q{number}', status='ok', polled_at=1 + NOON - DAY),
        )
    seen = [article(f'Text {n}.', sighting(f'i{n}'), published_at=NOON - 2 * HOUR) for n in range(3)]
    for number, one in enumerate(seen):
        done = commit_articles(lake, PLACE, stage_articles(lake, one), 'run-1', NOON - number * HOUR)
        write(lake, 'ledger', *done.ledger)
    failed = refused_row(sighting('w'), Reason.TIMEOUT, 'slow', run_id='run-1', decided_at=NOON)
    write(lake, 'ledger', failed)
    return lake


def test_the_last_poll_of_each_feed_counts_and_troubles_come_first(lake):
    status = read_status(lake, NOON + 1)
    assert [(feed.feed_url, feed.trouble) for feed in status.feeds] == [
        ('http://b.example/', 'failing'),
        ('http://d.example/', 'late'),
        ('http://c.example/', 'retired'),
        ('http://a.example/', ''),
    ]
    assert (status.failing, status.late, status.retired, status.waiting) == (1, 1, 1, 1)
    assert (status.articles_last_hour, status.articles_last_day) == (1, 3)
    assert status.median_lag_s == 3_600.0


def test_a_feed_that_a_run_had_no_time_for_is_judged_by_the_poll_before(lake):
    new = 'http://e.example/'
    for number, url in enumerate(('http://a.example/', 'http://b.example/', new)):
        unasked = poll(3, poll_id=f'u{number}', feed_url=url, status='failed', reason='run_ended')
        write(lake, 'polls', dataclasses.replace(unasked, polled_at=NOON + 5, next_due_at=NOON + 5))
    status = read_status(lake, NOON + 6)
    assert [feed.feed_url for feed in status.feeds if feed.trouble == 'failing'] == ['http://b.example/']
    assert {feed.feed_url: feed.trouble for feed in status.feeds}[new] == ''


def test_what_waits_for_weeks_counts_until_it_is_decided_and_lost_rows_do_not(lake):
    def failed(item, days):
        seen = sighting(item, seen_at=NOON - days * DAY)
        return refused_row(seen, Reason.TIMEOUT, 'slow', run_id='run-1', decided_at=NOON)

    done = failed('done', 9)
    lost = dataclasses.replace(failed('lost', 9), transient=False)
    later = dataclasses.replace(done, disposition='rejected', transient=False, attempt=1)
    write(lake, 'ledger', failed('old', 9), failed('too-old', 40), done, later, lost)
    assert read_status(lake, NOON + 1).waiting == 2  # the fixture's, and the old one


def test_a_feed_that_is_polled_once_a_week_is_there(lake):
    weekly = poll(
        2,
        poll_id='p9',
        feed_url='http://e.example/',
        polled_at=NOON - 6 * DAY,
        interval_s=604_800,
        next_due_at=NOON + DAY,
    )
    write(lake, 'polls', weekly)
    found = {feed.feed_url: feed.trouble for feed in read_status(lake, NOON + 1).feeds}
    assert found['http://e.example/'] == ''


def test_the_command_prints_it_for_people_and_machines(lake, capsys):
    assert run_command('pipelines.status', [lake.root, '--json']) == 0
    assert json.loads(capsys.readouterr().out)['last_poll_at'] is None  # the lake is of another year
    assert run_command('pipelines.status', [lake.root]) == 0
    assert 'No feed was polled' in capsys.readouterr().out
    assert run_command('pipelines.status', [lake.root + '-none']) == 2


def test_a_folder_that_is_no_lake_is_refused_unless_a_run_has_just_begun(tmp_path, capsys):
    assert run_command('pipelines.status', [str(tmp_path)]) == 2
    assert 'holds no table of a lake' in capsys.readouterr().err
    (tmp_path / '_lock').touch()
    assert run_command('pipelines.status', [str(tmp_path)]) == 0
