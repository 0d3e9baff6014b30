"""What the help of each command shows works as pasted, and what it says of itself is so."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import threading

import pytest

from pipelines.cli import COMMANDS, run_command
from pipelines.command_help import exit_codes
from tests.example_shell import example_shell
from tests.terminals import all_of


@pytest.fixture(scope='module')
def shell(tmp_path_factory, example_lake):
    with example_shell(tmp_path_factory.mktemp('help'), example_lake) as made:
        yield made


def help_of(name, capsys):
    with pytest.raises(SystemExit) as exit:
        run_command(COMMANDS[name][0], ['--help'])
    assert exit.value.code == 0
    return capsys.readouterr().out


def examples(said):
    block = said.partition('example:\n')[2].partition('\n\n')[0]
    return [line.strip() for line in block.splitlines()]


# A watch comes first: what has been polled is not due again for a while.
@pytest.mark.parametrize('name', sorted(COMMANDS, key=lambda name: name != 'watch'))
def test_the_example_of_each_command_works_as_pasted(shell, capsys, name):
    lines = examples(help_of(name, capsys))
    assert lines and all(f'dateline {name}' in line for line in lines)
    for line in lines:
        if name == 'watch':
            assert '2 written' in watched(shell, line)
            continue
        code, out, err = shell.run(line)
        assert code == 0, (line, out, err)
        assert 'Traceback' not in err
        assert out or '>' in line


def watched(shell, line):
    """What a job that never ends prints first; it is ended then, as a scheduler ends it."""
    process = shell.start(f'exec {line}')
    too_long = threading.Timer(90, process.kill)
    too_long.start()
    said = process.stdout.readline()
    too_long.cancel()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return said


@pytest.mark.parametrize('name', COMMANDS)
def test_the_help_says_what_each_exit_code_means(capsys, name):
    said = ' '.join(help_of(name, capsys).partition('exit codes:')[2].split())
    for code, meaning in exit_codes(name).items():
        assert f'{code.value} {meaning}' in said


@pytest.mark.parametrize(
    'line',
    [
        'dateline status lake --json',
        'dateline check lake --json',
        'dateline compact lake --json',
        'dateline diff lake http://127.0.0.1:8702/severn-flood-warnings-20250304.html --json',
        'dateline forget lake http://127.0.0.1:8701/2025/03/03/tremor-shakes-sulaimani/ --json --anyway',
        'dateline feeds --audit lake --json',
        'dateline feeds example.org --json',
        'dateline outlets bbc --json',
        'dateline doctor lake --json',
        'dateline ingest feeds.txt --output other --json',
    ],
)
def test_machines_get_json(shell, line):
    code, out, err = shell.run(line)
    assert code == 0, err
    rows = [json.loads(row) for row in out.splitlines()]
    assert rows and all(isinstance(row, dict) and row for row in rows)


def test_the_json_of_a_diff_has_the_words_that_changed(shell):
    _, out, _ = shell.run(
        'dateline diff lake http://127.0.0.1:8702/severn-flood-warnings-20250304.html --json'
    )
    (row,) = map(json.loads, out.splitlines())
    assert row['versions'] == [1, 2] and 'body' in row['changed'] and 0 < row['changed_share'] < 1
    pieces = [piece for part in row['body'] if isinstance(part, list) for piece in part]
    assert {kind for kind, _ in pieces} >= {'=', '+'}


def test_a_check_that_finds_a_fault_says_so_in_json_too(shell, tmp_path):
    shutil.copytree(shell.folder / 'lake', tmp_path / 'lake')
    victim = next((tmp_path / 'lake' / 'articles').rglob('*.parquet'))
    victim.write_bytes(victim.read_bytes()[:-100])
    code, out, _ = shell.run(f'dateline check {tmp_path}/lake --json')
    assert code == 1
    (row,) = map(json.loads, out.splitlines())
    assert any(str(victim) in fault for fault in row['faults'])


def terminal(command, env, out=None):
    """Exit code, and what a command prints to a terminal; its standard output goes to ``out``, if given."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdout=out or theirs, stderr=theirs, env=os.environ | env)
    os.close(theirs)
    seen = all_of(ours)
    return process.wait(60), seen


def test_colours_are_for_terminals_and_not_with_no_color(shell):
    line = 'dateline diff lake http://127.0.0.1:8702/severn-flood-warnings-20250304.html'
    command = [sys.executable, '-m', 'pipelines.cli', *shell.placed(line).split()[1:]]
    command[4] = str(shell.folder / 'lake')
    assert b'\x1b[32m' in terminal(command, {'TERM': 'xterm', 'NO_COLOR': ''})[1]
    assert b'\x1b[' not in terminal(command, {'TERM': 'xterm', 'NO_COLOR': '1'})[1]
    _, out, _ = shell.run(f'FORCE_COLOR=1 {line}')
    assert '\x1b[' not in out


def test_a_count_for_people_leaves_the_output_alone(shell, tmp_path):
    command = [sys.executable, '-m', 'pipelines.cli', 'extract', *[str(shell.folder / 'page.html')] * 3]
    with open(tmp_path / 'out.jsonl', 'wb') as out:
        code, seen = terminal(command, {'TERM': 'xterm'}, out)
    lines = (tmp_path / 'out.jsonl').read_text(encoding='utf-8').splitlines()
    assert code == 0 and len(lines) == 3 and all('bridge' in json.loads(line)['body'] for line in lines)
    assert b'pages' in seen and b'bridge' not in seen


def test_a_count_for_people_is_silent_in_pipes_whatever_forces_colours(shell):
    for line in ('dateline check lake', 'dateline extract page.html'):
        code, out, err = shell.run(f'FORCE_COLOR=1 TTY_COMPATIBLE=1 {line}')
        assert (code, err) == (0, '') and '\x1b' not in out
