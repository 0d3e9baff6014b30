"""The flags that name tables of one's own, in CSV: ``--outlets_file`` and ``--entities_file``."""

import argparse
import csv
from collections.abc import Callable

from pipelines.errors.files import (
    BAD_ENTITIES,
    BAD_OUTLETS,
    ENTITIES_NOT_CSV,
    ENTITIES_UNREADABLE,
    OUTLETS_NOT_CSV,
    OUTLETS_UNREADABLE,
)
from pipelines.errors.user_error import UserError
from transforms.functions.outlets import load_outlets


def add_outlets_flag(parser: argparse._ActionsContainer, help: str) -> None:
    """Adds ``--outlets_file``, which may be repeated. Each file is looked at when the flag is read."""
    _add(parser, '--outlets_file', _outlets_file, help)


def add_entities_flag(parser: argparse._ActionsContainer, help: str) -> None:
    """Adds ``--entities_file``, which may be repeated. Each file is looked at when the flag is read."""
    _add(parser, '--entities_file', _entities_file, help)


def _add(parser: argparse._ActionsContainer, name: str, kind: Callable[[str], str], help: str) -> None:
    parser.add_argument(name, type=kind, action='append', default=[], metavar='CSV', help=help)


def _outlets_file(text: str) -> str:
    """The type of a flag that names an outlet registry: a file that can be loaded."""
    errors = OUTLETS_UNREADABLE, OUTLETS_NOT_CSV, BAD_OUTLETS
    return _table(text, load_outlets, *errors)


def _entities_file(text: str) -> str:
    """The type of a flag that names a table of entities: a file that can be loaded, or none."""
    from transforms.functions.entities.tables import load_tables  # what it imports takes a while

    errors = ENTITIES_UNREADABLE, ENTITIES_NOT_CSV, BAD_ENTITIES
    return _table(text, load_tables, *errors)


def _table(
    path: str,
    load: Callable[[tuple[str, ...]], object],
    unreadable: UserError,
    not_csv: UserError,
    bad: UserError,
) -> str:
    try:
        load((path,))
    except OSError as error:
        raise unreadable.flag_error(path=path, why=error.strerror or error) from None
    except (UnicodeError, csv.Error):
        raise not_csv.flag_error(path=path) from None
    except ValueError as error:  # names the file and the line
        raise bad.flag_error(error=error) from None
    return path
