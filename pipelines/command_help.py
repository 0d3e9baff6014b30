"""How a command introduces itself: its parser, one example that works as pasted, what its exit codes mean."""

import argparse
import textwrap
from enum import IntEnum

from pipelines.usage import Parser

_WIDTH = 110
_TIE = '\xa0'  # between a code and its meaning no line is broken


class Exit(IntEnum):
    """What any command's exit code means."""

    GOOD = 0
    WRONG = 1
    BAD_INPUT = 2
    INTERRUPTED = 130


MEANINGS = {
    Exit.GOOD: 'all good',
    Exit.WRONG: 'something is wrong (a sentence says what)',
    Exit.BAD_INPUT: 'bad input or usage',
    Exit.INTERRUPTED: 'interrupted',
}

# Where a command means something narrower than that. What is not here is as in MEANINGS.
_OWN: dict[str, dict[Exit, str]] = {
    'ingest': {Exit.INTERRUPTED: 'interrupted (what was committed stays)'},
    'watch': {
        Exit.GOOD: 'the time was over or SIGTERM came',
        Exit.INTERRUPTED: 'Ctrl-C (what was committed stays)',
    },
    'status': {Exit.GOOD: 'the lake could be read'},
    'check': {
        Exit.GOOD: 'all is well',
        Exit.WRONG: 'something is off (a sentence each)',
        Exit.INTERRUPTED: 'interrupted (a repair can be started again)',
    },
    'compact': {Exit.WRONG: 'a partition was left alone (a sentence each)'},
    'forget': {
        Exit.GOOD: 'it is gone',
        Exit.WRONG: 'a damaged file was in the way',
        Exit.BAD_INPUT: 'bad input or usage, such as an unknown article',
        Exit.INTERRUPTED: 'interrupted (the same command completes it)',
    },
    'feeds': {
        Exit.GOOD: 'all good (every site has feeds; the lake could be read)',
        Exit.WRONG: 'a site has none (a sentence says what was tried)',
    },
    'outlets': {Exit.GOOD: 'found', Exit.WRONG: 'no outlet is known by that'},
    'extract': {Exit.GOOD: 'all lines are there', Exit.WRONG: 'with --strict: some page gave no article'},
    'annotate': {Exit.GOOD: 'all lines are there', Exit.WRONG: 'with --strict: some line was bad'},
    'report': {Exit.GOOD: 'the report was written'},
    'doctor': {Exit.GOOD: 'all is well', Exit.WRONG: 'something is to be set right (it says how)'},
}


def exit_codes(command: str) -> dict[Exit, str]:
    """What the exit codes of a command mean."""
    return MEANINGS | _OWN.get(command, {})


def command_parser(command: str, description: str, example: str, notes: str = '') -> Parser:
    """The parser of ``dateline COMMAND``, without its arguments.

    Args:
        example: command lines that work as pasted, where there is a lake of the example site in ``lake``.
        notes: what else is to be known, below the example.
    """
    codes = ', '.join(f'{code.value}{_TIE}{meaning}' for code, meaning in exit_codes(command).items())
    parts = ['example:\n' + textwrap.indent(example.strip(), '  '), notes.strip()]
    parts.append(textwrap.fill(f'exit codes: {codes}', _WIDTH).replace(_TIE, ' '))
    return Parser(
        prog=f'dateline {command}',
        description=description,
        epilog='\n\n'.join(filter(None, parts)) + '\n',
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
