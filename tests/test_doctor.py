"""``dateline doctor``: what is broken costs its own line, and each line says what to do."""

import json
import os
import subprocess
import sys

import pytest


def doctor(*arguments, **env):
    command = [sys.executable, '-m', 'pipelines.cli', 'doctor', '--json', *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, env=os.environ | env)
    rows = {row['check']: row for row in map(json.loads, ended.stdout.splitlines())}
    return ended.returncode, rows, ended.stderr


def wrong(rows):
    assert all(row['todo'] for row in rows.values() if not row['ok'])
    return {name for name, row in rows.items() if not row['ok']}


@pytest.fixture(scope='module')
def java(tmp_path_factory):
    """Makes a Java home whose Java says that it is of some version."""

    def make(says):
        home = tmp_path_factory.mktemp('java')
        (home / 'bin').mkdir()
        (home / 'bin' / 'java').write_text(f"#!/bin/sh\necho '{says}' >&2\n")
        (home / 'bin' / 'java').chmod(0o755)
        return str(home)

    return make


def test_a_whole_installation_is_well(tmp_path):
    code, rows, err = doctor(tmp_path / 'lake')
    assert (code, err, wrong(rows)) == (0, '', set())
    assert list(rows) == ['python', 'packages', 'model', 'places', 'runner', 'disk', 'lake']
    assert 'Nairobi' in rows['model']['says'] and 'Kyiv' in rows['places']['says']
    assert not (tmp_path / 'lake').exists() and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    'broken, check', [('spacy', 'model'), ('apache_beam', 'runner'), ('numpy', 'places')]
)
def test_a_broken_package_costs_the_checks_that_need_it(tmp_path, java, broken, check):
    (tmp_path / f'{broken}.py').write_text('raise ImportError("libwrong.so.1: cannot open shared object")')
    runner = () if broken == 'apache_beam' else ('--runner=FlinkRunner',)  # saves the seconds that Beam takes
    env = {'PYTHONPATH': str(tmp_path), 'JAVA_HOME': java('openjdk version "17.0.2" 2022-01-18')}
    code, rows, _ = doctor(*runner, **env)
    assert code == 1 and check in wrong(rows) and not {'python', 'packages', 'disk'} & wrong(rows)
    assert 'libwrong.so.1' in rows[check]['says']


def test_a_part_that_crashes_costs_its_own_line(tmp_path, java):
    (tmp_path / 'spacy.py').write_text('import os, signal; os.kill(os.getpid(), signal.SIGSEGV)')
    env = {'PYTHONPATH': str(tmp_path), 'JAVA_HOME': java('openjdk version "17.0.2" 2022-01-18')}
    code, rows, _ = doctor('--runner=FlinkRunner', **env)
    assert code == 1 and wrong(rows) == {'model'}
    assert '-11' in rows['model']['says']


def test_a_package_of_a_version_that_was_not_asked_for_is_named(tmp_path, java):
    made = tmp_path / 'rich-1.0.dist-info'
    made.mkdir()
    (made / 'METADATA').write_text('Metadata-Version: 2.1\nName: rich\nVersion: 1.0\n')
    env = {'PYTHONPATH': str(tmp_path), 'JAVA_HOME': java('openjdk version "11"')}
    code, rows, _ = doctor('--runner=FlinkRunner', **env)
    assert code == 1 and wrong(rows) == {'packages'}
    assert 'rich is 1.0, not' in rows['packages']['says'] and 'pip install' in rows['packages']['todo']


def test_java_is_asked_for_where_the_runner_needs_it(tmp_path, java):
    for home, said in (
        (str(tmp_path / 'none'), 'there is none in JAVA_HOME'),
        (java('java version "1.8.0_292"'), 'Java 8'),
        (java('no idea'), 'does not say its version'),
    ):
        code, rows, _ = doctor('--runner=FlinkRunner', JAVA_HOME=home)
        assert code == 1 and said in rows['runner']['says'] and 'JAVA_HOME' in rows['runner']['todo']


def test_a_lake_that_cannot_be_written_is_named(tmp_path, java):
    (tmp_path / 'file').write_text('')
    env = {'JAVA_HOME': java('openjdk version "17"')}
    code, rows, _ = doctor(tmp_path / 'file' / 'lake', '--runner=FlinkRunner', **env)
    assert code == 1 and wrong(rows) == {'lake'}
    assert str(tmp_path / 'file') in rows['lake']['says']


def test_it_starts_without_what_it_checks():
    code = 'import pipelines.doctor, sys; print(*sorted(sys.modules))'
    loaded = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True).stdout.split()
    assert 'pipelines.doctor' in loaded
    assert not {'apache_beam', 'spacy', 'numpy', 'pyarrow', 'pandas', 'aiohttp'} & set(loaded)
