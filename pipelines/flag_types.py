"""What flags may hold: functions from text to a value, for argparse. Errors are sentences."""

import datetime
import ipaddress
import math
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
from transforms.functions.entities.model_names import read_models


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


def _finite(text: str) -> Optional[float]:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
