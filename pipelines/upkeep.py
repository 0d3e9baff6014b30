"""What commands that replace files of a lake share: opening it, and what may be in their way as sentences."""

import contextlib
import os
from collections.abc import Iterator

from pipelines.usage import UsageError
from schemas.tables import TABLES
from transforms.functions.exchange import ExchangeUnsupported
from transforms.functions.lake import Lake
from transforms.functions.lease import LeaseLost, LeaseTimeout
from transforms.functions.storage import LocalStorage


def open_local_lake(given: str, command: str) -> Lake:
    """The lake in a folder of this machine. Raises UsageError when there is none, or it is at a URL."""
    if '://' in given:
        raise UsageError(
            f'{given}: `dateline {command}` needs a file system that exchanges two folders in one step, and '
            'object stores do not; see docs/operations.md'
        )
    lake = given.rstrip('/') or given[:1]  # of the root of the file system the slash stays
    if not any(os.path.isdir(os.path.join(lake, table)) for table in TABLES):
        shown = lake or "''"
        raise UsageError(
            f'{shown}: there is no lake; name the folder that `dateline ingest --output` was given'
        )
    return Lake(lake, LocalStorage())


@contextlib.contextmanager
def said_in_a_sentence(lake: str) -> Iterator[None]:
    """Turns what stands in the way from outside into UsageErrors: the lake is as it was before that step."""
    try:
        yield
    except ExchangeUnsupported as error:
        raise UsageError(f'{error}; see docs/operations.md') from error
    except (LeaseTimeout, LeaseLost) as error:
        raise UsageError(f'{error}; run the same command again later') from error
    except OSError as error:
        if error.strerror is None:  # says it all itself
            raise UsageError(str(error)) from error
        raise UsageError(f'{error.filename or lake}: {error.strerror}') from error
