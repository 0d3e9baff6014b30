"""An always-on job: what is published arrives, sources change under it, it ends gently and goes on later."""

import os
import signal
import threading
import time

import pandas
import pytest

from pipelines.cli import run_command
from pipelines.watch import parser
from pipelines.watch_pace import Pace
from tests.made_site import Answer, made_sites, page
from tests.test_faults import FLAGS

FAST = ('--poll_min_interval=1s', '--poll_max_interval=1s', '--commit_every=1s')
# Longer than anything here takes; only a failing test comes near it.
LIMIT_S = 120


class Story(threading.Thread):
    """Plays steps beside the job, each when its moment has come, and then ends the job by SIGTERM."""

    def __init__(self, *steps):
        super().__init__(daemon=True)
        self.steps = steps
        self.played = 0

    def run(self):
        for has_come, act in self.steps:
            until = time.monotonic() + LIMIT_S
            while not has_come():
                if time.monotonic() > until:
                    break
                threading.Event().wait(0.05)
            else:
                self.played += 1
                act()
                continue
            break
        os.kill(os.getpid(), signal.SIGTERM)


def titles(lake):
    # A folder comes before its first file, and pandas finds no column in an empty one.
    if not any(lake.glob('articles/*/*/*.parquet')):
        return []
    return sorted(pandas.read_parquet(f'{lake}/articles', columns=['title'])['title'])


def watch(lake, source, *more):
    return run_command('pipelines.watch', [str(source), '--output', str(lake), *FLAGS, *FAST, *more])


def nothing():
    pass


def test_what_is_published_arrives_and_feeds_come_and_go_with_the_list(tmp_path, capsys):
    lake, feeds = tmp_path / 'lake', tmp_path / 'feeds.txt'
    with made_sites(2) as (a, b):
        a.answers |= {'/1': page('One'), '/2': page('Two', 'lake')}
        b.answers['/3'] = page('Three', 'hill')
        other = b.feed(('Three', '/3'))
        feeds.write_text(a.feed(('One', '/1')) + '\n')

        def publish():
            a.feed(('Two', '/2'), ('One', '/1'))

        def swap():
            feeds.write_text(other + '\n')

        asked_when_gone = []

        def note():
            asked_when_gone.append(a.asked.count('/rss'))

        story = Story(
            (lambda: titles(lake) == ['One'], publish),
            (lambda: titles(lake) == ['One', 'Two'], swap),
            (lambda: titles(lake) == ['One', 'Three', 'Two'], note),
            (lambda: b.asked.count('/rss') >= 3, nothing),
        )
        story.start()
        assert watch(lake, feeds) == 0
        story.join()
        assert story.played == 4
        assert a.asked.count('/rss') == asked_when_gone[0]
        assert a.asked.count('/1') == a.asked.count('/2') == b.asked.count('/3') == 1
    assert run_command('pipelines.check', [str(lake)]) == 0
    printed = capsys.readouterr()
    assert '1 feed polled; 1 written' in printed.out
    assert 'Ended after' in printed.err


def test_a_job_that_starts_again_goes_on_from_the_lake(tmp_path):
    lake = tmp_path / 'lake'
    with made_sites() as (site,):
        site.answers |= {'/1': page('One'), '/2': page('Two', 'lake')}
        feed = site.feed(('One', '/1'))
        story = Story((lambda: titles(lake) == ['One'], nothing))
        story.start()
        assert watch(lake, feed) == 0
        site.feed(('Two', '/2'), ('One', '/1'))
        story = Story((lambda: titles(lake) == ['One', 'Two'], nothing))
        story.start()
        assert watch(lake, feed) == 0
        assert site.asked.count('/1') == site.asked.count('/2') == 1
    assert run_command('pipelines.check', [str(lake)]) == 0


def test_a_list_that_breaks_leaves_the_feeds_known_before(tmp_path, capsys):
    lake, feeds = tmp_path / 'lake', tmp_path / 'feeds.txt'
    with made_sites() as (site,):
        site.answers['/1'] = page('One')
        feeds.write_text(site.feed(('One', '/1')) + '\n')
        count = []

        def spoil():
            feeds.unlink()
            count.append(site.asked.count('/rss'))

        story = Story(
            (lambda: titles(lake) == ['One'], spoil),
            (lambda: site.asked.count('/rss') > count[0] + 1, nothing),
        )
        story.start()
        assert watch(lake, feeds) == 0
        story.join()
        assert story.played == 2
    assert 'the feeds known before are polled on' in capsys.readouterr().err


def test_a_host_that_wants_peace_is_not_taken_up_by_each_cycle(tmp_path):
    lake = tmp_path / 'lake'
    with made_sites(2) as (calm, tired):
        tired.answers |= {
            path: Answer('later', 429, (('Retry-After', '3600'),)) for path in ('/a', '/b', '/c', '/d')
        }
        busy = calm.feed(*((f'Story {n}', f'{tired.base}/{n}') for n in range(5)))
        feeds = tmp_path / 'feeds.txt'
        feeds.write_text('\n'.join([busy, *(tired.base + path for path in tired.answers)]) + '\n')

        def add(number):  # another feed, and with it another cycle
            url = calm.feed((f'Note {number}', f'/note/{number}'), path=f'/rss/{number}')
            with feeds.open('a') as file:
                file.write(f'{url}\n')

        def cycles():
            return len(list(lake.glob('_runs/*.json')))

        steps = [(lambda n=n: cycles() > n, lambda n=n: add(n)) for n in range(4)]
        story = Story(*steps, (lambda: cycles() > 4, nothing))
        story.start()
        flags = ('--commit_every=1s', '--analysis_processes=1')
        code = run_command('pipelines.watch', [str(feeds), '--output', str(lake), *FLAGS, *flags])
        story.join()
        assert (code, story.played) == (0, 5)
    polls = pandas.read_parquet(lake / 'polls')
    assert polls[polls['feed_url'].str.startswith(tired.base)]['feed_url'].value_counts().tolist() == [1] * 4
    ledger = pandas.read_parquet(lake / 'ledger')
    waiting = ledger[ledger['feed_item_id'].str.startswith(tired.base, na=False)]
    assert waiting['disposition'].unique().tolist() == ['deferred']
    assert waiting['feed_item_id'].value_counts().tolist() == [2] * 5  # once more by the next cycle
    assert run_command('pipelines.check', [str(lake)]) == 0


def test_it_ends_by_itself_when_its_time_is_over(tmp_path):
    with made_sites() as (site,):
        site.answers['/rss'] = Answer('gone', 410)
        assert watch(tmp_path / 'lake', site.base + '/rss', '--watch_for=3s') == 0
        assert site.asked.count('/rss') == 1  # retired


@pytest.mark.parametrize('flag', [['--dry_run'], ['--limit=3'], ['--limit', '3']])
def test_flags_of_a_single_run_are_refused_and_not_in_the_help(tmp_path, flag, capsys):
    assert watch(tmp_path / 'lake', 'http://127.0.0.1:1/rss', *flag) == 2
    assert 'dateline ingest' in capsys.readouterr().err
    assert flag[0].partition('=')[0] not in parser().format_help()


def test_bursts_are_committed_at_once_and_many_files_or_long_work_widen_the_pace():
    pace, now, files = Pace(5.0, files_per_hour=1_200), 0.0, 0
    gaps = []
    while now < 8 * 3_600:
        now += pace.gap_s
        files += 20
        pace.committed(20, took_s=1.0, at_s=now)
        gaps.append(pace.gap_s)
    assert set(gaps[:100]) == {5.0}
    assert gaps[-10:] == pytest.approx([60.0] * 10)  # 20 files a minute are 1 200 an hour
    assert files <= (8 + 2) * 1_200 + 20
    pace.committed(1, took_s=400.0, at_s=now + 3_600)
    assert pace.gap_s == 100.0
