"""How a run ends that could not go on: with a sentence for each foreseen error, and the exit code."""

from collections.abc import Callable

from pipelines.errors.commands import CHILDREN_FAIL
from pipelines.errors.lakes import DAMAGED_STOPS, LEASE_STOPS, WRITING_STOPS
from transforms import processes
from transforms.functions.lake import DamagedFile
from transforms.functions.lease import LeaseLost, LeaseTimeout
from transforms.functions.pool_errors import PoolError
from transforms.functions.storage import NotReadable, NotWritable


def ending_in_sentences(work: Callable[[], int]) -> int:
    """Does the work of a run and returns its exit code; ends the process's clients and children.

    Raises UsageError for what the user has to set right.
    """
    try:
        return work()
    except PoolError as error:
        # Beam adds where in the graph it was; the child's own message is what helps.
        raise CHILDREN_FAIL.error(error=_own(error)) from error
    except (DamagedFile, NotReadable) as error:
        DAMAGED_STOPS.say(error=_own(error))
        return 1
    except (LeaseTimeout, LeaseLost) as error:
        LEASE_STOPS.say(error=_own(error))
        return 1
    except NotWritable as error:
        WRITING_STOPS.say(error=_own(error))
        return 1
    finally:
        processes.close_all()


def _own(error: Exception) -> str:
    return str(error).partition(' [while running')[0]
