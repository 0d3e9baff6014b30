"""dateline diff: what changed between the versions of an article."""

import itertools
import os
import pty
import shutil
import subprocess
import sys

import pytest

from pipelines.cli import run_command
from pipelines.reading import read
from schemas.ids import hash_id
from tests.lakes import stories
from tests.made_rows import NOON
from transforms.functions.reading.text_diff import Unchanged, diff_texts, diff_words
from transforms.functions.urls import url_key

FERRY = 'http://news.example/ferry'
FERRY_ID = hash_id(url_key(FERRY))


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    """The stories, the ferry with a third version in which only fields beside the body changed."""
    lake = stories.make(str(tmp_path_factory.mktemp('diff') / 'lake'))
    later = NOON + 2 * stories.HOUR
    fields = {'title': 'Ferry sails on Friday', 'authors': (), 'standfirst': 'Calm \x1b[2Jseas.'}
    again = stories.made('news', 'ferry', stories.EDITED, poll_id='poll-4', seen_at=later, **fields)
    stories.put(lake, 'news', later, again, run_id='run-4')
    return lake.root


@pytest.fixture
def diff(made, capsys):
    def run(*arguments):
        code = run_command('pipelines.diff', [made, *arguments])
        said = capsys.readouterr()
        return code, said.out or said.err

    return run


def test_each_version_is_compared_with_the_next(diff):
    assert diff(FERRY_ID) == (
        0,
        f"""\
{FERRY_ID} http://news.example/ferry
articles/date=2025-03-03/outlet=news: 3 versions

version 1 (2025-03-03T12:00:00Z) -> 2 (2025-03-03T13:00:00Z): changed title, body; 20 % of the body
title: Ferry cancelled -> Ferry cancelled until Friday
body:
  (1 paragraph unchanged)
  Wind reached [-90-]{{+104+}} km/h at the pier.
  {{+It sails on Friday.+}}

version 2 (2025-03-03T13:00:00Z) -> 3 (2025-03-03T14:00:00Z): changed title, standfirst, authors
title: Ferry cancelled until Friday -> Ferry sails on Friday
standfirst: (none) -> Calm \ufffd[2Jseas.
authors: Ann Ito -> (none)
""",
    )


def test_two_versions_are_compared_whichever_they_are(diff):
    code, said = diff(FERRY_ID, '--versions', '1', '3')
    assert code == 0 and said.count('version 1 (') == said.count('version ') == 1
    assert 'changed title, standfirst, body, authors; 20 % of the body\n' in said
    assert 'Wind reached [-104-]{+90+} km/h' in diff(FERRY_ID, '--versions', '3', '1')[1]


@pytest.mark.parametrize(
    'given', [FERRY_ID[:6], FERRY, 'https://www.news.example/ferry/?utm_source=x', FERRY + '#top']
)
def test_an_article_is_named_by_the_beginning_of_its_id_or_its_url(diff, given):
    assert diff(given) == diff(FERRY_ID)


def test_one_version_only_is_said(diff):
    code, said = diff('http://news.example/bakery')
    assert code == 0 and said.endswith('outlet=news: one version only: nothing to compare\n')


@pytest.mark.parametrize(
    'arguments, said',
    [
        (['ffffffffff'], 'ffffffffff: the lake has no such article'),
        (
            ['http://news.example/gone'],
            'http://news.example/gone: no article came of it: rejected (http_410)',
        ),
        ([''], "'': is neither an article_id (hexadecimal digits) nor a URL"),
        (['tomorrow'], 'tomorrow: is neither an article_id (hexadecimal digits) nor a URL'),
        ([FERRY, '--versions', '1', '9'], '--versions: there is no version 9; there are: 1, 2, 3'),
        ([FERRY, '--versions', '2', '2'], '--versions: 2 and 2 are one version; name two'),
        (
            [FERRY, '--versions', 'a', 'b'],
            "argument --versions: invalid int value: 'a'. See: dateline diff --help",
        ),
    ],
)
def test_bad_input_is_said_in_a_sentence(diff, arguments, said):
    assert diff(*arguments) == (2, f'dateline: {said}\n')


def test_a_beginning_of_several_ids_names_some_of_them(diff, made):
    ids = sorted(set(read(made, columns=['article_id'])['article_id'].to_pylist()))
    first = next(one[0] for one, other in itertools.pairwise(ids) if one[0] == other[0])
    several = [one for one in ids if one[0] == first]
    named = ', '.join(several[:3]) + (', ...' if len(several) > 3 else '')
    assert diff(first) == (2, f'dateline: {first}: {len(several)} articles could be meant: {named}\n')


def test_a_folder_that_is_no_lake_is_said_in_a_sentence(tmp_path, capsys):
    assert run_command('pipelines.diff', [str(tmp_path), FERRY]) == 2
    assert 'holds no table of a lake' in capsys.readouterr().err
    assert run_command('pipelines.diff', [str(tmp_path / 'x'), FERRY]) == 2
    capsys.readouterr()
    assert run_command('pipelines.diff', ['nowhere://bucket/lake', FERRY]) == 2
    said = capsys.readouterr().err
    assert said.startswith('dateline: ') and 'nowhere://bucket/lake' in said and said.count('\n') == 1


def test_only_the_partition_of_the_article_is_opened(made, tmp_path, capsys):
    lake = shutil.copytree(made, tmp_path / 'lake')
    for path in lake.glob('articles/*/outlet=*/*.parquet'):
        if path.parent.name != 'outlet=news':
            path.write_bytes(b'no Parquet')
    assert run_command('pipelines.diff', [str(lake), FERRY]) == 0
    assert run_command('pipelines.diff', [str(lake), 'http://post.example/ferry']) == 2
    said = capsys.readouterr().err
    assert 'outlet=post' in said and said.endswith(f'see: dateline check {lake}\n')


def test_an_article_without_its_ledger_row_is_found_all_the_same(made, tmp_path, capsys):
    lake = shutil.copytree(made, tmp_path / 'lake')
    shutil.rmtree(lake / 'ledger')
    assert run_command('pipelines.diff', [str(lake), FERRY]) == 0
    assert 'Wind reached [-90-]{+104+} km/h' in capsys.readouterr().out


@pytest.mark.parametrize(
    'more, coloured', [({}, True), ({'NO_COLOR': '1'}, False), ({'TERM': 'dumb'}, False)]
)
def test_words_are_coloured_on_a_terminal_unless_it_is_asked_not_to_be(made, more, coloured):
    ours, theirs = pty.openpty()
    code = f'import sys; from pipelines.diff import main; sys.exit(main([{made!r}, {FERRY!r}]))'
    environment = {k: v for k, v in os.environ.items() if k != 'NO_COLOR'} | {'TERM': 'xterm'} | more
    with subprocess.Popen([sys.executable, '-c', code], stdout=theirs, env=environment) as process:
        os.close(theirs)
        said = b''
        try:
            while part := os.read(ours, 10_000):
                said += part
        except OSError:  # the other end is closed
            pass
    os.close(ours)
    assert process.returncode == 0
    assert (b'\x1b[31m90\x1b[0m\x1b[32m104\x1b[0m km/h' in said) == coloured
    assert (b'[-90-]{+104+} km/h' in said) == (not coloured)


# --- the texts


def shown(pieces):
    marks = {'=': '{}', '-': '[-{}-]', '+': '{{+{}+}}'}
    return ''.join(marks[piece.kind].format(piece.text) for piece in pieces)


@pytest.mark.parametrize(
    'before, after, expected',
    [
        ('He sat.', 'He sat.', 'He sat.'),
        ('He sat', 'He sat down', 'He sat {+down+}'),
        ('He sat down', 'He sat', 'He sat [-down-]'),
        ('He sat', 'Then he sat', '[-He-]{+Then he+} sat'),
        ('It is 1,000 km/h.', 'It is 1,100 mi/h.', 'It is [-1,000 km-]{+1,100 mi+}/h.'),
        ('one, two', 'three, four', '[-one, two-]{+three, four+}'),
        ("the mayor's plan", "the mayor’s plan", "the [-mayor's-]{+mayor’s+} plan"),
        ('二百人が避難した。', '三百人が避難した。', '[-二-]{+三+}百人が避難した。'),
        ('', 'new', '{+new+}'),
    ],
)  # fmt: skip
def test_words_are_compared_with_their_spaces_left_alone(before, after, expected):
    assert shown(diff_words(before, after)) == expected


def test_paragraphs_that_became_others_are_paired_and_the_rest_is_added_or_removed():
    before = 'The dam held.\n\nNobody was hurt in the town.\n\nMore rain is due.'
    after = 'A bridge fell.\n\nThe dam held.\n\nNobody was badly hurt in the town.\n\nSchools open again.'
    assert [p if isinstance(p, Unchanged) else shown(p) for p in diff_texts(before, after)] == [
        '{+A bridge fell.+}',
        Unchanged(1),
        'Nobody was {+badly+} hurt in the town.',
        '[-More rain is due.-]',
        '{+Schools open again.+}',
    ]


def test_both_texts_can_be_read_off_a_diff():
    before, after = stories.FERRY, stories.EDITED.replace('Wind', 'A wind of force eleven')
    for side, text in (('-', before), ('+', after)):
        parts = [p for p in diff_texts(before, after) if not isinstance(p, Unchanged)]
        kept = [''.join(one.text for one in p if one.kind in ('=', side)) for p in parts]
        assert [part for part in kept if part] == text.split('\n\n')[1:]


def test_very_long_paragraphs_are_compared_in_reasonable_time():
    words = [f'word{n * n % 1_999}' for n in range(20_000)]
    changed = ['other' if n % 1_000 == 7 else word for n, word in enumerate(words)]
    pieces = diff_words(' '.join(words), ' '.join(changed))
    assert [piece.text for piece in pieces if piece.kind == '+'] == ['other'] * 20


def test_texts_of_many_paragraphs_are_compared_whole():
    before = '\n\n'.join(f'First {n} of all.' for n in range(300))
    after = '\n\n'.join(f'Second {n} at last.' for n in range(300))
    assert sum(1 for p in diff_texts(before, after)) == 600
