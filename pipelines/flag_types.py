"""What flags may hold: functions from text to a value, for argparse. Errors are sentences."""

import csv
import datetime
import ipaddress
import math
from collections.abc import Callable
from typing import Optional

from pipelines.errors.commands import (
    NOT_A_DAY,
    NOT_A_TIME,
    NOT_ABOVE_ZERO,
    NOT_FROM_ZERO,
    NOT_MODELS,
    NOT_NETWORKS,
    NOT_POSITIVE,
)
from pipelines.errors.files import (
    BAD_ENTITIES,
    BAD_OUTLETS,
    ENTITIES_NOT_CSV,
    ENTITIES_UNREADABLE,
    OUTLETS_NOT_CSV,
    OUTLETS_UNREADABLE,
)
from pipelines.errors.user_error import UserError
from transforms.functions.entities.model_names import read_models
from transforms.functions.outlets import load_outlets


def positive(text: str) -> int:
    """The type of a flag that counts something."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise NOT_POSITIVE.flag_error(text=text)
    return number


def not_negative(text: str) -> float:
    """The type of a flag that may be 0; neither infinity nor what is no number."""
    number = _finite(text)
    if number is None or number < 0:
        raise NOT_FROM_ZERO.flag_error(text=text)
    return number


def above_zero(text: str) -> float:
    """The type of a flag for a time that something may take; neither infinity nor what is no number."""
    number = _finite(text)
    if number is None or number <= 0:
        raise NOT_ABOVE_ZERO.flag_error(text=text)
    return number


def duration(text: str) -> int:
    """The type of a flag for a length of time: seconds, or with a unit, as 90, 30m, 6h, 2d. Gives seconds."""
    unit = _UNITS_S.get(text[-1:])
    number = _finite(text[:-1] if unit else text)
    seconds = round((number or 0) * (unit or 1))
    if seconds < 1:
        raise NOT_A_TIME.flag_error(text=text)
    return seconds


def entities_model(text: str) -> str:
    """The type of a flag that names a model, or one per language. Gives the text."""
    try:
        read_models(text)
    except ValueError as error:
        raise NOT_MODELS.flag_error(error=error) from None
    return text


_UNITS_S = {'s': 1, 'm': 60, 'h': 3600, 'd': 86_400}


def day(text: str) -> str:
    """The type of a flag that names a day."""
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise NOT_A_DAY.flag_error(text=text) from None


def networks(text: str) -> str:
    """The type of a flag that lists networks."""
    try:
        return ','.join(str(ipaddress.ip_network(part.strip())) for part in text.split(','))
    except ValueError as error:
        raise NOT_NETWORKS.flag_error(error=error) from None


def outlets_file(text: str) -> str:
    """The type of a flag that names an outlet registry: a file that can be loaded."""
    errors = OUTLETS_UNREADABLE, OUTLETS_NOT_CSV, BAD_OUTLETS
    return _table(text, load_outlets, *errors)


def entities_file(text: str) -> str:
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


def _finite(text: str) -> Optional[float]:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
