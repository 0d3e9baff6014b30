"""What can go wrong with a pool of child processes."""


class PoolError(RuntimeError):
    """The pool cannot work at all: a child could not be started. The message is the child's own."""


class DeadlineExceeded(Exception):
    """The job took longer than the deadline; its child was ended."""


class WorkerDied(Exception):
    """The child died while it held the job, or raised what nobody foresaw; the message says which.

    Also when it died before and no other could be started for this job.
    """


class NotStarted(PoolError):
    """The machine could not start a child or ended it while it loaded: worth another try."""


class PoolClosed(RuntimeError):
    """The pool takes no more jobs."""
