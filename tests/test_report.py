"""``dateline report``: every number is what its query returns, and text from feeds does no harm.

What needs a browser is in test_report_browser.py.
"""

import base64
import contextlib
import dataclasses
import datetime
import doctest
import hashlib
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import lxml.html
import pytest

from examples.serve import serve
from pipelines import reading
from pipelines.cli import run_command
from pipelines.reporting.building import build
from pipelines.reporting.loading import load
from pipelines.reporting.parts import Number
from pipelines.reporting.queries import QUERIES, filled
from pipelines.reporting.rows import Rows
from pipelines.reporting.untrusted import literal
from pipelines.reporting.views import Choice
from schemas.vocabulary import Disposition
from tests import test_outlet_alarms
from tests.lakes import stories
from tests.made_lakes import commit, decided, poll, write
from tests.made_report import make_hostile
from tests.made_rows import DAY, NOON, article, sighting
from transforms.functions.auditing.findings import audit_feeds
from transforms.functions.lake import Lake
from transforms.functions.lake_status import read_status
from transforms.functions.outlet_alarms import MIN_BEFORE, NEWEST
from transforms.functions.storage import LocalStorage

NOW = datetime.datetime(2025, 3, 5, tzinfo=datetime.UTC)
OLD = Path(__file__).parent / 'lakes'


@pytest.fixture(scope='module')
def example(tmp_path_factory):
    """A folder with a lake of the example site, ingested in two editions."""
    folder = tmp_path_factory.mktemp('report')
    with serve(base_port=0) as site:
        (folder / 'outlets.csv').write_text(site.outlets_csv, encoding='utf-8')
        flags = ['--fetch_allow_private_networks=127.0.0.0/8', '--fetch_min_delay=0']
        outlets = f'--outlets_file={folder}/outlets.csv'
        for edition in (1, 2):
            site.edition = edition
            ingest = [*site.feed_urls, '--output', str(folder / 'lake'), outlets, *flags]
            assert run_command('pipelines.batch', ingest) == 0
    return folder


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp('stories')
    lake = stories.make(str(folder / 'lake'))
    write(lake, 'polls', poll(8, 2, 'news-poll-1'), poll(0, status='failed', reason='timeout', poll_id='p2'))
    return folder


def opened(folder):
    return Lake(str(folder / 'lake'), LocalStorage())


def page_of(folder, choice=None, now=NOW):
    return build(opened(folder), 'lake', choice or Choice(), now)


class Page:
    """A report, as a program reads it."""

    def __init__(self, text):
        self.text = text
        self.tree = lxml.html.fromstring(text)
        self.data = json.loads(self.tree.get_element_by_id('data').text)

    def numbers(self):
        """All numbers: as shown, query, arguments; those that the script makes from its data too."""
        for link in self.tree.iter('a'):
            if link.get('class') == 'n':
                yield link.text_content(), link.get('data-q'), json.loads(link.get('data-a'))
        browsers = self.data['browsers']
        for _, count, literals, _ in browsers.get('places', {}).get('places', ()):
            yield str(Number(count, '')), 'articles_from_place', literals
        for outlets in browsers.get('mentions', {}).get('kinds', {}).values():
            for outlet, entries in outlets.items():
                names = ['articles_naming', 'mentions']
                if outlet != 'all outlets':
                    names = ['articles_of_outlet_naming', 'mentions_in_outlet']
                for _, articles, mentions, literals in entries:
                    yield str(Number(articles, '')), names[0], literals
                    yield str(Number(mentions, '')), names[1], literals

    @property
    def setup(self):
        return self.tree.get_element_by_id('setup-sql').text_content()


def shown_of(connection, query, literals, shown):
    """The number that a query's rows come to, as a report shows it."""
    result = connection.execute(filled(QUERIES[query].sql, literals))
    columns = [column[0] for column in result.description]
    rows = result.fetchall()
    counts = QUERIES[query].counts
    if counts == 'rows':
        value = len(rows)
    else:
        values = [row[columns.index(counts)] for row in rows]
        value = sum(one or 0 for one in values)
    return str(Number(value, '', share='%' in shown, unit='s' if shown.endswith('s') else ''))


def check_numbers(folder, page):
    """Runs the views on the lake's files, and every query that the page shows on them, and compares."""
    checked = {}
    with contextlib.chdir(folder), duckdb.connect() as connection:
        connection.execute(page.setup)
        names = re.findall(r'TEMP VIEW (\w+) AS', page.setup)
        assert len(names) > 15
        for name in names:  # what a view gives is the same each time, and a thousand queries ask for it
            connection.execute(f'CREATE TEMP TABLE kept_{name} AS FROM {name}')
            connection.execute(f'CREATE OR REPLACE TEMP VIEW {name} AS FROM kept_{name}')
        for shown, query, literals in page.numbers():
            key = query, tuple(literals)
            if key not in checked:
                checked[key] = shown_of(connection, query, literals, shown)
            assert checked[key] == shown, (query, literals)
    return {query for query, _ in checked}


CHOICES = {
    'all': Choice(),
    'days': Choice(datetime.date(2025, 3, 3), datetime.date(2025, 3, 4)),
    'first day': Choice(until=datetime.date(2025, 3, 3)),
    'an outlet': Choice(outlets=('zagros-post', 'post')),
    'nothing': Choice(since=datetime.date(2031, 1, 1)),
}


@pytest.mark.parametrize('choice', CHOICES.values(), ids=CHOICES)
def test_every_number_of_the_example_is_what_its_query_returns_from_the_files(example, choice):
    now = datetime.datetime.now(datetime.UTC)
    found = check_numbers(example, Page(page_of(example, choice, now)))
    if choice == Choice():
        unseen = {'feeds_refused', 'articles_before', 'stories_before', 'outlets_named', 'items_of_no_poll'}
        unseen |= {name for name in QUERIES if name.startswith('alarm_')}
        assert set(QUERIES) - found - unseen == set()


@pytest.mark.parametrize('choice', CHOICES.values(), ids=CHOICES)
def test_every_number_of_made_stories_is_what_its_query_returns(made, choice):
    check_numbers(made, Page(page_of(made, choice)))


@pytest.mark.parametrize('schema', ['schema-1', 'schema-2'])
def test_lakes_of_older_schemas_give_a_report_whose_numbers_are_right(tmp_path, schema):
    shutil.copytree(OLD / schema, tmp_path / 'lake')
    page = Page(page_of(tmp_path))
    found = check_numbers(tmp_path, page)
    assert {'articles', 'articles_of_outlet_day', 'items'} <= found
    assert len(reading.articles(tmp_path / 'lake')) == int(fact(page, 'articles'))


def fact(page, label):
    """The number that stands out under this label."""
    (term,) = [term for term in page.tree.iter('dt') if term.text_content() == label]
    return term.getparent().find('dd').text_content()


# --- the same as the reading helpers and the other commands say


def ids(rows, query):
    return sorted(row['row_id'] for row in rows.of(query))


@pytest.mark.parametrize('choice', CHOICES.values(), ids=CHOICES)
def test_articles_stories_and_groups_are_those_of_the_reading_helpers(made, choice):
    rows = Rows(load(opened(made), choice, NOW))
    chosen = {'since': choice.since, 'until': choice.until, 'outlets': choice.outlets or None}
    root = made / 'lake'
    assert ids(rows, 'FROM latest') == sorted(reading.articles(root, **chosen)['row_id'])
    assert ids(rows, 'FROM stories') == sorted(reading.articles(root, duplicates=False, **chosen)['row_id'])
    assert sorted(rows.of('FROM copies'), key=str) == sorted(reading.copies(root).to_dict('records'), key=str)
    groups = {row['story']: sorted(row['members']) for row in rows.of('FROM syndication')}
    assert groups == {row.group: sorted(row.members) for row in reading.syndication(root).itertuples()}
    assert choice.since or len(ids(rows, 'FROM stories')) < len(ids(rows, 'FROM latest')) or choice.outlets


def feed(number):
    return f'http://feed-{number}.example/rss'


@pytest.fixture
def polled(tmp_path):
    """Feeds with troubles of all kinds, and what the audit and the status say of them."""
    lake = Lake(str(tmp_path / 'lake'), LocalStorage())

    def polls(number, *rows):
        for at, fields in rows:
            # Due a quarter of an hour after the poll, and so late for who looks a day later, but for feed 0.
            due = NOON + 3 * DAY if number == 0 else at + 900_000_000
            row = poll(3, 3, f'{number}-{at}', feed_url=feed(number), polled_at=at, scheduled_at=at, **fields)
            write(lake, 'polls', dataclasses.replace(row, next_due_at=due))

    failed = {'status': 'failed', 'reason': 'timeout', 'format': None}
    polls(0, (NOON - DAY, {}), (NOON, {}))
    polls(1, (NOON - 5 * DAY, {}), (NOON - DAY, failed), (NOON, failed))  # dead
    polls(2, (NOON - DAY, {}), (NOON, failed))  # failing, for a day
    polls(3, (NOON, failed | {'status': 'gone', 'reason': 'http_410'}))
    polls(4, (NOON, failed | {'reason': 'robots'}))
    polls(5, (NOON - DAY, {'scrolled_off': True}), (NOON, {'status': 'not_modified'}))
    polls(6, (NOON - 9 * DAY, failed))  # in no list any more
    polls(7, (NOON - DAY, {}), (NOON, failed | {'reason': 'host_budget'}))
    polls(8, (NOON - 40 * DAY, {'scrolled_off': True}), (NOON, {}))
    for number in range(3):
        dated = {} if number else {'published_at': None}
        seen = sighting(f'item-{number}', feed_url=feed(0))
        commit(lake, article(f'Text {number}.', seen, **dated))
    return tmp_path


def test_feeds_are_dead_scrolled_off_undated_and_refused_as_the_audit_says(polled):
    rows = Rows(load(opened(polled), Choice(), NOW))
    audit = audit_feeds(opened(polled))
    for group in ('dead', 'scrolled_off', 'undated', 'robots'):
        column = 'is_refused' if group == 'robots' else f'is_{group}'
        ours = [row['feed_url'] for row in rows.of(f'FROM feed_health WHERE {column} ORDER BY feed_url')]
        assert ours == sorted(one.feed_url for one in audit.findings if one.group == group)
        assert ours, group
    assert rows.count('feed_health') == audit.feeds == 8


def test_feeds_are_late_as_the_status_says_unless_their_last_poll_had_no_time(polled):
    now = datetime.datetime.fromtimestamp(NOON / 1e6, datetime.UTC) + datetime.timedelta(days=1)
    status = read_status(opened(polled), NOON + DAY)
    late = [one.feed_url for one in status.feeds if one.trouble == 'late']
    rows = Rows(load(opened(polled), Choice(), now))
    ours = [row['feed_url'] for row in rows.of('FROM feed_health WHERE is_late ORDER BY feed_url')]
    assert ours == sorted({*late, feed(7)}) and feed(0) not in ours and feed(5) in ours


def test_the_numbers_of_troubled_feeds_are_what_their_queries_return(polled):
    found = check_numbers(polled, Page(page_of(polled)))
    assert {
        'failures_of_feed',
        'scrolls_of_feed',
        'undated_of_feed',
        'feeds_refused',
        'polls_of_day',
    } <= found


@pytest.mark.parametrize('kind', ['shorter', 'alike', 'empty'])
def test_the_numbers_of_alarms_are_what_their_queries_return(tmp_path, kind):
    lake = opened(tmp_path)
    test_outlet_alarms.fill(lake, test_outlet_alarms.bodies(0, MIN_BEFORE), 'run-1')
    if kind == 'shorter':
        test_outlet_alarms.fill(lake, test_outlet_alarms.bodies(100, NEWEST, sentences=2), 'run-2')
    elif kind == 'alike':
        (notice,) = test_outlet_alarms.bodies(5, 1)
        test_outlet_alarms.fill(lake, [f'{notice} Number {n}.' for n in range(NEWEST)], 'run-2')
    else:
        for n in range(NEWEST):
            row = decided(sighting(f'late-{n}', poll_id='poll-9'), Disposition.REJECTED, reason='no_text')
            write(lake, 'ledger', dataclasses.replace(row, decided_at=NOON + 9 * DAY))
    for choice in (Choice(), Choice(until=datetime.date(2025, 3, 4))):
        assert f'alarm_{kind}' in check_numbers(tmp_path, Page(page_of(tmp_path, choice)))


# --- text from feeds


@pytest.fixture(scope='module')
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp('hostile')
    make_hostile(folder / 'lake')
    return folder


def test_hostile_text_is_shown_as_text_and_its_numbers_still_have_their_queries(hostile):
    page = Page(page_of(hostile))
    found = check_numbers(hostile, page)
    assert {'articles_from_place', 'articles_naming', 'polls_of_feed', 'denials_of'} <= found
    assert len(list(page.tree.iter('script'))) == 3 and not list(page.tree.iter('img', 'b', 'iframe'))
    assert not set('<>&') & set(page.tree.get_element_by_id('data').text)
    for link in page.tree.iter('a'):
        assert re.match('#|https?://', link.get('href')), link.get('href')
    assert not [one for one in page.tree.iter() if any(name.startswith('on') for name in one.attrib)]
    assert not re.search('[\u202a-\u202e\u2066-\u2069\x00\x1b]', page.text)
    assert '{{ 7*7 }}' in page.tree.text_content()


def test_the_policy_lets_only_the_scripts_of_the_page_run(made):
    page = Page(page_of(made))
    (policy,) = page.tree.xpath('//meta[@http-equiv="Content-Security-Policy"]/@content')
    directives = dict(part.split(maxsplit=1) for part in policy.split('; '))
    assert directives['default-src'] == "'none'"
    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()}'"
        for script in page.tree.iter('script')
        if script.get('type') is None
    }
    assert set(directives['script-src'].split()) == hashes and len(hashes) == 2
    assert not page.tree.xpath('//*[@src] | //link | //*[@action]')


@pytest.mark.parametrize('text', ["it's", 'a\u202eb', '', "\x01'", "' || chr(1) || '", 'x\ny', '\u200d'])
def test_a_literal_is_the_text_and_hides_nothing(text):
    written = literal(text)
    assert duckdb.sql(f'SELECT {written}').fetchall() == [(text,)]
    assert not re.search('[\x00-\x1f\u200b-\u200f\u202a-\u202e\u2066-\u2069]', written)


@pytest.mark.parametrize('name', ['untrusted', 'parts', 'queries', 'building'])
def test_the_examples_in_the_code_hold(name):
    found = doctest.testmod(importlib.import_module(f'pipelines.reporting.{name}'))
    assert found.attempted and not found.failed


# --- the command


def test_the_command_writes_one_file_and_says_so(made, tmp_path, capsys):
    page = tmp_path / 'page.html'
    assert run_command('pipelines.report', [str(made / 'lake'), '-o', str(page), '--from', '2025-03-04']) == 0
    assert re.fullmatch(rf'report     {page}  \(\d\.\d MB\)\n', capsys.readouterr().out)
    assert fact(Page(page.read_text(encoding='utf-8')), 'articles') == '3'
    assert list(tmp_path.iterdir()) == [page] and page.stat().st_mode & 0o777 == 0o666 & ~umask()


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_the_console_script_says_nothing_else(made, tmp_path):
    command = [
        sys.executable,
        '-m',
        'pipelines.cli',
        'report',
        str(made / 'lake'),
        '-o',
        str(tmp_path / 'r.html'),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith('report ') and done.stderr == ''


def test_a_lake_with_nothing_in_it_gives_a_report_that_says_what_to_do(tmp_path):
    (tmp_path / 'lake').mkdir()
    text = Page(page_of(tmp_path)).tree.get_element_by_id('main').text_content()
    assert 'This lake is empty' in text and 'dateline ingest https://example.org/rss --output lake' in text


def test_a_lake_without_articles_sends_the_reader_to_the_books(tmp_path):
    lake = opened(tmp_path)
    write(lake, 'polls', poll(1, 0))
    write(lake, 'ledger', decided(sighting(), Disposition.REJECTED, reason='robots'))
    page = Page(page_of(tmp_path))
    assert 'There is no article yet' in page.tree.get_element_by_id('main').text_content()
    assert (fact(page, 'items sighted'), fact(page, 'not accounted for')) == ('1', '0')
    assert 'items' in check_numbers(tmp_path, page)


def test_a_choice_without_articles_says_what_there_is(made):
    page = Page(page_of(made, Choice(outlets=('herlad',))))
    text = page.tree.get_element_by_id('main').text_content()
    assert 'in this choice (outlet herlad)' in text
    assert 'from 2025-03-03 to 2025-03-04, of the outlets herald, news, post.' in text


@pytest.mark.parametrize(
    'arguments, said',
    [
        (['{lake}/nowhere'], 'there is no such folder'),
        (['{lake}/../other'], 'holds no table of a lake'),
        (['{lake}', '--from', 'March'], "'March' is not a day as 2025-03-01"),
        (['{lake}', '--from', '2025-03-04', '--to', '2025-03-03'], 'is after --to'),
        (['{lake}', '-o', '{lake}'], 'is a folder; name a file'),
        (['{lake}', '-o', '{lake}/../no/such/place.html'], 'place.html: cannot be written'),
    ],
)
def test_bad_input_is_said_in_a_sentence(made, tmp_path, capsys, arguments, said):
    lake = shutil.copytree(made / 'lake', tmp_path / 'lake')
    (tmp_path / 'other').mkdir()
    (tmp_path / 'other/notes.txt').write_text('no lake')
    before = sorted(tmp_path.rglob('*'))
    assert run_command('pipelines.report', [argument.format(lake=lake) for argument in arguments]) == 2
    assert said in capsys.readouterr().err
    assert sorted(tmp_path.rglob('*')) == before


def test_a_damaged_file_is_named(made, tmp_path, capsys):
    lake = shutil.copytree(made / 'lake', tmp_path / 'lake')
    (lake / 'articles/date=2025-03-04/outlet=post/broken.parquet').write_bytes(b'no Parquet')
    assert run_command('pipelines.report', [str(lake), '-o', str(tmp_path / 'r.html')]) == 2
    assert 'broken.parquet: cannot be read' in capsys.readouterr().err


def test_the_report_needs_neither_beam_nor_pandas_and_says_what_is_not_installed(made, tmp_path):
    code = """
import importlib.util
import sys
class Without:  # as if these were not installed
    def find_spec(self, name, path=None, target=None):
        if name in {hidden}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Without())
find = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name in {hidden} else find(name)
from pipelines.cli import run_command
code = run_command('pipelines.report', sys.argv[1:])
print(code, 'apache_beam' in sys.modules)
"""
    arguments = [str(made / 'lake'), '-o', str(tmp_path / 'r.html')]
    for hidden, expected in ((['pandas'], '0 False'), (['pandas', 'altair'], '2 False')):
        command = [sys.executable, '-c', code.format(hidden=hidden), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == expected
    assert done.stderr == "dateline: a report needs altair; install it with: pip install 'dateline[report]'\n"
