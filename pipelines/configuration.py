"""docs/configuration.md, made from the commands' parsers: ``python -m pipelines.configuration``."""

import argparse
import importlib
import textwrap
from collections.abc import Iterable, Iterator

from pipelines.cli import COMMANDS
from pipelines.command_help import MEANINGS, Exit, exit_codes

_HEAD = """
Made from the commands' own options by `make docs`; a test fails when they differ. `dateline COMMAND --help`
prints the same. Flags are the only configuration: there is no file of settings, and of the environment no
more is read than what is listed [below](#environment). TIME is seconds, or has a unit: `90`, `6h`, `2d`.
"""

_ENVIRONMENT = (
    ('http_proxy, https_proxy, all_proxy, no_proxy', 'Proxies for all that is fetched.'),
    (
        'NO_COLOR',
        'Set to anything: nothing is coloured, on terminals too. In pipes and logs nothing ever is.',
    ),
    ('XDG_CACHE_HOME', 'Where the tables of places are compiled, once, 26 MB (default `~/.cache`).'),
    ('TMPDIR', "Where Python's temporary files go; Beam uses it for a run's own."),
    (
        'OPENBLAS_NUM_THREADS',
        'Threads of a process for matrices. 1 where it is not set: more take longer here.',
    ),
    ('ARROW_DEFAULT_MEMORY_POOL', '`system` where it is not set: the others keep what was freed.'),
    ('JAVA_HOME', 'Which Java `dateline doctor --runner=FlinkRunner` looks at.'),
)


def describe_options() -> str:
    """The text of docs/configuration.md."""
    lines = ['# Configuration', _HEAD.rstrip(), '', '## Exit codes', '', *_exit_codes()]
    lines += ['', '## Environment', '', '| variable | what |', '|---|---|']
    lines += [f'| `{name}` | {what} |' for name, what in _ENVIRONMENT]
    shared: dict[str, str] = {}  # a group's flags, and the command that has them above
    for command, (module, _) in COMMANDS.items():
        lines += ['', f'## dateline {command}', '']
        lines += _describe(command, importlib.import_module(module).parser(), shared)
    lines += [
        '',
        '`ingest` and `watch` take the flags of Beam beside theirs: `--runner`, `--temp_location`, and those',
        "of the runner. Beam's documentation has them.",
    ]
    return '\n'.join(lines) + '\n'


def _exit_codes() -> Iterator[str]:
    codes = list(Exit)
    yield '| |' + '|'.join(f' {code.value} ' for code in codes) + '|'
    yield '|---' * (len(codes) + 1) + '|'
    yield '| any command |' + '|'.join(f' {MEANINGS[code]} ' for code in codes) + '|'
    for name in COMMANDS:
        own = exit_codes(name)
        narrower = {code: '' if own[code] == MEANINGS[code] else own[code] for code in codes}
        if any(narrower.values()):
            yield f'| `{name}` |' + '|'.join(f' {narrower[code]} ' for code in codes) + '|'


def _describe(command: str, parser: argparse.ArgumentParser, shared: dict[str, str]) -> Iterator[str]:
    yield ' '.join((parser.description or '').split())
    example, _, rest = (parser.epilog or '').removeprefix('example:\n').partition('\n\n')
    yield ''
    yield '```sh'
    yield textwrap.dedent(example)
    yield '```'
    notes = rest.partition('exit codes:')[0].strip()
    if notes:
        yield ''
        yield ' '.join(notes.split())
    arguments, flags, *groups = parser._action_groups
    yield from ('', *_table([*arguments._group_actions, *flags._group_actions]))
    for group in groups:
        table = '\n'.join(_table(group._group_actions))
        yield ''
        if table in shared:
            yield f'*{group.title}:* as for [`{shared[table]}`](#dateline-{shared[table]}).'
        else:
            yield f'*{group.title}*\n\n{table}'
            shared[table] = command


def _table(actions: Iterable[argparse.Action]) -> Iterator[str]:
    yield '| | |'
    yield '|---|---|'
    for action in actions:
        if isinstance(action, argparse._HelpAction):
            continue
        names = ', '.join(action.option_strings)
        values = action.metavar if action.nargs != 0 else ''
        value = ' '.join(values) if isinstance(values, tuple) else values or ''
        said = f'{names} {value}'.strip()
        more = ' ...' if action.nargs in ('*', '+') else ''
        yield f'| `{said}{more}` | {_cell(action.help)} |'


def _cell(text: 'str | None') -> str:
    """Help as a cell of a table. Raises ValueError for a flag without help: nobody could use it."""
    if not text:
        raise ValueError('a flag has no help')
    return text.replace('%%', '%').replace('|', '\\|')


if __name__ == '__main__':
    print(describe_options(), end='')
