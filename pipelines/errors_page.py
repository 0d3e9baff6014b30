"""docs/errors.md, made from the tables of errors: ``python -m pipelines.errors_page``."""

import itertools

from pipelines.errors import commands, files, lakes, sources
from pipelines.errors.user_error import Group, UserError
from pipelines.passed_errors import PASSED

_TABLE = (commands, files, lakes, sources)


def all_errors() -> dict[str, UserError]:
    """The errors that commands give, by the name of their constant."""
    return {
        name: error
        for module in _TABLE
        for name, error in vars(module).items()
        if isinstance(error, UserError)
    }


def describe_errors() -> str:
    """The text of docs/errors.md."""
    lines = [
        '# Errors',
        '',
        'Made from `pipelines/errors/` and `pipelines/passed_errors.py` by `make docs`; a test fails',
        'when they differ. An error is one sentence on standard error that begins with `dateline:` and names',
        'what is wrong, where, and the next step. Words in braces stand for what is filled in. Why a single',
        'page or feed gave no article is in the ledger, with one of the [reasons](tables.md#reasons); what',
        '`dateline check` finds in a lake is in [operations.md](operations.md#repair).',
    ]
    ordered = sorted(all_errors().values(), key=lambda error: list(Group).index(error.group))
    for group, errors in itertools.groupby(ordered, key=lambda error: error.group):
        lines += ['', f'## {group}', '', '| printed | when | what to do | exit code |', '|---|---|---|---|']
        for e in errors:
            if e.message == '{error}' or e.message == '{why}':
                said = '(a sentence of its own, see below)'
            else:
                said = _code(e.message)
            lines.append(f'| {said} | {e.when} | {e.todo} | {e.code.value if e.code else "-"} |')
    lines += [
        '',
        '## Worded where they arise',
        '',
        'The sentences that the errors above quote, or consist of.',
    ]
    for group, passed in itertools.groupby(PASSED, key=lambda error: error.group):
        lines += ['', f'### {group}', '', '| printed | what to do |', '|---|---|']
        lines += [f'| {_code(e.message)} | {e.todo} |' for e in passed]
    return '\n'.join(lines) + '\n'


def _code(message: str) -> str:
    """The template as code in a table."""
    shown = message.replace('!r}', '}').replace('|', '\\|')
    return f'`` {shown} ``' if '`' in shown else f'`{shown}`'


if __name__ == '__main__':
    print(describe_errors(), end='')
