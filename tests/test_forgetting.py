"""Forgetting: nothing of the article is left, the books balance, and what is left of others stays."""

import json
import os
import signal
import subprocess
import sys

import pandas
import pyarrow.parquet as pq
import pytest

from pipelines.cli import run_command
from schemas.ids import hash_id
from schemas.ledger import LinkRow
from schemas.tables import SCHEMA_VERSION, TABLES
from schemas.vocabulary import Disposition, Reason
from tests.made_lakes import commit, decided, finish, poll, stage_articles, write
from tests.made_rows import DAY, NOON, article, sighting
from transforms.functions.forgotten import forgotten
from transforms.functions.lake import Lake
from transforms.functions.lake_rows import rows_to_table, write_parquet
from transforms.functions.ledger_rows import refused_row
from transforms.functions.ledger_scrubbing import scrub_ledger
from transforms.functions.storage import LocalStorage
from transforms.functions.upkeep.forgetting import UnknownArticle, forget

SECRET = 'The mayor of Quillport resigned over the ferry'
URL = 'http://news.example/quillport-mayor'
KEY = 'news.example/quillport-mayor'
MOBILE = 'http://m.news.example/quillport-mayor?ref=1234'
ID = hash_id(KEY)
OTHER = hash_id('news.example/item-1')


@pytest.fixture
def lake(tmp_path):
    """Two articles of two days: one of two versions, seen in two polls, that failed once; and another."""
    lake = Lake(str(tmp_path / 'lake'), LocalStorage())
    one = sighting('quillport-mayor', url=URL, item_id=URL, title=SECRET, summary=f'{SECRET}.')
    failed = refused_row(one, Reason.TIMEOUT, f'{URL} did not answer', run_id='run-1', decided_at=NOON)
    again = sighting('quillport-mayor', url=URL, item_id=URL, attempt=1)
    edit = sighting('edit', poll_id='poll-2', url=URL, item_id=URL, fingerprint=8, seen_at=NOON + DAY)
    mobile = sighting('mobile', poll_id='poll-2', url=MOBILE, item_id=MOBILE, seen_at=NOON + DAY)
    refused = sighting('refused', poll_id='poll-2', url='http://short.example/x', seen_at=NOON + DAY)
    plain = sighting('item-1')
    commits = [
        commit(lake, article(f'{SECRET}.', again, canonical_url=URL), article('The dam held.', plain)),
        commit(lake, article(f'{SECRET} at noon.', edit, final_url=URL), run_id='run-2'),
        commit(lake, article(f'{SECRET} at noon.', mobile, canonical_url=URL, final_url=URL), run_id='run-2'),
    ]
    write(lake, 'ledger', failed, *(row for done in commits for row in done.ledger))
    why = f'redirected to {URL}, which gave no text'
    ended = sighting('ended', poll_id='poll-2', url='http://short.example/y', seen_at=NOON + DAY)
    said = {'run_id': 'run-2', 'decided_at': NOON + DAY}
    write(lake, 'ledger', refused_row(refused, Reason.NO_TEXT, why, **said))
    write(lake, 'ledger', refused_row(ended, Reason.NO_TEXT, None, final_url=URL, **said))
    write(lake, 'polls', poll(2), poll(4, poll_id='poll-2', polled_at=NOON + DAY, run_id='run-2'))
    ids = {text.article_id: text.row_id for done in commits for text in done.written}
    write(lake, 'links', link(ids[ID], ID, ids[OTHER]), link(ids[OTHER], OTHER, ids[ID]))
    write(lake, 'links', link(ids[OTHER], OTHER, 'group-1', kind='syndication', original=ids[ID]))
    for run_id in ('run-1', 'run-2'):
        finish(lake, run_id)
    return lake


def link(row_id, article_id, target, kind='near_duplicate', **more):
    return LinkRow(row_id, article_id, kind, target, 0.9, NOON, 'run-1', **more)


def values(lake):
    """All that the lake's files hold, decompressed, as one text; names of files and folders too."""
    parts = []
    for path in lake.storage.list_files(lake.root):
        parts.append(path)
        if path.endswith('.parquet'):
            parts.append(str(pq.ParquetFile(path).read().to_pylist()))
        else:
            with open(path, 'rb') as file:
                parts.append(file.read().decode())
    return '\n'.join(parts)


def check(lake):
    return run_command('pipelines.check', [lake.root])


def ledger(lake):
    rows = lake.read('ledger', lake.files('ledger')).to_pylist()
    by_id = {(row['sighting_id'], row['attempt']): row for row in rows}
    return dict(sorted(by_id.items()))


@pytest.mark.parametrize('given', [ID, URL, 'https://www.news.example/quillport-mayor/#top', MOBILE])
def test_nothing_of_the_article_is_left_and_the_books_balance(lake, given, capsys):
    assert check(lake) == 0 and SECRET in values(lake) and 'quillport' in values(lake)
    articles = lake.read('articles', lake.files('articles')).to_pylist()
    others = [row for row in articles if row['article_id'] != ID]
    capsys.readouterr()
    assert run_command('pipelines.forget', [lake.root, given]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f'{ID} is forgotten',
        'articles: 2 rows removed',
        'mentions: 2 rows removed',
        'links: 3 rows removed or changed',
        'ledger: 6 rows emptied',
    ]
    assert check(lake) == 0
    left = values(lake)
    for trace in (SECRET, 'uillport', 'short.example', 'mayor'):
        assert trace not in left
    assert lake.read('articles', lake.files('articles')).to_pylist() == others
    assert list(pandas.read_parquet(f'{lake.root}/articles')['article_id']) == [OTHER]
    (grouped,) = lake.read('links', lake.files('links')).to_pylist()
    assert (grouped['target'], grouped['original']) == ('group-1', None)


def test_of_the_ledger_s_rows_remain_when_which_feed_and_which_poll(lake):
    before = ledger(lake)
    forget(lake, URL, NOON)
    after = ledger(lake)
    kept = ('sighting_id', 'attempt', 'subject', 'poll_id', 'feed_url', 'seen_at', 'decided_at', 'run_id')
    assert [[row[name] for name in kept] for row in after.values()] == [
        [row[name] for name in kept] for row in before.values()
    ]
    changed = [row for key, row in after.items() if row != before[key]]
    for row in changed:
        assert row['detail'] == 'forgotten on request' and row['transient'] is False
        rest = {name: value for name, value in row.items() if name not in (*kept, 'detail', 'transient')}
        is_last = row['attempt'] or row['poll_id'] == 'poll-2'
        end = ('rejected', None) if is_last else ('failed', 'timeout')
        assert (rest.pop('disposition'), rest.pop('reason')) == end
        assert set(rest.values()) == {None}
    assert len(changed) == 6
    (other,) = (row for row in after.values() if row['article_id'] == OTHER)
    assert other['url'] == 'http://news.example/item-1'


def test_the_tombstone_holds_hashes_only_and_knows_all_urls(lake):
    forget(lake, ID, NOON)
    (path,) = lake.storage.list_files(f'{lake.root}/_forgotten')
    assert os.path.basename(path) == f'{ID}.json'
    with open(path) as file:
        tombstone = json.load(file)
    assert tombstone['article_id'] == ID and tombstone['forgotten_at'] == '2025-03-03T12:00:00Z'
    assert ID in tombstone['url_hashes'] and len(tombstone['url_hashes']) == 2
    gone = forgotten(lake)
    assert gone.article(ID) and not gone.article(OTHER)
    assert gone.url(KEY) and gone.url('m.news.example/quillport-mayor?ref=1234')
    assert not gone.url('news.example/item-1') and not gone.url('short.example/x')


def test_a_repeat_changes_nothing_and_any_of_its_urls_still_names_it(lake, capsys):
    forget(lake, URL, NOON)
    files = lake.storage.list_files(lake.root)
    assert run_command('pipelines.forget', [lake.root, MOBILE]) == 0
    assert 'ledger: 0 rows emptied' in capsys.readouterr().out
    assert lake.storage.list_files(lake.root) == files


def test_a_url_that_led_to_another_article_too_stays_open(lake):
    live = sighting('live', url=MOBILE, poll_id='poll-3')
    done = commit(lake, article('Live from the dam.', live, canonical_url='http://m.news.example/live'))
    write(lake, 'ledger', *done.ledger)
    write(lake, 'polls', poll(1, poll_id='poll-3'))
    with pytest.raises(UnknownArticle, match=f'2 articles could be meant: .*{ID}'):
        forget(lake, MOBILE, NOON)
    forget(lake, ID, NOON)
    assert forgotten(lake).url(KEY) and not forgotten(lake).url('m.news.example/quillport-mayor?ref=1234')
    assert ledger(lake)[live.sighting_id, 0]['url'] == MOBILE
    assert check(lake) == 0


def test_an_unknown_article_is_a_sentence_and_may_be_kept_out_all_the_same(lake, capsys):
    before = lake.storage.list_files(lake.root)
    for given, why in (
        ('http://news.example/never', 'the lake knows no such article'),
        ('0' * 32, 'the lake knows no such article'),
        ('mayor', 'is neither an article_id'),
    ):
        assert run_command('pipelines.forget', [lake.root, given]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert f'{given}: {why}' in line
    assert lake.storage.list_files(lake.root) == before
    assert run_command('pipelines.forget', [lake.root, 'http://news.example/never', '--anyway']) == 0
    assert forgotten(lake).url('news.example/never')
    assert 'never' not in values(lake)
    assert check(lake) == 0


def test_what_never_became_an_article_is_forgotten_too(lake):
    waiting = sighting('waits', title=SECRET, poll_id='poll-4')
    write(lake, 'ledger', refused_row(waiting, Reason.DNS, None, run_id='run-1', decided_at=NOON))
    write(lake, 'polls', poll(1, poll_id='poll-4'))
    removed = forget(lake, 'http://news.example/waits', NOON)
    assert removed.rows == {'articles': 0, 'mentions': 0, 'links': 0, 'ledger': 1}
    row = ledger(lake)[waiting.sighting_id, 0]
    assert (row['disposition'], row['transient'], row['entry']) == ('rejected', False, None)
    assert forgotten(lake).url('news.example/waits') and check(lake) == 0


def test_an_article_without_ledger_rows_is_found(lake):
    silent = sighting('silent', url='http://news.example/silent')
    commit(lake, article('A killed run left this.', silent), run_id='run-9')
    assert forget(lake, 'http://news.example/silent', NOON).rows['articles'] == 1
    assert 'silent' not in values(lake).replace(f'{lake.root}', '').split('_staging')[0]


def test_what_a_dead_run_has_staged_is_named(lake):
    stage_articles(lake, article(f'{SECRET} again.', sighting('s', url=URL)), run_id='run-8')
    (note,) = forget(lake, URL, NOON).notes
    assert note.startswith('run run-8 has staged it')


def test_rows_about_to_be_committed_are_emptied_by_the_tombstone(lake):
    forget(lake, URL, NOON)
    gone = forgotten(lake)
    seen = [sighting('new', url=URL, title=SECRET), sighting('other')]
    rows = [vars(decided(one, Disposition.UNCHANGED)) for one in seen]
    table = rows_to_table(rows, TABLES['ledger'].schema)
    emptied, other = scrub_ledger(table, gone).to_pylist()
    assert emptied['url'] is None and emptied['disposition'] == 'rejected'
    assert other == table.to_pylist()[1]
    assert scrub_ledger(table, gone).schema.equals(table.schema, check_metadata=True)


def test_other_files_keep_their_bytes_and_old_ones_their_schema(lake):
    paths = lake.files('ledger', ('2025-03-03',))
    path = next(one for one in paths if ID in pq.ParquetFile(one).read()['article_id'].to_pylist())
    rows = pq.ParquetFile(path).read().drop_columns(['fingerprint'])
    with open(path, 'wb') as file:
        write_parquet(file, rows.replace_schema_metadata({**rows.schema.metadata, b'dateline.schema': b'1'}))
    notes = f'{lake.folder("ledger", ("2025-03-03",))}/notes.txt'
    with open(notes, 'w') as file:
        file.write('mine')
    before = {one: os.stat(one).st_ino for one in lake.storage.list_files(lake.root)}
    forget(lake, URL, NOON)
    after = {one: os.stat(one).st_ino for one in lake.storage.list_files(lake.root)}
    kept = {one for one in before if after.get(one) == before[one]}
    assert notes in kept and any('/polls/' in one for one in kept)
    assert not [one for one in before if '/date=' in one and one in after and one not in kept]
    marks = {pq.read_schema(one).metadata[b'dateline.schema'].decode() for one in lake.files('ledger')}
    assert marks == {'1', SCHEMA_VERSION}


def test_the_last_article_of_a_partition_takes_its_folder_along(lake):
    forget(lake, OTHER, NOON)
    forget(lake, ID, NOON)
    assert lake.storage.list_files(f'{lake.root}/articles') == []
    assert not os.path.exists(lake.folder('articles', ('2025-03-03', 'news')))
    assert check(lake) == 0


def test_a_damaged_file_is_named_and_a_repeat_completes_when_it_is_gone(lake, capsys):
    path = lake.files('ledger')[0]
    with open(path, 'rb') as file:
        whole = file.read()
    os.truncate(path, 100)
    assert run_command('pipelines.forget', [lake.root, ID]) == 1
    assert path in capsys.readouterr().err
    with open(path, 'wb') as file:
        file.write(whole)
    assert run_command('pipelines.forget', [lake.root, ID]) == 0
    assert SECRET not in values(lake) and check(lake) == 0


def test_a_partition_that_changes_all_the_time_is_waited_for(lake):
    class Meanwhile(LocalStorage):
        """Another process commits whenever a file is made outside the lease."""

        commits = 0

        def create(self, path):
            if '_work' in path and not self.read_small(f'{lake.root}/_lease'):
                Meanwhile.commits += 1
                late = sighting(f'late-{Meanwhile.commits}', poll_id='poll-5')
                write(lake, 'ledger', decided(late, Disposition.UNCHANGED))
            return super().create(path)

    forget(Lake(lake.root, Meanwhile()), ID, NOON)
    write(lake, 'polls', poll(Meanwhile.commits, poll_id='poll-5'))
    assert Meanwhile.commits >= 4
    assert SECRET not in values(lake) and check(lake) == 0


# Forgets an article and is killed at its n-th step that changes something.
KILLED = """
import os, signal, sys
from transforms.functions.upkeep.forgetting import forget
from transforms.functions.lake import Lake
from transforms.functions.storage import LocalStorage

class Killing(LocalStorage):
    left = int(sys.argv[3])
    def step(self):
        if not Killing.left:
            os.kill(os.getpid(), signal.SIGKILL)
        Killing.left -= 1
    def exchange(self, one, other):
        self.step(); super().exchange(one, other); self.step()

forget(Lake(sys.argv[1], Killing()), sys.argv[2], 0)
"""


@pytest.mark.parametrize('steps', [2, 3, 5, 8, 9])
def test_killed_at_any_step_a_repeat_completes_it(lake, steps):
    command = [sys.executable, '-c', KILLED, lake.root, URL, str(steps)]
    assert subprocess.run(command, timeout=60).returncode == -signal.SIGKILL
    assert forgotten(lake).article(ID)
    forget(lake, MOBILE, NOON)
    left = values(lake)
    assert SECRET not in left and 'uillport' not in left and 'short.example' not in left
    assert check(lake) == 0
    assert lake.storage.list_files(f'{lake.root}/_work') == []
