"""The schedules in deploy/: systemd and Airflow can read them, and their commands are commands of ours."""

import ast
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar
from unittest import mock

import pytest

from tests.commands_of_ours import check_flags

DEPLOY = Path(__file__).parents[1] / 'deploy'
UNITS = sorted((DEPLOY / 'schedules').glob('*.service'))
TIMERS = sorted((DEPLOY / 'schedules').glob('*.timer'))
DAG_FILE = DEPLOY / 'schedules' / 'dateline_dag.py'
PROGRAM = '/opt/dateline/.venv/bin/dateline'


def settings(path: Path, name: str) -> list[str]:
    """What a unit of systemd says for a name, in its order."""
    found = re.findall(rf'^{name}=(.*)$', path.read_text(encoding='utf-8'), re.MULTILINE)
    return [value.strip() for value in found]


def options_of_the_readme() -> str:
    """What the README writes into the file of options that the units read."""
    found = re.search(r"echo 'OPTIONS=([^']*)'", (DEPLOY / 'README.md').read_text(encoding='utf-8'))
    assert found
    return found[1]


class Dag:
    """Stands in for Airflow's, which has more dependencies than we have: keeps what it is given."""

    made: ClassVar[list['Dag']] = []

    def __init__(self, dag_id: str, **settings: Any) -> None:
        self.dag_id, self.settings = dag_id, settings
        self.tasks: list[Task] = []
        self.made.append(self)

    def __enter__(self) -> 'Dag':
        return self

    def __exit__(self, *error: object) -> None: ...


class Task:
    """Stands in for a BashOperator."""

    def __init__(self, **settings: Any) -> None:
        self.settings = settings
        self.after: list[str] = []
        Dag.made[-1].tasks.append(self)

    def __rshift__(self, other: 'Task') -> 'Task':
        other.after.append(self.settings['task_id'])
        return other


def dags(major: int) -> list[Dag]:
    """The DAGs of the file, as it is run where only the names of that Airflow can be imported."""
    holders = {
        2: {'airflow': {'DAG': Dag}, 'airflow.operators.bash': {'BashOperator': Task}},
        3: {
            'airflow': {},
            'airflow.sdk': {'DAG': Dag},
            'airflow.providers.standard.operators.bash': {'BashOperator': Task},
        },
    }[major]
    modules = {}
    for name, contents in holders.items():
        modules[name] = ModuleType(name)
        vars(modules[name]).update(contents)
    Dag.made = []
    with mock.patch.dict(sys.modules, modules):
        runpy.run_path(str(DAG_FILE))
    return Dag.made


def commands() -> list[tuple[str, list[str]]]:
    """The commands that units and DAGs give, with the file that they are in."""
    found = []
    for path in UNITS:
        for line in settings(path, 'ExecStart'):
            assert line.startswith(f'{PROGRAM} ')
            found.append((path.name, shlex.split(line.replace('$OPTIONS', options_of_the_readme()))[1:]))
    for dag in dags(3):
        found += [(DAG_FILE.name, shlex.split(task.settings['bash_command'])[1:]) for task in dag.tasks]
    return found


@pytest.mark.parametrize(('file', 'arguments'), commands())
def test_commands_have_only_flags_that_there_are(file, arguments):
    check_flags(arguments)


def test_commands_were_found():
    assert sorted(arguments[0] for _, arguments in commands()) == [
        'check',
        'check',
        'compact',
        'compact',
        'ingest',
        'ingest',
        'watch',
    ]


def test_units_read_as_systemd_reads_them(tmp_path):
    if (program := shutil.which('systemd-analyze')) is None:
        pytest.skip('there is no systemd-analyze here')
    for path in UNITS + TIMERS:
        text = path.read_text(encoding='utf-8').replace(PROGRAM, '/bin/true')  # it has to be there
        (tmp_path / path.name).write_text(text, encoding='utf-8')
    command = [program, 'verify', '--man=no', *sorted(map(str, tmp_path.iterdir()))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    said = [line for line in done.stderr.splitlines() if 'dateline' in line]
    assert not said and done.returncode == 0


def test_timers_start_units_that_there_are():
    assert TIMERS
    for timer in TIMERS:
        assert timer.with_suffix('.service') in UNITS


def test_units_shut_out_the_same_and_keep_what_a_run_writes():
    shut = {
        path.read_text(encoding='utf-8').partition('# Made for the user.')[2].split('\n\n')[0].strip()
        for path in UNITS
    }
    assert len(shut) == 1
    for path in UNITS:
        assert settings(path, 'ProtectSystem') == ['strict']  # so all that is written needs a folder of ours
        folders = ['/var/lib/' + name for name in settings(path, 'StateDirectory')]
        lakes = [
            word for line in settings(path, 'ExecStart') for word in line.split() if word.endswith('/lake')
        ]
        assert lakes and all(str(Path(lake).parent) in folders for lake in lakes)
        assert settings(path, 'CacheDirectory') == ['dateline']
        assert settings(path, 'Environment') == ['XDG_CACHE_HOME=/var/cache/dateline']


@pytest.mark.parametrize('name', ['dateline.service', 'dateline-watch.service'])
def test_a_stop_is_the_commands_alone_and_has_time_to_commit(name):
    unit = DEPLOY / 'schedules' / name
    assert settings(unit, 'KillMode') == ['mixed']
    assert int(settings(unit, 'TimeoutStopSec')[0]) >= 120


@pytest.mark.parametrize('major', [2, 3])
def test_the_dags_are_the_same_in_each_airflow(major):
    ingest, compact = dags(major)
    assert [ingest.dag_id, compact.dag_id] == ['dateline_ingest', 'dateline_compact']
    for dag in (ingest, compact):
        assert dag.settings['catchup'] is False and dag.settings['max_active_runs'] == 1
        assert dag.settings['start_date'].tzinfo is not None
    assert [(task.settings['task_id'], task.after) for task in compact.tasks] == [
        ('check', []),
        ('compact', ['check']),
    ]


def test_the_dag_file_can_be_read_by_the_oldest_python_that_airflow_2_runs_on():
    tree = ast.parse(DAG_FILE.read_text(encoding='utf-8'), feature_version=(3, 9))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == 'UTC']
