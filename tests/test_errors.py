"""The errors of the commands are in one table, and docs/errors.md is made of it."""

import ast
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.cli import run_command
from pipelines.command_help import Exit
from pipelines.errors.commands import USAGE
from pipelines.errors_page import all_errors, describe_errors
from pipelines.passed_errors import CLASSES, PASSED
from pipelines.usage import UsageError, saying_what_is_kept

ROOT = Path(__file__).parent.parent
# The table, and where errors are made out of it.
_TABLE = 'pipelines/errors/'
_MAKERS = {f'{_TABLE}user_error.py', 'pipelines/usage.py', 'pipelines/cli.py'}
_PLACEHOLDER = re.compile(r'\{[^{}]*\}')


def sources(folder):
    """The syntax trees of a folder, and of those in it, by the modules' paths."""
    paths = (ROOT / folder).rglob('*.py')
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding='utf-8')) for path in paths}


def skeleton(message):
    """A message with {} for what is filled in: of a literal, an f-string, or a template of the table."""
    if isinstance(message, str):
        return _PLACEHOLDER.sub('{}', message)
    if isinstance(message, ast.Constant):
        return message.value
    if isinstance(message, ast.JoinedStr):
        return ''.join(v.value if isinstance(v, ast.Constant) else '{}' for v in message.values)
    return None


def calls(tree, *names):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, 'id', None) or getattr(node.func, 'attr', None)
            if name in names:
                yield node


def test_the_page_is_what_the_code_says():
    assert (ROOT / 'docs' / 'errors.md').read_text(encoding='utf-8') == describe_errors(), 'run: make docs'


def test_commands_word_no_error_of_their_own():
    for name, tree in sources('pipelines').items():
        if name in _MAKERS:
            continue
        for call in calls(tree, 'UsageError', 'ArgumentTypeError'):
            pytest.fail(f'{name}:{call.lineno}: raise an error of {_TABLE}')
        for call in calls(tree, 'say', 'print'):
            said = skeleton(call.args[0]) if call.args else None
            assert not (said or '').startswith('dateline:'), f'{name}:{call.lineno}'


def test_each_error_is_in_the_table_once():
    made = [name for name, tree in sources('pipelines').items() for _ in calls(tree, 'UserError')]
    assert {name for name in made if not name.startswith(_TABLE)} == set()
    assert len(made) == len(all_errors()), 'a module that errors_page does not read, or a name in two'


def test_each_error_of_the_table_is_given_somewhere():
    used = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for name, tree in sources('pipelines').items()
        if not name.startswith(_TABLE)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name)
    }
    # The parser words what argparse finds, below the table.
    assert set(all_errors()) - used == {'USAGE'}
    with pytest.raises(UsageError) as caught:
        run_parser()
    template = skeleton(USAGE.message).split('{}')
    assert all(part in str(caught.value) for part in template)


def run_parser():
    from pipelines.check import parser

    parser().parse_args([])


def test_what_is_filled_in_is_what_the_template_has():
    for name, tree in sources('pipelines').items():
        for call in calls(tree, 'error', 'say', 'flag_error', 'text'):
            owner = call.func.value if isinstance(call.func, ast.Attribute) else None
            constant = getattr(owner, 'attr', getattr(owner, 'id', None))
            if constant in all_errors():
                wanted = set(re.findall(r'\{(\w+)', all_errors()[constant].message))
                given = {keyword.arg for keyword in call.keywords}
                assert given == wanted, f'{name}:{call.lineno}: {constant}'


def test_every_sentence_from_below_is_in_the_list():
    known = {skeleton(error.message) for error in PASSED}
    found = set()
    for module, classes in CLASSES.items():
        path = ROOT / 'transforms' / 'functions' / (module.replace('.', '/') + '.py')
        for raised in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            if not isinstance(raised, ast.Raise) or not isinstance(raised.exc, ast.Call):
                continue
            if getattr(raised.exc.func, 'id', None) not in classes:
                continue
            said = skeleton(raised.exc.args[0])
            if said is not None:  # the error of a call is passed on
                found.add(said)
                assert said in known, f'{path}:{raised.lineno}: put it into pipelines/passed_errors.py'
    assert known - found == set(), 'not raised any more'


def test_every_error_says_when_and_what_to_do():
    errors = all_errors()
    assert len(errors) > 50 and len({(e.message, e.when) for e in errors.values()}) == len(errors)
    for name, error in errors.items():
        assert error.when.endswith(('.', ')')) and error.todo.endswith(('.', '...')), name
        assert isinstance(error.code, Exit), name
    for passed in PASSED:
        assert passed.todo.endswith('.'), passed


@pytest.fixture
def ctrl_c():
    """Ctrl-C as at a terminal: what is started in the background of a script ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_says_what_was_kept(ctrl_c, capsys):
    def work(arguments):
        with saying_what_is_kept('half of it is done'):
            signal.raise_signal(signal.SIGINT)
        return 0

    assert run_command(work, []) == 130
    assert capsys.readouterr().err == 'dateline: interrupted; half of it is done\n'


@pytest.mark.parametrize('command', ['compact', 'check', 'forget'])
def test_commands_that_change_a_lake_say_so(ctrl_c, command, tmp_path, monkeypatch, capsys):
    """Ctrl-C at the first thing that they do to the lake."""
    names = {'compact': 'compact', 'check': '_repair', 'forget': 'forget'}
    (tmp_path / 'polls').mkdir()
    (tmp_path / '_lock').write_text('')

    def interrupted(*arguments, **options):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(f'pipelines.{command}.{names[command]}', interrupted)
    more = {'compact': [], 'check': ['--repair'], 'forget': ['http://news.example/1']}[command]
    assert run_command(f'pipelines.{command}', [str(tmp_path), *more]) == 130
    said = capsys.readouterr().err
    assert said.startswith('dateline: interrupted; ') and ('again' in said or 'same command' in said)


def test_what_was_not_foreseen_ends_in_a_sentence_below_the_makers_lines(capsys):
    def work(arguments):
        raise RuntimeError('the moon is down\nand more')

    assert run_command(work, []) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith('Traceback') and lines[-1].startswith(
        'dateline: this was not foreseen (the moon'
    )


def test_a_part_that_cannot_be_loaded_leads_to_the_doctor(tmp_path):
    (tmp_path / 'spacy.py').write_text('raise ImportError("libwrong.so.1: cannot open shared object")')
    command = [sys.executable, '-m', 'pipelines.cli', 'annotate', '-']
    env = os.environ | {'PYTHONPATH': str(tmp_path)}
    ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=env)
    assert ended.returncode == 1
    last = ended.stderr.splitlines()[-1]
    assert 'libwrong.so.1' in last and last.endswith('run: dateline doctor')
