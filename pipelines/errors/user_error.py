"""What an error is that a command gives: what is printed, when, and what to do."""

import argparse
import dataclasses
import enum
from typing import Any

from pipelines.command_help import Exit
from pipelines.usage import UsageError, say


class Group(enum.StrEnum):
    """What an error is about; docs/errors.md has them in this order."""

    LINE = 'The command line'
    FILES = 'Files that are named'
    LAKE = 'The lake'
    SOURCES = 'Sources and sites'
    ARTICLES = 'Articles'
    RUNS = 'Runs'


@dataclasses.dataclass(frozen=True)
class UserError:
    """One error. ``message`` is a template of str.format; with exit code 2 it is raised, else printed."""

    group: Group
    message: str
    when: str
    todo: str
    code: Exit = Exit.BAD_INPUT

    def text(self, **values: Any) -> str:
        """The sentence that is printed."""
        return self.message.format(**values)

    def error(self, **values: Any) -> UsageError:
        """The error to raise: ``dateline: `` and the sentence are printed, and the command ends with 2."""
        return UsageError(self.text(**values))

    def flag_error(self, **values: Any) -> argparse.ArgumentTypeError:
        """The error to raise in a flag's type; the parser puts the flag's name before it."""
        return argparse.ArgumentTypeError(self.text(**values))

    def say(self, **values: Any) -> None:
        """Prints the sentence to standard error, and the command goes on."""
        say(f'dateline: {self.text(**values)}')
