"""What commands that replace files of a lake share: opening it, and what may be in their way as sentences."""

import contextlib
from collections.abc import Iterator

from pipelines.errors.lakes import BUSY_LAKE, FILE_SYSTEM, NEEDS_EXCHANGE, NO_EXCHANGE, PASSED_ON
from pipelines.lake_opening import must_have_tables, open_folder
from transforms.functions.exchange import ExchangeUnsupported
from transforms.functions.lake import Lake
from transforms.functions.lease import LeaseLost, LeaseTimeout


def open_local_lake(given: str, command: str) -> Lake:
    """The lake in a folder of this machine. Raises UsageError when there is none, or it is at a URL."""
    if '://' in given:
        raise NEEDS_EXCHANGE.error(lake=given, command=command)
    lake = open_folder(given)
    must_have_tables(lake)
    return lake


@contextlib.contextmanager
def said_in_a_sentence(lake: str) -> Iterator[None]:
    """Turns what stands in the way from outside into UsageErrors: the lake is as it was before that step."""
    try:
        yield
    except ExchangeUnsupported as error:
        raise NO_EXCHANGE.error(error=error) from error
    except (LeaseTimeout, LeaseLost) as error:
        raise BUSY_LAKE.error(error=error) from error
    except OSError as error:
        if error.strerror is None:  # says it all itself
            raise PASSED_ON.error(error=error) from error
        raise FILE_SYSTEM.error(where=error.filename or lake, why=error.strerror) from error
