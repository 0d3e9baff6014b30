"""What flags may hold: functions from text to a value, for argparse. Errors are sentences."""

import argparse
import csv
import datetime
import ipaddress
import math
from typing import Optional

from transforms.functions.entities.model_names import read_models
from transforms.functions.outlets import load_outlets


def positive(text: str) -> int:
    """The type of a flag that counts something."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f'{text!r} is not a whole number above 0')
    return number


def not_negative(text: str) -> float:
    """The type of a flag that may be 0; neither infinity nor what is no number."""
    number = _finite(text)
    if number is None or number < 0:
        raise argparse.ArgumentTypeError(f'{text!r} is not a number from 0')
    return number


def above_zero(text: str) -> float:
    """The type of a flag for a time that something may take; neither infinity nor what is no number."""
    number = _finite(text)
    if number is None or number <= 0:
        raise argparse.ArgumentTypeError(f'{text!r} is not a number above 0')
    return number


def duration(text: str) -> int:
    """The type of a flag for a length of time: seconds, or with a unit, as 90, 30m, 6h, 2d. Gives seconds."""
    unit = _UNITS_S.get(text[-1:])
    number = _finite(text[:-1] if unit else text)
    seconds = round((number or 0) * (unit or 1))
    if seconds < 1:
        raise argparse.ArgumentTypeError(f'{text!r} is not a time as 90, 30m, 6h or 2d')
    return seconds


def entities_model(text: str) -> str:
    """The type of a flag that names a model, or one per language. Gives the text."""
    try:
        read_models(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


_UNITS_S = {'s': 1, 'm': 60, 'h': 3600, 'd': 86_400}


def day(text: str) -> str:
    """The type of a flag that names a day."""
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f'{text!r} is not a day as 2025-03-01') from None


def networks(text: str) -> str:
    """The type of a flag that lists networks."""
    try:
        return ','.join(str(ipaddress.ip_network(part.strip())) for part in text.split(','))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f'{error}; write networks as 127.0.0.0/8,10.0.0.0/8') from None


def outlets_file(text: str) -> str:
    """The type of a flag that names an outlet registry: a file that can be loaded."""
    try:
        load_outlets((text,))
    except OSError as error:
        raise argparse.ArgumentTypeError(f'{text} cannot be read ({error.strerror or error})') from None
    except (UnicodeError, csv.Error):
        raise argparse.ArgumentTypeError(f'{text} is not a CSV file in UTF-8') from None
    except ValueError as error:  # names the file and the line
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _finite(text: str) -> Optional[float]:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
